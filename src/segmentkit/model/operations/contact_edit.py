"""Adding contacts by hand, changing them, and starring them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import evolve

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import DuplicateIdError, InvalidValueError
from segmentkit.model.access import Viewer
from segmentkit.model.change import Change, ChangeSet
from segmentkit.model.chat import StaffLink
from segmentkit.model.checks import texts
from segmentkit.model.contact import Contact
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.operations.catalog_operations import UNCHANGED, Unchanged
from segmentkit.model.operations.contact_draft import ContactDraft
from segmentkit.model.operations.grouping import add_group
from segmentkit.model.operations.ids import fresh_ids
from segmentkit.model.operations.inline import InlineThings
from segmentkit.model.operations.tagging import add_tag
from segmentkit.model.permission import Action, require
from segmentkit.model.state import State
from segmentkit.model.time import as_instant
from segmentkit.model.values import FieldValue, read_fields, read_value


@refuse_other_types
def add_contact(
    state: State,
    fields: Mapping[str, object] | None = None,
    *,
    actor: Viewer,
    at: datetime,
    id: str | None = None,  # noqa: A002 - the field's name
    channel: str | None = "manual",
    groups: Iterable[str] = (),
    tags: Iterable[str] = (),
    new_groups: Iterable[str] = (),
    new_tags: Iterable[str] = (),
    followed: bool = False,
) -> ChangeSet:
    """
    A new contact, put in groups and tagged on the same page.

    Args:
        fields: values by name or alias.
        id: by default a fresh one.
        groups, tags: that exist.
        new_groups: names, or paths below groups that exist, to be created on the spot.
        new_tags: `group/tag` paths to be created on the spot; their tag group too where it is new.
        followed: starred by the actor.

    Raises:
        DuplicateIdError: the id is taken.
        NotAllowedError: the actor may not create groups or tags, or set one of the tags.
        SegmentkitError: a field, group or tag is wrong.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Schema
        >>> state, now = State(Schema()), datetime(2026, 11, 20, tzinfo=UTC)
        >>> changes = add_contact(state, new_tags=["爱好/英语"], actor=SYSTEM, at=now)
        >>> changes.summary()
        {'contact_added': 1, 'hold_added': 1, 'tag_added': 1, 'tag_group_added': 1}
    """
    require(actor, Action.EDIT_CONTACTS)
    at = as_instant(at, "at")
    if id is None:
        id = next(fresh_ids("contact", state.version, lambda one: is_taken(state, one)))  # noqa: A001 - the field's name
    if is_taken(state, id):
        raise DuplicateIdError(id, "contacts", "Give another id, or edit that contact")
    person = state.organisation.find_member(actor.staff)
    contact = Contact.read(
        state.schema,
        id,
        fields,
        added_by=None if person is None else person.id,
        added=at,
        channel=channel,
        followed_by=frozenset({actor.staff}) if followed else frozenset(),
    )
    inline = InlineThings(state, actor, at)
    draft = ContactDraft(state, contact, is_new=True)
    for tag in [*map(state.catalog.tag, texts(tags)), *map(inline.new_tag, texts(new_tags))]:
        add_tag(draft, tag, actor, at)
    chosen = map(state.groups.group, texts(groups))
    for group in [*chosen, *map(inline.new_group, texts(new_groups))]:
        add_group(draft, group, actor, at)
    if person is not None:
        draft.put(None, StaffLink(id, person.id, at))
    changes = [*inline.changes(), *draft.changes()]
    return ChangeSet(changes, actor.staff, at, state.version, "add contact")


@refuse_other_types
def edit_contact(
    state: State,
    contact: str,
    fields: Mapping[str, object] | None = None,
    *,
    actor: Viewer,
    at: datetime,
    channel: str | Unchanged | None = UNCHANGED,
) -> ChangeSet:
    """
    New values for a contact; fields that are not given stay, and None clears one.

    Raises:
        UnknownNameError: no such contact or field.
        WrongTypeError, InvalidValueError: a value that its field cannot take.
    """
    require(actor, Action.EDIT_CONTACTS)
    before = state.contact(contact)
    after = evolve(before, fields=overlaid(state, before.fields, fields or {}))
    if not isinstance(channel, Unchanged):
        after = evolve(after, channel=channel)
    changes = [] if after == before else [Change(before, after)]
    return ChangeSet(changes, actor.staff, at, state.version, "edit contact")


@refuse_other_types
def follow(state: State, contact: str, *, actor: Viewer, at: datetime) -> ChangeSet:
    """
    Star a contact for the actor; only the actor, admins and leaders see the star.

    Raises:
        UnknownNameError: no such contact.
    """
    return _starred(state, contact, actor, at, state.contact(contact).followed_by | {actor.staff})


@refuse_other_types
def unfollow(state: State, contact: str, *, actor: Viewer, at: datetime) -> ChangeSet:
    """
    Take the actor's star from a contact.

    Raises:
        UnknownNameError: no such contact.
    """
    return _starred(state, contact, actor, at, state.contact(contact).followed_by - {actor.staff})


def _starred(
    state: State, contact: str, actor: Viewer, at: datetime, stars: frozenset[str]
) -> ChangeSet:
    require(actor, Action.FOLLOW)
    before = state.contact(contact)
    after = evolve(before, followed_by=stars)
    changes = [] if after == before else [Change(before, after)]
    return ChangeSet(changes, actor.staff, at, state.version, "follow")


def is_taken(state: State, contact_id: str) -> bool:
    """Whether a contact has that id, or had it before it was merged or erased."""
    return (
        state.find_contact(contact_id) is not None
        or state.resolve_contact(contact_id) != contact_id
        or state.was_erased(contact_id)
    )


def overlaid(
    state: State, fields: FrozenMap[FieldValue], given: Mapping[str, object]
) -> FrozenMap[FieldValue]:
    """Fields with new values; a value that is missing clears its field."""
    read = read_fields(state.schema, given)
    for attribute in ("id", "added_by", "added", "channel"):
        if attribute in read:
            raise InvalidValueError(read[attribute], f"field {attribute!r}", "It is no free field")
    cleared = [
        field.name
        for name, value in given.items()
        if read_value(field := state.schema.field(name), value) is None
    ]
    return fields.drop(*cleared).put(read)
