"""Stored JSON: exact, strict, versioned, and readable for good."""

import json
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import get_args

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from query.json_samples import AMOUNT, BOUGHT, SAMPLES, document

from segmentkit.errors import InvalidValueError, SegmentkitError
from segmentkit.query import ast
from segmentkit.query.ast import (
    And,
    Compare,
    LocalTime,
    Not,
    Number,
    Or,
    Path,
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
    assert SCHEMA.read_text("utf-8") == shown, (
        "run: PYTHONPATH=tests python tests/query/test_json.py"
    )


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


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, sample in SAMPLES.items():
        shown = json.dumps(to_json(sample), indent=2, ensure_ascii=False) + "\n"
        (GOLDEN / f"{name}.json").write_text(shown, "utf-8", newline="\n")
    shown = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    SCHEMA.write_text(shown, "utf-8", newline="\n")
