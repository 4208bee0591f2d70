"""Which rows of a partition bear a text: one list of rows for each of few different texts."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from segmentkit.engines.columnar.arrays import Array, Mask, Rows
from segmentkit.engines.columnar.columns import Column, RunColumn, TextColumn

# Lists are kept for columns of at most so many different texts.
MOST_TEXTS = 4_096


@frozen(eq=False)
class Postings:
    """
    Rows by text, as far as they were there when the lists were made.

    Attributes:
        rows: ascending for each text; None when the rows themselves stand in the order of texts.
        ends: the rows of a code are those from `ends[code]` to `ends[code + 1]`.
        size: how many rows are listed; later ones are looked at one by one.
    """

    rows: Array | None
    ends: Array
    size: int

    def count(self, table: Mask) -> int:
        """How many listed rows bear a text of a table."""
        wanted = table[: len(self.ends) - 1]
        return int((np.diff(self.ends)[: len(wanted)] * wanted).sum())

    def rows_of(self, table: Mask, within: slice) -> Rows:
        """The listed rows inside a stretch that bear a text of a table, ascending."""
        codes = np.flatnonzero(table[: len(self.ends) - 1]).tolist()
        if self.rows is None:
            stretches = [slice(int(self.ends[code]), int(self.ends[code + 1])) for code in codes]
            if len(stretches) == 1:
                only = stretches[0]
                start = max(only.start, within.start)
                return slice(start, max(start, min(only.stop, within.stop)))
            lists: list[Array] = [np.arange(s.start, s.stop) for s in stretches]
        else:
            lists = [self.rows[self.ends[code] : self.ends[code + 1]] for code in codes]
        cut = [_inside(rows, within) for rows in lists]
        if len(cut) == 1:
            return cut[0]
        found = np.concatenate([np.zeros(0, np.int32), *cut])
        found.sort()
        return found


def postings_of(column: Column) -> Postings | None:
    """The lists of a column, or None where it has too many different texts."""
    if isinstance(column, RunColumn):
        return Postings(None, column.ends, len(column))
    if not isinstance(column, TextColumn) or len(column.dictionary) > MOST_TEXTS:
        return None
    order = np.argsort(column.codes, kind="stable")
    counts = np.bincount(column.codes.astype(np.int64) + 1, minlength=len(column.dictionary) + 1)
    absent = int(counts[0])
    ends = np.zeros(len(counts), np.int64)
    np.cumsum(counts[1:], out=ends[1:])
    return Postings(order[absent:].astype(np.int32), ends, len(column))


def _inside(rows: Array, within: slice) -> Array:
    first, last = np.searchsorted(rows, (within.start, within.stop))
    return rows[first:last]
