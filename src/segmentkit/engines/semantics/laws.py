"""Comparisons, text tests and totals of present values; a missing one never gets here."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, cast

from segmentkit.engines.semantics.held import Held, Scalar
from segmentkit.errors import InvalidValueError
from segmentkit.text import text_key

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

    A blank pattern is missing, so nothing passes it.

    Examples:
        >>> text_test("like", "vip*")("ＶＩＰ客户")
        True
        >>> text_test("contains", "")("ＶＩＰ客户")
        False
    """
    key = text_key(pattern)
    if not key:
        return lambda text: False
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


def total(values: Sequence[Scalar]) -> Scalar:
    """The sum; of floats the correctly rounded one, whatever their order."""
    if values and isinstance(values[0], float):
        floats = cast("Sequence[float]", values)
        try:
            return math.fsum(floats)
        except OverflowError:  # on the way, perhaps only there
            return to_float(sum(map(Fraction, floats)))
    # Texts have no sum, and the checker lets none in.
    return sum(cast("Sequence[int]", values))


def to_float(number: int | float | Fraction) -> float:
    """The double nearest to an exact number; infinity beyond the largest."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _quotient(a: Any, b: Any) -> Any:
    return None if b == 0 else a / b


def _number_or_missing(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """What is not a number, as infinity less itself, is missing; of exact numbers all are some."""

    def computed(a: Any, b: Any) -> Any:
        value = compute(a, b)
        return value if value == value else None

    return computed


# Of two present numbers held alike; None is missing.
OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": _number_or_missing(operator.add),
    "-": _number_or_missing(operator.sub),
    "*": _number_or_missing(operator.mul),
    "/": _number_or_missing(_quotient),
}


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
