"""Values as engines hold them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, cast

from segmentkit.engines.semantics.moment import SECOND
from segmentkit.errors import (
    FloatMoneyError,
    InvalidValueError,
    WrongTypeError,
)
from segmentkit.model import Field, FieldType, as_instant, to_microseconds
from segmentkit.text import plain_text, text_key

Scalar: TypeAlias = int | float | str | Fraction
Held: TypeAlias = Scalar | tuple[str, ...]
Holder: TypeAlias = Callable[[object], Held | None]

# Before the point. Nobody has that much money, and a Decimal can ask for more digits than there is
# memory: 1E+999999999.
MOST_DIGITS = 400


def holder(declared: Field) -> Holder:
    """
    What turns a stored value of a field into the form that engines hold, or None when missing.

    None, blank text, NaN and an empty list are missing whatever the field's type is: a store that
    has one kind of nothing uses it for every field.

    The function raises WrongTypeError, InvalidValueError, FloatMoneyError or NaiveDatetimeError for
    a value that the field's type does not take.

    Examples:
        >>> hold = holder(Field("amount", FieldType.MONEY, currency="CNY"))
        >>> hold(Decimal("12.50")), hold(None)
        (1250, None)
    """
    return _HOLDERS[declared.type](declared)


def scaled_integer(value: int | Decimal, scale: int) -> int:
    """
    An exact number as engines hold it, with no more than *scale* digits after its point.

    Decimal arithmetic would round to the precision that the host's context has; this does not.

    Examples:
        >>> scaled_integer(Decimal("12.5"), 2)
        1250
    """
    numerator, denominator = value.as_integer_ratio()
    return numerator * 10**scale // denominator


def held_decimal(held: int, scale: int) -> Decimal:
    """
    The number that an engine holds as an integer; the inverse of `scaled_integer`.

    Examples:
        >>> held_decimal(1250, 2)
        Decimal('12.50')
    """
    return Decimal(f"{held}E{-scale}")


def _text_holder(declared: Field) -> Holder:
    def hold(value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            return _nothing(value, declared, "a str")
        # What begins with a letter or digit is not blank; the rest is looked at closely.
        return plain_text(value) if value[:1].isalnum() or text_key(value) else None

    return hold


def _integer_holder(declared: Field) -> Holder:
    def hold(value: object) -> int | None:
        if value is None or type(value) is int:
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            return _nothing(value, declared, "an int")
        return int(value)

    return hold


def _exact_holder(declared: Field) -> Holder:
    unit = 10**declared.scale
    place = f"field {declared.name!r}"

    def hold(value: object) -> int | None:
        if value is None:
            return None
        if type(value) is int:
            return value * unit
        if isinstance(value, float) and not math.isnan(value):
            raise FloatMoneyError(value, place, f"Give Decimal({str(value)!r}) or an int")
        if not isinstance(value, Decimal) or not value.is_finite():
            return _nothing(value, declared, "a finite Decimal or an int")
        if not value:
            return 0
        if value.adjusted() >= MOST_DIGITS:
            raise InvalidValueError(value, place, f"At most {MOST_DIGITS} digits before the point")
        rest = value.adjusted() < -declared.scale
        held = 0
        if not rest:
            numerator, denominator = value.as_integer_ratio()
            held, rest = divmod(numerator * unit, denominator)
        if rest:
            raise InvalidValueError(
                value, place, f"At most {declared.scale} digits after the point"
            )
        return held

    return hold


def _float_holder(declared: Field) -> Holder:
    def hold(value: object) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return _nothing(value, declared, "a float")
        try:
            number = float(value)
        except (OverflowError, ValueError):  # an int too large; Decimal("sNaN")
            number = math.nan if isinstance(value, Decimal) else math.inf
        if math.isinf(number):
            raise InvalidValueError(value, f"field {declared.name!r}", "Give a finite number")
        return None if math.isnan(number) else number

    return hold


def _boolean_holder(declared: Field) -> Holder:
    def hold(value: object) -> bool | None:
        if value is None or isinstance(value, bool):
            return value
        return _nothing(value, declared, "a bool")

    return hold


def _date_holder(declared: Field) -> Holder:
    def hold(value: object) -> int | None:
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            return _nothing(value, declared, "a date without a time")
        return value.toordinal()

    return hold


def _instant_holder(declared: Field) -> Holder:
    place = f"field {declared.name!r}"

    def hold(value: object) -> int | None:
        if value is None:
            return None
        if not isinstance(value, datetime):
            return _nothing(value, declared, "a datetime with a zone")
        return to_microseconds(value if value.tzinfo is UTC else as_instant(value, place))

    return hold


def _duration_holder(declared: Field) -> Holder:
    def hold(value: object) -> int | None:
        if value is None:
            return None
        if not isinstance(value, timedelta):
            return _nothing(value, declared, "a timedelta")
        return (value.days * 86_400 + value.seconds) * SECOND + value.microseconds

    return hold


def _text_list_holder(declared: Field) -> Holder:
    def hold(value: object) -> tuple[str, ...] | None:
        if value is None:
            return None
        if isinstance(value, str) or not isinstance(value, Iterable):
            return _nothing(value, declared, "a tuple of str")
        texts: list[str] = []
        for item in cast("Iterable[object]", value):
            if not isinstance(item, str):
                _nothing(item, declared, "a tuple of str")
            elif text_key(item):
                texts.append(plain_text(item))
        return tuple(texts) or None

    return hold


def _nothing(value: object, declared: Field, wanted: str) -> None:
    """A value that the field's type does not take: one of the ways to say nothing, or an error."""
    if not _says_nothing(value):
        raise WrongTypeError(value, f"field {declared.name!r}", f"Give {wanted}")


def _says_nothing(value: object) -> bool:
    match value:
        case str():
            return not text_key(value)
        case float():
            return math.isnan(value)
        case Decimal():
            return value.is_nan()
        case list() | tuple():
            return not value
        case _:
            return value is None


_HOLDERS: Mapping[FieldType, Callable[[Field], Holder]] = {
    FieldType.TEXT: _text_holder,
    FieldType.INTEGER: _integer_holder,
    FieldType.DECIMAL: _exact_holder,
    FieldType.MONEY: _exact_holder,
    FieldType.FLOAT: _float_holder,
    FieldType.BOOLEAN: _boolean_holder,
    FieldType.DATE: _date_holder,
    FieldType.INSTANT: _instant_holder,
    FieldType.DURATION: _duration_holder,
    FieldType.TEXT_LIST: _text_list_holder,
}
