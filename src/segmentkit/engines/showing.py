"""Held values as people write them."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from fractions import Fraction

from segmentkit.engines.semantics import Held, held_decimal
from segmentkit.model import FieldType, local_time, to_microseconds
from segmentkit.query import ValueType

_PLACES = 4


def show_held(value: Held, kind: ValueType, zone: tzinfo) -> str:
    """
    A held value as people write it; a quotient with four digits at most.

    Examples:
        >>> from datetime import UTC
        >>> show_held(120350, ValueType(FieldType.MONEY, "CNY", 2), UTC)
        '1203.50'
        >>> show_held(Fraction(1, 3), ValueType(FieldType.DECIMAL, rational=True), UTC)
        '0.3333'
    """
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, float) or kind.kind is FieldType.FLOAT:
        # The sum of nothing is an integer, and nobody means minus zero.
        return str(float(value) + 0.0)
    if kind.kind is FieldType.DURATION:
        return show_number(Fraction(value, 10**kind.scale * 1_000_000)) + " s"
    if isinstance(value, Fraction):
        return show_number(value)
    match kind.kind:
        case FieldType.INSTANT:
            return show_instant(local_time(value, zone))
        case FieldType.DATE:
            return date.fromordinal(value).isoformat()
        case _:
            return f"{held_decimal(value, kind.scale):f}"


def show_number(value: Fraction) -> str:
    """An exact number with four digits after the point at most."""
    text = f"{held_decimal(round(value * 10**_PLACES), _PLACES):f}"
    return text.rstrip("0").rstrip(".")


def show_instant(local: datetime) -> str:
    """
    A local time to the minute; midnight as the date.

    Examples:
        >>> show_instant(datetime(2026, 11, 20, 8, 30)), show_instant(datetime(2026, 11, 20))
        ('2026-11-20 08:30', '2026-11-20')
    """
    # Not strftime, which writes the year 1 as it pleases the platform.
    midnight = local.hour == local.minute == local.second == 0
    return local.date().isoformat() + ("" if midnight else f" {local:%H:%M}")


def on_the_clock(instant: datetime, zone: tzinfo | None) -> datetime:
    """What an instant is on the clock of a zone, if one is given, within the years 1 to 9999."""
    return instant if zone is None else local_time(to_microseconds(instant), zone)
