"""
A state as one viewer sees it.

All that a page shows a person is read here, so that what is hidden cannot leak through a count, a
list or a tag. The law: changing what a viewer may not see changes nothing that the viewer reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model.access import Viewer, sees
from segmentkit.model.assignment import Hold, Pin, standing_holds
from segmentkit.model.change import ContactRow
from segmentkit.model.contact import Contact
from segmentkit.model.follow_up import FollowUp
from segmentkit.model.group import ContactGroup, Membership, standing_memberships
from segmentkit.model.state import State
from segmentkit.model.tag import Tag
from segmentkit.model.terms import Term
from segmentkit.model.values import FieldValue


class DefaultList(Term):
    """The lists that every contact book has."""

    ALL = ("all", "全部联系人")
    FOLLOWED = ("followed", "我关注的")
    UNGROUPED = ("ungrouped", "未分组的")
    UNTAGGED = ("untagged", "未打标签的")


@frozen
class GroupCount:
    """Contacts in a group: directly, and with all groups below it, each contact once."""

    direct: int
    with_descendants: int


@frozen
class DetailRow:
    """
    A contact as a list of customers shows it, or as it is exported.

    Attributes:
        id: of the contact.
        fields: every field of the schema by canonical name, in its order; None where missing.
        tags: paths of the tags that stand and are visible, in the order of the catalog.
        groups: paths of the groups, in the order of the tree.
    """

    id: str
    fields: Mapping[str, FieldValue | None]
    tags: tuple[str, ...]
    groups: tuple[str, ...]


@frozen
class View:
    """
    What a viewer sees of a state at an instant.

    Args:
        state: read as it is when it is asked; a view keeps nothing.
        viewer: who looks; `state.organisation.viewer(id)` makes one of a staff member.
        at: the instant at which holds expire; None lets none expire.

    Examples:
        >>> from segmentkit.model import SYSTEM, Schema
        >>> view = View(State.of(Schema(), [Contact("c-17")]), SYSTEM)
        >>> list(view.default_list(DefaultList.UNGROUPED))
        ['c-17']
    """

    state: State
    viewer: Viewer
    at: datetime | None = None

    # --- one contact ---------------------------------------------------------------------------

    @refuse_other_types
    def contact(self, contact_id: str) -> Contact:
        """
        The contact, with the stars that the viewer may see.

        Raises:
            UnknownNameError: there is none.
        """
        contact = self.state.contact(contact_id)
        stars = frozenset(s for s in contact.followed_by if self.viewer.sees_private_of(s))
        return contact if stars == contact.followed_by else evolve(contact, followed_by=stars)

    @refuse_other_types
    def holds_of(self, contact: str) -> tuple[Hold, ...]:
        """The holds by which tags stand for this viewer."""
        visible = (hold for hold in self.state.holds_of(contact) if sees(self.viewer, hold))
        return standing_holds(visible, self.state.pins_of(contact), at=self.at)

    @refuse_other_types
    def tags_of(self, contact: str) -> tuple[Tag, ...]:
        """The tags that stand on a contact, each once, in the order of the catalog."""
        carried = {hold.tag for hold in self.holds_of(contact)}
        if not carried:
            return ()
        return tuple(tag for tag in self.state.catalog.tags if tag.id in carried)

    @refuse_other_types
    def memberships_of(self, contact: str) -> tuple[Membership, ...]:
        """The memberships by which a contact is in its groups."""
        return standing_memberships(self.state.memberships_of(contact), self.state.pins_of(contact))

    @refuse_other_types
    def groups_of(self, contact: str) -> tuple[ContactGroup, ...]:
        """The groups that a contact is in, each once, in the order of the tree."""
        inside = {membership.group for membership in self.memberships_of(contact)}
        return tuple(group for group in self.state.groups.groups if group.id in inside)

    @refuse_other_types
    def follow_ups_of(self, contact: str) -> tuple[FollowUp, ...]:
        """The follow-ups with a contact, in the order of time."""
        visible = [
            one
            for one in self.state.follow_ups_of(contact)
            if self.viewer.sees_private_of(one.staff)
        ]
        return tuple(sorted(visible, key=lambda one: (one.time, one.id)))

    @refuse_other_types
    def rows_of(self, contact: str) -> Iterator[ContactRow]:
        """All that belongs to a contact: what stands and what is visible of it."""
        yield from self.holds_of(contact)
        yield from self.memberships_of(contact)
        yield from self.follow_ups_of(contact)
        for row in self.state.rows_of(contact):
            if not isinstance(row, Hold | Membership | FollowUp):
                yield row

    # --- many contacts -------------------------------------------------------------------------

    @refuse_other_types
    def contacts_with_tag(self, tag: str) -> Iterator[str]:
        """Ids of the contacts on which a tag stands; *tag* is its id, name or path."""
        tag_id = self.state.catalog.tag(tag).id
        held = (hold.contact for hold in self.state.holds_with(tag_id))
        pinned = (pin.contact for pin in self.state.pins_with("tag", tag_id))
        for contact in dict.fromkeys((*held, *pinned)):
            if any(hold.tag == tag_id for hold in self.holds_of(contact)):
                yield contact

    @refuse_other_types
    def count_tag(self, tag: str) -> int:
        """How many contacts a tag stands on for this viewer."""
        return sum(1 for _ in self.contacts_with_tag(tag))

    @refuse_other_types
    def details(self, contacts: Iterable[str]) -> Iterator[DetailRow]:
        """
        The rows of a list of customers, in the order given: of a tag's or a group's, to be exported.

        Raises:
            UnknownNameError: there is no such contact.

        Examples:
            >>> from datetime import UTC
            >>> from segmentkit.model import SYSTEM, Field, FieldType, Schema, Tag, TagGroup
            >>> schema = Schema(fields=[Field("city", FieldType.TEXT)])
            >>> tag, at = Tag("vip", "VIP", "level"), datetime(2026, 11, 20, tzinfo=UTC)
            >>> hold = Hold("c-17", "vip", "admin", "boss", at)
            >>> state = State.of(schema, [TagGroup("level", "等级"), tag, Contact("c-17"), hold])
            >>> view = View(state, SYSTEM)
            >>> list(view.details(view.contacts_with_tag("等级/VIP")))
            [DetailRow(id='c-17', fields={'city': None}, tags=('等级/VIP',), groups=())]
        """
        catalog, tree = self.state.catalog, self.state.groups
        for contact in contacts:
            held = self.state.contact(contact).fields
            yield DetailRow(
                contact,
                {f.name: held.get(f.name) for f in self.state.schema.fields if f.name != "id"},
                tuple(catalog.path(tag) for tag in self.tags_of(contact)),
                tuple(tree.path(group) for group in self.groups_of(contact)),
            )

    @refuse_other_types
    def members_of(self, group: str) -> Iterator[str]:
        """Ids of the contacts directly in a group; *group* is its id, name or path."""
        group_id = self.state.groups.group(group).id
        held = (membership.contact for membership in self.state.memberships_with(group_id))
        pinned = {pin.contact: pin for pin in self.state.pins_with("group", group_id)}
        for contact in dict.fromkeys((*held, *pinned)):
            pin = pinned.get(contact)
            if pin is None or pin.direction == "for":
                yield contact

    @refuse_other_types
    def members_under(self, group: str) -> Iterator[str]:
        """Ids of the contacts in a group or any group below it, each once."""
        seen: set[str] = set()
        for below in self.state.groups.under(group):
            for contact in self.members_of(below.id):
                if contact not in seen:
                    seen.add(contact)
                    yield contact

    @refuse_other_types
    def count_members(self, group: str) -> GroupCount:
        """How many contacts a group has."""
        direct = sum(1 for _ in self.members_of(group))
        return GroupCount(direct, sum(1 for _ in self.members_under(group)))

    def default_list(self, which: DefaultList) -> Iterator[str]:
        """Ids of the contacts on one of the lists that every contact book has."""
        for contact in self.state.contacts():
            if self._is_on(which, contact):
                yield contact.id

    def _is_on(self, which: DefaultList, contact: Contact) -> bool:
        match which:
            case DefaultList.ALL:
                return True
            case DefaultList.FOLLOWED:
                return self.viewer.staff in contact.followed_by
            case DefaultList.UNGROUPED:
                return not self.memberships_of(contact.id)
            case DefaultList.UNTAGGED:
                return not self.holds_of(contact.id)

    @refuse_other_types
    def pins_of(self, contact: str) -> tuple[Pin, ...]:
        """Pins are seen by everyone."""
        return self.state.pins_of(contact)
