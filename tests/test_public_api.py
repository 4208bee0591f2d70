"""
The public face, compared with a checked-in text, so that a wider surface shows in review.

After a wanted change:  .venv/bin/python tests/test_public_api.py --write
"""

import difflib
import enum
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import segmentkit

GOLDEN = Path(__file__).resolve().parent / "golden" / "public_api.txt"


def described() -> str:
    return "\n".join(line for name in modules() for line in module_lines(name))


def modules() -> list[str]:
    """The face, then its rooms; what starts with an underscore is private."""
    found = sorted(module.name for module in pkgutil.iter_modules(segmentkit.__path__))
    return ["segmentkit", *(f"segmentkit.{name}" for name in found if not name.startswith("_"))]


def module_lines(module_name: str) -> Iterator[str]:
    module = importlib.import_module(module_name)
    yield f"## {module_name}"
    for name in sorted(getattr(module, "__all__", [])):
        yield from lines_of(name, getattr(module, name))
    yield ""


def lines_of(name: str, thing: object) -> Iterator[str]:
    if name == "__version__":
        yield name  # its value changes with every release
    elif isinstance(thing, type):
        yield from class_lines(name, thing)
    elif callable(thing):
        yield f"{name}{signature(thing)}"
    elif inspect.ismodule(thing):
        yield f"{name}: module"
    else:
        yield f"{name}: {type(thing).__name__}"


def class_lines(name: str, cls: type) -> Iterator[str]:
    bases = ", ".join(base.__name__ for base in cls.__bases__ if base is not object)
    if issubclass(cls, enum.Enum):
        yield f"class {name}({bases}): {', '.join(cls.__members__)}"
    else:
        yield f"class {name}({bases}){signature(cls)}"
    for member, value in sorted(vars(cls).items()):
        if member.startswith("_") or (issubclass(cls, enum.Enum) and isinstance(value, cls)):
            continue
        if isinstance(value, staticmethod | classmethod):
            yield f"    {type(value).__name__} {member}{signature(value.__func__)}"
        elif inspect.isfunction(value):
            yield f"    {member}{signature(value)}"
        elif isinstance(value, property):
            yield f"    property {member}"
        else:
            yield f"    {member}"


def signature(thing: object) -> str:
    """The signature as text, without what differs from run to run."""
    try:
        text = str(inspect.signature(thing))
    except (TypeError, ValueError):
        return "(...)"
    text = re.sub(r" at 0x[0-9a-f]+", "", text)
    # A quoted annotation is the same annotation.
    return re.sub(r"""(: |-> )(['"])(.*?)\2(?=[,)]| =|$)""", r"\1\3", text)


def test_public_api_is_the_checked_in_one():
    expected = GOLDEN.read_text("utf-8").splitlines()
    actual = described().splitlines()
    changes = difflib.unified_diff(expected, actual, "checked in", "now", n=0, lineterm="")
    if shown := "\n".join(changes):
        remedy = "if wanted: .venv/bin/python tests/test_public_api.py --write"
        pytest.fail(f"the public face changed; {remedy}\n{shown}", pytrace=False)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    GOLDEN.write_text(described(), "utf-8", newline="\n")
    print(f"wrote {GOLDEN}")
