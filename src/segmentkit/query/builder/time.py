"""Durations, points and windows of time, written in Python."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Self, cast, get_args

from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.query import ast
from segmentkit.query.ast import Point, TimeUnit, Window
from segmentkit.query.builder.values import Expression, to_value

_UNITS: Mapping[str, TimeUnit] = {f"{unit}s": unit for unit in get_args(TimeUnit)}


def duration(**units: int) -> Expression:
    """A length of time: `field("duration") >= duration(seconds=30)`."""
    return Expression(to_duration(units))


def ago(**units: int) -> ast.Ago:
    """
    A point in time: `since(ago(days=30))` is the same as `last(days=30)`.

    Examples:
        >>> from segmentkit.query.builder import ago
        >>> ago(days=30)
        Ago(count=30, unit='day')
    """
    length = to_duration(units)
    return ast.Ago(length.count, length.unit)


def to_duration(units: Mapping[str, int]) -> ast.Duration:
    """The duration of one keyword, such as `days=30`."""
    if len(units) != 1:
        raise InvalidValueError(dict(units), "a duration", "Give one unit, such as days=30")
    ((name, number),) = units.items()
    if name not in _UNITS:
        raise InvalidValueError(name, "a unit of time", f"Give one of {', '.join(_UNITS)}")
    if type(number) is not int or number < 0:
        raise InvalidValueError(number, name, "Give an int, 0 or more")
    return ast.Duration(number, _UNITS[name])


def last(**units: int) -> Window:
    """`last(days=30)`: the 30 local dates up to today; hours and less are exact elapsed time."""
    return ast.Rolling("last", to_duration(units))


def next_(**units: int) -> Window:
    return ast.Rolling("next", to_duration(units))


def previous(unit: TimeUnit | None = None, **units: int) -> Window:
    """`previous("month")`, the whole calendar month before; `previous(days=7)`, before today."""
    if unit is None:
        return ast.Rolling("previous", to_duration(units))
    if units:
        raise InvalidValueError(dict(units), "a window", "Give a unit or a number of units")
    return ast.Calendar("previous", _unit(unit))


def this(unit: TimeUnit) -> Window:
    """`this("month")`: the calendar month so far."""
    return ast.Calendar("this", _unit(unit))


def today() -> Window:
    return ast.Calendar("this", "day")


def yesterday() -> Window:
    return ast.Calendar("previous", "day")


def since(point: object) -> Window:
    """From *point* on: a date, a naive datetime, `ago(...)` or a parameter."""
    return ast.Since(_point(point))


def before(point: object) -> Window:
    return ast.Before(_point(point))


def from_to(start: object, end: object) -> Window:
    """From *start* up to, and without, *end*."""
    return ast.Range(_point(start), _point(end))


def on(day: object) -> Window:
    """The whole local date."""
    node = _point(day)
    if isinstance(node, ast.Date | ast.Parameter):
        return ast.On(node)
    raise WrongTypeError(type(day).__name__, "a day", "Give a date or a parameter")


def _unit(unit: str) -> TimeUnit:
    if unit in get_args(TimeUnit):
        return cast("TimeUnit", unit)
    raise InvalidValueError(unit, "a unit", f"Give one of {', '.join(get_args(TimeUnit))}")


def _point(given: object) -> Point:
    node = to_value(given)
    if isinstance(node, ast.Date | ast.LocalTime | ast.Ago | ast.Parameter):
        return node
    remedy = "Give a date, a naive datetime, ago(days=30) or a parameter"
    raise WrongTypeError(type(given).__name__, "a point in time", remedy)


class InTime(ABC):
    """What activities and aggregates share: their items can be narrowed to one window."""

    @abstractmethod
    def during(self, window: Window) -> Self:
        """Only items in *window*."""

    def last(self, **units: int) -> Self:
        return self.during(last(**units))

    def next(self, **units: int) -> Self:
        return self.during(next_(**units))

    def previous(self, unit: TimeUnit | None = None, **units: int) -> Self:
        return self.during(previous(unit, **units))

    def this(self, unit: TimeUnit) -> Self:
        return self.during(this(unit))

    def since(self, point: object) -> Self:
        return self.during(since(point))

    def before(self, point: object) -> Self:
        return self.during(before(point))

    def from_to(self, start: object, end: object) -> Self:
        return self.during(from_to(start, end))

    def on(self, day: object) -> Self:
        return self.during(on(day))
