"""What a night decides: who matches, what changes for that, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol, TypeAlias

from segmentkit.engines import (
    Engine,
    KeptPopulation,
    PopulatedStore,
    Setting,
    members,
    reasons_of,
)
from segmentkit.model import Change, Hold, Origin, from_microseconds
from segmentkit.query import Language
from segmentkit.rules.order import tags_read
from segmentkit.rules.overlay import AtHand, PlannedStore
from segmentkit.rules.plan import Outcome
from segmentkit.rules.ports import RuleStore
from segmentkit.rules.rule import BoundRule

_MOVED = {"en": "the rule now sets {path}", "zh": "该规则现在设置“{path}”"}

# rule id -> tag id -> contact -> the rule's hold
HeldByRules: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Hold]]]


class Suspicion(Protocol):
    """Who can have turned since the night before."""

    def tells(self, rule: BoundRule) -> bool:
        """Whether it can say so of a rule; where it cannot, everyone is asked."""
        ...

    def suspects(self, rules: Sequence[BoundRule]) -> AbstractSet[str]:
        """For whom time, or what has come in, can have turned one of some rules that it tells."""
        ...


def _at_hand(store: RuleStore, *, everyone: bool) -> AtHand | None:
    """The store's own population; else one that is read once for all stages, if for everyone."""
    if isinstance(store, PopulatedStore):
        return store.population
    return KeptPopulation(store).population if everyone else None


class Decisions:
    """What a night has decided so far, stage by stage."""

    def __init__(
        self,
        store: RuleStore,
        setting: Setting,
        engine: Engine,
        lang: Language,
        suspicion: Suspicion | None,
    ) -> None:
        self.outcomes: list[Outcome] = []
        # By tag.
        self._changes: dict[str, list[Change]] = {}
        self._store = store
        self._at_hand = _at_hand(store, everyone=suspicion is None)
        self._setting = setting
        self._engine: Engine = engine
        self._lang: Language = lang
        self._suspicion = suspicion
        self._at = from_microseconds(setting.moment.at)
        self._held = held_by_rules(store)
        # Rule id and tag id to contacts whose hold has expired.
        self._ended = {
            (rule_id, tag): {
                contact
                for contact, hold in holds.items()
                if hold.expires is not None and not hold.lives(self._at)
            }
            for rule_id, tags in self._held.items()
            for tag, holds in tags.items()
        }
        self._everyone = False
        self._suspects: set[str] = set()

    @property
    def changes(self) -> list[Change]:
        """Ordered by contact and tag."""
        made = (change for changes in self._changes.values() for change in changes)
        return sorted(made, key=lambda change: change.key)

    @property
    def examined(self) -> int | None:
        """How many contacts a rule was asked of; None is all."""
        return None if self._everyone else len(self._suspects)

    def let_go(self, rules: Iterable[BoundRule]) -> None:
        """
        Rules that have moved to another tag leave the old one, before any rule is asked.

        Whatever their conditions say, it is so; no rule shall decide by what this plan removes.
        """
        for one in rules:
            held = self._held.get(one.rule.id, {})
            if one.rule.mode == "sync":
                for tag in sorted(held.keys() - {one.tag.id}):
                    self._changes.setdefault(tag, []).extend(self._let_go(one, tag, held[tag]))

    def decide(self, stage: Sequence[BoundRule]) -> Iterator[BoundRule]:
        """Each rule of a stage, when it has been decided."""
        before = self._changes_read(stage)
        source = PlannedStore(self._store, before, self._at_hand)
        told = {one.rule.id for one in stage if self._suspicion and self._suspicion.tells(one)}
        some = self._suspects_of([one for one in stage if one.rule.id in told], before)
        matched = self._matched([one for one in stage if one.rule.id not in told], source)
        matched |= self._matched([one for one in stage if one.rule.id in told], source, some)
        made: dict[str, list[Change]] = {}
        for one in stage:
            asked = some if one.rule.id in told else None
            for change in self._decided(one, source, matched[one.rule.id], asked):
                made.setdefault(_hold_of(change).tag, []).append(change)
            yield one
        self._everyone = self._everyone or len(told) < len(stage)
        self._suspects |= some
        for tag, changes in made.items():
            self._changes.setdefault(tag, []).extend(changes)

    def _changes_read(self, stage: Sequence[BoundRule]) -> list[Change]:
        """What this night has already changed of the tags that rules read."""
        if not self._changes:
            return []
        known = self._setting
        read = frozenset[str]().union(
            *(
                tags_read(one.condition, self._changes, names=known.names, segments=known.segments)
                for one in stage
            )
        )
        return [change for tag in sorted(read) for change in self._changes[tag]]

    def _suspects_of(self, rules: Sequence[BoundRule], before: Iterable[Change]) -> set[str]:
        """Who can have turned, and about whom pins or the end of a hold have a word to say."""
        if self._suspicion is None or not rules:
            return set()
        found = set(self._suspicion.suspects(rules))
        found.update(_hold_of(change).contact for change in before)
        for one in rules:
            found |= self._pinned(one.tag.id)
            found |= self._ended.get((one.rule.id, one.tag.id), set())
        return found

    def _matched(
        self,
        rules: Sequence[BoundRule],
        source: PlannedStore,
        among: AbstractSet[str] | None = None,
    ) -> dict[str, AbstractSet[str]]:
        if among is not None and not among:
            return {one.rule.id: frozenset() for one in rules}
        if not rules:
            return {}
        conditions = {one.rule.id: one.condition for one in rules}
        found = members(conditions, source, self._setting, engine=self._engine, among=among)
        return {rule_id: frozenset(contacts) for rule_id, contacts in found.items()}

    def _decided(
        self,
        one: BoundRule,
        source: PlannedStore,
        matched: AbstractSet[str],
        asked: AbstractSet[str] | None,
    ) -> Iterator[Change]:
        """One rule's night, from those who match among those who were asked; None is everyone."""
        rule, tag, label = one.rule, one.tag.id, one.rule.label
        now = self._held.get(rule.id, {}).get(tag, {})
        pinned, ended = self._pinned(tag), self._ended.get((rule.id, tag), set())
        entered = sorted((matched - (now.keys() - ended if ended else now.keys())) - pinned)
        met = now.keys() if asked is None else now.keys() & asked
        left = sorted(met - ended - matched - pinned) if rule.mode == "sync" else []
        gone = {*left, *ended, *pinned}
        self.outcomes.append(
            Outcome(
                rule,
                tag,
                one.path,
                tuple(entered),
                tuple(left),
                tuple(sorted([contact for contact in now if contact not in gone])),
                tuple(sorted({c for c in pinned if c in matched or (c in now and c not in ended)})),
            )
        )
        if entered or left:
            because = reasons_of(
                one.condition,
                entered + left,
                source,
                self._setting,
                engine=self._engine,
                lang=self._lang,
            )
            for c in entered:
                hold = Hold(c, tag, "rule", rule.id, self._at)
                yield Change(now.get(c), hold, because[c], label)
            for c in left:
                yield Change(now[c], None, because[c], label)

    def _let_go(self, one: BoundRule, tag: str, holds: Mapping[str, Hold]) -> Iterator[Change]:
        pinned = self._pinned(tag)
        left = sorted(set(holds) - pinned)
        path = self._store.catalog.path(self._store.catalog.tag(tag))
        self.outcomes.append(
            Outcome(one.rule, tag, path, (), tuple(left), (), tuple(sorted(set(holds) & pinned)))
        )
        reason = _MOVED[self._lang].format(path=one.path)
        for contact in left:
            yield Change(holds[contact], None, reason, one.rule.label)

    def _pinned(self, tag: str) -> set[str]:
        return {pin.contact for pin in self._store.pins_with(tag)}


def _hold_of(change: Change) -> Hold:
    hold = change.entity
    assert isinstance(hold, Hold)
    return hold


def held_by_rules(store: RuleStore) -> HeldByRules:
    """What rules hold now, of every automatic tag."""
    found: dict[str, dict[str, dict[str, Hold]]] = {}
    for tag in store.catalog.tags:
        if tag.origin is Origin.AUTOMATIC:
            by_rule: dict[str, dict[str, Hold]] = {}
            for hold in store.holds_with(tag.id):
                if hold.source == "rule":
                    by_rule.setdefault(hold.holder, {})[hold.contact] = hold
            for rule_id, holds in by_rule.items():
                found.setdefault(rule_id, {})[tag.id] = holds
    return found
