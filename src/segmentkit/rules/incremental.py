"""The next night from the last one: only those whose verdict can have turned are asked again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, tzinfo
from itertools import chain

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.engines import (
    Crossing,
    Engine,
    Moment,
    Passage,
    Setting,
    members,
    passage,
)
from segmentkit.errors import InvalidValueError
from segmentkit.model import (
    MEMBERSHIPS,
    SYSTEM,
    ChangeSet,
    Erasure,
    Event,
    MergedContact,
    Viewer,
    as_zone,
    from_microseconds,
)
from segmentkit.query import Activity, Aggregate, Condition, Language, Step, segments_opened, walk
from segmentkit.rules.night import Progress, decided_night, night_end, rules_in_force
from segmentkit.rules.plan import NightRecord, Plan, fingerprint
from segmentkit.rules.ports import RuleStore, TimedStore, contacts_today
from segmentkit.rules.rule import BoundRule, Rule, rule_setting

_MEMBERSHIPS = frozenset(collection.name for collection in MEMBERSHIPS)


@refuse_other_types
def plan_next_night(
    rules: Iterable[Rule],
    store: RuleStore,
    last: NightRecord,
    *,
    day: date,
    zone: tzinfo | str,
    events: Iterable[Event] = (),
    changes: Iterable[ChangeSet] = (),
    viewer: Viewer = SYSTEM,
    engine: Engine = "columnar",
    lang: Language = "en",
    progress: Progress | None = None,
) -> Plan:
    """
    The plan of a night, equal to that of `plan_night`, found from what is new since the last one.

    Asked again are contacts that did or got something new; contacts with a row that has crossed
    the end of a window; contacts for whom a part of the condition that reads the calendar in
    another way answers differently now; and everyone, where a rule is new or was edited, where
    names and groups have changed that it stands on, or where the last night was of another zone or
    viewer. `Plan.examined` says how many that were.

    Args:
        rules, store, day, zone, viewer, engine, lang, progress: as of `plan_night`.
        last: `Plan.record()` of the last night that was applied.
        events: every event that has come in since that night was planned, late ones too.
        changes: every change set applied since then, that night's own among them.

    Raises:
        InvalidValueError: the last night's changes are not all among *changes*, or it is later
            than this one.
        SegmentkitError: as `plan_night`.

    Examples:
        >>> from datetime import UTC, timedelta
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
        >>> from segmentkit.rules import plan_night
        >>> from segmentkit.stores import MemoryStore
        >>> state = State.of(
        ...     Schema(collections=[Collection("purchase")]),
        ...     [
        ...         TagGroup("level", "等级"),
        ...         Tag("new", "新客", "level", origin=Origin.AUTOMATIC),
        ...         *map(Contact, ["c-17", "c-18", "c-19"]),
        ...     ],
        ... )
        >>> store = MemoryStore(state)
        >>> rule = Rule(tag="等级/新客", when="did purchase in last 7 days")
        >>> first = plan_night([rule], store, day=date(2026, 11, 20), zone="Asia/Shanghai")
        >>> _ = store.apply(first)
        >>> bought = Event("c-17", "purchase", first.at + timedelta(hours=9))
        >>> _ = store.add_events([bought])
        >>> second = plan_next_night(
        ...     [rule],
        ...     store,
        ...     first.record(),
        ...     day=date(2026, 11, 21),
        ...     zone="Asia/Shanghai",
        ...     events=[bought],
        ...     changes=state.changes_since(first.changes.base_version),
        ... )
        >>> second.entered["等级/新客"], second.examined
        (('c-17',), 1)
    """
    calendar = as_zone(zone)
    setting = rule_setting(store, at=night_end(day, calendar), zone=calendar, viewer=viewer)
    if last.at > night_end(day, calendar):
        raise InvalidValueError(day, "day of a night", f"The last night ended at {last.at}")
    in_force = rules_in_force(rules, store, setting)
    news = _news_of(events, changes, last)
    same_eyes = last.zone == str(calendar) and last.viewer == viewer
    kept = [
        one
        for one in in_force.bound
        if same_eyes and last.fingerprints.get(one.rule.id) == fingerprint(one, setting.segments)
    ]
    suspicion = _Suspicion(store, setting, last.at, news, kept, engine)
    return decided_night(in_force, store, setting, day, engine, lang, progress, suspicion)


@frozen
class _News:
    """
    What has happened since the last night.

    Attributes:
        arrived: by collection, contacts of events that came in.
        touched: contacts that changed themselves, or whose tags, groups, records did.
        names_changed: something that is no contact's own changed: a tag, a group, a person.
    """

    arrived: Mapping[str, AbstractSet[str]]
    touched: AbstractSet[str]
    names_changed: bool


def _news_of(events: Iterable[Event], changes: Iterable[ChangeSet], last: NightRecord) -> _News:
    arrived: dict[str, set[str]] = {}
    for event in events:
        arrived.setdefault(event.type, set()).add(event.contact)
    touched: set[str] = set()
    names_changed = False
    applied = 0
    run_is_there = someone_erased = False
    for changed in changes:
        if changed.run == last.run:
            applied += len(changed)
            run_is_there = True
            continue
        for change in changed:
            someone_erased = someone_erased or isinstance(change.after, Erasure)
            if change.contact is None:
                names_changed = True
            else:
                touched.add(change.contact)
            # Whoever takes another's place has what was the other's, until that is undone.
            for merged in (change.before, change.after):
                if isinstance(merged, MergedContact):
                    touched.add(merged.into)
    # Erasing a person takes what is about them out of the log, that night's changes too.
    if applied < last.changes and not (run_is_there and someone_erased):
        raise InvalidValueError(
            applied,
            f"changes since {last.run!r}",
            f"It made {last.changes}: apply its plan and give every change set since, or plan anew",
        )
    return _News(arrived, touched, names_changed)


class _Suspicion:
    """Which contacts may have turned, by rule."""

    def __init__(
        self,
        store: RuleStore,
        setting: Setting,
        before: datetime,
        news: _News,
        kept: Sequence[BoundRule],
        engine: Engine,
    ) -> None:
        self._store = store
        self._setting = setting
        self._news = news
        self._engine: Engine = engine
        self._times = _Times(store)
        self._since = before
        earlier = Moment.of(before, setting.moment.zone, setting.moment.week_starts)
        self._before = evolve(setting, moment=earlier)
        # A schema's collections have aliases; events may bear any of them.
        self._arrived: dict[str, set[str]] = {}
        for name, contacts in news.arrived.items():
            known = setting.schema.collection(name).name
            self._arrived.setdefault(known, set()).update(contacts_today(store, contacts))
        self._passages: dict[str, Passage] = {
            one.rule.id: passage(
                one.condition, setting.schema, earlier, setting.moment, setting.segments
            )
            for one in kept
            if not (news.names_changed and self._collections(one.condition) & _MEMBERSHIPS)
        }
        self._turned = self._turned_by_calendar()

    def tells(self, rule: BoundRule) -> bool:
        return rule.rule.id in self._passages

    def suspects(self, rules: Sequence[BoundRule]) -> AbstractSet[str]:
        # Rules have collections and ends of windows in common; each is looked up once.
        passages = [self._passages[one.rule.id] for one in rules]
        collections = frozenset[str]().union(*(self._collections(one.condition) for one in rules))
        crossings = {crossing for passed in passages for crossing in passed.crossings}
        leaves = {leaf for passed in passages for leaf in passed.leaves}
        found = set(contacts_today(self._store, self._news.touched))
        found.update(*(self._arrived.get(name, ()) for name in collections))
        found.update(*(self._times.crossing(crossing) for crossing in crossings))
        found.update(*(self._turned[leaf] for leaf in leaves))
        if any(passed.reads_tags for passed in passages):
            found |= self._times.expiring(self._since, from_microseconds(self._setting.moment.at))
        return found

    def _turned_by_calendar(self) -> dict[Condition, frozenset[str]]:
        """By leaf, those whom it answers differently now, as the store is, than at the last night."""
        leaves = dict.fromkeys(leaf for each in self._passages.values() for leaf in each.leaves)
        asked = {str(number): leaf for number, leaf in enumerate(leaves)}
        if not asked:
            return {}
        then = members(asked, self._store, self._before, engine=self._engine)
        now = members(asked, self._store, self._setting, engine=self._engine)
        return {leaf: frozenset(then[name]) ^ frozenset(now[name]) for name, leaf in asked.items()}

    def _collections(self, condition: Condition) -> frozenset[str]:
        """Names of the collections that a condition reads, through segments too."""
        found: set[str] = set()
        opened = segments_opened(condition, self._setting.segments)
        for node in chain.from_iterable(map(walk, (condition, *opened.values()))):
            match node:
                case Activity(collection=name) | Step(collection=name):
                    found.add(name)
                case Aggregate(path=(name, *_)):
                    # Inside `having` it is a field, and no collection's name then.
                    found.add(name)
                case _:
                    pass
        return frozenset(found)


class _Times:
    """Who has rows at which time; of a store that cannot tell, each collection is scanned once."""

    def __init__(self, store: RuleStore) -> None:
        self._store = store
        self._timed = store if isinstance(store, TimedStore) else None
        self._found: dict[object, frozenset[str]] = {}
        self._scanned: dict[str, list[tuple[datetime, str]]] = {}

    def crossing(self, crossing: Crossing) -> frozenset[str]:
        if crossing not in self._found:
            start, end = from_microseconds(crossing.start), from_microseconds(crossing.end)
            self._found[crossing] = frozenset(self._between(crossing.collection, start, end))
        return self._found[crossing]

    def _between(self, collection: str, start: datetime, end: datetime) -> Iterable[str]:
        if self._timed is not None:
            return self._timed.contacts_between(collection, start, end)
        if collection not in self._scanned:
            timed = (
                (row.time, contact)
                for contact, row in self._store.scan(collection)
                if row.time is not None
            )
            self._scanned[collection] = sorted(timed)
        rows = self._scanned[collection]
        return [
            contact for _, contact in rows[bisect_left(rows, (start,)) : bisect_left(rows, (end,))]
        ]

    def expiring(self, start: datetime, end: datetime) -> frozenset[str]:
        key = "expiring", start, end
        if key not in self._found:
            if self._timed is not None:
                found = self._timed.contacts_expiring(start, end)
            else:
                found = self._expired(start, end)
            self._found[key] = frozenset(found)
        return self._found[key]

    def _expired(self, start: datetime, end: datetime) -> Iterable[str]:
        for contact, row in self._store.scan("tag"):
            expires = row.fields.get("expires")
            if isinstance(expires, datetime) and start < expires <= end:
                yield contact
