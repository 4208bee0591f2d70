"""Plain values of a rule: by their declared type, by their field's, or as JSON has them."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import get_args

from segmentkit.model import NUMERIC_TYPES, Field, FieldType
from segmentkit.query import ast
from segmentkit.query.ast import TimeUnit, Value
from segmentkit.query.builder.values import to_value
from segmentkit.query.json_coding.parts import SPELLED, refusal
from segmentkit.query.query_building.plain import a_text

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LENGTH = re.compile(r"([0-9]{1,30}) (\w+)", re.ASCII)
_UNITS: dict[str, TimeUnit] = {
    spelling: unit for unit in get_args(TimeUnit) for spelling in (unit, f"{unit}s")
}


def read_literal(data: object, kind: object, field: Field | None, place: str) -> Value:
    """
    The value that *data* says.

    Args:
        kind: the type it was written with; None where an editor wrote it.
        field: tells the type instead, if it is known.
    """
    match kind:
        case None:
            return _of_field(data, field, place)
        case "number":
            text = a_text(data, place)
            if not _NUMBER.fullmatch(text) or len(text) > SPELLED:
                raise refusal(data, place, 'Give a number as text, such as "0.6"')
            return ast.Number(Decimal(text))
        case "date":
            return ast.Date(_date(a_text(data, place), place))
        case "datetime":
            return ast.LocalTime(_moment(a_text(data, place), place))
        case "duration":
            return ast.Duration(*_length(data, place))
        case "ago":
            return ast.Ago(*_length(data, place))
        case str() if kind.startswith("reference:") and kind != "reference:":
            return ast.Reference(kind.removeprefix("reference:"), a_text(data, place))
        case _:
            known = "number, date, datetime, duration, ago or reference:..."
            raise refusal(kind, f"type of {place}", f"Give {known}, or leave it out")


def _of_field(data: object, field: Field | None, place: str) -> Value:
    """What an editor wrote: an HTML input gives texts for dates and often for numbers."""
    if isinstance(data, str) and field is not None:
        if field.type in NUMERIC_TYPES:
            if not _NUMBER.fullmatch(data) or len(data) > SPELLED:
                raise refusal(data, place, f"Give a number: field {field.name!r} holds numbers")
            return to_value(Decimal(data))
        if field.type in (FieldType.DATE, FieldType.INSTANT):
            return (
                ast.Date(_date(data, place))
                if _DATE.fullmatch(data)
                else (ast.LocalTime(_moment(data, place)))
            )
        if field.type is FieldType.DURATION:
            return ast.Duration(*_length(data, place))
        if field.type is FieldType.BOOLEAN and data in ("true", "false"):
            return ast.Truth(data == "true")
    if isinstance(data, str):
        a_text(data, place, empty=True)
    elif not isinstance(data, bool | int | float):
        raise refusal(data, place, "Give a text, a number, true or false")
    return to_value(data)


def _date(text: str, place: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise refusal(text, place, "Give a date of the calendar, such as 2026-01-01")


def _moment(text: str, place: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None or "T" not in text:
        raise refusal(text, place, "Give a local time without a zone, such as 2026-01-01T08:30")
    return moment


def _length(data: object, place: str) -> tuple[int, TimeUnit]:
    found = _LENGTH.fullmatch(data) if isinstance(data, str) else None
    if found is None or found[2] not in _UNITS:
        raise refusal(data, place, "Give a number and a unit, such as '30 day'")
    return int(found[1]), _UNITS[found[2]]
