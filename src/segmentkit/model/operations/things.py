"""
Facts that the host brings as they are: people, settings, chats, who is in them, lists, records.

What has rules of its own (tags, holds, groups, contacts) has its own operations.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import UnknownNameError, WrongTypeError
from segmentkit.model.access import CollaborationTeam, Staff, Viewer
from segmentkit.model.change import Change, ChangeSet
from segmentkit.model.chat import ChatMember, ContactList, GroupChat, ListEntry, StaffLink
from segmentkit.model.permission import Action, require
from segmentkit.model.record import Record
from segmentkit.model.settings import Settings
from segmentkit.model.state import State

Fact: TypeAlias = (
    Settings
    | Staff
    | CollaborationTeam
    | GroupChat
    | ChatMember
    | StaffLink
    | ContactList
    | ListEntry
    | Record
)


@refuse_other_types
def put_facts(state: State, *facts: Fact, actor: Viewer, at: datetime) -> ChangeSet:
    """
    Make these facts stand, whether they are new, changed or there already.

    Args:
        facts: each after what it names; of two with the same key the last one counts.

    Raises:
        NotAllowedError: staff, teams and settings are an admin's to change.
        WrongTypeError: a thing that has operations of its own.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Role, Schema
        >>> state, now = State(Schema()), datetime(2026, 11, 20, tzinfo=UTC)
        >>> changes = put_facts(state, Staff("li.lei", "李雷", Role.ADMIN), actor=SYSTEM, at=now)
        >>> state.apply(changes)
        1
    """
    last = {(one.table, *one.key): _permitted(one, actor) for one in facts}
    changes = [
        Change(before, fact) for fact in last.values() if (before := state.current(fact)) != fact
    ]
    return ChangeSet(changes, actor.staff, at, state.version, "put facts")


@refuse_other_types
def drop_facts(state: State, *facts: Fact, actor: Viewer, at: datetime) -> ChangeSet:
    """
    Make these facts stand no more; only their keys are looked at.

    Raises:
        UnknownNameError: one of them is not there.
        NotAllowedError, WrongTypeError: as `put_facts`.
    """
    changes: list[Change] = []
    for fact in {(one.table, *one.key): _permitted(one, actor) for one in facts}.values():
        present = state.current(fact)
        if present is None:
            raise UnknownNameError(fact.key, fact.table)
        changes.append(Change(present, None))
    return ChangeSet(changes, actor.staff, at, state.version, "drop facts")


def _permitted(fact: Fact, actor: Viewer) -> Fact:
    match fact:
        case Settings() | Staff() | CollaborationTeam():
            require(actor, Action.MANAGE_STAFF)
        case GroupChat() | ChatMember() | StaffLink() | ContactList() | ListEntry() | Record():
            require(actor, Action.EDIT_CONTACTS)
        case _:  # pyright: ignore[reportUnnecessaryComparison] - a host may know no types
            raise WrongTypeError(fact, "facts", "It has operations of its own")
    return fact
