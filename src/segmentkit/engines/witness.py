"""Values that pass a filter: what an item would have to look like."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from segmentkit.engines.semantics import (
    UNIT_SECONDS,
    Moment,
    date_window,
    held_decimal,
    window_bounds,
)
from segmentkit.model import Collection, Field, FieldType, from_microseconds, shift_days
from segmentkit.query import (
    And,
    Between,
    Compare,
    Condition,
    Date,
    Duration,
    InList,
    InWindow,
    IsMissing,
    Not,
    Number,
    Or,
    Path,
    Reference,
    Text,
    TextMatch,
    Truth,
    Value,
    Window,
)

Example: TypeAlias = Mapping[str, object]

_LONGEST = timedelta.max // timedelta(seconds=1)
_HOLDS: Mapping[FieldType, tuple[type, ...]] = {
    FieldType.TEXT: (str,),
    FieldType.INTEGER: (int,),
    FieldType.DECIMAL: (int, Decimal),
    FieldType.MONEY: (int, Decimal),
    FieldType.BOOLEAN: (bool,),
    FieldType.DATE: (date,),
    FieldType.DURATION: (timedelta,),
}
_SOMETHING: Mapping[FieldType, object] = {
    FieldType.TEXT: "x",
    FieldType.INTEGER: 1,
    FieldType.DECIMAL: Decimal(1),
    FieldType.MONEY: Decimal(1),
    FieldType.FLOAT: 1.0,
    FieldType.BOOLEAN: True,
    FieldType.DATE: date(2000, 1, 1),
    FieldType.DURATION: timedelta(seconds=1),
    FieldType.TEXT_LIST: ("x",),
}

# By vagueness: which of the value known so far and another one an item should have.
_CLOSEST: Sequence[Callable[[Any, Any], Any]] = (
    lambda known, _: known,
    max,
    min,
    lambda known, _: known,
)


def example_of(where: Condition | None, collection: Collection, moment: Moment) -> Example | None:
    """
    Values by field name that are likely to pass a filter; None where none can be told.

    What comes out is a guess: whoever uses it tries it.

    Examples:
        >>> from datetime import UTC, datetime
        >>> purchase = Collection("purchase", fields=[Field("sku", FieldType.TEXT)])
        >>> moment = Moment.of(datetime(2026, 1, 1, tzinfo=UTC), UTC)
        >>> example_of(Compare("=", Path(("sku",)), Text("s1")), purchase, moment)
        {'sku': 's1'}
    """
    match where:
        case None | Truth(value=True) | IsMissing(negated=False):
            return {}
        case InWindow(left=Path(names=(name,)), negated=False):
            return _in_window(collection, name, where.window, moment)
        case And():
            return _all_of(where, collection, moment)
        case Or():
            found = (example_of(item, collection, moment) for item in where.items)
            return next((example for example in found if example is not None), None)
        case Not():
            # Nothing is known of such an item, so no positive form holds of it.
            return {} if isinstance(where.operand, Compare | TextMatch | InList) else None
        case Path(names=(name,)):
            return {name: True}
        case IsMissing(operand=Path(names=(name,))):
            return _one(_own(collection, name), None)
        case Compare(operator=operator, left=Path(names=(name,)), right=right):
            return _compared(_own(collection, name), operator, right)
        case Between(left=Path(names=(name,)), low=low, negated=False):
            return _compared(_own(collection, name), ">=", low)
        case InList(left=Path(names=(name,)), items=(first, *_), negated=False):
            return _compared(_own(collection, name), "=", first)
        case TextMatch(left=Path(names=(name,)), negated=False):
            return _texts(_own(collection, name), where)
        case TextMatch() | InList() | Between() | InWindow():
            return {} if where.negated else None
        case _:
            return None


def _own(collection: Collection, name: str) -> Field | None:
    """A field whose value may be chosen: not the id, not the time."""
    found = collection.find_field(name)
    return None if found is None or found.name in ("id", collection.time) else found


def _all_of(node: And, collection: Collection, moment: Moment) -> Example | None:
    values: dict[str, Any] = {}
    # What names a value says more than what bounds it; of bounds the closest counts.
    for item in sorted(node.items, key=_vagueness):
        example = example_of(item, collection, moment)
        if example is None:
            return None
        choose = _CLOSEST[_vagueness(item)]
        for name, value in example.items():
            values[name] = choose(values[name], value) if name in values else value
    return values


def _vagueness(node: Condition) -> int:
    match node:
        case Compare(operator="=") | InList():
            return 0
        case Compare(operator=">" | ">=") | Between():
            return 1
        case Compare(operator="<" | "<="):
            return 2
        case _:
            return 3


def _in_window(collection: Collection, name: str, window: Window, moment: Moment) -> Example | None:
    declared = collection.find_field(name)
    if declared is None or declared.name == collection.time:
        return {}  # It happens when it happens.
    if declared.type is FieldType.DATE:
        first, end = date_window(window, moment)
        last = min(end - 1, date.max.toordinal())
        return _one(declared, date.fromordinal(last)) if first <= last else None
    start, end = window_bounds(window, moment)
    return _one(declared, from_microseconds(end - 1)) if start < end else None


def _one(declared: Field | None, value: object) -> Example | None:
    if declared is None:
        return None
    something = _SOMETHING.get(declared.type) if value is None else value
    return None if something is None else {declared.name: something}


def _compared(declared: Field | None, operator: str, right: Value) -> Example | None:
    if operator == "!=":
        return {}
    value = _python(right)
    if declared is None or value is None or type(value) not in _HOLDS.get(declared.type, ()):
        return None
    step = {"<": -1, ">": 1}.get(operator, 0)
    match value:
        case bool() | str():
            return _one(declared, value)
        case date():
            return _one(declared, shift_days(value, step))
        case timedelta():
            return _one(declared, value + timedelta(microseconds=step))
        case _:
            return _one(declared, _nearest_number(declared, operator, Fraction(value)))


def _nearest_number(declared: Field, operator: str, bound: Fraction) -> int | Decimal:
    """The number nearest to a bound that a field can hold beyond it; whole units are exact."""
    scale = declared.scale if declared.type in (FieldType.MONEY, FieldType.DECIMAL) else 0
    units = bound * 10**scale
    match operator:
        case "<":
            nearest = math.ceil(units) - 1
        case ">":
            nearest = math.floor(units) + 1
        case ">=":
            nearest = math.ceil(units)
        case _:
            nearest = math.floor(units)
    return held_decimal(nearest, scale) if scale else nearest


def _texts(declared: Field | None, node: TextMatch) -> Example | None:
    if declared is None or not isinstance(node.patterns, tuple):
        return None
    texts = [p.value for p in node.patterns if isinstance(p, Text)]
    if len(texts) < len(node.patterns) or not texts:
        return None
    wanted = texts if node.quantifier == "all" else texts[:1]
    if declared.type is FieldType.TEXT_LIST:
        return _one(declared, tuple(wanted))
    if node.operation == "like":
        return _one(declared, wanted[0].replace("*", "").replace("?", "x"))
    return _one(declared, " ".join(wanted))


def _python(node: Value) -> int | Decimal | str | bool | date | timedelta | None:
    match node:
        case Number() | Text() | Truth() | Date():
            return node.value
        case Reference():
            return node.id
        case Duration() if node.unit in UNIT_SECONDS:
            seconds = node.count * UNIT_SECONDS[node.unit]
            return timedelta(seconds=seconds) if seconds <= _LONGEST else None
        case _:
            return None
