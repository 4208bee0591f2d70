"""Names for the arrays of this engine, and the few operations on sorted codes that all parts use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Mask: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.int32]
# Which rows of a table: a stretch of it, or row numbers in ascending order.
Rows: TypeAlias = slice | Array

INT64_LOW = -(2**63)
INT64_HIGH = 2**63 - 1
_WIDTHS = tuple(
    (np.dtype(width), int(np.iinfo(width).min), int(np.iinfo(width).max))
    for width in (np.int8, np.int16, np.int32, np.int64)
)


def whole_array(values: Sequence[int]) -> Array:
    """Python integers as the narrowest integer array; as objects where 64 bits do not hold them."""
    if not values:
        return np.zeros(0, np.int8)
    try:
        wide = np.array(values, np.int64)
    except OverflowError:
        wide = np.empty(len(values), object)
        wide[:] = values
        return wide
    return narrowed(wide)


def narrowed(values: Array) -> Array:
    """The same integers in the narrowest width that holds them."""
    if values.dtype == object or not values.size:
        return values
    return values.astype(narrowest(int(values.min()), int(values.max())), copy=False)


def narrowest(low: int, high: int) -> np.dtype[Any]:
    """The narrowest width of integers that holds all from *low* to *high*; objects where none does."""
    for width, least, most in _WIDTHS:
        if least <= low and high <= most:
            return width
    return np.dtype(object)


def bounds_of(values: Array) -> tuple[int, int]:
    """The least and the greatest of some integers; (0, 0) of none."""
    return (int(values.min()), int(values.max())) if values.size else (0, 0)


def length_of(rows: Rows) -> int:
    return rows.stop - rows.start if isinstance(rows, slice) else len(rows)


def picked(values: Array, rows: Rows) -> Array:
    """The values of some rows."""
    # `take` is about twice as fast as an index.
    return values[rows] if isinstance(rows, slice) else values.take(rows)


def kept(values: Array, mask: Mask) -> Array:
    """The values where a mask holds."""
    # `compress` does not mind masks without a pattern, on which an index is many times slower.
    return values.compress(mask)


def everywhere(mask: Mask, size: int) -> Mask:
    """A mask of *size* places; one without dimensions holds at all or at none."""
    return mask if mask.ndim else np.full(size, bool(mask))


def numbers_of(rows: Rows) -> Array:
    """Row numbers one by one."""
    if isinstance(rows, slice):
        start, stop = int(rows.start), int(rows.stop)
        return np.arange(start, stop)
    return rows


def unique_codes(codes: Array) -> Codes:
    """The different codes, ascending."""
    found = np.sort(codes)
    if not found.size:
        return found.astype(np.int32, copy=False)
    keep = np.empty(found.size, np.bool_)
    keep[0] = True
    np.not_equal(found[1:], found[:-1], out=keep[1:])
    return kept(found, keep).astype(np.int32, copy=False)


def contained(codes: Array, among: Array) -> Mask:
    """For each of *codes*, whether it stands in *among*; both ascend."""
    if not among.size:
        return np.zeros(len(codes), np.bool_)
    return among[places_in(codes, among)] == codes


def places_in(codes: Array, among: Array) -> NDArray[np.intp]:
    """Where each code stands, or would stand, in *among*; never past its end."""
    places = np.searchsorted(among, codes)
    return np.minimum(places, max(len(among) - 1, 0))


def both(first: Mask | None, second: Mask | None) -> Mask | None:
    """Where two vectors are both known; None is everywhere."""
    if first is None:
        return second
    return first if second is None else first & second


def python_values(values: Array) -> list[Any]:
    return cast("list[Any]", values.tolist())
