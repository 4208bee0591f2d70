"""Checks that the constructors of the model share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.model.time import as_instant
from segmentkit.text import text_key

_Item = TypeVar("_Item")


def require_id(value: object, place: str) -> None:
    """Refuse what is no text or has no visible character."""
    if not isinstance(value, str):
        raise WrongTypeError(value, place, "Give a text")
    if not value or value.isspace():
        raise InvalidValueError(value, place, "Give a text that is not blank")


def require_name(value: object, place: str) -> None:
    """Refuse a name under whose text key nothing is left."""
    if not isinstance(value, str):
        raise WrongTypeError(value, place, "Give a text")
    if not text_key(value):
        raise InvalidValueError(value, place, "A name needs at least one visible character")


def require_texts(owner: object, *names: str) -> None:
    """
    Refuse a value of the model of which some attributes are no texts.

    What is made by the million asks first, by exact type, whether it has to call this at all.
    """
    for name in names:
        value = getattr(owner, name)
        if not isinstance(value, str):
            place = f"{name} of a {type(owner).__name__}"
            raise WrongTypeError(value, place, "Give a text")


def optional_instant(value: datetime | None) -> datetime | None:
    """A converter: None stays None, all else must be an instant."""
    return None if value is None else as_instant(value)


def texts(given: Iterable[str]) -> tuple[str, ...]:
    """
    Several texts as a tuple.

    Raises:
        WrongTypeError: it is one text, which would fall into its characters, or holds no texts.

    Examples:
        >>> texts(["标签", "tag"])
        ('标签', 'tag')
    """
    if isinstance(given, str):
        raise WrongTypeError(given, "a list of texts", f"Give [{given!r}]")
    if not isinstance(given, Iterable):
        raise WrongTypeError(given, "a list of texts", "Give a list")
    listed = tuple(given)
    for one in listed:
        if not isinstance(one, str):
            raise WrongTypeError(one, "a list of texts", "Give texts")
    return listed


def text_set(given: Iterable[str]) -> frozenset[str]:
    """Several texts as a set; errors as of `texts`."""
    return frozenset(texts(given))


def several(kind: type[_Item]) -> Callable[[Iterable[_Item]], tuple[_Item, ...]]:
    """
    A converter: several values of one type as a tuple.

    Raises:
        WrongTypeError: when called with one value, or with a list that holds something else.

    Examples:
        >>> several(int)([1, 2])
        (1, 2)
    """
    place = f"a list of {kind.__name__}"

    def listed(given: Iterable[_Item]) -> tuple[_Item, ...]:
        if not isinstance(given, Iterable) or isinstance(given, str):
            raise WrongTypeError(given, place, "Give a list")
        items = tuple(given)
        for one in items:
            if not isinstance(one, kind):
                raise WrongTypeError(one, place, f"Each must be a {kind.__name__}")
        return items

    return listed
