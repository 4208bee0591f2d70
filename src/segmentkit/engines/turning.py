"""When a contact's verdict can turn while nothing new happens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from segmentkit.arguments import refuse_other_types
from segmentkit.engines.semantics import Moment, elapsed, point_instant
from segmentkit.engines.subject import Subject
from segmentkit.model import (
    FIRST_INSTANT,
    LAST_INSTANT,
    Collection,
    Field,
    FieldType,
    Schema,
    local_date,
    shift_days,
)
from segmentkit.query import (
    EXACT_UNITS,
    Ago,
    Before,
    Compare,
    Condition,
    Date,
    Duration,
    InWindow,
    LocalTime,
    On,
    Point,
    Range,
    Rolling,
    Since,
    Step,
    segments_opened,
    walk,
)


@refuse_other_types
def turning_instants(
    condition: Condition,
    schema: Schema,
    segments: Mapping[str, Condition],
    subject: Subject,
    moment: Moment,
    until: int,
) -> list[int]:
    """
    The instants after a moment, up to *until*, at which a bound condition can turn for a subject.

    The verdict is the same at all instants from one of these up to the next. They are the midnights,
    when another day becomes today; the microsecond after something happens; what lies a window of
    hours, or the patience of a step, away from it; what lies such a window away from a midnight,
    where dates are compared with it; dates that windows name; and the ends of tags.
    """
    delays = {0}
    compared: set[int] = set()
    found: set[int] = set()
    for node in _nodes(condition, segments):
        match node:
            case Rolling() | Ago() if (delay := _hours(node)) is not None:
                delays.add(delay)
            case Step(within=Duration() as patience):
                delays.add(elapsed(patience))
            case Since(point=point) | Before(point=point):
                found |= _fixed(point, moment)
            case Range(start=start, end=end):
                found |= _fixed(start, moment) | _fixed(end, moment)
            case On(day=Date(value=day)):
                found |= {moment.start_of(day), moment.start_of(shift_days(day, 1))}
            case InWindow() | Compare():
                compared |= {delay for part in walk(node) if (delay := _hours(part)) is not None}
            case _:
                pass
    for time in _instants(schema, subject, moment):
        for delay in delays:
            found |= {time - delay, time + delay}
    # Of a date counts whether the instant so many hours away lies on another day.
    for delay in compared:
        found.update(_midnights_at(delay, moment, until), _midnights_at(-delay, moment, until))
    # A window holds its start and not its end, so what touches an end turns one tick later.
    found |= {instant + 1 for instant in found}
    found |= set(_midnights(moment, until))
    return sorted(instant for instant in found if moment.at < instant <= until)


def _hours(node: object) -> int | None:
    """How long a window of hours is, or how far away its point."""
    match node:
        case Rolling(duration=Duration(unit=unit) as span) if unit in EXACT_UNITS:
            return elapsed(span)
        case Ago(count=count, unit=unit) if unit in EXACT_UNITS:
            return elapsed(Duration(count, unit))
        case _:
            return None


def _nodes(condition: Condition, segments: Mapping[str, Condition]) -> Iterable[object]:
    for tree in (condition, *segments_opened(condition, segments).values()):
        yield from walk(tree)


def _fixed(point: Point, moment: Moment) -> set[int]:
    """The instant of a point that does not move."""
    return {point_instant(point, moment)} if isinstance(point, Date | LocalTime) else set()


def _instants(schema: Schema, subject: Subject, moment: Moment) -> set[int]:
    """Every instant that the subject has anywhere; of a date, its first one."""
    found: set[int] = set()
    _add_instants(found, schema.fields, subject.values, moment)
    for name, items in subject.items.items():
        collection: Collection = schema.collection(name)
        for item in items:
            found.add(item.time)
            _add_instants(found, collection.fields, item.values, moment)
    return found


def _add_instants(
    found: set[int], fields: Iterable[Field], values: Mapping[str, object], moment: Moment
) -> None:
    for declared in fields:
        value = values.get(declared.name)
        if isinstance(value, int) and declared.type is FieldType.INSTANT:
            found.add(value)
        elif isinstance(value, int) and declared.type is FieldType.DATE:
            found.add(moment.start_of(date.fromordinal(value)))


def _midnights(moment: Moment, until: int) -> Iterable[int]:
    """The first instants at which the day after today, and each after it, is today."""
    day = shift_days(moment.today, 1)
    while day < date.max and (start := moment.start_of(day)) < until:
        yield start + 1
        day = shift_days(day, 1)


def _midnights_at(delay: int, moment: Moment, until: int) -> Iterable[int]:
    """The instants up to *until* from which a midnight lies a delay away, ahead or, negative, back."""
    first = min(max(moment.at + delay, FIRST_INSTANT), LAST_INSTANT)
    day = local_date(first, moment.zone)
    while day < date.max and (start := moment.start_of(day)) <= until + delay:
        yield start - delay
        day = shift_days(day, 1)
