"""
What is left of things that went.

An id that once meant something must never mean something else, or an old rule would quietly speak
of another tag. So a deleted thing leaves a tombstone, a merged contact says into whom it went, and
an erased person leaves a receipt that names nobody.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

from attrs import field, frozen

from segmentkit.errors import InvalidValueError
from segmentkit.model.checks import require_texts
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.time import as_instant

TombstoneKind: TypeAlias = Literal["tag", "tag_group", "group"]


@frozen
class Tombstone:
    """
    A tag, tag group or contact group that was deleted, or merged into another.

    Args:
        kind: what it was.
        id: its id, which is not given again.
        name: its last name, so that a rule that still names it can say what it meant.
        deleted: when; kept in UTC.
        successor: id of the tag that took its place, when it was merged; None when nothing did.
    """

    table: ClassVar[str] = "tombstone"

    kind: TombstoneKind
    id: str
    name: str
    deleted: datetime = field(converter=as_instant)
    successor: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        return (tombstone_id(self.kind, self.id),)


def tombstone_id(kind: TombstoneKind, thing_id: str) -> str:
    """The key under which the tombstone of a thing stands."""
    return f"{kind}:{thing_id}"


@frozen
class MergedContact:
    """A contact that turned out to be another one; its events belong to that one now."""

    table: ClassVar[str] = "merged_contact"

    id: str
    into: str
    merged: datetime = field(converter=as_instant)

    def __attrs_post_init__(self) -> None:
        require_texts(self, "id", "into")
        if self.id == self.into:
            raise InvalidValueError(self.id, "merged contact", "Merge two different contacts")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.id,)


@frozen
class Erasure:
    """
    The receipt for a person erased on request. It holds no word of that person.

    Args:
        digest: sha256 of the contact's id, so that the host can prove the erasure to who knows
            the id, and intake can tell when the same id comes back.
        erased: when; kept in UTC.
        by: who did it.
        removed: how many things went, by table.
    """

    table: ClassVar[str] = "erasure"

    digest: str
    erased: datetime = field(converter=as_instant)
    by: str
    removed: FrozenMap[int] = field(factory=FrozenMap, converter=FrozenMap[int])

    @property
    def key(self) -> tuple[str, ...]:
        return (self.digest,)


def erasure_digest(contact_id: str) -> str:
    """The name under which an erased contact is remembered."""
    return hashlib.sha256(contact_id.encode("utf-8", "surrogatepass")).hexdigest()
