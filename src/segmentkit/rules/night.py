"""The nightly run: every rule asked of every contact, and the plan that follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, tzinfo
from typing import TypeAlias

from attrs import evolve

from segmentkit.engines import Engine, Reasons, Setting, Subject, members, setting_of
from segmentkit.errors import WrongTypeError
from segmentkit.model import (
    SYSTEM,
    Change,
    ChangeSet,
    Hold,
    Origin,
    Viewer,
    as_zone,
    day_start,
    from_microseconds,
    shift_days,
)
from segmentkit.query import Language
from segmentkit.rules.order import stages, versions_in_force
from segmentkit.rules.overlay import PlannedStore
from segmentkit.rules.plan import Outcome, Plan
from segmentkit.rules.ports import RuleStore
from segmentkit.rules.rule import BoundRule, InvalidRule, Rule, bind_or_report
from segmentkit.stores import Store

_MOVED = {"en": "the rule now sets {path}", "zh": "该规则现在设置“{path}”"}

Progress: TypeAlias = Callable[[int, int], None]
# rule id -> tag id -> contact -> the rule's hold
HeldByRules: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Hold]]]


def plan_night(
    rules: Iterable[Rule],
    store: RuleStore,
    *,
    day: date,
    zone: tzinfo | str,
    viewer: Viewer = SYSTEM,
    engine: Engine = "columnar",
    lang: Language = "en",
    progress: Progress | None = None,
) -> Plan:
    """
    What the run labelled *day* changes; nothing is changed by asking.

    The run sees everything before 24:00 of *day* in *zone*, and nothing at or after it, so a night
    that is planned late gives what it would have given on time.

    Args:
        rules: versions of rules; of each the newest that was saved before that instant counts.
        store: read at one version, which the plan remembers.
        day: the run's label.
        zone: whose midnight.
        viewer: in whose name the rules look; the system sees everything.
        engine: both give the same plan; the columnar one is for many contacts.
        lang: of the reasons.
        progress: called with (rules done, rules in all) now and then.

    Raises:
        QueryError, UnknownNameError, InvalidValueError: a rule that was never saved does not fit
            the store.
        CycleError: rules that need each other's tags.
        DuplicateIdError: a version of a rule is given twice.
        UnknownZoneError: *zone* is no zone.
        WrongTypeError: *day* is no date.

    Examples:
        >>> from segmentkit.model import Contact, Event, Origin, Schema, State, Tag, TagGroup
        >>> from segmentkit.model import Collection
        >>> from segmentkit.stores import MemoryStore
        >>> from datetime import UTC, datetime
        >>> state = State.of(
        ...     Schema(collections=[Collection("purchase")]),
        ...     [
        ...         TagGroup("level", "等级"),
        ...         Tag("new", "新客", "level", origin=Origin.AUTOMATIC),
        ...         Contact("c-17"),
        ...     ],
        ... )
        >>> bought = Event("c-17", "purchase", datetime(2026, 11, 20, 9, tzinfo=UTC))
        >>> store = MemoryStore(state, [bought])
        >>> rule = Rule(tag="等级/新客", when="did purchase in last 7 days")
        >>> plan = plan_night([rule], store, day=date(2026, 11, 20), zone="Asia/Shanghai")
        >>> plan.entered["等级/新客"]
        ('c-17',)
        >>> [change.reason for change in plan.changes]
        ['count(purchase in last 7 days) = 1']
        >>> (
        ...     store.apply(plan),
        ...     len(plan_night([rule], store, day=date(2026, 11, 20), zone="Asia/Shanghai")),
        ... )
        (1, 0)
    """
    calendar = as_zone(zone)
    at = night_end(day, calendar)
    current, pending = versions_in_force(rules, at)
    bound: list[BoundRule] = []
    invalid: list[InvalidRule] = []
    for rule in current:
        found = bind_or_report(rule, store, viewer=viewer)
        if isinstance(found, BoundRule):
            bound.append(found)
        else:
            invalid.append(found)
    night = _Night(store, setting_of(store, at=at, zone=calendar, viewer=viewer), at, lang)
    source: Store = store
    changes: list[Change] = []
    done = 0
    for stage in stages(bound, names=store.names, segments=store.segments):
        conditions = {one.rule.id: one.condition for one in stage}
        matched = members(conditions, source, night.setting, engine=engine)
        for one in stage:
            night.decide(one, frozenset(matched[one.rule.id]))
            done += 1
            if progress is not None:
                progress(done, len(bound))
        changes += night.reasoned(stage, source)
        source = PlannedStore(store, changes)
    order = {one.rule.id: place for place, one in enumerate(bound)}
    return Plan(
        day,
        calendar,
        at,
        tuple(sorted(night.outcomes, key=lambda outcome: order[outcome.rule.id])),
        ChangeSet(
            sorted(changes, key=lambda change: (change.contact or "", change.key)),
            actor="system",
            at=at,
            base_version=store.version,
            cause=f"night {day.isoformat()}",
            run=f"night {day.isoformat()} until {at.isoformat()}",
        ),
        tuple(invalid),
        pending,
    )


def night_end(day: date, zone: tzinfo | str) -> datetime:
    """
    24:00 of a day: the first instant of the next one in a zone, as an instant in UTC.

    Examples:
        >>> night_end(date(2026, 11, 20), "Asia/Shanghai").isoformat()
        '2026-11-20T16:00:00+00:00'
    """
    if not isinstance(day, date) or isinstance(day, datetime):
        raise WrongTypeError(day, "day of a night", "Give a date: the run's label")
    return from_microseconds(day_start(shift_days(day, 1), as_zone(zone)))


class _Night:
    """What has been decided so far."""

    def __init__(self, store: RuleStore, setting: Setting, at: datetime, lang: Language) -> None:
        self.store = store
        self.setting = setting
        self.at = at
        self.lang: Language = lang
        self.held = held_by_rules(store)
        self.outcomes: list[Outcome] = []
        self._undue: list[Change] = []

    def decide(self, one: BoundRule, matched: AbstractSet[str]) -> None:
        """One rule's night, from those who match its condition."""
        rule, tag = one.rule, one.tag.id
        holds = self.held.get(rule.id, {})
        now = holds.get(tag, {})
        living = {contact for contact, hold in now.items() if hold.lives(self.at)}
        pinned = self._pinned(tag)
        entered = matched - living - pinned
        left: AbstractSet[str] = living - matched - pinned if rule.mode == "sync" else set()
        label = rule.label
        self._undue += [
            Change(now.get(c), Hold(c, tag, "rule", rule.id, self.at), cause=label) for c in entered
        ]
        self._undue += [Change(now[contact], None, cause=label) for contact in left]
        self.outcomes.append(
            Outcome(
                rule,
                tag,
                one.path,
                tuple(sorted(entered)),
                tuple(sorted(left)),
                tuple(sorted(living - left - pinned)),
                tuple(sorted((matched | living) & pinned)),
            )
        )
        if rule.mode == "sync":
            for other in sorted(set(holds) - {tag}):
                self._let_go(one, other, holds[other])

    def _let_go(self, one: BoundRule, tag: str, holds: Mapping[str, Hold]) -> None:
        """A rule that has moved to another tag leaves the old one."""
        pinned = self._pinned(tag)
        left = sorted(set(holds) - pinned)
        self._undue += [Change(holds[contact], None, cause=one.rule.label) for contact in left]
        path = self.store.catalog.path(self.store.catalog.tag(tag))
        self.outcomes.append(
            Outcome(one.rule, tag, path, (), tuple(left), (), tuple(sorted(set(holds) & pinned)))
        )

    def reasoned(self, stage: Iterable[BoundRule], source: Store) -> list[Change]:
        """What a stage has decided, each change with its reason; each contact is read once."""
        reasons = Reasons(self.setting, self.lang)
        lines = {one.rule.id: (one, reasons.compile(one.condition)) for one in stage}
        reader = reasons.reader()
        subject: Subject | None = None
        done: list[Change] = []
        for change in sorted(self._undue, key=lambda change: change.key):
            hold = change.entity
            assert isinstance(hold, Hold)
            one, line = lines[hold.holder]
            if hold.tag == one.tag.id:
                if subject is None or subject.contact != hold.contact:
                    subject = reader.read(source, hold.contact)
                reason = line(subject)
            else:
                reason = _MOVED[self.lang].format(path=one.path)
            done.append(evolve(change, reason=reason))
        self._undue = []
        return done

    def _pinned(self, tag: str) -> set[str]:
        return {pin.contact for pin in self.store.pins_with(tag)}


def held_by_rules(store: RuleStore) -> HeldByRules:
    """What rules hold now, of every automatic tag."""
    found: dict[str, dict[str, dict[str, Hold]]] = {}
    for tag in store.catalog.tags:
        if tag.origin is Origin.AUTOMATIC:
            for hold in store.holds_with(tag.id):
                if hold.source == "rule":
                    found.setdefault(hold.holder, {}).setdefault(tag.id, {})[hold.contact] = hold
    return found
