"""Columns as they come in from outside, before the schema says what they mean."""

from __future__ import annotations

from typing import TypeAlias, assert_never

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import Array, Mask
from segmentkit.engines.columnar.packed import Packed


@frozen(eq=False)
class RawWholes:
    """Integers, or decimals times ten to their scale."""

    values: Array
    known: Mask | None
    scale: int = 0


@frozen(eq=False)
class RawFloats:
    values: NDArray[np.float64]
    known: Mask | None


@frozen(eq=False)
class RawTruths:
    values: Mask
    known: Mask | None


@frozen(eq=False)
class RawInstants:
    """Microseconds since 1970; without a zone they are UTC only where the host says so."""

    values: NDArray[np.int64]
    known: Mask | None
    zoned: bool


@frozen(eq=False)
class RawDays:
    """Proleptic ordinals."""

    values: NDArray[np.int64]
    known: Mask | None


@frozen(eq=False)
class RawDurations:
    """Microseconds."""

    values: NDArray[np.int64]
    known: Mask | None


@frozen(eq=False)
class RawCodes:
    """Texts by number; -1 is missing."""

    codes: Array
    texts: tuple[str | None, ...]

    @property
    def known(self) -> Mask | None:
        return self.codes >= 0


@frozen(eq=False)
class RawLists:
    """Lists of texts: row i is `items` from `ends[i]` to `ends[i + 1]`."""

    ends: NDArray[np.int64]
    items: Packed | RawCodes
    known: Mask | None


@frozen(eq=False)
class RawNothing:
    """Missing values of no type."""

    size: int


RawColumn: TypeAlias = (
    RawWholes
    | RawFloats
    | RawTruths
    | RawInstants
    | RawDays
    | RawDurations
    | RawCodes
    | RawLists
    | RawNothing
    | Packed
)


def size_of(raw: RawColumn) -> int:
    match raw:
        case RawNothing():
            return raw.size
        case Packed():
            return len(raw)
        case RawCodes():
            return len(raw.codes)
        case RawLists():
            return len(raw.ends) - 1
        case RawWholes() | RawFloats() | RawTruths() | RawInstants() | RawDays() | RawDurations():
            return len(raw.values)
        case _:
            assert_never(raw)


def kind_of(raw: RawColumn) -> str:
    """What a column holds, for error messages."""
    names = {
        RawWholes: "integers or decimals",
        RawFloats: "floats",
        RawTruths: "booleans",
        RawInstants: "timestamps",
        RawDays: "dates",
        RawDurations: "durations",
        RawCodes: "texts",
        RawLists: "lists of texts",
        RawNothing: "nothing",
        Packed: "texts",
    }
    return names[type(raw)]
