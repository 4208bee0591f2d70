"""
What always holds between atoms, whoever the contact is and whenever one looks.

Each law follows from the meaning of the language; where one is left out the linter finds less, and
never says what is not so.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import combinations, permutations

from segmentkit.query import Names
from segmentkit.rules.linter.formulas import (
    Atom,
    Chained,
    Holds,
    Is,
    Known,
    Less,
    LiesAhead,
    Reaches,
    Same,
    Term,
    Total,
    parts_of,
    some_of,
    terms_in,
)
from segmentkit.rules.linter.law import Implies, Law, at_or_before, law
from segmentkit.rules.linter.laws_of_keys import laws_of_keys
from segmentkit.rules.linter.laws_of_sequences import laws_of_sequences, needed_for
from segmentkit.rules.linter.laws_of_totals import laws_of_totals
from segmentkit.rules.linter.laws_of_values import laws_of_value
from segmentkit.rules.linter.marks import NOW, Mark, never_later

# Of more values that are compared with one another it is not said how each stands to each.
_MOST_RELATED = 6


def with_neighbours(atoms: Iterable[Atom]) -> dict[Atom, None]:
    """The atoms, in order, with those that laws tie them together by."""
    found = dict.fromkeys(atoms)
    for atom in list(found):
        if isinstance(atom, Chained):
            found |= dict.fromkeys(needed_for(atom))
    for one, other in list(_related_values(found)):
        found[Less(one, other)] = found[Less(other, one)] = None
    for atom in list(found):
        for term in terms_in(atom):
            for part in parts_of(term):
                found[Known(part)] = None
                if isinstance(part, Total):
                    found[some_of(part.items)] = None
                    found[Known(some_of(part.items).term)] = None
        if isinstance(atom, LiesAhead):
            for other in list(found):
                if isinstance(other, Reaches) and isinstance(other.cut, Mark):
                    found[Reaches(other.term, NOW)] = found[Reaches(other.term, atom.mark)] = None
    return found


def _related_values(atoms: Iterable[Atom]) -> Iterator[tuple[Term, Term]]:
    """Pairs of values that are compared with one another, or both with a third."""
    pairs = dict.fromkeys((a.left, a.right) for a in atoms if isinstance(a, Less | Same))
    yield from pairs
    about = dict.fromkeys(term for pair in pairs for term in pair)
    if len(about) <= _MOST_RELATED:
        for one, other in combinations(about, 2):
            if any(_meet(one, third, pairs) and _meet(third, other, pairs) for third in about):
                yield one, other


def _meet(one: Term, other: Term, pairs: Container[tuple[Term, Term]]) -> bool:
    return (one, other) in pairs or (other, one) in pairs


def laws(atoms: Iterable[Atom], implies: Implies, names: Names | None = None) -> Iterator[Law]:
    """
    Every law that ties some of the atoms together.

    Args:
        atoms: with their neighbours.
        implies: of formulas about one item.
        names: of today, for trees and globs of keys.
    """
    known = list(atoms)
    about: dict[Term, list[Atom]] = {}
    for atom in known:
        for term in terms_in(atom):
            about.setdefault(term, []).append(atom)
    for term, claims in about.items():
        yield from laws_of_value(term, claims)
        yield from laws_of_keys(claims, names)
    yield from _laws_of_pairs(known)
    yield from _laws_of_orders(known, about)
    yield from laws_of_sequences(known, implies)
    yield from _laws_of_runs(known)
    yield from laws_of_totals(about, implies)


# --- two values, and the run ------------------------------------------------------------------------


def _laws_of_pairs(atoms: list[Atom]) -> Iterator[Law]:
    """Of two values that are there, one is less or they are the same."""
    pairs = {frozenset((a.left, a.right)): a for a in atoms if isinstance(a, Less)}
    for less in pairs.values():
        more = Less(less.right, less.left)
        yield (Holds(less, False), Holds(more, False))
        for same in atoms:
            if isinstance(same, Same) and {same.left, same.right} == {less.left, less.right}:
                yield (Holds(same, False), Holds(less, False))
                yield (Holds(same, False), Holds(more, False))
                if not same.exactly:
                    both = Known(less.left), Known(less.right)
                    yield (*(Holds(k, False) for k in both), Holds(less), Holds(more), Holds(same))
    for one, other in permutations([a for a in atoms if isinstance(a, Same)], 2):
        if one.exactly and not other.exactly and (one.left, one.right) == (other.left, other.right):
            yield law(one, then=other)


def _laws_of_orders(atoms: list[Atom], about: Mapping[Term, list[Atom]]) -> Iterator[Law]:
    """What is less than what is less is less; and so beside cuts."""
    lesses = [atom for atom in atoms if isinstance(atom, Less) and _alike(atom)]
    present = set(lesses)
    for low in lesses:
        yield from _carried(low, low.left, low.right, about)
        for high in lesses:
            whole = Less(low.left, high.right)
            if low.right == high.left and whole in present:
                yield law(low, high, then=whole)
    for same in atoms:
        if not (isinstance(same, Same) and _alike(same)):
            continue
        for one, other in permutations((same.left, same.right)):
            yield from _carried(same, one, other, about)
            for claim in about[one]:
                if isinstance(claim, Is) and Is(other, claim.value) in about[other]:
                    yield law(same, claim, then=Is(other, claim.value))
            for less in lesses:
                if less.left == other and Less(one, less.right) in present:
                    yield law(same, less, then=Less(one, less.right))
                if less.right == other and Less(less.left, one) in present:
                    yield law(same, less, then=Less(less.left, one))


def _alike(pair: Less | Same) -> bool:
    return pair.left.type.kind is pair.right.type.kind


def _carried(
    relation: Less | Same, low: Term, high: Term, about: Mapping[Term, list[Atom]]
) -> Iterator[Law]:
    """What the lower one reaches the higher one reaches too."""
    for reached in about[low]:
        for claim in about[high]:
            if (
                isinstance(reached, Reaches)
                and isinstance(claim, Reaches)
                and at_or_before(claim.cut, reached.cut)
            ):
                yield law(relation, reached, then=claim)


def _laws_of_runs(atoms: list[Atom]) -> Iterator[Law]:
    """Marks that the run has passed, and values beside them."""
    ahead = [atom for atom in atoms if isinstance(atom, LiesAhead)]
    for near, far in permutations(ahead, 2):
        if never_later(near.mark, far.mark):
            yield law(near, then=far)
    present = set(atoms)
    for lies_ahead in ahead:
        for at_mark in atoms:
            if isinstance(at_mark, Reaches) and at_mark.cut == lies_ahead.mark:
                at_now = Reaches(at_mark.term, NOW)
                if at_now in present:
                    yield law(lies_ahead, at_mark, then=at_now)
                    yield law(Holds(lies_ahead, False), at_now, then=at_mark)
