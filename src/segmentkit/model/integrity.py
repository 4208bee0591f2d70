"""
What must hold between the things of a state, checked as each change is applied.

Names, quotas and circles are the business of the values that need them whole (`TagCatalog`,
`GroupTree`, `Organisation`); here is what crosses from one table to another: nothing names what is
not there, and nothing goes while something names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from segmentkit.errors import (
    DuplicateIdError,
    InvalidValueError,
    NotAllowedError,
    SegmentkitError,
    StillInUseError,
    UnknownNameError,
)
from segmentkit.model.access import CollaborationTeam, Staff
from segmentkit.model.assignment import Hold, Pin
from segmentkit.model.campaign import AudienceMember, Campaign
from segmentkit.model.change import ContactRow, Entity
from segmentkit.model.chat import ChatMember, ContactList, GroupChat, ListEntry, StaffLink
from segmentkit.model.contact import Contact
from segmentkit.model.facts import Facts
from segmentkit.model.follow_up import FollowUp
from segmentkit.model.group import ContactGroup, Membership, standing_memberships
from segmentkit.model.record import Record
from segmentkit.model.schema import Collection, Schema
from segmentkit.model.settings import Settings
from segmentkit.model.tag import Tag, TagGroup
from segmentkit.model.traces import Erasure, MergedContact, Tombstone, TombstoneKind
from segmentkit.model.values import read_value


def check_added(facts: Facts, entity: Entity) -> None:
    """
    Refuse a thing that names what is not there, or holds values that its schema does not take.

    Raises:
        UnknownNameError, WrongTypeError, InvalidValueError: accordingly.
    """
    match entity:
        case Hold():
            _need(facts, Contact, entity.contact, "contact of a hold")
            _need(facts, Tag, entity.tag, "tag of a hold")
            if entity.source == "staff":
                _need(facts, Staff, entity.holder, "holder of a staff member's hold")
            _refuse_automatic(facts, entity)
        case Membership():
            _need(facts, Contact, entity.contact, "contact of a membership")
            _need(facts, ContactGroup, entity.group, "group of a membership")
        case Pin():
            _need(facts, Contact, entity.contact, "contact of a pin")
            _need(facts, Tag if entity.kind == "tag" else ContactGroup, entity.target, "pin")
        case ChatMember():
            _need(facts, Contact, entity.contact, "contact in a chat")
            _need(facts, GroupChat, entity.chat, "chat of a contact")
        case StaffLink():
            _need(facts, Contact, entity.contact, "contact of a staff member")
            _need(facts, Staff, entity.staff, "staff member of a contact")
        case ListEntry():
            _need(facts, Contact, entity.contact, "contact on a list")
            _need(facts, ContactList, entity.contact_list, "list of a contact")
        case Record():
            _need(facts, Contact, entity.contact, "contact of a record")
            collection = facts.schema.collection(entity.collection)
            _check_values(collection, entity)
        case FollowUp():
            _need(facts, Contact, entity.contact, "contact of a follow-up")
            _need(facts, Staff, entity.staff, "staff member of a follow-up")
        case AudienceMember():
            _need(facts, Contact, entity.contact, "contact in an audience")
            _need(facts, Campaign, entity.campaign, "campaign of an audience")
        case Contact():
            if facts.has(MergedContact, entity.id):
                into = facts.resolve_contact(entity.id)
                raise DuplicateIdError(entity.id, "contacts", f"It was merged into {into!r}")
            _check_values(facts.schema, entity)
        case MergedContact():
            if facts.has(Contact, entity.id):
                raise DuplicateIdError(entity.id, "merged contacts", "That contact is still there")
            if not facts.has(MergedContact, entity.into):
                _need(facts, Contact, entity.into, "contact that another was merged into")
        case Tag():
            _refuse_buried(facts, "tag", entity.id)
        case TagGroup():
            _refuse_buried(facts, "tag_group", entity.id)
        case ContactGroup():
            _refuse_buried(facts, "group", entity.id)
        case Tombstone():
            if facts.has(_BURIED[entity.kind], entity.id):
                raise DuplicateIdError(
                    entity.id, "tombstones", f"That {entity.kind} is still there"
                )
        case Settings() | Staff() | CollaborationTeam() | GroupChat():
            pass
        case ContactList() | Campaign() | Erasure():
            pass
        case _:
            assert_never(entity)


def check_removed(facts: Facts, entity: Entity) -> None:
    """
    Refuse to let a thing go while another names it.

    Raises:
        StillInUseError: its `dependants` say who does, a few of them.
    """
    match entity:
        case Contact():
            what = f"contact {entity.id!r}"
            _unneeded(what, (f"{row.table} {row.key}" for row in facts.rows_of(entity.id)))
            merged = (one for one in facts.merged_contacts() if one.into == entity.id)
            _unneeded(what, (f"merged contact {one.id!r}" for one in merged))
        case Tag():
            _unneeded_by(f"tag {entity.id!r}", facts.holds_with(entity.id))
            _unneeded_by(f"tag {entity.id!r}", facts.pins_with("tag", entity.id))
        case ContactGroup():
            _unneeded_by(f"contact group {entity.id!r}", facts.memberships_with(entity.id))
            _unneeded_by(f"contact group {entity.id!r}", facts.pins_with("group", entity.id))
        case GroupChat():
            _unneeded_by(f"group chat {entity.id!r}", facts.members_of_chat(entity.id))
        case ContactList():
            _unneeded_by(f"contact list {entity.id!r}", facts.entries_of_list(entity.id))
        case Staff():
            _unneeded_by(f"staff {entity.id!r}", facts.contacts_of_staff(entity.id))
            held = (h for h in facts.holds() if h.source == "staff" and h.holder == entity.id)
            _unneeded_by(f"staff {entity.id!r}", held)
            _unneeded_by(f"staff {entity.id!r}", facts.follow_ups_by(entity.id))
        case Campaign():
            _unneeded_by(f"campaign {entity.id!r}", facts.audience_of(entity.id))
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


def check_families(facts: Facts, contacts: Iterable[str]) -> None:
    """
    Refuse a contact in two groups of one family.

    Raises:
        InvalidValueError: it says which contact and which groups.
    """
    for contact in contacts:
        taken: dict[str, str] = {}
        for membership in standing_memberships(
            facts.memberships_of(contact), facts.pins_of(contact)
        ):
            group = facts.groups.group(membership.group)
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


def _refuse_buried(facts: Facts, kind: TombstoneKind, thing_id: str) -> None:
    if facts.find_tombstone(kind, thing_id) is not None:
        raise DuplicateIdError(
            thing_id, f"{kind} ids", "It was deleted, and rules may still name it: give a new id"
        )


def _refuse_automatic(facts: Facts, hold: Hold) -> None:
    if hold.source not in ("rule", "sync") and facts.is_automatic(hold.tag):
        raise NotAllowedError(
            hold.tag, f"hold of source {hold.source!r}", "Automatic tags are set by rules only"
        )


def _need(facts: Facts, kind: type[Entity], thing_id: str, place: str) -> None:
    if not facts.has(kind, thing_id):
        raise UnknownNameError(thing_id, place, "Add it first")


def _check_values(owner: Schema | Collection, thing: Contact | Record) -> None:
    for name, value in thing.fields.items():
        field = owner.field(name)
        try:
            is_read = field.name == name and read_value(field, value) == value
        except SegmentkitError as error:
            place = f"{error.place} of {thing.table} {thing.id!r}"
            raise type(error)(error.value, place, error.remedy) from None
        if not is_read:
            place = f"field {name!r} of {thing.table} {thing.id!r}"
            raise InvalidValueError(value, place, "Read it with the schema first")


def _unneeded_by(what: str, rows: Iterable[ContactRow]) -> None:
    _unneeded(what, (f"contact {row.contact!r}" for row in rows))


def _unneeded(what: str, dependants: Iterable[str]) -> None:
    first = [one for one, _ in zip(dependants, range(5), strict=False)]
    if first:
        raise StillInUseError(what, "removal", tuple(first))
