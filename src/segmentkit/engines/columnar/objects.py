"""
Columns from Python values, a portion of rows at a time.

The law table's holder says what a value means and refuses what is none. Portions of the plain types
that hosts mostly give are converted side by side, to the same result; all others go to the holder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from itertools import islice
from typing import Any, cast

import numpy as np

from segmentkit.engines.columnar.arrays import Array, whole_array
from segmentkit.engines.columnar.codebook import Codebook
from segmentkit.engines.columnar.columns import (
    Column,
    EmptyColumn,
    FloatColumn,
    TruthColumn,
    WholeColumn,
    column_of,
    dictionary_of,
    text_column,
    whole_column,
)
from segmentkit.engines.columnar.derived_columns import appended
from segmentkit.engines.columnar.dictionary import MISSING, Dictionary, TextDictionary
from segmentkit.engines.columnar.partition import RowBlock
from segmentkit.engines.columnar.room import Room
from segmentkit.engines.semantics import Holder, holder
from segmentkit.engines.subject import NO_TIME
from segmentkit.model import Collection, Field, FieldType
from segmentkit.stores import Row

_PORTION = 32_768
# A double holds the seconds since 1970 of this many years to half a microsecond.
_NEAR_SECONDS = 2.0**31
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])


def block_of(
    collection: Collection,
    scanned: Iterable[tuple[str, Row]],
    contacts: Codebook,
    count: int,
    like: Mapping[str, Column],
) -> RowBlock:
    """
    Rows of a collection, each with the id of its contact.

    Args:
        contacts: knows the codes of contacts, of which there are *count*.
        like: columns whose dictionaries the texts join.

    Raises:
        UnknownNameError: a row belongs to no contact.
        WrongTypeError, FloatMoneyError, NaiveDatetimeError: a value is not of its field's type.
    """
    reader = _RowReader(collection, contacts, count, like)
    waiting = iter(scanned)
    block = reader.block([])
    room = Room(0)
    while portion := list(islice(waiting, _PORTION)):
        block = block.followed_by(reader.block(portion), room)
        room.used = len(block)
    return block


class _RowReader:
    def __init__(
        self, collection: Collection, contacts: Codebook, count: int, like: Mapping[str, Column]
    ) -> None:
        self._collection = collection
        self._contacts = contacts
        self._count = count
        self._place = f"contacts of collection {collection.name!r}"
        ids = dictionary_of(like.get("id"))
        self._ids = ids if isinstance(ids, Codebook) else Codebook()
        self._readers = [
            FieldReader(declared, dictionary_of(like.get(declared.name)))
            for declared in collection.fields
            if declared.name not in (collection.time, "id")
        ]
        self._time: FieldReader | None = None
        if collection.time is not None:
            self._time = FieldReader(collection.field(collection.time))

    def block(self, portion: Sequence[tuple[str, Row]]) -> RowBlock:
        # One list after the other: zip(*rows) would make an iterator of each row.
        owners = [owner for owner, _ in portion]
        rows = [row for _, row in portion]
        times = [row[1] for row in rows]
        fields = [row[2] for row in rows]
        sequences = [row[3] for row in rows]
        columns: dict[str, Column] = {
            reader.name: reader.column([values.get(reader.name) for values in fields])
            for reader in self._readers
        }
        columns["id"] = self._id_column([row[0] for row in rows])
        return RowBlock(
            self._contacts.codes(owners, self._count, self._place),
            np.full(len(rows), NO_TIME) if self._time is None else self._time.times(times),
            None if not any(sequences) else whole_array(sequences),
            columns,
        )

    def _id_column(self, ids: Sequence[str | None]) -> Column:
        if not any(ids):
            return EmptyColumn(self._collection.field("id"), len(ids))
        if "" in ids:  # a blank id is none
            ids = [one or None for one in ids]
        return text_column(self._ids.encode(ids), self._ids)


class FieldReader:
    """Turns values of one field into a column; its texts join one dictionary."""

    def __init__(self, declared: Field, dictionary: Dictionary | None = None) -> None:
        self.name = declared.name
        self._declared = declared
        self._hold = holder(declared)
        self._dictionary = TextDictionary() if dictionary is None else dictionary
        self._codes = _Codes(self._hold, self._dictionary)

    def column(self, values: Sequence[object]) -> Column:
        kinds = set(map(type, values))
        if kinds <= {type(None)}:
            return EmptyColumn(self._declared, len(values))
        quick = _QUICK.get(self._declared.type)
        if self._declared.type is FieldType.TEXT:
            found = self._texts(values)
        else:
            found = None if quick is None else quick(self._declared, values, kinds)
        if found is not None:
            return found
        hold = self._hold
        return column_of(self._declared, [hold(value) for value in values], self._dictionary)

    def _texts(self, values: Sequence[object]) -> Column | None:
        try:
            codes = list(map(self._codes.__getitem__, values))
        except TypeError:
            return None  # a value without a hash: no text
        return text_column(np.array(codes, np.int32), self._dictionary)

    def times(self, values: Sequence[object]) -> Array:
        """Instants for the order of rows."""
        column = self.column(values)
        times = np.full(len(values), NO_TIME)
        if isinstance(column, EmptyColumn):
            return times
        assert isinstance(column, WholeColumn)
        known = np.True_ if column.known is None else column.known
        return np.where(known, column.values, times)


class _Codes(dict[object, int]):
    """Values met before and their codes; the holder sees each different one once."""

    def __init__(self, hold: Holder, dictionary: Dictionary) -> None:
        super().__init__()
        self._hold = hold
        self._dictionary = dictionary

    def __missing__(self, value: object) -> int:
        held = self._hold(value)
        code = MISSING if held is None else int(self._dictionary.encode([cast(str, held)])[0])
        self[value] = code
        return code


# --- portions of plain types --------------------------------------------------------------------

_NONE = type(None)


def _integers(declared: Field, values: Sequence[Any], kinds: set[type]) -> Column | None:
    if not kinds <= {int, _NONE}:
        return None
    return _whole(values if _NONE not in kinds else [v or 0 for v in values], values, kinds)


def _exacts(declared: Field, values: Sequence[Any], kinds: set[type]) -> Column | None:
    if not kinds <= {Decimal, int, _NONE}:
        return None
    scale = declared.scale
    unit, shift = 10**scale, Decimal(scale)
    scaled, whole = _EXACT.scaleb, _EXACT.to_integral_exact
    try:
        held = [
            int(whole(scaled(v, shift))) if type(v) is Decimal else v * unit if v else 0
            for v in values
        ]
    except (DecimalException, ValueError, OverflowError):
        return None
    return _whole(held, values, kinds)


def _floats(declared: Field, values: Sequence[Any], kinds: set[type]) -> Column | None:
    if not kinds <= {float, _NONE}:
        return None
    floats = np.array(values, np.float64)
    return None if np.isinf(floats).any() else FloatColumn(floats)


def _booleans(declared: Field, values: Sequence[Any], kinds: set[type]) -> Column | None:
    if not kinds <= {bool, _NONE}:
        return None
    return TruthColumn(np.array([MISSING if v is None else v for v in values], np.int8))


def _dates(declared: Field, values: Sequence[Any], kinds: set[type]) -> Column | None:
    if not kinds <= {date, _NONE}:
        return None
    return _whole([0 if v is None else v.toordinal() for v in values], values, kinds)


def _durations(declared: Field, values: Sequence[Any], kinds: set[type]) -> Column | None:
    if not kinds <= {timedelta, _NONE}:
        return None
    held = [
        0 if v is None else (v.days * 86_400 + v.seconds) * 1_000_000 + v.microseconds
        for v in values
    ]
    return _whole(held, values, kinds)


def _instants(declared: Field, values: Sequence[Any], kinds: set[type]) -> Column | None:
    if not kinds <= {datetime, _NONE}:
        return None
    present = values if _NONE not in kinds else [v for v in values if v is not None]
    zones: set[tzinfo | None] = {v.tzinfo for v in present}
    if zones != {UTC}:
        return None
    seconds = np.array(list(map(datetime.timestamp, present)))
    if not (np.abs(seconds) < _NEAR_SECONDS).all():
        return None
    held = np.rint(seconds * 1e6).astype(np.int64)
    if _NONE not in kinds:
        return whole_column(held, None)
    known = np.array([v is not None for v in values], np.bool_)
    everywhere = np.zeros(len(values), np.int64)
    everywhere[known] = held
    return whole_column(everywhere, known)


def _whole(held: Sequence[int], values: Sequence[object], kinds: set[type]) -> Column:
    known = None
    if _NONE in kinds:
        known = np.array([v is not None for v in values], np.bool_)
    return whole_column(whole_array(held), known)


_QUICK: Mapping[FieldType, Callable[[Field, Sequence[Any], set[type]], Column | None]] = {
    FieldType.INTEGER: _integers,
    FieldType.DECIMAL: _exacts,
    FieldType.MONEY: _exacts,
    FieldType.FLOAT: _floats,
    FieldType.BOOLEAN: _booleans,
    FieldType.DATE: _dates,
    FieldType.INSTANT: _instants,
    FieldType.DURATION: _durations,
}


# --- contacts -----------------------------------------------------------------------------------


def contact_columns(
    fields: Iterable[Field],
    given: Iterable[Mapping[str, object]],
    like: Mapping[str, Column],
) -> dict[str, Column]:
    """
    Fields of contacts, in the order given; the id is no part of them.

    Raises:
        WrongTypeError, FloatMoneyError, NaiveDatetimeError: a value is not of its field's type.
    """
    readers = [FieldReader(f, dictionary_of(like.get(f.name))) for f in fields if f.name != "id"]
    columns: dict[str, Column] = {r.name: r.column([]) for r in readers}
    waiting = iter(given)
    room = Room(0)
    count = 0
    while portion := list(islice(waiting, _PORTION)):
        for reader in readers:
            more = reader.column([values.get(reader.name) for values in portion])
            columns[reader.name] = appended(columns[reader.name], more, room)
        count += len(portion)
        room.used = count
    return columns
