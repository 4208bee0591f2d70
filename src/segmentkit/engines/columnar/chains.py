"""
Sequences whose filters speak of their own rows only, for all contacts at once.

A row takes a step when some row that took the step before is near enough, with nothing forbidden
between. All that is asked of that earlier row is that it is late enough, so the latest one decides.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import Array, Codes, unique_codes
from segmentkit.engines.columnar.scratch import Scratch
from segmentkit.engines.columnar.selections import Bounds, Selection

# Later, or earlier, than any time; far enough from the ends of 64 bits to be counted with.
_NEVER = -(2**61)
_FOREVER = 2**60


@frozen(eq=False)
class ChainStep:
    """
    One step of a sequence.

    Attributes:
        selection: rows that could take it, or must not be there.
        negated: nothing of the selection may happen between the neighbours.
        within: microseconds after the row before it, inclusive.
    """

    selection: Selection
    negated: bool
    within: int | None


@frozen(eq=False)
class Chain:
    """
    A sequence.

    Attributes:
        start: rows that begin it.
        bounds: the window in which it lies.
        at: the instant of the run; an ending `did not ... within D` holds once D has passed.
    """

    start: Selection
    steps: tuple[ChainStep, ...]
    bounds: Bounds
    at: int


@frozen(eq=False)
class Rows:
    """Rows as (contact, time)."""

    contacts: Codes
    times: NDArray[np.int64]

    def some(self, keep: Array) -> Rows:
        return Rows(self.contacts[keep], self.times[keep])


def takers(chain: Chain, rows_of: Callable[[Selection], Rows], scratch: Scratch) -> Codes:
    """Contacts who take every step, ascending."""
    reached = rows_of(chain.start)
    absent: list[ChainStep] = []

    def among_reached(step: ChainStep) -> Rows:
        rows = rows_of(step.selection)
        return rows.some(scratch.contained(rows.contacts, reached.contacts))

    for step in chain.steps:
        if step.negated:
            absent.append(step)
            continue
        rows = among_reached(step)
        before = _latest_before(rows, reached)
        least = np.full(len(rows.times), _NEVER + 1)
        if step.within is not None:
            least = np.maximum(least, rows.times - min(step.within, _FOREVER))
        for gone in absent:
            # What happens at the instant of a neighbour is not between.
            least = np.maximum(least, _latest_before(rows, among_reached(gone)))
        reached = rows.some(before >= least)
        absent = []
    for gone in absent:
        if gone.within is None:
            until = np.full(len(reached.times), chain.bounds[1] - 1)
        else:
            until = reached.times + min(gone.within, _FOREVER)
            reached, until = reached.some(until < chain.at), until[until < chain.at]
        reached = reached.some(_earliest_after(reached, among_reached(gone)) > until)
    return unique_codes(reached.contacts)


def _latest_before(rows: Rows, others: Rows) -> NDArray[np.int64]:
    """For each row the time of the contact's latest other row strictly before it."""
    count = len(rows.times)
    times = np.concatenate([rows.times, others.times])
    contacts = np.concatenate([rows.contacts, others.contacts])
    is_other = np.arange(len(times)) >= count
    # At one instant the others stand behind, where they are not seen.
    order = np.lexsort((is_other, times, contacts))
    places = np.where(is_other[order], np.arange(len(order)), -1)
    last = np.maximum.accumulate(places) if places.size else places
    met = order[np.maximum(last, 0)]
    found = (last >= 0) & (contacts[met] == contacts[order])
    latest = np.empty(len(order), np.int64)
    latest[order] = np.where(found, times[met], _NEVER)
    return latest[:count]


def _earliest_after(rows: Rows, others: Rows) -> NDArray[np.int64]:
    """For each row the time of the contact's earliest other row strictly after it."""
    return -_latest_before(Rows(rows.contacts, -rows.times), Rows(others.contacts, -others.times))
