"""
The house rules that can be read off the source.

The floors themselves are import-linter's (pyproject.toml); here is what it cannot say: rooms meet
only through their faces, each dependency has its place, and nothing reaches for the outside world.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "segmentkit"
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

EVERYWHERE = ("",)
NOWHERE = ()

# Where a module may be imported, as beginnings of paths.
PLACES = {
    # dependencies
    "attr": NOWHERE,  # the old name of attrs
    "attrs": EVERYWHERE,
    "dateutil": EVERYWHERE,
    "hypothesis": ("testing/",),
    "nanoarrow": ("engines/columnar", "stores/frames"),
    "narwhals": ("engines/lazyframes", "stores/frames"),
    "numpy": ("engines/columnar", "stores/frames"),
    "pyparsing": ("query/parsing/elements.py",),
    "pytest": ("testing/",),
    "sqlalchemy": ("engines/sql",),
    # the outside world
    "asyncio": NOWHERE,
    "glob": NOWHERE,
    "http": NOWHERE,
    "io": NOWHERE,
    "locale": NOWHERE,
    "logging": NOWHERE,
    "marshal": NOWHERE,
    "multiprocessing": NOWHERE,
    "os": NOWHERE,
    "pickle": NOWHERE,
    "random": NOWHERE,
    "secrets": NOWHERE,
    "shelve": NOWHERE,
    "shutil": NOWHERE,
    "socket": NOWHERE,
    "subprocess": NOWHERE,
    "tempfile": NOWHERE,
    "threading": NOWHERE,
    "time": NOWHERE,
    "urllib": NOWHERE,
}


def imports(tree: ast.Module, file: str) -> Iterator[tuple[int, str, str | None]]:
    """Each import as (line, module, name or None), relative ones made absolute."""
    parts = ("segmentkit", *file.split("/"))
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield node.lineno, alias.name, None
            case ast.ImportFrom(module=module, names=names, level=level):
                base = parts[:-level] if level else ()
                source = ".".join((*base, *([module] if module else [])))
                for alias in names:
                    yield node.lineno, source, alias.name
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield node.lineno, module, None


def room_of(file: str) -> str:
    """The room of a file: its folder, or itself at the top ('' is the face)."""
    room = file.partition("/")[0].removesuffix(".py")
    return "" if room == "__init__" else room


def is_submodule(room: str, name: str) -> bool:
    """Whether *name* is a file of the room that its face does not export under that name."""
    folder = PACKAGE / room
    if not ((folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()):
        return False
    face = folder / "__init__.py"
    return not (face.is_file() and name in exported(ast.parse(face.read_text("utf-8"))))


def exported(tree: ast.Module) -> set[str]:
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id="__all__")], value=value)
                | ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value)
            ):
                return set(ast.literal_eval(value))
    return set()


def fault_of_import(file: str, module: str, name: str | None) -> str | None:
    top, *rest = module.split(".")
    if top != "segmentkit":
        if top not in PLACES:
            known = top in sys.stdlib_module_names
            return None if known else f"{top} is no dependency of the core"
        if not file.startswith(PLACES[top]):
            allowed = ", ".join(PLACES[top]) or "nowhere"
            return f"{top} may be imported in: {allowed}"
        return None
    if not rest and name is None:
        return "import from the room, not the whole package"
    room, *deeper = rest or [name]
    if room == "testing" and not file.startswith("testing/"):
        return "nothing in the package sees segmentkit.testing"
    if room == room_of(file):
        return None
    if not rest and not ((PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file()):
        return f"{name} comes from its room, not from the face"
    if deeper or (rest and name is not None and is_submodule(room, name)):
        return f"write: from segmentkit.{room} import ..."
    return None


def faults(file: str, source: str) -> list[str]:
    """What a file does against the house rules, one line each."""
    tree = ast.parse(source)
    found = [
        f"{file}:{line}: {module}{f'.{name}' if name else ''}: {fault}"
        for line, module, name in imports(tree, file)
        if (fault := fault_of_import(file, module, name))
    ]
    if file.endswith("__init__.py"):
        found += [
            f"{file}:{node.lineno}: {node.name}: a face re-exports, it defines nothing"
            for node in tree.body
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name not in {"__getattr__", "__dir__"}
        ]
    return found


@pytest.mark.parametrize("file", FILES)
def test_file_keeps_the_house_rules(file):
    if found := faults(file, (PACKAGE / file).read_text("utf-8")):
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("model/tag.py", "import pyparsing"),
        ("query/parser.py", "from pyparsing import Word"),
        ("engines/interpreter.py", "def f():\n    import numpy as np"),
        ("engines/interpreter.py", "importlib.import_module('numpy')"),
        ("model/tag.py", "import requests"),
        ("model/tag.py", "import os.path"),
        ("model/tag.py", "from os import environ"),
        ("stores/memory.py", "import threading"),
        ("engines/interpreter.py", "from segmentkit.query.ast import And"),
        ("engines/interpreter.py", "import segmentkit.query.ast"),
        ("engines/interpreter.py", "from ..query.ast import And"),
        ("engines/interpreter.py", "from segmentkit import Rule"),
        ("engines/interpreter.py", "import segmentkit"),
        ("__init__.py", "from segmentkit.model.tag import Tag"),
        ("__init__.py", "from segmentkit import testing"),
        ("__init__.py", "from segmentkit.testing import strategies"),
        ("rules/__init__.py", "def plan(): ..."),
    ],
)
def test_a_planted_fault_is_found(file, source):
    assert len(faults(file, source)) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("query/parsing/elements.py", "import pyparsing as pp"),
        ("engines/columnar.py", "import numpy as np"),
        ("engines/columnar/windows.py", "from numpy import int64"),
        ("query/parser.py", "from .ast import And\nfrom segmentkit.query.words import WORDS"),
        ("query/parser.py", "from segmentkit.errors import SegmentkitError"),
        ("query/parser.py", "from segmentkit.model import Tag"),
        ("__init__.py", "from segmentkit.rules import Rule\ndef __getattr__(name): ..."),
        ("testing/strategies.py", "from hypothesis import strategies as st"),
        ("model/time.py", "from datetime import datetime\nfrom zoneinfo import ZoneInfo"),
    ],
)
def test_what_the_house_allows_is_no_fault(file, source):
    assert faults(file, source) == []
