"""The search for the smallest repair: what each failing part lacks, tried on the contact."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import TypeAlias

from attrs import evolve

from segmentkit.engines.closures import NOTHING_NAMED
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.repair import Amount, Need, Repair
from segmentkit.engines.semantics import elapsed, held_decimal, holder
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Item, Subject, visible
from segmentkit.engines.turning import turning_instants
from segmentkit.engines.witness import example_of
from segmentkit.model import LAST_INSTANT, Collection, FieldType, from_microseconds, local_date
from segmentkit.query import (
    Activity,
    Aggregate,
    And,
    Between,
    Compare,
    ComparisonOperator,
    Condition,
    Duration,
    Keys,
    Not,
    Number,
    Or,
    Scope,
    Value,
    is_of_items,
    segments_named,
    type_of_field,
)

_EXACT = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY)
HORIZON_DAYS = 366
# Who lacks more items than that is not nearly there, and to try so many takes long.
MOST_LACKING = 1_000
_DAY = 86_400_000_000
_TURNED: Mapping[ComparisonOperator, ComparisonOperator] = {
    "=": "=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_OPPOSITES: Mapping[ComparisonOperator, ComparisonOperator] = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}
# Of an aggregate, how far it has to get.
_Goal: TypeAlias = tuple[Aggregate, ComparisonOperator, Value]
_Needs: TypeAlias = tuple[Need, ...]


def smallest_repair(condition: Condition, setting: Setting, subject: Subject) -> Repair | None:
    """
    What would make a condition hold that does not; None when no more of anything would, or only
    more than a thousand items.

    Args:
        condition: bound; it does not hold for the subject.
        setting: of the run.
        subject: read with every field.
    """
    needs = _Mender(setting, subject).needs(condition)
    if not needs or not _holds_with(needs, condition, setting, subject, setting.moment.at):
        return None
    for need in needs:
        fewer = _without_what_others_bring(need, needs)
        if fewer != needs and _holds_with(fewer, condition, setting, subject, setting.moment.at):
            needs = fewer
    by = _deadline(needs, condition, setting, subject)
    return Repair(
        needs,
        None if by is None else from_microseconds(by),
        zone=setting.moment.zone,
        schema=setting.schema,
    )


def _without_what_others_bring(need: Need, needs: _Needs) -> _Needs:
    """The needs with as many fewer items of one as the others add to the same collection."""
    others = tuple(other for other in needs if other is not need)
    brought = sum(other.count for other in others if other.collection == need.collection)
    left = need.count - brought
    if need.totals:
        return needs
    return tuple(
        evolve(one, count=left) if one is need else one
        for one in needs
        if one is not need or left > 0
    )


def _deadline(
    needs: _Needs, condition: Condition, setting: Setting, subject: Subject
) -> int | None:
    """The first instant at which the same addition would come too late."""
    moment = setting.moment
    until = min(moment.at + HORIZON_DAYS * _DAY, LAST_INSTANT)
    for instant in turning_instants(
        condition, setting.schema, setting.segments, subject, moment, until
    ):
        if not _holds_with(needs, condition, setting, subject, instant):
            # A day is over one tick before it turns.
            midnight = moment.start_of(local_date(instant, moment.zone))
            return midnight if instant == midnight + 1 else instant
    return None


def _holds_with(
    needs: _Needs, condition: Condition, setting: Setting, subject: Subject, at: int
) -> bool:
    """Whether the condition holds at an instant just before which the needs are met."""
    moment = setting.moment
    then = evolve(moment, at=at, today=local_date(at - 1, moment.zone))
    # A tag that has run out by then is none.
    items = {
        name: [item for item in rows if visible(name, item.values, setting.viewer, then)]
        for name, rows in subject.items.items()
    }
    for number, need in enumerate(needs):
        collection = setting.schema.collection(need.collection)
        # Whoever adds later adds what is right then: only what the contact has grows old.
        example = example_of(need.where, collection, then)
        if example is None:
            return False
        added = [
            _item(collection, values, at - 1, f"{number}-{row}")
            for row, values in enumerate(evolve(need, example=example).rows())
        ]
        items[need.collection] = [*items.get(need.collection, ()), *added]
        items[need.collection].sort(key=lambda item: item[:3])
    test = Interpreter(evolve(setting, moment=then)).compile(condition)
    return test(Subject(subject.contact, subject.values, items))


def _item(collection: Collection, values: Mapping[str, object], when: int, name: str) -> Item:
    held = {f.name: holder(f)(values.get(f.name)) for f in collection.fields} | {"id": name}
    if collection.time is not None:
        held[collection.time] = when
    return Item(when, 0, name, held)


class _Mender:
    """Each method gives what is lacking: nothing (), or None where more does not help."""

    def __init__(self, setting: Setting, subject: Subject) -> None:
        self.setting = setting
        self.subject = subject
        self.interpreter = Interpreter(setting)
        self.scope = Scope(setting.schema)

    def needs(self, node: Condition) -> _Needs | None:
        if self.interpreter.condition(node, self.scope)(self.subject, None, NOTHING_NAMED):
            return ()
        match node:
            case And():
                return _together(self.needs(item) for item in node.items)
            case Or():
                ways = [way for item in node.items if (way := self.needs(item))]
                return min(ways, key=_size, default=None)
            case Activity(negated=False, collection="segment", quantifier="any", keys=Keys()):
                named = (self.setting.segments[name] for name in segments_named(node))
                ways = [way for condition in named if (way := self.needs(condition))]
                return min(ways, key=_size, default=None)
            case Activity(negated=False, keys=None, steps=()):
                # Of tags and groups it matters which, so more of them is no mend.
                keyed = self.setting.schema.collection(node.collection).key is not None
                return None if keyed else self._activity(node)
            case Compare() | Between():
                return _together(self._goal(goal, None) for goal in _goals(node))
            case Not():
                opposite = _opposite(node.operand)
                return None if opposite is None else self.needs(opposite)
            case _:
                return None

    def _activity(self, node: Activity) -> _Needs | None:
        frequency = node.frequency
        count = Aggregate("count")
        goals: list[_Goal] = []
        match frequency:
            case None:
                goals.append((count, ">=", Number(1)))
            case _ if frequency.kind in ("at_least", "exactly", "between"):
                goals.append((count, ">=", frequency.count))
            case _ if frequency.kind == "more_than":
                goals.append((count, ">", frequency.count))
            case _:
                pass
        having = node.having
        for part in having.items if isinstance(having, And) else (having,) if having else ():
            if isinstance(part, Compare | Between):
                goals += _goals(part)
        return _together(self._goal(goal, node) for goal in goals)

    def _goal(self, goal: _Goal, owner: Activity | None) -> _Needs | None:
        """What an aggregate lacks; in `having`, of the items of *owner*."""
        node, operator, wanted = goal
        name, where, window = node.path[0] if node.path else "", node.where, node.window
        field_name = node.path[1] if len(node.path) > 1 else None
        if owner is not None and is_of_items(
            node, self.setting.schema.collection(owner.collection)
        ):
            field_name = node.path[0] if node.path else None
            name, window = owner.collection, owner.window
            where = _both(owner.where, where)
        if operator not in (">=", ">", "=") or node.transform is not None:
            return ()  # Whether it holds in the end is tried on the contact.
        collection = self.setting.schema.collection(name)
        items = self.interpreter.selection(collection, None, where, window)(self.subject)
        if node.function == "count" and field_name is None and isinstance(wanted, Number):
            lacking = _least_beyond(Fraction(wanted.value), operator) - len(items)
            return self._need(collection, lacking, where, {})
        if node.function == "sum" and field_name is not None:
            return self._sum(collection, field_name, items, operator, wanted, where)
        return ()

    def _sum(
        self,
        collection: Collection,
        name: str,
        items: list[Item],
        operator: ComparisonOperator,
        wanted: Value,
        where: Condition | None,
    ) -> _Needs | None:
        declared = collection.field(name)
        kind = type_of_field(declared)
        if declared.type is FieldType.DURATION and isinstance(wanted, Duration):
            bound = Fraction(elapsed(wanted))
        elif declared.type in _EXACT and isinstance(wanted, Number):
            bound = Fraction(wanted.value) * 10**kind.scale
        else:
            return ()
        held = sum(v for item in items if isinstance(v := item.values[name], int))
        # Up to the next unit, since what is lacking can only be given in whole ones.
        lacking = _least_beyond(bound, operator) - held
        if lacking <= 0:
            return ()
        total: Amount = held_decimal(lacking, kind.scale) if kind.scale else lacking
        if declared.type is FieldType.DURATION:
            total = timedelta(microseconds=lacking)
        return self._need(collection, 1, where, {name: total})

    def _need(
        self,
        collection: Collection,
        count: int,
        where: Condition | None,
        totals: Mapping[str, Amount],
    ) -> _Needs | None:
        if count <= 0:
            return ()
        if count > MOST_LACKING:
            return None
        example = example_of(where, collection, self.setting.moment)
        if example is None:
            return None
        return (Need(collection.name, count, where, totals, example),)


def _opposite(node: Condition) -> Condition | None:
    """What holds where a condition does not, said without `not`; None where there is no such word."""
    match node:
        case Not():
            return node.operand
        case And() | Or():
            parts = tuple(Not(item) for item in node.items)
            return Or(parts) if isinstance(node, And) else And(parts)
        case Compare(operator=operator) if operator in _OPPOSITES:
            return evolve(node, operator=_OPPOSITES[operator])
        case Activity(negated=True):
            return evolve(node, negated=False)
        case _:
            return None


def _least_beyond(bound: Fraction, operator: ComparisonOperator) -> int:
    """The least whole number that is above a bound, or at it where that is enough."""
    return math.floor(bound) + 1 if operator == ">" else math.ceil(bound)


def _goals(node: Compare | Between) -> list[_Goal]:
    """What an aggregate on one side has to reach."""
    match node:
        case Between(left=Aggregate() as left, low=low, high=high, negated=False):
            return [(left, ">=", low), (left, "<=", high)]
        case Compare(operator=operator, left=Aggregate() as left, right=right):
            return [(left, operator, right)]
        case Compare(operator=operator, left=left, right=Aggregate() as right):
            return [(right, _TURNED.get(operator, operator), left)]
        case _:
            return []


def _together(parts: Iterable[_Needs | None]) -> _Needs | None:
    """The needs of all parts; those for items of one kind are met by the same items."""
    joined: dict[tuple[str, Condition | None], Need] = {}
    for needs in parts:
        if needs is None:
            return None
        for need in needs:
            key = (need.collection, need.where)
            known = joined.get(key)
            joined[key] = need if known is None else _larger(known, need)
    return tuple(joined.values())


def _larger(one: Need, other: Need) -> Need:
    totals = dict(one.totals)
    for name, total in other.totals.items():
        known = totals.get(name)
        totals[name] = total if known is None else max(known, total)
    return evolve(one, count=max(one.count, other.count), totals=totals)


def _size(needs: _Needs) -> tuple[int, int]:
    return sum(need.count for need in needs), len(needs)


def _both(one: Condition | None, other: Condition | None) -> Condition | None:
    if one is None or other is None:
        return one or other
    return And((one, other))
