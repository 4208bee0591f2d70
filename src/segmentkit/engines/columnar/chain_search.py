"""
Sequences of all contacts at once: chains of rows, lengthened step by step.

Of chains that later steps can tell apart by the time of their last row only, the latest that is
early enough decides; so each leads on only to rows up to the last row of the next. What chains lead
on to is looked at a portion at a time, and not for contacts of whom a whole chain is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from segmentkit.engines.columnar.arrays import Array, Codes, Mask, everywhere, kept
from segmentkit.engines.columnar.candidates import Candidates, Places
from segmentkit.engines.columnar.chains import Chain, ChainStep, Leg, legs_of
from segmentkit.engines.columnar.partial import Chains
from segmentkit.engines.columnar.selections import Selection
from segmentkit.engines.columnar.steps import RowsAt, StepPlace, StepRows

# Later than any time; far enough from the end of 64 bits to be counted with.
_FOREVER = 2**60
# How many pairs of a chain and a row are looked at together, and how many chains are, about.
PORTION = 2**18
HELD = 2**20
# How many rows are looked at for each chain before others are, and how many times more then.
FIRST_LOOK, _WIDER = 2, 8
# Chains are few beside rows when there is less than one for so many.
_FEW = 8


def takers(chain: Chain, rows_of: Callable[[Selection], StepRows], among: Mask) -> Codes:
    """
    Contacts who take every step, ascending.

    Args:
        among: whom to look at.
    """
    search = _Search(chain, rows_of, among)
    # Not by recursion: there may be many steps.
    ways = [search.beginnings()]
    while ways:
        chains = next(ways[-1], None)
        if chains is None:
            ways.pop()
        else:
            ways.append(search.ways_on(len(ways) - 1, chains))
    return np.flatnonzero(search.found).astype(np.int32)


class _Search:
    """
    Attributes:
        found: who has taken every step.
    """

    def __init__(self, chain: Chain, rows_of: Callable[[Selection], StepRows], among: Mask) -> None:
        self._size = len(among)
        self.found = np.zeros(self._size, np.bool_)
        self._chain = chain
        self._legs = legs_of(chain)
        self._start = rows_of(chain.start)
        self._rows = {step: rows_of(step.selection) for step in chain.steps}
        self._leave_out_hopeless(among)
        self._candidates = {
            step: Candidates(rows, () if step.filter is None else step.filter.keys, self._size)
            for step, rows in self._rows.items()
        }

    def _leave_out_hopeless(self, among: Mask) -> None:
        """Only of contacts who have a row for the start and for each step that is taken."""
        happening = [self._start, *(self._rows[s] for s in self._chain.steps if not s.negated)]
        hopeful = among.copy()
        for rows in happening:
            has_some = np.zeros(self._size, np.bool_)
            has_some[rows.contacts] = True
            hopeful &= has_some
        self._start = self._start.some(hopeful.take(self._start.contacts))
        self._rows = {
            step: rows.some(hopeful.take(rows.contacts)) for step, rows in self._rows.items()
        }

    def beginnings(self) -> Iterator[Chains]:
        """Chains of one row, of some contacts after those of others where there are many."""
        asks, alias = self._legs[0].asks, self._chain.alias
        count = len(self._start) // HELD + 1
        shares = self._start.contacts.astype(np.int64) * count // max(self._size, 1)
        for share in range(count):
            (places,) = np.nonzero(shares == share)
            begun = RowsAt(self._start, places)
            named = {alias: begun} if alias is not None and alias in asks else {}
            yield Chains(self._start, places, named)

    def ways_on(self, number: int, chains: Chains) -> Iterator[Chains]:
        """
        Chains longer by one leg, some at a time; whole ones are noted as found.

        Args:
            number: of the leg.
        """
        leg = self._legs[number]
        chains = chains.where(~self.found.take(chains.contacts))
        if leg.taken is not None:
            # Most chains meet no row of their key; to see that is quicker than to sort them.
            chains = chains.where(self._candidates[leg.taken].meet(chains))
        chains, overtaken = chains.different(leg.asks, self._size)
        if leg.taken is None:
            self._end(leg, chains, overtaken)
            return
        starts, stops = self._open_stretches(leg, leg.taken, chains, overtaken)
        if number == len(self._legs) - 1:
            first = self._first(leg.taken, chains, starts, stops, one_each=True)
            self.found[chains.contacts[first >= 0]] = True
        elif leg.first_only:
            first = self._first(leg.taken, chains, starts, stops)
            (led_on,) = np.nonzero(first >= 0)
            yield self._longer(number, chains, led_on, first[led_on])
        else:
            yield from self._every(number, chains, starts, stops)

    def _end(self, leg: Leg, chains: Chains, overtaken: Mask) -> None:
        """Note whose chains stay without what must not follow, once the time for it is over."""
        end, at = self._chain.bounds[1], self._chain.at
        if all(gone.within is None for gone in leg.absent):
            chains = chains.where(~overtaken)
        for gone in leg.absent:
            if gone.within is None:
                until = np.full(len(chains), end - 1)
            else:
                until = chains.times + min(gone.within, _FOREVER)
            is_over = until < at
            chains, until = chains.where(is_over), kept(until, is_over)
            times = self._rows[gone].times
            after = np.searchsorted(times, chains.times, "right")
            stop = np.searchsorted(times, until, "right")
            starts, stops = self._candidates[gone].stretches(chains, after, stop)
            chains = chains.where(self._first(gone, chains, starts, stops) < 0)
        self.found[chains.contacts] = True

    def _open_stretches(
        self, leg: Leg, taken: ChainStep, chains: Chains, overtaken: Mask
    ) -> tuple[Places, Places]:
        """For each chain the stretch of candidates that nothing absent and no time limit bars."""
        after, stop = self._span(taken, taken, chains, overtaken)
        for gone in leg.absent:
            starts, stops = self._candidates[gone].stretches(
                chains, *self._span(gone, taken, chains, overtaken)
            )
            first = self._first(gone, chains, starts, stops)
            (barred,) = np.nonzero(first >= 0)
            places = self._candidates[gone].places[first[barred]]
            # What happens at the instant of a neighbour is not between.
            bar = np.searchsorted(self._rows[taken].times, self._rows[gone].times[places], "right")
            stop[barred] = np.minimum(stop[barred], bar)
        return self._candidates[taken].stretches(chains, after, stop)

    def _span(
        self, step: ChainStep, taken: ChainStep, chains: Chains, overtaken: Mask
    ) -> tuple[Places, Places]:
        """Between which rows of a step, by time, the next row of each chain can stand."""
        others = self._rows[step].times
        last = self._chain.bounds[1] - 1
        # Rows stand in order of time, which makes the search of many of them a quick one.
        are_few = len(chains) * _FEW < len(chains.rows)
        times = chains.times if are_few else chains.rows.times
        until = last if taken.within is None else times + min(taken.within, _FOREVER)
        after = np.searchsorted(others, times, "right")
        stop = np.searchsorted(others, np.minimum(until, last), "right")
        if not are_few:
            after = after.take(chains.last)
            stop = stop if stop.ndim == 0 else stop.take(chains.last)
        stop = np.broadcast_to(stop, len(chains)).copy()
        (places,) = np.nonzero(overtaken)
        stop[places] = np.minimum(stop[places], after[places + 1])
        return after, stop

    # --- pairs of a chain and a row -------------------------------------------------------------

    def _first(
        self,
        step: ChainStep,
        chains: Chains,
        starts: Places,
        stops: Places,
        *,
        one_each: bool = False,
    ) -> Places:
        """
        For each chain the first candidate of its stretch that may follow; -1 where none may.

        Args:
            one_each: one chain of each contact is enough; the contact is then noted as found.
        """
        if step.filter is None:
            return np.where(starts < stops, starts, -1)
        first = np.full(len(chains), -1)
        contacts = chains.contacts
        starts = starts.copy()
        (left,) = np.nonzero(starts < stops)
        look = FIRST_LOOK
        while left.size:
            counts = np.minimum(stops[left] - starts[left], look)
            for portion in _portions(counts):
                asking = left[portion]
                if one_each:
                    asking = asking[~self.found[contacts[asking]]]
                owners, candidates = self._passing(step, chains, asking, starts, stops, look)
                # The last one written stays, which is the first.
                first[owners[::-1]] = candidates[::-1]
                if one_each:
                    self.found[contacts[owners]] = True
            starts[left] += counts
            left = left[(first[left] < 0) & (starts[left] < stops[left])]
            look = min(look * _WIDER, PORTION)
        return first

    def _every(
        self, number: int, chains: Chains, starts: Places, stops: Places
    ) -> Iterator[Chains]:
        """Every chain longer by one row, some at a time."""
        taken = self._legs[number].taken
        assert taken is not None
        contacts = chains.contacts
        starts = starts.copy()
        (left,) = np.nonzero(starts < stops)
        held: list[Chains] = []
        while left.size:
            counts = np.minimum(stops[left] - starts[left], PORTION)
            for portion in _portions(counts):
                asking = left[portion]
                asking = asking[~self.found[contacts[asking]]]
                owners, candidates = self._passing(taken, chains, asking, starts, stops, PORTION)
                held.append(self._longer(number, chains, owners, candidates))
                if sum(map(len, held)) > HELD:
                    longer, _ = Chains.joined(held).different(
                        self._legs[number + 1].asks, self._size
                    )
                    held = [longer]
                    if len(longer) > HELD // 2:
                        yield longer
                        held = []
            starts[left] += counts
            left = left[starts[left] < stops[left]]
        if held:
            yield Chains.joined(held)

    def _longer(self, number: int, chains: Chains, owners: Array, candidates: Places) -> Chains:
        """Chains, each with one candidate more."""
        taken = self._legs[number].taken
        assert taken is not None
        rows = self._rows[taken]
        last = self._candidates[taken].places[candidates]
        named = {
            name: RowsAt(rows, last) if name == taken.alias else chains.named[name].at(owners)
            for name in self._legs[number + 1].asks
        }
        return Chains(rows, last, named)

    def _passing(
        self,
        step: ChainStep,
        chains: Chains,
        asking: Array,
        starts: Places,
        stops: Places,
        look: int,
    ) -> tuple[Array, Places]:
        """Chains that ask and the next candidates, at most so many each, that may follow them."""
        counts = np.minimum(stops[asking] - starts[asking], look)
        owners = np.repeat(asking, counts)
        behind = np.cumsum(counts) - counts
        candidates = np.arange(len(owners)) + np.repeat(starts[asking] - behind, counts)
        if step.filter is None:
            return owners, candidates
        named = {
            name: chains.named[name].at(owners) for name in {name for name, _ in step.filter.asks}
        }
        places = self._candidates[step].places[candidates]
        place = StepPlace(RowsAt(self._rows[step], places), named)
        passes = everywhere(step.filter.test.mask(place), len(owners))
        return kept(owners, passes), kept(candidates, passes)


def _portions(counts: Array) -> Iterator[slice]:
    """Stretches that count up to about PORTION each."""
    behind = np.cumsum(counts)
    if not behind.size:
        return
    ends = np.searchsorted(behind, np.arange(PORTION, int(behind[-1]) + PORTION, PORTION))
    start = 0
    for end in (np.minimum(ends, len(counts) - 1) + 1).tolist():
        if end > start:
            yield slice(start, end)
            start = end
