"""Which rules speak when: the version in force, and the order among rules that read tags."""

from __future__ import annotations

from collections.abc import Collection as SizedIterable
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from segmentkit.errors import CycleError, DuplicateIdError, WrongTypeError
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
    segments_named,
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
    if isinstance(cast("object", rules), str | Rule):
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


def stages(
    rules: Sequence[BoundRule],
    *,
    names: Names | None = None,
    segments: Mapping[str, Condition] | None = None,
) -> tuple[tuple[BoundRule, ...], ...]:
    """
    Rules in the order of a night: each stage reads only tags that earlier stages have set.

    Raises:
        CycleError: rules that need each other, or a rule that reads its own tag; `value` is the
            path by tag.
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
    depth: dict[str, int] = {}
    for rule in rules:
        _sound(rule, needs, depth)
    levels: list[list[BoundRule]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for rule in rules:
        levels[depth[rule.rule.id]].append(rule)
    return tuple(tuple(level) for level in levels)


def _sound(start: BoundRule, needs: Mapping[str, list[BoundRule]], depth: dict[str, int]) -> None:
    """How many rules stand before *start*, one after the other; into *depth*, without recursion."""
    path: list[BoundRule] = []
    waiting: list[tuple[BoundRule, bool]] = [(start, False)]
    while waiting:
        rule, entered = waiting.pop()
        own = rule.rule.id
        if entered:
            path.pop()
            depth[own] = max((depth[need.rule.id] + 1 for need in needs[own]), default=0)
        elif rule in path:
            circle = [*path[path.index(rule) :], rule]
            raise CycleError(
                " > ".join(one.path for one in circle),
                f"rule {own!r}",
                "A rule cannot read a tag that depends on its own; read another tag or event",
            )
        elif own not in depth:
            path.append(rule)
            waiting.append((rule, True))
            waiting += [(need, False) for need in needs[own]]


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
    saved = segments or {}
    found: set[str] = set()
    waiting = [condition]
    seen: set[str] = set()
    while waiting:
        tree = waiting.pop()
        for node in walk(tree):
            found |= _selected(node, tags, names)
        for segment in segments_named(tree):
            if segment in saved and segment not in seen:
                seen.add(segment)
                waiting.append(saved[segment])
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
