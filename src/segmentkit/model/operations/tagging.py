"""
Setting and taking tags by hand, and pinning them.

Whoever acts sees and touches only what they may: a staff member's own holds, or what admins,
imports and syncs hold openly. What a rule holds nobody takes away by hand; a pin against does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import NotAllowedError, UnknownNameError
from segmentkit.model.access import Viewer, sees
from segmentkit.model.assignment import Hold, Pin, PinDirection, PinKind, Source
from segmentkit.model.change import ChangeSet
from segmentkit.model.checks import texts
from segmentkit.model.operations.contact_draft import ContactDraft
from segmentkit.model.permission import Action, may, require, source_of
from segmentkit.model.state import State
from segmentkit.model.tag import Tag
from segmentkit.model.time import as_instant


@refuse_other_types
def assign_tags(
    state: State,
    contact: str,
    tags: Iterable[str],
    *,
    actor: Viewer,
    at: datetime,
    expires: datetime | None = None,
) -> ChangeSet:
    """
    Put tags on a contact. A staff member's hold is private; an admin's or leader's is open.

    A tag that this actor holds already stays as it was, unless it has expired or *expires* is
    another.

    Args:
        tags: by id, name or `group/tag` path; they must exist.
        expires: the first instant at which the holds hold no more.

    Raises:
        UnknownNameError: no such contact or tag.
        NotAllowedError: the tag is automatic, archived, or pinned against.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Contact, Schema, TagGroup
        >>> state = State.of(
        ...     Schema(), [TagGroup("level", "等级"), Tag("vip", "VIP", "level"), Contact("c-17")]
        ... )
        >>> now = datetime(2026, 11, 20, tzinfo=UTC)
        >>> assign_tags(state, "c-17", ["等级/VIP"], actor=SYSTEM, at=now).summary()
        {'hold_added': 1}
    """
    draft = ContactDraft(state, state.contact(contact))
    for reference in texts(tags):
        add_tag(draft, state.catalog.tag(reference), actor, as_instant(at, "at"), expires)
    return _change_set(draft, actor, at, "assign tags")


@refuse_other_types
def remove_tags(
    state: State, contact: str, tags: Iterable[str], *, actor: Viewer, at: datetime
) -> ChangeSet:
    """
    Take tags off a contact, as far as this actor holds them or may take them.

    A tag that a rule holds as well goes on standing; `pin` keeps it off.

    Raises:
        UnknownNameError: no such contact or tag, or the contact does not carry it as far as the
            actor can see.
        NotAllowedError: only others hold it, and it is not this actor's to take.
    """
    draft = ContactDraft(state, state.contact(contact))
    for reference in texts(tags):
        _take_off(draft, state.catalog.tag(reference), actor)
    return _change_set(draft, actor, at, "remove tags")


@refuse_other_types
def replace_tag(
    state: State, contact: str, old: str, new: str, *, actor: Viewer, at: datetime
) -> ChangeSet:
    """
    Take one tag off a contact and put another on, in one change set.

    Raises:
        UnknownNameError, NotAllowedError: as `remove_tags` and `assign_tags`.
    """
    draft = ContactDraft(state, state.contact(contact))
    _take_off(draft, state.catalog.tag(old), actor)
    add_tag(draft, state.catalog.tag(new), actor, as_instant(at, "at"))
    return _change_set(draft, actor, at, "replace tag")


@refuse_other_types
def pin(
    state: State,
    contact: str,
    kind: PinKind,
    target: str,
    direction: PinDirection,
    *,
    actor: Viewer,
    at: datetime,
) -> ChangeSet:
    """
    Make a tag or group of a contact stand, or keep it off, whatever rules say.

    Raises:
        UnknownNameError: no such contact, tag or group.
        NotAllowedError: the actor is neither admin nor leader.
    """
    require(actor, Action.PIN)
    draft = ContactDraft(state, state.contact(contact))
    target = _target(state, kind, target)
    set_pin(draft, Pin(contact, kind, target, direction, actor.staff, at))
    return _change_set(draft, actor, at, f"pin {kind}")


@refuse_other_types
def unpin(
    state: State, contact: str, kind: PinKind, target: str, *, actor: Viewer, at: datetime
) -> ChangeSet:
    """
    Take a pin away; rules and holds decide again.

    Raises:
        UnknownNameError: no such contact, tag or group, or it is not pinned.
        NotAllowedError: the actor is neither admin nor leader.
    """
    require(actor, Action.PIN)
    draft = ContactDraft(state, state.contact(contact))
    present = draft.pin(kind, _target(state, kind, target))
    if present is None:
        raise UnknownNameError(target, f"pins of contact {contact!r}")
    draft.put(present, None)
    return _change_set(draft, actor, at, f"unpin {kind}")


# --- steps that batches take too -----------------------------------------------------------------


def add_tag(
    draft: ContactDraft,
    tag: Tag,
    actor: Viewer,
    at: datetime,
    expires: datetime | None = None,
) -> None:
    """Plan that an actor holds a tag on a contact; see `assign_tags`."""
    require(actor, Action.ASSIGN_TAG, tag)
    hold_tag(draft, tag, source_of(actor), actor.staff, at, expires)


def hold_tag(
    draft: ContactDraft,
    tag: Tag,
    source: Source,
    holder: str,
    at: datetime,
    expires: datetime | None = None,
) -> None:
    """Plan that a source holds a tag on a contact, unless it does already."""
    pinned = draft.pin("tag", tag.id)
    if pinned is not None and pinned.direction == "against":
        raise NotAllowedError(
            tag.name, f"contact {draft.id!r}", f"It is pinned against by {pinned.by!r}: unpin first"
        )
    hold = Hold(draft.id, tag.id, source, holder, at, expires)
    for present in draft.holds():
        if present.tag == tag.id and present.source == source and present.holder == holder:
            began = present.assigned if present.lives(at) else hold.assigned
            draft.put(present, evolve(hold, assigned=began))
            return
    draft.put(None, hold)


def remove_tag(draft: ContactDraft, tag: Tag, actor: Viewer) -> bool:
    """
    Plan that what an actor may take of a tag is taken; whether there was anything to take.

    Raises:
        NotAllowedError: the actor sees holds, and may take none of them.
    """
    visible = [hold for hold in draft.holds() if hold.tag == tag.id and sees(actor, hold)]
    own = [hold for hold in visible if may(actor, Action.REMOVE_HOLD, hold)]
    if visible and not own:
        require(actor, Action.REMOVE_HOLD, visible[0])
    for hold in own:
        draft.put(hold, None)
    return bool(own)


def set_pin(draft: ContactDraft, pin: Pin) -> None:
    """Plan a pin, unless the same word stands already."""
    present = draft.pin(pin.kind, pin.target)
    if present is None or present.direction != pin.direction:
        draft.put(present, pin)


def _take_off(draft: ContactDraft, tag: Tag, actor: Viewer) -> None:
    if not remove_tag(draft, tag, actor):
        raise UnknownNameError(tag.name, f"tags of contact {draft.id!r}")


def _target(state: State, kind: PinKind, reference: str) -> str:
    return state.catalog.tag(reference).id if kind == "tag" else state.groups.group(reference).id


def _change_set(draft: ContactDraft, actor: Viewer, at: datetime, cause: str) -> ChangeSet:
    return ChangeSet(draft.changes(), actor.staff, at, draft.state.version, cause)
