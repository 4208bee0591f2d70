"""
Conditions as JSON: how rules are stored, and how hosts in other languages write them.

The format has a version and a published JSON Schema; what was stored once can be read for good.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import cast

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.query.ast import Condition
from segmentkit.query.builder import ConditionLike, as_condition
from segmentkit.query.json_coding.nodes import (
    BY_CLASS,
    CONDITION,
    MAX_DEPTH,
    MAX_NODES,
    SHAPES,
    UNIONS,
    Shape,
    decode,
    encode,
)
from segmentkit.query.json_coding.parts import Json, refuse

VERSION = 1
# A text in quotes is passed over as a whole, so that only brackets outside of it count. Its closing
# quote may be absent: else each quote of a text without one would be tried anew.
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)


def to_json(node: ConditionLike) -> dict[str, Json]:
    """
    *node* as plain dicts, lists, strings, integers and booleans, ready for `json.dumps`.

    Spans are not stored. Equal conditions give equal JSON.

    Raises:
        InvalidValueError: the tree was built wrongly: a part of another type, an `And` in an `And`.
        WrongTypeError: *node* is no condition.

    Examples:
        >>> from segmentkit.query.ast import Compare, Number, Path
        >>> to_json(Compare(">=", Path(("age",)), Number(18)))["condition"]["left"]
        {'node': 'path', 'names': ['age']}
    """
    return {"version": VERSION, "condition": encode(as_condition(node), CONDITION, "$.condition")}


@refuse_other_types
def from_json(
    data: object,
    *,
    max_depth: int = MAX_DEPTH,
    max_nodes: int = MAX_NODES,
    max_characters: int = 2_000_000,
) -> Condition:
    """
    The condition that was stored; *data* is the decoded JSON (a dict), or its text.

    Nothing is coerced and no key is ignored. Depth and size are checked before anything is read.

    Args:
        max_depth: nodes within nodes.
        max_nodes: nodes in all, without the plain items of lists.
        max_characters: of JSON text.

    Raises:
        InvalidValueError: what does not fit, with its JSON path and what would be right.

    Examples:
        >>> from_json('{"version": 1, "condition": {"node": "path", "names": ["paid"]}}')
        Path(names=('paid',))
        >>> from_json({"version": 1, "condition": {"node": "path", "names": ""}})
        Traceback (most recent call last):
            ...
        segmentkit.errors.InvalidValueError: invalid value '' at $.condition.names. Give a list
    """
    decoded = _load(data, max_depth, max_characters) if isinstance(data, str | bytes) else data
    if not isinstance(decoded, dict):
        refuse(decoded, "$", 'Give an object with the keys "version" and "condition"')
    document = cast("dict[str, object]", decoded)
    for key in document:
        if key not in ("version", "condition"):
            refuse(key, "$", 'The keys are "version" and "condition"')
    if "condition" not in document:
        refuse(None, "$.condition", "This key is needed")
    version = document.get("version")
    if type(version) is not int or version not in _READERS:
        known = ", ".join(map(str, _READERS))
        refuse(version, "$.version", f"This segmentkit reads version {known}")
    return _READERS[version](document["condition"], max_depth, max_nodes)


def _read_version_1(data: object, max_depth: int, max_nodes: int) -> Condition:
    node = decode(data, CONDITION, "$.condition", max_depth=max_depth, max_nodes=max_nodes)
    return cast("Condition", node)


# A new version adds its reader here; the readers of old ones stay, and so do their golden files.
_READERS: Mapping[int, Callable[[object, int, int], Condition]] = {1: _read_version_1}


def json_schema() -> dict[str, Json]:
    """
    The JSON Schema (2020-12) of stored conditions, as published in `docs/schema`.

    Examples:
        >>> json_schema()["$defs"]["negative"]["required"]
        ['node', 'operand']
    """
    any_node: list[Json] = [
        {
            "if": {"properties": {"node": {"const": shape.name}}},
            "then": {"$ref": f"#/$defs/{shape.name}"},
        }
        for shape in SHAPES
    ]
    definitions: dict[str, Json] = {"node": {"type": "object", "allOf": any_node}}
    for union in UNIONS:
        names: list[Json] = [BY_CLASS[cls].name for cls in union.classes]
        definitions[union.name] = {
            "$ref": "#/$defs/node",
            "required": ["node"],
            "properties": {"node": {"enum": names}},
        }
    definitions |= {shape.name: _object_schema(shape) for shape in SHAPES}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:segmentkit:condition:{VERSION}",
        "title": "A segmentkit condition",
        "type": "object",
        "properties": {"version": {"const": VERSION}, "condition": {"$ref": "#/$defs/condition"}},
        "required": ["version", "condition"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _object_schema(shape: Shape) -> dict[str, Json]:
    properties: dict[str, Json] = {"node": {"const": shape.name}}
    properties |= {name: part.schema() for name, part in shape.parts.items()}
    required: list[Json] = ["node", *(n for n in shape.parts if n not in shape.defaults)]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        **_WHOLE.get(shape.name, {}),
    }


def _no_item_is(name: str) -> dict[str, Json]:
    return {"properties": {"items": {"items": {"properties": {"node": {"not": {"const": name}}}}}}}


# What the reader checks of a whole node, said in JSON Schema.
_WHOLE: Mapping[str, dict[str, Json]] = {
    "and": {"allOf": [_no_item_is("and")]},
    "or": {"allOf": [_no_item_is("or")]},
    "frequency": {
        "if": {"properties": {"kind": {"const": "between"}}},
        "then": {"required": ["upper"]},
        "else": {"properties": {"upper": False}},
    },
}


def _load(text: str | bytes, max_depth: int, max_characters: int) -> object:
    """The JSON in *text*; depth is counted first, because the decoder recurses."""
    if len(text) > max_characters:
        refuse(len(text), "length of the JSON text", f"At most {max_characters} are read")
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        refuse(error.object[error.start], f"byte {error.start}", "Give UTF-8")
    depth = 0
    for bracket in _BRACKET.finditer(decoded):
        depth += (bracket["open"] is not None) - (bracket["close"] is not None)
        # The document's own object, and for each node its object and a list that it stands in.
        if depth > 1 + 2 * max_depth:
            refuse("[", f"character {bracket.start()}", f"At most {max_depth} levels are read")
    try:
        return json.loads(decoded, object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        refuse(error.msg, f"line {error.lineno}, column {error.colno}", "Give JSON")
    except ValueError as error:
        if isinstance(error, InvalidValueError):
            raise
        refuse("an integer of thousands of digits", "$", "Give a number of fewer digits")


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        refuse(twice, "an object's keys", "Give each key once")
    return entries


def _no_constant(name: str) -> object:
    refuse(name, "a number", "NaN and Infinity are no JSON")
