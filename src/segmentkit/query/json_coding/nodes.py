"""
How each node of the condition tree is stored: the table that codec and JSON Schema are made from.

An object's `node` names its kind; its other keys are the node's attributes. An attribute that has
its default is left out. A rule that was stored once is stored for good: what stands here may grow,
but changing or removing an entry is a new version of the format (see `json.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast, get_args

import attrs
from attrs import field, frozen

from segmentkit.errors import InvalidValueError
from segmentkit.query import ast
from segmentkit.query.ast import Node
from segmentkit.query.json_coding.parts import (
    EXACT,
    Choice,
    Count,
    Day,
    Flag,
    Json,
    ListOf,
    ListOr,
    Moment,
    Part,
    Read,
    String,
    Written,
    refuse,
)
from segmentkit.text import nearest

# The deepest and the largest tree that the text of a query can say, with some room.
MAX_DEPTH = 250
MAX_NODES = 5_000


@frozen
class Child:
    """A node of one of several kinds."""

    name: str
    classes: tuple[type[Node], ...]

    def encode(self, value: object, place: str, inner: Written) -> Json:
        if not isinstance(value, self.classes) or type(value) not in BY_CLASS:
            refuse(value, place, f"Give a {self.name}")
        return inner[id(value)]

    def decode(self, data: object, place: str, inner: Read) -> object:
        node = inner.get(id(data))
        if node is None:
            refuse(data, place, f'Give an object with the key "node" that is a {self.name}')
        if not isinstance(node, self.classes):
            known = ", ".join(BY_CLASS[cls].name for cls in self.classes)
            refuse(BY_CLASS[type(node)].name, f"{place}.node", f"Give a {self.name}: {known}")
        return node

    def schema(self) -> dict[str, Json]:
        return {"$ref": f"#/$defs/{self.name}"}


@frozen
class Shape:
    """How one class of node is stored: its name, and the part that holds each attribute."""

    name: str
    node: type[Node]
    parts: Mapping[str, Part]
    defaults: Mapping[str, object] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(
            self,
            "defaults",
            {
                attribute.name: attribute.default
                for attribute in attrs.fields(self.node)
                if attribute.default is not attrs.NOTHING and attribute.name in self.parts
            },
        )


def _child(name: str, union: object) -> Child:
    return Child(name, cast("tuple[type[Node], ...]", get_args(union) or (union,)))


CONDITION = _child("condition", ast.Condition)
VALUE = _child("value", ast.Value)
WINDOW = _child("window", ast.Window)
POINT = _child("point", ast.Point)
_DAY = Child("day", (ast.Date, ast.Parameter))
_DURATION = Child("duration", (ast.Duration,))
_PARAMETER = Child("parameter", (ast.Parameter,))
_TEXT = Child("text", (ast.Text,))
KEYS = Child("keys_or_pattern", (ast.Keys, ast.KeyPattern))
_FREQUENCY = Child("frequency", (ast.Frequency,))
STEP = Child("step", (ast.Step,))
# The kinds of child that are not one class, and so need a definition of their own in the schema.
UNIONS = (CONDITION, VALUE, WINDOW, POINT, _DAY, KEYS)

_NAME = String()
_UNIT = Choice(get_args(ast.TimeUnit))
_QUANTIFIER = Choice(get_args(ast.Quantifier))
_VALUES = ListOf(VALUE)
_VALUES_OR_PARAMETER = ListOr(_VALUES, _PARAMETER)

SHAPES: tuple[Shape, ...] = (
    # --- values ---
    Shape("number", ast.Number, {"value": EXACT}),
    Shape("text", ast.Text, {"value": String(empty=True)}),
    Shape("truth", ast.Truth, {"value": Flag()}),
    Shape("date", ast.Date, {"value": Day()}),
    Shape("local_time", ast.LocalTime, {"value": Moment()}),
    Shape("duration", ast.Duration, {"count": Count(), "unit": _UNIT}),
    Shape("ago", ast.Ago, {"count": Count(), "unit": _UNIT}),
    Shape("parameter", ast.Parameter, {"name": _NAME}),
    Shape("reference", ast.Reference, {"kind": _NAME, "id": _NAME, "name": String(empty=True)}),
    Shape("path", ast.Path, {"names": ListOf(_NAME)}),
    Shape("call", ast.Call, {"function": _NAME, "arguments": ListOf(VALUE, at_least=0)}),
    Shape(
        "aggregate",
        ast.Aggregate,
        {
            "function": Choice(get_args(ast.AggregateFunction)),
            "path": ListOf(_NAME, at_least=0, at_most=2),
            "transform": _NAME,
            "where": CONDITION,
            "window": WINDOW,
        },
    ),
    Shape(
        "arithmetic",
        ast.Arithmetic,
        {"operator": Choice(get_args(ast.ArithmeticOperator)), "left": VALUE, "right": VALUE},
    ),
    Shape("negative", ast.Negative, {"operand": VALUE}),
    # --- windows ---
    Shape(
        "rolling",
        ast.Rolling,
        {"direction": Choice(("last", "next", "previous")), "duration": _DURATION},
    ),
    Shape("calendar", ast.Calendar, {"which": Choice(("this", "previous")), "unit": _UNIT}),
    Shape("since", ast.Since, {"point": POINT}),
    Shape("before", ast.Before, {"point": POINT}),
    Shape("range", ast.Range, {"start": POINT, "end": POINT}),
    Shape("on", ast.On, {"day": _DAY}),
    # --- conditions ---
    Shape(
        "compare",
        ast.Compare,
        {
            "operator": Choice(get_args(ast.ComparisonOperator)),
            "left": VALUE,
            "right": VALUE,
            "exactly": Flag(),
        },
    ),
    Shape(
        "text_match",
        ast.TextMatch,
        {
            "operation": Choice(get_args(ast.TextOperation)),
            "left": VALUE,
            "patterns": _VALUES_OR_PARAMETER,
            "quantifier": _QUANTIFIER,
            "negated": Flag(),
        },
    ),
    Shape("between", ast.Between, {"left": VALUE, "low": VALUE, "high": VALUE, "negated": Flag()}),
    Shape("in_list", ast.InList, {"left": VALUE, "items": _VALUES_OR_PARAMETER, "negated": Flag()}),
    Shape("in_window", ast.InWindow, {"left": VALUE, "window": WINDOW, "negated": Flag()}),
    Shape("is_missing", ast.IsMissing, {"operand": VALUE, "negated": Flag()}),
    Shape("keys", ast.Keys, {"values": _VALUES, "under": Flag()}),
    Shape("key_pattern", ast.KeyPattern, {"pattern": _TEXT}),
    Shape(
        "frequency",
        ast.Frequency,
        {"kind": Choice(get_args(ast.FrequencyKind)), "count": VALUE, "upper": VALUE},
    ),
    Shape(
        "step",
        ast.Step,
        {
            "collection": _NAME,
            "negated": Flag(),
            "alias": _NAME,
            "where": CONDITION,
            "within": _DURATION,
        },
    ),
    Shape(
        "activity",
        ast.Activity,
        {
            "verb": Choice(get_args(ast.Verb)),
            "collection": _NAME,
            "negated": Flag(),
            "quantifier": _QUANTIFIER,
            "keys": KEYS,
            "alias": _NAME,
            "where": CONDITION,
            "frequency": _FREQUENCY,
            "window": WINDOW,
            "having": CONDITION,
            "steps": ListOf(STEP, at_least=0),
        },
    ),
    Shape("and", ast.And, {"items": ListOf(CONDITION, at_least=2)}),
    Shape("or", ast.Or, {"items": ListOf(CONDITION, at_least=2)}),
    Shape("not", ast.Not, {"operand": CONDITION}),
)

BY_NAME: Mapping[str, Shape] = {shape.name: shape for shape in SHAPES}
BY_CLASS: Mapping[type[Node], Shape] = {shape.node: shape for shape in SHAPES}


def encode(root: object, wanted: Child, place: str) -> Json:
    """The JSON of the tree *root*; attributes with their default are left out."""
    written: dict[int, Json] = {}
    for node, where in reversed(list(_nodes(root, place))):
        written[id(node)] = _encode_one(node, where, written)
    return wanted.encode(root, place, written)


def _nodes(root: object, place: str) -> Iterator[tuple[Node, str]]:
    """Every node and its place, outer ones first."""
    waiting: list[tuple[object, str]] = [(root, place)]
    while waiting:
        value, where = waiting.pop()
        if isinstance(value, tuple):
            items = cast("tuple[object, ...]", value)
            waiting += [(item, f"{where}[{number}]") for number, item in enumerate(items)]
        elif type(value) in BY_CLASS:
            node = cast("Node", value)
            yield node, where
            names = BY_CLASS[type(node)].parts
            waiting += [(getattr(node, name), f"{where}.{name}") for name in names]


def _encode_one(node: Node, place: str, inner: Written) -> Json:
    shape = BY_CLASS[type(node)]
    written: dict[str, Json] = {"node": shape.name}
    for name, part in shape.parts.items():
        value: object = getattr(node, name)
        if name not in shape.defaults or value != shape.defaults[name]:
            written[name] = part.encode(value, f"{place}.{name}", inner)
    _check_whole(node, place)
    return written


def decode(
    data: object,
    wanted: Child,
    place: str,
    *,
    max_depth: int = MAX_DEPTH,
    max_nodes: int = MAX_NODES,
) -> Node:
    """The node that the object *data* says, of one of the *wanted* kinds."""
    read: dict[int, Node] = {}
    for entries, where in reversed(_objects(data, place, max_depth, max_nodes)):
        read[id(entries)] = _decode_one(entries, where, read)
    return cast("Node", wanted.decode(data, place, read))


def _objects(
    root: object, place: str, max_depth: int, max_nodes: int
) -> list[tuple[dict[str, object], str]]:
    """Every object and its place, outer ones first; refuses what is too deep or too large."""
    found: list[tuple[dict[str, object], str]] = []
    nodes = 0
    waiting: list[tuple[object, int, str, bool]] = [(root, 1, place, False)]
    while waiting:
        value, depth, where, in_list = waiting.pop()
        if isinstance(value, dict):
            entries = cast("dict[str, object]", value)
            found.append((entries, where))
            inner = [(part, f"{where}.{key}") for key, part in entries.items() if _holds(part)]
            # A plain item of a list is no node of its own: the list has its own limit.
            nodes += bool(inner) or not in_list
            if depth > max_depth:
                refuse(None, where, f"At most {max_depth} nodes within nodes are read")
            if nodes > max_nodes:
                refuse(None, where, f"At most {max_nodes} nodes are read")
            waiting += [(part, depth + 1, at, False) for part, at in inner]
        elif isinstance(value, list) and not in_list:
            items = enumerate(cast("list[object]", value))
            waiting += [(item, depth, f"{where}[{number}]", True) for number, item in items]
    return found


def _holds(part: object) -> bool:
    return isinstance(part, dict | list)


def _decode_one(entries: dict[str, object], place: str, inner: Read) -> Node:
    kind = entries.get("node")
    shape = BY_NAME.get(kind) if isinstance(kind, str) else None
    if shape is None:
        near = nearest(kind, BY_NAME) if isinstance(kind, str) else None
        known = f"Did you mean {near!r}?" if near else f"The kinds are {', '.join(BY_NAME)}"
        refuse(kind, f"{place}.node", known)
    for key in entries:
        if key != "node" and key not in shape.parts:
            near = nearest(str(key), shape.parts)
            suggestion = f"Did you mean {near!r}?" if near else f"{shape.name!r} has no such key"
            refuse(key, place, suggestion)
    attributes: dict[str, Any] = {}
    for name, part in shape.parts.items():
        if name in entries:
            attributes[name] = part.decode(entries[name], f"{place}.{name}", inner)
        elif name not in shape.defaults:
            refuse(None, f"{place}.{name}", "This key is needed")
    node = shape.node(**attributes)
    _check_whole(node, place)
    return node


def _check_whole(node: Node, place: str) -> None:
    """What the parts cannot see one by one."""
    if isinstance(node, ast.And | ast.Or):
        for number, item in enumerate(node.items):
            if isinstance(item, type(node)):
                name = BY_CLASS[type(node)].name
                raise InvalidValueError(
                    name, f"{place}.items[{number}]", f"Join its items to the outer {name!r}"
                )
    elif isinstance(node, ast.Frequency) and (node.upper is None) == (node.kind == "between"):
        refuse(node.kind, f"{place}.kind", "'between' needs 'upper', the others have none")
