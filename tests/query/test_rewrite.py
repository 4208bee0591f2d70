"""Simpler conditions: readable pairs, and the laws of form. Meaning is tested in tests/property."""

import re
from pathlib import Path as FilePath

import pytest
from cases.schema import SHOP
from hypothesis import given

from segmentkit.query import Not, Path, format, parse, simplify, walk  # noqa: A004
from segmentkit.query.builder import did
from segmentkit.testing import checked_conditions, conditions

CASES = FilePath(__file__).resolve().parents[1] / "cases" / "simplify.txt"


def cases():
    text = "\n".join(
        line for line in CASES.read_text("utf-8").splitlines() if not line.startswith("#")
    )
    blocks = [block.splitlines() for block in re.split(r"\n\n+", text.strip())]
    return [(lines[0].strip(), lines[-1].strip()) for lines in blocks]


def size(condition):
    return sum(1 for _ in walk(condition))


@pytest.mark.parametrize(("before", "after"), cases(), ids=[before for before, _ in cases()])
def test_a_condition_becomes_what_the_data_file_says(before, after):
    assert format(simplify(parse(before))) == format(parse(after))


def test_no_case_is_there_twice():
    befores = [before for before, _ in cases()]
    assert len(befores) == len(set(befores)) > 100


@given(conditions())
def test_any_shape_is_simplified_once_and_for_all_and_never_larger(condition):
    once = simplify(condition)
    assert simplify(once) is once
    assert size(once) <= size(condition)
    assert parse(format(once)) == once


@given(checked_conditions(SHOP, depth=3))
def test_conditions_of_a_schema_are_simplified_once_and_never_larger(condition):
    once = simplify(condition)
    assert simplify(once) is once
    assert size(once) <= size(condition)


def test_what_is_simple_stays_the_same_object():
    condition = parse("did purchase where (category = '鞋') in last 30 days and not (age < 18)")
    assert simplify(condition) is condition


def test_spans_stay_where_they_were():
    condition = parse("not not (city = '福州')")
    assert simplify(condition).span == (9, 20)


def test_what_the_builder_made_is_simplified_too():
    assert simplify(~~did("purchase")) == parse("did purchase")


def test_depth_needs_no_recursion():
    deep = Path(("a",))
    for _ in range(20_000):
        deep = Not(deep)
    assert simplify(deep) == Path(("a",))
