"""Which rows of a state are others after a change: the other side of `rows_of_state`."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import assert_never

from segmentkit.model import (
    FOLLOW_UP,
    AudienceMember,
    Campaign,
    Change,
    ChatMember,
    CollaborationTeam,
    Contact,
    ContactGroup,
    ContactList,
    Erasure,
    FollowUp,
    GroupChat,
    Hold,
    ListEntry,
    Membership,
    MergedContact,
    Pin,
    Record,
    Settings,
    Staff,
    StaffLink,
    Tag,
    TagGroup,
    Tombstone,
)
from segmentkit.stores.ports import News


def news_of_changes(changes: Iterable[Change]) -> News | None:
    """
    What changes of a state mean for its contacts and their rows, as far as the state has these.

    None where it cannot be told: an erasure leaves no trace of whom it took.

    Examples:
        >>> from datetime import UTC, datetime
        >>> hold = Hold("c-17", "vip", "admin", "boss", datetime(2026, 11, 20, tzinfo=UTC))
        >>> news_of_changes([Change(None, hold)]).changed
        {'tag': {'c-17'}}
    """
    gone: set[str] = set()
    contacts: set[str] = set()
    changed: dict[str, set[str]] = {}
    whole: set[str] = set()
    for change in changes:
        entity = change.entity
        match entity:
            case Contact():
                if change.after is None:
                    gone.add(entity.id)
                    contacts.discard(entity.id)
                else:
                    contacts.add(entity.id)
                    changed.setdefault("list", set()).add(entity.id)  # of those who follow it
            case MergedContact():
                if change.after is None:
                    return None
            case Erasure():
                return None
            case Hold():
                changed.setdefault("tag", set()).add(entity.contact)
            case Pin():
                changed.setdefault(entity.kind, set()).add(entity.contact)
            case Membership():
                changed.setdefault("group", set()).add(entity.contact)
            case ChatMember():
                changed.setdefault("chat", set()).add(entity.contact)
            case StaffLink():
                changed.setdefault("staff", set()).add(entity.contact)
            case ListEntry():
                changed.setdefault("list", set()).add(entity.contact)
            case FollowUp():
                changed.setdefault(FOLLOW_UP.name, set()).add(entity.contact)
            case Record():
                changed.setdefault(entity.collection, set()).add(entity.contact)
            case Tag():
                # A row names the group of its tag, the kind of its contact group, the owner of its
                # chat.
                if isinstance(change.before, Tag) and change.before.group != entity.group:
                    whole.add("tag")
            case ContactGroup():
                if isinstance(change.before, ContactGroup) and change.before.type != entity.type:
                    whole.add("group")
            case GroupChat():
                whole.add("chat")
            case (
                Settings()
                | Staff()
                | CollaborationTeam()
                | TagGroup()
                | ContactList()
                | Campaign()
                | AudienceMember()
                | Tombstone()
            ):
                pass  # no row shows it
            case _:
                assert_never(entity)
    found: dict[str, AbstractSet[str] | None] = {
        name: some - (gone - contacts) for name, some in changed.items()
    }
    return News(gone, contacts, changed=found | dict.fromkeys(whole))
