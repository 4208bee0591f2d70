"""Python values as literals of the language."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from numbers import Integral
from operator import index

from segmentkit.query import ast


def as_literal(value: object) -> ast.Value | None:
    """
    The node that says a Python value, or None where the language has no word for it.

    A float is read by its shortest text, as it would be written in a query. An integer of another
    library, such as numpy's, is an int; a date that is not equal to itself, as pandas' NaT, is no
    value. A Reference is the host's word that this id is meant, whether or not its name is known.

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
            exact = Decimal(repr(float(value)))  # a subclass may print itself in its own way
            return ast.Number(exact) if exact.is_finite() else None
        case Decimal():
            return ast.Number(value) if value.is_finite() else None
        case str():
            return ast.Text(value)
        case datetime():
            return ast.LocalTime(value) if is_itself(value) else None
        case date():
            return ast.Date(value)
        case ast.Reference():
            return value
        case timedelta():
            seconds = value // timedelta(seconds=1)
            whole = value == timedelta(seconds=seconds)
            return ast.Duration(seconds, "second") if whole and seconds >= 0 else None
        case _:
            whole_number = as_int(value)
            return None if whole_number is None else ast.Number(whole_number)


def as_int(value: object) -> int | None:
    """An integer of another library as an int; None for what is none, as numpy's timedelta64."""
    try:
        return index(value) if isinstance(value, Integral) else None
    except TypeError:  # it calls itself an integer, and is not
        return None


def is_itself(value: datetime) -> bool:
    """Whether a datetime is one: pandas' NaT calls itself so, and is equal to nothing."""
    return value == value


def type_of(value: object) -> str:
    """
    The type of a Python value in words that are true of it: numpy's `bool` is not Python's.

    Examples:
        >>> type_of(b""), type_of(date(2026, 1, 1))
        ('bytes', 'datetime.date')
    """
    kind = type(value)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__.split('.')[0]}."
    return f"{module}{kind.__name__}"
