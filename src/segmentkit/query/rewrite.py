"""Conditions said shorter, with the same meaning."""

from __future__ import annotations

from typing import cast

from segmentkit.query.ast import And, Condition, Node, Or
from segmentkit.query.builder import ConditionLike, as_condition
from segmentkit.query.rewriting.lists import merge_lists
from segmentkit.query.rewriting.logic import absorb, drop_constants, drop_implied
from segmentkit.query.rewriting.ranges import merge_ranges
from segmentkit.query.rewriting.single import rewrite_single
from segmentkit.query.visitor import rebuilt


def simplify(node: ConditionLike) -> Condition:
    """
    A condition that is true of the same contacts, never larger, and often plainer.

    Negations go into the words that have one (`not (city = 'x')` is `city != 'x'`), what is said
    twice or follows from the rest goes away, comparisons of one value become a list or a range.

    It knows what missing values do: `not (x < 3)` is true of them and `x >= 3` is not, so the one
    never becomes the other. Simplifying twice changes nothing more.

    Examples:
        >>> from segmentkit.query import format, parse
        >>> format(simplify(parse("not (not (age >= 18) or city = '北京') and age <= 30")))
        "age between 18 and 30 and city != '北京'"
    """
    before, after = None, as_condition(node)
    while after is not before:
        before, after = after, cast("Condition", rebuilt(after, _rewritten))
    return after


def _rewritten(node: Node) -> Node:
    """*node*, whose children are as simple as one round can make them, one rule further."""
    if not isinstance(node, And | Or):
        return rewrite_single(node)
    for rule in (drop_constants, absorb, drop_implied, merge_lists, merge_ranges):
        changed = rule(node)
        if changed is not node:
            return changed
    return node
