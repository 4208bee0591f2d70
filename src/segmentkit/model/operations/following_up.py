"""Recording what was said with a contact."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from segmentkit.errors import UnknownNameError
from segmentkit.model.access import Viewer
from segmentkit.model.change import Change, ChangeSet
from segmentkit.model.follow_up import Channel, FollowUp
from segmentkit.model.operations.catalog_operations import UNCHANGED, Unchanged
from segmentkit.model.operations.ids import fresh_ids
from segmentkit.model.permission import Action, require
from segmentkit.model.state import State


def record_follow_up(
    state: State,
    contact: str,
    channel: Channel,
    *,
    actor: Viewer,
    at: datetime,
    time: datetime | None = None,
    need: str = "",
    problem: str = "",
    solution: str = "",
    next: datetime | None = None,  # noqa: A002
    staff: str | None = None,
    id: str | None = None,  # noqa: A002
) -> ChangeSet:
    """
    A follow-up that took place.

    Args:
        time: when it took place; by default *at*.
        next: when to speak again.
        staff: who spoke; by default the actor. Only the host itself may name another.
        id: by default a fresh one.

    Raises:
        UnknownNameError: no such contact; when it is applied, no such staff member.
        NotAllowedError: in the name of somebody else.
        InvalidValueError: the next date is not later than the follow-up.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Contact, Schema, Staff
        >>> state = State.of(Schema(), [Contact("c-17"), Staff("li.lei")])
        >>> li_lei = state.organisation.viewer("li.lei")
        >>> now = datetime(2026, 11, 20, tzinfo=UTC)
        >>> changes = record_follow_up(
        ...     state, "c-17", Channel.PHONE, need="退货", actor=li_lei, at=now
        ... )
        >>> changes.summary()
        {'follow_up_added': 1}
    """
    state.contact(contact)
    taken = {one.id for one in state.follow_ups_of(contact)}
    follow_up = FollowUp(
        contact,
        next_id(state, taken) if id is None else id,
        staff or actor.staff,
        channel,
        time or at,
        need,
        problem,
        solution,
        next,
    )
    require(actor, Action.WRITE_FOLLOW_UP, follow_up)
    return ChangeSet([Change(None, follow_up)], actor.staff, at, state.version, "record follow-up")


def edit_follow_up(
    state: State,
    contact: str,
    follow_up: str,
    *,
    actor: Viewer,
    at: datetime,
    need: str | Unchanged = UNCHANGED,
    problem: str | Unchanged = UNCHANGED,
    solution: str | Unchanged = UNCHANGED,
    next: datetime | Unchanged | None = UNCHANGED,  # noqa: A002
) -> ChangeSet:
    """
    New words or another next date for a follow-up.

    Raises:
        UnknownNameError: the contact has no such follow-up that the actor may see.
        NotAllowedError: it is somebody else's.
    """
    before = _own(state, contact, follow_up, actor)
    given = {"need": need, "problem": problem, "solution": solution, "next": next}
    kept = {name: value for name, value in given.items() if not isinstance(value, Unchanged)}
    after = evolve(before, **kept)
    changes = [] if after == before else [Change(before, after)]
    return ChangeSet(changes, actor.staff, at, state.version, "edit follow-up")


def delete_follow_up(
    state: State, contact: str, follow_up: str, *, actor: Viewer, at: datetime
) -> ChangeSet:
    """
    A follow-up that was recorded by mistake goes.

    Raises:
        UnknownNameError, NotAllowedError: as `edit_follow_up`.
    """
    before = _own(state, contact, follow_up, actor)
    return ChangeSet([Change(before, None)], actor.staff, at, state.version, "delete follow-up")


def next_id(state: State, taken: set[str]) -> str:
    """A fresh id for a follow-up."""
    return next(fresh_ids("follow-up", state.version, taken.__contains__))


def _own(state: State, contact: str, follow_up: str, actor: Viewer) -> FollowUp:
    for one in state.follow_ups_of(state.contact(contact).id):
        # One that is hidden from the actor is not there for the actor.
        if one.id == follow_up and actor.sees_private_of(one.staff):
            require(actor, Action.WRITE_FOLLOW_UP, one)
            return one
    raise UnknownNameError(follow_up, f"follow-ups of contact {contact!r}")
