"""
The whole truth at one version.

Reading is free; writing happens in `State.apply` alone, in place and all or nothing. In place,
because a copy of a million contacts for every click would cost more than the click; all or
nothing, because each change knows what was before it and can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView
from operator import attrgetter
from typing import Any, cast

from segmentkit.errors import SegmentkitError, StaleVersionError, UnknownNameError
from segmentkit.model.access import CollaborationTeam, Organisation, Staff
from segmentkit.model.assignment import Hold, Pin, PinKind
from segmentkit.model.campaign import AudienceMember, Campaign
from segmentkit.model.catalog import TagCatalog
from segmentkit.model.change import Change, ChangeSet, ContactRow, Entity
from segmentkit.model.change_log import erased_contacts, scrubbed
from segmentkit.model.chat import ChatMember, ContactList, GroupChat, ListEntry, StaffLink
from segmentkit.model.contact import Contact
from segmentkit.model.follow_up import FollowUp
from segmentkit.model.group import ContactGroup, Membership
from segmentkit.model.group_tree import GroupTree
from segmentkit.model.integrity import check_added, check_families, check_removed
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

_CATALOG = frozenset({Settings, TagGroup, Tag})
_ORGANISATION = frozenset({Settings, Staff, CollaborationTeam})
_GROUPS = frozenset({ContactGroup})
_IN_GROUPS = frozenset({Membership, Pin})


class State:
    """
    Contacts, groups, tags, people and everything between them.

    Not for use by several threads at once while one of them applies changes.

    Args:
        schema: what the fields of contacts and records are checked against.

    Examples:
        >>> from datetime import UTC, datetime
        >>> state = State(Schema())
        >>> changes = ChangeSet(
        ...     [Change(None, Contact("c-17"))], "system", datetime(2026, 11, 20, tzinfo=UTC), 0
        ... )
        >>> state.apply(changes), state.apply(changes)
        (1, 1)
        >>> list(state.contact_ids())
        ['c-17']
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._version = 0
        self._first_version = 0
        self._log: list[ChangeSet] = []
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
        self._catalog: TagCatalog = TagCatalog()
        self._groups: GroupTree = GroupTree()
        self._organisation: Organisation = Organisation()

    @classmethod
    def of(cls, schema: Schema, entities: Iterable[Entity], *, version: int = 0) -> State:
        """
        A state that holds these things, in whatever order they are given, with an empty log.

        Raises:
            SegmentkitError: as `apply`; there is no state then.
        """
        state = cls(schema)
        rank = {kind: number for number, kind in enumerate(state._tables)}
        state._write([Change(None, one) for one in sorted(entities, key=lambda e: rank[type(e)])])
        state._version = state._first_version = version
        return state

    @classmethod
    def replay(cls, schema: Schema, log: Iterable[ChangeSet]) -> State:
        """
        The state to which a log leads from nothing.

        Raises:
            StaleVersionError: a change set is missing, or stands in the wrong place.
            SegmentkitError: as `apply`.
        """
        state = cls(schema)
        for changes in log:
            if changes.base_version != state._version:
                raise StaleVersionError(
                    changes.base_version, f"log at version {state._version}", "A set is missing"
                )
            state._write(changes.changes)
            # A set emptied by an erasure keeps its place, though `apply` takes no empty one.
            state._record(changes)
        return state

    # --- writing -----------------------------------------------------------------------------

    def apply(self, changes: ChangeSet) -> int:
        """
        Make the changes, all or none, and give the version reached.

        The very set that led from its base version to the next is known again: applying it twice
        changes nothing. A set without changes is no version.

        Raises:
            StaleVersionError: made against another version; `changes_since` tells what changed.
            SegmentkitError: the result would break a rule of the model: a quota, a name taken
                twice, a circle, a reference to nothing.
        """
        if changes.base_version != self._version:
            if self._has_applied(changes):
                return self._version
            raise StaleVersionError(
                changes.base_version,
                f"version {self._version}",
                "See changes_since(that version), then plan again",
            )
        if changes.changes:
            self._write(changes.changes)
            self._record(changes)
        return self._version

    def _record(self, changes: ChangeSet) -> None:
        self._log.append(changes)
        self._version += 1
        if erased := erased_contacts(changes):
            self._log = list(scrubbed(self._log, erased))

    def refused(self, changes: Iterable[Change]) -> list[tuple[Change, SegmentkitError]]:
        """
        Which of these changes could not be applied now, one after the other, and why.

        None when they can be applied together. They are tried and taken back, so like `apply` this
        is not for a state that another thread reads meanwhile.
        """
        wanted = list(changes)
        whole = self._catalog, self._organisation, self._groups
        refused: list[tuple[Change, SegmentkitError]] = []
        done: list[Change] = []
        try:
            try:
                self._write(wanted)
                done = wanted
            except SegmentkitError:
                for change in wanted:
                    try:
                        self._write([change])
                        done.append(change)
                    except SegmentkitError as error:
                        refused.append((change, error))
        finally:
            self._take_back(done)
            self._catalog, self._organisation, self._groups = whole
        return refused

    def _has_applied(self, changes: ChangeSet) -> bool:
        place = changes.base_version - self._first_version
        if not 0 <= place < len(self._log):
            return False
        if erased := erased_contacts(changes):
            (changes,) = scrubbed([changes], erased)
        return self._log[place] == changes

    def _write(self, changes: Iterable[Change]) -> None:
        done: list[Change] = []
        touched: set[type[Entity]] = set()
        tables = self._tables
        whole = self._catalog, self._organisation, self._groups
        try:
            for change in changes:
                before, after = change.before, change.after
                kind = type(change.entity)
                if after is not None:
                    check_added(self, after)
                tables[kind].replace(before, after)
                done.append(change)
                touched.add(kind)
                if after is None:
                    assert before is not None
                    check_removed(self, before)
            self._settle(touched, done)
        except BaseException:
            self._take_back(done)
            self._catalog, self._organisation, self._groups = whole
            raise

    def _take_back(self, done: list[Change]) -> None:
        for change in reversed(done):
            self._tables[type(change.entity)].replace(change.after, change.before)

    def _settle(self, touched: set[type[Entity]], done: Iterable[Change]) -> None:
        """Rebuild what is small and must hold as a whole; each refuses to be built wrong."""
        settings = self.settings
        if touched & _CATALOG:
            self._catalog = TagCatalog(
                tuple(self._tag_groups.values()), tuple(self._tags.values()), settings.quota
            )
        if touched & _ORGANISATION:
            self._organisation = Organisation(
                tuple(self._staff.values()),
                tuple(self._teams.values()),
                settings.sales_collaboration,
            )
        if touched & _GROUPS:
            self._groups = GroupTree(tuple(self._group_table.values()))
        families = [group for group in self._groups.groups if group.family is not None]
        if families and touched & _GROUPS:
            for group in families:
                check_families(self, self._memberships.contacts_with(group.id))
                check_families(self, (pin.contact for pin in self.pins_with("group", group.id)))
        elif families and touched & _IN_GROUPS:
            added = (change.after for change in done)
            check_families(
                self, {one.contact for one in added if isinstance(one, Membership | Pin)}
            )

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

    def changes_since(self, version: int) -> tuple[ChangeSet, ...]:
        """
        The change sets that led from a version to the present one.

        Raises:
            StaleVersionError: the log does not reach back so far, or that version is yet to come.
        """
        if not self._first_version <= version <= self._version:
            raise StaleVersionError(
                version,
                "changes_since",
                f"The log goes from version {self._first_version} to {self._version}",
            )
        return tuple(self._log[version - self._first_version :])

    def forget_log(self, before_version: int) -> None:
        """Drop the change sets that led up to a version, once the host has stored them."""
        kept = self.changes_since(before_version)
        self._log = list(kept)
        self._first_version = before_version

    def entities(self) -> Iterator[Entity]:
        """Everything, each thing after what it names: what `State.of` takes."""
        for table in self._tables.values():
            yield from table.values()

    def current(self, entity: Entity) -> Entity | None:
        """What stands under the key of *entity* now."""
        return cast("Entity | None", self._tables[type(entity)].current(entity))

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same things, at whatever version."""
        if not isinstance(other, State):
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

    # --- chats, lists and campaigns -----------------------------------------------------------------------

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
        return thing_id in cast("Things[Any]", self._tables[kind])

    def is_automatic(self, tag_id: str) -> bool:
        """Whether a tag is set by rules only; False for an unknown one."""
        tag = self._tags.get(tag_id)
        return tag is not None and tag.origin is Origin.AUTOMATIC


def _found(table: Things[Any], thing_id: str, place: str) -> Any:
    thing = table.get(thing_id)
    if thing is None:
        near = nearest(thing_id, table.ids())
        raise UnknownNameError(thing_id, place, f"Did you mean {near!r}?" if near else "")
    return thing
