"""Making, changing and deleting contact groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import evolve

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import StillInUseError
from segmentkit.model.access import Viewer
from segmentkit.model.change import Change, ChangeSet
from segmentkit.model.group import ContactGroup, GroupType
from segmentkit.model.group_tree import GroupTree
from segmentkit.model.operations.catalog_operations import UNCHANGED, Unchanged
from segmentkit.model.operations.ids import fresh_ids
from segmentkit.model.permission import Action, require
from segmentkit.model.state import State
from segmentkit.model.time import as_instant
from segmentkit.model.traces import Tombstone


@refuse_other_types
def create_group(
    state: State,
    name: str,
    *,
    actor: Viewer,
    at: datetime,
    type: GroupType | None = None,  # noqa: A002 - the field's name
    description: str = "",
    parent: str | None = None,
    family: str | None = None,
    id: str | None = None,  # noqa: A002 - the field's name
) -> ChangeSet:
    """
    A new contact group.

    Args:
        type: what its contacts are to the firm; by default its parent's, or ordinary at the top.
        parent: id, name or path of the group it stands under.
        family: its exclusive family; see `ContactGroup`.
        id: by default a fresh one.

    Raises:
        NotAllowedError: the actor is neither admin nor leader.
        UnknownNameError: no such parent.
        DuplicateNameError, DuplicateIdError: the parent has a child of that name; the id is taken.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Schema
        >>> state, now = State(Schema()), datetime(2026, 11, 20, tzinfo=UTC)
        >>> changes = create_group(state, "客户", type=GroupType.CUSTOMER, actor=SYSTEM, at=now)
        >>> state.apply(changes)
        1
        >>> changes = create_group(state, "潜在客户", parent="客户", actor=SYSTEM, at=now)
        >>> changes.changes[0].after.type.chinese
        '客户'
    """
    require(actor, Action.MANAGE_GROUPS)
    above = None if parent is None else state.groups.group(parent)
    if type is None:
        type = GroupType.ORDINARY if above is None else above.type  # noqa: A001 - the field's name
    group = ContactGroup(
        next(fresh_ids("group", state.version, lambda one: is_group_id_taken(state, one)))
        if id is None
        else id,
        name,
        type,
        description,
        None if above is None else above.id,
        family,
    )
    GroupTree((*state.groups.groups, group))  # names and ids are refused here
    return ChangeSet([Change(None, group)], actor.staff, at, state.version, "create group")


@refuse_other_types
def edit_group(
    state: State,
    group: str,
    *,
    actor: Viewer,
    at: datetime,
    name: str | Unchanged = UNCHANGED,
    type: GroupType | Unchanged = UNCHANGED,  # noqa: A002 - the field's name
    description: str | Unchanged = UNCHANGED,
    parent: str | Unchanged | None = UNCHANGED,
    family: str | Unchanged | None = UNCHANGED,
) -> ChangeSet:
    """
    New values for a contact group; its members and children stay with it.

    Args:
        parent: id, name or path of the group it is to stand under; None for the top.

    Raises:
        NotAllowedError: the actor is neither admin nor leader.
        UnknownNameError: no such group or parent.
        CycleError: the parent stands under the group itself.
        DuplicateNameError: the parent has a child of that name.
    """
    require(actor, Action.MANAGE_GROUPS)
    before = state.groups.group(group)
    given: dict[str, object] = {
        key: value
        for key, value in (
            ("name", name),
            ("type", type),
            ("description", description),
            ("parent", parent if parent in (None, UNCHANGED) else state.groups.group(parent).id),
            ("family", family),
        )
        if not isinstance(value, Unchanged)
    }
    after = evolve(before, **given)
    if after == before:
        return ChangeSet([], actor.staff, at, state.version, "edit group")
    others = (one for one in state.groups.groups if one.id != before.id)
    GroupTree((*others, after))  # circles and names are refused here
    return ChangeSet([Change(before, after)], actor.staff, at, state.version, "edit group")


@refuse_other_types
def delete_group(
    state: State,
    group: str,
    *,
    actor: Viewer,
    at: datetime,
    used_by: Mapping[str, Sequence[str]] | None = None,
    force: bool = False,
) -> ChangeSet:
    """
    A contact group goes, and every contact from it; its tombstone stays.

    Args:
        used_by: names of the rules and segments that need a group, by its id.
        force: delete it even so; the dependants are invalid then.

    Raises:
        NotAllowedError: the actor is neither admin nor leader.
        UnknownNameError: no such group.
        StillInUseError: groups stand under it, or rules need it; `dependants` lists them.
    """
    require(actor, Action.MANAGE_GROUPS)
    before = state.groups.group(group)
    what = f"contact group {before.name!r}"
    below = tuple(f"contact group {one.name!r}" for one in state.groups.children(before.id))
    if below:
        raise StillInUseError(what, "deletion", below)
    dependants = tuple((used_by or {}).get(before.id, ()))
    if dependants and not force:
        raise StillInUseError(what, "deletion", dependants)
    changes = [Change(one, None) for one in state.memberships_with(before.id)]
    changes += [Change(one, None) for one in state.pins_with("group", before.id)]
    changes.append(Change(before, None))
    path = state.groups.path(before)
    changes.append(Change(None, Tombstone("group", before.id, path, as_instant(at, "at"))))
    return ChangeSet(changes, actor.staff, at, state.version, "delete group")


def is_group_id_taken(state: State, group_id: str) -> bool:
    """Whether a contact group has, or had, that id."""
    return (
        state.groups.find_group(group_id) is not None
        or state.find_tombstone("group", group_id) is not None
    )
