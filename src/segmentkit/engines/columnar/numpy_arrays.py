"""Plain numpy arrays of a host as raw columns."""

from __future__ import annotations

from typing import cast

import numpy as np

from segmentkit.engines.columnar.arrays import Array, Mask
from segmentkit.engines.columnar.arrow import in_microseconds
from segmentkit.engines.columnar.packed import Packed, pack
from segmentkit.engines.columnar.raw import (
    RawColumn,
    RawDays,
    RawDurations,
    RawFloats,
    RawInstants,
    RawTruths,
    RawWholes,
)
from segmentkit.errors import WrongTypeError

_TIME_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_EPOCH_ORDINAL = 719_163


def raw_of_array(given: object, name: str) -> RawColumn:
    """
    A numpy array as a raw column; what a masked array masks is missing.

    Raises:
        WrongTypeError: it is no array of one dimension, or of a type that no field takes.
    """
    place = f"column {name!r}"
    if not isinstance(given, np.ndarray):
        raise WrongTypeError(type(given).__name__, place, "Give a numpy array")
    array = cast("Array", given)
    if array.ndim != 1:
        raise WrongTypeError(f"{array.ndim} dimensions", place, "Give an array of one dimension")
    known = None
    if isinstance(array, np.ma.MaskedArray):
        known = ~np.ma.getmaskarray(array)
        array = np.ma.getdata(array)
        if known.all():
            known = None
    match array.dtype.kind:
        case "b":
            return RawTruths(array, known)
        case "i" | "u":
            return RawWholes(array, known)
        case "f":
            return RawFloats(array.astype(np.float64, copy=False), known)
        case "M" | "m":
            return _raw_times(array, known, place)
        case "U" | "O" | "T":
            return _raw_texts(array, known, place)
        case _:
            raise WrongTypeError(str(array.dtype), place, "No field takes this type")


def _raw_times(array: Array, known: Mask | None, place: str) -> RawColumn:
    unit, step = np.datetime_data(array.dtype)
    absent = np.isnat(array)
    if absent.any():
        known = ~absent if known is None else known & ~absent
    values = array.astype(np.int64)
    if array.dtype.kind == "M" and unit == "D" and step == 1:
        return RawDays(values + _EPOCH_ORDINAL, known)
    if unit not in _TIME_UNITS or step != 1:
        raise WrongTypeError(str(array.dtype), place, "Use units of s, ms, us or ns")
    held = in_microseconds(values, _TIME_UNITS[unit], known, place)
    return RawInstants(held, known, False) if array.dtype.kind == "M" else RawDurations(held, known)


def _raw_texts(array: Array, known: Mask | None, place: str) -> RawColumn:
    values = cast("list[object]", array.tolist())
    texts: list[str] = []
    present = np.ones(len(values), np.bool_) if known is None else known.copy()
    for row, value in enumerate(values):
        if value is None or not present[row]:
            present[row] = False
            texts.append("")
        elif isinstance(value, str):
            texts.append(value)
        else:
            raise WrongTypeError(value, place, "An array of objects holds texts or None")
    packed = pack(texts)
    return packed if present.all() else Packed(packed.ends, packed.data, present)
