"""What is true, and who may change it: contacts, groups, tags, people, and every change to them."""

from segmentkit.model.access import (
    SYSTEM,
    CollaborationTeam,
    Organisation,
    Role,
    Staff,
    Viewer,
    sees,
)
from segmentkit.model.assignment import (
    SOURCES,
    Hold,
    Pin,
    PinDirection,
    PinKind,
    Source,
    standing_holds,
)
from segmentkit.model.catalog import Room, TagCatalog
from segmentkit.model.change import Change, ChangeAction, ChangeSet, ContactRow, Entity, Thing
from segmentkit.model.chat import ChatMember, ContactList, GroupChat, ListEntry, StaffLink
from segmentkit.model.contact import Contact
from segmentkit.model.event import Event
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.group import ContactGroup, GroupType, Membership
from segmentkit.model.group_tree import GroupTree
from segmentkit.model.quota import SEED, UNLIMITED, WECOM, Quota
from segmentkit.model.record import Record
from segmentkit.model.schema import MEMBERSHIPS, NUMERIC_TYPES, Collection, Field, FieldType, Schema
from segmentkit.model.settings import Settings
from segmentkit.model.state import State
from segmentkit.model.tag import Origin, Tag, TagClass, TagGroup, TagKind
from segmentkit.model.time import (
    EPOCH,
    FIRST_INSTANT,
    LAST_INSTANT,
    as_instant,
    as_zone,
    day_start,
    from_microseconds,
    local_date,
    local_instant,
    local_time,
    shift_days,
    shift_months,
    to_microseconds,
)
from segmentkit.model.values import FieldValue, read_fields, read_value

__all__ = [
    "EPOCH",
    "FIRST_INSTANT",
    "LAST_INSTANT",
    "MEMBERSHIPS",
    "NUMERIC_TYPES",
    "SEED",
    "SOURCES",
    "SYSTEM",
    "UNLIMITED",
    "WECOM",
    "Change",
    "ChangeAction",
    "ChangeSet",
    "ChatMember",
    "CollaborationTeam",
    "Collection",
    "Contact",
    "ContactGroup",
    "ContactList",
    "ContactRow",
    "Entity",
    "Event",
    "Field",
    "FieldType",
    "FieldValue",
    "FrozenMap",
    "GroupChat",
    "GroupTree",
    "GroupType",
    "Hold",
    "ListEntry",
    "Membership",
    "Organisation",
    "Origin",
    "Pin",
    "PinDirection",
    "PinKind",
    "Quota",
    "Record",
    "Role",
    "Room",
    "Schema",
    "Settings",
    "Source",
    "Staff",
    "StaffLink",
    "State",
    "Tag",
    "TagCatalog",
    "TagClass",
    "TagGroup",
    "TagKind",
    "Thing",
    "Viewer",
    "as_instant",
    "as_zone",
    "day_start",
    "from_microseconds",
    "local_date",
    "local_instant",
    "local_time",
    "read_fields",
    "read_value",
    "sees",
    "shift_days",
    "shift_months",
    "standing_holds",
    "to_microseconds",
]
