"""Who needs a tag, a group or a segment: what stands in the way of its deletion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from segmentkit.arguments import refuse_other_types
from segmentkit.model import FrozenMap
from segmentkit.query import Condition, check, references
from segmentkit.rules.ports import RuleStore
from segmentkit.rules.rule import Rule, tag_today

Named: TypeAlias = Literal["tag", "tag_group", "group", "segment"]


@refuse_other_types
def used_by(rules: Iterable[Rule], store: RuleStore, *kinds: Named) -> FrozenMap[tuple[str, ...]]:
    """
    The rules and segments that need each thing, by its id: what a deletion asks for.

    A rule needs the tag that it sets, and all that its condition names, by its parameters too; a
    segment what its own condition names. What a rule needs by way of a segment is told of that
    segment. Names that mean nothing any more are passed over.

    Args:
        rules: those that are to count, in any versions.
        store: whose names and segments.
        kinds: of things; every kind where none is given.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from segmentkit.model import Collection, DeleteTag, Origin, Schema, State, SYSTEM
        >>> from segmentkit.model import Tag, TagGroup, edit_catalog
        >>> from segmentkit.stores import MemoryStore
        >>> tag = Tag("new", "新客", "level", origin=Origin.AUTOMATIC)
        >>> shop = Schema(collections=[Collection("purchase")])
        >>> state = State.of(shop, [TagGroup("level", "等级"), tag])
        >>> rule = Rule(tag="等级/新客", when="did purchase", id="r-new")
        >>> needed = used_by([rule], MemoryStore(state), "tag", "tag_group")
        >>> needed["new"]
        ("rule 'r-new'",)
        >>> edit_catalog(
        ...     state,
        ...     DeleteTag("新客"),
        ...     actor=SYSTEM,
        ...     at=datetime(2026, 11, 20, tzinfo=UTC),
        ...     used_by=needed,
        ... )
        Traceback (most recent call last):
            ...
        segmentkit.errors.StillInUseError: still in use: "tag '等级/新客'" at deletion. Needed by rule 'r-new'
    """
    wanted, names = frozenset(kinds), store.names
    found: dict[str, dict[str, None]] = {}

    def note(kind: str, thing_id: str, dependant: str) -> None:
        if not wanted or kind in wanted:
            found.setdefault(thing_id, {})[dependant] = None

    def note_named(
        condition: Condition, dependant: str, parameters: Mapping[str, object] | None = None
    ) -> None:
        checked = check(condition, store.schema, names=names, parameters=parameters)
        for key in references(checked.condition).keys:
            if names is None or not names.knows(key.kind) or names.name_of(key.kind, key.name):
                note(key.kind, key.name, dependant)

    for rule in rules:
        own = tag_today(rule, store)
        named = store.catalog.find_tags(own)
        if store.catalog.find_tag(own) is not None:
            note("tag", own, f"rule {rule.id!r}")
        elif len(named) == 1:
            note("tag", named[0].id, f"rule {rule.id!r}")
        note_named(rule.condition, f"rule {rule.id!r}", rule.parameters)
    for segment, condition in store.segments.items():
        name = None if names is None else names.name_of("segment", segment)
        note_named(condition, f"segment {name or segment!r}")
    return FrozenMap({thing_id: tuple(needy) for thing_id, needy in found.items()})
