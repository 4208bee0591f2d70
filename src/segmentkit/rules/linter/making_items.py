"""
Items of which totals come out as is wanted: how many, in which windows, with which values.

First it is settled what is true of each item, so that there are as many in each set as there have
to be; then amounts are found that add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import TypeAlias

from attrs import evolve, field, frozen

from segmentkit.model import FieldType
from segmentkit.rules.linter.formulas import (
    Atom,
    Chained,
    Combined,
    Cut,
    FieldOf,
    Formula,
    Holds,
    Items,
    Known,
    Reaches,
    Term,
    Total,
    atoms_of,
    complement,
    every,
    holds,
    parts_of,
    some,
    terms_in,
)
from segmentkit.rules.linter.inequalities import AtLeast, TooManyInequalities, solved
from segmentkit.rules.linter.linear import unit_of
from segmentkit.rules.linter.logic import Logic, Theory, Truths
from segmentkit.rules.linter.making_values import cuts_of
from segmentkit.rules.linter.solver import Undecided

# A contact with more items of one collection than that is not looked for.
_MOST_ITEMS = 120
# How many items more than are needed are tried where amounts do not add up.
_MORE_ITEMS = (0, 1, 3, 9, 29)

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


def baskets(truths: Truths, logic: Logic) -> Iterator[dict[str, Basket]]:
    """Items that may fit what is true of a contact, fewer first."""
    totals = list(
        dict.fromkeys(
            part
            for atom in truths
            for term in terms_in(atom)
            for part in parts_of(term)
            if isinstance(part, Total)
        )
    )
    chains = [atom for atom, truth in truths.items() if truth and isinstance(atom, Chained)]
    names = [total.items.collection for total in totals]
    names += [link.items.collection for chain in chains for link in chain.links]
    for more in _MORE_ITEMS:
        made: dict[str, Basket] = {}
        for name in dict.fromkeys(names):
            own = [total for total in totals if total.items.collection == name]
            filler = _Filler(own, _links(chains, name), truths, logic)
            filler.fill(more)
            made[name] = filler.basket
        yield made


def _links(chains: Sequence[Chained], name: str) -> list[list[Items]]:
    """For each sequence the sets that its steps of a collection are taken from."""
    return [
        [link.items for link in chain.links if not link.negated and link.items.collection == name]
        for chain in chains
    ]


class _Filler:
    """Puts items of one collection into a basket until there are enough in every set."""

    def __init__(
        self, totals: Sequence[Total], chains: list[list[Items]], truths: Truths, logic: Logic
    ) -> None:
        self.basket = Basket()
        self._chains = chains
        sets = dict.fromkeys(total.items for total in totals)
        sets |= dict.fromkeys(items for chain in chains for items in chain)
        # The narrowest first: its items count for the wider ones too.
        self._sets = sorted(sets, key=lambda items: -len(list(atoms_of(items.filter))))
        self._bounds = {items: _count_bounds(items, totals, truths) for items in self._sets}
        self._summed = {t.items for t in totals if t.function in ("sum", "distinct", "avg")}
        of_all: list[Formula] = []
        self._needs: list[Formula] = []
        for total in totals:
            all_of_them, one_of_them = _of_items(total, truths)
            of_all += [some(complement(total.items.filter), said) for said in all_of_them]
            if one_of_them:
                self._needs.append(every(total.items.filter, *one_of_them))
        filters = [items.filter for items in self._sets]
        self._theory = logic.theory([*filters, *of_all, *self._needs])
        self._of_all = [said for said in of_all if _model(self._theory, [said]) is not None]

    def fill(self, more: int) -> None:
        for chain in self._chains:
            places = [self._add([items.filter]) for items in chain]
            self.basket.chains.append([place for place in places if place is not None])
        for wanted in self._together(self._needs):
            self._add(wanted)
        for _ in range(_MOST_ITEMS):
            short = next((i for i in self._sets if self._count(i) < self._bounds[i][0]), None)
            if short is None or self._add([short.filter]) is None:
                break
        for items in self._sets:
            for _ in range(more if items in self._summed else 0):
                self._add([items.filter])

    def _together(self, needs: Sequence[Formula]) -> list[list[Formula]]:
        """Needs that one item can meet at once; fewer items may be all that there may be."""
        groups: list[list[Formula]] = []
        for need in needs:
            for group in groups:
                if _model(self._theory, [*group, need, *self._of_all]) is not None:
                    group.append(need)
                    break
            else:
                groups.append([need])
        return groups

    def _count(self, items: Items) -> int:
        return len(self.basket.inside(items))

    def _add(self, wanted: Sequence[Formula]) -> int | None:
        """Put an item in that meets what is wanted; its place, None where there is none."""
        full = [
            complement(items.filter)
            for items in self._sets
            if (most := self._bounds[items][1]) is not None and self._count(items) >= most
        ]
        # In no other set, if that can be: there it could only be in the way.
        apart: list[Formula] = []
        model = _model(self._theory, [*wanted, *self._of_all, *full])
        for items in self._sets:
            if model is None:
                return None
            if holds(items.filter, model) and self._count(items) >= self._bounds[items][0]:
                fewer = _model(
                    self._theory,
                    [*wanted, *self._of_all, *full, *apart, complement(items.filter)],
                )
                if fewer is not None:
                    apart.append(complement(items.filter))
                    model = fewer
        assert model is not None
        self.basket.items.append(model)
        return len(self.basket.items) - 1


def _of_items(total: Total, truths: Truths) -> tuple[list[Formula], list[Formula]]:
    """What a total that is so says of all of its items, and what at least of one."""
    of = total.of
    if of is None or total.transform is not None:
        return [], []
    known = Holds(Known(of))
    if total.function in ("sum", "count", "distinct"):
        return ([known] if _count_of(total, truths) else []), []
    if not truths.get(Known(total), False):
        return [complement(known)], []
    reached: list[Formula] = [known]
    ahead: list[Formula] = []
    others: list[Formula] = []
    for atom, truth in truths.items():
        if terms_in(atom) == (total,) and not isinstance(atom, Known):
            claim = Holds(evolve(atom, term=of), truth)
            (others if not isinstance(atom, Reaches) else reached if truth else ahead).append(claim)
    match total.function:
        case "min":
            return reached, ahead
        case "max":
            return [known, *ahead], reached
        case "first" | "last" if of.type.is_measured or not _is_time(total, of):
            return [*reached, *ahead, *others], [known]
        case "first":
            return reached, ahead
        case "last":
            return [known, *ahead], reached
        case _:
            return [known], [known]


def _is_time(total: Total, of: FieldOf) -> bool:
    """Whether it is a moment that is chosen; the first is then the least, as far as it matters."""
    return any(terms_in(atom) == (of,) for atom in atoms_of(total.items.filter))


def _count_of(total: Total, truths: Truths) -> bool:
    return any(truth and cut > Cut(Fraction(0)) for cut, truth in cuts_of(total, truths)) or (
        total.function == "sum"
    )


def _count_bounds(items: Items, totals: Sequence[Total], truths: Truths) -> tuple[int, int | None]:
    """How many items there must be at least, and may be at most."""
    least, most = 0, None
    for total in totals:
        if total.items != items or total.function not in ("count", "distinct"):
            continue
        for cut, truth in cuts_of(total, truths):
            if truth:
                least = max(least, ceil(cut.value))
            elif total.function == "count" and total.of is None:
                below = ceil(cut.value) - 1
                most = below if most is None else min(most, below)
    return least, most


def _model(theory: Theory, formulas: Sequence[Formula]) -> Truths | None:
    try:
        return theory.model(*formulas)
    except Undecided:
        return None


# --- amounts that add up ----------------------------------------------------------------------------


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
    units = {
        amount: unit_of((amount if isinstance(amount, FieldOf) else amount[2]).type)
        for each in wanted
        for amount in each.factors
    }
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
    return [AtLeast(down, -value, above=not atom.cut.after)]


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
