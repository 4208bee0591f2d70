#!/usr/bin/env python3
"""
Every task of a developer, with the standard library only.

    python3 dev.py demo [--lang zh]     the nightly tagging job on real purchases
    python3 dev.py test [--long] [...]  the tests; more arguments go to pytest
    python3 dev.py check                lint, format, types, floors
    python3 dev.py bench [name] [...]   one benchmark, or their names
    python3 dev.py docs                 the documentation, into site/
    python3 dev.py fuzz [--seconds 60]  random tests for a while

The first call makes .venv beside this file and installs what the command needs; later calls find
it ready. --long runs the slow tests too, and far more generated examples.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")


class Needs(NamedTuple):
    extras: tuple = ()  # of segmentkit
    groups: tuple = ()  # of pyproject.toml
    alone: tuple = ()  # installed without their dependencies


ALL_EXTRAS = ("frames", "notebook", "sqlalchemy", "testing")
NEEDS = {
    # lifetimes ships the demo's purchases; its code is never imported.
    "demo": Needs(alone=("lifetimes==0.11.3",)),
    "test": Needs(extras=ALL_EXTRAS, groups=("test",)),
    "check": Needs(extras=ALL_EXTRAS, groups=("check",)),
    "bench": Needs(extras=ALL_EXTRAS, groups=("bench",)),
    "docs": Needs(extras=ALL_EXTRAS, groups=("docs",)),
    "fuzz": Needs(extras=ALL_EXTRAS, groups=("test",)),
}


# Commands: each takes the rest of the command line and returns an exit code.


def demo(arguments):
    return run(PYTHON, "examples/nightly_cdnow.py", *arguments)


def test(arguments):
    others = [argument for argument in arguments if argument != "--long"]
    # The whole suite is spread over the cores; a part of it starts sooner in one process.
    if all(argument.startswith("-") for argument in others):
        others = ["--numprocesses=auto", "--dist=worksteal", *others]
    if "--long" not in arguments:
        return run(PYTHON, "-m", "pytest", *others)
    return run(PYTHON, "-m", "pytest", "-m", "", *others, SEGMENTKIT_PROFILE="long")


def check(arguments):
    steps = {
        "ruff check": (BIN / "ruff", "check", *arguments),
        "ruff format": (BIN / "ruff", "format", "--check"),
        "types": (BIN / "basedpyright", "--pythonpath", PYTHON),
        "floors": (BIN / "lint-imports", "--no-logo"),
    }
    codes = {}
    for name, step in steps.items():
        print(f"\n== {name}", flush=True)
        codes[name] = run(*step)
    print()
    for name, code in codes.items():
        print(f"{name:12} {'ok' if code == 0 else f'FAILED, exit code {code}'}")
    return max(codes.values(), key=abs)


def bench(arguments):
    return run(PYTHON, f"bench/{arguments[0]}.py", *arguments[1:])


def docs(arguments):
    # The variable silences a notice of mkdocs-material about its successor.
    return run(PYTHON, "-m", "mkdocs", "build", "--strict", *arguments, NO_MKDOCS_2_WARNING="1")


def fuzz(arguments):
    return run(PYTHON, "tests/fuzz.py", *(arguments or ["--seconds", "60"]))


COMMANDS = {command.__name__: command for command in (demo, test, check, bench, docs, fuzz)}


# The environment.


def prepare(needs):
    """Make .venv hold what *needs* says; quick when it already does."""
    make_venv()
    pyproject = (ROOT / "pyproject.toml").read_bytes()
    digest = hashlib.sha256(pyproject + repr(needs).encode()).hexdigest()
    stamp = VENV / "-".join(("ready", *needs.extras, *needs.groups, *needs.alone))
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print("Installing into .venv (once; mostly download time) ...", flush=True)
    extras = f"[{','.join(needs.extras)}]" if needs.extras else ""
    groups = [word for group in needs.groups for word in ("--group", group)]
    pip(PYTHON, "--editable", f".{extras}", *groups)
    if needs.alone:
        pip(PYTHON, "--no-deps", *needs.alone)
    stamp.write_text(digest)


def make_venv():
    stamp = VENV / "ready-venv"
    if stamp.is_file() and stamp.read_text() == sys.version:
        return
    print("Making .venv ...", flush=True)
    # Debian splits ensurepip off into python3-venv; its pip can stand in.
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    if not has_ensurepip and importlib.util.find_spec("pip") is None:
        sys.exit(
            f"{sys.executable} has neither ensurepip nor pip, so dev.py cannot make .venv.\n"
            "Install one of them (Debian, Ubuntu: apt install python3-venv) and try again."
        )
    venv.create(VENV, with_pip=has_ensurepip, clear=True)
    # pip before 25.1 knows no dependency groups.
    if has_ensurepip:
        pip(PYTHON, "--upgrade", "pip>=25.1")
    else:
        pip(sys.executable, "--upgrade", "pip>=25.1", outside=True)
    stamp.write_text(sys.version)


def pip(python, *arguments, outside=False):
    target = ("--python", PYTHON) if outside else ()
    code = run(
        python,
        "-m",
        "pip",
        *target,
        "install",
        "--quiet",
        "--disable-pip-version-check",
        *arguments,
    )
    if code != 0:
        shown = " ".join(map(str, arguments))
        sys.exit(f"pip could not install {shown} (exit code {code}); its message is above.")


def run(*command, **environment):
    """Run a child at the root of the repository; its exit code."""
    code = subprocess.call(
        [str(word) for word in command], cwd=ROOT, env={**os.environ, **environment}
    )
    return code if code >= 0 else 128 - code  # ended by a signal: as a shell says it


def main(arguments):
    if sys.version_info < (3, 11):  # noqa: UP036 - an older python3 may well start this file
        sys.exit(f"segmentkit needs Python 3.11 or newer; {sys.executable} is {sys.version}")
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        print(f"dev.py knows no command {name!r}.\n\n{__doc__.strip()}", file=sys.stderr)
        return 2
    if name == "bench" and not rest:
        names = sorted(path.stem for path in ROOT.glob("bench/[!_]*.py"))
        print("\n".join(names) or "There are no benchmarks yet.")
        return 0
    prepare(NEEDS[name])
    return COMMANDS[name](rest)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
