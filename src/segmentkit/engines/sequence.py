"""Sequences: did this, then that, strictly later, with nothing of a third kind between."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from segmentkit.engines.subject import Item, Subject

_Named: TypeAlias = Mapping[str, Item]


@frozen
class SequenceStep:
    """
    One step, compiled.

    Attributes:
        select: the items that may take it, in order, as far as that depends on no other step.
        passes: what they have to pass besides, beside the items of earlier steps; or None.
        negated: none of them may come between the neighbours.
        alias: under which later filters speak of its item.
        within: microseconds after the item before it, inclusive.
        correlated: the aliases that `passes` speaks of.
    """

    select: Callable[[Subject], list[Item]]
    passes: Callable[[Subject, Any, _Named], bool] | None
    negated: bool
    alias: str | None
    within: int | None
    correlated: frozenset[str]


def find_sequence(
    subject: Subject,
    starts: Sequence[Item],
    alias: str | None,
    steps: Sequence[SequenceStep],
    end: int,
    at: int,
) -> list[Item] | None:
    """
    The first chain that takes every step, its items in order; None when there is none.

    Args:
        subject: whose items the steps take.
        starts: items that begin a chain, all in the window.
        alias: of the beginning.
        steps: in order.
        end: of the window in which every item of the chain lies.
        at: the instant of the run; an ending `did not ... within D` holds once D has passed.
    """
    search = _Search(subject, steps, end, at)
    for start in starts:
        chain = search.chain_from(start, {alias: start} if alias else {})
        if chain is not None:
            return chain
    return None


class _Search:
    """Depth first; a place that was left once without success is not entered again."""

    def __init__(self, subject: Subject, steps: Sequence[SequenceStep], end: int, at: int) -> None:
        self.subject = subject
        self.steps = steps
        self.end = end
        self.at = at
        self.items = [step.select(subject) for step in steps]
        self.times = [[item.time for item in items] for items in self.items]
        # The aliases that filters from a step on still name: with the time of the item before, all
        # that the rest of a chain depends on.
        self.spoken_of = [
            sorted(frozenset[str]().union(*(s.correlated for s in steps[index:])))
            for index in range(len(steps) + 1)
        ]
        self.entered: set[tuple[int, ...]] = set()
        # Up to where the items of a step were tried. Where no filter speaks of earlier items, each
        # next try is of later ones, and what was tried once leads nowhere: linear time.
        self.alone = not self.spoken_of[0]
        self.tried = [0] * len(steps)

    def chain_from(self, start: Item, named: _Named) -> list[Item] | None:
        path = [start]
        ways = [self._ways(0, start, named)]
        while ways:
            way = next(ways[-1], None)
            if way is None:
                ways.pop()
                path.pop()
                continue
            index, item, names = way
            if item is None:
                return path
            path.append(item)
            ways.append(self._ways(index, item, names))
        return None

    def _ways(
        self, index: int, before: Item, named: _Named
    ) -> Iterator[tuple[int, Item | None, _Named]]:
        """
        The items that may come next after *before*, each with the step after it.

        None in place of an item says that nothing is left to come.
        """
        place = (index, before.time, *(id(named[a]) for a in self.spoken_of[index] if a in named))
        if place in self.entered:
            return
        self.entered.add(place)
        absent: list[int] = []
        while index < len(self.steps) and self.steps[index].negated:
            absent.append(index)
            index += 1
        if index == len(self.steps):
            if self._stay_absent(absent, before, named):
                yield index, None, named
            return
        step = self.steps[index]
        last = self.end - 1
        if step.within is not None:
            last = min(last, before.time + step.within)
        for gone in absent:
            # The first of them blocks what comes after it.
            for _, first in self._after(gone, before, named):
                last = min(last, first.time)
                break
        for number, item in self._after(index, before, named, self.tried[index]):
            if item.time > last:
                return
            if self.alone:
                self.tried[index] = number + 1
            yield index + 1, item, {**named, step.alias: item} if step.alias else named

    def _after(
        self, index: int, before: Item, named: _Named, skip: int = 0
    ) -> Iterator[tuple[int, Item]]:
        """Items that take a step and come strictly later than *before*, in order and numbered."""
        passes = self.steps[index].passes
        items = self.items[index]
        first = max(skip, bisect_right(self.times[index], before.time))
        for number in range(first, len(items)):
            if passes is None or passes(self.subject, items[number], named):
                yield number, items[number]

    def _stay_absent(self, absent: Sequence[int], before: Item, named: _Named) -> bool:
        """Whether none of the ending steps happened, and the time for each is over."""
        for index in absent:
            within = self.steps[index].within
            until = self.end - 1 if within is None else before.time + within
            if until >= self.at:
                return False
            for _, first in self._after(index, before, named):
                if first.time <= until:
                    return False
                break
        return True
