"""What each field of a form says in a condition; a field that is not filled in says nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from segmentkit.query import Condition, ConditionLike, Window, builder, parse
from segmentkit.rules.templates.quantities import Quantity, as_length, as_number, as_times
from segmentkit.text import text_key

Texts: TypeAlias = str | Iterable[str | builder.Expression] | builder.Expression
"""One text, several of which any will do, or a `parameter("name")` that is bound to one or several."""


def one_of(name: str, texts: Texts | None) -> builder.Built | None:
    """The item's field is one of the texts."""
    match filled_in(texts):
        case None:
            return None
        case str() as text:
            return builder.field(name) == text
        case several:
            return builder.field(name).is_in(*spread(several))


def filled_in(texts: Texts | None) -> Texts | None:
    """What a field of texts asks for; None where it is left blank, as a page sends it: '' or []."""
    if texts is None or isinstance(texts, builder.Expression):
        return texts
    if isinstance(texts, str):
        return None if _is_blank(texts) else texts
    # Those of a set sorted, so that a rule is the same in each process.
    given = sorted(texts, key=repr) if isinstance(texts, set | frozenset) else texts
    return tuple(text for text in given if not _is_blank(text)) or None


def spread(texts: Texts) -> tuple[object, ...]:
    """The texts one by one."""
    return (texts,) if isinstance(texts, str | builder.Expression) else tuple(texts)


def _is_blank(text: object) -> bool:
    return isinstance(text, str) and not text_key(text)


def within(value: builder.Expression, quantity: Quantity | None) -> builder.Built | None:
    return None if quantity is None else as_number(quantity).on(value)


def lasts(quantity: Quantity | None) -> builder.Built | None:
    """The item took so long."""
    return None if quantity is None else as_length(quantity).on(builder.field("duration"))


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
        if condition is not None and not _is_blank(condition)
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
        activity = as_times(times).on_times(activity)
    given = [condition for condition in totals if condition is not None]
    return (activity.having(*given) if given else activity).condition
