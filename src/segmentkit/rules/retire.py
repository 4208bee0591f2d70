"""Retiring a rule: what it holds does not fall by itself when the rule is no longer run."""

from __future__ import annotations

from datetime import datetime

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.model import Change, ChangeSet, as_instant
from segmentkit.rules.ports import RuleStore


@refuse_other_types
def retire_rule(
    rule_id: str, store: RuleStore, *, at: datetime, actor: str = "system"
) -> ChangeSet:
    """
    The change set after which a rule holds no tag on anybody.

    Leaving a rule out of a night changes nothing: its holds stand until it lets go of them. Other
    holds of the same tags stay.

    Args:
        rule_id: of the rule, in whatever version.
        store: read at one version, which the set remembers.
        at: when.
        actor: who retires it.

    Raises:
        InvalidValueError: the id is blank.
        NaiveDatetimeError: *at* has no zone.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import Contact, Hold, Origin, Schema, State, Tag, TagGroup
        >>> from segmentkit.stores import MemoryStore
        >>> day = datetime(2026, 11, 20, tzinfo=UTC)
        >>> vip = Tag("vip", "VIP", "g", origin=Origin.AUTOMATIC)
        >>> held = Hold("c-17", "vip", "rule", "r-vip", day)
        >>> store = MemoryStore(
        ...     State.of(Schema(), [TagGroup("g", "等级"), vip, Contact("c-17"), held])
        ... )
        >>> store.apply(retire_rule("r-vip", store, at=day))
        1
        >>> list(store.holds_with("vip"))
        []
    """
    if not rule_id.strip():
        raise InvalidValueError(rule_id, "id of a rule", "Name the rule")
    cause = f"retire {rule_id}"
    held = [
        hold
        for tag in store.catalog.tags
        for hold in store.holds_with(tag.id)
        if hold.source == "rule" and hold.holder == rule_id
    ]
    changes = [Change(hold, None) for hold in sorted(held, key=lambda hold: hold.key)]
    return ChangeSet(changes, actor, as_instant(at, "argument 'at'"), store.version, cause)
