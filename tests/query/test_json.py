"""Stored JSON: exact, strict, versioned, and readable for good."""

import json
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path as FilePath
from typing import get_args

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from segmentkit.errors import InvalidValueError, SegmentkitError
from segmentkit.query import ast
from segmentkit.query.ast import (
    Activity,
    Aggregate,
    Ago,
    And,
    Arithmetic,
    Before,
    Between,
    Calendar,
    Call,
    Compare,
    Date,
    Duration,
    Frequency,
    InList,
    InWindow,
    IsMissing,
    KeyPattern,
    Keys,
    LocalTime,
    Negative,
    Not,
    Number,
    On,
    Or,
    Parameter,
    Path,
    Range,
    Reference,
    Rolling,
    Since,
    Step,
    Text,
    TextMatch,
    Truth,
)
from segmentkit.query.json import from_json, json_schema, to_json
from segmentkit.query.json_coding.nodes import BY_CLASS, SHAPES, Child
from segmentkit.query.json_coding.parts import (
    Choice,
    Count,
    Day,
    Exact,
    Flag,
    ListOf,
    ListOr,
    Moment,
    String,
)

ROOT = FilePath(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "ast_v1"
SCHEMA = ROOT / "docs" / "schema" / "condition-v1.json"

AMOUNT = Path(("amount",))
CITY = Path(("city",))
BOUGHT = Activity("did", "purchase")
SAMPLES: dict[str, ast.Condition] = {
    "number": Compare(">=", AMOUNT, Number(30)),
    "number_decimal": Compare(">=", AMOUNT, Number(Decimal("0.60"))),
    "number_large": Compare(">=", AMOUNT, Number(12345678901234567890)),
    "text": Compare("=", CITY, Text("福州 'O''Neil'")),
    "truth": Compare("=", Path(("paid",)), Truth(True)),
    "date": Compare(">=", Path(("birthday",)), Date(date(1997, 6, 30))),
    "local_time": Compare("<", Path(("created",)), LocalTime(datetime(2026, 1, 1, 8, 30))),
    "duration": Compare(">=", Path(("duration",)), Duration(30, "second")),
    "ago": Compare("<", Path(("created",)), Ago(3, "month")),
    "parameter": Compare(">=", AMOUNT, Parameter("vip_amount")),
    "reference": Activity("has", "tag", keys=Keys((Reference("tag", "t-17", "等级/VIP"),))),
    "path": Path(("contact", "已回款")),
    "call": Compare(">=", Call("age", (Path(("birthday",)),)), Number(18)),
    "aggregate": Compare(
        ">=",
        Aggregate(
            "distinct",
            ("purchase", "time"),
            "date",
            Compare("=", Path(("category",)), Text("鞋")),
            Rolling("last", Duration(30, "day")),
        ),
        Number(5),
    ),
    "arithmetic": Compare(">", AMOUNT, Arithmetic("*", Number(Decimal("1.5")), Path(("base",)))),
    "negative": Compare(">", AMOUNT, Negative(Path(("base",)))),
    "rolling": Activity("did", "purchase", window=Rolling("previous", Duration(3, "month"))),
    "calendar": Activity("did", "purchase", window=Calendar("this", "quarter")),
    "since": Activity("did", "purchase", window=Since(Date(date(2026, 1, 1)))),
    "before": Activity("did", "purchase", window=Before(LocalTime(datetime(2026, 1, 1, 8)))),
    "range": Activity("did", "purchase", window=Range(Ago(60, "day"), Ago(30, "day"))),
    "on": Activity("did", "purchase", window=On(Parameter("day"))),
    "compare": Compare("!=", Path(("name",)), Text("VIP"), exactly=True),
    "text_match": TextMatch(
        "contains", Path(("text",)), (Text("价格"), Text("优惠")), "all", negated=True
    ),
    "between": Between(Path(("age",)), Number(18), Number(30), negated=True),
    "in_list": InList(CITY, (Text("北京"), Text("上海")), negated=True),
    "in_list_parameter": InList(Path(("added_by",)), Parameter("staff_ids")),
    "in_window": InWindow(Path(("created",)), Rolling("next", Duration(7, "day")), negated=True),
    "is_missing": IsMissing(CITY, negated=True),
    "keys": Activity("in", "group", keys=Keys((Text("客户"),), under=True)),
    "key_pattern": Activity("has", "tag", keys=KeyPattern(Text("VIP*"))),
    "frequency": Activity("did", "purchase", frequency=Frequency("between", Number(3), Number(5))),
    "step": Activity(
        "did",
        "add_to_cart",
        alias="c",
        steps=(
            Step(
                "purchase",
                negated=True,
                alias="p",
                where=Compare("=", Path(("sku",)), Path(("c", "sku"))),
                within=Duration(1, "day"),
            ),
        ),
    ),
    "activity": Activity(
        "did",
        "purchase",
        negated=True,
        quantifier="all",
        where=Compare("=", Path(("category",)), Text("鞋")),
        frequency=Frequency("at_least", Number(3)),
        window=Rolling("last", Duration(90, "day")),
        having=Compare(">=", Aggregate("sum", ("amount",)), Number(1000)),
    ),
    "and": And((BOUGHT, Or((Path(("paid",)), Truth(False))))),
    "or": Or((BOUGHT, Path(("paid",)))),
    "not": Not(BOUGHT),
}


def strategy_of(part, depth):
    """Values that *part* of the format admits; every tree of the table, sensible or not."""
    match part:
        case Choice(words):
            return st.sampled_from(words)
        case String(empty):
            text = st.text(st.characters(exclude_categories=("Cs",)), max_size=5)
            return text if empty else text.filter(bool)
        case Flag():
            return st.booleans()
        case Count():
            return st.integers(0, 10**30)
        case Exact():
            return st.integers(-(10**30), 10**30) | st.decimals(
                allow_nan=False, allow_infinity=False, places=4
            )
        case Day():
            return st.dates()
        case Moment():
            return st.datetimes().map(lambda moment: moment.replace(fold=0))
        case ListOf(item, at_least, at_most):
            size = min(at_most, at_least + 2)
            return st.lists(strategy_of(item, depth), min_size=at_least, max_size=size).map(tuple)
        case ListOr(many, one):
            return strategy_of(many, depth) | strategy_of(one, depth)
        case Child(_, classes):
            leaves = [cls for cls in classes if not has_children(cls)] or list(classes)
            return st.sampled_from(classes if depth > 0 else leaves).flatmap(
                lambda cls: node_strategy(cls, depth - 1)
            )
        case _:
            raise AssertionError(part)


def has_children(cls):
    return any(isinstance(part, Child | ListOf | ListOr) for part in BY_CLASS[cls].parts.values())


def node_strategy(cls, depth):
    shape = BY_CLASS[cls]
    required = {n: strategy_of(p, depth) for n, p in shape.parts.items() if n not in shape.defaults}
    optional = {
        n: strategy_of(p, depth)
        for n, p in shape.parts.items()
        if n in shape.defaults and (depth > 0 or isinstance(p, Choice | Flag | String))
    }
    return st.fixed_dictionaries(required, optional=optional).map(lambda a: whole(cls(**a)))


def whole(node):
    """*node* with what the format refuses mended."""
    if isinstance(node, ast.Frequency):
        return attrs.evolve(node, upper=Number(9) if node.kind == "between" else None)
    if isinstance(node, And | Or):
        nested = [i.items if isinstance(i, type(node)) else (i,) for i in node.items]
        return type(node)(tuple(item for items in nested for item in items))
    return node


conditions = strategy_of(Child("condition", get_args(ast.Condition)), 4)
deep = settings(max_examples=200, deadline=None)
validator = Draft202012Validator(json_schema())


@deep
@given(conditions)
def test_reading_what_was_written_gives_the_same_condition(condition):
    stored = json.dumps(to_json(condition), ensure_ascii=False)
    assert from_json(stored) == condition
    assert from_json(json.loads(stored)) == condition


@deep
@given(conditions)
def test_writing_is_canonical(condition):
    written = to_json(condition)
    assert to_json(from_json(written)) == written


@settings(max_examples=60, deadline=None)
@given(conditions)
def test_what_is_written_fits_the_published_schema(condition):
    validator.validate(to_json(condition))


def test_the_published_schema_is_up_to_date():
    Draft202012Validator.check_schema(json_schema())
    shown = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    assert SCHEMA.read_text("utf-8") == shown, "run: python tests/query/test_json.py --write"


def test_the_table_holds_every_node_and_every_attribute():
    classes = {
        thing
        for thing in vars(ast).values()
        if isinstance(thing, type) and issubclass(thing, ast.Node) and thing is not ast.Node
    }
    assert {shape.node for shape in SHAPES} == classes
    for shape in SHAPES:
        assert set(shape.parts) == {a.name for a in attrs.fields(shape.node)} - {"span"}


def test_every_kind_of_node_has_a_golden_file():
    kinds = {BY_CLASS[type(node)].name for s in SAMPLES.values() for node in ast.walk(s)}
    assert kinds == {shape.name for shape in SHAPES}
    assert {shape.name for shape in SHAPES} <= set(SAMPLES)
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_files_load_and_are_what_is_written_today(name):
    text = (GOLDEN / f"{name}.json").read_text("utf-8")
    assert from_json(text) == SAMPLES[name]
    assert to_json(SAMPLES[name]) == json.loads(text)
    validator.validate(json.loads(text))


def test_spans_are_not_stored():
    spanned = Compare("=", Path(("a",), span=(0, 1)), Number(1, span=(4, 5)), span=(0, 5))
    assert to_json(spanned) == to_json(Compare("=", Path(("a",)), Number(1)))


def test_defaults_may_be_written_out():
    plain = {"node": "in_list", "left": {"node": "path", "names": ["a"]}, "items": []}
    plain["items"] = [{"node": "number", "value": 1}]
    assert from_json(document(plain)) == from_json(document({**plain, "negated": False}))


def document(condition):
    return {"version": 1, "condition": condition}


def compare(right, **more):
    return document(
        {
            "node": "compare",
            "operator": "=",
            "left": {"node": "path", "names": ["a"]},
            "right": right,
            **more,
        }
    )


NUMBER = {"node": "number", "value": 1}
REFUSED = [
    # what, place, a piece of the remedy
    (compare({"node": "number", "value": "30"}), "$.condition.right.value", "without quotes"),
    (compare({"node": "number", "value": "0.60"}), "$.condition.right.value", '"0.6"'),
    (compare({"node": "number", "value": "1e3"}), "$.condition.right.value", '"0.6"'),
    (compare({"node": "number", "value": "-0"}), "$.condition.right.value", "without quotes"),
    (compare({"node": "number", "value": 0.6}), "$.condition.right.value", '"0.6"'),
    (compare({"node": "number", "value": True}), "$.condition.right.value", "integer"),
    (compare({"node": "number", "value": None}), "$.condition.right.value", "integer"),
    (compare({"node": "number", "value": 10**20}), "$.condition.right.value", "as text"),
    (compare({"node": "number", "value": 10**4000}), "$.condition.right.value", "as text"),
    (compare({"node": "number", "value": "9" * 900}), "$.condition.right.value", "integer"),
    (compare({"node": "truth", "value": 1}), "$.condition.right.value", "true or false"),
    (compare({"node": "text", "value": 1}), "$.condition.right.value", "string"),
    (compare({"node": "text", "value": "\ud800"}), "$.condition.right.value", "surrogate"),
    (compare({"node": "date", "value": "2026-02-30"}), "$.condition.right.value", "calendar"),
    (compare({"node": "date", "value": "20260101"}), "$.condition.right.value", "2026-01-01"),
    (
        compare({"node": "local_time", "value": "2026-01-01T08:30:00Z"}),
        "$.condition.right.value",
        "08:30:00",
    ),
    (
        compare({"node": "local_time", "value": "2026-01-01T24:30:00"}),
        "$.condition.right.value",
        "calendar",
    ),
    (compare({"node": "duration", "count": -1, "unit": "day"}), "$.condition.right.count", "0 or"),
    (compare({"node": "duration", "count": 1, "unit": "days"}), "$.condition.right.unit", "day"),
    (compare({"node": "path", "names": []}), "length of $.condition.right.names", "1 to"),
    (compare({"node": "path", "names": [""]}), "$.condition.right.names[0]", "name"),
    (compare({"node": "path", "names": "ab"}), "$.condition.right.names", "list"),
    (compare(to_json(Not(BOUGHT))["condition"]), "$.condition.right.node", "Give a value"),
    (compare({"node": "numbr", "value": 1}), "$.condition.right.node", "'number'"),
    (compare({"node": ["number"]}), "$.condition.right.node", "kinds are"),
    (compare({"node": "number"}), "$.condition.right.value", "needed"),
    (compare([NUMBER]), "$.condition.right", "object"),
    (compare("1"), "$.condition.right", "object"),
    (compare(None), "$.condition.right", "object"),
    (compare(NUMBER, exact=True), "$.condition", "exactly"),
    (compare(NUMBER, exactly=0), "$.condition.exactly", "true or false"),
    (compare(NUMBER, span=[0, 1]), "$.condition", "no such key"),
    (
        document({"node": "activity", "verb": "did", "collection": "x", "where": None}),
        "$.condition.where",
        "object",
    ),
    (
        document({"node": "and", "items": [{"node": "path", "names": ["a"]}]}),
        "length of $.condition.items",
        "2 to",
    ),
    (
        document(
            {
                "node": "and",
                "items": [
                    {"node": "path", "names": ["a"]},
                    to_json(And((BOUGHT, BOUGHT)))["condition"],
                ],
            }
        ),
        "$.condition.items[1]",
        "outer",
    ),
    (
        document(
            {
                "node": "activity",
                "verb": "did",
                "collection": "x",
                "frequency": {"node": "frequency", "kind": "between", "count": NUMBER},
            }
        ),
        "$.condition.frequency.kind",
        "upper",
    ),
    (document(NUMBER), "$.condition.node", "Give a condition"),
    ({"version": 2, "condition": {}}, "$.version", "version 1"),
    ({"version": True, "condition": {}}, "$.version", "version 1"),
    ({"version": "1", "condition": {}}, "$.version", "version 1"),
    ({"condition": {}}, "$.version", "version 1"),
    ({"version": 1}, "$.condition", "needed"),
    ({"version": 1, "condition": {}, "name": "x"}, "$", "keys are"),
    ([], "$", "object"),
    (None, "$", "object"),
    ("", "line 1, column 1", "JSON"),
    ('{"version": 1, "version": 1}', "keys", "once"),
    ('{"version": NaN}', "number", "NaN"),
    ('{"version": ' + "1" * 6000 + "}", "$", "fewer"),
    (b"\xff", "byte 0", "UTF-8"),
    ("[" * 200_000, "character 501", "250 levels"),
    (" " * 3_000_000, "length", "2000000"),
]


# By number: some of them are too large to be shown.
@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_a_refusal_names_the_place_and_the_remedy(number):
    data, place, remedy = REFUSED[number]
    with pytest.raises(InvalidValueError) as caught:
        from_json(data)
    assert place in caught.value.place
    assert remedy in caught.value.remedy
    assert len(str(caught.value)) < 1000


# What a JSON Schema cannot say, or only with a regular expression that nobody could read.
ONLY_THE_READER = ("calendar", "surrogate", "fewer", "without quotes")


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_the_reader_refuses_does_not_fit_the_schema(number):
    data, _, remedy = REFUSED[number]
    if isinstance(data, dict) and remedy not in ONLY_THE_READER:
        assert not validator.is_valid(data)


def test_the_tree_is_checked_when_it_is_written():
    for wrong in (Number(1), Compare("~", AMOUNT, Number(1)), And((BOUGHT,)), Path(("",))):
        with pytest.raises(SegmentkitError):
            to_json(wrong)
    with pytest.raises(InvalidValueError) as caught:
        to_json(Compare("=", AMOUNT, LocalTime(datetime(2026, 1, 1, 1, tzinfo=UTC))))
    assert caught.value.place == "$.condition.right.value"


def nested(levels, inner):
    for _ in range(levels):
        inner = {"node": "not", "operand": inner}
    return document(inner)


PATH = {"node": "path", "names": ["a"]}


def test_depth_is_limited_before_anything_is_read():
    assert from_json(nested(249, PATH))
    for levels in (250, 50_000):
        with pytest.raises(InvalidValueError, match="250 nodes within nodes"):
            from_json(nested(levels, PATH))
    deep_list = []
    for _ in range(50_000):
        deep_list = [deep_list]
    with pytest.raises(InvalidValueError):
        from_json(document({"node": "and", "items": deep_list}))
    with pytest.raises(InvalidValueError):
        from_json(json.dumps(nested(250, PATH)))


def test_data_that_contains_itself_is_refused():
    loop = {"node": "not"}
    loop["operand"] = loop
    with pytest.raises(InvalidValueError, match="nodes within nodes"):
        from_json(document(loop))


def test_size_is_limited_and_long_lists_of_plain_items_are_not_nodes():
    texts = [{"node": "text", "value": str(number)} for number in range(10_000)]
    long_list = document({"node": "in_list", "left": PATH, "items": texts})
    assert len(from_json(long_list).items) == 10_000
    assert len(from_json(json.dumps(long_list)).items) == 10_000
    texts.append({"node": "text", "value": "one more"})
    with pytest.raises(InvalidValueError, match="10000 items"):
        from_json(long_list)
    shared = {"node": "or", "items": [{"node": "not", "operand": PATH}] * 100}
    for _ in range(3):  # a hundredfold each time, in memory only once
        shared = {"node": "and", "items": [{"node": "not", "operand": shared}] * 100}
    with pytest.raises(InvalidValueError, match="5000 nodes"):
        from_json(document(shared))


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=3)
        | st.sampled_from([shape.name for shape in SHAPES]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["node", "version", "condition", "left", "items", "names", "value"]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_hostile_json_gives_a_condition_or_an_error_of_ours(data):
    for whole_document in (data, document(data)):
        try:
            from_json(whole_document)
        except InvalidValueError as error:
            assert str(error)  # noqa: PT017


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_damaged_text_gives_a_condition_or_an_error_of_ours(name, data):
    text = json.dumps(to_json(SAMPLES[name]), ensure_ascii=False)
    at = data.draw(st.integers(0, len(text) - 1))
    cut = data.draw(st.integers(0, 3))
    put = data.draw(st.sampled_from(["", '"', "{", "]", "null", "0", ",", "\ud800", "\\"]))
    try:
        from_json(text[:at] + put + text[at + cut :])
    except InvalidValueError as error:
        assert str(error)  # noqa: PT017


def test_hostile_sizes_take_less_than_a_second():
    long = ["[" * 900_000, '{"a":' * 200_000, '"' * 900_000, '"\\' * 400_000, "{" + " " * 900_000]
    for text in long:
        started = time.perf_counter()
        with pytest.raises(InvalidValueError):
            from_json(text)
        assert time.perf_counter() - started < 1


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, sample in SAMPLES.items():
        shown = json.dumps(to_json(sample), indent=2, ensure_ascii=False) + "\n"
        (GOLDEN / f"{name}.json").write_text(shown, "utf-8", newline="\n")
    shown = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    SCHEMA.write_text(shown, "utf-8", newline="\n")
