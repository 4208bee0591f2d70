"""
Values of many contacts or rows side by side, in the forms of the law table.

A vector of one place (an array without dimensions) is a constant and meets every other vector.
`known` says where a value is present; None says everywhere. What stands where nothing is known is
arbitrary, but within the bounds.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias, assert_never, cast

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import (
    Array,
    Mask,
    Rows,
    bounds_of,
    picked,
    python_values,
    whole_array,
)
from segmentkit.engines.columnar.dictionary import MISSING, Dictionary, TextDictionary
from segmentkit.engines.semantics import Held
from segmentkit.query import ValueType

UNKNOWN = np.array(False)


@frozen(eq=False)
class Wholes:
    """
    Exact numbers times ten to their scale, days, instants and durations.

    `values` are of an integer type, or objects where 64 bits may not do; all lie in low..high.
    """

    values: Array
    known: Mask | None
    low: int
    high: int


@frozen(eq=False)
class Ratios:
    """Quotients of exact numbers; `bottom` is positive wherever `top` is known."""

    top: Wholes
    bottom: Wholes

    @property
    def known(self) -> Mask | None:
        return self.top.known


@frozen(eq=False)
class Floats:
    values: Array
    known: Mask | None


@frozen(eq=False)
class Truths:
    values: Mask
    known: Mask | None


@frozen(eq=False)
class Texts:
    """Texts as codes of a dictionary, -1 where missing."""

    codes: Array
    dictionary: Dictionary

    @property
    def known(self) -> Mask | None:
        return self.codes != MISSING


@frozen(eq=False)
class Lists:
    """Lists of texts: places `starts` to `stops` of `items`, which are codes of a dictionary."""

    starts: Array
    stops: Array
    items: Array
    dictionary: Dictionary

    @property
    def known(self) -> Mask | None:
        return self.stops > self.starts


Vector: TypeAlias = Wholes | Ratios | Floats | Truths | Texts | Lists


def take(vector: Vector, at: Rows) -> Vector:
    """The values at some places."""
    match vector:
        case Wholes():
            return _take_wholes(vector, at)
        case Ratios():
            return Ratios(_take_wholes(vector.top, at), _take_wholes(vector.bottom, at))
        case Floats() | Truths():
            if vector.values.ndim == 0:
                return vector
            return evolve(vector, values=picked(vector.values, at), known=_at(vector.known, at))
        case Texts():
            return (
                vector
                if vector.codes.ndim == 0
                else Texts(picked(vector.codes, at), vector.dictionary)
            )
        case Lists():
            return evolve(vector, starts=vector.starts[at], stops=vector.stops[at])
        case _:
            assert_never(vector)


def _take_wholes(vector: Wholes, at: Rows) -> Wholes:
    # A constant is the same everywhere.
    if vector.values.ndim == 0:
        return vector
    known = _at(vector.known, at)
    return Wholes(picked(vector.values, at), known, vector.low, vector.high)


def _at(known: Mask | None, at: Rows) -> Mask | None:
    return known if known is None or known.ndim == 0 else picked(known, at)


def known_mask(vector: Vector, size: int) -> Mask:
    """Where a vector is known, as a mask of *size* places."""
    known = vector.known
    return np.ones(size, np.bool_) if known is None else np.broadcast_to(known, size)


def held_values(vector: Vector, size: int) -> list[Held | None]:
    """The values one by one, as the interpreter would hold them."""
    known = python_values(known_mask(vector, size))
    if isinstance(vector, Ratios):
        tops, bottoms = held_values(vector.top, size), held_values(vector.bottom, size)
        pairs = zip(tops, bottoms, strict=True)
        return [
            Fraction(cast("int", top), cast("int", bottom)) if there else None
            for (top, bottom), there in zip(pairs, known, strict=True)
        ]
    return [one if there else None for one, there in zip(_raw(vector, size), known, strict=True)]


def _raw(vector: Wholes | Floats | Truths | Texts | Lists, size: int) -> list[Held]:
    """The values one by one, whatever stands where nothing is known."""
    match vector:
        case Wholes() | Floats() | Truths():
            return python_values(np.broadcast_to(vector.values, size))
        case Texts():
            codes = python_values(np.broadcast_to(vector.codes, size))
            return [vector.dictionary.text(code) if code >= 0 else "" for code in codes]
        case Lists():
            starts = python_values(np.broadcast_to(vector.starts, size))
            stops = python_values(np.broadcast_to(vector.stops, size))
            text, items = vector.dictionary.text, vector.items
            return [
                tuple(map(text, python_values(items[start:stop])))
                for start, stop in zip(starts, stops, strict=True)
            ]


def constant(value: Held | None, kind: ValueType) -> Vector:
    """One held value as a vector that meets all others."""
    if isinstance(value, str):
        return Texts(np.array(0), TextDictionary([value]))
    if isinstance(value, bool):
        return Truths(np.array(value), None)
    if value is None:
        return missing(kind)
    if not isinstance(value, int):
        raise TypeError(f"no literal has the form {value!r}")
    return Wholes(_scalar(value), None, value, value)


def missing(kind: ValueType) -> Vector:
    """The value that nobody has, of a type."""
    match kind.kind.value:
        case "text":
            return Texts(np.array(MISSING), TextDictionary())
        case "text_list":
            nowhere = np.array(0)
            return Lists(nowhere, nowhere, np.zeros(0, np.int32), TextDictionary())
        case "boolean":
            return Truths(UNKNOWN, UNKNOWN)
        case "float":
            return Floats(np.array(0.0), UNKNOWN)
        case _:
            nothing = Wholes(np.array(0), UNKNOWN, 0, 0)
            one = Wholes(np.array(1), None, 1, 1)
            return Ratios(nothing, one) if kind.rational else nothing


def zero(kind: ValueType) -> Vector:
    """The total of no items."""
    if kind.kind.value == "float":
        return Floats(np.array(0.0), None)
    return Wholes(np.array(0), None, 0, 0)


def _scalar(value: int) -> Array:
    if -(2**63) <= value < 2**63:
        return np.array(value)
    held = np.empty((), object)
    held[()] = value
    return held


def wholes(values: Array, known: Mask | None = None) -> Wholes:
    """Integers as a vector, with the bounds that they have."""
    low, high = bounds_of(values)
    return Wholes(values, known, low, high)


def wholes_of(values: list[int | None]) -> Wholes:
    """Python integers, None where missing."""
    known = np.array([v is not None for v in values], np.bool_)
    held = whole_array([0 if v is None else v for v in values])
    return wholes(held, None if known.all() else known)


def spread(vector: Vector, places: NDArray[np.intp], hit: Mask, default: Vector) -> Vector:
    """The values at *places* where *hit*, elsewhere the default, which is a constant."""
    match vector:
        case Wholes():
            assert isinstance(default, Wholes)
            return _spread_wholes(vector, places, hit, default)
        case Ratios():
            assert isinstance(default, Ratios)
            return Ratios(
                _spread_wholes(vector.top, places, hit, default.top),
                _spread_wholes(vector.bottom, places, hit, default.bottom),
            )
        case Floats():
            assert isinstance(default, Floats)
            if not vector.values.size:
                return default
            values = np.where(hit, vector.values[places], default.values)
            return Floats(values, _spread_known(vector.known, places, hit, default.known))
        case Truths():
            assert isinstance(default, Truths)
            if not vector.values.size:
                return default
            values = np.where(hit, vector.values[places], default.values)
            return Truths(values, _spread_known(vector.known, places, hit, default.known))
        case Texts():
            if not vector.codes.size:
                return Texts(np.array(MISSING), vector.dictionary)
            return evolve(vector, codes=np.where(hit, vector.codes[places], MISSING))
        case Lists():
            raise TypeError("no measure is a list")
        case _:
            assert_never(vector)


def _spread_wholes(vector: Wholes, places: NDArray[np.intp], hit: Mask, default: Wholes) -> Wholes:
    if vector.values.ndim == 0:
        return vector
    if not vector.values.size:
        return default
    values = np.where(hit, vector.values[places], default.values)
    return Wholes(
        values,
        _spread_known(vector.known, places, hit, default.known),
        min(vector.low, default.low),
        max(vector.high, default.high),
    )


def _spread_known(
    known: Mask | None, places: NDArray[np.intp], hit: Mask, default: Mask | None
) -> Mask | None:
    if known is None:
        return None if default is None else hit
    if default is None:
        return known[places] | ~hit
    return known[places] & hit
