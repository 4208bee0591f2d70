"""Checks that the constructors of the model share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.model.time import as_instant
from segmentkit.text import text_key


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
    several = tuple(given)
    for one in several:
        if not isinstance(one, str):
            raise WrongTypeError(one, "a list of texts", "Give texts")
    return several
