"""Rules that look at one node: negations, constants, and words for less than they could say."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from attrs import evolve

from segmentkit.query import ast
from segmentkit.query.ast import Condition, Node, walk

TRUE, FALSE = ast.Truth(True), ast.Truth(False)
_FLIPPED: dict[ast.ComparisonOperator, ast.ComparisonOperator] = {
    "=": "=",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_CONSTANTS = (
    ast.Number, ast.Text, ast.Truth, ast.Date, ast.LocalTime, ast.Duration, ast.Ago, ast.Parameter,
    ast.Reference,
)  # fmt: skip


def is_constant(node: Node) -> bool:
    """A value that names nothing of the contact."""
    return isinstance(node, _CONSTANTS)


def size(node: Node) -> int:
    """How many nodes a tree has."""
    return sum(1 for _ in walk(node))


def complement(node: Condition) -> Condition:
    """The condition that is true exactly where *node* is not, without a `not` where words have one."""
    match node:
        case ast.Not():
            return node.operand
        case ast.Truth():
            return evolve(node, value=not node.value)
        case ast.Compare(operator="="):
            return evolve(node, operator="!=")
        case ast.Compare(operator="!="):
            return evolve(node, operator="=")
        case (
            ast.TextMatch()
            | ast.Between()
            | ast.InList()
            | ast.InWindow()
            | ast.IsMissing()
            | ast.Activity()
        ):
            return evolve(node, negated=not node.negated)
        case (
            # `not (x < 3)` is true where x is missing, so it is not `x >= 3`.
            ast.Compare()
            | ast.And()
            | ast.Or()
            | ast.Path()
            | ast.Parameter()
            | ast.Call()
            | ast.Aggregate()
        ):
            return ast.Not(node, span=node.span)
        case _:
            assert_never(node)


def rewrite_single(node: Node) -> Node:
    """*node* by the first rule that fits it."""
    match node:
        case ast.Not():
            return _negation(node)
        case ast.Compare():
            return _comparison(node)
        case ast.Between():
            return _between(node)
        case ast.InList(items=(item,)) if not isinstance(item, ast.Parameter):
            operator = "!=" if node.negated else "="
            return ast.Compare(operator, node.left, item, span=node.span)
        case ast.InList(items=tuple() as items):
            return evolve(node, items=_distinct(items)) if _repeats(items) else node
        case ast.TextMatch(patterns=tuple() as patterns):
            return _text_match(node, patterns)
        case ast.Activity():
            return _activity(node)
        case ast.Aggregate(where=ast.Truth(True)) | ast.Step(where=ast.Truth(True)):
            return evolve(node, where=None)
        case ast.Negative(operand=ast.Negative(operand=inner)):
            return inner
        case _:
            return node


def _negation(node: ast.Not) -> Condition:
    inner = node.operand
    if isinstance(inner, ast.And | ast.Or):
        # De Morgan, where the parts have negations of their own.
        other = ast.Or if isinstance(inner, ast.And) else ast.And
        spread = other(tuple(complement(item) for item in inner.items), span=node.span)
        return spread if size(spread) < size(node) else node
    changed = complement(inner)
    return node if isinstance(changed, ast.Not) else changed


def _comparison(node: ast.Compare) -> Condition:
    if is_constant(node.left) and not is_constant(node.right):
        operator = _FLIPPED[node.operator]
        return evolve(node, operator=operator, left=node.right, right=node.left)
    if isinstance(node.left, ast.Number) and isinstance(node.right, ast.Number):
        return ast.Truth(_holds(node.operator, node.left.value, node.right.value), span=node.span)
    return node


def _holds(operator: ast.ComparisonOperator, left: int | Decimal, right: int | Decimal) -> bool:
    match operator:
        case "=":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case _:
            assert_never(operator)


def _between(node: ast.Between) -> Condition:
    if node.low == node.high and is_constant(node.low):
        operator = "!=" if node.negated else "="
        return ast.Compare(operator, node.left, node.low, span=node.span)
    return node


def _text_match(node: ast.TextMatch, patterns: tuple[ast.Value, ...]) -> Condition:
    if _repeats(patterns):
        return evolve(node, patterns=_distinct(patterns))
    if node.quantifier == "all" and len(patterns) == 1 and not _is_open(patterns):
        return evolve(node, quantifier="any")
    return node


def _activity(node: ast.Activity) -> Condition:
    if node.where == TRUE:
        return evolve(node, where=None)
    if node.having == TRUE:
        return evolve(node, having=None)
    if node.having == FALSE and not node.steps:
        return ast.Truth(node.negated, span=node.span)
    if node.where == FALSE and node.frequency is None:
        return ast.Truth(node.negated, span=node.span)
    keys = node.keys
    if isinstance(keys, ast.Keys) and _repeats(keys.values):
        return evolve(node, keys=evolve(keys, values=_distinct(keys.values)))
    one_key = isinstance(keys, ast.Keys) and len(keys.values) == 1 and not _is_open(keys.values)
    if node.quantifier == "all" and one_key:
        return evolve(node, quantifier="any")
    if node.frequency is not None and not node.steps:
        return _often(node, node.frequency)
    return node


def _often(node: ast.Activity, frequency: ast.Frequency) -> Condition:
    """`at least 1 times` is what the verb says alone, and `exactly 0 times` its negation."""
    count = frequency.count
    if frequency.kind == "between" and count == frequency.upper:
        return evolve(node, frequency=evolve(frequency, kind="exactly", upper=None))
    if not isinstance(count, ast.Number):
        return node
    least = {"at_least": count.value, "more_than": count.value + 1}.get(frequency.kind)
    if least == 1:
        return evolve(node, frequency=None)
    # Of several keys that are all wanted, each is counted by itself: none is not `not all`.
    counted_apart = node.quantifier == "all" and isinstance(node.keys, ast.Keys)
    if node.having is not None or counted_apart:
        return node
    most = {"at_most": count.value, "exactly": count.value, "fewer_than": count.value - 1}.get(
        frequency.kind
    )
    if most == 0:
        return evolve(node, frequency=None, negated=not node.negated)
    return node


def _is_open(values: tuple[ast.Value, ...]) -> bool:
    """A parameter may be bound to a list of any length."""
    return any(isinstance(value, ast.Parameter) for value in values)


def _repeats(values: tuple[ast.Value, ...]) -> bool:
    return len(set(values)) < len(values)


def _distinct(values: tuple[ast.Value, ...]) -> tuple[ast.Value, ...]:
    return tuple(dict.fromkeys(values))
