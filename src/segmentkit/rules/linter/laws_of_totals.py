"""What always holds between totals: of one set of items, and of sets that contain one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import permutations
from typing import assert_never

from attrs import evolve

from segmentkit.rules.linter.formulas import (
    NEVER,
    Atom,
    Cut,
    FieldOf,
    Holds,
    Items,
    Known,
    Less,
    Reaches,
    Same,
    Term,
    Total,
    complement,
    every,
    some_of,
)
from segmentkit.rules.linter.law import Implies, Law, at_or_before, law

_ZERO = Cut(Fraction(0))


def laws_of_totals(about: Mapping[Term, list[Atom]], implies: Implies) -> Iterator[Law]:
    totals = [term for term in about if isinstance(term, Total)]
    for total in totals:
        yield from _laws_of_items(total, about[total], implies)
    sets = dict.fromkeys(total.items for total in totals)
    for total in totals:
        if total.function in _CHOSEN and total.of is not None and total.transform is None:
            for items in sets:
                if items.collection == total.items.collection and items != total.items:
                    yield from _laws_of_chosen(total, total.of, about[total], items, implies)
    for few, many in _fewer_of_many(totals, implies):
        for low, high in _ordered(few, many):
            yield from _reached_together(low, high, about)
        if _is_known_with(few, many):
            yield law(Known(few), then=Known(many))
        yield from _laws_of_extremes(few.items, many, about[many], implies)


def never_above(terms: Iterable[Term], implies: Implies) -> Iterator[tuple[Total, Total]]:
    """Pairs of totals of which the first is never above the second, where both are there."""
    totals = [term for term in terms if isinstance(term, Total)]
    for few, many in _fewer_of_many(totals, implies):
        yield from _ordered(few, many)


def _fewer_of_many(totals: Iterable[Total], implies: Implies) -> Iterator[tuple[Total, Total]]:
    """Totals of which the one is over some of the items that the other is over, or over all."""
    for few, many in permutations(totals, 2):
        if few.items.collection == many.items.collection and implies(
            few.items.filter, many.items.filter
        ):
            yield few, many


def _laws_of_items(total: Total, claims: list[Atom], implies: Implies) -> Iterator[Law]:
    """What a total says about there being items, and what their filter says about the total."""
    there = some_of(total.items)
    match total.function:
        case "count" | "distinct":
            for claim in claims:
                if _is_cut(claim, above=_ZERO) and claim != there:
                    yield law(claim, then=there)
            if implies(total.items.filter, NEVER):
                yield (Holds(there, False),)
        case "sum":
            for claim in claims:
                if _is_cut(claim, above=_ZERO):
                    yield law(claim, then=there)
                elif isinstance(claim, Reaches):
                    yield law(Holds(claim, False), then=there)
        case "avg" | "min" | "max" | "first" | "last":
            yield law(Known(total), then=there)
            if total.of is not None and total.transform is None:
                yield from _laws_of_filter(total, total.of, claims, implies)
        case _:
            assert_never(total.function)


def _is_cut(claim: Atom, *, above: Cut) -> bool:
    return isinstance(claim, Reaches) and isinstance(claim.cut, Cut) and claim.cut > above


def _laws_of_filter(
    total: Total, of: FieldOf, claims: list[Atom], implies: Implies
) -> Iterator[Law]:
    """Where all items are on one side of a cut, so is what is chosen or averaged from them."""
    passed = total.items.filter
    if implies(passed, Holds(Known(of))):
        yield law(some_of(total.items), then=Known(total))
    for claim in claims:
        if isinstance(claim, Reaches):
            beyond = Holds(Reaches(of, claim.cut))
            if implies(passed, beyond):
                yield law(Known(total), then=claim)
            if implies(passed, complement(beyond)):
                yield (Holds(claim, False),)


_CHOSEN = ("min", "max", "first", "last")
# Of totals of one field: what is known together, and what is never above what.
_KNOWN_TOGETHER = ("avg", "min", "max")
_NEVER_ABOVE = {
    ("min", "avg"),
    ("min", "max"),
    ("min", "first"),
    ("min", "last"),
    ("avg", "max"),
    ("first", "max"),
    ("last", "max"),
}


def _laws_of_chosen(
    total: Total, of: FieldOf, claims: list[Atom], items: Items, implies: Implies
) -> Iterator[Law]:
    """What is chosen is the value of an item, which may be among others too."""
    for said in _of_one_value(claims):
        item = every(total.items.filter, *(Holds(evolve(c.atom, term=of), c.truth) for c in said))
        if implies(item, items.filter):
            yield law(Known(total), *said, then=some_of(items))


def _of_one_value(claims: list[Atom]) -> Iterator[tuple[Holds, ...]]:
    """Claims alone, and between two cuts."""
    for claim in claims:
        if not isinstance(claim, Less | Same):
            yield (Holds(claim),)
            if isinstance(claim, Reaches):
                yield (Holds(claim, False),)
    for low, high in permutations([claim for claim in claims if isinstance(claim, Reaches)], 2):
        yield Holds(low), Holds(high, False)


def _is_known_with(few: Total, many: Total) -> bool:
    return (
        (few.of, few.transform) == (many.of, many.transform)
        and few.function in (*_KNOWN_TOGETHER, "first", "last")
        and many.function in _KNOWN_TOGETHER
    )


def _ordered(few: Total, many: Total) -> Iterator[tuple[Total, Total]]:
    """The two, the one that is never above the other first, where they are so ordered."""
    if _counts_no_more(few, many):
        yield few, many
    if (few.of, few.transform) != (many.of, many.transform):
        return
    if few.function == many.function == "max":
        yield few, many
    if few.function == many.function == "min":
        yield many, few
    if few.items == many.items and (few.function, many.function) in _NEVER_ABOVE:
        yield few, many


def _laws_of_extremes(
    few: Items, total: Total, claims: list[Atom], implies: Implies
) -> Iterator[Law]:
    """An item that is there is not beyond the highest and the lowest of all."""
    if total.function not in ("min", "max") or total.of is None or total.transform is not None:
        return
    for claim in claims:
        if isinstance(claim, Reaches):
            beyond = Holds(Reaches(total.of, claim.cut))
            if total.function == "max" and implies(few.filter, beyond):
                yield law(some_of(few), then=claim)
            below = every(Holds(Known(total.of)), complement(beyond))
            if total.function == "min" and implies(few.filter, below):
                yield law(some_of(few), then=Holds(claim, False))


def _counts_no_more(few: Total, many: Total) -> bool:
    """Different values are no more than values, and values no more than items."""
    match few.function, many.function:
        case (("count" | "distinct"), "count") if many.of is None:
            return True
        case ("distinct", "distinct" | "count") | ("count", "count"):
            return (few.of, few.transform) == (many.of, many.transform)
        case _:
            return False


def _reached_together(low: Total, high: Total, about: Mapping[Term, list[Atom]]) -> Iterator[Law]:
    """Where both are there, what the lower one reaches the higher one reaches too."""
    for reached in about[low]:
        for claim in about[high]:
            if (
                isinstance(reached, Reaches)
                and isinstance(claim, Reaches)
                and at_or_before(claim.cut, reached.cut)
            ):
                yield law(reached, Known(high), then=claim)
