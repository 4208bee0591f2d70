"""
Groups that a rule fills: whoever matches is in, whoever does not is let go.

The rule speaks for its own memberships only. Pins beat it, and in a family of groups that exclude
each other a contact stays where a person put it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Literal, TypeAlias

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.model.access import SYSTEM, Viewer
from segmentkit.model.change import Change, ChangeSet
from segmentkit.model.checks import require_id, several, texts
from segmentkit.model.group import ContactGroup, Membership, standing_memberships
from segmentkit.model.permission import Action, require
from segmentkit.model.state import State
from segmentkit.model.time import as_instant

FillMode: TypeAlias = Literal["sync", "add_only"]


@frozen
class LeftOut:
    """A contact that matched and is not put in its group, because a person said otherwise."""

    contact: str
    group: str
    reason: str


@frozen
class Filling:
    """
    What it takes to fill groups.

    Attributes:
        changes: to apply; empty when every group is as it should be.
        left_out: who matched in vain, in order of contact and group.
    """

    changes: ChangeSet
    left_out: tuple[LeftOut, ...] = field(converter=several(LeftOut))


@refuse_other_types
def fill_groups(
    state: State,
    members: Mapping[str, Iterable[str]],
    *,
    rule: str,
    at: datetime,
    actor: Viewer = SYSTEM,
    mode: FillMode = "sync",
) -> Filling:
    """
    The change set after which a rule has exactly these contacts in these groups.

    Give the bands of one family (high, middle, low) together, so that a contact moves from one to
    the next in one set.

    Args:
        state: read at one version, which the set remembers.
        members: group id, path or name to ids of the contacts that match.
        rule: id of the rule; its memberships bear it, and no others are touched.
        at: since when the new ones stand.
        actor: who runs it.
        mode: `add_only` never lets go.

    Raises:
        UnknownNameError: no such group or contact.
        InvalidValueError: a contact is to be in two groups of one family, or the mode is unknown.
        NotAllowedError: the actor may not manage groups: no staff member speaks for a rule.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import Contact, Schema
        >>> state = State.of(Schema(), [Contact("c-17"), ContactGroup("g", "活跃客户")])
        >>> day = datetime(2026, 11, 20, tzinfo=UTC)
        >>> filling = fill_groups(state, {"活跃客户": ["c-17"]}, rule="r-active", at=day)
        >>> state.apply(filling.changes)
        1
        >>> fill_groups(state, {"活跃客户": ["c-17"]}, rule="r-active", at=day).changes.changes
        ()
    """
    require(actor, Action.MANAGE_GROUPS)
    require_id(rule, "id of a rule")
    if mode not in ("sync", "add_only"):
        raise InvalidValueError(mode, "mode", "Give 'sync' or 'add_only'")
    since = as_instant(at, "at")
    wanted = _wanted(state, members)
    held = {
        (one.contact, group): one
        for group in wanted
        for one in state.memberships_with(group)
        if one.source == "rule" and one.holder == rule
    }
    gone = (
        {}
        if mode == "add_only"
        else {key: one for key, one in held.items() if key[0] not in wanted[key[1]]}
    )
    changes = [Change(gone[key], None) for key in sorted(gone)]
    leaving = frozenset(gone.values())
    left_out: list[LeftOut] = []
    for contact, group in sorted((c, g) for g, contacts in wanted.items() for c in contacts):
        if (contact, group) in held:
            continue
        new = Membership(contact, group, "rule", rule, since)
        reason = _objection(state, state.groups.group(group), new, leaving)
        if reason is None:
            changes.append(Change(None, new))
        else:
            left_out.append(LeftOut(contact, group, reason))
    return Filling(ChangeSet(changes, actor.staff, at, state.version, rule), left_out)


def _wanted(state: State, members: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Group id to contacts, each known, none in two groups of one family."""
    wanted: dict[str, set[str]] = {}
    taken: dict[tuple[str, str], ContactGroup] = {}
    for reference, contacts in members.items():
        group = state.groups.group(reference)
        chosen = wanted.setdefault(group.id, set())
        for contact in texts(contacts):
            chosen.add(state.contact(contact).id)
            if group.family is None:
                continue
            other = taken.setdefault((contact, group.family), group)
            if other.id != group.id:
                raise InvalidValueError(
                    [other.name, group.name],
                    f"groups of contact {contact!r}",
                    f"Groups of family {group.family!r} exclude each other: part the rules",
                )
    return wanted


def _objection(
    state: State, group: ContactGroup, new: Membership, leaving: Set[Membership]
) -> str | None:
    """Why a person's word keeps a contact out; None when nothing does."""
    pins = state.pins_of(new.contact)
    if any(p.kind == "group" and p.target == group.id and p.direction == "against" for p in pins):
        return "pinned against"
    if group.family is None:
        return None
    present = [one for one in state.memberships_of(new.contact) if one not in leaving]
    for standing in standing_memberships(present, pins):
        other = state.groups.group(standing.group)
        if other.family == group.family and other.id != group.id:
            return f"in {other.name}"
    return None
