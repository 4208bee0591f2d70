"""Which night an edit lands in, which nights are due, and what came too late for its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.engines import Interpreter, Setting, SubjectReader
from segmentkit.model import (
    SYSTEM,
    Event,
    Viewer,
    as_instant,
    as_zone,
    local_date,
    shift_days,
    to_microseconds,
)
from segmentkit.rules.night import night_end, rules_in_force
from segmentkit.rules.overlay import WithoutEvents
from segmentkit.rules.ports import RuleStore, contacts_today
from segmentkit.rules.rule import Rule, rule_setting


def landing_night(saved: datetime, zone: tzinfo | str) -> date:
    """
    The label of the first night that a version saved at an instant takes part in.

    That is the night of the same local day: it ends at 24:00, and what is saved exactly then
    belongs to the next.

    Raises:
        NaiveDatetimeError: *saved* has no zone.
        UnknownZoneError: *zone* is no zone.

    Examples:
        >>> from datetime import UTC
        >>> landing_night(datetime(2026, 11, 20, 15, 59, tzinfo=UTC), "Asia/Shanghai")
        datetime.date(2026, 11, 20)
        >>> landing_night(datetime(2026, 11, 20, 16, 0, tzinfo=UTC), "Asia/Shanghai")
        datetime.date(2026, 11, 21)
    """
    return local_date(to_microseconds(as_instant(saved, "saved")), as_zone(zone))


@refuse_other_types
def due_nights(last: date | None, now: datetime, zone: tzinfo | str) -> tuple[date, ...]:
    """
    The nights that have ended and were not run yet, oldest first.

    A host whose scheduler slept plans and applies them in this order. Each gives what it would have
    given in time, for what happened by then; only what people changed since is seen too early.

    Args:
        last: label of the last night that was run; None where none was: the one just ended is due.
        now: aware; a night has ended when its 24:00 is not after it.

    Raises:
        NaiveDatetimeError: *now* has no zone.
        UnknownZoneError: *zone* is no zone.

    Examples:
        >>> from datetime import UTC
        >>> now = datetime(2026, 11, 22, 1, tzinfo=UTC)
        >>> [str(day) for day in due_nights(date(2026, 11, 19), now, "Asia/Shanghai")]
        ['2026-11-20', '2026-11-21']
    """
    calendar = as_zone(zone)
    instant = as_instant(now, "now")
    ended = shift_days(local_date(to_microseconds(instant), calendar), -1)
    day = ended if last is None else shift_days(last, 1)
    due: list[date] = []
    while day <= ended:
        # A date that the zone skipped as a whole has no night of its own.
        if night_end(day, calendar) != night_end(shift_days(day, -1), calendar):
            due.append(day)
        day = shift_days(day, 1)
    return tuple(due)


@frozen
class LateEffect:
    """
    A contact about whom earlier nights would have decided otherwise, had an event come in time.

    Attributes:
        rule: id of the rule.
        contact: whom the event belongs to.
        entered: nights at which the contact matches now and did not without the late events.
        left: nights at which it does not match now and did without them.
    """

    rule: str
    contact: str
    entered: tuple[date, ...]
    left: tuple[date, ...]


@refuse_other_types
def late_effects(
    rules: Iterable[Rule],
    store: RuleStore,
    events: Iterable[Event],
    *,
    nights: Iterable[date],
    zone: tzinfo | str,
    viewer: Viewer = SYSTEM,
) -> tuple[LateEffect, ...]:
    """
    Which earlier nights would have decided otherwise, had these events not come late.

    The next night takes late events in by itself; this says what was missed meanwhile. Fields and
    tags of contacts are taken as they are now, so of rules that read tags it tells what holds for
    today's tags.

    Args:
        rules: versions of rules; for each night those count that were saved before it ended.
        store: which has the events already.
        events: all that came in since the last night; those that were in time play no part.
        nights: labels of the nights that were run before they came.

    Examples:
        >>> from segmentkit.model import (
        ...     Collection,
        ...     Contact,
        ...     Origin,
        ...     Schema,
        ...     State,
        ...     Tag,
        ...     TagGroup,
        ... )
        >>> from segmentkit.stores import MemoryStore
        >>> from datetime import UTC
        >>> state = State.of(
        ...     Schema(collections=[Collection("purchase")]),
        ...     [
        ...         TagGroup("level", "等级"),
        ...         Tag("new", "新客", "level", origin=Origin.AUTOMATIC),
        ...         Contact("c-17"),
        ...     ],
        ... )
        >>> late = Event("c-17", "purchase", datetime(2026, 11, 19, 9, tzinfo=UTC))
        >>> rule = Rule(tag="等级/新客", when="did purchase in last 2 days", id="new")
        >>> run = [date(2026, 11, day) for day in (18, 19, 20, 21)]
        >>> (effect,) = late_effects(
        ...     [rule], MemoryStore(state, [late]), [late], nights=run, zone=UTC
        ... )
        >>> [day.day for day in effect.entered]
        [19, 20]
    """
    versions = list(rules)
    calendar = as_zone(zone)
    late: dict[str, list[Event]] = {}
    given = list(events)
    owners = contacts_today(store, [event.contact for event in given])
    for event, contact in zip(given, owners, strict=True):
        late.setdefault(contact, []).append(evolve(event, contact=contact))
    found: dict[tuple[str, str], tuple[list[date], list[date]]] = {}
    for day in sorted(set(nights)):
        end = night_end(day, calendar)
        in_time = {c: [e for e in some if e.time < end] for c, some in late.items()}
        setting = rule_setting(store, at=end, zone=calendar, viewer=viewer)
        tests = _Tests(versions, store, setting)
        for contact, missed in sorted(in_time.items()):
            if not missed:
                continue
            now = tests.matches(contact, store)
            then = tests.matches(contact, WithoutEvents(store, missed))
            for rule_id in now ^ then:
                entered, left = found.setdefault((rule_id, contact), ([], []))
                (entered if rule_id in now else left).append(day)
    return tuple(
        LateEffect(rule_id, contact, tuple(entered), tuple(left))
        for (rule_id, contact), (entered, left) in sorted(found.items())
    )


class _Tests:
    """The rules of one night, asked of single contacts."""

    def __init__(self, rules: Iterable[Rule], store: RuleStore, setting: Setting) -> None:
        interpreter = Interpreter(setting)
        bound = rules_in_force(rules, store, setting).bound
        self._tests = {one.rule.id: interpreter.compile(one.condition) for one in bound}
        self._reader = SubjectReader(
            setting.schema, interpreter.collections, setting.viewer, setting.moment
        )

    def matches(self, contact: str, source: RuleStore | WithoutEvents) -> frozenset[str]:
        """Ids of the rules that a contact meets."""
        subject = self._reader.read(source, contact)
        return frozenset(rule_id for rule_id, test in self._tests.items() if test(subject))
