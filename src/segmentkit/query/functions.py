"""
Functions of one value: the registry.

Adding a function is one entry of `FUNCTIONS`: its words, the kinds it takes, the type it gives and
what it does. A missing value gives a missing value, always; `apply` never sees one. Instants and
durations arrive as microseconds, dates as proleptic ordinals, numbers as integers of the given
scale (or fractions), texts as they were stored.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, tzinfo
from fractions import Fraction
from typing import Literal, TypeAlias

from attrs import frozen

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.model import (
    NUMERIC_TYPES,
    FieldType,
    local_date,
    local_time,
    shift_days,
    shift_months,
)
from segmentkit.query.types import DATE, INTEGER, TIME_TYPES, ValueType
from segmentkit.text import text_key

Scalar: TypeAlias = int | float | str | Fraction
WeekStart: TypeAlias = Literal["monday", "sunday"]


@frozen
class Frame:
    """What a function may know besides its argument: the run's calendar and its local date D."""

    zone: tzinfo
    today: date
    week_starts: WeekStart = "monday"


@refuse_other_types
def week_start(day: date, week_starts: WeekStart) -> date:
    """
    The first day of the week that holds *day*.

    Examples:
        >>> week_start(date(2026, 11, 20), "sunday")
        datetime.date(2026, 11, 15)
    """
    passed = day.isoweekday() % 7 if week_starts == "sunday" else day.weekday()
    return shift_days(day, -passed)


@frozen
class Function:
    """
    One function of one value.

    Attributes:
        name: canonical, English.
        chinese: canonical Chinese word.
        meaning: one sentence for the documentation.
        accepts: kinds of the argument.
        result: type of the value; None when it is the argument's own type.
        apply: the value for a present argument of the given kind; None is missing.
    """

    name: str
    chinese: str
    meaning: str
    accepts: frozenset[FieldType]
    result: ValueType | None
    apply: Callable[[Scalar, FieldType, Frame], Scalar | None]


def _day(value: Scalar, kind: FieldType, frame: Frame) -> date:
    """The local date of an instant or a date."""
    assert isinstance(value, int)
    return date.fromordinal(value) if kind is FieldType.DATE else local_date(value, frame.zone)


def _ordinal(take: Callable[[date], date]) -> Callable[[Scalar, FieldType, Frame], Scalar]:
    return lambda value, kind, frame: take(_day(value, kind, frame)).toordinal()


def _part(take: Callable[[date], int]) -> Callable[[Scalar, FieldType, Frame], Scalar]:
    return lambda value, kind, frame: take(_day(value, kind, frame))


def _week_start(value: Scalar, kind: FieldType, frame: Frame) -> Scalar:
    return week_start(_day(value, kind, frame), frame.week_starts).toordinal()


def _hour(value: Scalar, kind: FieldType, frame: Frame) -> Scalar:
    assert isinstance(value, int)
    return local_time(value, frame.zone).hour


def _age(value: Scalar, kind: FieldType, frame: Frame) -> Scalar | None:
    born = _day(value, kind, frame)
    if born > frame.today:
        return None
    years = frame.today.year - born.year
    return years - (shift_months(born, 12 * years) > frame.today)


def _anniversary(value: Scalar, kind: FieldType, frame: Frame) -> Scalar:
    begun = _day(value, kind, frame)
    years = max(1, frame.today.year - begun.year)
    while shift_months(begun, 12 * years) < frame.today and begun.year + years < date.max.year:
        years += 1
    return shift_months(begun, 12 * years).toordinal()


def _absolute(value: Scalar, kind: FieldType, frame: Frame) -> Scalar:
    assert not isinstance(value, str)
    return abs(value)


def _length(value: Scalar, kind: FieldType, frame: Frame) -> Scalar:
    assert isinstance(value, str)
    return len(value)


_MEASURED = NUMERIC_TYPES | {FieldType.DURATION}
_INSTANT_ONLY = frozenset({FieldType.INSTANT})
_TEXT_ONLY = frozenset({FieldType.TEXT})

FUNCTIONS: tuple[Function, ...] = (
    Function("date", "日期", "the local date", TIME_TYPES, DATE, _ordinal(lambda d: d)),
    Function(
        "week_start",
        "周首日",
        "the first day of its week, as a date",
        TIME_TYPES,
        DATE,
        _week_start,
    ),
    Function(
        "month_start",
        "月首日",
        "the first day of its month, as a date",
        TIME_TYPES,
        DATE,
        _ordinal(lambda d: d.replace(day=1)),
    ),
    Function(
        "week",
        "周数",
        "the number of its ISO week, 1 to 53",
        TIME_TYPES,
        INTEGER,
        _part(lambda d: d.isocalendar().week),
    ),
    Function("month", "月份", "the month, 1 to 12", TIME_TYPES, INTEGER, _part(lambda d: d.month)),
    Function(
        "quarter",
        "季",
        "the quarter, 1 to 4",
        TIME_TYPES,
        INTEGER,
        _part(lambda d: (d.month + 2) // 3),
    ),
    Function("year", "年份", "the year", TIME_TYPES, INTEGER, _part(lambda d: d.year)),
    Function(
        "day", "日", "the day of the month, 1 to 31", TIME_TYPES, INTEGER, _part(lambda d: d.day)
    ),
    Function(
        "weekday",
        "星期",
        "the day of the week, Monday 1 to Sunday 7",
        TIME_TYPES,
        INTEGER,
        _part(lambda d: d.isoweekday()),
    ),
    Function("hour", "钟点", "the local hour, 0 to 23", _INSTANT_ONLY, INTEGER, _hour),
    Function(
        "anniversary",
        "周年日",
        "its next yearly return on or after today; 29 February returns on the 28th",
        TIME_TYPES,
        DATE,
        _anniversary,
    ),
    Function(
        "age", "周岁", "whole years up to today; missing before it", TIME_TYPES, INTEGER, _age
    ),
    Function("abs", "绝对值", "the value without its sign", _MEASURED, None, _absolute),
    Function("length", "长度", "the number of code points", _TEXT_ONLY, INTEGER, _length),
)

_BY_WORD = {text_key(word): f for f in FUNCTIONS for word in (f.name, f.chinese)}


@explain_other_types
def find_function(word: str) -> Function | None:
    """The function of that English or Chinese name, or None."""
    return _BY_WORD.get(text_key(word))


def function_words() -> list[str]:
    """Every name of every function, for suggestions and completion."""
    return [word for f in FUNCTIONS for word in (f.name, f.chinese)]
