"""
Putting contacts in groups, taking them out and moving them, by hand.

A person's word about a group stands against a rule's: taking a contact out of a group that a rule
put it in pins it against that group, or the next night would put it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError, NotAllowedError, UnknownNameError
from segmentkit.model.access import Viewer
from segmentkit.model.assignment import Pin, Source
from segmentkit.model.change import ChangeSet
from segmentkit.model.checks import texts
from segmentkit.model.group import ContactGroup, Membership
from segmentkit.model.operations.contact_draft import ContactDraft
from segmentkit.model.operations.tagging import set_pin
from segmentkit.model.permission import Action, require, source_of
from segmentkit.model.state import State
from segmentkit.model.time import as_instant


@refuse_other_types
def add_to_groups(
    state: State, contact: str, groups: Iterable[str], *, actor: Viewer, at: datetime
) -> ChangeSet:
    """
    Put a contact in groups; other groups keep it.

    Raises:
        UnknownNameError: no such contact or group.
        NotAllowedError: the contact is pinned against the group.
        InvalidValueError: another group of the same exclusive family has the contact.
    """
    draft = ContactDraft(state, state.contact(contact))
    for reference in texts(groups):
        add_group(draft, state.groups.group(reference), actor, as_instant(at, "at"))
    return ChangeSet(draft.changes(), actor.staff, at, state.version, "add to groups")


@refuse_other_types
def remove_from_groups(
    state: State, contact: str, groups: Iterable[str], *, actor: Viewer, at: datetime
) -> ChangeSet:
    """
    Take a contact out of groups.

    Raises:
        UnknownNameError: no such contact or group, or the contact is not in it.
        NotAllowedError: a rule put it in, or a pin keeps it in, and the actor may not pin.
    """
    draft = ContactDraft(state, state.contact(contact))
    for reference in texts(groups):
        _take_out(draft, state.groups.group(reference), actor, as_instant(at, "at"))
    return ChangeSet(draft.changes(), actor.staff, at, state.version, "remove from groups")


@refuse_other_types
def move_contact(
    state: State, contact: str, source: str, target: str, *, actor: Viewer, at: datetime
) -> ChangeSet:
    """
    Take a contact out of one group and put it in another; its other groups are untouched.

    Raises:
        UnknownNameError: no such contact or group, or the contact is not in *source*.
        NotAllowedError, InvalidValueError: as `remove_from_groups` and `add_to_groups`.
    """
    draft = ContactDraft(state, state.contact(contact))
    move_group(
        draft, state.groups.group(source), state.groups.group(target), actor, as_instant(at, "at")
    )
    return ChangeSet(draft.changes(), actor.staff, at, state.version, "move contact")


# --- steps that batches take too -----------------------------------------------------------------


def add_group(draft: ContactDraft, group: ContactGroup, actor: Viewer, at: datetime) -> None:
    """Plan that an actor has a contact in a group; see `add_to_groups`."""
    require(actor, Action.GROUP_CONTACTS)
    hold_group(draft, group, source_of(actor), actor.staff, at)


def hold_group(
    draft: ContactDraft, group: ContactGroup, source: Source, holder: str, at: datetime
) -> None:
    """Plan that a source has a contact in a group, unless it does already."""
    pinned = draft.pin("group", group.id)
    if pinned is not None and pinned.direction == "against":
        raise NotAllowedError(
            group.name,
            f"contact {draft.id!r}",
            f"It is pinned against by {pinned.by!r}: unpin first",
        )
    for present in draft.memberships():
        if present.group == group.id:
            if present.source == source and present.holder == holder:
                return
            continue
        if group.family is None:
            continue
        other = draft.state.groups.find_group(present.group)
        if other is not None and other.family == group.family:
            raise InvalidValueError(
                group.name,
                f"groups of contact {draft.id!r}",
                f"{other.name!r} excludes it (family {group.family!r}): move the contact",
            )
    draft.put(None, Membership(draft.id, group.id, source, holder, at))


def remove_group(draft: ContactDraft, group: ContactGroup, actor: Viewer, at: datetime) -> bool:
    """Plan that a contact is in a group no more; whether it was. See `remove_from_groups`."""
    require(actor, Action.GROUP_CONTACTS)
    pinned = draft.pin("group", group.id)
    if pinned is not None and pinned.direction == "against":
        return False
    present = [one for one in draft.memberships() if one.group == group.id]
    for membership in present:
        require(actor, Action.REMOVE_MEMBERSHIP, membership)
        draft.put(membership, None)
    if pinned is not None:
        require(actor, Action.PIN)
        draft.put(pinned, None)
    if any(membership.source == "rule" for membership in present):
        set_pin(draft, Pin(draft.id, "group", group.id, "against", actor.staff, at))
    return bool(present) or pinned is not None


def move_group(
    draft: ContactDraft, source: ContactGroup, target: ContactGroup, actor: Viewer, at: datetime
) -> None:
    """Plan that a contact leaves one group for another; see `move_contact`."""
    if source.id == target.id:
        raise InvalidValueError(target.name, "move", "Name two different groups")
    _take_out(draft, source, actor, at)
    add_group(draft, target, actor, at)


def _take_out(draft: ContactDraft, group: ContactGroup, actor: Viewer, at: datetime) -> None:
    if not remove_group(draft, group, actor, at):
        raise UnknownNameError(group.name, f"groups of contact {draft.id!r}")
