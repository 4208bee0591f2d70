"""Recording what was said with a contact."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import UnknownNameError
from segmentkit.model.access import Viewer
from segmentkit.model.change import Change, ChangeSet
from segmentkit.model.follow_up import Channel, FollowUp
from segmentkit.model.operations.catalog_operations import UNCHANGED, Unchanged
from segmentkit.model.operations.ids import fresh_ids
from segmentkit.model.permission import Action, require
from segmentkit.model.state import State


@refuse_other_types
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
    next_time: datetime | None = None,
    staff: str | None = None,
    id: str | None = None,  # noqa: A002 - the field's name
) -> ChangeSet:
    """
    A follow-up that took place.

    Args:
        time: when it took place; by default *at*.
        next_time: when to speak again.
        staff: who spoke; by default the actor. Only the host itself may name another.
        id: by default a fresh one.

    Raises:
        UnknownNameError: no such contact; when it is applied, no such staff member.
        NotAllowedError: in the name of somebody else.
        InvalidValueError: the next time is not later than the follow-up.

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
    speaker = staff or actor.staff
    if id is None:
        taken = {one.id for one in state.follow_ups_of(contact) if one.staff == speaker}
        id = next(fresh_ids("follow-up", state.version, taken.__contains__))  # noqa: A001 - the field's name
    follow_up = FollowUp(
        contact,
        id,
        speaker,
        channel,
        time or at,
        need,
        problem,
        solution,
        next_time,
    )
    require(actor, Action.WRITE_FOLLOW_UP, follow_up)
    return ChangeSet([Change(None, follow_up)], actor.staff, at, state.version, "record follow-up")


@refuse_other_types
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
    next_time: datetime | Unchanged | None = UNCHANGED,
) -> ChangeSet:
    """
    New words or another next time for a follow-up.

    Raises:
        UnknownNameError: the contact has no such follow-up that the actor may see.
        NotAllowedError: it is somebody else's.
    """
    before = _own(state, contact, follow_up, actor)
    given = {"need": need, "problem": problem, "solution": solution, "next_time": next_time}
    kept = {name: value for name, value in given.items() if not isinstance(value, Unchanged)}
    after = evolve(before, **kept)
    changes = [] if after == before else [Change(before, after)]
    return ChangeSet(changes, actor.staff, at, state.version, "edit follow-up")


@refuse_other_types
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


def _own(state: State, contact: str, follow_up: str, actor: Viewer) -> FollowUp:
    # One that is hidden from the actor is not there for the actor; of namesakes the own one is meant.
    visible = [
        one
        for one in state.follow_ups_of(state.contact(contact).id)
        if one.id == follow_up and actor.sees_private_of(one.staff)
    ]
    if not visible:
        raise UnknownNameError(follow_up, f"follow-ups of contact {contact!r}")
    found = next((one for one in visible if one.staff == actor.staff), visible[0])
    require(actor, Action.WRITE_FOLLOW_UP, found)
    return found
