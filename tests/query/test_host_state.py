"""The host's pyparsing: whatever it switched on does not reach the language, nor the other way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODES = ["packrat", "left recursion", "other blanks", "no blanks", "other literals", "verbose"]

SCRIPT = """
import sys, tomllib, host_mode
host_mode.MODES[sys.argv[1]]()
before = host_mode.state()
from segmentkit.query import QueryError, complete, format, highlight, parse
with open(sys.argv[2], "rb") as file:
    queries = [query[lang] for query in tomllib.load(file)["query"] for lang in ("en", "zh")]
for text in queries + ["did purchase wher", "a = 1 #", "a\\n=\\t1\\u3000and b"]:
    try:
        condition = parse(text)
        print(condition, [format(condition, lang) for lang in ("en", "zh")])
    except QueryError as error:
        print(error)
    print(complete(text, len(text)), highlight(text))
assert host_mode.state() == before, (before, host_mode.state())
"""


def run(*command):
    environment = {**os.environ, "PYTHONPATH": str(HERE), "PYTHONIOENCODING": "utf-8"}
    found = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, check=False
    )
    output = found.stdout.decode() + found.stderr.decode()
    assert found.returncode == 0, output
    return output


@pytest.fixture(scope="module")
def plain():
    return run("-c", SCRIPT, "plain", HERE.parent / "cases" / "twins.toml")


@pytest.mark.parametrize("mode", MODES)
def test_the_language_is_the_same_in_every_host_and_leaves_it_as_it_was(mode, plain):
    assert run("-c", SCRIPT, mode, HERE.parent / "cases" / "twins.toml") == plain


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_the_suite_passes_in_every_host(mode):
    run(
        *("-m", "pytest", "-q", "-p", "host_mode", f"--host-mode={mode}"),
        *("--hypothesis-profile=brief", HERE, f"--ignore={__file__}"),
    )


def test_a_switch_that_reaches_a_grammar_is_seen():
    """The oracle itself: a grammar of bare pyparsing does change with the host."""
    grammar = "import sys, host_mode, pyparsing as pp; host_mode.MODES[sys.argv[1]](); "
    grammar += "print(pp.Word(pp.nums)[...].parse_string('1\\n2'))"
    assert run("-c", grammar, "other blanks") != run("-c", grammar, "plain")
