"""Which rows pass a filter: by lists where a text narrows them down, by looking otherwise."""

from __future__ import annotations

import numpy as np
from attrs import define, field, frozen

from segmentkit.engines.columnar.arrays import (
    Codes,
    Mask,
    Rows,
    everywhere,
    kept,
    length_of,
    numbers_of,
    picked,
)
from segmentkit.engines.columnar.columns import RunColumn, TextColumn
from segmentkit.engines.columnar.partition import Partition
from segmentkit.engines.columnar.places import RowPlace
from segmentkit.engines.columnar.plain import Test
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.selections import RowFilter, Selection
from segmentkit.engines.columnar.subjects import visible_rows
from segmentkit.engines.setting import Setting

# Lists of rows are followed when they hold at most one row in so many.
_SPARSE = 4


@frozen(eq=False)
class Found:
    """
    The rows of a filter inside all windows asked of it.

    Attributes:
        contacts: of these rows.
    """

    partition: Partition
    rows: Rows
    contacts: Codes

    def inside(self, selection: Selection) -> slice:
        """Which of the found rows are in the window of a selection."""
        if selection.bounds is None:
            return slice(0, length_of(self.rows))
        window = self.partition.between(*selection.bounds)
        if isinstance(self.rows, slice):
            size = length_of(self.rows)
            first = min(max(window.start - self.rows.start, 0), size)
            last = min(max(window.stop - self.rows.start, 0), size)
        else:
            first, last = map(int, np.searchsorted(self.rows, (window.start, window.stop)))
        return slice(first, max(first, last))


@define(eq=False)
class Finder:
    """Finds the rows of each filter once."""

    population: Population
    setting: Setting
    _found: dict[RowFilter, Found] = field(factory=dict[RowFilter, Found], init=False)

    def found(self, row_filter: RowFilter) -> Found:
        known = self._found.get(row_filter)
        if known is None:
            partition = self.population.partition(row_filter.collection)
            rows = self._rows(partition, row_filter)
            known = Found(partition, rows, picked(partition.contacts, rows))
            self._found[row_filter] = known
        return known

    def _rows(self, partition: Partition, row_filter: RowFilter) -> Rows:
        hull = row_filter.hull
        within = slice(0, len(partition)) if hull is None else partition.between(*hull)
        rows: Rows = within
        waiting = list(row_filter.tests)
        best = _best(partition, waiting, within)
        if best is not None:
            waiting.remove(best)
            rows = _listed(partition, best, within)
        seen = visible_rows(partition, self.setting.viewer, self.setting.moment, rows)
        if seen is not None:
            rows = _narrowed(rows, seen)
        for test in waiting:
            if not length_of(rows):
                break
            place = RowPlace(self.population, partition, rows)
            rows = _narrowed(rows, everywhere(test.mask(place), length_of(rows)))
        return rows


def _best(partition: Partition, tests: list[Test], within: slice) -> Test | None:
    """The test whose lists leave the fewest rows, where they are few."""
    best: Test | None = None
    fewest = len(partition) // _SPARSE
    for test in tests:
        words = test.words
        if words is None or words.field is None:
            continue
        column = partition.columns[words.field]
        if not isinstance(column, TextColumn | RunColumn):
            continue
        postings = partition.postings(words.field)
        if postings is None:
            continue
        count = postings.count(words.table(column.dictionary))
        if count < fewest or isinstance(column, RunColumn):
            best, fewest = test, count
    return best


def _listed(partition: Partition, test: Test, within: slice) -> Rows:
    words = test.words
    assert words is not None
    assert words.field is not None
    column = partition.columns[words.field]
    assert isinstance(column, TextColumn | RunColumn)
    postings = partition.postings(words.field)
    assert postings is not None
    table = words.table(column.dictionary)
    rows = postings.rows_of(table, within)
    later = slice(max(within.start, postings.size), within.stop)
    if later.start >= later.stop:
        return rows
    more = later.start + np.flatnonzero(table.take(column.vector(later).codes))
    return np.concatenate([numbers_of(rows), more])


def _narrowed(rows: Rows, mask: Mask) -> Rows:
    if isinstance(rows, slice):
        return rows.start + np.flatnonzero(mask)
    return kept(rows, mask)
