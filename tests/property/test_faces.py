"""Text, JSON and the visual builder say the same trees, however deep a text may be."""

import json

import pytest
from hypothesis import given

from segmentkit.query import (
    describe,
    format,  # noqa: A004
    from_json,
    from_query_builder,
    parse,
    references,
    simplify,
    to_json,
    to_query_builder,
)
from segmentkit.testing import conditions

# Each as deep or as wide as a text may be.
LIMITS = {
    "or in and": "a = 1 or b = 1 and (" * 97 + "c = 1" + ")" * 97,
    "not": "not " * 99 + "a",
    "sum": "a > " + " + ".join(["b"] * 99),
    "where": "did x where (" * 48 + "a = 1" + ")" * 48,
    "call": "a > " + "abs(" * 48 + "b" + ")" * 48,
    "aggregate": "sum(x.y where (" * 24 + "a = 1" + ")) > 1" * 24,
    "wide": " and ".join(f"a{n} = {n}" for n in range(900)),
    "wide absorption": " or ".join(f"(a = {n} and b = 1 and c = {n})" for n in range(250)),
    "list": f"a in ({', '.join(map(str, range(3000)))})",
}


@given(conditions())
def test_stored_json_gives_the_same_condition_and_the_same_text(condition):
    stored = from_json(json.dumps(to_json(condition)))
    assert stored == condition
    assert format(stored, "zh") == format(condition, "zh")


@pytest.mark.parametrize("name", LIMITS)
def test_the_deepest_and_widest_texts_pass_through_every_face(name):
    condition = parse(LIMITS[name])
    assert parse(format(condition)) == condition
    assert from_json(json.dumps(to_json(condition))) == condition
    assert from_query_builder(to_query_builder(condition)) == condition
    assert describe(condition)
    assert describe(condition, "zh")
    assert references(condition).fields or references(condition).item_fields
    once = simplify(condition)
    assert simplify(once) is once
