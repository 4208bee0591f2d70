"""Spare places behind arrays, so that to append a day's rows copies the day and not the years."""

from __future__ import annotations

import numpy as np
from attrs import define, field

from segmentkit.engines.columnar.arrays import Array


@define(eq=False)
class Room:
    """
    What the snapshots of one partition share.

    A snapshot sees the first rows of an array; its successor writes behind them. Only the newest
    may: `used` is how many rows are taken.
    """

    used: int
    # Arrays with spare places that were made here, by identity: no other array is written to.
    _own: dict[int, Array] = field(factory=dict[int, Array], init=False)

    def after(self, count: int) -> Room:
        """The room for the successor of a snapshot of *count* rows."""
        return self if count == self.used else Room(count)

    def extend(self, old: Array, more: Array) -> Array:
        """Both one after the other; in place where there is room behind the old one."""
        count, size = len(old), len(old) + len(more)
        width = np.promote_types(old.dtype, more.dtype)
        buffer = self._own.get(id(old.base))
        if buffer is None or len(buffer) < size or buffer.dtype != width:
            self._own.pop(id(old.base), None)
            buffer = np.empty(size + size // 8 + 64, width)
            buffer[:count] = old
            self._own[id(buffer)] = buffer
        buffer[count:size] = more
        return buffer[:size]
