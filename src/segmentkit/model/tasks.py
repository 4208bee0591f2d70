"""What is due for a staff member: to-do lists that follow from the state and are never stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.model.access import Role
from segmentkit.model.terms import Term
from segmentkit.model.time import (
    as_instant,
    day_start,
    from_microseconds,
    local_date,
    shift_days,
    to_microseconds,
)
from segmentkit.model.view import View


class TaskKind(Term):
    """What is to be done."""

    TAG = ("tag", "给未打标签的客户打标签")
    CONTACT_AGAIN = ("contact_again", "联系久未跟进的客户")
    FOLLOW_UP = ("follow_up", "按约定跟进")


@frozen
class Task:
    """
    Something that is due with a contact.

    Attributes:
        since: when it became due, or last happened; None when it never did.
    """

    kind: TaskKind
    contact: str
    since: datetime | None


@refuse_other_types
def tasks_due(
    view: View, *, at: datetime, zone: tzinfo, idle_days: int | None = None
) -> Iterator[Task]:
    """
    The tasks of a viewer, contact by contact.

    A staff member's tasks are about the contacts that the member added, an admin's or leader's about
    all. Only what the viewer sees counts: a tag that a colleague set privately leaves a contact
    untagged for this one.

    Args:
        at: now.
        zone: whose local dates count the days.
        idle_days: a contact is due again when its last follow-up lies before the last so many local
            dates, as `did not follow_up in last n days` says; None asks for no such tasks.

    Raises:
        InvalidValueError: *idle_days* is below 1.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Contact, Schema, State
        >>> view = View(State.of(Schema(), [Contact("c-17")]), SYSTEM)
        >>> now = datetime(2026, 11, 20, tzinfo=UTC)
        >>> [(task.kind.value, task.contact) for task in tasks_due(view, at=now, zone=UTC)]
        [('tag', 'c-17')]
    """
    at = as_instant(at, "at")
    idle_since = None
    if idle_days is not None:
        if idle_days < 1:
            raise InvalidValueError(idle_days, "idle_days", "Give 1 or more")
        today = local_date(to_microseconds(at) - 1, zone)
        idle_since = from_microseconds(day_start(shift_days(today, 1 - idle_days), zone))
    for contact in _contacts_of(view):
        if not view.holds_of(contact):
            yield Task(TaskKind.TAG, contact, view.state.contact(contact).added)
        follow_ups = [one for one in view.follow_ups_of(contact) if one.time <= at]
        if idle_since is not None and (not follow_ups or follow_ups[-1].time < idle_since):
            last = follow_ups[-1].time if follow_ups else None
            yield Task(TaskKind.CONTACT_AGAIN, contact, last)
        # A later word of the same person answers an earlier promise.
        latest = {one.staff: one for one in follow_ups}
        for one in latest.values():
            if one.next_time is not None and one.next_time <= at:
                yield Task(TaskKind.FOLLOW_UP, contact, one.next_time)


def _contacts_of(view: View) -> Iterator[str]:
    if view.viewer.role is Role.STAFF:
        yield from (link.contact for link in view.state.contacts_of_staff(view.viewer.staff))
    else:
        yield from view.state.contact_ids()
