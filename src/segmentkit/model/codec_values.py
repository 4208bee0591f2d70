"""Single values as JSON data and back: texts, numbers, words, instants and values of fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, cast

from segmentkit.errors import InvalidValueError, SegmentkitError
from segmentkit.model.codec_places import (
    Json,
    Place,
    Reader,
    members_of,
    refuse_type,
    refuse_word,
    written,
)
from segmentkit.model.time import MICROSECOND, as_instant
from segmentkit.model.values import FieldValue

_WORDS = {str: "a text", int: "an integer", bool: "true or false"}


def same(value: Any) -> Json:
    return value


def value_of(value: Any) -> Json:
    return value.value


def plain_reader(kind: type) -> Reader:
    def read(data: Any, place: Place) -> Any:
        if type(data) is not kind:
            refuse_type(data, place, f"Give {_WORDS[kind]}")
        return data

    return read


def literal_reader(words: tuple[Any, ...]) -> Reader:
    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, str) or data not in words:
            refuse_word(data, place, words)
        return data

    return read


def enum_reader(kind: type[Enum]) -> Reader:
    by_value = {term.value: term for term in kind}

    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, str) or data not in by_value:
            refuse_word(data, place, by_value)
        return by_value[data]

    return read


def read_instant(data: Any, place: Place) -> datetime:
    if not isinstance(data, str):
        refuse_type(data, place, "Give an instant as text: '2026-11-20T16:00:00+00:00'")
    try:
        return as_instant(datetime.fromisoformat(data), written(place))
    except ValueError as error:
        if isinstance(error, SegmentkitError):
            raise
        raise InvalidValueError(data, written(place), "Give an ISO 8601 instant") from None


# --- values of fields ----------------------------------------------------------------------------


def write_field_value(value: FieldValue) -> Json:
    match value:
        case str() | bool() | int():
            return value
        case tuple():
            return list(value)
        case Decimal():
            return {"decimal": str(value)}
        case float():
            return {"float": repr(value)}
        case datetime():
            return {"instant": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case timedelta():
            return {"microseconds": value // MICROSECOND}


def read_field_value(data: Any, place: Place) -> FieldValue:
    if isinstance(data, str | bool | int):
        return data
    if isinstance(data, list):
        texts = cast("list[Any]", data)
        return tuple(_read_text(one, (place, number)) for number, one in enumerate(texts))
    members = members_of(data, place)
    if len(members) != 1:
        refuse_type(data, place, "Give an object of one key, such as {'decimal': '12.50'}")
    ((name, inner),) = members.items()
    read = _FIELD_VALUES.get(name)
    if read is None:
        refuse_word(name, place, _FIELD_VALUES)
    return read(inner, (place, name))


def _text_reader(make: Callable[[str], Any], remedy: str) -> Reader:
    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, str):
            refuse_type(data, place, remedy)
        try:
            return make(data)
        except (ValueError, InvalidOperation):
            raise InvalidValueError(data, written(place), remedy) from None

    return read


def _read_duration(data: Any, place: Place) -> timedelta:
    count = _read_integer(data, place)
    try:
        return count * MICROSECOND
    except OverflowError:
        raise InvalidValueError(data, written(place), "It is too long") from None


_read_text = plain_reader(str)
_read_integer = plain_reader(int)
_FIELD_VALUES: dict[str, Reader] = {
    "decimal": _text_reader(Decimal, "Give a decimal number as text"),
    "float": _text_reader(float, "Give a number as text"),
    "date": _text_reader(date.fromisoformat, "Give a date as text: '2026-11-20'"),
    "instant": read_instant,
    "microseconds": _read_duration,
}


def field_value_to_json(value: FieldValue) -> Json:
    """
    A value that a field may have, as JSON data.

    Examples:
        >>> field_value_to_json(Decimal("12.50"))
        {'decimal': '12.50'}
    """
    return write_field_value(value)


def field_value_from_json(data: object, place: str) -> FieldValue:
    """
    The value that `field_value_to_json` wrote; nothing is coerced.

    Args:
        place: what errors call it.

    Raises:
        WrongTypeError, UnknownNameError, InvalidValueError: it does not fit, and where.
    """
    return read_field_value(data, (None, place))
