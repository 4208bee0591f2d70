"""When a rule will change its mind about a contact, if nothing happens till then."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.engines import (
    Interpreter,
    Moment,
    SubjectReader,
    turning_instants,
)
from segmentkit.errors import InvalidValueError
from segmentkit.model import SYSTEM, Viewer, as_instant, from_microseconds, to_microseconds
from segmentkit.rules.night import night_end
from segmentkit.rules.ports import RuleStore
from segmentkit.rules.rule import Rule, bind_rule, rule_setting
from segmentkit.rules.schedule import landing_night
from segmentkit.stores import contact_today


@frozen
class Turn:
    """
    A verdict that changes by time alone.

    Attributes:
        at: the first instant at which the rule, asked then, decides otherwise.
        matches: what it decides from then on.
        night: label of the first night that decides so; None where the verdict has turned back
            before midnight, as often as it turns.
    """

    at: datetime
    matches: bool
    night: date | None


@refuse_other_types
def next_change(
    rule: Rule,
    contact: str,
    store: RuleStore,
    *,
    at: datetime,
    zone: tzinfo | str,
    within: timedelta = timedelta(days=400),
    viewer: Viewer = SYSTEM,
) -> Turn | None:
    """
    When a rule's verdict on a contact turns, if nothing new happens; None: not *within* that time.

    Events that the store has already and that lie ahead of *at* happen at their time. Tags stand as
    they stand now, until they expire: what other rules will do to them is not foreseen.

    Args:
        rule: whether saved or not; it has to fit the store.
        contact: its id; that of one who was merged into another means the other.
        at: from when on; aware.
        zone: whose midnights.
        within: how far to look ahead; each day in it costs about as much as a verdict.

    Raises:
        UnknownNameError: there is no such contact.
        QueryError, InvalidValueError: the rule does not fit the store, or *within* is negative.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import (
        ...     Collection,
        ...     Contact,
        ...     Event,
        ...     Origin,
        ...     Schema,
        ...     State,
        ...     Tag,
        ...     TagGroup,
        ... )
        >>> from segmentkit.stores import MemoryStore
        >>> state = State.of(
        ...     Schema(collections=[Collection("purchase")]),
        ...     [
        ...         TagGroup("level", "等级"),
        ...         Tag("active", "活跃", "level", origin=Origin.AUTOMATIC),
        ...         Contact("c-17"),
        ...     ],
        ... )
        >>> bought = Event("c-17", "purchase", datetime(2026, 11, 20, 9, tzinfo=UTC))
        >>> rule = Rule(tag="等级/活跃", when="did purchase in last 30 days")
        >>> turn = next_change(
        ...     rule,
        ...     "c-17",
        ...     MemoryStore(state, [bought]),
        ...     at=datetime(2026, 11, 21, tzinfo=UTC),
        ...     zone=UTC,
        ... )
        >>> turn.matches, str(turn.night)
        (False, '2026-12-20')
    """
    if within < timedelta(0):
        raise InvalidValueError(within, "within", "Look ahead, not back")
    contact = contact_today(store, contact)
    condition = bind_rule(rule, store, viewer=viewer).condition
    setting = rule_setting(store, at=at, zone=zone, viewer=viewer)
    probe = Interpreter(setting)
    probe.compile(condition)
    collections = tuple(probe.collections)
    rows = {name: list(store.rows(name, contact)) for name in collections}
    fields = store.contact_fields(contact)

    def matches(then: datetime) -> bool:
        moment = Moment.of(then, setting.moment.zone, setting.moment.week_starts)
        now = evolve(setting, moment=moment)
        interpreter = Interpreter(now)
        test = interpreter.compile(condition)
        reader = SubjectReader(now.schema, interpreter.collections, viewer, now.moment)
        return test(reader.subject(contact, fields, rows))

    whole = SubjectReader(setting.schema, collections, viewer, setting.moment)
    subject = whole.subject(contact, fields, rows)
    until = to_microseconds(as_instant(at, "at")) + within // timedelta(microseconds=1)
    instants = turning_instants(
        condition, setting.schema, setting.segments, subject, setting.moment, until
    )
    verdict = matches(from_microseconds(setting.moment.at))
    turned: datetime | None = None
    for then in map(from_microseconds, instants):
        if turned is None and matches(then) is not verdict:
            turned = then
        if turned is not None:
            # The night that ends exactly then still sees it.
            night = landing_night(then - timedelta(microseconds=1), setting.moment.zone)
            if matches(night_end(night, setting.moment.zone)) is not verdict:
                return Turn(turned, not verdict, night)
    return None if turned is None else Turn(turned, not verdict, None)
