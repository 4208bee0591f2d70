"""Conditions as the JSON of react-querybuilder: loss-free, or refused by name."""

import json
from datetime import date, datetime
from decimal import Decimal

import pytest
from cases.schema import SHOP
from hypothesis import assume, given
from hypothesis import strategies as st
from query.test_builder import SECTION_6

from segmentkit.errors import InvalidValueError, NotExpressibleError
from segmentkit.query import (
    Activity,
    And,
    Compare,
    Date,
    Duration,
    Frequency,
    LocalTime,
    Not,
    Number,
    Path,
    Text,
    Truth,
    fields_for_query_builder,
    from_query_builder,
    parse,
    to_query_builder,
)
from segmentkit.query.ast import Call, Keys, Negative, Reference
from segmentkit.query.query_building.vocabulary import BETWEEN, IN_LIST, join_names, split_names
from segmentkit.testing import checked_conditions, conditions


def said(condition):
    """The group of a condition that the builder can hold; other examples do not count."""
    try:
        return to_query_builder(condition)
    except NotExpressibleError as refused:
        assert refused.place.startswith("$")  # noqa: PT017
        assume(False)


@given(conditions())
def test_what_can_be_said_comes_back_equal(condition):
    assert from_query_builder(json.loads(json.dumps(said(condition)))) == condition


@given(checked_conditions(SHOP, depth=3))
def test_conditions_of_a_schema_come_back_equal_with_it_and_without(condition):
    group = said(condition)
    assert from_query_builder(group) == condition
    assert from_query_builder(group, schema=SHOP) == condition


@pytest.mark.parametrize("query", [query for query, _ in SECTION_6])
def test_every_query_of_the_language_page_can_be_said(query):
    condition = parse(query)
    assert from_query_builder(to_query_builder(condition)) == condition


def rule(group):
    (only,) = group["rules"]
    return only


def test_the_group_is_what_the_builder_shows():
    group = to_query_builder(parse("city = '福州' and not (age < 18 or subscribed)"))
    assert group == {
        "combinator": "and",
        "not": False,
        "rules": [
            {"field": "city", "operator": "=", "valueSource": "value", "value": "福州"},
            {
                "combinator": "or",
                "not": True,
                "rules": [
                    {"field": "age", "operator": "<", "valueSource": "value", "value": 18},
                    {
                        "field": "subscribed",
                        "operator": "isTrue",
                        "valueSource": "value",
                        "value": None,
                    },
                ],
            },
        ],
    }


def test_an_activity_is_a_nested_group_with_a_match_mode():
    query = (
        "did purchase where (category = '鞋' and amount >= 0.5) at least 3 times in last 90 days"
    )
    written = rule(to_query_builder(parse(query)))
    assert written["field"] == "purchase"
    assert written["match"] == {"mode": "atLeast", "threshold": 3}
    assert written["value"]["rules"][1] == {
        "field": "amount",
        "operator": ">=",
        "valueSource": "value",
        "value": "0.5",
        "meta": {"valueType": "number"},
    }
    assert written["meta"] == {
        "verb": "did",
        "window": {
            "node": "rolling",
            "direction": "last",
            "duration": {"node": "duration", "count": 90, "unit": "day"},
        },
    }


@pytest.mark.parametrize(
    ("query", "match", "meta"),
    [
        ("did purchase", {"mode": "some"}, {}),
        ("did not purchase", {"mode": "none"}, {}),
        ("did purchase at most 2 times", {"mode": "atMost", "threshold": 2}, {}),
        ("did purchase exactly 2 times", {"mode": "exactly", "threshold": 2}, {}),
        (
            "did purchase more than 2 times",
            {"mode": "atLeast", "threshold": 3},
            {"frequency": "more_than"},
        ),
        (
            "did purchase fewer than 2 times",
            {"mode": "atMost", "threshold": 1},
            {"frequency": "fewer_than"},
        ),
        (
            "did purchase between 2 to 5 times",
            {"mode": "atLeast", "threshold": 2},
            {"frequency": "between", "upper": 5},
        ),
        (
            "did not purchase at least 2 times",
            {"mode": "atLeast", "threshold": 2},
            {"negated": True},
        ),
    ],
)
def test_how_often_is_a_match_mode_and_what_modes_cannot_say_is_in_meta(query, match, meta):
    written = rule(to_query_builder(parse(query)))
    assert written["match"] == match
    assert written["meta"] == {"verb": "did", **meta}


@pytest.mark.parametrize(
    ("query", "operator"),
    [
        ("has tag ('a', 'b')", "has"),
        ("has all tag ('a', 'b')", "hasAll"),
        ("has no tag ('a', 'b')", "hasNo"),
        ("has no all tag ('a', 'b')", "hasNotAll"),
    ],
)
def test_keys_are_a_list_with_an_operator_of_their_own(query, operator):
    written = rule(to_query_builder(parse(query)))
    assert (written["operator"], written["value"]) == (operator, ["a", "b"])
    assert "match" not in written


def test_sources_of_values():
    group = to_query_builder(parse("age > $least and age = score and age > 2 * score and age > -5"))
    assert [r["valueSource"] for r in group["rules"]] == [
        "parameter",
        "field",
        "expression",
        "value",
    ]
    assert [r["value"] for r in group["rules"]][::3] == ["least", -5]
    left = rule(to_query_builder(parse("sum(purchase.amount in last 7 days) > 10")))["lhs"]
    assert left["fn"] == "sum"
    assert left["args"][0] == {"kind": "field", "field": "purchase.amount"}


def times(count):
    return Activity("did", "x", frequency=Frequency("at_least", count))


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        (parse("did purchase at least $n times"), "$.match"),
        (And((Path(("a",)), times(Number(Decimal("0.5"))))), "$.rules[1].match"),
        (parse("did purchase fewer than 0 times"), "$.match"),
        (Compare("=", Call("sum", ()), Number(1)), "$.lhs"),
        (Compare("=", Path(("a",)), Call("list", ())), "$.value"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_place(condition, place):
    with pytest.raises(NotExpressibleError) as caught:
        to_query_builder(condition)
    assert caught.value.place == place
    assert caught.value.value


def read(*rules, schema=None, **more):
    return from_query_builder({"combinator": "and", "rules": list(rules), **more}, schema=schema)


def test_what_an_editor_wrote_is_read_by_the_type_of_its_field():
    for field, value, node in [
        ("age", "18", Number(18)),
        ("age", "-1.5", Negative(Number(Decimal("1.5")))),
        ("birthday", "2000-01-01", Date(date(2000, 1, 1))),
        ("added", "2026-01-01T08:30", LocalTime(datetime(2026, 1, 1, 8, 30))),
        ("added", "2026-01-01", Date(date(2026, 1, 1))),
        ("subscribed", "true", Truth(True)),
        ("subscribed", False, Truth(False)),
        ("city", "18", Text("18")),
        ("age", 0.1, Number(Decimal("0.1"))),
    ]:
        written = {"field": field, "operator": "=", "value": value}
        assert read(written, schema=SHOP) == Compare("=", Path((field,)), node)
    nested = {
        "combinator": "and",
        "rules": [{"field": "duration", "operator": ">", "value": "2 hours"}],
    }
    written = {"field": "view_product", "operator": "=", "match": {"mode": "some"}, "value": nested}
    assert read(written, schema=SHOP) == Activity(
        "did", "view_product", where=Compare(">", Path(("duration",)), Duration(2, "hour"))
    )


def test_the_verb_comes_from_the_schema_when_an_editor_left_it_open():
    written = {"field": "tag", "operator": "has", "value": ["VIP"]}
    assert read(written, schema=SHOP) == parse("has tag 'VIP'")
    with pytest.raises(InvalidValueError, match="schema"):
        read(written)


def test_bookkeeping_of_the_builder_says_nothing_and_muted_rules_are_left_out():
    one = {"id": "r1", "path": [0], "field": "a", "operator": "=", "value": 1, "disabled": True}
    muted = {**one, "muted": True, "value": 2}
    assert read(one, muted, {"combinator": "or", "muted": True, "rules": [one]}) == parse("a = 1")


def test_groups_of_one_kind_are_joined():
    one = {"field": "a", "operator": "=", "value": 1}
    inner = {"combinator": "and", "rules": [one, one]}
    assert len(read(one, inner).items) == 3
    assert read(one, {**inner, "not": True}).items[1] == Not(parse("a = 1 and a = 1"))


ONE = {"field": "a", "operator": "=", "value": 1}
SOME = {**ONE, "match": {"mode": "some"}, "value": {"combinator": "and", "rules": []}}
REFUSED = [
    (None, "$", "object"),
    ([], "$", "object"),
    ({}, "$.combinator", "and"),
    ({"combinator": "xor", "rules": [ONE]}, "$.combinator", "'or'"),
    ({"combinator": "and", "rules": []}, "$.rules", "everyone"),
    ({"combinator": "and", "rules": [ONE, "and", ONE]}, "$.rules", "convertFromIC"),
    ({"rules": [ONE, "and", ONE]}, "$.combinator", "convertFromIC"),
    ({"combinator": "and", "not": 1, "rules": [ONE]}, "$.not", "true or false"),
    ({"combinator": "and", "rules": [ONE], "else": 1}, "$", "keys are"),
    *[
        ({"combinator": "and", "rules": [bad]}, f"$.rules[0]{place}", remedy)
        for bad, place, remedy in [
            (None, "", "object"),
            ({"combinator": "and", "rules": []}, ".rules", "take the group out"),
            ({"operator": "=", "value": 1}, ".field", "text"),
            ({**ONE, "field": "~"}, ".field", "not finished"),
            ({**ONE, "field": "a..b"}, ".field", "dots"),
            ({**ONE, "operator": "~"}, ".operator", "not finished"),
            ({**ONE, "operator": "regex"}, ".operator", "contains"),
            ({**ONE, "value": None}, ".value", "text"),
            ({**ONE, "value": "\ud800"}, ".value", "surrogate"),
            ({**ONE, "valueSource": "magic"}, ".valueSource", "parameter"),
            ({**ONE, "operator": "in", "value": "a,b"}, ".value", "listsAsArrays"),
            ({**ONE, "operator": "in", "value": []}, ".value", "items"),
            ({**ONE, "operator": "between", "value": [1]}, ".value", "two values"),
            ({**ONE, "operator": "inWindow"}, ".meta.window", "window"),
            ({**ONE, "meta": {"valueType": "money"}}, ".value", "number"),
            ({**ONE, "value": "2026-02-30", "meta": {"valueType": "date"}}, ".value", "calendar"),
            ({**ONE, "value": "x", "meta": {"valueType": "duration"}}, ".value", "30 day"),
            ({**ONE, "meta": {"exactly": 1}}, ".meta.exactly", "true or false"),
            ({**ONE, "extra": 1}, "", "keys are"),
            ({**ONE, "lhs": {"kind": "magic"}}, ".lhs.kind", "func"),
            ({**ONE, "lhs": {"kind": "func", "fn": "+", "args": []}}, ".lhs", "2 values"),
            ({**ONE, "lhs": {"kind": "func", "fn": "list", "args": []}}, ".lhs", "right side"),
            ({**SOME, "match": {"mode": "all"}}, ".match.mode", "counterpart"),
            ({**SOME, "match": {"mode": "atLeast"}}, ".match.threshold", "whole"),
            ({**SOME, "match": {"mode": "atLeast", "threshold": 0.5}}, ".match.threshold", "whole"),
            ({**SOME, "meta": {"verb": "do"}}, ".meta.verb", "did, has or in"),
            ({**SOME, "value": "x"}, ".value", "object"),
            (
                {
                    **SOME,
                    "match": {"mode": "exactly", "threshold": 1},
                    "meta": {"verb": "did", "frequency": "more_than"},
                },
                ".meta.frequency",
                "take it out",
            ),
            (
                {**SOME, "meta": {"verb": "did", "window": {"node": "rolling"}}},
                ".meta.window.direction",
                "needed",
            ),
        ]
    ],
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_a_refusal_names_the_place_and_the_remedy(number):
    data, place, remedy = REFUSED[number]
    with pytest.raises(InvalidValueError) as caught:
        from_query_builder(data)
    assert place in caught.value.place
    assert remedy in caught.value.remedy


def test_depth_and_size_are_limited_before_anything_recurses():
    deep = ONE
    for _ in range(50_000):
        deep = {"combinator": "and", "rules": [deep]}
    lists = []
    for _ in range(50_000):
        lists = [lists]
    wide = {"combinator": "and", "rules": [ONE] * 30_000}
    for data in (deep, wide, {"combinator": "and", "rules": lists}):
        with pytest.raises(InvalidValueError):
            from_query_builder(data)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
    | st.sampled_from(["=", "in", "has", "between", "and", "value", "expression", "func", "sum"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["rules", "combinator", "field", "operator", "value", "match", "mode", "meta", "lhs",
             "valueSource", "kind", "fn", "args", "verb", "window", "valueType", "steps"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@given(json_like)
def test_hostile_json_gives_a_condition_or_an_error_of_ours(data):
    for rules in (
        [data],
        [{**ONE, "value": data}],
        [{**SOME, "meta": data}],
        [{**ONE, "lhs": data}],
    ):
        try:
            from_query_builder({"combinator": "and", "rules": rules})
        except InvalidValueError as error:
            assert str(error)  # noqa: PT017


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3).map(tuple))
def test_dotted_names_come_back(names):
    assert split_names(join_names(names), "") == names


def test_names_of_references_are_hints_and_ids_stay():
    condition = Activity("has", "tag", keys=Keys((Reference("tag", "t-1", "VIP"),)))
    written = rule(to_query_builder(condition))
    assert (written["value"], written["meta"]["valueType"]) == (["t-1"], "reference:tag")
    assert from_query_builder(to_query_builder(condition)) == condition


def test_fields_of_a_schema_are_json_and_name_what_rules_say():
    for lang in ("en", "zh"):
        fields = {f["name"]: f for f in fields_for_query_builder(SHOP, lang)}
        assert json.loads(json.dumps(fields)) == fields
        assert set(fields) == {f.name for f in SHOP.fields} | {c.name for c in SHOP.collections}
    assert fields["purchase"]["label"] == "购买"
    assert [f["name"] for f in fields["purchase"]["subproperties"]][:2] == ["category", "sku"]
    assert next(mode["name"] for mode in fields["purchase"]["matchModes"]) == "some"
    assert [o["name"] for o in fields["tag"]["operators"]] == [
        "has",
        "hasAll",
        "hasNo",
        "hasNotAll",
    ]
    assert fields["city"]["values"][0] == {"name": "福州", "value": "福州", "label": "福州"}


def test_every_operator_that_a_field_offers_is_read():
    window = {"node": "calendar", "which": "this", "unit": "day"}
    for field in fields_for_query_builder(SHOP):
        for operator in (option["name"] for option in field.get("operators", ())):
            listed = operator.startswith("has") or operator in BETWEEN or operator in IN_LIST
            written = {"field": field["name"], "operator": operator, "value": "1"}
            written |= {"value": ["1", "2"]} if listed else {}
            assert read({**written, "meta": {"verb": "has", "window": window}})
