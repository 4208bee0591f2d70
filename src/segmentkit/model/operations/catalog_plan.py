"""
Catalog operations, planned as a whole.

The quota is read at the end, so that a batch may delete first and create after, or the other way
round; what does not fit is then named, with the room there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from attrs import evolve, field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import QuotaExceededError, SegmentkitError, StillInUseError
from segmentkit.model.access import Viewer
from segmentkit.model.assignment import Hold, Pin, joined_holds
from segmentkit.model.catalog import Room, TagCatalog
from segmentkit.model.change import Change, ChangeSet
from segmentkit.model.operations.catalog_draft import CatalogDraft
from segmentkit.model.operations.catalog_operations import (
    CatalogOperation,
    DeleteTag,
    DeleteTagGroup,
)
from segmentkit.model.permission import Action, require
from segmentkit.model.state import State
from segmentkit.model.tag import Tag, TagGroup
from segmentkit.model.time import as_instant
from segmentkit.model.traces import Tombstone


@frozen
class Refusal:
    """An operation of a batch that cannot be done, and why."""

    operation: CatalogOperation
    error: SegmentkitError


@frozen
class CatalogPlan:
    """
    What a batch of catalog operations would do.

    Attributes:
        fits: the operations that can be done.
        refusals: the others; one operation may stand here twice when two of its tags do not fit.
        room: what the quota leaves now.
        room_after: what it leaves when the batch is done; None while there are refusals.
    """

    fits: tuple[CatalogOperation, ...]
    refusals: tuple[Refusal, ...]
    room: Room
    room_after: Room | None
    _changes: ChangeSet | None = field(repr=False, alias="changes")

    @property
    def changes(self) -> ChangeSet:
        """
        The whole batch as one change set.

        Raises:
            SegmentkitError: the first refusal's; nothing of the batch is done then.
        """
        if self._changes is None:
            raise self.refusals[0].error
        return self._changes


@refuse_other_types
def plan_catalog(
    state: State,
    operations: Iterable[CatalogOperation],
    *,
    actor: Viewer,
    at: datetime,
    used_by: Mapping[str, Sequence[str]] | None = None,
    force: bool = False,
) -> CatalogPlan:
    """
    What a batch of catalog operations would do, all of it or nothing.

    Args:
        operations: in the order in which they are to be done; later ones may name what earlier
            ones made.
        used_by: names of the rules and segments that need a tag or tag group, by its id.
        force: delete even what is needed; its tombstone stays and the dependants are invalid.

    Raises:
        NotAllowedError: the actor may not change the catalog.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, CreateTagGroup, Schema
        >>> state, now = State(Schema()), datetime(2026, 11, 20, tzinfo=UTC)
        >>> plan = plan_catalog(state, [CreateTagGroup("等级", ["VIP"])], actor=SYSTEM, at=now)
        >>> plan.room.tags, plan.room_after.tags, state.apply(plan.changes)
        (3000, 2999, 1)
    """
    require(actor, Action.MANAGE_CATALOG)
    at = as_instant(at, "at")
    needed = {} if force else (used_by or {})
    draft = CatalogDraft(state)
    batch = tuple(operations)
    refusals: dict[int, list[Refusal]] = {}
    for number, operation in enumerate(batch):
        try:
            _refuse_needed(draft, operation, needed)
            draft.do(number, operation)
        except SegmentkitError as error:
            refusals.setdefault(number, []).append(Refusal(operation, error))
    for number, error in overfull(state, draft):
        refusals.setdefault(number, []).append(Refusal(batch[number], error))
    changes, room_after = None, None
    if not refusals:
        changes = ChangeSet(
            draft_changes(state, draft, at), actor.staff, at, state.version, "edit catalog"
        )
        quota = state.settings.quota
        room_after = TagCatalog(
            tuple(draft.groups.values()), tuple(draft.tags.values()), quota
        ).room()
    return CatalogPlan(
        fits=tuple(one for number, one in enumerate(batch) if number not in refusals),
        refusals=tuple(one for number in sorted(refusals) for one in refusals[number]),
        room=state.catalog.room(),
        room_after=room_after,
        changes=changes,
    )


@refuse_other_types
def edit_catalog(
    state: State,
    *operations: CatalogOperation,
    actor: Viewer,
    at: datetime,
    used_by: Mapping[str, Sequence[str]] | None = None,
    force: bool = False,
) -> ChangeSet:
    """
    One or several catalog operations as one change set; see `plan_catalog`.

    Raises:
        SegmentkitError: one of them cannot be done, so none is.
    """
    return plan_catalog(state, operations, actor=actor, at=at, used_by=used_by, force=force).changes


def _refuse_needed(
    draft: CatalogDraft, operation: CatalogOperation, used_by: Mapping[str, Sequence[str]]
) -> None:
    match operation:
        case DeleteTag():
            tag = draft.tag(operation.tag)
            ids, what = [tag.id], f"tag {draft.path(tag)!r}"
        case DeleteTagGroup():
            group = draft.group(operation.group)
            ids = [group.id, *(tag.id for tag in draft.tags_of(group.id))]
            what = f"tag group {group.name!r}"
        case _:
            return
    dependants = tuple(dict.fromkeys(name for one in ids for name in used_by.get(one, ())))
    if dependants:
        raise StillInUseError(what, "deletion", dependants)


# --- quota -------------------------------------------------------------------------------------


def overfull(state: State, draft: CatalogDraft) -> Iterable[tuple[int, QuotaExceededError]]:
    """
    What came last into a draft and does not fit, by the number of its operation.

    Tag groups are looked at first, then each group, then the whole: a tag whose group does not fit
    is not counted against the whole a second time.
    """
    quota = state.settings.quota
    last = {(one.table, one.id): (n, one) for n, one in draft.arrivals if _is_there(draft, one)}
    arrivals = list(last.values())
    groups = [(n, one) for n, one in arrivals if isinstance(one, TagGroup)]
    tags = [(n, one) for n, one in arrivals if isinstance(one, Tag)]

    over = groups[_first_over(len(draft.groups), quota.tag_groups, len(groups)) :]
    yield from _errors(over, "tag groups", quota.tag_groups, quota.name)
    lost = {group.id for _, group in over}
    refused = {tag.id for tag in draft.tags.values() if tag.group in lost}

    sizes: dict[str, int] = {}
    for tag in draft.tags.values():
        sizes[tag.group] = sizes.get(tag.group, 0) + 1
    came: dict[str, list[tuple[int, Tag]]] = {}
    for number, tag in tags:
        came.setdefault(tag.group, []).append((number, tag))
    for group_id, arrived in came.items():
        if group_id not in lost:
            over = arrived[_first_over(sizes[group_id], quota.tags_per_group, len(arrived)) :]
            place = f"tags in group {draft.groups[group_id].name!r}"
            yield from _errors(over, place, quota.tags_per_group, quota.name)
            refused |= {tag.id for _, tag in over}

    new = [(n, one) for n, one in tags if one.id not in refused and not _is_old(state, one)]
    over = new[_first_over(len(draft.tags) - len(refused), quota.tags, len(new)) :]
    yield from _errors(over, "tags in the catalog", quota.tags, quota.name)


def _is_there(draft: CatalogDraft, one: Tag | TagGroup) -> bool:
    if isinstance(one, TagGroup):
        return one.id in draft.groups
    tag = draft.tags.get(one.id)
    return tag is not None and tag.group == one.group


def _is_old(state: State, tag: Tag) -> bool:
    return state.catalog.find_tag(tag.id) is not None


def _first_over(count: int, limit: int | None, arrived: int) -> int:
    """From which arrival on there is no room."""
    return arrived if limit is None else arrived - min(arrived, max(0, count - limit))


def _errors(
    over: Sequence[tuple[int, Tag | TagGroup]], place: str, limit: int | None, profile: str
) -> Iterable[tuple[int, QuotaExceededError]]:
    names = ", ".join(repr(one.name) for _, one in over[:5]) + (" ..." if len(over) > 5 else "")
    for number, one in over:
        remedy = f"Quota {profile!r} allows {limit}; there is no room for {len(over)}: {names}"
        yield number, QuotaExceededError(one.name, place, remedy)


# --- changes -----------------------------------------------------------------------------------


def draft_changes(state: State, draft: CatalogDraft, at: datetime) -> list[Change]:
    """From the catalog of the state to that of the draft, each thing after what it names."""
    catalog = state.catalog
    groups = {group.id: group for group in catalog.tag_groups}
    tags = {tag.id: tag for tag in catalog.tags}
    gone_tags = [tag for tag in catalog.tags if tag.id not in draft.tags]
    gone_groups = [group for group in catalog.tag_groups if group.id not in draft.groups]
    changes = [
        Change(groups.get(one.id), one)
        for one in draft.groups.values()
        if one != groups.get(one.id)
    ]
    changes += [
        Change(tags.get(one.id), one) for one in draft.tags.values() if one != tags.get(one.id)
    ]
    changes += _released(state, gone_tags, draft)
    changes += [Change(one, None) for one in (*gone_tags, *gone_groups)]
    changes += [
        Change(None, Tombstone("tag", tag.id, catalog.path(tag), at, draft.merged.get(tag.id)))
        for tag in gone_tags
    ]
    changes += [Change(None, Tombstone("tag_group", g.id, g.name, at)) for g in gone_groups]
    return changes


def _released(state: State, gone: Iterable[Tag], draft: CatalogDraft) -> Iterable[Change]:
    """The holds and pins of tags that go, taken off or handed on to the tag that stays."""
    handed: dict[tuple[str, ...], tuple[Hold | Pin | None, Hold | Pin]] = {}
    for tag in gone:
        into = _successor(tag.id, draft)
        rows: list[Hold | Pin] = [*state.holds_with(tag.id), *state.pins_with("tag", tag.id)]
        for row in rows:
            yield Change(row, None)
            if into is None:
                continue
            copy = _renamed(row, into)
            key = (copy.table, *copy.key)
            present = cast("Hold | Pin | None", state.current(copy))
            before, other = handed.get(key, (present, present))
            handed[key] = (before, _one_of(copy, other))
    yield from (Change(before, row) for before, row in handed.values() if row != before)


def _successor(tag_id: str, draft: CatalogDraft) -> str | None:
    """Where a tag went in the end: the one it was merged into may have gone in the same batch."""
    into = draft.merged.get(tag_id)
    while into in draft.merged:
        into = draft.merged[into]
    return into if into in draft.tags else None


def _renamed(row: Hold | Pin, tag_id: str) -> Hold | Pin:
    return evolve(row, tag=tag_id) if isinstance(row, Hold) else evolve(row, target=tag_id)


def _one_of(row: Hold | Pin, other: Hold | Pin | None) -> Hold | Pin:
    """One row for two of the same key; the pin that was there first has its way."""
    if isinstance(row, Hold) and isinstance(other, Hold):
        return joined_holds(row, other)
    return row if other is None else other
