"""Python values as literals of the language."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from segmentkit.query import ast


def as_literal(value: object) -> ast.Value | None:
    """
    The node that says a Python value, or None where the language has no word for it.

    A float is read by its shortest text, as it would be written in a query. A Reference is the
    host's word that this id is meant, whether or not its name is known.

    Examples:
        >>> as_literal(0.1)
        Number(value=Decimal('0.1'))
    """
    match value:
        case bool():
            return ast.Truth(value)
        case int():
            return ast.Number(value)
        case float():
            exact = Decimal(repr(value))
            return ast.Number(exact) if exact.is_finite() else None
        case Decimal():
            return ast.Number(value) if value.is_finite() else None
        case str():
            return ast.Text(value)
        case datetime():
            return ast.LocalTime(value)
        case date():
            return ast.Date(value)
        case ast.Reference():
            return value
        case timedelta():
            seconds = value // timedelta(seconds=1)
            whole = value == timedelta(seconds=seconds)
            return ast.Duration(seconds, "second") if whole and seconds >= 0 else None
        case _:
            return None
