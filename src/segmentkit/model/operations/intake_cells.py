"""
What the cells of a file say, read as the types of a schema.

A cell is a text, or what a spreadsheet reader made of it. Every reading is exact: what could be
read in two ways is refused and not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any, assert_never, cast

from attrs import frozen

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.errors import InvalidValueError, NaiveDatetimeError
from segmentkit.model.schema import Field, FieldType
from segmentkit.model.time import MICROSECOND, from_microseconds, local_instant
from segmentkit.model.values import FieldValue, read_value
from segmentkit.text import text_key

_YES = frozenset({"true", "yes", "y", "1", "t", "x", "on", "是", "有", "对", "真", "√", "✓", "✔"})
_NO = frozenset(
    {"false", "no", "n", "0", "f", "off", "否", "无", "没有", "错", "假", "×", "✗", "✘"}
)
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*([万亿%]?)")
_ZEROS = {"": 0, "万": 4, "亿": 8, "%": -2}
_LONGEST_NUMBER = 40
_CURRENCY_MARKS = {
    "CNY": ("¥", "元", "rmb", "cny", "人民币"),
    "USD": ("us$", "$", "usd"),
    "EUR": ("€", "eur"),
    "HKD": ("hk$", "hkd", "港币"),
    "JPY": ("¥", "円", "jpy"),
    "GBP": ("£", "gbp"),
}
_YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_NAMED_MONTH = re.compile(r"(?:(\d{1,2})[ -])?([a-z]{3,9})\.?[ -](?:(\d{1,2}),? )?(\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS_IN_FULL = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?")
_ELAPSED = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+|[\u4e00-\u9fff]+)")
_UNITS = {
    "seconds": ("s", "sec", "second", "seconds", "秒", "秒钟"),
    "minutes": ("m", "min", "minute", "minutes", "分", "分钟"),
    "hours": ("h", "hour", "hours", "小时", "时"),
    "days": ("d", "day", "days", "天", "日"),
    "weeks": ("w", "week", "weeks", "周"),
}


@refuse_other_types
@frozen
class CellReading:
    """
    What a file leaves open.

    Args:
        zone: where times without a zone were written down; None refuses them.
        day_first: whether 03/04/2026 is the 3rd of April; None refuses dates that could be either.
        list_marks: the characters that part the items of a list.
    """

    zone: tzinfo | None = None
    day_first: bool | None = None
    list_marks: str = ",;、，；|\n"


AS_WRITTEN = CellReading()
"""Leaves nothing open: what could be read in two ways is refused."""


@explain_other_types
def read_cell(field: Field, raw: object, reading: CellReading) -> FieldValue | None:
    """
    The value that a cell gives a field; None when the cell says nothing.

    Text is trimmed; numbers may have thousands separators, a currency mark of the field's currency,
    万 and 亿; dates are ISO, 2026/1/31, 2026年1月31日, 20260131 or name their month. A spreadsheet
    gives amounts as floats: such a float is read as the number that it shows.

    Raises:
        InvalidValueError: it cannot be read so, or could be read in two ways.
        SegmentkitError: as `read_value`.

    Examples:
        >>> spent = Field("spent", FieldType.MONEY, currency="CNY")
        >>> read_cell(spent, "￥1,234.50", CellReading())
        Decimal('1234.50')
    """
    if isinstance(raw, str):
        text = unicodedata.normalize("NFKC", raw).strip()
        if not text_key(text):
            return None
        return read_value(field, _from_text(field, text, raw.strip(), reading))
    if raw is None or raw != raw:
        return None
    return read_value(field, _from_cell(field, raw, reading))


def read_list(raw: object, marks: str) -> tuple[str, ...]:
    """The items of a cell that holds a list: trimmed, blanks left out."""
    if raw is None or raw != raw:
        return ()
    if isinstance(raw, list | tuple):
        items = [str(item) for item in cast("list[object] | tuple[object, ...]", raw)]
    else:
        items = re.split(f"[{re.escape(marks)}]", str(raw))
    return tuple(item.strip() for item in items if text_key(item))


def read_flag(raw: object) -> bool:
    """
    What a yes-or-no cell says; a blank one says no.

    Raises:
        InvalidValueError: it says neither.
    """
    if isinstance(raw, bool):
        return raw
    if raw is None or raw != raw:
        return False
    word = text_key(str(raw))
    if not word or word in _NO:
        return False
    if word in _YES:
        return True
    raise InvalidValueError(raw, "cell", "Write yes or no, 是 or 否")


def _from_text(field: Field, text: str, raw: str, reading: CellReading) -> FieldValue:
    kind = field.type
    match kind:
        case FieldType.TEXT:
            return raw
        case FieldType.TEXT_LIST:
            return read_list(raw, reading.list_marks)
        case FieldType.BOOLEAN:
            return read_flag(text)
        case FieldType.INTEGER:
            number = _number(text, field)
            if number != number.to_integral_value():
                raise InvalidValueError(raw, "cell", "Write a whole number")
            return int(number)
        case FieldType.DECIMAL | FieldType.MONEY:
            return _number(text, field)
        case FieldType.FLOAT:
            return float(_number(text, field))
        case FieldType.DATE:
            return _date(text, reading)
        case FieldType.INSTANT:
            return _instant(text, reading)
        case FieldType.DURATION:
            return _duration(text)
        case _:
            assert_never(kind)


def _from_cell(field: Field, raw: Any, reading: CellReading) -> object:
    """What a spreadsheet reader gave, brought to the field's type where nothing is lost."""
    if isinstance(raw, float) and not isinstance(raw, bool):
        if raw.is_integer() and field.type in (FieldType.TEXT, FieldType.INTEGER):
            raw = int(raw)  # a phone number or count that passed through a spreadsheet
        elif field.type in (FieldType.MONEY, FieldType.DECIMAL):
            return Decimal(repr(raw))
    if isinstance(raw, int) and not isinstance(raw, bool) and field.type is FieldType.TEXT:
        return str(raw)
    if isinstance(raw, datetime):
        midnight = raw.tzinfo is None and not (raw.hour or raw.minute or raw.second)
        if field.type is FieldType.DATE and midnight and not raw.microsecond:
            return raw.date()
        if field.type is FieldType.INSTANT and raw.tzinfo is None:
            return _local(raw, reading)
    if field.type is FieldType.BOOLEAN and isinstance(raw, int):
        return read_flag(raw)
    if field.type is FieldType.TEXT_LIST:
        return read_list(raw, reading.list_marks)
    return raw


def _number(text: str, field: Field) -> Decimal:
    bare = text.casefold()
    for mark in _CURRENCY_MARKS.get(field.currency or "", ((field.currency or "").casefold(),)):
        if mark:
            bare = bare.removeprefix(mark).removesuffix(mark).strip()
    found = _NUMBER.fullmatch(bare)
    if found is None or len(bare) > _LONGEST_NUMBER:
        raise InvalidValueError(text, "cell", "Write a number, such as 1234.50")
    sign, digits, exponent = Decimal(found[1].replace(",", "")).as_tuple()
    # Multiplying would round to the precision that the host has set; moving the point does not.
    return Decimal(format(Decimal((sign, digits, int(exponent) + _ZEROS[found[2]])), "f"))


def _date(text: str, reading: CellReading) -> date:
    lower = text.casefold()
    if found := _YEAR_FIRST.fullmatch(lower):
        year, month, day = found[1], found[2] or found[4], found[3] or found[5]
    elif found := _YEAR_LAST.fullmatch(lower):
        first, second, year = found.groups()
        day_first = reading.day_first
        if day_first is None:
            if int(first) <= 12 and int(second) <= 12 and first != second:
                raise InvalidValueError(
                    text, "cell", "Day or month first? Say day_first, or write the year first"
                )
            day_first = int(first) > 12
        day, month = (first, second) if day_first else (second, first)
    elif (found := _NAMED_MONTH.fullmatch(lower)) and bool(found[1]) != bool(found[3]):
        names = _MONTHS_IN_FULL if found[2] in _MONTHS_IN_FULL else _MONTHS
        month = names.index(found[2]) + 1 if found[2] in names else 0
        year, day = found[4], found[1] or found[3]
    else:
        raise InvalidValueError(text, "cell", "Write a date, such as 2026-01-31")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise InvalidValueError(text, "cell", "The calendar has no such day") from None


def _instant(text: str, reading: CellReading) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        day, _, clock = text.rpartition(" ")
        if ":" in clock and day:
            found = _CLOCK.fullmatch(clock)
            whole = _date(day.strip(), reading)
        else:
            found = _CLOCK.fullmatch("0:00")
            whole = _date(text, reading)
        if found is None:
            raise InvalidValueError(
                text, "cell", "Write a time, such as 2026-01-31 08:30"
            ) from None
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        if not (hour < 24 and minute < 60 and second < 60):
            raise InvalidValueError(text, "cell", "A day has 24 hours of 60 minutes") from None
        microsecond = int((found[4] or "0").ljust(6, "0"))
        moment = datetime(whole.year, whole.month, whole.day, hour, minute, second, microsecond)
    return moment if moment.tzinfo is not None else _local(moment, reading)


def _local(moment: datetime, reading: CellReading) -> datetime:
    if reading.zone is None:
        raise NaiveDatetimeError(moment, "cell", "Say in which zone the file was written")
    return from_microseconds(local_instant(moment, reading.zone))


def _duration(text: str) -> timedelta:
    if found := _CLOCK.fullmatch(text):
        hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    found = _ELAPSED.fullmatch(text.casefold())
    unit = next((name for name, words in _UNITS.items() if found and found[2] in words), None)
    if found is None or unit is None:
        raise InvalidValueError(text, "cell", "Write a duration, such as 90 minutes or 1:30:00")
    try:
        return int(Fraction(found[1]) * (timedelta(**{unit: 1}) // MICROSECOND)) * MICROSECOND
    except OverflowError:
        raise InvalidValueError(text, "cell", "It is too long") from None
