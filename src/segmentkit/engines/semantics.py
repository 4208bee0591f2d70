"""
The law table: what every word of the language means.

Every engine takes its meaning from here and adds none of its own. Inside the engines a value is
plain and a missing one is None:

| kind | held as |
|---|---|
| TEXT | the text as stored; blank text is missing |
| INTEGER, DECIMAL, MONEY | an integer: the value times ten to the field's scale |
| a quotient of exact numbers | a Fraction, the value itself |
| FLOAT | a float; NaN is missing |
| BOOLEAN | a bool |
| DATE | proleptic ordinal of the day |
| INSTANT, DURATION | microseconds |
| TEXT_LIST | a tuple of non-blank texts; empty is missing |
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias, assert_never, cast

from attrs import frozen

from segmentkit.errors import (
    FloatMoneyError,
    InvalidValueError,
    NaiveDatetimeError,
    WrongTypeError,
)
from segmentkit.model import (
    FIRST_INSTANT,
    LAST_INSTANT,
    Field,
    FieldType,
    as_instant,
    as_zone,
    day_start,
    local_date,
    local_instant,
    shift_days,
    shift_months,
    to_microseconds,
)
from segmentkit.query import (
    Ago,
    Before,
    Calendar,
    Date,
    Duration,
    Frame,
    LocalTime,
    On,
    Parameter,
    Point,
    Range,
    Rolling,
    Since,
    Window,
)
from segmentkit.text import text_key

Exact: TypeAlias = int | Fraction
Scalar: TypeAlias = int | float | str | Fraction
Held: TypeAlias = Scalar | tuple[str, ...]
WeekStart = Literal["monday", "sunday"]

SECOND = 1_000_000
UNIT_SECONDS: Mapping[str, int] = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
}
MONTHS_IN: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}


# --- the run's instant and its windows ----------------------------------------------------------


@frozen
class Moment:
    """
    The instant of a run and how it is seen.

    Attributes:
        at: microseconds; what happens at it or later belongs to the next run.
        zone: whose calendar counts.
        today: D, the local date that contains the microsecond before `at`.
        week_starts: the first day of a calendar week.
    """

    at: int
    zone: tzinfo
    today: date
    week_starts: WeekStart = "monday"

    @classmethod
    def of(cls, at: datetime, zone: tzinfo | str, week_starts: WeekStart = "monday") -> Moment:
        """
        The moment of an aware datetime.

        Raises:
            NaiveDatetimeError: *at* has no zone.
            UnknownZoneError: *zone* is no zone.

        Examples:
            >>> from datetime import UTC
            >>> Moment.of(datetime(2026, 11, 21, tzinfo=UTC), UTC).today
            datetime.date(2026, 11, 20)
        """
        microseconds = to_microseconds(as_instant(at, "at"))
        known = as_zone(zone)
        return cls(microseconds, known, local_date(microseconds - 1, known), week_starts)

    @property
    def frame(self) -> Frame:
        return Frame(self.zone, self.today)

    def start_of(self, day: date) -> int:
        return day_start(day, self.zone)


def window_bounds(window: Window, moment: Moment) -> tuple[int, int]:
    """
    [start, end) of a window in microseconds.

    Examples:
        >>> from datetime import UTC
        >>> moment = Moment.of(datetime(2026, 3, 31, 12, tzinfo=UTC), UTC)
        >>> start, end = window_bounds(Rolling("last", Duration(1, "month")), moment)
        >>> (end - start) / SECOND / 3600  # from 1 March, 0:00, to now
        732.0
    """
    match window:
        case Rolling():
            return _rolling(window, moment)
        case Calendar():
            first = _unit_start(moment.today, window.unit, moment)
            if window.which == "this":
                return moment.start_of(first), moment.at
            before = _unit_start(shift_days(first, -1), window.unit, moment)
            return moment.start_of(before), moment.start_of(first)
        case Since():
            start = point_instant(window.point, moment)
            # A point that still lies ahead looks ahead.
            return start, moment.at if start < moment.at else LAST_INSTANT + 1
        case Before():
            return FIRST_INSTANT, point_instant(window.point, moment)
        case Range():
            return point_instant(window.start, moment), point_instant(window.end, moment)
        case On():
            day = _open(window.day).value
            return moment.start_of(day), moment.start_of(shift_days(day, 1))
        case _:
            assert_never(window)


def row_window(window: Window | None, moment: Moment, *, happens: bool) -> tuple[int, int] | None:
    """
    The window in which rows of a collection count; None when all rows do.

    A window that begins before the instant ends at it: nothing that *happens* (an event) is seen
    before its time, so a night run late, or again, gives what it gave on time.
    """
    if window is None:
        return (FIRST_INSTANT, moment.at) if happens else None
    start, end = window_bounds(window, moment)
    return start, min(end, moment.at) if start < moment.at else end


def point_instant(point: Point, moment: Moment) -> int:
    """A point as the instant at which what follows it begins."""
    match point:
        case Date():
            return moment.start_of(point.value)
        case LocalTime():
            return local_instant(point.value, moment.zone)
        case Ago():
            return _rolling_start(point.count, point.unit, moment)
        case Parameter():
            raise InvalidValueError(point.name, "parameters", "Bind every parameter before a run")
        case _:
            assert_never(point)


def _open(day: Date | Parameter) -> Date:
    if isinstance(day, Parameter):
        raise InvalidValueError(day.name, "parameters", "Bind every parameter before a run")
    return day


def _rolling(window: Rolling, moment: Moment) -> tuple[int, int]:
    count, unit = window.duration.count, window.duration.unit
    tomorrow = shift_days(moment.today, 1)
    match window.direction:
        case "last":
            return _rolling_start(count, unit, moment), moment.at
        case "next":
            if unit in ("second", "minute", "hour"):
                return moment.at, min(moment.at + elapsed(window.duration), LAST_INSTANT + 1)
            if unit in MONTHS_IN:
                last = shift_months(moment.today, count * MONTHS_IN[unit])
            else:
                last = shift_days(moment.today, count * (7 if unit == "week" else 1))
            return moment.start_of(tomorrow), moment.start_of(shift_days(last, 1))
        case "previous":
            # The whole calendar units before the one that holds today.
            end = _unit_start(moment.today, unit, moment)
            if unit in MONTHS_IN:
                start = shift_months(end, -count * MONTHS_IN[unit])
            else:
                start = shift_days(end, -count * (7 if unit == "week" else 1))
            return moment.start_of(start), moment.start_of(end)


def _rolling_start(count: int, unit: str, moment: Moment) -> int:
    """Where `last <count> <unit>` begins."""
    if unit in ("second", "minute", "hour"):
        return max(moment.at - count * UNIT_SECONDS[unit] * SECOND, FIRST_INSTANT)
    if unit in MONTHS_IN:
        back = shift_months(moment.today, -count * MONTHS_IN[unit])
    else:
        back = shift_days(moment.today, -count * (7 if unit == "week" else 1))
    return moment.start_of(shift_days(back, 1)) if back > date.min else FIRST_INSTANT


def _unit_start(day: date, unit: str, moment: Moment) -> date:
    """The first day of the calendar unit that holds *day*."""
    match unit:
        case "day":
            return day
        case "week":
            passed = day.isoweekday() % 7 if moment.week_starts == "sunday" else day.weekday()
            return shift_days(day, -passed)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            raise InvalidValueError(unit, "calendar window", "Use day, week, month, quarter, year")


def date_window(window: Window, moment: Moment) -> tuple[int, int]:
    """
    [first, end) in proleptic ordinals: the dates that a window holds, for fields without a time.

    A date is in the window when its first instant is.
    """
    if isinstance(window, On):
        ordinal = _open(window.day).value.toordinal()
        return ordinal, ordinal + 1
    start, end = window_bounds(window, moment)
    return _first_date_from(start, moment), _first_date_from(end, moment)


def _first_date_from(instant: int, moment: Moment) -> int:
    """The ordinal of the first date that starts at *instant* or later."""
    if instant > LAST_INSTANT:
        return date.max.toordinal() + 1
    day = local_date(instant, moment.zone)
    return day.toordinal() + (moment.start_of(day) < instant)


def date_bounds(day: date, moment: Moment) -> tuple[int, int]:
    """First instant of a date and of the next one: how an instant is compared with a date."""
    return moment.start_of(day), moment.start_of(shift_days(day, 1))


def elapsed(duration: Duration) -> int:
    """A duration of fixed length in microseconds; a day is 24 hours here."""
    if duration.unit not in UNIT_SECONDS:
        raise InvalidValueError(
            duration.unit, "duration", "Use weeks, days, hours, minutes, seconds"
        )
    return duration.count * UNIT_SECONDS[duration.unit] * SECOND


# --- values as held -----------------------------------------------------------------------------


def holder(declared: Field) -> Callable[[object], Held | None]:
    """
    What turns a stored value of a field into the form that engines hold, or None when missing.

    The function raises WrongTypeError, FloatMoneyError or NaiveDatetimeError for a value that the
    field's type does not take.

    Examples:
        >>> hold = holder(Field("amount", FieldType.MONEY, currency="CNY"))
        >>> hold(Decimal("12.50")), hold(None)
        (1250, None)
    """
    hold = _HOLDERS[declared.type]

    def held(value: object) -> Held | None:
        return None if value is None else hold(value, declared)

    return held


def _hold_text(value: object, declared: Field) -> str | None:
    if not isinstance(value, str):
        raise _wrong(value, declared, "a str")
    return value if text_key(value) else None


def _hold_integer(value: object, declared: Field) -> int | None:
    if type(value) is int:
        return value
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(value, declared, "an int")
    return int(value)


def _hold_exact(value: object, declared: Field) -> int | None:
    if type(value) is int:
        return value * 10**declared.scale
    if isinstance(value, float):
        if math.isnan(value):
            return None
        place = f"field {declared.name!r}"
        raise FloatMoneyError(value, place, f"Give Decimal({str(value)!r}) or an int")
    if not isinstance(value, Decimal):
        raise _wrong(value, declared, "a Decimal or an int")
    if not value.is_finite():
        if value.is_nan():
            return None
        raise _wrong(value, declared, "a finite Decimal")
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    number = int("".join(map(str, digits)) or "0")
    shift = exponent + declared.scale
    if shift >= 0:
        number *= 10**shift
    else:
        number, rest = divmod(number, 10**-shift)
        if rest:
            raise InvalidValueError(
                value,
                f"field {declared.name!r}",
                f"At most {declared.scale} digits after the point",
            )
    return -number if sign else number


def _hold_float(value: object, declared: Field) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _wrong(value, declared, "a float")
    number = float(value)
    return None if math.isnan(number) else number


def _hold_boolean(value: object, declared: Field) -> bool:
    if not isinstance(value, bool):
        raise _wrong(value, declared, "a bool")
    return value


def _hold_date(value: object, declared: Field) -> int:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _wrong(value, declared, "a date without a time")
    return value.toordinal()


def _hold_instant(value: object, declared: Field) -> int:
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise NaiveDatetimeError(
            value, f"field {declared.name!r}", "Attach the zone: value.replace(tzinfo=zone)"
        )
    return to_microseconds(as_instant(value, f"field {declared.name!r}"))


def _hold_duration(value: object, declared: Field) -> int:
    if not isinstance(value, timedelta):
        raise _wrong(value, declared, "a timedelta")
    return (value.days * 86_400 + value.seconds) * SECOND + value.microseconds


def _hold_text_list(value: object, declared: Field) -> tuple[str, ...] | None:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _wrong(value, declared, "a tuple of str")
    texts: list[str] = []
    for item in cast("Iterable[object]", value):
        if not isinstance(item, str):
            raise _wrong(item, declared, "a tuple of str")
        if text_key(item):
            texts.append(item)
    return tuple(texts) or None


def _wrong(value: object, declared: Field, wanted: str) -> WrongTypeError:
    return WrongTypeError(value, f"field {declared.name!r}", f"Give {wanted}")


_HOLDERS: Mapping[FieldType, Callable[[object, Field], Held | None]] = {
    FieldType.TEXT: _hold_text,
    FieldType.INTEGER: _hold_integer,
    FieldType.DECIMAL: _hold_exact,
    FieldType.MONEY: _hold_exact,
    FieldType.FLOAT: _hold_float,
    FieldType.BOOLEAN: _hold_boolean,
    FieldType.DATE: _hold_date,
    FieldType.INSTANT: _hold_instant,
    FieldType.DURATION: _hold_duration,
    FieldType.TEXT_LIST: _hold_text_list,
}


# --- comparisons of present values --------------------------------------------------------------

# `!=` is not here: it is NOT of `=`, so that it is true when a side is missing.
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def text_test(operation: str, pattern: str) -> Callable[[str], bool]:
    """
    Whether a text passes `contains`, `starts_with`, `ends_with` or `like`, by text key.

    Examples:
        >>> text_test("like", "vip*")("ＶＩＰ客户")
        True
    """
    key = text_key(pattern)
    match operation:
        case "contains":
            return lambda text: key in text_key(text)
        case "starts_with":
            return lambda text: text_key(text).startswith(key)
        case "ends_with":
            return lambda text: text_key(text).endswith(key)
        case "like":
            return lambda text: glob_matches(key, text_key(text))
        case _:
            raise InvalidValueError(operation, "text operation")


def glob_matches(pattern: str, text: str) -> bool:
    """
    `*` is any run of characters, `?` any one character; nothing else is special.

    Looks back only to the last `*`, so the time is at most the product of the two lengths.

    Examples:
        >>> glob_matches("a*b?", "axxbbc")
        True
    """
    at = 0
    place = 0
    star = -1
    resumed = 0
    while place < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resumed = at, place
            at += 1
        elif at < len(pattern) and (pattern[at] == "?" or pattern[at] == text[place]):
            at += 1
            place += 1
        elif star >= 0:
            resumed += 1
            at, place = star + 1, resumed
        else:
            return False
    return all(character == "*" for character in pattern[at:])


# --- totals over present values -----------------------------------------------------------------


def total(values: Sequence[Scalar]) -> Scalar:
    """The sum; of floats the correctly rounded one, whatever their order."""
    if values and isinstance(values[0], float):
        return math.fsum(float(v) for v in values if not isinstance(v, str))
    # Texts have no sum, and the checker lets none in.
    return sum(cast("Sequence[int]", values))


def mean(values: Sequence[Scalar], scale: int) -> Scalar | None:
    """The average; exact numbers give a fraction of the value itself, not of its held integer."""
    if not values:
        return None
    whole = total(values)
    if isinstance(whole, float):
        return whole / len(values)
    assert isinstance(whole, int)
    return Fraction(whole, len(values) * 10**scale)


def distinct_count(values: Iterable[Held]) -> int:
    """How many different values; texts are the same when their keys are."""
    return len({text_key(v) if isinstance(v, str) else v for v in values})
