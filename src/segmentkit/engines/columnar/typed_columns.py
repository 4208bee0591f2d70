"""
Raw columns as the columns of declared fields.

Types are taken strictly: a float is no amount, an integer is no text, a timestamp without a zone is
an instant only where the host says that it is in UTC.
"""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import numpy as np

from segmentkit.engines.columnar.arrays import INT64_HIGH, Array, Codes
from segmentkit.engines.columnar.codebook import Codebook, codes_of_texts
from segmentkit.engines.columnar.columns import (
    Column,
    EmptyColumn,
    FloatColumn,
    ListColumn,
    TruthColumn,
    text_column,
    whole_column,
)
from segmentkit.engines.columnar.dictionary import MISSING, Dictionary
from segmentkit.engines.columnar.packed import Packed
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
from segmentkit.engines.columnar.tables import Table
from segmentkit.engines.semantics import holder
from segmentkit.errors import (
    FloatMoneyError,
    InvalidValueError,
    NaiveDatetimeError,
    WrongTypeError,
)
from segmentkit.model import FIRST_INSTANT, LAST_INSTANT, Field, FieldType


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
        values = raw.values if raw.known is None else np.where(raw.known, raw.values, np.nan)
        if np.isinf(values).any():
            raise InvalidValueError("inf", f"field {declared.name!r}", "Give finite numbers")
        return FloatColumn(values)
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
