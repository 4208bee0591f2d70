"""
The values that fields hold, read once where they enter.

What is missing (None, blank text, NaN, an empty list) is not stored at all, so that nothing later
has to tell five kinds of nothing apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias, assert_never, cast

from segmentkit.arguments import explain_other_types
from segmentkit.errors import FloatMoneyError, InvalidValueError, WrongTypeError
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.schema import Collection, Field, FieldType, Schema
from segmentkit.model.time import as_instant
from segmentkit.text import plain_text, text_key

FieldValue: TypeAlias = (
    str | int | Decimal | float | bool | date | datetime | timedelta | tuple[str, ...]
)


@explain_other_types
def read_fields(owner: Schema | Collection, given: Mapping[str, object]) -> FrozenMap[FieldValue]:
    """
    Values by canonical field name, checked against a schema or one of its collections.

    Args:
        owner: whose fields they are.
        given: values by name or alias.

    Raises:
        UnknownNameError: a name that the schema does not have; the remedy names the nearest.
        DuplicateNameError: a field is given twice, under two names.
        WrongTypeError, InvalidValueError: see `read_value`.

    Examples:
        >>> schema = Schema(fields=[Field("city", FieldType.TEXT, aliases=("城市",))])
        >>> read_fields(schema, {"城市": "福州"})
        FrozenMap({'city': '福州'})
    """
    values: dict[str, FieldValue] = {}
    for name, raw in given.items():
        field = owner.field(name)
        value = read_value(field, raw)
        if field.name in values:
            raise InvalidValueError(name, f"field {field.name!r}", "Give each field once")
        if value is not None:
            values[field.name] = value
    return FrozenMap(values)


@explain_other_types
def read_value(field: Field, raw: object, place: str = "") -> FieldValue | None:
    """
    One value as a field stores it, or None when it is missing.

    Raises:
        WrongTypeError: a value of another type; nothing is coerced.
        FloatMoneyError: a binary float for MONEY or DECIMAL.
        InvalidValueError: more digits after the point than the field's scale, or not finite.
        NaiveDatetimeError: an INSTANT without a zone.

    Examples:
        >>> read_value(Field("spent", FieldType.MONEY, currency="CNY"), Decimal("12.50"))
        Decimal('12.50')
    """
    if _is_missing(raw):
        return None
    place = place or f"field {field.name!r}"
    kind = field.type
    match kind:
        case FieldType.TEXT:
            return plain_text(cast(str, _typed(raw, str, place, "Give a text")))
        case FieldType.INTEGER:
            return cast(int, _typed(raw, int, place, "Give an int"))
        case FieldType.BOOLEAN:
            return cast(bool, _typed(raw, bool, place, "Give True or False"))
        case FieldType.DURATION:
            return cast(timedelta, _typed(raw, timedelta, place, "Give a timedelta"))
        case FieldType.DECIMAL | FieldType.MONEY:
            return _exact(raw, field.scale, place)
        case FieldType.FLOAT:
            return _float(raw, place)
        case FieldType.DATE:
            if isinstance(raw, datetime):
                raise WrongTypeError(raw, place, "Give a date without a time of day")
            return cast(date, _typed(raw, date, place, "Give a date"))
        case FieldType.INSTANT:
            return as_instant(raw, place)
        case FieldType.TEXT_LIST:
            return _text_list(raw, place)
        case _:
            assert_never(kind)


def _is_missing(raw: object) -> bool:
    if raw is None:
        return True
    if isinstance(raw, str):
        # A letter or digit in front spares nearly every text the making of its key.
        return not raw[:1].isalnum() and not text_key(raw)
    if isinstance(raw, float):
        return raw != raw
    if isinstance(raw, Decimal):
        return raw.is_nan()
    return isinstance(raw, list | tuple) and not raw


def _typed(raw: object, wanted: type, place: str, remedy: str) -> object:
    # bool is an int to Python, not to a person.
    if not isinstance(raw, wanted) or (isinstance(raw, bool) and wanted is not bool):
        raise WrongTypeError(raw, place, remedy)
    return raw


def _exact(raw: object, scale: int, place: str) -> int | Decimal:
    if isinstance(raw, float):
        raise FloatMoneyError(raw, place, f"Give Decimal({str(raw)!r}) or an int")
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if not isinstance(raw, Decimal):
        raise WrongTypeError(raw, place, "Give a Decimal or an int")
    if not raw.is_finite():
        raise InvalidValueError(raw, place, "Give a finite number")
    exponent = raw.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > scale and _digits(raw) > scale:
        raise InvalidValueError(raw, place, f"At most {scale} digits may stand after the point")
    return raw


def _digits(number: Decimal) -> int:
    """Digits after the point that are needed: 2 for 1.2500."""
    _, digits, exponent = number.as_tuple()
    needed = -int(exponent)
    for digit in reversed(digits):
        if digit or needed <= 0:
            break
        needed -= 1
    return needed if any(digits) else 0


def _float(raw: object, place: str) -> float | int:
    if isinstance(raw, bool) or not isinstance(raw, float | int):
        raise WrongTypeError(raw, place, "Give a float")
    if raw in (float("inf"), float("-inf")):
        raise InvalidValueError(raw, place, "Give a finite number")
    return raw


def _text_list(raw: object, place: str) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple):
        raise WrongTypeError(raw, place, "Give a list of texts")
    for item in cast("list[object] | tuple[object, ...]", raw):
        if not isinstance(item, str):
            raise WrongTypeError(item, place, "Every item of the list must be a text")
    return tuple(map(plain_text, cast("list[str] | tuple[str, ...]", raw)))
