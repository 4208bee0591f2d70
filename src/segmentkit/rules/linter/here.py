"""Where a walk over a condition is: what is given there, and how the whole is put together again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TypeAlias, cast

import attrs
from attrs import evolve, frozen

from segmentkit.query import Aggregate, And, Condition, Node, Not, Or, builder
from segmentkit.rules.linter.formulas import (
    Atom,
    Chained,
    FieldOf,
    Formula,
    LiesAhead,
    Total,
    Unread,
    atoms_of,
    complement,
    parts_of,
    terms_in,
)
from segmentkit.rules.linter.logic import Theory
from segmentkit.rules.linter.values import Place

Rebuild: TypeAlias = Callable[[Condition], Condition]


@frozen
class Clause:
    node: Condition
    formula: Formula

    def denied(self) -> Clause:
        return Clause(self.node, complement(self.formula))


@frozen
class Here:
    """
    Where the walk is.

    Attributes:
        place: what names mean here.
        theory: of everything that is said at this level, of the contact or of one item.
        rebuild: the whole condition with another one in this place.
        given: what holds wherever this place counts.
    """

    place: Place
    theory: Theory
    rebuild: Rebuild
    given: tuple[Clause, ...] = ()

    def inside(self, put: Rebuild) -> Here:
        """A part of what stands here; *put* makes the whole of it again."""

        def rebuild(other: Condition) -> Condition:
            return self.rebuild(put(other))

        return evolve(self, rebuild=rebuild)

    def at(self, joined: And | Or, index: int) -> Here:
        """One item of what stands here."""
        return self.inside(lambda other: with_item(joined, index, [other]))

    def without(self, joined: And | Or, index: int) -> Condition:
        """The whole condition without one item of what stands here."""
        return self.rebuild(with_item(joined, index, []))

    def part(self, joined: And | Or, places: Collection[int], theory: Theory) -> Here:
        """Some items of what stands here, looked at without the others."""
        others = [item for place, item in enumerate(joined.items) if place not in places]
        join = builder.all_of if isinstance(joined, And) else builder.any_of

        def put(some: Condition) -> Condition:
            return join([*others, some]).condition

        return evolve(self.inside(put), theory=theory, given=())

    def may_hold(self, clauses: Iterable[Clause]) -> bool:
        """Whether clauses may hold together, with what is given."""
        every_one = (*self.given, *clauses)
        return self.theory.may_hold(*(clause.formula for clause in every_one))

    def least(self, clauses: Sequence[Clause], *also: Clause) -> list[Clause]:
        """Those of *clauses* that it takes for *also* not to hold together with them."""
        bare = evolve(self, given=())
        kept = list(clauses)
        size = len(kept)
        while size:  # large pieces first, because most are needed for nothing
            start = 0
            while start < len(kept):
                others = kept[:start] + kept[start + size :]
                if bare.may_hold([*others, *also]):
                    start += size
                else:
                    kept = others
            size //= 2
        return kept


def topics_of(formula: Formula) -> frozenset[str]:
    """The fields and collections that a formula speaks of; without one in common none tells of another."""
    return frozenset(topic for atom in atoms_of(formula) for topic in _topics(atom))


def _topics(atom: Atom) -> Iterator[str]:
    if isinstance(atom, Chained):
        yield from (link.items.collection for link in atom.links)
    elif isinstance(atom, Unread):
        yield repr(atom.node)
        if atom.about is not None:
            yield atom.about.collection
    elif isinstance(atom, LiesAhead):
        yield "the run"
    for term in terms_in(atom):
        for part in parts_of(term):
            if isinstance(part, FieldOf):
                yield part.name
            elif isinstance(part, Total):
                yield part.items.collection


def negation(operand: Condition) -> Condition:
    return Not(operand)


def with_item(joined: And | Or, index: int, others: list[Condition]) -> Condition:
    """An `and` or `or` with other conditions in one place, flat as always."""
    items = [*joined.items[:index], *others, *joined.items[index + 1 :]]
    return (builder.all_of if isinstance(joined, And) else builder.any_of)(items).condition


def aggregates_in(node: Node) -> Iterator[tuple[Aggregate, Callable[[Aggregate], Node]]]:
    """Each aggregate in a single clause, with what puts another one in its place."""
    for attribute in attrs.fields(type(node)):
        value: object = getattr(node, attribute.name)
        parts = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)
        for index, part in enumerate(parts):

            def put(
                other: Node,
                name: str = attribute.name,
                index: int | None = index if isinstance(value, tuple) else None,
            ) -> Node:
                if index is None:
                    return evolve(node, **{name: other})
                whole = list(getattr(node, name))
                whole[index] = other
                return evolve(node, **{name: tuple(whole)})

            if isinstance(part, Aggregate):
                yield part, put
            elif isinstance(part, Node):
                for aggregate, inner in aggregates_in(part):
                    yield aggregate, lambda other, inner=inner, put=put: put(inner(other))
