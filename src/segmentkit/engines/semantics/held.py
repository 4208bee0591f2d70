"""Values as engines hold them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, cast

from segmentkit.engines.semantics.moment import SECOND
from segmentkit.errors import (
    FloatMoneyError,
    InvalidValueError,
    NaiveDatetimeError,
    WrongTypeError,
)
from segmentkit.model import Field, FieldType, as_instant, to_microseconds
from segmentkit.text import text_key

Scalar: TypeAlias = int | float | str | Fraction
Held: TypeAlias = Scalar | tuple[str, ...]


def holder(declared: Field) -> Callable[[object], Held | None]:
    """
    What turns a stored value of a field into the form that engines hold, or None when missing.

    The function raises WrongTypeError, FloatMoneyError or NaiveDatetimeError for a value that the
    field's type does not take.

    Examples:
        >>> hold = holder(Field("amount", FieldType.MONEY, currency="CNY"))
        >>> hold(Decimal("12.50")), hold(None)
        (1250, None)
    """
    hold = _HOLDERS[declared.type]

    def held(value: object) -> Held | None:
        return None if value is None else hold(value, declared)

    return held


def _hold_text(value: object, declared: Field) -> str | None:
    if not isinstance(value, str):
        raise _wrong(value, declared, "a str")
    return value if text_key(value) else None


def _hold_integer(value: object, declared: Field) -> int | None:
    if type(value) is int:
        return value
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(value, declared, "an int")
    return int(value)


def _hold_exact(value: object, declared: Field) -> int | None:
    if type(value) is int:
        return value * 10**declared.scale
    if isinstance(value, float):
        if math.isnan(value):
            return None
        place = f"field {declared.name!r}"
        raise FloatMoneyError(value, place, f"Give Decimal({str(value)!r}) or an int")
    if not isinstance(value, Decimal):
        raise _wrong(value, declared, "a Decimal or an int")
    if not value.is_finite():
        if value.is_nan():
            return None
        raise _wrong(value, declared, "a finite Decimal")
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    number = int("".join(map(str, digits)) or "0")
    shift = exponent + declared.scale
    if shift >= 0:
        number *= 10**shift
    else:
        number, rest = divmod(number, 10**-shift)
        if rest:
            raise InvalidValueError(
                value,
                f"field {declared.name!r}",
                f"At most {declared.scale} digits after the point",
            )
    return -number if sign else number


def _hold_float(value: object, declared: Field) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _wrong(value, declared, "a float")
    number = float(value)
    return None if math.isnan(number) else number


def _hold_boolean(value: object, declared: Field) -> bool:
    if not isinstance(value, bool):
        raise _wrong(value, declared, "a bool")
    return value


def _hold_date(value: object, declared: Field) -> int:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _wrong(value, declared, "a date without a time")
    return value.toordinal()


def _hold_instant(value: object, declared: Field) -> int:
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise NaiveDatetimeError(
            value, f"field {declared.name!r}", "Attach the zone: value.replace(tzinfo=zone)"
        )
    return to_microseconds(as_instant(value, f"field {declared.name!r}"))


def _hold_duration(value: object, declared: Field) -> int:
    if not isinstance(value, timedelta):
        raise _wrong(value, declared, "a timedelta")
    return (value.days * 86_400 + value.seconds) * SECOND + value.microseconds


def _hold_text_list(value: object, declared: Field) -> tuple[str, ...] | None:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _wrong(value, declared, "a tuple of str")
    texts: list[str] = []
    for item in cast("Iterable[object]", value):
        if not isinstance(item, str):
            raise _wrong(item, declared, "a tuple of str")
        if text_key(item):
            texts.append(item)
    return tuple(texts) or None


def _wrong(value: object, declared: Field, wanted: str) -> WrongTypeError:
    return WrongTypeError(value, f"field {declared.name!r}", f"Give {wanted}")


_HOLDERS: Mapping[FieldType, Callable[[object, Field], Held | None]] = {
    FieldType.TEXT: _hold_text,
    FieldType.INTEGER: _hold_integer,
    FieldType.DECIMAL: _hold_exact,
    FieldType.MONEY: _hold_exact,
    FieldType.FLOAT: _hold_float,
    FieldType.BOOLEAN: _hold_boolean,
    FieldType.DATE: _hold_date,
    FieldType.INSTANT: _hold_instant,
    FieldType.DURATION: _hold_duration,
    FieldType.TEXT_LIST: _hold_text_list,
}
