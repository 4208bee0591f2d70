"""The instant of a run, its calendar, and what each window means at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import TypeAlias, assert_never

from attrs import frozen

from segmentkit.arguments import explain_other_types
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
    EXACT_UNITS,
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
    TimeUnit,
    WeekStart,
    Window,
    week_start,
)

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
        microseconds = to_microseconds(as_instant(at, "argument 'at'"))
        known = as_zone(zone)
        return cls(microseconds, known, local_date(microseconds - 1, known), week_starts)

    @property
    def frame(self) -> Frame:
        return Frame(self.zone, self.today, self.week_starts)

    @explain_other_types
    def start_of(self, day: date) -> int:
        return day_start(day, self.zone)


# A date stands for its first instant. Keeping it a date until the end is what makes windows right
# for fields that hold dates, too: a zone may skip a date, or start two at one instant.
_Edge: TypeAlias = date | int

_BEGINNING = FIRST_INSTANT
_END = LAST_INSTANT + 1


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
    start, end = _edges(window, moment)
    return _instant_of(start, moment), _instant_of(end, moment)


def date_window(window: Window, moment: Moment) -> tuple[int, int]:
    """
    [first, end) in proleptic ordinals: the dates that a window holds, for fields without a time.

    A date is in a window that is said in hours when its first instant is.
    """
    start, end = _edges(window, moment)
    return _ordinal_of(start, moment), _ordinal_of(end, moment)


def row_window(window: Window | None, moment: Moment, *, happens: bool) -> tuple[int, int] | None:
    """
    The window in which rows of a collection count; None when all rows do.

    A window that begins before the instant ends at it: nothing that *happens* (an event) is seen
    before its time, so a night run late, or again, gives what it gave on time.
    """
    if window is None:
        return (_BEGINNING, moment.at) if happens else None
    start, end = window_bounds(window, moment)
    return start, min(end, moment.at) if start < moment.at else end


def point_instant(point: Point, moment: Moment) -> int:
    """A point as the instant at which what follows it begins."""
    return _instant_of(_point_edge(point, moment), moment)


def date_bounds(day: date, moment: Moment) -> tuple[int, int]:
    """First instant of a date and of the next one: how an instant is compared with a date."""
    return moment.start_of(day), _instant_of(_after(day), moment)


# --- edges of windows ---------------------------------------------------------------------------


def _edges(window: Window, moment: Moment) -> tuple[_Edge, _Edge]:
    match window:
        case Rolling():
            return _rolling(window, moment)
        case Calendar():
            first = _unit_start(moment.today, window.unit, moment)
            if window.which == "this":
                return first, moment.at
            return _unit_start(shift_days(first, -1), window.unit, moment), first
        case Since():
            start = _point_edge(window.point, moment)
            # A point that still lies ahead looks ahead.
            return start, moment.at if _instant_of(start, moment) < moment.at else _END
        case Before():
            return _BEGINNING, _point_edge(window.point, moment)
        case Range():
            return _point_edge(window.start, moment), _point_edge(window.end, moment)
        case On():
            if isinstance(window.day, Parameter):
                raise _open_parameter(window.day)
            return window.day.value, _after(window.day.value)
        case _:
            assert_never(window)


def _point_edge(point: Point, moment: Moment) -> _Edge:
    match point:
        case Date():
            return point.value
        case LocalTime():
            return local_instant(point.value, moment.zone)
        case Ago():
            return _start_of_last(point.count, point.unit, moment)
        case Parameter():
            raise _open_parameter(point)
        case _:
            assert_never(point)


def _open_parameter(parameter: Parameter) -> InvalidValueError:
    return InvalidValueError(parameter.name, "parameters", "Bind every parameter before a run")


def _rolling(window: Rolling, moment: Moment) -> tuple[_Edge, _Edge]:
    count, unit = window.duration.count, window.duration.unit
    match window.direction:
        case "last":
            return _start_of_last(count, unit, moment), moment.at
        case "next":
            if unit in EXACT_UNITS:
                return moment.at, min(moment.at + elapsed(window.duration), _END)
            return _after(moment.today), _after(_shift(moment.today, count, unit))
        case "previous":
            # The whole calendar units before the one that holds today.
            end = _unit_start(moment.today, unit, moment)
            return _shift(end, -count, unit), end


def _start_of_last(count: int, unit: TimeUnit, moment: Moment) -> _Edge:
    """Where `last <count> <unit>` begins."""
    if unit in EXACT_UNITS:
        return max(moment.at - count * UNIT_SECONDS[unit] * SECOND, _BEGINNING)
    back = _shift(moment.today, -count, unit)
    return _BEGINNING if back == date.min else _after(back)


def _shift(day: date, count: int, unit: TimeUnit) -> date:
    """*day* moved by calendar units, clamped to the month's end and to the years 1 to 9999."""
    if unit in MONTHS_IN:
        return shift_months(day, count * MONTHS_IN[unit])
    return shift_days(day, count * (7 if unit == "week" else 1))


def _after(day: date) -> _Edge:
    """The next date; after the last one of all, the end of time."""
    return _END if day == date.max else shift_days(day, 1)


def _unit_start(day: date, unit: TimeUnit, moment: Moment) -> date:
    """The first day of the calendar unit that holds *day*."""
    match unit:
        case "day":
            return day
        case "week":
            return week_start(day, moment.week_starts)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            raise InvalidValueError(unit, "calendar window", "Use day, week, month, quarter, year")


def _instant_of(edge: _Edge, moment: Moment) -> int:
    return edge if isinstance(edge, int) else moment.start_of(edge)


def _ordinal_of(edge: _Edge, moment: Moment) -> int:
    """The ordinal of the first date that starts at the edge or later."""
    if isinstance(edge, date):
        return edge.toordinal()
    if edge == _END:
        return date.max.toordinal() + 1
    day = local_date(edge, moment.zone).toordinal()
    if moment.start_of(date.fromordinal(day)) < edge:
        return day + 1
    # A date that the zone skipped starts where the next one starts.
    while day > 1 and moment.start_of(date.fromordinal(day - 1)) == edge:
        day -= 1
    return day


def elapsed(duration: Duration) -> int:
    """A duration of fixed length in microseconds; a day is 24 hours here."""
    if duration.unit not in UNIT_SECONDS:
        raise InvalidValueError(
            duration.unit, "duration", "Use weeks, days, hours, minutes, seconds"
        )
    return duration.count * UNIT_SECONDS[duration.unit] * SECOND
