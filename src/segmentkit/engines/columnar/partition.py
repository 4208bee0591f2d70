"""All rows of one collection as columns, in order of time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen

from segmentkit.engines.columnar.arrays import Array, Codes
from segmentkit.engines.columnar.columns import Column
from segmentkit.model import Collection


@frozen(eq=False)
class ContactIndex:
    """Which rows of a partition belong to a contact: `rows[ends[code]:ends[code + 1]]`."""

    ends: Array
    rows: Array

    def rows_of(self, code: int) -> Array:
        return self.rows[self.ends[code] : self.ends[code + 1]]


@frozen(eq=False)
class Partition:
    """
    All rows of one collection in order of (time, sequence, id).

    Attributes:
        collection: what they are rows of.
        contacts: the code of the contact to which each row belongs.
        times: microseconds, before all instants where a row has no time.
        sequences: where any row has one.
        columns: by canonical field name.
        has_ids: whether rows have ids by which they are told apart.
    """

    collection: Collection
    contacts: Codes
    times: Array
    sequences: Array | None
    columns: Mapping[str, Column]
    _index: list[ContactIndex] = field(factory=list[ContactIndex], init=False)

    def __len__(self) -> int:
        return len(self.contacts)

    def index(self, contact_count: int) -> ContactIndex:
        """The rows of each contact, in order; made at the first call."""
        if not self._index:
            rows = np.argsort(self.contacts, kind="stable").astype(np.int32)
            ends = np.zeros(contact_count + 1, np.int64)
            np.cumsum(np.bincount(self.contacts, minlength=contact_count), out=ends[1:])
            self._index.append(ContactIndex(ends, rows))
        return self._index[0]

    def between(self, start: int, end: int) -> slice:
        """The rows of times in [start, end)."""
        first, last = np.searchsorted(self.times, (start, end))
        return slice(int(first), max(int(first), int(last)))
