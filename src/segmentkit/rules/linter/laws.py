"""
What always holds between atoms, whoever the contact is and whenever one looks.

Each law follows from the meaning of the language; where one is left out the linter finds less, and
never says what is not so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations

from segmentkit.rules.linter.formulas import (
    Atom,
    Holds,
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
from segmentkit.rules.linter.law import Implies, Law, law
from segmentkit.rules.linter.laws_of_totals import laws_of_totals
from segmentkit.rules.linter.laws_of_values import laws_of_value
from segmentkit.rules.linter.marks import NOW, Mark, never_later


def with_neighbours(atoms: Iterable[Atom]) -> dict[Atom, None]:
    """The atoms, in order, with those that laws tie them together by."""
    found = dict.fromkeys(atoms)
    for atom in list(found):
        if isinstance(atom, Less | Same):
            left, right = atom.left, atom.right
            found[Less(left, right)] = found[Less(right, left)] = None
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


def laws(atoms: Iterable[Atom], implies: Implies) -> Iterator[Law]:
    """
    Every law that ties some of the atoms together.

    Args:
        atoms: with their neighbours.
        implies: of formulas about one item.
    """
    known = list(atoms)
    about: dict[Term, list[Atom]] = {}
    for atom in known:
        for term in terms_in(atom):
            about.setdefault(term, []).append(atom)
    for term, claims in about.items():
        yield from laws_of_value(term, claims)
    yield from _laws_of_pairs(known)
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
