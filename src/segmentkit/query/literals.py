"""
How values are written in a query: each kind of literal, read and printed in one place.

A reader takes the whole text and the span of the literal, so that what it refuses can be shown
where it stands.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal

from segmentkit.errors import InvalidValueError
from segmentkit.query.ast import Date, LocalTime, Number, Parameter, Path, Span, Text
from segmentkit.query.diagnostics import Diagnostic, Fix, QueryError
from segmentkit.query.spelling import NAME, NAME_AFTER_DOT, by_spelling, normal_spelling
from segmentkit.query.words import AGGREGATES

# Far more than a Number holds, and few enough to be read at once.
_MOST_DIGITS = 1_000

_DIGIT = "[0-9０-９]"
WHOLE = f"{_DIGIT}++"
NUMBER = f"{_DIGIT}++(?:[.．]{_DIGIT}++)?[万亿]?[%％]?"
# Wider than what is right, so that 2026-1-1 is a bad date and not a subtraction.
DATE = f"{_DIGIT}{{4,}}+-{_DIGIT}++-{_DIGIT}++(?:[Tt][0-9:.]*+(?:[Zz]|[+-][0-9][0-9:]*+)?)?"
QUOTES = {"'": "'", '"': '"', "“": "”", "‘": "’", "「": "」", "＇": "＇", "＂": "＂"}
TEXT = "|".join(
    rf"{opening}(?:[^{closing}\\\r\n]++|\\[^\r\n])*+{closing}"
    for opening, closing in QUOTES.items()
)
PATH = rf"{NAME}(?:\.{NAME_AFTER_DOT})*"
PARAMETER = rf"[$＄]{NAME_AFTER_DOT}"

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "`": "`"} | {
    quote: quote for pair in QUOTES.items() for quote in pair
}
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．", "0123456789.")
_DATE_PARTS = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?"
    r"([Zz]|[+-]\d[\d:]*)?"
)


# --- numbers ------------------------------------------------------------------------------------


def read_number(text: str, span: Span) -> Number:
    written = text[slice(*span)].translate(_FULL_WIDTH)
    digits = written.rstrip("%％万亿")
    # The exponent is written, not multiplied: Decimal reads exactly but rounds what it computes.
    exponent = 4 * ("万" in written) + 8 * ("亿" in written) - 2 * (written[-1] in "%％")
    try:
        if len(digits) <= _MOST_DIGITS:
            return Number(Decimal(f"{digits}E{exponent}"), span=span)
    except InvalidValueError:
        pass
    raise _refused(text, "number_too_long", span)


def read_whole(text: str, span: Span) -> int:
    if span[1] - span[0] > _MOST_DIGITS:
        raise _refused(text, "number_too_long", span)
    return int(text[slice(*span)])


def print_number(value: int | Decimal) -> str:
    """
    Digits, without an exponent.

    Examples:
        >>> print_number(Decimal("0.0000001"))
        '0.0000001'
    """
    return str(value) if isinstance(value, int) else f"{value:f}"


# --- texts and names ----------------------------------------------------------------------------


def read_text(text: str, span: Span) -> Text:
    return Text(_unquoted(text, span), span=span)


def read_name(text: str, span: Span) -> str:
    return _unquoted(text, span) if text[span[0]] == "`" else text[slice(*span)]


def read_path(text: str, span: Span) -> Path:
    written = text[slice(*span)]
    if "`" not in written:
        return Path(tuple(written.split(".")), span=span)
    names = re.finditer(NAME_AFTER_DOT, written)
    return Path(tuple(read_name(written, name.span()) for name in names), span=span)


def read_parameter(text: str, span: Span) -> Parameter:
    return Parameter(read_name(text, (span[0] + 1, span[1])), span=span)


def _unquoted(text: str, span: Span) -> str:
    inner = text[span[0] + 1 : span[1] - 1]
    if "\\" not in inner:
        return inner
    value = _ESCAPE.sub(_unescaped, inner)
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise _refused(text, "bad_character", span, found="\\ud800-\\udfff")
    return value


def _unescaped(escape: re.Match[str]) -> str:
    """An unknown escape stands for itself, so that a glob may say `'5\\*'`."""
    what = escape[1]
    if len(what) > 1:
        return chr(int(what[1:], 16))
    return _ESCAPED.get(what, escape[0])


def print_text(value: str) -> str:
    """
    A text in single quotes.

    Examples:
        >>> print(print_text("O'Brien"))
        'O\\'Brien'
    """
    return "'" + _escaped(value, "'") + "'"


_AGGREGATES = by_spelling(AGGREGATES.values())


def print_name(name: str, *, after_dot: bool = False) -> str:
    """
    A name, in backticks where it would not be read as one name.

    Examples:
        >>> print_name("城市"), print_name("and"), print_name("first name")
        ('城市', '`and`', '`first name`')
    """
    if not name:
        raise InvalidValueError(name, "a name", "A name needs at least one character")
    # These patterns are long; `re` compiles them at the first name, not at import.
    plain = re.fullmatch(NAME_AFTER_DOT if after_dot else NAME, name)
    return name if plain and name[0] != "`" else "`" + _escaped(name, "`") + "`"


def print_function(name: str) -> str:
    """A function's name, in backticks also where it would be read as an aggregate."""
    printed = print_name(name)
    return f"`{printed}`" if normal_spelling(printed) in _AGGREGATES else printed


def print_path(names: tuple[str, ...]) -> str:
    first, *others = names
    return ".".join([print_name(first), *(print_name(name, after_dot=True) for name in others)])


def _escaped(value: str, quote: str) -> str:
    if value.isprintable() and quote not in value and "\\" not in value:
        return value
    return "".join(
        f"\\{c}"
        if c in (quote, "\\")
        else f"\\u{ord(c):04x}"
        if unicodedata.category(c) in ("Cc", "Cs")
        else c
        for c in value
    )


# --- dates --------------------------------------------------------------------------------------


def read_date(text: str, span: Span) -> Date | LocalTime:
    written = text[slice(*span)].translate(_FULL_WIDTH)
    parts = _DATE_PARTS.fullmatch(written)
    if parts is None:
        raise _refused(text, "bad_date", span, found=written)
    year, month, day, hour, minute, second, fraction, zone = parts.groups()
    try:
        whole = date(int(year), int(month), int(day))
        value = whole if hour is None else _local_time(whole, hour, minute, second, fraction)
    except (ValueError, OverflowError):
        raise _refused(text, "bad_date", span, found=written) from None
    right = print_date(value)
    if zone is not None:
        raise _refused(text, "zone_in_time", span, (Fix(right, right, span),), found=written)
    if len(month) < 2 or len(day) < 2 or (hour is not None and len(hour) < 2):
        raise _refused(text, "bad_date", span, (Fix(right, right, span),), found=written)
    return LocalTime(value, span=span) if isinstance(value, datetime) else Date(value, span=span)


def _local_time(
    day: date, hour: str, minute: str, second: str | None, fraction: str | None
) -> datetime:
    """24:00 is the first moment of the next day; 24:01 is a ValueError."""
    at_end = int(hour) == 24
    if at_end and (int(minute) or int(second or 0) or int(fraction or 0)):
        raise ValueError(hour)
    time = datetime(
        day.year,
        day.month,
        day.day,
        0 if at_end else int(hour),
        int(minute),
        int(second or 0),
        int((fraction or "").ljust(6, "0")),
    )
    return time + timedelta(days=at_end)


def print_date(value: date | datetime) -> str:
    """
    A date, or a local time to the minute where nothing is finer.

    Examples:
        >>> print_date(datetime(2026, 1, 1, 8, 30))
        '2026-01-01T08:30'
    """
    if not isinstance(value, datetime):
        return value.isoformat()
    finer = value.second or value.microsecond
    return value.isoformat() if finer else value.isoformat(timespec="minutes")


def _refused(
    text: str, code: str, span: Span, fixes: tuple[Fix, ...] = (), **args: object
) -> QueryError:
    return QueryError(str(text), (Diagnostic(code, args, span, fixes),))
