"""Arrays of one place per contact, used over and over in a run instead of sorting and searching."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import Array, Codes, Mask

# Between these shares of marked places numpy looks for each by itself, which is slow unless they
# are very few; above, it walks through all without a branch.
_FEW, _MANY = 0.015, 0.1
# Arrays are scattered to in portions whose indices fit a cache.
_PORTION = 65_536


class Scratch:
    """
    Working space for the contacts of one population.

    Args:
        size: how many contacts there are.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        padding = size // 8 + 1
        # Behind the mask stand marks enough that numpy takes it for a dense one.
        self._padded = np.ones(size + padding, np.bool_)
        self._padding = padding
        self._mask = np.zeros(size, np.bool_)
        self._numbers = np.zeros(size, np.int32)
        self._places = np.zeros(_PORTION, np.intp)

    def codes(self, mask: Mask) -> Codes:
        """The places that are marked, ascending."""
        share = np.count_nonzero(mask) / max(len(mask), 1)
        if not _FEW < share < _MANY or len(mask) != self.size:
            return np.flatnonzero(mask).astype(np.int32)
        self._padded[: self.size] = mask
        return np.flatnonzero(self._padded)[: -self._padding].astype(np.int32)

    def contained(self, codes: Array, among: Array) -> Mask:
        """For each of *codes*, whether it stands in *among*."""
        self._mask[among] = True
        found = self._mask.take(codes)
        self._mask[among] = False
        return found

    def numbers(self, codes: Array, among: Codes) -> NDArray[np.int32]:
        """Where each of *codes* stands in *among*; arbitrary where it does not."""
        self._numbers[among] = np.arange(len(among), dtype=np.int32)
        return self._numbers.take(codes)

    def add(self, sums: Array, codes: Array, values: Array) -> None:
        """Add to the sum of each code, in place; a value without dimensions is added to each."""
        same = sums.dtype.type(values) if values.ndim == 0 else None
        for start in range(0, len(codes), _PORTION):
            portion = codes[start : start + _PORTION]
            places = self._places[: len(portion)]
            places[:] = portion
            if same is not None:
                np.add.at(sums, places, same)
            else:
                more = values[start : start + _PORTION].astype(sums.dtype, copy=False)
                np.add.at(sums, places, more)
