"""What each field of a form says in a condition; a field that is None says nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from segmentkit.query import Condition, ConditionLike, Window, builder, parse
from segmentkit.rules.templates.quantities import Quantity, as_bounds

Texts: TypeAlias = str | Iterable[str | builder.Expression] | builder.Expression
"""One text, several of which any will do, or a `parameter("name")` that is bound to one or several."""


def one_of(name: str, texts: Texts | None) -> builder.Built | None:
    """The item's field is one of the texts."""
    if texts is None:
        return None
    given = spread(texts)
    return (
        builder.field(name) == given[0]
        if isinstance(texts, str)
        else builder.field(name).is_in(*given)
    )


def spread(texts: Texts) -> tuple[object, ...]:
    """The texts one by one; those of a set sorted, so that a rule is the same in each process."""
    if isinstance(texts, str | builder.Expression):
        return (texts,)
    if isinstance(texts, set | frozenset):
        return tuple(sorted(texts, key=repr))
    return tuple(texts)


def within(value: builder.Expression, quantity: Quantity | None) -> builder.Built | None:
    return None if quantity is None else as_bounds(quantity).on(value)


def falls_in(name: str, window: Window | None) -> builder.Built | None:
    return None if window is None else builder.field(name).falls_in(window)


def is_(name: str, truth: bool | None) -> builder.Built | None:
    return None if truth is None else builder.field(name) == truth


def narrowed(
    activity: builder.ActivityBuilder, *conditions: str | ConditionLike | None
) -> builder.ActivityBuilder:
    """Only items for which all that is given holds."""
    given = [
        parse(condition) if isinstance(condition, str) else condition
        for condition in conditions
        if condition is not None
    ]
    return activity.where(*given) if given else activity


def counted(
    activity: builder.ActivityBuilder,
    during: Window | None,
    times: Quantity | None,
    *totals: ConditionLike | None,
) -> Condition:
    """What the items that are left have to come to: when, how often, in all."""
    if during is not None:
        activity = activity.during(during)
    if times is not None:
        activity = as_bounds(times).on_times(activity)
    given = [condition for condition in totals if condition is not None]
    return (activity.having(*given) if given else activity).condition
