"""
Changes: what an operation gives back, and the only thing that a state takes.

A change says what a thing was before and is after. So its inverse is itself turned round, a log of
changes replays to the same state, and two changes conflict when they speak of the same key.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.model.access import CollaborationTeam, Staff
from segmentkit.model.assignment import Hold, Pin
from segmentkit.model.campaign import AudienceMember, Campaign
from segmentkit.model.chat import ChatMember, ContactList, GroupChat, ListEntry, StaffLink
from segmentkit.model.checks import several
from segmentkit.model.contact import Contact
from segmentkit.model.follow_up import FollowUp
from segmentkit.model.group import ContactGroup, Membership
from segmentkit.model.record import Record
from segmentkit.model.settings import Settings
from segmentkit.model.tag import Tag, TagGroup
from segmentkit.model.time import as_instant
from segmentkit.model.traces import Erasure, MergedContact, Tombstone

ContactRow: TypeAlias = (
    Hold
    | Pin
    | Membership
    | ChatMember
    | StaffLink
    | ListEntry
    | Record
    | FollowUp
    | AudienceMember
)
Thing: TypeAlias = (
    Settings
    | Staff
    | CollaborationTeam
    | TagGroup
    | Tag
    | ContactGroup
    | GroupChat
    | ContactList
    | Campaign
    | Contact
    | MergedContact
    | Tombstone
    | Erasure
)
Entity: TypeAlias = Thing | ContactRow
ChangeAction: TypeAlias = Literal["added", "removed", "changed"]


@frozen
class Change:
    """
    One thing that came, went or became another.

    Args:
        before: the thing as it was; None when it was not there.
        after: the thing as it is now; None when it is gone.
        reason: why, in words or as JSON text: the explanation of a rule's verdict.
        cause: what made this one change where the set's own cause is too wide: "r-vip@3".

    Raises:
        InvalidValueError: neither is given, or the two are not the same thing.

    Examples:
        >>> Change(None, Tag("vip", "VIP", "level")).kind
        'tag_added'
    """

    before: Entity | None
    after: Entity | None
    reason: str = ""
    cause: str = ""

    def __attrs_post_init__(self) -> None:
        before, after = self.before, self.after
        if before is None or after is None:
            if before is after:
                raise InvalidValueError(None, "change", "Give what was before, or what is after")
        elif type(before) is not type(after) or before.key != after.key:
            # What is no entity has no key.
            one, other = (getattr(side, "key", side) for side in (before, after))
            raise InvalidValueError(other, f"change of {one}", "Both sides must be the same thing")

    @property
    def entity(self) -> Entity:
        """The thing after, or before where it is gone."""
        entity = self.before if self.after is None else self.after
        assert entity is not None
        return entity

    @property
    def action(self) -> ChangeAction:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def kind(self) -> str:
        """What happened: "hold_added", "tag_changed", "membership_removed"."""
        return f"{self.entity.table}_{self.action}"

    @property
    def key(self) -> tuple[str, ...]:
        """The identity of the thing, with its table in front."""
        return (self.entity.table, *self.entity.key)

    @property
    def contact(self) -> str | None:
        """The id of the contact that it is about; None for tags, groups, staff ..."""
        entity = self.entity
        if isinstance(entity, Contact | MergedContact):
            return entity.id
        return entity.contact if isinstance(entity, ContactRow) else None

    def inverse(self) -> Change:
        """The change that takes this one back."""
        return Change(self.after, self.before, self.reason, self.cause)


@frozen
class ChangeSet:
    """
    The changes of one operation, to be applied together or not at all.

    Args:
        changes: in the order in which they can be applied.
        actor: who did it: id of a staff member, or "system".
        at: when; kept in UTC.
        base_version: the version of the state that it was made against.
        cause: the operation, in words: "create tag group", "night 2026-11-20".
        run: id of the run that made it, for runs that may be planned twice.

    Examples:
        >>> from datetime import UTC
        >>> added = Change(None, Tag("vip", "VIP", "level"))
        >>> changes = ChangeSet([added], "boss", datetime(2026, 11, 20, tzinfo=UTC), 0)
        >>> changes.summary()
        {'tag_added': 1}
    """

    changes: tuple[Change, ...] = field(converter=several(Change))
    actor: str
    at: datetime = field(converter=as_instant)
    base_version: int
    cause: str = ""
    run: str | None = None

    def __len__(self) -> int:
        return len(self.changes)

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def summary(self) -> dict[str, int]:
        """How many changes there are of each kind."""
        return dict(sorted(Counter(change.kind for change in self.changes).items()))

    @refuse_other_types
    def op_id(self, change: Change) -> str:
        """
        The name of one change in a host's ledger: the same run makes the same name again.

        It is the sha256 of run, cause, key and action. A set without a run is named by its base
        version, which no other applied set shares.
        """
        run = self.run if self.run is not None else f"version {self.base_version}"
        parts = [run, change.cause or self.cause, *change.key, change.action]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()

    @refuse_other_types
    def chunks(self, size: int) -> Iterator[ChangeSet]:
        """
        The same changes as consecutive sets of at most *size*, each made against the one before.

        Raises:
            InvalidValueError: the size is below 1.
        """
        if size < 1:
            raise InvalidValueError(size, "size of a chunk", "Give 1 or more")
        for number, start in enumerate(range(0, len(self.changes), size)):
            yield evolve(
                self,
                changes=self.changes[start : start + size],
                base_version=self.base_version + number,
            )
