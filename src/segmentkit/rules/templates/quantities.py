"""How much is wanted: the number in a form, or the ends of a range."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias, cast

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.query import builder

Measure: TypeAlias = int | float | Decimal | timedelta | builder.Expression
"""A number, an amount, a length of time, or a `parameter("name")` that stands for one."""

_PLACE = "bounds of a quantity"
_WHOLE = "Give a whole number, 0 or more"


@refuse_other_types
@frozen
class Bounds:
    """
    A range of numbers, amounts or lengths of time.

    Attributes:
        low: the least that will do; None for no limit.
        high: the most that will do; None for no limit.
        below: what must not be reached; None for no limit.

    Raises:
        InvalidValueError: no end, `high` and `below` both, NaN, or a lower end above the upper one.
        WrongTypeError: an end that is none of these, or the two ends of different kinds.
    """

    low: Measure | None = None
    high: Measure | None = None
    below: Measure | None = None

    def __attrs_post_init__(self) -> None:
        given = [end is not None for end in (self.low, self.high, self.below)]
        if not any(given) or all(given[1:]):
            remedy = "Give at_least, at_most, between or below"
            raise InvalidValueError(self, _PLACE, remedy)
        for end in (self.low, self.high, self.below):
            refuse_endless(end, _PLACE)
        upper = self.below if self.high is None else self.high
        if _is_plain(self.low) and _is_plain(upper) and is_less(upper, self.low, _PLACE):
            raise InvalidValueError(upper, _PLACE, f"It must not be below {self.low!r}")

    @property
    def ends(self) -> tuple[Measure, ...]:
        """Those that are given."""
        return tuple(end for end in (self.low, self.high, self.below) if end is not None)

    @refuse_other_types
    def on(self, value: builder.Expression) -> builder.Built:
        """The condition that a value lies in the range."""
        if self.low is not None and self.high is not None:
            return value.between(self.low, self.high)
        sides: list[builder.Built] = []
        if self.low is not None:
            sides.append(value >= self.low)
        if self.high is not None:
            sides.append(value <= self.high)
        if self.below is not None:
            sides.append(value < self.below)
        return builder.all_of(sides)

    @refuse_other_types
    def on_times(self, activity: builder.ActivityBuilder) -> builder.ActivityBuilder:
        """The activity, done so many times."""
        if self.low is not None and self.high is not None:
            return activity.between(self.low, self.high)
        if self.low is not None and self.below is not None:
            return activity.between(self.low, _one_less(self.below))
        if self.low is not None:
            return activity.at_least(self.low)
        if self.high is not None:
            return activity.at_most(self.high)
        return activity.fewer_than(self.below)


Quantity: TypeAlias = Measure | Bounds
"""What an argument takes that says how much: a plain number means at least that much."""


def at_least(low: Measure) -> Bounds:
    """That much or more; what a plain number means too."""
    return Bounds(low=low)


def at_most(high: Measure) -> Bounds:
    """
    That much or less. Of times this takes in never.

    Examples:
        >>> from segmentkit.query import format
        >>> from segmentkit.rules.templates import purchase_frequency
        >>> format(purchase_frequency(times=at_most(2)))
        'did purchase at most 2 times'
    """
    return Bounds(high=high)


def between(low: Measure, high: Measure) -> Bounds:
    """From *low* to *high*, both included."""
    return Bounds(low=low, high=high)


def below(limit: Measure) -> Bounds:
    """Less than that."""
    return Bounds(below=limit)


# --- what a field wants -----------------------------------------------------------------------------


def as_number(quantity: Quantity) -> Bounds:
    """
    Bounds of a number or an amount.

    Raises:
        WrongTypeError: a length of time.
    """
    bounds = _as_bounds(quantity)
    for end in bounds.ends:
        if isinstance(end, timedelta):
            raise WrongTypeError(end, "a number", "Give a number, not a length of time")
    return bounds


def as_times(quantity: Quantity) -> Bounds:
    """
    Bounds of how often.

    Raises:
        InvalidValueError: less than 0, or not whole.
        WrongTypeError: a length of time.
    """
    bounds = _as_bounds(quantity)
    for end in bounds.ends:
        if isinstance(end, timedelta):
            raise WrongTypeError(end, "a number of times", _WHOLE)
        if not isinstance(end, builder.Expression) and (end < 0 or end % 1 != 0):
            raise InvalidValueError(end, "a number of times", _WHOLE)
    return bounds


def as_length(quantity: Quantity) -> Bounds:
    """
    Bounds of a length of time.

    Raises:
        WrongTypeError: a number, of which nobody knows the unit.
    """
    bounds = _as_bounds(quantity)
    for end in bounds.ends:
        if not isinstance(end, timedelta | builder.Expression):
            remedy = "Give a timedelta, such as timedelta(seconds=30)"
            raise WrongTypeError(end, "a length of time", remedy)
    return bounds


def _as_bounds(quantity: Quantity) -> Bounds:
    return quantity if isinstance(quantity, Bounds) else Bounds(low=quantity)


# --- plain values, which can be compared before a rule is used -----------------------------------


def is_less(one: object, other: object, place: str) -> bool:
    """
    Whether one number, date or length of time is less than another.

    Raises:
        WrongTypeError: the two are of different kinds.
    """
    try:
        return cast("int", one) < cast("int", other)
    except TypeError:
        raise WrongTypeError(one, place, f"Give one like {other!r}") from None


def refuse_endless(value: object, place: str) -> None:
    """
    Refuse what is no number, though a number's type holds it.

    Raises:
        InvalidValueError: NaN or infinity.
    """
    if isinstance(value, float | Decimal) and not Decimal(value).is_finite():
        raise InvalidValueError(value, place, "Give a finite number")


def _one_less(times: Measure) -> object:
    if isinstance(times, timedelta):
        raise WrongTypeError(times, "a number of times", "Give an int")
    return times - 1


def _is_plain(end: Measure | None) -> bool:
    return end is not None and not isinstance(end, builder.Expression)
