"""
What a host stores of rules and nights: a rule, and what a night leaves for the next one.

The documents are of the same kind as those of `segmentkit.model`: strict, and read for ever.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias, TypeVar, cast

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import WrongTypeError
from segmentkit.model import (
    Documents,
    FrozenMap,
    Json,
    as_instant,
    field_value_from_json,
    field_value_to_json,
)
from segmentkit.query import Reference
from segmentkit.query import from_json as condition_from_json
from segmentkit.query import to_json as condition_to_json
from segmentkit.rules.plan import NightRecord
from segmentkit.rules.rule import Mode, Rule

Storable: TypeAlias = Rule | NightRecord
T = TypeVar("T", Rule, NightRecord)
_SCALARS = (str, bool, int, Decimal, float, date, timedelta)


@frozen
class _StoredRule:
    """A rule as it is stored; `when` is the text it was written as, or the condition's document."""

    tag: str
    id: str
    when: object
    mode: Mode = "sync"
    version: int = 1
    parameters: FrozenMap[object] = field(factory=FrozenMap[object])
    saved: datetime | None = None


_DOCUMENTS = Documents({_StoredRule: "rule", NightRecord: "night_record"})


def to_json(value: Storable) -> dict[str, Json]:
    """
    A rule, or the record of a night, as JSON data that says what it is.

    Store `rule.resolved(store)`: it names by id, and a rename never breaks it.

    Raises:
        WrongTypeError: it is neither, or the value of a parameter is of a type that no condition
            knows.

    Examples:
        >>> rule = Rule(
        ...     tag="等级/VIP",
        ...     when="sum(purchase.amount) >= $least",
        ...     id="r-vip",
        ...     parameters={"least": Decimal(1000)},
        ... )
        >>> stored = to_json(rule)
        >>> stored["when"], stored["parameters"]
        ('sum(purchase.amount) >= $least', {'least': {'decimal': '1000'}})
        >>> from_json(Rule, stored) == rule
        True
    """
    return _DOCUMENTS.to_json(_as_stored(value) if isinstance(value, Rule) else value)


@refuse_other_types
def from_json(kind: type[T], data: object) -> T:
    """
    The rule, or the record of a night, that JSON data of any form up to the present one stands for.

    Args:
        kind: what is expected: Rule or NightRecord.

    Raises:
        WrongTypeError: a value of another type than its place takes; nothing is coerced.
        UnknownNameError: another kind of document, a key or word that is not known.
        InvalidValueError: a form of the future, or a value that its place cannot take.
        QueryError: the text of a rule cannot be read.
    """
    if kind is not Rule:
        return _DOCUMENTS.from_json(kind, data)
    stored = _DOCUMENTS.from_json(_StoredRule, data)
    when = stored.when
    return cast(
        T,
        Rule(
            tag=stored.tag,
            when=when if isinstance(when, str) else condition_from_json(when),
            mode=stored.mode,
            id=stored.id,
            version=stored.version,
            parameters={
                name: _read(value, f"rule.parameters.{name}")
                for name, value in stored.parameters.items()
            },
            saved=stored.saved,
        ),
    )


def _as_stored(rule: Rule) -> _StoredRule:
    return _StoredRule(
        rule.tag,
        rule.id,
        rule.text or condition_to_json(rule.condition),
        rule.mode,
        rule.version,
        FrozenMap(
            {
                name: _written(value, f"parameter {name!r} of rule {rule.id!r}")
                for name, value in rule.parameters.items()
            }
        ),
        rule.saved,
    )


# --- values of parameters ------------------------------------------------------------------------


def _written(value: object, place: str) -> Json:
    """A value, or several, as JSON data; a reference keeps the id and the name for readers."""
    if isinstance(value, tuple):
        return [_written_one(one, place) for one in cast("tuple[object, ...]", value)]
    return _written_one(value, place)


def _written_one(value: object, place: str) -> Json:
    if isinstance(value, Reference):
        return {"reference": {"kind": value.kind, "id": value.id, "name": value.name}}
    if isinstance(value, datetime):
        return field_value_to_json(as_instant(value, place))
    if isinstance(value, _SCALARS):
        return field_value_to_json(value)
    raise WrongTypeError(value, place, "Give a text, a number, a time, a reference, or a list")


def _read(data: object, place: str) -> object:
    if isinstance(data, list):
        items = enumerate(cast("list[object]", data))
        return tuple(_read_one(one, f"{place}[{number}]") for number, one in items)
    return _read_one(data, place)


def _read_one(data: object, place: str) -> object:
    if isinstance(data, list):
        raise WrongTypeError(cast("object", data), place, "A list holds no lists")
    if isinstance(data, dict) and "reference" in data:
        return _read_reference(cast("dict[str, object]", data), place)
    return field_value_from_json(cast("object", data), place)


def _read_reference(data: dict[str, object], place: str) -> Reference:
    parts = data["reference"]
    if isinstance(parts, dict) and len(data) == 1:
        named = cast("dict[str, object]", parts)
        if named.keys() == {"kind", "id", "name"} and all(type(p) is str for p in named.values()):
            kind, thing_id, name = (str(named[key]) for key in ("kind", "id", "name"))
            return Reference(kind, thing_id, name)
    remedy = "Give {'reference': {'kind': ..., 'id': ..., 'name': ...}}, each a text"
    raise WrongTypeError(data, place, remedy)
