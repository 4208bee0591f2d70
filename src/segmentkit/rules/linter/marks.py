"""
Marks on the line of time, as a query names them, and which of two is never the later one.

`30 days ago` and the first of this month become instants only when a run says at which instant, in
which zone it looks. What the linter claims must hold in every run, so two marks are ordered only
where they stand in that order in every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias, assert_never

from attrs import field, frozen

from segmentkit.errors import InvalidValueError
from segmentkit.model import shift_days
from segmentkit.query import Ago, Date, LocalTime, Parameter, Point

MarkKind: TypeAlias = Literal[
    "elapsed",
    "days",
    "months",
    "week",
    "month",
    "quarter",
    "year",
    "date",
    "local",
    "end",
]
CalendarUnit: TypeAlias = Literal["week", "month", "quarter", "year"]

SECONDS_IN: Mapping[str, int] = {"second": 1, "minute": 60, "hour": 3_600}
MONTHS_IN: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
_DAY = 86_400
# Whatever a zone does to its clocks, a number of local dates and as many times 24 hours part by
# less than this; and so do two local times and the instants they mean.
_DRIFT = timedelta(days=2)
# How many days so many months can have, where that is worth knowing closely.
_DAYS_OF_MONTHS: Mapping[int, tuple[int, int]] = {
    0: (0, 0),
    1: (28, 31),
    2: (59, 62),
    3: (89, 92),
    6: (181, 184),
    12: (365, 366),
}
# A unit's number of days at the least and at the most, and its number of months.
_UNITS: Mapping[CalendarUnit, tuple[int, int, int]] = {
    "week": (7, 7, 0),
    "month": (28, 31, 1),
    "quarter": (90, 92, 3),
    "year": (365, 366, 12),
}


@frozen
class Mark:
    """
    One mark. Those of one kind are ordered by `position`, those of two by where they may lie.

    Attributes:
        kind: what it counts in.
        position: seconds after the run's instant; days or months that today is moved by before the
            next day begins; calendar units after the present one; or a place in the calendar.
        after: whether what is meant lies just after it.
        days: the starts of local dates, as days after today, between which it surely lies.
        months: likewise in starts of months; None where that says nothing.
    """

    kind: MarkKind
    position: int | datetime
    after: bool = False
    days: tuple[int, int] | None = field(default=None, eq=False, repr=False)
    months: tuple[int, int] | None = field(default=None, eq=False, repr=False)


def elapsed(seconds: int) -> Mark:
    """The run's instant and some seconds."""
    drift = _DRIFT // timedelta(seconds=1)
    # Now lies after the start of today and not after the start of tomorrow.
    days = ((seconds - drift) // _DAY, 2 + (seconds + drift) // _DAY) if seconds else (0, 1)
    return Mark("elapsed", seconds, days=days)


def day_after(amount: int, unit: Literal["day", "month"]) -> Mark:
    """The start of the day after today moved by days or months: where `last 30 days` begins."""
    if unit == "day":
        return Mark("days", amount, days=(amount + 1, amount + 1))
    least, most = _DAYS_OF_MONTHS.get(abs(amount), (28 * abs(amount), 31 * abs(amount)))
    days = (1 - most, 1 - least) if amount < 0 else (1 + least, 1 + most)
    return Mark("months", amount, days=days, months=(amount, amount + 1))


def unit_start(unit: CalendarUnit, back: int) -> Mark:
    """The start of the calendar unit so many before the present one."""
    least, most, in_months = _UNITS[unit]
    days = (1 - most - back * most, -back * least)
    months = (1 - in_months - back * in_months, -back * in_months) if in_months else None
    return Mark(unit, -back, days=days, months=months)


def start_of(day: date) -> Mark:
    """The start of a date."""
    return Mark("date", datetime.combine(day, time()))


def next_start(day: date) -> Mark:
    """The start of the date after one; after the last of all, the end of time."""
    return END if day == date.max else start_of(shift_days(day, 1))


def local(moment: datetime) -> Mark:
    """A local time of the calendar."""
    return Mark("local", moment)


NOW = elapsed(0)
TOMORROW = day_after(0, "day")
END = Mark("end", 0)
"""Later than everything."""


def mark_of(point: Point) -> Mark:
    """
    The mark that a point of a query means.

    Raises:
        InvalidValueError: a parameter that is still open.
    """
    match point:
        case Date(day):
            return start_of(day)
        case LocalTime(moment):
            return local(moment)
        case Ago(count, unit):
            if unit in SECONDS_IN:
                return elapsed(-count * SECONDS_IN[unit])
            if unit in MONTHS_IN:
                return day_after(-count * MONTHS_IN[unit], "month")
            return day_after(-count * (7 if unit == "week" else 1), "day")
        case Parameter(name):
            raise InvalidValueError(name, "parameters", "Bind every parameter first")
        case _:
            assert_never(point)


def never_later(first: Mark, second: Mark) -> bool:
    """
    Whether *first* is at or before *second* in every run; False where that is not certain.

    Runs on the first and last days of the calendar, in the years 1 and 9999, are left aside.

    Examples:
        >>> never_later(day_after(-30, "day"), day_after(-7, "day"))
        True
        >>> never_later(day_after(-31, "day"), unit_start("month", 0))  # a month has 31 days
        True
        >>> never_later(day_after(-90, "day"), day_after(-3, "month"))  # or 92, or 89
        False
    """
    if first == second or second.kind == "end":
        return True
    if first.after and not second.after:
        # The one must lie before the other, and not at it.
        return _apart(first, second)
    if first.kind == second.kind and first.kind != "local":
        return _ordered(first.position, second.position)
    if first.days is not None and second.days is not None:
        return _before(first.days, second.days) or _before(first.months, second.months)
    return _apart(first, second)


def _before(first: tuple[int, int] | None, second: tuple[int, int] | None) -> bool:
    """Whether what lies in the one range is never later than what lies in the other."""
    return first is not None and second is not None and first[1] <= second[0]


def _apart(first: Mark, second: Mark) -> bool:
    """Whether the one is earlier by more than clocks can be changed by."""
    one, other = first.position, second.position
    return (
        isinstance(one, datetime)
        and isinstance(other, datetime)
        and other >= datetime.min + _DRIFT
        and one <= other - _DRIFT
    )


def _ordered(one: int | datetime, other: int | datetime) -> bool:
    if isinstance(one, int) and isinstance(other, int):
        return one <= other
    return isinstance(one, datetime) and isinstance(other, datetime) and one <= other


def has_begun(mark: Mark) -> bool | None:
    """Whether a mark lies before the run's instant in every run, or in none; else None."""
    match mark.kind:
        case "elapsed":
            return isinstance(mark.position, int) and mark.position < 0
        case "end":
            return False
        case _ if mark.days is not None:
            if mark.days[1] <= 0:
                return True
            return False if mark.days[0] >= 1 else None
        case _:
            return None
