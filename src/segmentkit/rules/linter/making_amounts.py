"""Numbers that add up: for fields of a contact and of its items, so that totals come out right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import TypeAlias

from attrs import field, frozen

from segmentkit.model import FieldType
from segmentkit.rules.linter.formulas import (
    Atom,
    Combined,
    Cut,
    FieldOf,
    Holds,
    Items,
    Known,
    Reaches,
    Term,
    Total,
    holds,
    terms_in,
)
from segmentkit.rules.linter.inequalities import AtLeast, TooManyInequalities, solved
from segmentkit.rules.linter.linear import unit_of
from segmentkit.rules.linter.logic import Truths
from segmentkit.rules.linter.theories import numbers_for

Amount: TypeAlias = tuple[str, int, FieldOf] | FieldOf
"""A number of an item, by collection and place, or of the contact."""


@frozen
class Basket:
    """
    Items of one collection: what is true of each, in the order in which they happened.

    Attributes:
        chains: places of items that take the steps of a sequence, in order.
    """

    items: list[Truths] = field(factory=list[Truths])
    chains: list[list[int]] = field(factory=list[list[int]])

    def inside(self, items: Items) -> list[int]:
        """The places of those that are in a set."""
        return [n for n, truths in enumerate(self.items) if holds(items.filter, truths)]


def amounts(truths: Truths, made: Mapping[str, Basket]) -> dict[Amount, Fraction] | None:
    """Numbers for the fields of a contact and of its items, so that totals come out as is wanted."""
    wanted: list[AtLeast[Amount]] = []
    for name, basket in made.items():
        for place, said in enumerate(basket.items):
            for atom, truth in said.items():
                if isinstance(atom, Reaches) and _is_number(atom.term):
                    wanted += _as_wanted(atom, truth, _of_item(atom.term, name, place))
    for atom, truth in truths.items():
        if isinstance(atom, Reaches) and truths.get(Known(atom.term)) and _is_number(atom.term):
            wanted += _as_wanted(atom, truth, _of_contact(atom.term, made))
    units = {amount: _unit(amount) for each in wanted for amount in each.factors}
    try:
        return solved(wanted, units)
    except TooManyInequalities:
        return None


def _is_number(term: Term) -> bool:
    return term.type.is_measured and term.type.kind is not FieldType.FLOAT


_Linear: TypeAlias = tuple[dict[Amount, Fraction], Fraction] | None
"""Amounts, each times a factor, and a number beside them; None where it is no such sum."""


def _as_wanted(atom: Atom, truth: bool, made_of: _Linear) -> list[AtLeast[Amount]]:
    if made_of is None or not isinstance(atom, Reaches) or not isinstance(atom.cut, Cut):
        return []
    factors, beside = made_of
    value = atom.cut.value - beside
    if truth:
        return [AtLeast(factors, value, above=atom.cut.after)]
    down = {amount: -factor for amount, factor in factors.items()}
    units = {_unit(amount) for amount in factors}
    unit = units.pop() if len(units) == 1 and set(factors.values()) == {1} else None
    if unit is not None and not atom.cut.after and (value / unit).denominator == 1:
        return [AtLeast(down, unit - value)]  # below a multiple is at most the one before it
    return [AtLeast(down, -value, above=not atom.cut.after)]


def _unit(amount: Amount) -> Fraction | None:
    return unit_of((amount if isinstance(amount, FieldOf) else amount[2]).type)


def _of_item(term: Term, name: str, place: int) -> _Linear:
    if isinstance(term, FieldOf) and term.owner == "item":
        return {(name, place, term): Fraction(1)}, Fraction(0)
    if isinstance(term, Combined):
        return _added(term, lambda part: _of_item(part, name, place))
    return None


def _of_contact(term: Term, made: Mapping[str, Basket]) -> _Linear:
    match term:
        case FieldOf(owner="contact"):
            return {term: Fraction(1)}, Fraction(0)
        case Combined():
            return _added(term, lambda part: _of_contact(part, made))
        case Total():
            return _of_total(term, made)
        case _:
            return None


def _of_total(total: Total, made: Mapping[str, Basket]) -> _Linear:
    basket = made.get(total.items.collection)
    if basket is None or total.transform is not None:
        return None
    places = basket.inside(total.items)
    of = total.of
    if of is None:
        return {}, Fraction(len(places))
    known = [place for place in places if basket.items[place].get(Known(of))]
    if total.function == "sum" or (total.function == "avg" and known):
        share = Fraction(1) if total.function == "sum" else Fraction(1, len(known))
        return {(total.items.collection, place, of): share for place in known}, Fraction(0)
    if total.function in ("first", "last") and places:
        place = places[0] if total.function == "first" else places[-1]
        return {(total.items.collection, place, of): Fraction(1)}, Fraction(0)
    return None


def _added(term: Combined, made_of: Callable[[Term], _Linear]) -> _Linear:
    factors: dict[Amount, Fraction] = {}
    number = Fraction(0)
    for part, times in term.factors:
        own = made_of(part)
        if own is None:
            return None
        for amount, factor in own[0].items():
            factors[amount] = factors.get(amount, Fraction(0)) + times * factor
        number += times * own[1]
    return factors, number


def counts(truths: Truths, most: int) -> Iterator[Truths]:
    """Where numbers of items are compared with other numbers, what they may be."""
    claims = [
        Holds(atom, truth)
        for atom, truth in truths.items()
        if isinstance(atom, Reaches) and truths.get(Known(atom.term)) and _is_number(atom.term)
    ]
    counted = [
        term
        for claim in claims
        for whole in terms_in(claim.atom)
        if isinstance(whole, Combined)
        for term, _ in whole.factors
        if isinstance(term, Total) and term.function == "count"
    ]
    if not counted:
        yield {}
        return
    added = [c for c in claims if any(t in counted for t in _added_terms(c.atom))]
    for number in range(most + 1):
        try:
            found = numbers_for([*added, *_exactly(counted[-1], number)], ())
        except TooManyInequalities:
            return
        if found is not None and all(found.get(t, Fraction(0)).denominator == 1 for t in counted):
            yield {
                claim.atom: claim.truth
                for term in dict.fromkeys(counted)
                for claim in _exactly(term, int(found.get(term, Fraction(0))))
            }
            return


def _added_terms(atom: Atom) -> list[Term]:
    return [
        part
        for term in terms_in(atom)
        for part in ([t for t, _ in term.factors] if isinstance(term, Combined) else [term])
    ]


def _exactly(term: Term, number: int) -> tuple[Holds, Holds]:
    return (
        Holds(Reaches(term, Cut(Fraction(number)))),
        Holds(Reaches(term, Cut(Fraction(number + 1))), False),
    )
