"""
What must hold between the things of a state, checked as each change is applied.

Names, quotas and circles are the business of the values that need them whole (`TagCatalog`,
`GroupTree`, `Organisation`); here is what crosses from one table to another: nothing names what is
not there, and nothing goes while something names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, assert_never

from segmentkit.errors import (
    DuplicateIdError,
    InvalidValueError,
    NotAllowedError,
    StillInUseError,
    UnknownNameError,
)
from segmentkit.model.access import CollaborationTeam, Staff
from segmentkit.model.assignment import Hold, Pin
from segmentkit.model.campaign import AudienceMember, Campaign
from segmentkit.model.chat import ChatMember, ContactList, GroupChat, ListEntry, StaffLink
from segmentkit.model.contact import Contact
from segmentkit.model.follow_up import FollowUp
from segmentkit.model.group import ContactGroup, Membership, standing_memberships
from segmentkit.model.record import Record
from segmentkit.model.schema import Collection, Schema
from segmentkit.model.settings import Settings
from segmentkit.model.tag import Tag, TagGroup
from segmentkit.model.traces import Erasure, MergedContact, Tombstone, TombstoneKind
from segmentkit.model.values import read_value

if TYPE_CHECKING:
    from segmentkit.model.change import ContactRow, Entity
    from segmentkit.model.state import State


def check_added(state: State, entity: Entity) -> None:
    """
    Refuse a thing that names what is not there, or holds values that its schema does not take.

    Raises:
        UnknownNameError, WrongTypeError, InvalidValueError: accordingly.
    """
    match entity:
        case Hold():
            _need(state, Contact, entity.contact, "contact of a hold")
            _need(state, Tag, entity.tag, "tag of a hold")
            if entity.source == "staff":
                _need(state, Staff, entity.holder, "holder of a staff member's hold")
            _refuse_automatic(state, entity)
        case Membership():
            _need(state, Contact, entity.contact, "contact of a membership")
            _need(state, ContactGroup, entity.group, "group of a membership")
        case Pin():
            _need(state, Contact, entity.contact, "contact of a pin")
            _need(state, Tag if entity.kind == "tag" else ContactGroup, entity.target, "pin")
        case ChatMember():
            _need(state, Contact, entity.contact, "contact in a chat")
            _need(state, GroupChat, entity.chat, "chat of a contact")
        case StaffLink():
            _need(state, Contact, entity.contact, "contact of a staff member")
            _need(state, Staff, entity.staff, "staff member of a contact")
        case ListEntry():
            _need(state, Contact, entity.contact, "contact on a list")
            _need(state, ContactList, entity.contact_list, "list of a contact")
        case Record():
            _need(state, Contact, entity.contact, "contact of a record")
            collection = state.schema.collection(entity.collection)
            _check_values(collection, entity.fields.items(), f"record {entity.id!r}")
        case FollowUp():
            _need(state, Contact, entity.contact, "contact of a follow-up")
            _need(state, Staff, entity.staff, "staff member of a follow-up")
        case AudienceMember():
            _need(state, Contact, entity.contact, "contact in an audience")
            _need(state, Campaign, entity.campaign, "campaign of an audience")
        case Contact():
            if state.has(MergedContact, entity.id):
                into = state.resolve_contact(entity.id)
                raise DuplicateIdError(entity.id, "contacts", f"It was merged into {into!r}")
            _check_values(state.schema, entity.fields.items(), f"contact {entity.id!r}")
        case MergedContact():
            if state.has(Contact, entity.id):
                raise DuplicateIdError(entity.id, "merged contacts", "That contact is still there")
            if not state.has(MergedContact, entity.into):
                _need(state, Contact, entity.into, "contact that another was merged into")
        case Tag():
            _refuse_buried(state, "tag", entity.id)
        case TagGroup():
            _refuse_buried(state, "tag_group", entity.id)
        case ContactGroup():
            _refuse_buried(state, "group", entity.id)
        case Tombstone():
            if state.has(_BURIED[entity.kind], entity.id):
                raise DuplicateIdError(
                    entity.id, "tombstones", f"That {entity.kind} is still there"
                )
        case Settings() | Staff() | CollaborationTeam() | GroupChat():
            pass
        case ContactList() | Campaign() | Erasure():
            pass
        case _:
            assert_never(entity)


def check_removed(state: State, entity: Entity) -> None:
    """
    Refuse to let a thing go while another names it.

    Raises:
        StillInUseError: its `dependants` say who does, a few of them.
    """
    match entity:
        case Contact():
            what = f"contact {entity.id!r}"
            _unneeded(what, (f"{row.table} {row.key}" for row in state.rows_of(entity.id)))
            merged = (one for one in state.merged_contacts() if one.into == entity.id)
            _unneeded(what, (f"merged contact {one.id!r}" for one in merged))
        case Tag():
            _unneeded_by(f"tag {entity.id!r}", state.holds_with(entity.id))
            _unneeded_by(f"tag {entity.id!r}", state.pins_with("tag", entity.id))
        case ContactGroup():
            _unneeded_by(f"contact group {entity.id!r}", state.memberships_with(entity.id))
            _unneeded_by(f"contact group {entity.id!r}", state.pins_with("group", entity.id))
        case GroupChat():
            _unneeded_by(f"group chat {entity.id!r}", state.members_of_chat(entity.id))
        case ContactList():
            _unneeded_by(f"contact list {entity.id!r}", state.entries_of_list(entity.id))
        case Staff():
            _unneeded_by(f"staff {entity.id!r}", state.contacts_of_staff(entity.id))
            held = (h for h in state.holds() if h.source == "staff" and h.holder == entity.id)
            _unneeded_by(f"staff {entity.id!r}", held)
            _unneeded_by(f"staff {entity.id!r}", state.follow_ups_by(entity.id))
        case Campaign():
            _unneeded_by(f"campaign {entity.id!r}", state.audience_of(entity.id))
        case Settings() | CollaborationTeam() | TagGroup():
            pass  # what the whole of the catalog or the organisation answers for
        case Hold() | Pin() | Membership() | ChatMember() | StaffLink() | ListEntry():
            pass
        case Record() | FollowUp() | AudienceMember():
            pass
        case MergedContact() | Tombstone() | Erasure():
            pass
        case _:
            assert_never(entity)


def check_families(state: State, contacts: Iterable[str]) -> None:
    """
    Refuse a contact in two groups of one family.

    Raises:
        InvalidValueError: it says which contact and which groups.
    """
    for contact in contacts:
        taken: dict[str, str] = {}
        for membership in standing_memberships(
            state.memberships_of(contact), state.pins_of(contact)
        ):
            group = state.groups.group(membership.group)
            if group.family is None:
                continue
            other = taken.setdefault(group.family, group.id)
            if other != group.id:
                raise InvalidValueError(
                    [other, group.id],
                    f"groups of contact {contact!r}",
                    f"Groups of family {group.family!r} exclude each other: move the contact",
                )


_BURIED: dict[TombstoneKind, type[Tag | TagGroup | ContactGroup]] = {
    "tag": Tag,
    "tag_group": TagGroup,
    "group": ContactGroup,
}


def _refuse_buried(state: State, kind: TombstoneKind, thing_id: str) -> None:
    if state.find_tombstone(kind, thing_id) is not None:
        raise DuplicateIdError(
            thing_id, f"{kind} ids", "It was deleted, and rules may still name it: give a new id"
        )


def _refuse_automatic(state: State, hold: Hold) -> None:
    if hold.source not in ("rule", "sync") and state.is_automatic(hold.tag):
        raise NotAllowedError(
            hold.tag, f"hold of source {hold.source!r}", "Automatic tags are set by rules only"
        )


def _need(state: State, kind: type[Entity], thing_id: str, place: str) -> None:
    if not state.has(kind, thing_id):
        raise UnknownNameError(thing_id, place, "Add it first")


def _check_values(
    owner: Schema | Collection, values: Iterable[tuple[str, object]], place: str
) -> None:
    for name, value in values:
        field = owner.field(name)
        if field.name != name or read_value(field, value, f"{name} of {place}") != value:
            raise InvalidValueError(value, f"{name} of {place}", "Read it with the schema first")


def _unneeded_by(what: str, rows: Iterable[ContactRow]) -> None:
    _unneeded(what, (f"contact {row.contact!r}" for row in rows))


def _unneeded(what: str, dependants: Iterable[str]) -> None:
    first = [one for one, _ in zip(dependants, range(5), strict=False)]
    if first:
        raise StillInUseError(what, "removal", tuple(first))
