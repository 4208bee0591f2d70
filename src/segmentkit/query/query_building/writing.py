"""From a condition to rules and groups."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never, cast

from attrs import frozen

from segmentkit.errors import NotExpressibleError
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Value, walk
from segmentkit.query.json_coding.nodes import CONDITION, KEYS, STEP, WINDOW, encode
from segmentkit.query.json_coding.parts import SAFE_INTEGER, Json
from segmentkit.query.literals import print_date
from segmentkit.query.query_building.vocabulary import (
    BETWEEN,
    IN_LIST,
    IN_WINDOW,
    IS_TRUE,
    KEY_OPERATORS,
    LIST,
    MATCH_MODES,
    MISSING,
    NEGATIVE,
    RESERVED,
    TEXT_OPERATORS,
    join_names,
)

Group = dict[str, Json]


@frozen
class _Operand:
    """The right side of a rule."""

    source: str
    value: Json
    type: str | None = None


def write_root(node: Condition) -> Group:
    """A group, also for a single rule: the builder always shows one."""
    return _group(node, "$")


def _group(node: Condition, place: str) -> Group:
    written = _part(node, place)
    return written if "rules" in written else _joined("and", False, [written])


def _joined(combinator: str, negated: bool, rules: list[Json]) -> Group:
    return {"combinator": combinator, "not": negated, "rules": rules}


def _part(node: Condition, place: str) -> Group:
    match node:
        case ast.And() | ast.Or():
            return _connected(node, False, place)
        case ast.Not(operand=ast.And() | ast.Or() as inner):
            return _connected(inner, True, place)
        case ast.Not():
            return _joined("and", True, [_part(node.operand, f"{place}.rules[0]")])
        case ast.Compare():
            meta: dict[str, Json] = {"exactly": True} if node.exactly else {}
            return _rule(node.left, node.operator, _operand(node.right, place), meta, place)
        case ast.TextMatch():
            return _text_match(node, place)
        case ast.Between():
            ends = _list_operand((node.low, node.high), place)
            return _rule(node.left, _word(BETWEEN, node.negated), ends, {}, place)
        case ast.InList():
            items = _items_operand(node.items, place)
            return _rule(node.left, _word(IN_LIST, node.negated), items, {}, place)
        case ast.InWindow():
            meta = {"window": encode(node.window, WINDOW, f"{place}.meta.window")}
            nothing = _Operand("value", None)
            return _rule(node.left, _word(IN_WINDOW, node.negated), nothing, meta, place)
        case ast.IsMissing():
            operator = _word(MISSING, node.negated)
            return _rule(node.operand, operator, _Operand("value", None), {}, place)
        case ast.Activity():
            return _activity(node, place)
        case ast.Path() | ast.Truth() | ast.Parameter() | ast.Call() | ast.Aggregate():
            return _rule(node, IS_TRUE, _Operand("value", None), {}, place)
        case _:
            assert_never(node)


def _connected(node: ast.And | ast.Or, negated: bool, place: str) -> Group:
    rules: list[Json] = []
    for number, item in enumerate(node.items):
        rules.append(_part(item, f"{place}.rules[{number}]"))  # saves a frame
    return _joined("and" if isinstance(node, ast.And) else "or", negated, rules)


def _word(words: dict[str, bool], negated: bool) -> str:
    return next(word for word, is_negated in words.items() if is_negated is negated)


def _rule(
    left: Value, operator: str, right: _Operand, meta: dict[str, Json], place: str
) -> dict[str, Json]:
    rule: dict[str, Json] = {"field": "", "operator": operator}
    if isinstance(left, ast.Path):
        rule["field"] = join_names(left.names)
    else:
        # The builder picks operators by `field`: the first one that the left side speaks of.
        named = (part for part in walk(left) if isinstance(part, ast.Path | ast.Aggregate))
        paths = [part.names if isinstance(part, ast.Path) else part.path for part in named]
        rule["field"] = join_names(next(filter(None, paths), ()))
        rule["lhs"] = _expression(left, f"{place}.lhs")
    rule |= {"valueSource": right.source, "value": right.value}
    if right.type is not None:
        meta = {**meta, "valueType": right.type}
    if meta:
        rule["meta"] = meta
    return rule


def _text_match(node: ast.TextMatch, place: str) -> dict[str, Json]:
    operators = {said: word for word, said in TEXT_OPERATORS.items()}
    patterns = node.patterns
    match patterns:
        case (pattern,) if not isinstance(pattern, ast.Parameter):
            right = _operand(pattern, place)
        case _:
            right = _items_operand(patterns, place)
    meta: dict[str, Json] = {"quantifier": "all"} if node.quantifier == "all" else {}
    return _rule(node.left, operators[node.operation, node.negated], right, meta, place)


# --- activities -----------------------------------------------------------------------------------


def _activity(node: ast.Activity, place: str) -> dict[str, Json]:
    meta: dict[str, Json] = {"verb": node.verb}
    clauses = (node.where, node.frequency, node.window, node.having, node.alias)
    if isinstance(node.keys, ast.Keys) and clauses == (None,) * 5 and not node.steps:
        operators = {said: word for word, said in KEY_OPERATORS.items()}
        right = _list_operand(node.keys.values, place)
        if node.keys.under:
            meta["under"] = True
        operator = operators[node.quantifier, node.negated]
        return _rule(ast.Path((node.collection,)), operator, right, meta, place)
    where = _joined("and", False, [])
    if node.where is not None:
        where = _group(node.where, f"{place}.value")
    match = _match(node, meta, place)
    if node.quantifier == "all":
        meta["quantifier"] = "all"
    if node.alias is not None:
        meta["alias"] = node.alias
    if node.keys is not None:
        meta["keys"] = encode(node.keys, KEYS, f"{place}.meta.keys")
    if node.window is not None:
        meta["window"] = encode(node.window, WINDOW, f"{place}.meta.window")
    if node.having is not None:
        meta["having"] = encode(node.having, CONDITION, f"{place}.meta.having")
    if node.steps:
        steps = enumerate(node.steps)
        meta["steps"] = [encode(s, STEP, f"{place}.meta.steps[{n}]") for n, s in steps]
    return {
        "field": join_names((node.collection,)),
        "operator": "=",
        "valueSource": "value",
        "value": where,
        "match": match,
        "meta": meta,
    }


def _match(node: ast.Activity, meta: dict[str, Json], place: str) -> dict[str, Json]:
    """How many rows; what the builder's modes cannot say goes into *meta*."""
    frequency = node.frequency
    if frequency is None:
        return {"mode": "none" if node.negated else "some"}
    if node.negated:
        meta["negated"] = True
    count = _whole(frequency.count, f"{place}.match")
    match frequency.kind:
        case "at_least" | "at_most" | "exactly":
            modes = {kind: mode for mode, kind in MATCH_MODES.items()}
            return {"mode": modes[frequency.kind], "threshold": count}
        case "more_than":
            meta["frequency"] = "more_than"
            return {"mode": "atLeast", "threshold": count + 1}
        case "fewer_than":
            if count == 0:
                remedy = "It is never true; take it out"
                raise NotExpressibleError("fewer than 0 times", f"{place}.match", remedy)
            meta["frequency"] = "fewer_than"
            return {"mode": "atMost", "threshold": count - 1}
        case "between":
            meta |= {"frequency": "between", "upper": _whole(frequency.upper, f"{place}.match")}
            return {"mode": "atLeast", "threshold": count}
        case _:
            assert_never(frequency.kind)


def _whole(count: Value | None, place: str) -> int:
    if (
        isinstance(count, ast.Number)
        and isinstance(count.value, int)
        and 0 <= count.value < SAFE_INTEGER
    ):
        return count.value
    shown = type(count).__name__.lower()
    raise NotExpressibleError(f"a number of times that is a {shown}", place, "Give a whole number")


# --- values ---------------------------------------------------------------------------------------


def _operand(node: Value, place: str) -> _Operand:
    match node:
        case ast.Path():
            return _Operand("field", join_names(node.names))
        case ast.Parameter():
            return _Operand("parameter", node.name)
        case _:
            literal = _literal(node)
            return literal or _Operand("expression", _expression(node, f"{place}.value"))


def _items_operand(items: tuple[Value, ...] | ast.Parameter, place: str) -> _Operand:
    if isinstance(items, ast.Parameter):
        return _Operand("parameter", items.name)
    return _list_operand(items, place)


def _list_operand(items: tuple[Value, ...], place: str) -> _Operand:
    """A list of literals of one type, else an expression."""
    literals = [_literal(item) for item in items]
    known = [literal for literal in literals if literal is not None]
    types = {literal.type for literal in known}
    if len(known) == len(items) and len(types) == 1:
        return _Operand("value", [literal.value for literal in known], types.pop())
    return _Operand("expression", _function(LIST, items, f"{place}.value"))


def _literal(node: Value) -> _Operand | None:
    """A value as its editor holds it, with the name of its type where JSON has none."""
    match node:
        case ast.Negative(operand=ast.Number(int() as value)) if 0 < value <= SAFE_INTEGER:
            return _Operand("value", -value)
        case ast.Number(int() as value) if 0 <= value <= SAFE_INTEGER:
            return _Operand("value", value)
        case ast.Number(value):
            return _Operand("value", _digits(value), "number")
        case ast.Text(value) | ast.Truth(value):
            return _Operand("value", value)
        case ast.Date(value):
            return _Operand("value", value.isoformat(), "date")
        case ast.LocalTime(value):
            return _Operand("value", print_date(value), "datetime")
        case ast.Duration(count, unit):
            return _Operand("value", f"{count} {unit}", "duration")
        case ast.Ago(count, unit):
            return _Operand("value", f"{count} {unit}", "ago")
        case ast.Reference(kind, id):
            return _Operand("value", id, f"reference:{kind}")
        case (
            ast.Parameter()
            | ast.Path()
            | ast.Call()
            | ast.Aggregate()
            | ast.Arithmetic()
            | ast.Negative()
        ):
            return None
        case _:
            assert_never(node)


def _digits(value: int | Decimal) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _expression(node: Value, place: str) -> dict[str, Json]:
    match node:
        case ast.Path():
            return {"kind": "field", "field": join_names(node.names)}
        case ast.Parameter():
            return {"kind": "parameter", "parameter": node.name}
        case ast.Negative() if _literal(node) is None:
            return _function(NEGATIVE, (node.operand,), place)
        case ast.Arithmetic():
            return _function(node.operator, (node.left, node.right), place)
        case ast.Call():
            if node.function in RESERVED:
                raise NotExpressibleError(f"a function named {node.function!r}", place)
            return _function(node.function, node.arguments, place)
        case ast.Aggregate():
            return _aggregate(node, place)
        case _:
            literal = _literal(node)
            assert literal is not None
            typed: dict[str, Json] = {} if literal.type is None else {"valueType": literal.type}
            return {"kind": "value", "value": literal.value, **typed}


def _function(name: str, arguments: tuple[Value, ...], place: str) -> dict[str, Json]:
    written: list[Json] = []
    for number, argument in enumerate(arguments):
        written.append(_expression(argument, f"{place}.args[{number}]"))
    return {"kind": "func", "fn": name, "args": written}


def _aggregate(node: ast.Aggregate, place: str) -> dict[str, Json]:
    """What narrows an aggregate stands among its arguments, as values of types of their own."""
    arguments: list[Json] = []
    if node.path:
        arguments.append({"kind": "field", "field": join_names(node.path)})
    if node.transform is not None:
        arguments.append({"kind": "value", "valueType": "transform", "value": node.transform})
    if node.where is not None:
        where = cast("Json", _group(node.where, f"{place}.where"))
        arguments.append({"kind": "value", "valueType": "where", "value": where})
    if node.window is not None:
        window = encode(node.window, WINDOW, f"{place}.window")
        arguments.append({"kind": "value", "valueType": "window", "value": window})
    return {"kind": "func", "fn": node.function, "args": arguments}
