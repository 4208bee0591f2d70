"""Windows of time taken apart: which mark a value has reached, and which it has not."""

from __future__ import annotations

from typing import assert_never

from segmentkit.errors import InvalidValueError
from segmentkit.query import Before, Calendar, Date, On, Parameter, Range, Rolling, Since, Window
from segmentkit.rules.linter.comparing import reaches
from segmentkit.rules.linter.formulas import (
    Formula,
    Holds,
    Known,
    LiesAhead,
    Term,
    complement,
    every,
    some,
)
from segmentkit.rules.linter.marks import (
    END,
    MONTHS_IN,
    NOW,
    SECONDS_IN,
    TOMORROW,
    Mark,
    day_after,
    elapsed,
    has_begun,
    mark_of,
    next_start,
    start_of,
    unit_start,
)


def in_window(term: Term, window: Window) -> Formula:
    """The value, a date or an instant, lies in the window."""
    start, end = _ends(window)
    return every(_from(term, start), _before(term, end), _so_far(term, window, start))


def row_in_window(term: Term, window: Window | None, *, happens: bool) -> Formula:
    """
    A row of that time counts in the window; without one, every row does that has happened.
    """
    if window is None:
        return _before(term, NOW) if happens else every()
    start, end = _ends(window)
    clipped = _until_now(term, start)
    return every(_from(term, start), _before(term, end), clipped)


def _from(term: Term, mark: Mark | None) -> Formula:
    return Holds(Known(term)) if mark is None else reaches(term, mark)


def _before(term: Term, mark: Mark) -> Formula:
    return every(Holds(Known(term)), complement(reaches(term, mark)))


def _so_far(term: Term, window: Window, start: Mark | None) -> Formula:
    """`since` looks back from now, unless its point lies ahead."""
    return _until_now(term, start) if isinstance(window, Since) else every()


def _until_now(term: Term, start: Mark | None) -> Formula:
    begun = True if start is None else has_begun(start)
    if begun is False:
        return every()
    before_now = _before(term, NOW)
    if begun or start is None:
        return before_now
    return some(Holds(LiesAhead(start)), before_now)


def _ends(window: Window) -> tuple[Mark | None, Mark]:
    """Start and end; None is the beginning of time."""
    match window:
        case Rolling():
            return _rolling(window)
        case Calendar(which, unit):
            this = _unit(unit, 0)
            return (this, NOW) if which == "this" else (_unit(unit, 1), this)
        case Since(point):
            return mark_of(point), END
        case Before(point):
            return None, mark_of(point)
        case Range(start, end):
            return mark_of(start), mark_of(end)
        case On(day):
            date = _open(day).value
            return start_of(date), next_start(date)
        case _:
            assert_never(window)


def _rolling(window: Rolling) -> tuple[Mark, Mark]:
    count, unit = window.duration.count, window.duration.unit
    if window.direction == "previous":
        return _unit(unit, count), _unit(unit, 0)
    sign = -1 if window.direction == "last" else 1
    if unit in SECONDS_IN:
        far = elapsed(sign * count * SECONDS_IN[unit])
    elif unit in MONTHS_IN:
        far = day_after(sign * count * MONTHS_IN[unit], "month")
    else:
        far = day_after(sign * count * (7 if unit == "week" else 1), "day")
    if window.direction == "last":
        return far, NOW
    return (NOW if unit in SECONDS_IN else TOMORROW), far


def _unit(unit: str, back: int) -> Mark:
    match unit:
        case "day":
            return day_after(-1 - back, "day")
        case "week" | "month" | "quarter" | "year":
            return unit_start(unit, back)
        case _:
            raise InvalidValueError(unit, "calendar window", "Use day, week, month, quarter, year")


def _open(day: Date | Parameter) -> Date:
    if isinstance(day, Parameter):
        raise InvalidValueError(day.name, "parameters", "Bind every parameter first")
    return day
