"""
A pytest plugin: pyparsing as some other library of the host has left it.

    PYTHONPATH=tests/query pytest -p host_mode --host-mode=packrat tests/query
"""

import pyparsing as pp
from hypothesis import settings

settings.register_profile("brief", derandomize=True, deadline=None, max_examples=20)

MODES = {
    "plain": lambda: None,
    "packrat": pp.ParserElement.enable_packrat,  # importing matplotlib does it
    "left recursion": lambda: pp.ParserElement.enable_left_recursion(force=True),
    "other blanks": lambda: pp.ParserElement.set_default_whitespace_chars(" "),
    "no blanks": lambda: pp.ParserElement.set_default_whitespace_chars(""),
    "other literals": lambda: pp.ParserElement.inline_literals_using(pp.Suppress),
    "verbose": lambda: setattr(pp.ParserElement, "verbose_stacktrace", True),
}


def state():
    """Everything of pyparsing that is the same for a whole process."""
    owner = pp.ParserElement
    names = [
        "DEFAULT_WHITE_CHARS",
        "_literalStringClass",
        "_packratEnabled",
        "_left_recursion_enabled",
        "_parse",
        "verbose_stacktrace",
    ]
    return {name: getattr(owner, name) for name in names} | {"literal": pp.Literal("a").whiteChars}


def pytest_addoption(parser):
    parser.addoption("--host-mode", choices=sorted(MODES), default="plain")


def pytest_configure(config):
    MODES[config.getoption("--host-mode")]()
