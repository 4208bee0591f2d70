"""The nightly run: every rule asked of every contact, and the plan that follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, tzinfo
from typing import TypeAlias

from attrs import frozen

from segmentkit.arguments import explain_other_types
from segmentkit.engines import Engine, Setting
from segmentkit.errors import CycleError, WrongTypeError
from segmentkit.model import (
    LAST_INSTANT,
    SYSTEM,
    ChangeSet,
    Viewer,
    as_zone,
    day_start,
    from_microseconds,
    shift_days,
)
from segmentkit.query import Diagnostic, Language, require_language
from segmentkit.rules.deciding import Decisions, Suspicion
from segmentkit.rules.order import in_order, versions_in_force
from segmentkit.rules.plan import Plan, fingerprint
from segmentkit.rules.ports import RuleStore
from segmentkit.rules.rule import BoundRule, InvalidRule, Rule, bind_or_report, rule_setting

Progress: TypeAlias = Callable[[int, int], None]


@explain_other_types
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
        CycleError: rules that need each other's tags, one of which was never saved.
        DuplicateIdError: a version of a rule is given twice.
        UnknownZoneError: *zone* is no zone.
        WrongTypeError: *day* is no date, or *rules* are no list of rules.

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
    require_language(lang)
    calendar = as_zone(zone)
    setting = rule_setting(store, at=night_end(day, calendar), zone=calendar, viewer=viewer)
    return decided_night(
        rules_in_force(rules, store, setting), store, setting, day, engine, lang, progress
    )


@frozen
class RulesInForce:
    """
    The rules that take part in a night.

    Attributes:
        bound: those that fit the store and one another, in the order in which they were given.
        stages: the same in the order in which they speak.
        invalid: saved ones that do not fit any more.
        pending: versions saved too late.
    """

    bound: tuple[BoundRule, ...]
    stages: tuple[tuple[BoundRule, ...], ...]
    invalid: tuple[InvalidRule, ...]
    pending: tuple[Rule, ...]


def rules_in_force(rules: Iterable[Rule], store: RuleStore, setting: Setting) -> RulesInForce:
    """
    The newest version of each rule that was saved before the night ends, bound to a store.

    Raises:
        CycleError: a rule that was never saved stands in a circle.
    """
    current, pending = versions_in_force(rules, from_microseconds(setting.moment.at))
    found = [bind_or_report(rule, store, viewer=setting.viewer) for rule in current]
    fitting = [one for one in found if isinstance(one, BoundRule)]
    order = in_order(fitting, names=store.names, segments=setting.segments)
    bound: list[BoundRule] = []
    invalid: list[InvalidRule] = []
    for one in found:
        if isinstance(one, InvalidRule):
            invalid.append(one)
        elif one.rule.id not in order.circles:
            bound.append(one)
        elif one.rule.saved is not None:
            path = order.circles[one.rule.id]
            invalid.append(InvalidRule(one.rule, (Diagnostic("rule_cycle", {"path": path}),)))
        else:
            raise CycleError(
                order.circles[one.rule.id],
                f"rule {one.rule.id!r}",
                "A rule cannot read a tag that depends on its own; read another tag or event",
            )
    return RulesInForce(tuple(bound), order.stages, tuple(invalid), pending)


def decided_night(
    rules: RulesInForce,
    store: RuleStore,
    setting: Setting,
    day: date,
    engine: Engine,
    lang: Language,
    progress: Progress | None = None,
    suspicion: Suspicion | None = None,
) -> Plan:
    """
    The plan of a night, stage by stage.

    Args:
        suspicion: whom to ask; None is everyone.
    """
    # First of all, for it refuses a condition that could not be stored.
    fingerprints = {one.rule.id: fingerprint(one, setting.segments) for one in rules.bound}
    night = Decisions(store, setting, engine, lang, suspicion)
    night.let_go(rules.bound)
    done = 0
    for stage in rules.stages:
        for _ in night.decide(stage):
            done += 1
            if progress is not None:
                progress(done, len(rules.bound))
    order = {(one.rule.id, one.tag.id): place for place, one in enumerate(rules.bound)}
    at = from_microseconds(setting.moment.at)
    return Plan(
        day,
        setting.moment.zone,
        at,
        # What a rule leaves because it has moved comes behind all else.
        tuple(
            sorted(night.outcomes, key=lambda one: order.get((one.rule.id, one.tag), len(order)))
        ),
        ChangeSet(
            night.changes,
            actor="system",
            at=at,
            base_version=store.version,
            cause=f"night {day.isoformat()}",
            run=f"night {day.isoformat()} until {at.isoformat()}",
        ),
        rules.invalid,
        rules.pending,
        fingerprints=fingerprints,
        examined=night.examined,
        viewer=setting.viewer,
    )


def night_end(day: date, zone: tzinfo | str) -> datetime:
    """
    24:00 of a day: the first instant of the next one in a zone, as an instant in UTC.

    After the last day that a date can name comes no other; its night ends with its last instant.

    Examples:
        >>> night_end(date(2026, 11, 20), "Asia/Shanghai").isoformat()
        '2026-11-20T16:00:00+00:00'
    """
    if not isinstance(day, date) or isinstance(day, datetime):
        raise WrongTypeError(day, "day of a night", "Give a date: the run's label")
    if day == date.max:
        return from_microseconds(LAST_INSTANT)
    return from_microseconds(day_start(shift_days(day, 1), as_zone(zone)))
