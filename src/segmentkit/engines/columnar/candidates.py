"""The rows of a step by contact, key and time, so that those after a row are a stretch of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import numpy as np
from attrs import define, field
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import Array, Mask, both
from segmentkit.engines.columnar.partial import Chains
from segmentkit.engines.columnar.step_filters import Key
from segmentkit.engines.columnar.steps import RowsAt, StepPlace, StepRows
from segmentkit.engines.columnar.vectors import Floats, Lists, Ratios, Texts, Truths, Vector, Wholes

# Contact, key and place of a row stand in one number of 63 bits.
_BITS = 63
MOST_KEY_BITS = 24
_WHOLE = 2**63 - 1
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
# There are so many times as many marks as rows, as a power of two.
_SPARE_BITS = 2

Places = NDArray[np.int64]


@define(eq=False)
class Candidates:
    """
    The rows that may take a step.

    Keys are shortened to a few bits: what is equal stands together, and seldom anything else.

    Args:
        keys: what a row must have in common with the rows of a chain before it.
        size: how many contacts there are.

    Attributes:
        places: of the rows among all rows of the step, by contact, key and time.
    """

    rows: StepRows
    keys: tuple[Key, ...]
    size: int
    places: Places = field(init=False)
    _packed: Places = field(init=False)
    _marks: Mask = field(init=False)
    _is_sorted: bool = field(default=False, init=False)

    def meet(self, chains: Chains) -> Mask:
        """Of which partial chains some row, of whatever time, may have the contact and keys."""
        groups, known = self._groups_of(chains)
        met = self._marks.take(_mixed([groups], self._mark_bits))
        return met if known is None else met & known

    def stretches(self, chains: Chains, first: Places, stop: Places) -> tuple[Places, Places]:
        """
        For each partial chain the stretch of *places* where its next row can stand.

        Args:
            first, stop: between which rows of the step, by time, the next one stands.
        """
        groups, known = self._groups_of(chains)
        is_open = first < stop if known is None else (first < stop) & known
        (left,) = np.nonzero(is_open)
        base = groups[left] << self._place_bits
        starts, stops = np.zeros(len(chains), np.int64), np.zeros(len(chains), np.int64)
        starts[left] = np.searchsorted(self._packed, base + first[left])
        stops[left] = np.searchsorted(self._packed, base + stop[left])
        return starts, stops

    def _groups_of(self, chains: Chains) -> tuple[Places, Mask | None]:
        earlier = [key.earlier(chains.place) for key in self.keys]
        if not self._is_sorted:
            self._sort(earlier)
        keys = [
            _whole_key(value, value, key.exactly)
            for key, value in zip(self.keys, earlier, strict=True)
        ]
        return self._grouped(chains.contacts, keys), _all_known(earlier)

    def _sort(self, earlier: Sequence[Vector]) -> None:
        whole = StepPlace(RowsAt.all(self.rows), {})
        values = [key.own(whole) for key in self.keys]
        keys = [
            _whole_key(value, other, key.exactly)
            for key, value, other in zip(self.keys, values, earlier, strict=True)
        ]
        groups = self._grouped(self.rows.contacts, keys)
        packed = (groups << self._place_bits) + np.arange(len(self.rows))
        known = _all_known(values)
        if known is not None:
            packed = packed[np.broadcast_to(known, len(packed))]
        packed.sort()
        self._packed = packed
        self.places = packed & ((1 << self._place_bits) - 1)
        self._marks = np.zeros(1 << self._mark_bits, np.bool_)
        self._marks[_mixed([groups], self._mark_bits)] = True
        self._is_sorted = True

    @property
    def _place_bits(self) -> int:
        return len(self.rows).bit_length()

    @property
    def _mark_bits(self) -> int:
        return self._place_bits + _SPARE_BITS

    def _grouped(self, contacts: Array, keys: Sequence[Array]) -> Places:
        """Contact and key in one number."""
        groups = contacts.astype(np.int64)
        if keys:
            bits = _BITS - self.size.bit_length() - self._place_bits
            bits = max(1, min(bits, MOST_KEY_BITS))
            groups = (groups << bits) | _mixed(keys, bits)
        return groups


def _all_known(values: Sequence[Vector]) -> Mask | None:
    known: Mask | None = None
    for value in values:
        known = both(known, value.known)
    return known


def _mixed(keys: Sequence[Array], bits: int) -> Places:
    """Whole numbers side by side as one of a few bits; equal ones give an equal one."""
    mixed = np.zeros(1, np.uint64)
    for key in keys:
        mixed = (mixed ^ (mixed >> _HALF) ^ key.view(np.uint64)) * _MIX
    # The high bits of a multiple depend on all that was multiplied.
    return (mixed >> np.uint64(64 - bits)).astype(np.int64)


def _whole_key(vector: Vector, beside: Vector, exactly: bool) -> Array:
    """Values as 64 bits that are equal where the values are; texts as codes of those *beside*."""
    match vector:
        case Texts():
            assert isinstance(beside, Texts)
            codes = vector.codes
            if vector.dictionary is not beside.dictionary:
                codes = vector.dictionary.common_codes(beside.dictionary, exactly=exactly)[codes]
            elif not exactly:
                codes = vector.dictionary.key_codes()[codes]
            return np.asarray(codes, np.int64)
        case Wholes():
            if vector.values.dtype == object:
                return np.asarray(vector.values & _WHOLE, np.int64)
            return vector.values.astype(np.int64) & _WHOLE
        case Truths():
            return vector.values.astype(np.int64)
        case Floats():
            return np.asarray(vector.values + 0.0).view(np.int64)  # of the two zeros one
        case Ratios() | Lists():
            raise TypeError(f"no key is made of {type(vector).__name__}")
        case _:
            assert_never(vector)
