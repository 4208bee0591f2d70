"""
The kinds of value that stand in stored JSON, each with its writer, its strict reader and its schema.

A part coerces nothing: "30" is not 30, true is not 1, null is not absent. Whatever does not fit is
an `InvalidValueError` that names the JSON path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn, Protocol, TypeAlias, cast

from attrs import frozen

from segmentkit.errors import InvalidValueError
from segmentkit.query.ast import Node

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

# Every JSON reader, JavaScript's too, holds integers up to this exactly.
SAFE_INTEGER = 2**53 - 1
DIGITS = 400
# So many digits before the point and after it, the point and a minus.
SPELLED = 2 * DIGITS + 2
LIST_ITEMS = 10_000
_AS_TEXT: Mapping[str, Json] = {"type": "string", "maxLength": SPELLED}
_EXACT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?", re.ASCII
)


# What the nodes inside have become, by the identity of the node or the object that said it. Inner
# ones come first, so that no depth needs recursion.
Written: TypeAlias = Mapping[int, Json]
Read: TypeAlias = Mapping[int, Node]


class Part(Protocol):
    """One place of the format: how its value is written, read and described."""

    def encode(self, value: object, place: str, inner: Written) -> Json: ...

    def decode(self, data: object, place: str, inner: Read) -> object: ...

    def schema(self) -> dict[str, Json]: ...


def refuse(value: object, place: str, remedy: str) -> NoReturn:
    raise refusal(value, place, remedy)


def refusal(value: object, place: str, remedy: str) -> InvalidValueError:
    """The error, showing *value* only as far as it is short: hostile data can be deep or huge."""
    if isinstance(value, str) and len(value) > 60:
        shown: object = f"{value[:57]}..."
    elif isinstance(value, int) and abs(value) >= 10**30:
        shown = f"an integer of {value.bit_length()} bits"
    elif value is None or isinstance(value, str | int | float | date):
        shown = value
    else:
        shown = type(value).__name__
    return InvalidValueError(shown, place, remedy)


@frozen
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def encode(self, value: object, place: str, inner: Written) -> Json:
        return self._checked(value, place)

    def decode(self, data: object, place: str, inner: Read) -> object:
        return self._checked(data, place)

    def schema(self) -> dict[str, Json]:
        return {"enum": list(self.words)}

    def _checked(self, value: object, place: str) -> str:
        if isinstance(value, str) and value in self.words:
            return value
        refuse(value, place, f"Give one of {', '.join(self.words)}")


@frozen
class String:
    """Text; a name when it must not be empty."""

    empty: bool = False

    def encode(self, value: object, place: str, inner: Written) -> Json:
        return self._checked(value, place)

    def decode(self, data: object, place: str, inner: Read) -> object:
        return self._checked(data, place)

    def schema(self) -> dict[str, Json]:
        return {"type": "string"} if self.empty else {"type": "string", "minLength": 1}

    def _checked(self, value: object, place: str) -> str:
        if not isinstance(value, str):
            refuse(value, place, "Give a string")
        if not value and not self.empty:
            refuse(value, place, "Give a name of at least one character")
        try:
            value.encode()
        except UnicodeEncodeError:
            refuse(value, place, "Leave out the lone surrogate, which is no character")
        return value


@frozen
class Flag:
    def encode(self, value: object, place: str, inner: Written) -> Json:
        return self._checked(value, place)

    def decode(self, data: object, place: str, inner: Read) -> object:
        return self._checked(data, place)

    def schema(self) -> dict[str, Json]:
        return {"type": "boolean"}

    def _checked(self, value: object, place: str) -> bool:
        if isinstance(value, bool):
            return value
        refuse(value, place, "Give true or false")


@frozen
class Exact:
    """
    An exact number with one spelling: a JSON integer where every reader holds it exactly, else text.

    `30`, `"0.6"`, `"12345678901234567890"`.
    """

    def encode(self, value: object, place: str, inner: Written) -> Json:
        if type(value) is int and abs(value) <= SAFE_INTEGER:
            return value
        if type(value) is int and abs(value) < 10**DIGITS:
            return str(value)
        if isinstance(value, Decimal) and abs(value.adjusted()) < DIGITS:
            spelled = f"{value:f}"
            if len(spelled) <= SPELLED:
                return spelled
        refuse(value, place, "Give an exact number of fewer digits")

    def decode(self, data: object, place: str, inner: Read) -> object:
        if isinstance(data, float):
            refuse(data, place, f'Write a decimal as text: "{data!r}"')
        if type(data) is int and abs(data) <= SAFE_INTEGER:
            return data
        if type(data) is int:
            refuse(data, place, "Write so large a number as text")
        if not isinstance(data, str) or len(data) > SPELLED or not _EXACT.fullmatch(data):
            refuse(data, place, 'Give an integer, or a decimal as text such as "0.6"')
        number = Decimal(data)
        if number == number.to_integral_value() and abs(number) <= SAFE_INTEGER:
            refuse(data, place, "Write a whole number as a JSON number, without quotes")
        return int(number) if number == number.to_integral_value() else number

    def schema(self) -> dict[str, Json]:
        whole: dict[str, Json] = {
            "type": "integer",
            "minimum": -SAFE_INTEGER,
            "maximum": SAFE_INTEGER,
        }
        # A text of at most 15 digits without a point would be a JSON integer.
        pattern = r"^-?((0|[1-9][0-9]*)\.[0-9]*[1-9]|[1-9][0-9]{15,})$"
        return {"anyOf": [whole, {**_AS_TEXT, "pattern": pattern}]}


EXACT = Exact()


@frozen
class Count:
    """A number of units: whole, and 0 or more."""

    def encode(self, value: object, place: str, inner: Written) -> Json:
        return EXACT.encode(self._checked(value, place), place, inner)

    def decode(self, data: object, place: str, inner: Read) -> object:
        return self._checked(EXACT.decode(data, place, inner), place)

    def schema(self) -> dict[str, Json]:
        whole: dict[str, Json] = {"type": "integer", "minimum": 0, "maximum": SAFE_INTEGER}
        return {"anyOf": [whole, {**_AS_TEXT, "pattern": "^[1-9][0-9]{15,}$"}]}

    def _checked(self, value: object, place: str) -> int:
        if type(value) is int and value >= 0:
            return value
        refuse(value, place, "Give a whole number, 0 or more")


@frozen
class Day:
    """A calendar date, `2026-01-01`."""

    def encode(self, value: object, place: str, inner: Written) -> Json:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        refuse(value, place, "Give a date")

    def decode(self, data: object, place: str, inner: Read) -> object:
        if isinstance(data, str) and _DAY.fullmatch(data):
            try:
                return date.fromisoformat(data)
            except ValueError:
                refuse(data, place, "Give a date of the calendar")
        refuse(data, place, 'Give a date as "2026-01-01"')

    def schema(self) -> dict[str, Json]:
        return {"type": "string", "format": "date", "pattern": f"^{_DAY.pattern}$"}


@frozen
class Moment:
    """A local time without a zone, `2026-01-01T08:30:00`, or with six digits of a fraction."""

    def encode(self, value: object, place: str, inner: Written) -> Json:
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.isoformat()
        refuse(value, place, "Give a local time, without a zone")

    def decode(self, data: object, place: str, inner: Read) -> object:
        if isinstance(data, str) and _MOMENT.fullmatch(data) and not data.endswith(".000000"):
            try:
                return datetime.fromisoformat(data)
            except ValueError:
                refuse(data, place, "Give a date and time of the calendar")
        refuse(data, place, 'Give a local time as "2026-01-01T08:30:00"')

    def schema(self) -> dict[str, Json]:
        return {"type": "string", "pattern": f"^{_MOMENT.pattern}$"}


@frozen
class ListOf:
    """A list, a tuple in the tree, of at least and at most so many parts."""

    part: Part
    at_least: int = 1
    at_most: int = LIST_ITEMS

    def encode(self, value: object, place: str, inner: Written) -> Json:
        if not isinstance(value, tuple):
            refuse(value, place, "Give a tuple")
        items = cast("tuple[object, ...]", value)
        self._check_length(items, place)
        return [self.part.encode(item, f"{place}[{n}]", inner) for n, item in enumerate(items)]

    def decode(self, data: object, place: str, inner: Read) -> object:
        if not isinstance(data, list):
            refuse(data, place, "Give a list")
        items = cast("list[object]", data)
        self._check_length(items, place)
        return tuple(
            [self.part.decode(item, f"{place}[{n}]", inner) for n, item in enumerate(items)]
        )

    def schema(self) -> dict[str, Json]:
        return {
            "type": "array",
            "items": self.part.schema(),
            "minItems": self.at_least,
            "maxItems": self.at_most,
        }

    def _check_length(self, items: Sequence[object], place: str) -> None:
        if not self.at_least <= len(items) <= self.at_most:
            raise InvalidValueError(
                len(items), f"length of {place}", f"Give {self.at_least} to {self.at_most} items"
            )


@frozen
class ListOr:
    """A list, or one single part in its place: `in ('a', 'b')` or `in $names`."""

    many: ListOf
    one: Part

    def encode(self, value: object, place: str, inner: Written) -> Json:
        part = self.many if isinstance(value, tuple) else self.one
        return part.encode(cast("object", value), place, inner)

    def decode(self, data: object, place: str, inner: Read) -> object:
        part = self.many if isinstance(data, list) else self.one
        return part.decode(cast("object", data), place, inner)

    def schema(self) -> dict[str, Json]:
        return {"if": {"type": "array"}, "then": self.many.schema(), "else": self.one.schema()}
