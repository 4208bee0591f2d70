"""The tables of docs/model.md name what is there, and leave out nothing that was asked for."""

import re
from pathlib import Path

import attrs
import pytest

from segmentkit import model

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "model.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| (\d{3}\.\d{2}) \| .*? \| ([^|]*) \|$", PAGE, re.MULTILINE))
DECISIONS = re.findall(r"^\| .*? \| `(test_\w+)` \|$", PAGE, re.MULTILINE)

# What the model answers for, as ranges of the checklist.
ASKED = """
000.02-17 000.19-20 001.12 001.15-17 002.01-06 003.01-07 003.09 003.15-17
004.02-03 004.06-14 004.16 004.19-24 004.28 004.43-44 004.47-51
"""


def numbers(ranges):
    for one in ranges.split():
        product, first, last = re.fullmatch(r"(\d{3})\.(\d{2})(?:-(\d{2}))?", one).groups()
        for number in range(int(first), int(last or first) + 1):
            yield f"{product}.{number:02d}"


def test_every_number_that_was_asked_for_has_its_row():
    assert sorted(numbers(ASKED)) == sorted(ROWS)


@pytest.mark.parametrize("number", ROWS)
def test_a_row_names_what_is_there(number):
    names = re.findall(r"`([^`]+)`", ROWS[number])
    assert names
    for name in names:
        assert exists(name), f"{name} is not in segmentkit.model"


def exists(name):
    first, *rest = name.split(".")
    if first not in model.__all__:
        return False
    thing = getattr(model, first)
    for part in rest:
        if attrs.has(thing) and part in attrs.fields_dict(thing):
            return True
        if not hasattr(thing, part):
            return False
        thing = getattr(thing, part)
    return True


@pytest.mark.parametrize("name", ["Nothing", "View.nothing", "Quota.nothing", "GroupType.NOTHING"])
def test_a_name_that_is_not_there_is_found_out(name):
    assert not exists(name)


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_names_a_test_that_is_there(name):
    sources = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    assert any(f"\ndef {name}(" in source for source in sources)


def test_the_decisions_are_there():
    assert len(DECISIONS) == 14
