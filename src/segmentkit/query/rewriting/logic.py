"""Rules of two-valued logic for the parts of one `and` or `or`."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from segmentkit.query import ast
from segmentkit.query.ast import And, Condition, Or, Value
from segmentkit.query.rewriting.single import FALSE, TRUE, complement


def with_items(node: And | Or, items: Iterable[Condition]) -> Condition:
    """*node* with other parts; with one, that part; with none, what joining nothing means."""
    parts = tuple(items)
    if not parts:
        return TRUE if isinstance(node, And) else FALSE
    return parts[0] if len(parts) == 1 else evolve(node, items=parts)


def drop_constants(node: And | Or) -> Condition:
    """What is said twice, what is always so, and what cannot be together."""
    decides = FALSE if isinstance(node, And) else TRUE
    kept = dict.fromkeys(node.items)
    if decides in kept or any(complement(item) in kept for item in kept):
        return decides
    kept.pop(complement(decides), None)
    return node if len(kept) == len(node.items) else with_items(node, kept)


def absorb(node: And | Or) -> Condition:
    """
    `a or (a and b)` is `a`, and `a or (not a and b)` is `a or b`; the same with `and` and `or`
    changed about.
    """
    inner = Or if isinstance(node, And) else And
    siblings = set(node.items)
    items = list(node.items)
    for number, item in enumerate(items):
        if isinstance(item, inner):
            parts = [part for part in item.items if complement(part) not in siblings]
            if len(parts) < len(item.items):
                items[number] = with_items(item, parts)
                return with_items(node, items)
    said = [frozenset(item.items) if isinstance(item, inner) else {item} for item in items]
    # Only what shares a part can be a part: look each up by one of its parts.
    by_part: dict[Condition, list[int]] = {}
    for number, parts in enumerate(said):
        by_part.setdefault(next(iter(parts)), []).append(number)
    kept = [
        item
        for number, (item, parts) in enumerate(zip(items, said, strict=True))
        if not any(
            said[other] < parts or (said[other] == parts and other < number)
            for part in parts
            for other in by_part.get(part, ())
        )
    ]
    return node if len(kept) == len(items) else with_items(node, kept)


def drop_implied(node: And | Or) -> Condition:
    """
    `x is known and x > 3` is `x > 3`, which no missing value passes; `x is missing or x != 3` is
    `x != 3`, which every missing value passes.
    """
    wants_known = isinstance(node, And)
    implied: set[Value] = set()
    for item in node.items:
        implied |= _known_by(item) if wants_known else _known_by(complement(item))
    kept = [
        item
        for item in node.items
        if not (
            isinstance(item, ast.IsMissing)
            and item.negated is wants_known
            and item.operand in implied
        )
    ]
    return node if len(kept) == len(node.items) else with_items(node, kept)


def _known_by(node: Condition) -> set[Value]:
    """Values that are not missing wherever *node* is true."""
    match node:
        case ast.Compare(operator=operator) if operator != "!=":
            return {node.left, node.right}
        case ast.TextMatch() | ast.Between() | ast.InList() | ast.InWindow() if not node.negated:
            return {node.left}
        case _:
            return set()
