"""Measures counted: each once a run, wider windows out of narrower ones."""

from __future__ import annotations

import numpy as np
from attrs import define, evolve, field, frozen

from segmentkit.engines.columnar.arrays import (
    INT64_HIGH,
    Array,
    Codes,
    Mask,
    contained,
    length_of,
    narrowest,
    picked,
    places_in,
    unique_codes,
)
from segmentkit.engines.columnar.exact import scaled
from segmentkit.engines.columnar.finder import Finder, Found
from segmentkit.engines.columnar.measures import Groups, is_constant, size_of_sum, summed
from segmentkit.engines.columnar.places import RowPlace
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.scratch import Scratch
from segmentkit.engines.columnar.selections import Family, Measure, Selection
from segmentkit.engines.columnar.vectors import Floats, Ratios, Vector, Wholes, spread, take

# What a row adds to a count.
_ONE = Wholes(np.array(1), None, 1, 1)
# Measures of rows of fewer contacts than one in so many are kept as pairs of contact and value.
SPARSE = 8


@frozen(eq=False)
class Tally:
    """
    A measure of every contact.

    Attributes:
        codes: contacts to whom the values belong, ascending; None means all contacts in order.
        nothing: the value of all others.
    """

    codes: Codes | None
    values: Vector
    nothing: Vector

    def of_everyone(self, size: int) -> Vector:
        if self.codes is None:
            return self.values
        if not self.codes.size:
            return self.nothing
        hit = np.zeros(size, np.bool_)
        hit[self.codes] = True
        places = np.zeros(size, np.intp)
        places[self.codes] = np.arange(len(self.codes))
        return spread(self.values, places, hit, self.nothing)

    def of(self, codes: Array) -> Vector:
        """The values of some contacts, whose codes ascend."""
        if self.codes is None:
            return take(self.values, codes)
        if codes is self.codes:
            return self.values
        if not self.codes.size:
            return self.nothing
        return spread(
            self.values, places_in(codes, self.codes), contained(codes, self.codes), self.nothing
        )


@frozen(eq=False)
class Counted:
    """A measure counted densely: which of the found rows it has taken in."""

    rows: slice
    sums: Array


@define(eq=False)
class Counter:
    """Counts the measures of one run."""

    population: Population
    finder: Finder
    scratch: Scratch
    _tallies: dict[Measure, Tally] = field(factory=dict[Measure, Tally], init=False)
    _codes: dict[Selection, Codes] = field(factory=dict[Selection, Codes], init=False)
    _items: dict[object, Vector] = field(factory=dict[object, Vector], init=False)
    _addends: dict[Family, Wholes | None] = field(
        factory=dict["Family", "Wholes | None"], init=False
    )

    def tally(self, measure: Measure) -> Tally:
        """A measure of everyone."""
        known = self._tallies.get(measure)
        if known is None:
            self._count_family(measure.family)
            known = self._tallies[measure]
        return known

    def _count_family(self, family: Family) -> None:
        """From the narrowest window to the widest."""
        found = self.finder.found(family.measures[0].selection.filter)
        stretches = [(m, found.inside(m.selection)) for m in family.measures]
        stretches.sort(key=lambda pair: length_of(pair[1]))
        before: list[Counted] = []
        for measure, rows in stretches:
            if measure.function == "avg":
                self._tallies[measure] = self._mean(measure)
            else:
                self._tallies[measure] = self._counted(measure, found, rows, before)

    def _counted(self, measure: Measure, found: Found, rows: slice, before: list[Counted]) -> Tally:
        values = self._item(measure, found)
        if values is not None and is_constant(values):
            # A field that is missing everywhere.
            return Tally(np.zeros(0, np.int32), measure.of_none, measure.of_none)
        if measure.function == "count" and values is not None and values.known is None:
            (all_rows,) = measure.parts
            return self.tally(all_rows)
        if length_of(rows) * SPARSE < self.population.size:
            return self._sparse(measure, found, rows, values)
        addends = self._addends_of(measure, values)
        if addends is not None:
            return self._dense(measure, found, rows, addends, before)
        some = None if values is None else take(values, rows)
        groups = Groups(None, found.contacts[rows].astype(np.intp), self.population.size)
        return Tally(None, summed(measure, groups, some), measure.of_none)

    def _item(self, measure: Measure, found: Found) -> Vector | None:
        """The values of all found rows."""
        if measure.item is None:
            return None
        key = (measure.selection.filter, measure.item)
        values = self._items.get(key)
        if values is None:
            place = RowPlace(self.population, found.partition, found.rows)
            values = self._items[key] = measure.item(place)
        return values

    def _addends_of(self, measure: Measure, values: Vector | None) -> Wholes | None:
        """What each found row adds to a measure, where that is a sum of integers."""
        if measure.family not in self._addends:
            self._addends[measure.family] = _addends(measure, values)
        return self._addends[measure.family]

    def _sparse(self, measure: Measure, found: Found, rows: slice, values: Vector | None) -> Tally:
        contacts = found.contacts[rows]
        codes = self._codes.get(measure.selection)
        if values is None and codes is None:
            codes, counts = _run_lengths(contacts)
            self._codes[measure.selection] = codes
            return Tally(codes, Wholes(counts, None, 0, len(contacts)), measure.of_none)
        if codes is None:
            codes = self._codes[measure.selection] = unique_codes(contacts)
        groups = Groups(codes, self.scratch.numbers(contacts, codes).astype(np.intp), len(codes))
        some = None if values is None else take(values, rows)
        return Tally(codes, summed(measure, groups, some), measure.of_none)

    def _dense(
        self,
        measure: Measure,
        found: Found,
        rows: slice,
        addends: Wholes,
        before: list[Counted],
    ) -> Tally:
        """Counts or sums in one array, begun from those of the widest window inside this one."""
        most = min(length_of(rows), found.partition.most_rows())
        low, high = _bounds_of_sum(addends, rows, most)
        # What is narrow stays near the processor.
        width = narrowest(low, high)
        inner = next(
            (
                done
                for done in reversed(before)
                if rows.start <= done.rows.start and done.rows.stop <= rows.stop
            ),
            None,
        )
        if inner is None:
            sums = np.zeros(self.population.size, width)
            stretches = [rows]
        else:
            sums = inner.sums.astype(width)
            stretches = [
                slice(rows.start, inner.rows.start),
                slice(inner.rows.stop, rows.stop),
            ]
        for stretch in stretches:
            if stretch.start < stretch.stop:
                more = addends.values if addends is _ONE else addends.values[stretch]
                self.scratch.add(sums, found.contacts[stretch], more)
        before.append(Counted(rows, sums))
        return Tally(None, Wholes(sums, None, low, high), measure.of_none)

    def _mean(self, measure: Measure) -> Tally:
        """The average out of the sum and the count of known values."""
        sums, counts = map(self.tally, measure.parts)
        top, count = sums.values, counts.values
        assert isinstance(count, Wholes)
        if count.values.ndim == 0:
            return Tally(sums.codes, measure.of_none, measure.of_none)
        known: Mask = np.asarray(count.values > 0, np.bool_)
        if isinstance(top, Floats):
            means: Vector = Floats(top.values / np.maximum(count.values, 1), known)
        else:
            assert isinstance(top, Wholes)
            unit = 10 ** (0 if measure.item_type is None else measure.item_type.scale)
            means = Ratios(evolve(top, known=known), scaled(count, unit))
        return Tally(sums.codes, means, measure.of_none)


def _addends(measure: Measure, values: Vector | None) -> Wholes | None:
    if values is None:
        return _ONE
    known = values.known
    if measure.function == "count":
        return None if known is None else Wholes(known.astype(np.int8), None, 0, 1)
    if measure.function == "sum" and isinstance(values, Wholes):
        if known is None:
            return values
        kept = np.where(known, values.values, 0)
        return Wholes(kept, None, min(0, values.low), max(0, values.high))
    return None


def _bounds_of_sum(values: Wholes, rows: slice, most: int) -> tuple[int, int]:
    """What no partial sum of at most so many of some values leaves."""
    low, high = min(0, values.low) * most, max(0, values.high) * most
    if values.values.dtype != object and max(-low, high) > INT64_HIGH:
        most = size_of_sum(values.values[rows])
        return -most, most
    return low, high


def _run_lengths(contacts: Codes) -> tuple[Codes, Array]:
    """Different contacts, ascending, and how many rows each has."""
    ordered = np.sort(contacts)
    if not ordered.size:
        return ordered, np.zeros(0, np.int64)
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return picked(ordered, starts), np.diff(starts, append=len(ordered))
