"""Contact groups (群组): who a contact is to us. A contact may be in several."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model.assignment import Pin, Source, require_source
from segmentkit.model.checks import require_id, require_name, require_texts
from segmentkit.model.terms import Term
from segmentkit.model.time import as_instant


class GroupType(Term):
    """What the contacts of a group are to the firm."""

    CUSTOMER = ("customer", "客户")
    PARTNER = ("partner", "合作伙伴")
    COLLEAGUE = ("colleague", "同事")
    ORDINARY = ("ordinary", "普通")


@refuse_other_types
@frozen
class ContactGroup:
    """
    A group of contacts.

    Args:
        id: the host's id.
        name: unique among the children of one parent, under the text key.
        type: what its contacts are to the firm.
        description: free text.
        parent: id of the group it stands under; None at the top.
        family: groups that name the same family exclude each other: a contact is in one at most
            (high, middle, low).
    """

    table: ClassVar[str] = "group"

    id: str
    name: str
    type: GroupType = field(default=GroupType.ORDINARY, converter=GroupType.read)
    description: str = ""
    parent: str | None = None
    family: str | None = None

    def __attrs_post_init__(self) -> None:
        require_id(self.id, "id of a contact group")
        require_name(self.name, f"name of contact group {self.id!r}")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.id,)


@frozen
class Membership:
    """
    One source's word that a contact is in a group. The contact is in while any source says so.

    Identity is (contact, group, source, holder), as with `Hold`.
    """

    table: ClassVar[str] = "membership"

    contact: str
    group: str
    source: Source
    holder: str
    assigned: datetime = field(converter=as_instant)

    def __attrs_post_init__(self) -> None:
        require_source(self.source)
        if not type(self.contact) is type(self.group) is type(self.holder) is str:
            require_texts(self, "contact", "group", "holder")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.contact, self.group, self.source, self.holder)


@refuse_other_types
def standing_memberships(
    memberships: Iterable[Membership], pins: Iterable[Pin] = ()
) -> tuple[Membership, ...]:
    """
    The memberships of one contact by which it is in its groups, pins heeded as for tags.

    A contact pinned to a group is in it by a membership of source `admin` in the name of the person
    who pinned it; one pinned against is not in it whoever says so.
    """
    standing = tuple(memberships)
    group_pins = [pin for pin in pins if pin.kind == "group"]
    if not group_pins:
        return standing
    against = {pin.target for pin in group_pins if pin.direction == "against"}
    pinned = [
        Membership(pin.contact, pin.target, "admin", pin.by, pin.assigned)
        for pin in group_pins
        if pin.direction == "for"
    ]
    taken = {one.key for one in pinned}
    kept = [one for one in standing if one.group not in against and one.key not in taken]
    return tuple(sorted([*kept, *pinned], key=lambda one: one.key))
