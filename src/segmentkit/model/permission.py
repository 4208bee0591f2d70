"""
Who may do what, in one place.

What a person may not do is refused before anything is planned, with the way that is open instead.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

from segmentkit.arguments import explain_other_types
from segmentkit.errors import NotAllowedError
from segmentkit.model.access import Role, Viewer
from segmentkit.model.assignment import Hold, Source
from segmentkit.model.follow_up import FollowUp
from segmentkit.model.group import Membership
from segmentkit.model.tag import Origin, Tag
from segmentkit.model.terms import Term

Target: TypeAlias = Tag | Hold | Membership | FollowUp | None


class Action(Term):
    """What a person can want to do. The kind of target that each is asked about stands beside it."""

    MANAGE_CATALOG = ("manage_catalog", "管理标签库")
    MANAGE_GROUPS = ("manage_groups", "管理群组")
    MANAGE_STAFF = ("manage_staff", "管理员工")
    EDIT_CONTACTS = ("edit_contacts", "编辑联系人")
    MERGE_CONTACTS = ("merge_contacts", "合并联系人")
    ERASE_CONTACTS = ("erase_contacts", "清除联系人")
    FOLLOW = ("follow", "关注联系人")
    ASSIGN_TAG = ("assign_tag", "打标签")  # a Tag
    REMOVE_HOLD = ("remove_hold", "取消标签")  # a Hold
    PIN = ("pin", "锁定标签")
    GROUP_CONTACTS = ("group_contacts", "调整分组")
    REMOVE_MEMBERSHIP = ("remove_membership", "移出群组")  # a Membership
    WRITE_FOLLOW_UP = ("write_follow_up", "记录跟进")  # a FollowUp
    START_CAMPAIGN = ("start_campaign", "发起活动")
    UNDO = ("undo", "撤销")


_ADMIN_ONLY = frozenset(
    {Action.MANAGE_CATALOG, Action.MANAGE_STAFF, Action.ERASE_CONTACTS, Action.UNDO}
)
_LEADERS_TOO = frozenset(
    {Action.MANAGE_GROUPS, Action.MERGE_CONTACTS, Action.PIN, Action.START_CAMPAIGN}
)
_EVERYONE = frozenset({Action.EDIT_CONTACTS, Action.FOLLOW, Action.GROUP_CONTACTS})


@explain_other_types
def may(actor: Viewer, action: Action, target: Target = None) -> bool:
    """
    Whether somebody may do something.

    Args:
        target: the Tag to be set, or the Hold, Membership or FollowUp to be written or removed,
            where the answer depends on it.

    Examples:
        >>> from datetime import UTC, datetime
        >>> hold = Hold("c-17", "vip", "staff", "li.lei", datetime(2026, 11, 20, tzinfo=UTC))
        >>> may(Viewer("boss", Role.ADMIN), Action.REMOVE_HOLD, hold)
        False
        >>> may(Viewer("li.lei", Role.STAFF), Action.REMOVE_HOLD, hold)
        True
    """
    return obstacle(actor, action, target) is None


@explain_other_types
def require(actor: Viewer, action: Action, target: Target = None) -> None:
    """
    Refuse what somebody may not do.

    Raises:
        NotAllowedError: `value` is the action, `place` the person, `remedy` the way that is open.
    """
    reason = obstacle(actor, action, target)
    if reason is not None:
        raise NotAllowedError(action.value, f"staff {actor.staff!r}", reason)


def obstacle(actor: Viewer, action: Action, target: Target = None) -> str | None:
    """What stands in the way, as a remedy; None when nothing does."""
    match action:
        case Action.ASSIGN_TAG:
            return _obstacle_to_assigning(target)
        case Action.REMOVE_HOLD:
            return _obstacle_to_removing(actor, target)
        case Action.REMOVE_MEMBERSHIP:
            if isinstance(target, Membership) and target.source == "rule":
                return obstacle(actor, Action.PIN)
            return None
        case Action.WRITE_FOLLOW_UP:
            own = actor.role is None or (
                isinstance(target, FollowUp) and target.staff == actor.staff
            )
            return None if own else "Each staff member writes only their own"
        case _ if action in _ADMIN_ONLY:
            return None if actor.role in (None, Role.ADMIN) else "Ask an admin"
        case _ if action in _LEADERS_TOO:
            return None if actor.role is not Role.STAFF else "Ask an admin or leader"
        case _ if action in _EVERYONE:
            return None
        case _:
            # An action that no line above knows is refused.
            return "No rule allows this action"


def source_of(actor: Viewer) -> Source:
    """The source in whose name somebody assigns: staff members privately, all others openly."""
    return "staff" if actor.role is Role.STAFF else "admin"


def _obstacle_to_assigning(target: Target) -> str | None:
    if not isinstance(target, Tag):
        return "Name the tag"
    if target.origin is Origin.AUTOMATIC:
        return "Automatic tags are set by rules only; an admin or leader may pin one"
    if target.archived:
        return "The tag is archived: restore it first"
    return None


def _obstacle_to_removing(actor: Viewer, target: Target) -> str | None:
    if not isinstance(target, Hold):
        return "Name the hold"
    if actor.role is None:
        return None
    match target.source:
        case "staff":
            return None if target.holder == actor.staff else "Only its holder may take it back"
        case "rule":
            return "A rule holds it: an admin or leader may pin the tag against"
        case "admin" | "import" | "sync":
            return None if actor.role is not Role.STAFF else "Ask an admin or leader"
        case _:
            assert_never(target.source)
