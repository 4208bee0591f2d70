"""What always holds between sequences and the activities that they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from segmentkit.rules.linter.formulas import (
    Atom,
    Chained,
    Holds,
    Items,
    Link,
    Reaches,
    some,
    some_of,
)
from segmentkit.rules.linter.law import Implies, Law, law


def needed_for(chain: Chained) -> Iterator[Reaches]:
    """
    Activities without which there is no sequence: each step, and as often as it is taken.

    Every step takes an item of its own, because each is strictly later than the one before.
    """
    taken: dict[str, list[Items]] = {}
    for link in chain.links:
        if not link.negated:
            taken.setdefault(link.items.collection, []).append(link.items)
    for collection, steps in taken.items():
        for items in dict.fromkeys(steps):
            yield some_of(items, steps.count(items))
        if len(set(steps)) > 1:
            any_of_them = Items(collection, some(*(items.filter for items in steps)))
            yield some_of(any_of_them, len(steps))


def laws_of_sequences(atoms: list[Atom], implies: Implies) -> Iterator[Law]:
    chains = [atom for atom in atoms if isinstance(atom, Chained)]
    for chain in chains:
        for needed in needed_for(chain):
            yield law(chain, then=needed)
        if any(link.within == 0 and not link.negated for link in chain.links):
            yield (Holds(chain, False),)  # strictly later is later than that
    for one, other in permutations(chains, 2):
        if _asks_for(one, other, implies):
            yield law(one, then=other)


def _asks_for(one: Chained, other: Chained, implies: Implies) -> bool:
    """Whether the items that take the one sequence, or the first of them, take the other too."""
    if len(other.links) > len(one.links) or one.window != other.window:
        return False
    if len(other.links) < len(one.links) and other.links[-1].negated:
        return False  # what comes later in the one may be what must not come in the other
    pairs = list(zip(one.links, other.links, strict=False))
    if any(link.beside for link in other.links) and any(a.alias != b.alias for a, b in pairs):
        return False
    return all(_asks_for_step(a, b, implies) for a, b in pairs)


def _asks_for_step(one: Link, other: Link, implies: Implies) -> bool:
    if one.negated != other.negated or one.items.collection != other.items.collection:
        return False
    if one.negated:
        longer = one.within == other.within or (
            one.within is not None and other.within is not None and one.within >= other.within
        )
        more = set(one.beside) <= set(other.beside)
        return longer and more and implies(other.items.filter, one.items.filter)
    soon = other.within is None or (one.within is not None and one.within <= other.within)
    less = set(other.beside) <= set(one.beside)
    return soon and less and implies(one.items.filter, other.items.filter)
