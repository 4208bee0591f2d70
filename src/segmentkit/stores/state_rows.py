"""What a state holds about a contact, as rows of collections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from segmentkit.model import (
    FOLLOW_UP,
    FieldValue,
    FrozenMap,
    Schema,
    State,
    follow_up_fields,
    standing_holds,
    standing_memberships,
)
from segmentkit.stores.ports import Row


def rows_of_state(state: State, collection: str, contact_id: str) -> Iterator[Row]:
    """
    The contact's memberships, follow-ups and records of one collection.

    Pins are heeded, so a tag or group row is one that stands; who may see it is not decided here.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import Contact, GroupChat, ChatMember, Schema
        >>> day = datetime(2026, 11, 20, tzinfo=UTC)
        >>> state = State.of(
        ...     Schema(),
        ...     [Contact("c-17"), GroupChat("g", "福州一群"), ChatMember("c-17", "g", day)],
        ... )
        >>> [dict(row.fields) for row in rows_of_state(state, "chat", "c-17")]
        [{'chat': 'g'}]
    """
    match collection:
        case "tag":
            return _tags(state, contact_id)
        case "group":
            return _groups(state, contact_id)
        case "chat":
            return _chats(state, contact_id)
        case "staff":
            links = state.staff_of(contact_id)
            return (Row(None, one.assigned, FrozenMap({"staff": one.staff})) for one in links)
        case "list":
            return _lists(state, contact_id)
        case FOLLOW_UP.name:
            follow_ups = state.follow_ups_of(contact_id)
            # An id is unique among one staff member's follow-ups with the contact.
            return (
                Row(f"{one.staff}/{one.id}", one.time, follow_up_fields(one)) for one in follow_ups
            )
        case _:
            return _records(state, collection, contact_id)


def has_rows_in_state(schema: Schema, collection: str) -> bool:
    """Whether rows of a collection are kept by the state; those of others are events."""
    known = schema.collection(collection)
    return known.verb != "did" or known.name == FOLLOW_UP.name


def _tags(state: State, contact_id: str) -> Iterator[Row]:
    for hold in standing_holds(state.holds_of(contact_id), state.pins_of(contact_id)):
        tag = state.catalog.tag(hold.tag)
        fields: dict[str, FieldValue] = {
            "tag": tag.id,
            "tag_group": tag.group,
            "source": hold.source,
        }
        if hold.source in ("staff", "admin"):
            fields["staff"] = hold.holder
        if hold.expires is not None:
            fields["expires"] = hold.expires
        yield Row(None, hold.assigned, FrozenMap(fields))


def _groups(state: State, contact_id: str) -> Iterator[Row]:
    pins = state.pins_of(contact_id)
    for membership in standing_memberships(state.memberships_of(contact_id), pins):
        group = state.groups.group(membership.group)
        fields = {"group": group.id, "kind": group.type.value}
        yield Row(None, membership.assigned, FrozenMap(fields))


def _chats(state: State, contact_id: str) -> Iterator[Row]:
    for member in state.chats_of(contact_id):
        fields = {"chat": member.chat}
        owner = state.chat(member.chat).owner
        if owner is not None:
            fields["owner"] = owner
        yield Row(None, member.assigned, FrozenMap(fields))


def _lists(state: State, contact_id: str) -> Iterator[Row]:
    for entry in state.lists_of(contact_id):
        yield Row(None, entry.assigned, FrozenMap({"list": entry.contact_list}))
    for staff in sorted(state.contact(contact_id).followed_by):
        yield Row(None, None, FrozenMap({"list": "followed", "staff": staff}))


def _records(state: State, collection: str, contact_id: str) -> Iterator[Row]:
    time = state.schema.collection(collection).time
    for record in state.records_of(contact_id):
        if record.collection == collection:
            when = None if time is None else record.fields.get(time)
            yield Row(record.id, when if isinstance(when, datetime) else None, record.fields)
