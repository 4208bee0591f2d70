"""The columns of a table: one declared field of all contacts, or of all rows of a collection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias, cast

import numpy as np
from attrs import frozen

from segmentkit.engines.columnar.arrays import (
    Array,
    Codes,
    Mask,
    Rows,
    bounds_of,
    python_values,
    whole_array,
)
from segmentkit.engines.columnar.dictionary import Dictionary
from segmentkit.engines.columnar.vectors import Floats, Lists, Texts, Truths, Wholes
from segmentkit.engines.semantics import Held
from segmentkit.model import Field, FieldType


@frozen(eq=False)
class WholeColumn:
    """Integers as the law table holds exact numbers, days, instants and durations."""

    values: Array
    known: Mask | None
    low: int
    high: int

    def vector(self, rows: Rows) -> Wholes:
        known = None if self.known is None else self.known[rows]
        return Wholes(self.values[rows], known, self.low, self.high)

    def held(self, row: int) -> Held | None:
        if self.known is not None and not self.known[row]:
            return None
        return int(self.values[row])

    def arrays(self) -> Iterable[Array]:
        yield self.values
        if self.known is not None:
            yield self.known


@frozen(eq=False)
class FloatColumn:
    """Doubles; a stored NaN is a missing value."""

    values: Array

    def vector(self, rows: Rows) -> Floats:
        values = self.values[rows]
        known = ~np.isnan(values)
        return Floats(values, None if known.all() else known)

    def held(self, row: int) -> Held | None:
        value = float(self.values[row])
        return value if value == value else None

    def arrays(self) -> Iterable[Array]:
        yield self.values


@frozen(eq=False)
class TruthColumn:
    """1 is true, 0 is false, -1 is missing."""

    values: Array

    def vector(self, rows: Rows) -> Truths:
        values = self.values[rows]
        known = values >= 0
        return Truths(values > 0, None if known.all() else known)

    def held(self, row: int) -> Held | None:
        value = int(self.values[row])
        return None if value < 0 else value > 0

    def arrays(self) -> Iterable[Array]:
        yield self.values


@frozen(eq=False)
class TextColumn:
    """Codes of a dictionary; -1 is missing."""

    codes: Array
    dictionary: Dictionary

    def vector(self, rows: Rows) -> Texts:
        return Texts(self.codes[rows], self.dictionary)

    def held(self, row: int) -> Held | None:
        code = int(self.codes[row])
        return None if code < 0 else self.dictionary.values[code]

    def arrays(self) -> Iterable[Array]:
        yield self.codes


@frozen(eq=False)
class ListColumn:
    """The texts of row i are `items[ends[i]:ends[i + 1]]`, as codes of a dictionary."""

    ends: Array
    items: Array
    dictionary: Dictionary

    def vector(self, rows: Rows) -> Lists:
        return Lists(self.ends[:-1][rows], self.ends[1:][rows], self.items, self.dictionary)

    def held(self, row: int) -> Held | None:
        codes = python_values(self.items[self.ends[row] : self.ends[row + 1]])
        return tuple(self.dictionary.values[code] for code in codes) or None

    def arrays(self) -> Iterable[Array]:
        yield self.ends
        yield self.items


Column: TypeAlias = WholeColumn | FloatColumn | TruthColumn | TextColumn | ListColumn


def column_of(declared: Field, held: Sequence[Held | None], dictionary: Dictionary) -> Column:
    """The column of a field from its held values; texts join the dictionary."""
    match declared.type:
        case FieldType.TEXT:
            return TextColumn(dictionary.encode(cast("Sequence[str | None]", held)), dictionary)
        case FieldType.TEXT_LIST:
            return _list_column(cast("Sequence[tuple[str, ...] | None]", held), dictionary)
        case FieldType.BOOLEAN:
            return TruthColumn(
                np.array([-1 if v is None else int(v is True) for v in held], np.int8)
            )
        case FieldType.FLOAT:
            floats = cast("Sequence[float | None]", held)
            nothing = float("nan")
            return FloatColumn(np.array([nothing if v is None else v for v in floats], np.float64))
        case _:
            return whole_column(cast("Sequence[int | None]", held))


def whole_column(held: Sequence[int | None]) -> WholeColumn:
    known = np.array([v is not None for v in held], np.bool_)
    values = whole_array([0 if v is None else v for v in held])
    return WholeColumn(values, None if known.all() else known, *bounds_of(values))


def _list_column(held: Sequence[tuple[str, ...] | None], dictionary: Dictionary) -> ListColumn:
    lengths = [0 if texts is None else len(texts) for texts in held]
    ends: Codes = np.zeros(len(held) + 1, np.int32)
    np.cumsum(lengths, out=ends[1:])
    items = dictionary.encode(text for texts in held if texts is not None for text in texts)
    return ListColumn(ends, items, dictionary)
