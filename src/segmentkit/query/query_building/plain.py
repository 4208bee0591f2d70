"""Plain JSON as rules have it, and what its `match` and `meta` mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from segmentkit.errors import InvalidValueError
from segmentkit.model import Collection
from segmentkit.query import ast
from segmentkit.query.json_coding.nodes import Child, decode
from segmentkit.query.json_coding.parts import refusal
from segmentkit.query.query_building.vocabulary import MATCH_MODES

MAX_DEPTH = 300
MAX_OBJECTS = 20_000
Object = dict[str, object]

# The builder's own bookkeeping; it says nothing about who matches.
_IGNORED = frozenset({"id", "path", "disabled", "muted", "combinatorPreceding"})
RULE_KEYS = _IGNORED | {"field", "operator", "valueSource", "value", "match", "lhs", "meta"}
GROUP_KEYS = _IGNORED | {"combinator", "not", "rules"}


def matched(rule: Object, meta: Object, place: str) -> tuple[bool, ast.Frequency | None]:
    """Whether the rule is negated, and how often its rows are wanted."""
    match = an_object(rule["match"], f"{place}.match", frozenset({"mode", "threshold"}))
    mode = match.get("mode")
    negated = a_flag(meta, "negated", f"{place}.meta")
    if mode in ("some", "none"):
        return negated is not (mode == "none"), None
    kind = MATCH_MODES.get(mode) if isinstance(mode, str) else None
    if kind is None:
        remedy = f"Give some, none, {', '.join(MATCH_MODES)}; 'all' has no counterpart"
        raise refusal(mode, f"{place}.match.mode", remedy)
    threshold = match.get("threshold")
    if type(threshold) is not int or threshold < 0:
        raise refusal(threshold, f"{place}.match.threshold", "Give a whole number, 0 or more")
    finer = meta.get("frequency")
    match finer, kind:
        case None, _:
            return negated, ast.Frequency(kind, ast.Number(threshold))
        case "more_than", "at_least" if threshold >= 1:
            return negated, ast.Frequency("more_than", ast.Number(threshold - 1))
        case "fewer_than", "at_most":
            return negated, ast.Frequency("fewer_than", ast.Number(threshold + 1))
        case "between", "at_least":
            upper = meta.get("upper")
            if type(upper) is not int or upper < 0:
                raise refusal(upper, f"{place}.meta.upper", "Give a whole number, 0 or more")
            return negated, ast.Frequency("between", ast.Number(threshold), ast.Number(upper))
        case _:
            remedy = f"It does not go with match mode {mode!r}; take it out"
            raise refusal(finer, f"{place}.meta.frequency", remedy)


def verb(meta: Object, collection: Collection | None, place: str) -> ast.Verb:
    """As it was written; else as the schema has it."""
    given = meta.get("verb", None if collection is None else collection.verb)
    if given in ("did", "has", "in"):
        return given
    remedy = "Give did, has or in, or give a schema that knows it"
    raise refusal(given, f"{place}.meta.verb", remedy)


def quantifier(meta: Object, place: str) -> ast.Quantifier:
    given = meta.get("quantifier", "any")
    if given in ("any", "all"):
        return given
    raise refusal(given, f"{place}.meta.quantifier", "Give any or all")


def stored(meta: Object, name: str, wanted: Child, place: str) -> object:
    return decode(meta[name], wanted, f"{place}.meta.{name}") if name in meta else None


def an_object(data: object, place: str, keys: frozenset[str] | None = None) -> Object:
    if not isinstance(data, dict):
        raise refusal(data, place, "Give an object")
    given = cast("Object", data)
    for key in given:
        if keys is not None and key not in keys:
            raise refusal(key, place, f"The keys are {', '.join(sorted(keys - _IGNORED))}")
    return given


def a_list(data: object, place: str) -> Sequence[object]:
    if not isinstance(data, list):
        raise refusal(data, place, "Give a list")
    items = cast("list[object]", data)
    if any(isinstance(item, str) for item in items):
        remedy = "Give objects; convertFromIC() turns independent combinators into groups"
        raise refusal("and", place, remedy)
    return items


def a_text(data: object, place: str, *, empty: bool = False) -> str:
    """A text of real characters; a name when it must not be *empty*."""
    if not isinstance(data, str) or not (data or empty):
        raise refusal(data, place, "Give a text")
    try:
        data.encode()
    except UnicodeEncodeError:
        remedy = "Leave out the lone surrogate, which is no character"
        raise refusal(data, place, remedy) from None
    return data


def a_choice(data: object, place: str) -> str:
    """A field or operator that was chosen."""
    if data == "~":
        raise refusal(data, place, "Choose one: the rule is not finished")
    return a_text(data, place)


def a_flag(given: Mapping[str, object], name: str, place: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise refusal(value, f"{place}.{name}", "Give true or false")
    return value


def refuse_too_large(root: object) -> None:
    """Depth and size, before anything recurses."""
    seen = 0
    waiting: list[tuple[object, int]] = [(root, 1)]
    while waiting:
        data, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_OBJECTS:
            remedy = f"At most {MAX_DEPTH} levels and {MAX_OBJECTS} objects are read"
            raise InvalidValueError("a tree too large", "$", remedy)
        if isinstance(data, dict):
            inner = cast("Object", data).values()
            waiting += [(part, depth + 1) for part in inner if isinstance(part, dict | list)]
        elif isinstance(data, list):
            items = cast("list[object]", data)
            waiting += [(part, depth) for part in items if isinstance(part, dict)]
            if any(isinstance(part, list) for part in items):
                raise InvalidValueError("a list in a list", "$", "Give objects or plain values")
