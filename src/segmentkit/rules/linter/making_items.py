"""
Items of which totals come out as is wanted: how many, in which windows, with which values.

First it is settled what is true of each item, so that there are as many in each set as there have
to be; then amounts are found that add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil

from attrs import evolve

from segmentkit.rules.linter.formulas import (
    Chained,
    Cut,
    FieldOf,
    Formula,
    Holds,
    Items,
    Known,
    Reaches,
    Total,
    atoms_of,
    complement,
    every,
    holds,
    parts_of,
    some,
    terms_in,
)
from segmentkit.rules.linter.logic import Logic, Theory, Truths
from segmentkit.rules.linter.making_amounts import Basket, counts
from segmentkit.rules.linter.making_values import cuts_of
from segmentkit.rules.linter.solver import Undecided

# A contact with more items of one collection than that is not looked for.
_MOST_ITEMS = 120
# How many items more than are needed are tried where amounts do not add up.
_MORE_ITEMS = (0, 1, 3, 9, 29)


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
    for numbers in counts(truths, _MOST_ITEMS):
        for more in _MORE_ITEMS:
            made: dict[str, Basket] = {}
            for name in dict.fromkeys(names):
                own = [total for total in totals if total.items.collection == name]
                filler = _Filler(own, _links(chains, name), {**truths, **numbers}, logic)
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
        self._counted = dict.fromkeys(self._sets, 0)
        self._bounds = {items: _count_bounds(items, totals, truths) for items in self._sets}
        self._summed = {t.items for t in totals if t.function in ("sum", "distinct", "avg")}
        kept = [(total, *_of_items(total, truths)) for total in totals]
        self._theory = logic.theory(
            [items.filter for items in self._sets]
            + [
                said
                for _, all_of_them, one_of_them in kept
                for said in (*all_of_them, *one_of_them)
            ]
        )
        self._of_all: list[Formula] = []
        self._needs: list[Formula] = []
        self._at_the_end: list[Formula] = []
        for total, all_of_them, one_of_them in kept:
            inside = total.items.filter
            together = [some(complement(inside), said) for said in all_of_them]
            needs = self._needs
            if _has_opposite(total, totals):
                # What is chosen is the first item, or the last.
                one_of_them = [*all_of_them, *one_of_them]
                needs = self._at_the_end if total.function == "last" else self._needs
            elif _model(self._theory, [inside, *self._of_all, *together]) is not None:
                self._of_all += together
            if one_of_them:
                needs.append(every(inside, *one_of_them))

    def fill(self, more: int) -> None:
        for chain in self._chains:
            places = [self._add([items.filter]) for items in chain]
            self.basket.chains.append([place for place in places if place is not None])
        needs, at_the_end = self._together(self._needs), self._together(self._at_the_end)
        if needs and at_the_end and len(self._together([*needs[0], *at_the_end[0]])) == 1:
            needs, at_the_end = needs[1:], [[*needs[0], *at_the_end[0]], *at_the_end[1:]]
        for wanted in needs:
            self._add(wanted)
        for _ in range(_MOST_ITEMS):
            short = next((i for i in self._sets if self._count(i) < self._bounds[i][0]), None)
            if short is None or self._add([short.filter]) is None:
                break
        for items in self._sets:
            for _ in range(more if items in self._summed else 0):
                self._add([items.filter])
        for wanted in at_the_end:
            self._add(wanted)

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
        return self._counted[items]

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
        for items in self._sets:
            self._counted[items] += holds(items.filter, model)
        return len(self.basket.items) - 1


def _has_opposite(total: Total, totals: Sequence[Total]) -> bool:
    """Whether both the first and the last of the same items are spoken of."""
    both = {"first", "last"}
    if total.of is None or _is_time(total, total.of):
        return False
    return total.function in both and any(
        other.items == total.items and {other.function, total.function} == both for other in totals
    )


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
