"""
Arithmetic and comparison of vectors, exact wherever the law table is.

Whole numbers are computed in 64 bits only where their bounds prove that nothing can overflow, and
as Python integers otherwise. Quotients are compared by multiplying across.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias, cast

import numpy as np

from segmentkit.engines.columnar.arrays import Array, Mask, both, narrowest
from segmentkit.engines.columnar.vectors import Floats, Ratios, Vector, Wholes
from segmentkit.engines.semantics import to_float
from segmentkit.errors import InvalidValueError

Number: TypeAlias = Wholes | Ratios | Floats

# Integers up to here are doubles too.
EXACT_DOUBLE = 2**53
RELATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": np.equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


# --- whole numbers ------------------------------------------------------------------------------


def scaled(number: Wholes, factor: int) -> Wholes:
    """The same number with more digits after the point."""
    if factor == 1:
        return number
    return multiplied(number, Wholes(np.array(factor), None, factor, factor))


def added(a: Wholes, b: Wholes) -> Wholes:
    return _computed(np.add, a, b, (a.low + b.low, a.high + b.high))


def subtracted(a: Wholes, b: Wholes) -> Wholes:
    return _computed(np.subtract, a, b, (a.low - b.high, a.high - b.low))


def multiplied(a: Wholes, b: Wholes) -> Wholes:
    if _is_one(b):
        return a
    corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return _computed(np.multiply, a, b, (min(corners), max(corners)))


def negated(a: Wholes) -> Wholes:
    zero = Wholes(np.array(0), None, 0, 0)
    return subtracted(zero, a)


def _computed(
    operation: Callable[[Any, Any], Any], a: Wholes, b: Wholes, bounds: tuple[int, int]
) -> Wholes:
    low, high = bounds
    width = narrowest(min(low, a.low, b.low), max(high, a.high, b.high))
    first, second = a.values.astype(width), b.values.astype(width)
    return Wholes(_array(operation(first, second)), both(a.known, b.known), low, high)


def _is_one(number: Wholes) -> bool:
    return number.low == number.high == 1 and number.values.ndim == 0 and number.known is None


def _array(value: object) -> Array:
    """What an operation gave as an array; numpy gives the object itself of two single objects."""
    if isinstance(value, np.ndarray):
        return cast("Array", value)
    held = np.empty((), np.int64 if isinstance(value, np.integer) else object)
    held[()] = value
    return held


# --- quotients ----------------------------------------------------------------------------------


def as_ratio(number: Number, unit: int) -> Ratios:
    """An exact number held in units of 1/unit as a quotient."""
    if isinstance(number, Ratios):
        return number
    assert isinstance(number, Wholes)
    return Ratios(number, Wholes(np.array(unit), None, unit, unit))


def ratio_added(a: Ratios, b: Ratios) -> Ratios:
    top = added(multiplied(a.top, b.bottom), multiplied(b.top, a.bottom))
    return Ratios(top, multiplied(a.bottom, b.bottom))


def ratio_subtracted(a: Ratios, b: Ratios) -> Ratios:
    top = subtracted(multiplied(a.top, b.bottom), multiplied(b.top, a.bottom))
    return Ratios(top, multiplied(a.bottom, b.bottom))


def ratio_multiplied(a: Ratios, b: Ratios) -> Ratios:
    return Ratios(multiplied(a.top, b.top), multiplied(a.bottom, b.bottom))


def ratio_divided(a: Ratios, b: Ratios) -> Ratios:
    """a / b, missing where b is 0."""
    top, bottom = multiplied(a.top, b.bottom), multiplied(a.bottom, b.top)
    sign = Wholes(np.where(bottom.values < 0, -1, 1), None, -1, 1)
    known = both(both(top.known, bottom.known), np.asarray(bottom.values != 0, np.bool_))
    top, bottom = multiplied(top, sign), multiplied(bottom, sign)
    return Ratios(Wholes(top.values, known, top.low, top.high), bottom)


def ratio_negated(a: Ratios) -> Ratios:
    return Ratios(negated(a.top), a.bottom)


# --- floats -------------------------------------------------------------------------------------


def as_floats(number: Number, unit: int) -> Floats:
    """The double nearest to each number; *unit* is what Wholes are held in units of (1/unit)."""
    if isinstance(number, Floats):
        return number
    if isinstance(number, Ratios):
        return _divided(number.top, number.bottom)
    return _divided(number, Wholes(np.array(unit), None, unit, unit))


def _divided(top: Wholes, bottom: Wholes) -> Floats:
    known = top.known
    if _is_double(top) and _is_double(bottom):
        # The quotient of two doubles is rounded once, and so right.
        with np.errstate(all="ignore"):
            values = np.asarray(top.values.astype(np.float64) / bottom.values.astype(np.float64))
        return Floats(values, known)
    tops, bottoms = np.broadcast_arrays(top.values.astype(object), bottom.values.astype(object))
    nearest = [_nearest(int(a), int(b)) for a, b in zip(tops.flat, bottoms.flat, strict=True)]
    return Floats(np.array(nearest, np.float64).reshape(tops.shape), known)


def _is_double(number: Wholes) -> bool:
    return number.low >= -EXACT_DOUBLE and number.high <= EXACT_DOUBLE


def _nearest(top: int, bottom: int) -> float:
    return to_float(Fraction(top, bottom or 1))  # a bottom of zero is never known


def float_computed(operator: str, a: Floats, b: Floats) -> Floats:
    known = both(a.known, b.known)
    with np.errstate(all="ignore"):
        match operator:
            case "+":
                values = a.values + b.values
            case "-":
                values = a.values - b.values
            case "*":
                values = a.values * b.values
            case "/":
                values = a.values / b.values
                known = both(known, np.asarray(b.values != 0, np.bool_))
            case _:
                raise InvalidValueError(operator, "arithmetic")
    # What is not a number, as infinity less itself, is missing.
    number = np.asarray(~np.isnan(values))
    return Floats(np.asarray(values), both(known, None if number.all() else number))


# --- comparisons --------------------------------------------------------------------------------


def related(operator: str, a: Vector, b: Vector) -> Mask:
    """Where `a operator b` holds of present values of one form."""
    if isinstance(a, Ratios) and isinstance(b, Ratios):
        a, b = multiplied(a.top, b.bottom), multiplied(b.top, a.bottom)
    if isinstance(a, Wholes) and isinstance(b, Wholes):
        holds = RELATIONS[operator](_plain(a), _plain(b))
    elif isinstance(a, Floats) and isinstance(b, Floats):
        holds = RELATIONS[operator](a.values, b.values)
    else:
        raise InvalidValueError(operator, "comparison", "Check the condition first")
    holds = np.asarray(holds, np.bool_)
    known = both(a.known, b.known)
    return holds if known is None else holds & known


def _plain(number: Wholes) -> object:
    """A constant as a Python integer, which leaves the width of the other side as it is."""
    return int(number.values) if number.values.ndim == 0 else number.values
