"""Sequences: did this, then that, strictly later, with nothing of a third kind between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from segmentkit.engines.subject import Item, Subject

Bounds: TypeAlias = tuple[int, int]


@frozen
class SequenceStep:
    """
    One step, compiled.

    Attributes:
        rows: the items of its collection that are visible at all.
        passes: its filter, which may speak of earlier items by alias.
        negated: nothing that passes may happen between the neighbours.
        alias: under which later filters speak of its item.
        within: microseconds after the item before it, inclusive.
        correlated: the aliases that `passes` speaks of.
    """

    rows: Callable[[Subject], list[Item]]
    passes: Callable[[Subject, Any, Mapping[str, Item]], bool] | None
    negated: bool
    alias: str | None
    within: int | None
    correlated: frozenset[str]


def find_sequence(
    subject: Subject,
    starts: Sequence[Item],
    alias: str | None,
    steps: Sequence[SequenceStep],
    bounds: Bounds,
    at: int,
) -> list[Item] | None:
    """
    The first chain that takes every step, its items in order; None when there is none.

    Args:
        subject: whose items the steps take.
        starts: items that begin a chain.
        alias: of the beginning.
        steps: in order.
        bounds: the window in which every item of the chain lies.
        at: the instant of the run; an ending `did not ... within D` holds once D has passed.
    """
    search = _Search(subject, steps, bounds, at)
    for start in starts:
        chain = search.from_item(0, start, {alias: start} if alias else {})
        if chain is not None:
            return [start, *chain]
    return None


class _Search:
    """Depth first, remembering dead ends by what later filters can still speak of."""

    def __init__(
        self, subject: Subject, steps: Sequence[SequenceStep], bounds: Bounds, at: int
    ) -> None:
        self.subject = subject
        self.steps = steps
        self.bounds = bounds
        self.at = at
        self.dead: set[tuple[object, ...]] = set()
        # The aliases that filters from a step on still name: what a dead end depends on.
        self.spoken_of = [
            sorted(frozenset[str]().union(*(s.correlated for s in steps[index:])))
            for index in range(len(steps) + 1)
        ]

    def from_item(self, index: int, before: Item, named: Mapping[str, Item]) -> list[Item] | None:
        """The rest of a chain from step *index* on, after item *before*."""
        key = (index, before[:3], *(named[a][:3] for a in self.spoken_of[index] if a in named))
        if key in self.dead:
            return None
        chain = self._extend(index, before, named)
        if chain is None:
            self.dead.add(key)
        return chain

    def _extend(self, index: int, before: Item, named: Mapping[str, Item]) -> list[Item] | None:
        absent: list[SequenceStep] = []
        while index < len(self.steps) and self.steps[index].negated:
            absent.append(self.steps[index])
            index += 1
        if index == len(self.steps):
            return [] if self._stays_absent(absent, before, named) else None
        step = self.steps[index]
        first_blocked = min(
            (item.time for gone in absent for item in self._after(gone, before, named)),
            default=None,
        )
        for item in self._after(step, before, named):
            if not self.bounds[0] <= item.time < self.bounds[1]:
                continue
            if step.within is not None and item.time > before.time + step.within:
                break
            if first_blocked is not None and item.time > first_blocked:
                break
            chain = self.from_item(
                index + 1, item, {**named, step.alias: item} if step.alias else named
            )
            if chain is not None:
                return [item, *chain]
        return None

    def _after(self, step: SequenceStep, before: Item, named: Mapping[str, Item]) -> list[Item]:
        """Items of a step that pass its filter and come strictly later than *before*."""
        passes = step.passes
        return [
            item
            for item in step.rows(self.subject)
            if item.time > before.time and (passes is None or passes(self.subject, item, named))
        ]

    def _stays_absent(
        self, absent: Sequence[SequenceStep], before: Item, named: Mapping[str, Item]
    ) -> bool:
        """Whether none of the ending steps happened, and the time for each is over."""
        for step in absent:
            if step.within is None:
                until = self.bounds[1] - 1
            else:
                until = before.time + step.within
                if until >= self.at:
                    return False
            if any(item.time <= until for item in self._after(step, before, named)):
                return False
        return True
