"""Measures computed: rows grouped by contact and summed up by the law table."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, cast

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from segmentkit.engines.columnar.arrays import (
    INT64_HIGH,
    Array,
    Codes,
    contained,
    places_in,
    python_values,
    unique_codes,
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
from segmentkit.errors import NotPortableError

# Rows of fewer contacts than one in so many are kept as pairs of contact and value.
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
        hit = np.zeros(size, np.bool_)
        hit[self.codes] = True
        places = np.zeros(size, np.intp)
        places[self.codes] = np.arange(len(self.codes))
        return spread(self.values, places, hit, self.nothing)

    def of(self, codes: Array) -> Vector:
        """The values of some contacts, whose codes ascend."""
        if self.codes is None:
            return take(self.values, codes)
        if not self.codes.size:
            return self.nothing
        return spread(
            self.values, places_in(codes, self.codes), contained(codes, self.codes), self.nothing
        )


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


def grouped(contacts: Codes, population: int) -> Groups:
    """Rows by contact, densely when they are many."""
    if len(contacts) * SPARSE >= population:
        return Groups(None, contacts.astype(np.intp), population)
    codes = unique_codes(contacts)
    return Groups(codes, np.searchsorted(codes, contacts), len(codes))


def tallied(measure: Measure, groups: Groups, values: Vector | None) -> Tally:
    """A measure over grouped rows; *values* are those of the rows, in the same order."""
    summed = _summed(measure, groups, values)
    return Tally(groups.codes, summed, measure.of_none)


def _summed(measure: Measure, groups: Groups, values: Vector | None) -> Vector:
    if values is None:
        return _counts(groups)
    if _is_constant(values):
        # A field that is missing everywhere.
        return measure.of_none
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
        case "avg":
            return _means(
                groups, values, 0 if measure.item_type is None else measure.item_type.scale
            )
        case "min" | "max":
            return _extremes(groups, values, measure.function)
        case _:
            raise NotPortableError("columnar", f"the aggregate {measure.function!r}")


def _is_constant(values: Vector) -> bool:
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
        most = _sum_of_sizes(values.values)
        low, high = -most, most
    if values.values.dtype == object or max(-low, high) > INT64_HIGH:
        sums = np.zeros(groups.size, object)
        np.add.at(sums, groups.numbers, values.values.astype(object))
    else:
        sums = np.zeros(groups.size, np.int64)
        np.add.at(sums, groups.numbers, values.values.astype(np.int64, copy=False))
    return Wholes(sums, None, low, high)


def _sum_of_sizes(values: Array) -> int:
    """The sum of absolute values, exactly: no partial sum is larger."""
    wide = values.astype(np.int64)
    halves = np.abs(wide >> 32), wide & 0xFFFFFFFF
    return (int(halves[0].sum()) << 32) + int(halves[1].sum())


def _float_sums(groups: Groups, values: Floats) -> NDArray[np.float64]:
    """Correctly rounded sums, whatever the order of rows."""
    order, ends = _runs(groups)
    ordered = cast("list[float]", python_values(values.values[order]))
    limits = cast("list[int]", python_values(ends))
    return np.array([math.fsum(ordered[a:b]) for a, b in pairwise(limits)], np.float64)


def _runs(groups: Groups) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows in order of their groups, and where each group begins and ends in that order."""
    order = np.argsort(groups.numbers, kind="stable")
    ends = np.zeros(groups.size + 1, np.intp)
    np.cumsum(np.bincount(groups.numbers, minlength=groups.size), out=ends[1:])
    return order, ends


def _means(groups: Groups, values: Vector, scale: int) -> Vector:
    counts = _counts(groups)
    known = counts.values > 0
    sums = _sums(groups, values)
    if isinstance(sums, Floats):
        return Floats(sums.values / np.maximum(counts.values, 1), known)
    assert isinstance(sums, Wholes)
    unit = 10**scale
    bottom = Wholes(counts.values * unit, None, 0, counts.high * unit)
    return Ratios(Wholes(sums.values, known, sums.low, sums.high), bottom)


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
    pairs = np.unique(groups.numbers * count + numbers)
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
