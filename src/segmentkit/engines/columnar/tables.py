"""
Tables of a host turned into columns: from Arrow, from dataframes, from plain numpy arrays.

Types are taken strictly: a float is no amount, an integer is no text, a timestamp without a zone is
an instant only where the host says that it is in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import cast

import numpy as np
from attrs import field, frozen

from segmentkit.arguments import explain_other_types
from segmentkit.engines.columnar.arrays import INT64_HIGH, Array, Codes, Mask
from segmentkit.engines.columnar.arrow import ArrowStream, chunks_of, in_microseconds
from segmentkit.engines.columnar.codebook import Codebook, codes_of_texts
from segmentkit.engines.columnar.columns import (
    Column,
    EmptyColumn,
    FloatColumn,
    ListColumn,
    TruthColumn,
    WholeColumn,
    appended,
    dictionary_of,
    text_column,
    whole_column,
)
from segmentkit.engines.columnar.dictionary import MISSING, Dictionary
from segmentkit.engines.columnar.packed import Packed, joined, pack
from segmentkit.engines.columnar.partition import RowBlock
from segmentkit.engines.columnar.raw import (
    RawCodes,
    RawColumn,
    RawDays,
    RawDurations,
    RawFloats,
    RawInstants,
    RawLists,
    RawNothing,
    RawTruths,
    RawWholes,
    kind_of,
    size_of,
)
from segmentkit.engines.columnar.room import Room
from segmentkit.engines.semantics import holder
from segmentkit.engines.subject import NO_TIME
from segmentkit.errors import (
    FloatMoneyError,
    InvalidValueError,
    NaiveDatetimeError,
    UnknownNameError,
    WrongTypeError,
)
from segmentkit.model import FIRST_INSTANT, LAST_INSTANT, Collection, Field, FieldType
from segmentkit.text import nearest

_TIME_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_EPOCH_ORDINAL = 719_163


def _names(given: Iterable[str]) -> frozenset[str]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise WrongTypeError(given, "names of columns", "Give a list of names")
    return frozenset(given)


@frozen(eq=False)
class Table:
    """
    A table of contacts, or of the rows of one collection, as a host has it.

    Columns bear the canonical names of the fields; columns of other names are not read, and fields
    without a column are missing. Rows of a collection also have a column of contact ids and, where
    the host knows it, an integer column `sequence`.

    Args:
        data: anything that gives an Arrow stream (tables of pyarrow, polars, pandas, duckdb), or
            numpy arrays by name; masked arrays say what is missing.
        contact: the column of contact ids: texts, or codes, which are the places of the contacts in
            their table.
        columns: column names by field name, where they differ.
        utc: columns of timestamps without a zone that are in UTC.
        minor: integer columns that count the smallest unit of their MONEY or DECIMAL field: cents.
    """

    data: ArrowStream | Mapping[str, object]
    contact: str = "contact"
    columns: Mapping[str, str] = field(factory=dict[str, str])
    utc: frozenset[str] = field(default=frozenset(), converter=_names)
    minor: frozenset[str] = field(default=frozenset(), converter=_names)

    def chunks(self) -> Iterator[dict[str, RawColumn]]:
        """The columns of each part of the table, by name."""
        if isinstance(self.data, Mapping):
            arrays = {name: _raw_of(array, name) for name, array in self.data.items()}
            if len({size_of(column) for column in arrays.values()}) > 1:
                raise InvalidValueError(
                    sorted((name, size_of(c)) for name, c in arrays.items()),
                    "columns of a table",
                    "Give arrays of one length",
                )
            yield arrays
        else:
            yield from chunks_of(self.data)

    @explain_other_types
    def column_name(self, field_name: str) -> str:
        return self.columns.get(field_name, field_name)


def block_of_table(
    collection: Collection, table: Table, contacts: Codebook, count: int, like: Mapping[str, Column]
) -> RowBlock:
    """
    The rows of a collection from a table.

    Args:
        contacts: knows the codes of contacts, of which there are *count*.
        like: columns whose dictionaries the texts join.

    Raises:
        UnknownNameError: a row belongs to no contact, or there is no column of contacts.
        WrongTypeError, FloatMoneyError, NaiveDatetimeError: a column is not of its field's type.
    """
    dictionaries = {f.name: dictionary_of(like.get(f.name)) for f in collection.fields}
    if not isinstance(dictionaries["id"], Codebook):
        dictionaries["id"] = Codebook()
    block: RowBlock | None = None
    room = Room(0)
    for raw in table.chunks():
        more = _block(collection, table, raw, contacts, count, dictionaries)
        block = more if block is None else block.followed_by(more, room)
        room.used = len(block)
    if block is not None:
        return block
    raw = {table.contact: RawWholes(np.zeros(0, np.int64), None)}
    return _block(collection, table, raw, contacts, count, dictionaries)


def contacts_of_table(
    fields: Iterable[Field], table: Table, like: Mapping[str, Column]
) -> tuple[Packed, dict[str, Column]]:
    """
    The ids and the other fields of contacts, in the order of the table.

    Raises:
        UnknownNameError: there is no column of ids.
        WrongTypeError, FloatMoneyError, NaiveDatetimeError: a column is not of its field's type.
    """
    name = table.column_name("id")
    others = [f for f in fields if f.name != "id"]
    dictionaries = {f.name: dictionary_of(like.get(f.name)) for f in others}
    ids: list[Packed] = []
    columns: dict[str, Column] = {f.name: EmptyColumn(f, 0) for f in others}
    room = Room(0)
    for raw in table.chunks():
        if name not in raw:
            raise UnknownNameError(name, "columns of contacts", _remedy(name, raw))
        ids.append(_contact_ids(raw[name]))
        size = len(ids[-1])
        for declared in others:
            given = raw.get(table.column_name(declared.name), RawNothing(size))
            more = column_of_raw(declared, given, table, dictionaries[declared.name])
            columns[declared.name] = appended(columns[declared.name], more, room)
        room.used += size
    return joined(ids), columns


def _contact_ids(raw: RawColumn) -> Packed:
    match raw:
        case Packed():
            ids = raw
        case RawCodes():
            codes: list[int] = raw.codes.tolist()
            texts = [raw.texts[code] if code >= 0 else None for code in codes]
            known = np.array([text is not None for text in texts], np.bool_)
            packed = pack([text or "" for text in texts])
            ids = Packed(packed.ends, packed.data, None if known.all() else known)
        case _:
            raise WrongTypeError(kind_of(raw), "ids of contacts", "Give ids as texts")
    if ids.known is not None and not ids.known.all():
        raise InvalidValueError(None, "ids of contacts", "Every contact has an id")
    return ids


def _block(
    collection: Collection,
    table: Table,
    raw: Mapping[str, RawColumn],
    contacts: Codebook,
    count: int,
    dictionaries: Mapping[str, Dictionary],
) -> RowBlock:
    if table.contact not in raw:
        raise UnknownNameError(
            table.contact, f"columns of {collection.name!r}", _remedy(table.contact, raw)
        )
    codes = _contact_codes(raw[table.contact], contacts, count, collection)
    size = len(codes)
    columns: dict[str, Column] = {}
    times = np.full(size, NO_TIME)
    for declared in collection.fields:
        given = raw.get(table.column_name(declared.name), RawNothing(size))
        column = column_of_raw(declared, given, table, dictionaries[declared.name])
        if declared.name != collection.time:
            columns[declared.name] = column
        elif not isinstance(column, EmptyColumn):
            assert isinstance(column, WholeColumn)
            times = column.values.astype(np.int64, copy=False)
            if column.known is not None:
                times = np.where(column.known, times, NO_TIME)
    return RowBlock(codes, times, _sequences(raw.get(table.column_name("sequence"))), columns)


def _sequences(raw: RawColumn | None) -> Array | None:
    if raw is None or isinstance(raw, RawNothing):
        return None
    if not isinstance(raw, RawWholes) or raw.scale:
        raise WrongTypeError(kind_of(raw), "column 'sequence'", "Give integers")
    values = raw.values if raw.known is None else np.where(raw.known, raw.values, 0)
    return values if values.any() else None


def _contact_codes(raw: RawColumn, contacts: Codebook, count: int, collection: Collection) -> Codes:
    place = f"contacts of collection {collection.name!r}"
    match raw:
        case Packed():
            codes = contacts.look_up(raw)
            bad = np.flatnonzero((codes < 0) | (codes >= count))
            if bad.size:
                raise UnknownNameError(_text_at(raw, int(bad[0])), place)
            return codes
        case RawCodes():
            table = np.append(contacts.look_up(pack([t or "" for t in raw.texts])), MISSING)
            codes = table.astype(np.int32)[raw.codes]
            bad = np.flatnonzero((codes < 0) | (codes >= count))
            if bad.size:
                code = int(raw.codes[bad[0]])
                raise UnknownNameError(raw.texts[code] if code >= 0 else None, place)
            return codes
        case RawWholes() if raw.scale == 0:
            values = raw.values
            bad = np.flatnonzero((values < 0) | (values >= count))
            if bad.size or raw.known is not None:
                wrong = int(values[bad[0]]) if bad.size else None
                raise UnknownNameError(wrong, place, f"Codes are 0 to {count - 1}")
            return values.astype(np.int32)
        case _:
            raise WrongTypeError(kind_of(raw), place, "Give ids as texts, or codes as integers")


def _text_at(texts: Packed, row: int) -> str | None:
    if texts.known is not None and not texts.known[row]:
        return None
    return texts.data[int(texts.ends[row]) : int(texts.ends[row + 1])].tobytes().decode()


def _remedy(name: str, known: Mapping[str, object]) -> str:
    near = nearest(name, known)
    return f"Did you mean {near!r}?" if near else ""


# --- one column ---------------------------------------------------------------------------------


def column_of_raw(declared: Field, raw: RawColumn, table: Table, dictionary: Dictionary) -> Column:
    """
    The column of a field.

    Raises:
        WrongTypeError, FloatMoneyError, NaiveDatetimeError: not of the field's type.
        InvalidValueError: more digits after the point than the field has.
    """
    size = size_of(raw)
    if isinstance(raw, RawNothing):
        return EmptyColumn(declared, size)
    if raw.known is not None and not raw.known.any():
        return EmptyColumn(declared, size)
    match declared.type:
        case FieldType.TEXT:
            return _texts(declared, raw, dictionary)
        case FieldType.TEXT_LIST:
            return _lists(declared, raw, dictionary)
        case FieldType.FLOAT:
            return _floats(declared, raw)
        case FieldType.BOOLEAN:
            if isinstance(raw, RawTruths):
                values = raw.values.astype(np.int8)
                known = raw.known
                return TruthColumn(values if known is None else np.where(known, values, -1))
        case FieldType.INTEGER:
            if isinstance(raw, RawWholes) and not raw.scale:
                return whole_column(_signed(raw.values), raw.known)
        case FieldType.DECIMAL | FieldType.MONEY:
            return _exacts(declared, raw, table)
        case FieldType.DATE:
            if isinstance(raw, RawDays):
                return whole_column(raw.values, raw.known)
        case FieldType.DURATION:
            if isinstance(raw, RawDurations):
                return whole_column(raw.values, raw.known)
        case FieldType.INSTANT:
            return _instants(declared, raw, table)
    raise _wrong(declared, raw)


def _wrong(declared: Field, raw: RawColumn) -> WrongTypeError:
    return WrongTypeError(
        f"a column of {kind_of(raw)}",
        f"field {declared.name!r}",
        f"The field is of type {declared.type.value}",
    )


def _signed(values: Array) -> Array:
    if values.dtype == np.uint64 and values.size and int(values.max()) > INT64_HIGH:
        return values.astype(object)
    return values.astype(np.int64, copy=False) if values.dtype.kind == "u" else values


def _exacts(declared: Field, raw: RawColumn, table: Table) -> Column:
    place = f"field {declared.name!r}"
    if isinstance(raw, RawFloats):
        raise FloatMoneyError("a column of floats", place, "Give decimals, or integers")
    if not isinstance(raw, RawWholes):
        raise _wrong(declared, raw)
    values = _signed(raw.values)
    if raw.known is not None:
        values = np.where(raw.known, values, 0)
    scale = raw.scale
    if table.column_name(declared.name) in table.minor:
        scale = declared.scale
    if scale > declared.scale:
        values, rest = _divided(values, 10 ** (scale - declared.scale))
        bad = np.flatnonzero(rest)
        if bad.size:
            raise InvalidValueError(
                f"row {int(bad[0])}", place, f"At most {declared.scale} digits after the point"
            )
    elif scale < declared.scale:
        factor = 10 ** (declared.scale - scale)
        most = int(np.abs(values.astype(object)).max()) if values.dtype == object else 0
        if values.dtype != object and values.size:
            most = max(-int(values.min()), int(values.max()))
        wide = object if most * factor > INT64_HIGH else np.int64
        values = values.astype(wide) * factor
    return whole_column(values, raw.known)


def _divided(values: Array, unit: int) -> tuple[Array, Array]:
    return values // unit, values % unit


def _floats(declared: Field, raw: RawColumn) -> Column:
    if isinstance(raw, RawFloats):
        values = raw.values
        return FloatColumn(values if raw.known is None else np.where(raw.known, values, np.nan))
    if not isinstance(raw, RawWholes):
        raise _wrong(declared, raw)
    unit = 10**raw.scale
    if raw.scale == 0 and raw.values.dtype != object:
        values = raw.values.astype(np.float64)
    else:
        held = cast("list[int]", raw.values.tolist())
        values = np.array([float(Fraction(value, unit)) for value in held])
    return FloatColumn(values if raw.known is None else np.where(raw.known, values, np.nan))


def _instants(declared: Field, raw: RawColumn, table: Table) -> Column:
    place = f"field {declared.name!r}"
    if not isinstance(raw, RawInstants):
        raise _wrong(declared, raw)
    name = table.column_name(declared.name)
    if not raw.zoned and name not in table.utc:
        raise NaiveDatetimeError(
            "timestamps without a zone", place, f"Say that they are UTC: Table(utc=[{name!r}])"
        )
    column = whole_column(raw.values, raw.known)
    if column.low < FIRST_INSTANT or column.high > LAST_INSTANT:
        raise InvalidValueError("an instant", place, "Years 1 to 9999 of UTC are known")
    return column


def _texts(declared: Field, raw: RawColumn, dictionary: Dictionary) -> Column:
    if isinstance(raw, RawCodes):
        codes = _codes_by_number(raw, dictionary)
    elif isinstance(raw, Packed):
        codes = codes_of_texts(raw, dictionary)
    else:
        raise _wrong(declared, raw)
    return text_column(_without_blank(declared, codes, dictionary), dictionary)


def _codes_by_number(raw: RawCodes, dictionary: Dictionary) -> Codes:
    used = np.zeros(len(raw.texts) + 1, np.bool_)
    used[raw.codes] = True
    numbers = np.flatnonzero(used[:-1])
    table = np.full(len(raw.texts) + 1, MISSING, np.int32)
    table[numbers] = dictionary.encode([raw.texts[number] for number in numbers.tolist()])
    return table[raw.codes]


def _without_blank(declared: Field, codes: Codes, dictionary: Dictionary) -> Codes:
    """Blank texts are missing; an id is taken as it is."""
    if isinstance(dictionary, Codebook):
        return codes
    hold = holder(declared)
    blank = dictionary.table(lambda text: hold(text) is None, ("blank",))
    return np.where(blank[codes], MISSING, codes) if blank.any() else codes


def _lists(declared: Field, raw: RawColumn, dictionary: Dictionary) -> Column:
    if not isinstance(raw, RawLists):
        raise _wrong(declared, raw)
    inner = raw.items
    if isinstance(inner, RawCodes):
        codes = _codes_by_number(inner, dictionary)
    else:
        codes = codes_of_texts(inner, dictionary)
    text = Field(declared.name, FieldType.TEXT)
    codes = _without_blank(text, codes, dictionary)
    keep = codes >= 0
    if raw.known is not None:
        keep &= np.repeat(raw.known, np.diff(raw.ends))
    before = np.zeros(len(codes) + 1, np.int64)
    np.cumsum(keep, out=before[1:])
    return ListColumn(before[raw.ends], text_column(codes[keep], dictionary).codes, dictionary)


# --- from numpy ---------------------------------------------------------------------------------


def _raw_of(given: object, name: str) -> RawColumn:
    """A numpy array as a raw column."""
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
