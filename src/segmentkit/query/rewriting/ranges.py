"""Several bounds of one value as the one that counts, or as one range."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

from segmentkit.query import ast
from segmentkit.query.ast import And, Condition, Or, Value
from segmentkit.query.rewriting.logic import with_items
from segmentkit.query.rewriting.single import FALSE, is_constant

_Side: TypeAlias = Literal["low", "high"]
_SIDES: dict[ast.ComparisonOperator, _Side] = {">": "low", ">=": "low", "<": "high", "<=": "high"}
_OPERATORS: dict[tuple[_Side, bool], ast.ComparisonOperator] = {
    ("low", True): ">=",
    ("low", False): ">",
    ("high", True): "<=",
    ("high", False): "<",
}


@frozen
class _Bound:
    """One end of what a value may be."""

    side: _Side
    at: Value
    included: bool

    def compared(self, left: Value) -> ast.Compare:
        return ast.Compare(_OPERATORS[self.side, self.included], left, self.at)


def merge_ranges(node: And | Or) -> Condition:
    """`x >= 1 and x >= 3` is `x >= 3`, and `x >= 3 and x <= 5` is `x between 3 and 5`."""
    bounds: dict[Value, list[tuple[int, _Bound]]] = {}
    for number, item in enumerate(node.items):
        for left, bound in _bounds(item, node):
            bounds.setdefault(left, []).append((number, bound))
    items: dict[int, Condition] = dict(enumerate(node.items))
    for left, found in bounds.items():
        lows = _counting([bound for _, bound in found if bound.side == "low"], node)
        highs = _counting([bound for _, bound in found if bound.side == "high"], node)
        said = _said(left, lows, highs, node)
        numbers = list(dict.fromkeys(number for number, _ in found))
        if len(said) < len(numbers) or FALSE in said:
            for number in numbers:
                del items[number]
            items |= zip(numbers, said, strict=False)
    if len(items) == len(node.items):
        return node
    return with_items(node, (items[number] for number in sorted(items)))


def _bounds(item: Condition, node: And | Or) -> list[tuple[Value, _Bound]]:
    match item:
        case ast.Compare(operator, left, right) if operator in _SIDES and is_constant(right):
            return [(left, _Bound(_SIDES[operator], right, operator in (">=", "<=")))]
        case ast.Between(left, low, high, negated=False) if (
            isinstance(node, And) and is_constant(low) and is_constant(high)
        ):
            return [(left, _Bound("low", low, True)), (left, _Bound("high", high, True))]
        case _:
            return []


def _counting(bounds: list[_Bound], node: And | Or) -> list[_Bound]:
    """The bounds without those that others make needless."""
    kept: list[_Bound] = []
    for bound in bounds:
        if any(_covers(other, bound, node) for other in kept):
            continue
        kept = [other for other in kept if not _covers(bound, other, node)]
        kept.append(bound)
    return kept


def _covers(one: _Bound, other: _Bound, node: And | Or) -> bool:
    """Whether *other* says nothing beside *one*: in `and` the narrower counts, in `or` the wider."""
    order = _order(one.at, other.at)
    if order is None:
        return False
    if order == 0:
        wider = one.included
        return one.included is other.included or wider is isinstance(node, Or)
    return (order > 0) is ((one.side == "low") is isinstance(node, And))


def _said(left: Value, lows: list[_Bound], highs: list[_Bound], node: And | Or) -> list[Condition]:
    """The conditions that say these bounds."""
    if isinstance(node, And):
        for low in lows:
            for high in highs:
                order = _order(low.at, high.at)
                empty = order == 0 and not (low.included and high.included)
                if order is not None and (order > 0 or empty):
                    return [FALSE]
        if len(lows) == len(highs) == 1 and lows[0].included and highs[0].included:
            return [ast.Between(left, lows[0].at, highs[0].at)]
    return [bound.compared(left) for bound in (*lows, *highs)]


def _order(one: Value, other: Value) -> int | None:
    """Above 0 when *one* is greater; None when that is not certain for every kind of field."""
    if one == other:
        return 0
    if isinstance(one, ast.Number) and isinstance(other, ast.Number):
        # A FLOAT field is compared in doubles, where two exact numbers can become one.
        more = one.value > other.value
        return (1 if more else -1) if _differ_as_floats(one, other) else None
    if isinstance(one, ast.Date) and isinstance(other, ast.Date):
        return 1 if one.value > other.value else -1
    return None


def _differ_as_floats(one: ast.Number, other: ast.Number) -> bool:
    try:
        return float(one.value) != float(other.value)
    except OverflowError:
        return False
