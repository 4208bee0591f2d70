"""Several conditions about one value, or one collection, as one condition with a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from attrs import evolve, frozen

from segmentkit.query import ast
from segmentkit.query.ast import And, Condition, Or, Quantifier, Value
from segmentkit.query.rewriting.logic import with_items

# What a list may hold: a parameter may stand for many, and any other value is better seen alone.
_PLAIN = (ast.Number, ast.Text, ast.Date, ast.LocalTime, ast.Duration, ast.Reference)
_Make: TypeAlias = Callable[[tuple[Value, ...], Quantifier], Condition]


@frozen
class _Listed:
    """
    A condition seen as one about a list.

    Attributes:
        about: equal for conditions that differ in their lists only.
        items: of the list.
        quantifier: None for one item, of which any is all.
        quantifiers: that its kind can say.
        make: the condition with another list.
    """

    about: Condition
    negated: bool
    items: tuple[Value, ...]
    quantifier: Quantifier | None
    quantifiers: tuple[Quantifier, ...]
    make: _Make


def merge_lists(node: And | Or) -> Condition:
    """
    `x = 1 or x = 2` is `x in (1, 2)`, `has tag 'a' and has tag 'b'` is `has all tag ('a', 'b')`.

    By De Morgan a negated list joins the other way round: `x != 1 and x != 2` is `x not in (1, 2)`.
    """
    groups: dict[tuple[Condition, bool], list[tuple[int, _Listed]]] = {}
    for number, item in enumerate(node.items):
        listed = _listed(item)
        if listed is None:
            continue
        wanted = _joined_by(node, negated=listed.negated)
        if wanted in listed.quantifiers and listed.quantifier in (None, wanted):
            groups.setdefault((listed.about, listed.negated), []).append((number, listed))
    items: dict[int, Condition] = dict(enumerate(node.items))
    for (_, negated), members in groups.items():
        if len(members) > 1:
            (first, one), *others = members
            values = dict.fromkeys(value for _, listed in members for value in listed.items)
            items[first] = one.make(tuple(values), _joined_by(node, negated=negated))
            for number, _ in others:
                del items[number]
    return node if len(items) == len(node.items) else with_items(node, items.values())


def _joined_by(node: And | Or, *, negated: bool) -> Quantifier:
    return "any" if isinstance(node, Or) is not negated else "all"


def _listed(node: Condition) -> _Listed | None:
    match node:
        case ast.Compare("=" | "!=" as operator, left, right) if not node.exactly:
            negated = operator == "!="
            return _of_values(ast.InList(left, (), negated, span=node.span), (right,))
        case ast.InList(items=tuple() as items):
            return _of_values(evolve(node, items=()), items)
        case ast.TextMatch(patterns=tuple() as patterns) if _are_plain(patterns):
            about = evolve(node, patterns=(), quantifier="any")
            quantifier = None if len(patterns) == 1 else node.quantifier

            def match_any_or_all(items: tuple[Value, ...], quantifier: Quantifier) -> Condition:
                return evolve(about, patterns=items, quantifier=quantifier)

            return _Listed(
                about, node.negated, patterns, quantifier, ("any", "all"), match_any_or_all
            )
        case ast.Activity(keys=ast.Keys(values) as keys) if _are_plain(values) and _only_keys(node):
            about = evolve(node, keys=evolve(keys, values=()), quantifier="any")
            quantifier = None if len(values) == 1 else node.quantifier

            def with_keys(items: tuple[Value, ...], quantifier: Quantifier) -> Condition:
                return evolve(node, keys=evolve(keys, values=items), quantifier=quantifier)

            return _Listed(about, node.negated, values, quantifier, ("any", "all"), with_keys)
        case _:
            return None


def _of_values(about: ast.InList, items: tuple[Value, ...]) -> _Listed | None:
    if not _are_plain(items):
        return None
    quantifier: Quantifier | None = None if len(items) == 1 else "any"

    def make(items: tuple[Value, ...], quantifier: Quantifier) -> Condition:
        return evolve(about, items=items)

    return _Listed(about, about.negated, items, quantifier, ("any",), make)


def _only_keys(node: ast.Activity) -> bool:
    """Whether it asks for rows and nothing of their number, so that keys can be asked one by one."""
    return (node.frequency, node.having, node.alias, node.steps) == (None, None, None, ())


def _are_plain(items: tuple[Value, ...]) -> bool:
    return bool(items) and all(isinstance(item, _PLAIN) for item in items)
