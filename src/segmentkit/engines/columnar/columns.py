"""The columns of a table: one declared field of all contacts, or of all rows of a collection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias, TypeVar, cast

import numpy as np
from attrs import frozen

from segmentkit.engines.columnar.arrays import (
    Array,
    Mask,
    Rows,
    bounds_of,
    narrowed,
    numbers_of,
    picked,
    python_values,
    whole_array,
)
from segmentkit.engines.columnar.dictionary import Dictionary, TextDictionary
from segmentkit.engines.columnar.vectors import (
    Floats,
    Lists,
    Texts,
    Truths,
    Vector,
    Wholes,
    missing,
)
from segmentkit.engines.semantics import Held
from segmentkit.model import Field, FieldType
from segmentkit.query import type_of_field

_T = TypeVar("_T")


@frozen(eq=False)
class WholeColumn:
    """Integers as the law table holds exact numbers, days, instants and durations."""

    values: Array
    known: Mask | None
    low: int
    high: int

    def __len__(self) -> int:
        return len(self.values)

    def vector(self, rows: Rows) -> Wholes:
        known = None if self.known is None else picked(self.known, rows)
        return Wholes(picked(self.values, rows), known, self.low, self.high)

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

    def __len__(self) -> int:
        return len(self.values)

    def vector(self, rows: Rows) -> Floats:
        values = picked(self.values, rows)
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

    def __len__(self) -> int:
        return len(self.values)

    def vector(self, rows: Rows) -> Truths:
        values = picked(self.values, rows)
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

    def __len__(self) -> int:
        return len(self.codes)

    def vector(self, rows: Rows) -> Texts:
        return Texts(picked(self.codes, rows), self.dictionary)

    def held(self, row: int) -> Held | None:
        code = int(self.codes[row])
        return None if code < 0 else self.dictionary.text(code)

    def arrays(self) -> Iterable[Array]:
        yield self.codes


@frozen(eq=False)
class RunColumn:
    """Texts of rows that stand in the order of their codes: code i from `ends[i]` to `ends[i + 1]`."""

    ends: Array
    dictionary: Dictionary

    def __len__(self) -> int:
        return int(self.ends[-1])

    def vector(self, rows: Rows) -> Texts:
        return Texts(np.searchsorted(self.ends, numbers_of(rows), "right") - 1, self.dictionary)

    def held(self, row: int) -> Held | None:
        return self.dictionary.text(int(np.searchsorted(self.ends, row, "right")) - 1)

    def arrays(self) -> Iterable[Array]:
        yield self.ends


@frozen(eq=False)
class ListColumn:
    """The texts of row i are `items[ends[i]:ends[i + 1]]`, as codes of a dictionary."""

    ends: Array
    items: Array
    dictionary: Dictionary

    def __len__(self) -> int:
        return len(self.ends) - 1

    def vector(self, rows: Rows) -> Lists:
        return Lists(self.ends[:-1][rows], self.ends[1:][rows], self.items, self.dictionary)

    def held(self, row: int) -> Held | None:
        codes = python_values(self.items[self.ends[row] : self.ends[row + 1]])
        return tuple([self.dictionary.text(code) for code in codes]) or None

    def arrays(self) -> Iterable[Array]:
        yield self.ends
        yield self.items


@frozen(eq=False)
class EmptyColumn:
    """A field that is missing everywhere, at no cost."""

    declared: Field
    size: int

    def __len__(self) -> int:
        return self.size

    def vector(self, rows: Rows) -> Vector:
        return missing(type_of_field(self.declared))

    def held(self, row: int) -> Held | None:
        return None

    def arrays(self) -> Iterable[Array]:
        return ()


Column: TypeAlias = (
    WholeColumn | FloatColumn | TruthColumn | TextColumn | RunColumn | ListColumn | EmptyColumn
)


# --- from held values ---------------------------------------------------------------------------


def dictionary_of(column: Column | None) -> Dictionary:
    """The dictionary that more values of a column join, a new one where it has none."""
    if isinstance(column, TextColumn | RunColumn | ListColumn):
        return column.dictionary
    return TextDictionary()


def column_of(
    declared: Field, held: Sequence[Held | None], dictionary: Dictionary | None = None
) -> Column:
    """The column of a field from its held values; texts join the dictionary."""
    if not any(value is not None for value in held):
        return EmptyColumn(declared, len(held))
    words = TextDictionary() if dictionary is None else dictionary
    match declared.type:
        case FieldType.TEXT:
            return text_column(words.encode(cast("Sequence[str | None]", held)), words)
        case FieldType.TEXT_LIST:
            return _list_column(cast("Sequence[tuple[str, ...] | None]", held), words)
        case FieldType.BOOLEAN:
            return TruthColumn(
                np.array([-1 if v is None else int(v is True) for v in held], np.int8)
            )
        case FieldType.FLOAT:
            floats = cast("Sequence[float | None]", held)
            nothing = float("nan")
            return FloatColumn(np.array([nothing if v is None else v for v in floats], np.float64))
        case _:
            whole = cast("Sequence[int | None]", held)
            known = np.array([value is not None for value in whole], np.bool_)
            return whole_column(whole_array([value or 0 for value in whole]), known)


def whole_column(values: Array, known: Mask | None) -> WholeColumn:
    """Integers, in the narrowest width; what is unknown is put to zero."""
    if known is not None and known.all():
        known = None
    if known is not None:
        values = np.where(known, values, 0)
    values = narrowed(values)
    return WholeColumn(values, known, *bounds_of(values))


def text_column(codes: Array, dictionary: Dictionary) -> TextColumn:
    return TextColumn(narrowed(codes), dictionary)


def _list_column(held: Sequence[tuple[str, ...] | None], dictionary: Dictionary) -> ListColumn:
    lengths = [0 if texts is None else len(texts) for texts in held]
    ends = np.zeros(len(held) + 1, np.int64)
    np.cumsum(lengths, out=ends[1:])
    items = dictionary.encode(text for texts in held if texts is not None for text in texts)
    return ListColumn(ends, narrowed(items), dictionary)


def bytes_of(columns: Iterable[Column]) -> int:
    """Bytes of columns with their texts, about."""
    held = 0
    for column in columns:
        # An array that repeats one value has no stride.
        held += sum(a.nbytes if a.strides != (0,) else a.itemsize for a in column.arrays())
        if isinstance(column, TextColumn | RunColumn | ListColumn):
            held += column.dictionary.memory()
    return held
