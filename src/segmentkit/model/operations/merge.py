"""Two contacts that turn out to be one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import assert_never, cast

from attrs import evolve

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import ConflictingDuplicateError, InvalidValueError
from segmentkit.model.access import Viewer
from segmentkit.model.assignment import Hold, Pin, joined_holds
from segmentkit.model.campaign import AudienceMember
from segmentkit.model.change import Change, ChangeSet, ContactRow
from segmentkit.model.chat import ChatMember, ListEntry, StaffLink
from segmentkit.model.contact import Contact
from segmentkit.model.follow_up import FollowUp
from segmentkit.model.group import Membership, standing_memberships
from segmentkit.model.operations.contact_edit import overlaid
from segmentkit.model.permission import Action, require
from segmentkit.model.record import Record
from segmentkit.model.state import State
from segmentkit.model.time import as_instant
from segmentkit.model.traces import MergedContact


@refuse_other_types
def merge_contacts(
    state: State,
    gone: str,
    into: str,
    *,
    actor: Viewer,
    at: datetime,
    fields: Mapping[str, object] | None = None,
) -> ChangeSet:
    """
    Everything that belongs to one contact goes over to another, and the first is gone.

    The contact that stays keeps its own values and gains those that it lacks. Where both have the
    same hold the older one stays and lasts as long as the longer one; where both are pinned, or in
    groups that exclude each other, the one that stays has its way. `State.resolve_contact` leads
    from the old id to the new one: the host's events follow it.

    Args:
        gone: id of the contact that goes.
        into: id of the contact that stays.
        fields: values that are to stand whatever the two say.

    Raises:
        NotAllowedError: the actor is neither admin nor leader.
        UnknownNameError: no such contact.
        InvalidValueError: both are the same contact.
        ConflictingDuplicateError: both have a record or follow-up of one id with other content.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Schema
        >>> state = State.of(Schema(), [Contact("a", channel="form"), Contact("b")])
        >>> now = datetime(2026, 11, 20, tzinfo=UTC)
        >>> state.apply(merge_contacts(state, "a", "b", actor=SYSTEM, at=now))
        1
        >>> state.resolve_contact("a"), state.contact("b").channel
        ('b', 'form')
    """
    require(actor, Action.MERGE_CONTACTS)
    at = as_instant(at, "at")
    leaving, staying = state.contact(gone), state.contact(into)
    if gone == into:
        raise InvalidValueError(gone, "contacts to merge", "Name two different contacts")
    whole = _joined(leaving, staying)
    whole = evolve(whole, fields=overlaid(state, whole.fields, fields or {}))
    changes: list[Change] = []
    if whole != staying:
        changes.append(Change(staying, whole))
    changes += _handed_over(state, gone, into)
    for alias in [merged for merged in state.merged_contacts() if merged.into == gone]:
        changes.append(Change(alias, evolve(alias, into=into)))
    changes += [Change(leaving, None), Change(None, MergedContact(gone, into, at))]
    return ChangeSet(changes, actor.staff, at, state.version, "merge contacts")


def _joined(gone: Contact, into: Contact) -> Contact:
    dated = [contact for contact in (into, gone) if contact.added is not None]
    first = min(dated, key=attrgetter("added"), default=into)
    return evolve(
        into,
        fields=gone.fields.put(into.fields),
        added=first.added,
        added_by=first.added_by or into.added_by or gone.added_by,
        channel=first.channel or into.channel or gone.channel,
        followed_by=into.followed_by | gone.followed_by,
    )


def _handed_over(state: State, gone: str, into: str) -> Iterable[Change]:
    families = {
        group.family: group.id
        for one in standing_memberships(state.memberships_of(into), state.pins_of(into))
        if (group := state.groups.group(one.group)).family is not None
    }
    for row in list(state.rows_of(gone)):
        yield Change(row, None)
        copy = evolve(row, contact=into)
        present = cast("ContactRow | None", state.current(copy))
        if present is None and not _is_excluded(state, row, families):
            yield Change(None, copy)
        elif present is not None and (kept := _one_of(present, copy)) != present:
            yield Change(present, kept)


def _is_excluded(state: State, row: ContactRow, families: Mapping[str, str]) -> bool:
    """Whether a row would put the contact in a second group of a family."""
    match row:
        case Membership():
            group = state.groups.group(row.group)
        case Pin(kind="group", direction="for"):
            group = state.groups.group(row.target)
        case _:
            return False
    return group.family is not None and families.get(group.family, group.id) != group.id


def _one_of(present: ContactRow, copy: ContactRow) -> ContactRow:
    """One row for two of the same key."""
    match present:
        case Hold():
            return joined_holds(present, cast("Hold", copy))
        case Pin():
            return present
        case Membership() | ChatMember() | StaffLink() | ListEntry() | AudienceMember():
            return min(present, copy, key=attrgetter("assigned"))
        case Record() | FollowUp():
            if present != copy:
                raise ConflictingDuplicateError(
                    present.id, f"{present.table} of both contacts", "Give one of the two a new id"
                )
            return present
        case _:
            assert_never(present)
