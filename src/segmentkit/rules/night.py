"""The nightly run: every rule asked of every contact, and the plan that follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, tzinfo
from typing import TypeAlias

from attrs import evolve, frozen

from segmentkit.engines import (
    Engine,
    KeptPopulation,
    PopulatedStore,
    Reasons,
    Setting,
    Subject,
    members,
)
from segmentkit.errors import CycleError, WrongTypeError
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
from segmentkit.query import Diagnostic, Language, require_language
from segmentkit.rules.order import in_order, versions_in_force
from segmentkit.rules.overlay import AtHand, PlannedStore
from segmentkit.rules.plan import Outcome, Plan, fingerprint
from segmentkit.rules.ports import RuleStore
from segmentkit.rules.rule import BoundRule, InvalidRule, Rule, bind_or_report, rule_setting

_MOVED = {"en": "the rule now sets {path}", "zh": "该规则现在设置“{path}”"}

Progress: TypeAlias = Callable[[int, int], None]
SuspectsOf: TypeAlias = Callable[[BoundRule, Sequence[Change]], AbstractSet[str] | None]
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
    suspects_of: SuspectsOf | None = None,
) -> Plan:
    """
    The plan of a night, stage by stage.

    Args:
        suspects_of: from a rule and the changes made so far, the contacts whose verdict can have
            turned since the night before; None is everyone, as it is where this is not given.
    """
    at_hand = _at_hand(store, everyone=suspects_of is None)
    night = _Night(store, setting, engine, lang, at_hand)
    done = 0
    for stage in rules.stages:
        for _ in night.decide(stage, suspects_of or _everyone):
            done += 1
            if progress is not None:
                progress(done, len(rules.bound))
    order = {one.rule.id: place for place, one in enumerate(rules.bound)}
    at = from_microseconds(setting.moment.at)
    return Plan(
        day,
        setting.moment.zone,
        at,
        tuple(sorted(night.outcomes, key=lambda outcome: order[outcome.rule.id])),
        ChangeSet(
            sorted(night.changes, key=lambda change: (change.contact or "", change.key)),
            actor="system",
            at=at,
            base_version=store.version,
            cause=f"night {day.isoformat()}",
            run=f"night {day.isoformat()} until {at.isoformat()}",
        ),
        rules.invalid,
        rules.pending,
        fingerprints={one.rule.id: fingerprint(one, setting.segments) for one in rules.bound},
        examined=night.examined,
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


def _everyone(rule: BoundRule, changes: Sequence[Change]) -> None:
    """A full night suspects everyone."""


def _at_hand(store: RuleStore, *, everyone: bool) -> AtHand | None:
    """The store's own population; else one that is read once for all stages, if for everyone."""
    if isinstance(store, PopulatedStore):
        return store.population
    return KeptPopulation(store).population if everyone else None


class _Night:
    """What has been decided so far."""

    def __init__(
        self,
        store: RuleStore,
        setting: Setting,
        engine: Engine,
        lang: Language,
        at_hand: AtHand | None,
    ) -> None:
        self.changes: list[Change] = []
        self.outcomes: list[Outcome] = []
        self._store = store
        self._at_hand = at_hand
        self._setting = setting
        self._engine: Engine = engine
        self._lang: Language = lang
        self._at = from_microseconds(setting.moment.at)
        self._held = held_by_rules(store)
        self._undue: list[Change] = []
        self._everyone = False
        self._suspects: set[str] = set()

    @property
    def examined(self) -> int | None:
        """How many contacts a rule was asked of; None is all."""
        return None if self._everyone else len(self._suspects)

    def decide(self, stage: Sequence[BoundRule], suspects_of: SuspectsOf) -> Iterator[BoundRule]:
        """Each rule of a stage, when it has been decided."""
        source = PlannedStore(self._store, self.changes, self._at_hand)
        suspects = {one.rule.id: self._suspects_of(one, suspects_of) for one in stage}
        some = frozenset[str]().union(*(found for found in suspects.values() if found is not None))
        matched = self._matched([one for one in stage if suspects[one.rule.id] is None], source)
        if some:
            others = [one for one in stage if one.rule.id not in matched]
            matched |= self._matched(others, source, some)
        for one in stage:
            everyone = suspects[one.rule.id] is None
            self._everyone = self._everyone or everyone
            self._decide(one, matched.get(one.rule.id, frozenset()), None if everyone else some)
            yield one
        self._suspects |= some
        self.changes += self._reasoned(stage, source)

    def _matched(
        self,
        rules: Sequence[BoundRule],
        source: PlannedStore,
        among: AbstractSet[str] | None = None,
    ) -> dict[str, frozenset[str]]:
        if not rules:
            return {}
        conditions = {one.rule.id: one.condition for one in rules}
        found = members(conditions, source, self._setting, engine=self._engine, among=among)
        return {rule_id: frozenset(contacts) for rule_id, contacts in found.items()}

    def _suspects_of(self, one: BoundRule, suspects_of: SuspectsOf) -> AbstractSet[str] | None:
        """Those given, and those about whom pins or the end of a hold have a word to say."""
        found = suspects_of(one, self.changes)
        if found is None:
            return None
        now = self._held.get(one.rule.id, {}).get(one.tag.id, {})
        ended = {contact for contact, hold in now.items() if not hold.lives(self._at)}
        return found | self._pinned(one.tag.id) | ended

    def _decide(
        self, one: BoundRule, matched: AbstractSet[str], asked: AbstractSet[str] | None
    ) -> None:
        """One rule's night, from those who match among those who were asked; None is everyone."""
        rule, tag = one.rule, one.tag.id
        holds = self._held.get(rule.id, {})
        now = holds.get(tag, {})
        living = {contact for contact, hold in now.items() if hold.lives(self._at)}
        pinned = self._pinned(tag)
        entered = matched - living - pinned
        unmet = (living if asked is None else living & asked) - matched - pinned
        left: AbstractSet[str] = unmet if rule.mode == "sync" else frozenset()
        label = rule.label
        self._undue += [
            Change(now.get(c), Hold(c, tag, "rule", rule.id, self._at), cause=label)
            for c in entered
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
        path = self._store.catalog.path(self._store.catalog.tag(tag))
        self.outcomes.append(
            Outcome(one.rule, tag, path, (), tuple(left), (), tuple(sorted(set(holds) & pinned)))
        )

    def _reasoned(self, stage: Iterable[BoundRule], source: PlannedStore) -> list[Change]:
        """What a stage has decided, each change with its reason; each contact is read once."""
        reasons = Reasons(self._setting, self._lang)
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
                reason = _MOVED[self._lang].format(path=one.path)
            done.append(evolve(change, reason=reason))
        self._undue = []
        return done

    def _pinned(self, tag: str) -> set[str]:
        return {pin.contact for pin in self._store.pins_with(tag)}


def held_by_rules(store: RuleStore) -> HeldByRules:
    """What rules hold now, of every automatic tag."""
    found: dict[str, dict[str, dict[str, Hold]]] = {}
    for tag in store.catalog.tags:
        if tag.origin is Origin.AUTOMATIC:
            for hold in store.holds_with(tag.id):
                if hold.source == "rule":
                    found.setdefault(hold.holder, {}).setdefault(tag.id, {})[hold.contact] = hold
    return found
