"""
Who the people are and what each of them may see.

A staff member's assignments are private: the member sees them, admins and leaders see them
read-only, and the member's collaboration team sees them when sales collaboration is on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import field, frozen

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.errors import DuplicateIdError, NotAllowedError, UnknownNameError
from segmentkit.model.assignment import Hold
from segmentkit.model.checks import require_id, several, text_set
from segmentkit.model.terms import Term
from segmentkit.text import suggestion


class Role(Term):
    """What a staff member is in the firm."""

    ADMIN = ("admin", "管理员")
    LEADER = ("leader", "负责人")
    STAFF = ("staff", "员工")


@refuse_other_types
@frozen
class Staff:
    """
    A staff member.

    Args:
        id: the host's id.
        name: as shown.
        role: what the member may see and do.
        active: False for one who has left; what the member held stays.
    """

    table: ClassVar[str] = "staff"

    id: str
    name: str = ""
    role: Role = field(default=Role.STAFF, converter=Role.read)
    active: bool = True

    def __attrs_post_init__(self) -> None:
        require_id(self.id, "id of a staff member")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.id,)


@refuse_other_types
@frozen
class CollaborationTeam:
    """Staff members who share their assignments while sales collaboration (销售管理) is on."""

    table: ClassVar[str] = "team"

    id: str
    name: str = ""
    members: frozenset[str] = field(default=frozenset(), converter=text_set)

    def __attrs_post_init__(self) -> None:
        require_id(self.id, "id of a collaboration team")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.id,)


@refuse_other_types
@frozen
class Viewer:
    """
    The one who looks, or acts, with all that decides what is visible.

    Args:
        staff: id of the staff member; "system" for the host itself.
        role: of the member; None for the host itself, which sees and may do everything.
        colleagues: members whose private assignments are shared with this one.
    """

    staff: str
    role: Role | None
    colleagues: frozenset[str] = field(default=frozenset(), converter=text_set)

    @property
    def sees_all(self) -> bool:
        """Whether nothing is hidden: the host itself, an admin, a leader."""
        return self.role is not Role.STAFF

    def sees_private_of(self, staff: str) -> bool:
        """Whether the private assignments of that staff member are visible."""
        return self.sees_all or staff == self.staff or staff in self.colleagues


SYSTEM = Viewer("system", None)


@explain_other_types
def sees(viewer: Viewer, hold: Hold) -> bool:
    """
    Whether a viewer may know of a hold.

    Examples:
        >>> from datetime import UTC, datetime
        >>> hold = Hold("c-17", "vip", "staff", "li.lei", datetime(2026, 11, 20, tzinfo=UTC))
        >>> sees(Viewer("han.mm", Role.STAFF), hold), sees(Viewer("boss", Role.ADMIN), hold)
        (False, True)
    """
    return hold.source != "staff" or viewer.sees_private_of(hold.holder)


def _staff_by_id(staff: Iterable[Staff]) -> tuple[Staff, ...]:
    return tuple(sorted(several(Staff)(staff), key=lambda member: member.id))


def _teams_by_id(teams: Iterable[CollaborationTeam]) -> tuple[CollaborationTeam, ...]:
    return tuple(sorted(several(CollaborationTeam)(teams), key=lambda team: team.id))


@frozen
class Organisation:
    """
    The staff and their teams, in the order of ids, and whether teams share.

    Raises:
        DuplicateIdError: two members, or two teams, share an id.
        UnknownNameError: a team names a member that is not there.
    """

    staff: tuple[Staff, ...] = field(default=(), converter=_staff_by_id)
    teams: tuple[CollaborationTeam, ...] = field(default=(), converter=_teams_by_id)
    sales_collaboration: bool = False
    _by_id: dict[str, Staff] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        by_id = {member.id: member for member in self.staff}
        for ids, place in (
            ([member.id for member in self.staff], "staff"),
            ([team.id for team in self.teams], "collaboration teams"),
        ):
            if twice := _first_twice(ids):
                raise DuplicateIdError(twice, place, "Every id stands once")
        for team in self.teams:
            for member in sorted(team.members - by_id.keys()):
                raise UnknownNameError(member, f"members of team {team.id!r}")
        object.__setattr__(self, "_by_id", by_id)

    @refuse_other_types
    def find_member(self, staff_id: str) -> Staff | None:
        """The staff member of that id, or None."""
        return self._by_id.get(staff_id)

    @refuse_other_types
    def member(self, staff_id: str) -> Staff:
        """
        The staff member of that id.

        Raises:
            UnknownNameError: there is none; the remedy names the nearest.
        """
        found = self._by_id.get(staff_id)
        if found is None:
            raise UnknownNameError(staff_id, "staff", suggestion(staff_id, self._by_id))
        return found

    @refuse_other_types
    def viewer(self, staff_id: str) -> Viewer:
        """
        What that staff member sees, and may do, now.

        Raises:
            UnknownNameError: there is no such member.
            NotAllowedError: the member has left.
        """
        member = self.member(staff_id)
        if not member.active:
            raise NotAllowedError(staff_id, "staff", "The member has left: make it active first")
        shared = [team.members for team in self.teams if staff_id in team.members]
        colleagues = frozenset[str]().union(*shared) - {staff_id}
        return Viewer(
            staff_id, member.role, colleagues if self.sales_collaboration else frozenset()
        )


def _first_twice(ids: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            return one
        seen.add(one)
    return None
