"""Which rules speak when: the version in force, and the order among rules that read tags."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection as SizedIterable
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from attrs import frozen

from segmentkit.errors import DuplicateIdError, WrongTypeError
from segmentkit.query import (
    Activity,
    Aggregate,
    And,
    Compare,
    Condition,
    InList,
    IsMissing,
    KeyPattern,
    Keys,
    Names,
    Path,
    Reference,
    Step,
    Text,
    Value,
    segments_opened,
    walk,
)
from segmentkit.rules.rule import BoundRule, Rule
from segmentkit.text import text_key


def versions_in_force(
    rules: Iterable[Rule], at: datetime
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """
    The newest version of each rule that was saved before an instant, and the versions saved later.

    A version without `saved` was always there. Rules keep the order in which they are given.

    Raises:
        DuplicateIdError: a version of a rule is given twice.
        WrongTypeError: it is no list of rules.
    """
    if isinstance(cast("object", rules), str | Rule) or not isinstance(rules, Iterable):
        raise WrongTypeError(rules, "rules", "Give a list of rules")
    newest: dict[str, Rule] = {}
    later: list[Rule] = []
    labels: set[str] = set()
    for rule in rules:
        if not isinstance(cast("object", rule), Rule):
            raise WrongTypeError(rule, "rules", "Make it a rule: Rule(tag=..., when=...)")
        if rule.label in labels:
            raise DuplicateIdError(rule.label, "rules", "Give each rule an `id` of its own")
        labels.add(rule.label)
        if rule.saved is not None and rule.saved >= at:
            later.append(rule)
        elif rule.id not in newest or newest[rule.id].version < rule.version:
            newest[rule.id] = rule
    return tuple(newest.values()), tuple(later)


@frozen
class Order:
    """
    The order in which the rules of a night speak.

    Attributes:
        stages: each reads only tags that earlier stages have set.
        circles: by rule id, of those that no order fits: a circle that the rule stands in, as tags
            joined by " > ".
    """

    stages: tuple[tuple[BoundRule, ...], ...]
    circles: Mapping[str, str]


def in_order(
    rules: Sequence[BoundRule],
    *,
    names: Names | None = None,
    segments: Mapping[str, Condition] | None = None,
) -> Order:
    """
    Rules in stages, by the tags that they read of one another, and the circles among them.

    A rule that reads a tag of a circle, and stands in none itself, has its stage.
    """
    setters: dict[str, list[BoundRule]] = {}
    for rule in rules:
        setters.setdefault(rule.tag.id, []).append(rule)
    needs = {
        rule.rule.id: [
            setter
            for tag in sorted(tags_read(rule.condition, setters, names=names, segments=segments))
            for setter in setters[tag]
        ]
        for rule in rules
    }
    stages = _stages(rules, needs)
    staged = {rule.rule.id for stage in stages for rule in stage}
    circles: dict[str, str] = {}
    for rule in rules:
        if rule.rule.id not in staged and rule.rule.id not in circles:
            circle = _circle(rule, needs)
            circles |= dict.fromkeys(
                (one.rule.id for one in circle), " > ".join(one.path for one in circle)
            )
    if circles:
        stages = _stages([rule for rule in rules if rule.rule.id not in circles], needs)
    return Order(stages, circles)


def _stages(
    rules: Sequence[BoundRule], needs: Mapping[str, list[BoundRule]]
) -> tuple[tuple[BoundRule, ...], ...]:
    """Rules as soon as all that they need, of the same rules, has come; the others are left out."""
    places = {rule.rule.id: place for place, rule in enumerate(rules)}
    readers: list[list[int]] = [[] for _ in rules]
    missing = [0] * len(rules)
    for place, rule in enumerate(rules):
        for need in needs[rule.rule.id]:
            if need.rule.id in places:
                readers[places[need.rule.id]].append(place)
                missing[place] += 1
    stages: list[tuple[BoundRule, ...]] = []
    ready = [place for place, count in enumerate(missing) if not count]
    while ready:
        stages.append(tuple(rules[place] for place in sorted(ready)))
        following: list[int] = []
        for place in ready:
            for reader in readers[place]:
                missing[reader] -= 1
                if not missing[reader]:
                    following.append(reader)
        ready = following
    return tuple(stages)


def _circle(start: BoundRule, needs: Mapping[str, list[BoundRule]]) -> list[BoundRule]:
    """The shortest way from a rule to itself, both ends included; empty where there is none."""
    read_by: dict[str, BoundRule] = {}
    waiting = deque([start])
    while waiting:
        reader = waiting.popleft()
        for setter in needs[reader.rule.id]:
            if setter.rule.id not in read_by:
                read_by[setter.rule.id] = reader
                waiting.append(setter)
            if setter.rule.id == start.rule.id:
                way = [start, reader]
                while way[-1].rule.id != start.rule.id:
                    way.append(read_by[way[-1].rule.id])
                return way[::-1]
    return []


def tags_read(
    condition: Condition,
    tags: SizedIterable[str],
    *,
    names: Names | None = None,
    segments: Mapping[str, Condition] | None = None,
) -> frozenset[str]:
    """
    Those of *tags* whose holds by rules can change the verdict of a bound condition.

    Examples:
        >>> from segmentkit.query import Activity, Keys, Reference
        >>> vip = Activity("has", "tag", keys=Keys((Reference("tag", "vip"),)))
        >>> tags_read(vip, {"vip", "new"})
        frozenset({'vip'})
    """
    found: set[str] = set()
    for tree in (condition, *segments_opened(condition, segments or {}).values()):
        for node in walk(tree):
            found |= _selected(node, tags, names)
    return frozenset(found)


def _selected(node: object, tags: SizedIterable[str], names: Names | None) -> set[str]:
    """Tags whose rows a node looks at, as far as its keys and filter tell."""
    match node:
        case Activity(collection="tag", keys=keys, where=where):
            chosen = _keyed(keys, tags, names)
        case Aggregate(path=("tag", *_), where=where) | Step(collection="tag", where=where):
            chosen = set(tags)
        case _:
            return set()
    for part in where.items if isinstance(where, And) else (where,):
        chosen &= _admitted(part, tags, names)
    return chosen


def _keyed(
    keys: Keys | KeyPattern | None, tags: SizedIterable[str], names: Names | None
) -> set[str]:
    if not isinstance(keys, Keys):
        return set(tags)  # a pattern may come to mean any tag
    chosen: set[str] = set()
    for value in keys.values:
        if not isinstance(value, Reference):
            return set(tags)
        if keys.under:
            chosen |= _in_group(value.id, tags, names)
        else:
            chosen.add(value.id)
    return chosen & set(tags)


def _admitted(part: Condition | None, tags: SizedIterable[str], names: Names | None) -> set[str]:
    """The tags that one clause of a filter lets through when it is a rule that holds them."""
    match part:
        case Compare(operator="=", left=Path(names=(field,)), right=value):
            wanted: tuple[Value, ...] = (value,)
        case InList(left=Path(names=(field,)), items=tuple(wanted), negated=False):
            pass
        case Compare(operator="!=", left=Path(names=("source",)), right=value):
            return set() if _word(value) == "rule" else set(tags)
        case IsMissing(operand=Path(names=("staff",)), negated=True):
            return set()
        case _:
            return set(tags)
    if field == "staff":
        return set()  # what a rule holds bears no staff member
    if field == "source":
        return set() if all(_word(value) not in ("rule", None) for value in wanted) else set(tags)
    things = [value.id for value in wanted if isinstance(value, Reference)]
    if len(things) < len(wanted) or field not in ("tag", "tag_group"):
        return set(tags)
    if field == "tag":
        return set(things) & set(tags)
    return {tag for group in things for tag in _in_group(group, tags, names)}


def _in_group(group: str, tags: SizedIterable[str], names: Names | None) -> set[str]:
    if names is None:
        return set(tags)
    below = names.below("tag_group", group)
    return {tag for tag in tags if tag in below}


def _word(value: Value) -> str | None:
    """The source that a value names, or None where it cannot be told."""
    match value:
        case Reference(id=thing):
            return thing
        case Text(value=text):
            return text_key(text)
        case _:
            return None
