"""The instant of a run, its calendar, and what each window means at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Literal, TypeAlias, assert_never

from attrs import frozen

from segmentkit.errors import InvalidValueError
from segmentkit.model import (
    FIRST_INSTANT,
    LAST_INSTANT,
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

WeekStart: TypeAlias = Literal["monday", "sunday"]

SECOND = 1_000_000
UNIT_SECONDS: Mapping[str, int] = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
}
MONTHS_IN: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}


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
