"""
Values of the model as plain JSON data and back, read off their classes.

Nothing is coerced: a text stays a text, and "30" is no number. What equals its default is left out,
so that a value written today still reads when its class has grown a field. Values that JSON does
not have stand in an object with one key that says what they are: `{"decimal": "12.50"}`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    NoReturn,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs

from segmentkit.errors import InvalidValueError, SegmentkitError, UnknownNameError, WrongTypeError
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.time import MICROSECOND, as_instant
from segmentkit.model.values import FieldValue
from segmentkit.text import nearest

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
# Where a value stands, innermost last: ((None, "changes"), 3). Written out only in an error.
Place: TypeAlias = "tuple[Place | None, str | int]"
Writer: TypeAlias = Callable[[Any], Json]
Reader: TypeAlias = Callable[[Any, Place], Any]


@cache
def writer(kind: Any) -> Writer:
    """The function that turns a value of a type into JSON data."""
    return _codec(kind)[0]


@cache
def reader(kind: Any) -> Reader:
    """The function that reads a value of a type from JSON data, or raises a SegmentkitError."""
    return _codec(kind)[1]


def _codec(kind: Any) -> tuple[Writer, Reader]:
    if kind == FieldValue:
        return _write_field_value, _read_field_value
    if kind in (str, int, bool):
        return _same, _plain_reader(kind)
    if kind is datetime:
        return datetime.isoformat, _read_instant
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _value_of, _enum_reader(kind)
    if isinstance(kind, type) and attrs.has(kind):
        return _object_writer(kind), _object_reader(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _same, _literal_reader(arguments)
    if origin is tuple and arguments[1:] == (...,):
        item = arguments[0]
        return _list_writer(item, tuple), _list_reader(item, tuple)
    if origin is frozenset:
        return _list_writer(arguments[0], sorted), _list_reader(arguments[0], frozenset)
    if origin is FrozenMap:
        return _map_writer(arguments[0]), _map_reader(arguments[0])
    if origin in (Union, UnionType):
        return _union_codec(arguments)
    raise WrongTypeError(kind, "codec", "This type has no JSON form")


# --- texts, numbers, words -----------------------------------------------------------------------


def _same(value: Any) -> Json:
    return value


def _value_of(value: Any) -> Json:
    return value.value


def _plain_reader(kind: type) -> Reader:
    def read(data: Any, place: Place) -> Any:
        if type(data) is not kind:
            _wrong(data, place, f"Give {_WORDS[kind]}")
        return data

    return read


def _literal_reader(words: tuple[Any, ...]) -> Reader:
    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, str) or data not in words:
            _unknown(data, place, words)
        return data

    return read


def _enum_reader(kind: type[Enum]) -> Reader:
    by_value = {term.value: term for term in kind}

    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, str) or data not in by_value:
            _unknown(data, place, by_value)
        return by_value[data]

    return read


def _read_instant(data: Any, place: Place) -> datetime:
    if not isinstance(data, str):
        _wrong(data, place, "Give an instant as text: '2026-11-20T16:00:00+00:00'")
    try:
        return as_instant(datetime.fromisoformat(data), _written(place))
    except ValueError as error:
        if isinstance(error, SegmentkitError):
            raise
        raise InvalidValueError(data, _written(place), "Give an ISO 8601 instant") from None


# --- lists, maps, unions -------------------------------------------------------------------------


def _list_writer(item: Any, order: Callable[[Any], Any]) -> Writer:
    write = writer(item)
    return lambda values: [write(value) for value in order(values)]


def _list_reader(item: Any, make: Callable[[Any], Any]) -> Reader:
    read = reader(item)

    def read_list(data: Any, place: Place) -> Any:
        if not isinstance(data, list):
            _wrong(data, place, "Give a list")
        items = cast("list[Any]", data)
        return make([read(one, (place, number)) for number, one in enumerate(items)])

    return read_list


def _map_writer(item: Any) -> Writer:
    write = writer(item)
    return lambda values: {name: write(value) for name, value in values.items()}


def _map_reader(item: Any) -> Reader:
    read = reader(item)

    def read_map(data: Any, place: Place) -> Any:
        members = _members(data, place)
        return FrozenMap({name: read(value, (place, name)) for name, value in members.items()})

    return read_map


def _union_codec(kinds: tuple[Any, ...]) -> tuple[Writer, Reader]:
    """Optional values, and the things of the model, told apart by their table."""
    others = tuple(kind for kind in kinds if kind is not NoneType)
    if len(others) == 1:
        write, read = writer(others[0]), reader(others[0])
    else:
        write, read = _tagged_codec(others)
    if len(others) == len(kinds):
        return write, read
    return (
        lambda value: None if value is None else write(value),
        lambda data, place: None if data is None else read(data, place),
    )


def _tagged_codec(kinds: tuple[Any, ...]) -> tuple[Writer, Reader]:
    writers = {kind: writer(kind) for kind in kinds}
    readers = {cast(str, kind.table): reader(kind) for kind in kinds}

    def write(value: Any) -> Json:
        members = cast("dict[str, Json]", writers[type(value)](value))
        return {"table": value.table, **members}

    def read(data: Any, place: Place) -> Any:
        members = dict(_members(data, place))
        table = members.pop("table", None)
        if not isinstance(table, str) or table not in readers:
            _unknown(table, (place, "table"), readers)
        return readers[table](members, place)

    return write, read


# --- objects -------------------------------------------------------------------------------------


def _object_writer(kind: type[attrs.AttrsInstance]) -> Writer:
    hints = get_type_hints(kind)
    parts = [
        (one.alias or one.name, one.name, writer(hints[one.name]), _default(one))
        for one in attrs.fields(kind)
        if one.init
    ]

    def write(value: Any) -> Json:
        data: dict[str, Json] = {}
        for alias, name, write_part, default in parts:
            part = getattr(value, name)
            if part != default:
                data[alias] = write_part(part)
        return data

    return write


def _default(attribute: Any) -> Any:
    """The value that may be left out; something equal to nothing when there is none."""
    default = attribute.default
    # To a type checker `attrs.Factory` is a function; it is the class of what it gives.
    if isinstance(default, attrs.Factory):  # pyright: ignore[reportArgumentType]
        default = default.factory()
    if attribute.converter is None or default is attrs.NOTHING:
        return default
    return attribute.converter(default)


def _object_reader(kind: type[attrs.AttrsInstance]) -> Reader:
    hints = get_type_hints(kind)
    readers = {
        one.alias or one.name: reader(hints[one.name]) for one in attrs.fields(kind) if one.init
    }
    required = [
        one.alias or one.name
        for one in attrs.fields(kind)
        if one.init and one.default is attrs.NOTHING
    ]

    def read(data: Any, place: Place) -> Any:
        members = _members(data, place)
        values: dict[str, Any] = {}
        for name, part in members.items():
            read_part = readers.get(name)
            if read_part is None:
                _unknown(name, place, readers)
            values[name] = read_part(part, (place, name))
        for name in required:
            if name not in values:
                raise InvalidValueError(None, _written((place, name)), "It must be given")
        return kind(**values)

    return read


# --- values of fields ----------------------------------------------------------------------------


def _write_field_value(value: FieldValue) -> Json:
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


def _read_field_value(data: Any, place: Place) -> FieldValue:
    if isinstance(data, str | bool | int):
        return data
    if isinstance(data, list):
        return _read_texts(data, place)
    members = _members(data, place)
    if len(members) != 1:
        _wrong(data, place, "Give an object of one key, such as {'decimal': '12.50'}")
    ((name, inner),) = members.items()
    read = _FIELD_VALUES.get(name)
    if read is None:
        _unknown(name, place, _FIELD_VALUES)
    return read(inner, (place, name))


def _text_reader(make: Callable[[str], Any], remedy: str) -> Reader:
    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, str):
            _wrong(data, place, remedy)
        try:
            return make(data)
        except (ValueError, InvalidOperation):
            raise InvalidValueError(data, _written(place), remedy) from None

    return read


def _read_duration(data: Any, place: Place) -> timedelta:
    count = reader(int)(data, place)
    try:
        return count * MICROSECOND
    except OverflowError:
        raise InvalidValueError(data, _written(place), "It is too long") from None


_WORDS = {str: "a text", int: "an integer", bool: "true or false"}
_read_texts = _list_reader(str, tuple)
_FIELD_VALUES: dict[str, Reader] = {
    "decimal": _text_reader(Decimal, "Give a decimal number as text"),
    "float": _text_reader(float, "Give a number as text"),
    "date": _text_reader(date.fromisoformat, "Give a date as text: '2026-11-20'"),
    "instant": _read_instant,
    "microseconds": _read_duration,
}


# --- places and errors ---------------------------------------------------------------------------


def _members(data: Any, place: Place) -> dict[str, Any]:
    if not isinstance(data, dict):
        _wrong(data, place, "Give an object")
    members = cast("dict[Any, Any]", data)
    for name in members:
        if not isinstance(name, str):
            _wrong(name, place, "The keys of an object are texts")
    return members


def _written(place: Place | None) -> str:
    """`changes[3].after.tag`"""
    parts: list[str] = []
    while place is not None:
        place, last = place
        parts.append(f"[{last}]" if isinstance(last, int) else f".{last}")
    return "".join(reversed(parts)).removeprefix(".")


def _wrong(data: Any, place: Place, remedy: str) -> NoReturn:
    raise WrongTypeError(data, _written(place), remedy)


def _unknown(word: Any, place: Place, known: Any) -> NoReturn:
    near = nearest(word, known) if isinstance(word, str) else None
    remedy = f"Did you mean {near!r}?" if near else f"Known are {', '.join(map(str, known))}"
    raise UnknownNameError(word, _written(place), remedy)
