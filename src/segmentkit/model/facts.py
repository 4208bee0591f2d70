"""
Everything that is true at one version, to be read.

What belongs to a contact stands in rows, found by the contact and by their other side; all else is
found by id. The catalog, the contact groups and the organisation are whole values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView
from operator import attrgetter
from typing import Any, cast

from segmentkit.errors import UnknownNameError
from segmentkit.model.access import CollaborationTeam, Organisation, Staff
from segmentkit.model.assignment import Hold, Pin, PinKind
from segmentkit.model.campaign import AudienceMember, Campaign
from segmentkit.model.catalog import TagCatalog
from segmentkit.model.change import ContactRow, Entity
from segmentkit.model.chat import ChatMember, ContactList, GroupChat, ListEntry, StaffLink
from segmentkit.model.contact import Contact
from segmentkit.model.follow_up import FollowUp
from segmentkit.model.group import ContactGroup, Membership
from segmentkit.model.group_tree import GroupTree
from segmentkit.model.record import Record
from segmentkit.model.schema import Schema
from segmentkit.model.settings import Settings
from segmentkit.model.table import Rows, Things
from segmentkit.model.tag import Origin, Tag, TagGroup
from segmentkit.model.traces import (
    Erasure,
    MergedContact,
    Tombstone,
    TombstoneKind,
    erasure_digest,
    tombstone_id,
)
from segmentkit.text import nearest


class Facts:
    """
    The reading side of a `State`. Ids are ids: names are looked up in `catalog` and `groups`.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema: Schema = schema
        self._version: int = 0
        self._settings = Things[Settings]("settings")
        self._staff = Things[Staff]("staff")
        self._teams = Things[CollaborationTeam]("collaboration teams")
        self._tag_groups = Things[TagGroup]("tag groups")
        self._tags = Things[Tag]("tags")
        self._group_table = Things[ContactGroup]("contact groups")
        self._chats = Things[GroupChat]("group chats")
        self._contact_lists = Things[ContactList]("contact lists")
        self._campaigns = Things[Campaign]("campaigns")
        self._contacts = Things[Contact]("contacts")
        self._merged = Things[MergedContact]("merged contacts")
        self._tombstones = Things[Tombstone]("tombstones")
        self._erasures = Things[Erasure]("erasures")
        self._holds = Rows[Hold]("holds", attrgetter("tag"))
        self._pins = Rows[Pin]("pins", attrgetter("target"))
        self._memberships = Rows[Membership]("memberships", attrgetter("group"))
        self._chat_members = Rows[ChatMember]("chat members", attrgetter("chat"))
        self._staff_links = Rows[StaffLink]("staff links", attrgetter("staff"))
        self._list_entries = Rows[ListEntry]("list entries", attrgetter("contact_list"))
        self._records = Rows[Record]("records", attrgetter("collection"))
        self._follow_ups = Rows[FollowUp]("follow-ups", attrgetter("staff"))
        self._audience = Rows[AudienceMember]("audience", attrgetter("campaign"))
        # In the order in which one may name another.
        self._tables: dict[type[Entity], Things[Any] | Rows[Any]] = {
            Settings: self._settings,
            Staff: self._staff,
            CollaborationTeam: self._teams,
            TagGroup: self._tag_groups,
            Tag: self._tags,
            ContactGroup: self._group_table,
            GroupChat: self._chats,
            ContactList: self._contact_lists,
            Campaign: self._campaigns,
            Contact: self._contacts,
            MergedContact: self._merged,
            Tombstone: self._tombstones,
            Erasure: self._erasures,
            Hold: self._holds,
            Pin: self._pins,
            Membership: self._memberships,
            ChatMember: self._chat_members,
            StaffLink: self._staff_links,
            ListEntry: self._list_entries,
            Record: self._records,
            FollowUp: self._follow_ups,
            AudienceMember: self._audience,
        }
        self._ids = {
            kind: table.ids() for kind, table in self._tables.items() if isinstance(table, Things)
        }
        self._catalog: TagCatalog = TagCatalog()
        self._groups: GroupTree = GroupTree()
        self._organisation: Organisation = Organisation()

    # --- the whole ---------------------------------------------------------------------------

    @property
    def schema(self) -> Schema:
        return self._schema

    @property
    def version(self) -> int:
        """Grows by one with each change set."""
        return self._version

    @property
    def settings(self) -> Settings:
        return self._settings.get("settings") or Settings()

    @property
    def catalog(self) -> TagCatalog:
        return self._catalog

    @property
    def groups(self) -> GroupTree:
        return self._groups

    @property
    def organisation(self) -> Organisation:
        return self._organisation

    def entities(self) -> Iterator[Entity]:
        """Everything, each thing after what it names: what `State.of` takes."""
        for table in self._tables.values():
            yield from table.values()

    def current(self, entity: Entity) -> Entity | None:
        """What stands under the key of *entity* now."""
        return cast("Entity | None", self._tables[type(entity)].current(entity))

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same things, at whatever version."""
        if not isinstance(other, Facts):
            return NotImplemented
        return self._schema == other._schema and set(self.entities()) == set(other.entities())

    __hash__ = None  # pyright: ignore[reportAssignmentType]  # it changes

    # --- contacts ----------------------------------------------------------------------------

    def __len__(self) -> int:
        """How many contacts there are."""
        return len(self._contacts)

    def contact_ids(self) -> KeysView[str]:
        return self._contacts.ids()

    def contacts(self) -> Iterable[Contact]:
        return self._contacts.values()

    def find_contact(self, contact_id: str) -> Contact | None:
        """The contact of that id, or None."""
        return self._contacts.get(contact_id)

    def contact(self, contact_id: str) -> Contact:
        """
        The contact of that id.

        Raises:
            UnknownNameError: there is none.
        """
        found = self._contacts.get(contact_id)
        if found is None:
            raise UnknownNameError(contact_id, "contacts")
        return found

    # --- what belongs to a contact; none for an unknown one ------------------------------------

    def holds_of(self, contact: str) -> tuple[Hold, ...]:
        """Every hold, expired ones and those pinned against too; see `standing_holds`."""
        return self._holds.of(contact)

    def pins_of(self, contact: str) -> tuple[Pin, ...]:
        return self._pins.of(contact)

    def memberships_of(self, contact: str) -> tuple[Membership, ...]:
        return self._memberships.of(contact)

    def chats_of(self, contact: str) -> tuple[ChatMember, ...]:
        return self._chat_members.of(contact)

    def staff_of(self, contact: str) -> tuple[StaffLink, ...]:
        return self._staff_links.of(contact)

    def lists_of(self, contact: str) -> tuple[ListEntry, ...]:
        return self._list_entries.of(contact)

    def records_of(self, contact: str) -> tuple[Record, ...]:
        return self._records.of(contact)

    def follow_ups_of(self, contact: str) -> tuple[FollowUp, ...]:
        return self._follow_ups.of(contact)

    def campaigns_of(self, contact: str) -> tuple[AudienceMember, ...]:
        return self._audience.of(contact)

    def rows_of(self, contact: str) -> Iterator[ContactRow]:
        """All of the above, kind by kind."""
        for table in self._tables.values():
            if isinstance(table, Rows):
                yield from cast("Rows[ContactRow]", table).of(contact)

    # --- the other way round -------------------------------------------------------------------

    def holds(self) -> Iterator[Hold]:
        """Every hold there is, contact by contact."""
        return self._holds.values()

    def holds_with(self, tag: str) -> Iterator[Hold]:
        """Every hold of a tag, by the tag's id."""
        return self._holds.with_target(tag)

    def memberships(self) -> Iterator[Membership]:
        return self._memberships.values()

    def memberships_with(self, group: str) -> Iterator[Membership]:
        """Every membership directly in a contact group, by the group's id."""
        return self._memberships.with_target(group)

    def pins_with(self, kind: PinKind, target: str) -> Iterator[Pin]:
        """Every pin of a tag or group, by its id."""
        return (pin for pin in self._pins.with_target(target) if pin.kind == kind)

    def members_of_chat(self, chat: str) -> Iterator[ChatMember]:
        return self._chat_members.with_target(chat)

    def contacts_of_staff(self, staff: str) -> Iterator[StaffLink]:
        return self._staff_links.with_target(staff)

    def entries_of_list(self, contact_list: str) -> Iterator[ListEntry]:
        return self._list_entries.with_target(contact_list)

    def follow_ups_by(self, staff: str) -> Iterator[FollowUp]:
        return self._follow_ups.with_target(staff)

    def audience_of(self, campaign: str) -> Iterator[AudienceMember]:
        return self._audience.with_target(campaign)

    # --- chats, lists and campaigns --------------------------------------------------------------

    def chats(self) -> Iterable[GroupChat]:
        return self._chats.values()

    def chat(self, chat_id: str) -> GroupChat:
        """
        The group chat of that id.

        Raises:
            UnknownNameError: there is none; the remedy names the nearest.
        """
        return _found(self._chats, chat_id, "group chats")

    def contact_lists(self) -> Iterable[ContactList]:
        return self._contact_lists.values()

    def contact_list(self, list_id: str) -> ContactList:
        """
        The fixed list of that id.

        Raises:
            UnknownNameError: there is none; the remedy names the nearest.
        """
        return _found(self._contact_lists, list_id, "contact lists")

    def campaigns(self) -> Iterable[Campaign]:
        return self._campaigns.values()

    def campaign(self, campaign_id: str) -> Campaign:
        """
        The campaign of that id.

        Raises:
            UnknownNameError: there is none; the remedy names the nearest.
        """
        return _found(self._campaigns, campaign_id, "campaigns")

    # --- what is left of things that went -------------------------------------------------------

    def find_tombstone(self, kind: TombstoneKind, thing_id: str) -> Tombstone | None:
        """What is left of a deleted tag, tag group or contact group, or None."""
        return self._tombstones.get(tombstone_id(kind, thing_id))

    def tombstones(self) -> Iterable[Tombstone]:
        return self._tombstones.values()

    def resolve_tag(self, tag_id: str) -> str:
        """The id of the tag that one was merged into, in the end; its own when it was not."""
        while (grave := self.find_tombstone("tag", tag_id)) and grave.successor is not None:
            tag_id = grave.successor
        return tag_id

    def merged_contacts(self) -> Iterable[MergedContact]:
        return self._merged.values()

    def resolve_contact(self, contact_id: str) -> str:
        """The id of the contact that one was merged into, in the end; its own when it was not."""
        while merged := self._merged.get(contact_id):
            contact_id = merged.into
        return contact_id

    def was_erased(self, contact_id: str) -> bool:
        """Whether a contact of that id was erased on request."""
        return erasure_digest(contact_id) in self._erasures

    def erasures(self) -> Iterable[Erasure]:
        return self._erasures.values()

    # --- by type, for what must look at any table ------------------------------------------------

    def has(self, kind: type[Entity], thing_id: str) -> bool:
        """Whether there is a thing of that kind and id."""
        return thing_id in self._ids[kind]

    def is_automatic(self, tag_id: str) -> bool:
        """Whether a tag is set by rules only; False for an unknown one."""
        tag = self._tags.get(tag_id)
        return tag is not None and tag.origin is Origin.AUTOMATIC


def _found(table: Things[Any], thing_id: str, place: str) -> Any:
    thing = table.get(thing_id)
    if thing is None:
        near = nearest(thing_id, table.ids())
        remedy = f"Did you mean {near!r}?" if near else "Give an id that is there"
        raise UnknownNameError(thing_id, place, remedy)
    return thing
