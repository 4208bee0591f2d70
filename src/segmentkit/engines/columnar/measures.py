"""Measures computed: rows grouped by contact and summed up by the law table."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, cast

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import (
    INT64_HIGH,
    Array,
    Codes,
    python_values,
)
from segmentkit.engines.columnar.selections import Measure
from segmentkit.engines.columnar.vectors import (
    Floats,
    Lists,
    Ratios,
    Texts,
    Truths,
    Vector,
    Wholes,
    known_mask,
    missing,
    spread,
    take,
)
from segmentkit.engines.semantics import total
from segmentkit.errors import NotPortableError


@frozen(eq=False)
class Groups:
    """
    Rows by contact.

    Attributes:
        codes: contacts that have rows, ascending; None when `numbers` are contact codes themselves.
        numbers: for each row, which of `codes` it belongs to.
        size: how many groups there are, empty ones included.
    """

    codes: Codes | None
    numbers: NDArray[np.intp]
    size: int


def summed(measure: Measure, groups: Groups, values: Vector | None) -> Vector:
    """A measure of each group; *values* are those of the rows, in the same order."""
    if values is None:
        return _counts(groups)
    if measure.function in ("first", "last"):
        return _edges(groups, values, measure)
    if values.known is not None:
        keep = np.flatnonzero(known_mask(values, len(groups.numbers)))
        values = take(values, keep)
        groups = Groups(groups.codes, groups.numbers[keep], groups.size)
    match measure.function:
        case "count":
            return _counts(groups)
        case "distinct":
            return _distinct(groups, values)
        case "sum":
            return _sums(groups, values)
        case "min" | "max":
            return _extremes(groups, values, measure.function)
        case _:
            raise NotPortableError("columnar", f"the aggregate {measure.function!r}")


def is_constant(values: Vector) -> bool:
    """Whether a vector is of no length, because it is the same everywhere."""
    match values:
        case Texts():
            return values.codes.ndim == 0
        case Lists():
            return values.starts.ndim == 0
        case Ratios():
            return values.top.values.ndim == 0
        case Wholes() | Floats() | Truths():
            return values.values.ndim == 0


def _counts(groups: Groups) -> Wholes:
    counts = np.bincount(groups.numbers, minlength=groups.size)
    return Wholes(counts, None, 0, len(groups.numbers))


def _edges(groups: Groups, values: Vector, measure: Measure) -> Vector:
    """The first or last row's own value, which may be missing."""
    rows = np.arange(len(groups.numbers))
    places = np.zeros(groups.size, np.intp)
    hit = np.zeros(groups.size, np.bool_)
    hit[groups.numbers] = True
    # Of equal places the last one written stays.
    if measure.function == "first":
        places[groups.numbers[::-1]] = rows[::-1]
    else:
        places[groups.numbers] = rows
    return spread(values, places, hit, missing(measure.result))


def _sums(groups: Groups, values: Vector) -> Vector:
    if isinstance(values, Floats):
        return Floats(_float_sums(groups, values), None)
    if isinstance(values, Wholes):
        return _whole_sums(groups, values)
    raise NotPortableError("columnar", f"the sum of {type(values).__name__}")


def _whole_sums(groups: Groups, values: Wholes) -> Wholes:
    count = len(groups.numbers)
    low, high = min(0, values.low) * count, max(0, values.high) * count
    if values.values.dtype != object and max(-low, high) > INT64_HIGH:
        most = size_of_sum(values.values)
        low, high = -most, most
    if values.values.dtype == object or max(-low, high) > INT64_HIGH:
        sums = np.zeros(groups.size, object)
        np.add.at(sums, groups.numbers, values.values.astype(object))
    else:
        sums = np.zeros(groups.size, np.int64)
        np.add.at(sums, groups.numbers, values.values.astype(np.int64, copy=False))
    return Wholes(sums, None, low, high)


def size_of_sum(values: Array) -> int:
    """The sum of absolute values, exactly: no partial sum is larger."""
    wide = values.astype(np.int64)
    halves = np.abs(wide >> 32), wide & 0xFFFFFFFF
    return (int(halves[0].sum()) << 32) + int(halves[1].sum())


def _float_sums(groups: Groups, values: Floats) -> NDArray[np.float64]:
    """Correctly rounded sums, whatever the order of rows."""
    order, ends = _runs(groups)
    ordered = cast("list[float]", python_values(values.values[order]))
    limits = cast("list[int]", python_values(ends))
    return np.array(
        [float(cast("float", total(ordered[a:b]))) for a, b in pairwise(limits)], np.float64
    )


def _runs(groups: Groups) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows in order of their groups, and where each group begins and ends in that order."""
    order = np.argsort(groups.numbers, kind="stable")
    ends = np.zeros(groups.size + 1, np.intp)
    np.cumsum(np.bincount(groups.numbers, minlength=groups.size), out=ends[1:])
    return order, ends


def _extremes(groups: Groups, values: Vector, function: str) -> Vector:
    known = np.zeros(groups.size, np.bool_)
    known[groups.numbers] = True
    reduce: Any = np.minimum if function == "min" else np.maximum
    if isinstance(values, Floats):
        found = np.full(groups.size, np.inf if function == "min" else -np.inf)
        reduce.at(found, groups.numbers, values.values)
        return Floats(found, known)
    if not isinstance(values, Wholes):
        raise NotPortableError("columnar", f"the {function} of {type(values).__name__}")
    worst = values.high if function == "min" else values.low
    if values.values.dtype == object:
        found = np.full(groups.size, worst, object)
        reduce.at(found, groups.numbers, values.values)
    else:
        found = np.full(groups.size, worst, np.int64)
        reduce.at(found, groups.numbers, values.values.astype(np.int64, copy=False))
    return Wholes(found, known, values.low, values.high)


def _distinct(groups: Groups, values: Vector) -> Wholes:
    numbers = _value_numbers(values)
    count = int(numbers.max()) + 1 if numbers.size else 1
    pairs = np.sort(groups.numbers * count + numbers)
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])] if pairs.size else pairs
    return Wholes(np.bincount(pairs // count, minlength=groups.size), None, 0, len(numbers))


def _value_numbers(values: Vector) -> NDArray[np.intp]:
    """A number for each row, from 0; the same for values that the law table calls the same."""
    match values:
        case Texts():
            numbers = values.dictionary.key_codes()[values.codes]
        case Lists():
            spans = zip(python_values(values.starts), python_values(values.stops), strict=True)
            lists: list[tuple[int, ...]] = [
                tuple(python_values(values.items[start:stop])) for start, stop in spans
            ]
            known = {one: number for number, one in enumerate(dict.fromkeys(lists))}
            numbers = np.array([known[one] for one in lists], np.intp)
        case Truths():
            numbers = values.values
        case Wholes() | Floats():
            _, numbers = np.unique(values.values, return_inverse=True)
        case Ratios():
            raise NotPortableError("columnar", "distinct quotients")
    return numbers.astype(np.intp)
