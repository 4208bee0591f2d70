"""
Values of the model as plain JSON data and back, read off their classes.

Nothing is coerced: a text stays a text, and "30" is no number. What equals its default is left out,
so that a value written today still reads when its class has grown a field. Values that JSON does
not have stand in an object with one key that says what they are: `{"decimal": "12.50"}`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

import attrs

from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.model.codec_places import (
    Json,
    Place,
    Reader,
    Writer,
    members_of,
    refuse_type,
    refuse_word,
    written,
)
from segmentkit.model.codec_values import (
    enum_reader,
    literal_reader,
    plain_reader,
    read_field_value,
    read_instant,
    same,
    value_of,
    write_field_value,
)
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.values import FieldValue


@cache
def writer(kind: Any) -> Writer:
    """The function that turns a value of a type into JSON data."""
    return _codec(kind)[0]


@cache
def reader(kind: Any) -> Reader:
    """The function that reads a value of a type from JSON data, or raises a SegmentkitError."""
    return _codec(kind)[1]


def _codec(kind: Any) -> tuple[Writer, Reader]:
    if kind is object:  # data that something else writes and reads
        return same, lambda data, place: data
    if kind == FieldValue:
        return write_field_value, read_field_value
    if kind in (str, int, bool):
        return same, plain_reader(kind)
    if kind is datetime:
        return datetime.isoformat, read_instant
    if isinstance(kind, type) and issubclass(kind, Enum):
        return value_of, enum_reader(kind)
    if isinstance(kind, type) and attrs.has(kind):
        return _object_writer(kind), _object_reader(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return same, literal_reader(arguments)
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


# --- lists, maps, unions -------------------------------------------------------------------------


def _list_writer(item: Any, order: Callable[[Any], Any]) -> Writer:
    write = writer(item)
    return lambda values: [write(value) for value in order(values)]


def _list_reader(item: Any, make: Callable[[Any], Any]) -> Reader:
    read = reader(item)

    def read_list(data: Any, place: Place) -> Any:
        if not isinstance(data, list):
            refuse_type(data, place, "Give a list")
        items = cast("list[Any]", data)
        return make([read(one, (place, number)) for number, one in enumerate(items)])

    return read_list


def _map_writer(item: Any) -> Writer:
    write = writer(item)
    return lambda values: {name: write(value) for name, value in values.items()}


def _map_reader(item: Any) -> Reader:
    read = reader(item)

    def read_map(data: Any, place: Place) -> Any:
        members = members_of(data, place)
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
        members = dict(members_of(data, place))
        table = members.pop("table", None)
        if not isinstance(table, str) or table not in readers:
            refuse_word(table, (place, "table"), readers)
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
        members = members_of(data, place)
        values: dict[str, Any] = {}
        for name, part in members.items():
            read_part = readers.get(name)
            if read_part is None:
                refuse_word(name, place, readers)
            values[name] = read_part(part, (place, name))
        for name in required:
            if name not in values:
                raise InvalidValueError(None, written((place, name)), "It must be given")
        return kind(**values)

    return read
