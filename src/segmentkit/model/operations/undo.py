"""Taking back what was done, as far as nothing later stands on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError, SegmentkitError, StaleVersionError
from segmentkit.model.access import Viewer
from segmentkit.model.assignment import Hold
from segmentkit.model.change import Change, ChangeSet, ContactRow, Entity
from segmentkit.model.change_log import erased_contacts
from segmentkit.model.permission import Action, require
from segmentkit.model.state import State
from segmentkit.model.traces import Erasure


@frozen
class Conflict:
    """
    A change that is not taken back.

    Attributes:
        change: as it was made.
        present: what stands under its key now, or what it became in a merge.
        later: the base versions of the change sets that touched the same key since, as far as the
            log reaches back.
        reason: what taking it back would break, when nothing touched the thing itself.
    """

    change: Change
    present: Entity | None
    later: tuple[int, ...]
    reason: SegmentkitError | None = None


@frozen
class Undo:
    """
    What it takes to take a change set back.

    Attributes:
        changes: restores all that nothing later stands on.
        conflicts: the rest; it stays as it is.
    """

    changes: ChangeSet
    conflicts: tuple[Conflict, ...]


@refuse_other_types
def undo(state: State, changes: ChangeSet, *, actor: Viewer, at: datetime) -> Undo:
    """
    The change set that takes another one back.

    A thing that was changed again since stays as it is now, and so does what cannot go or come back
    because of something later: a tag that contacts carry meanwhile, a name that is taken again.
    What is as it was before the set already needs no undoing, unless it went on as something else:
    a hold whose tag was merged into another since is a conflict.

    Raises:
        NotAllowedError: the actor is neither an admin nor the one who did it.
        InvalidValueError: the set erased a person, or is an undone erasure.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Contact, Schema, follow
        >>> state, now = State.of(Schema(), [Contact("c-17")]), datetime(2026, 11, 20, tzinfo=UTC)
        >>> starred = follow(state, "c-17", actor=SYSTEM, at=now)
        >>> version = state.apply(starred)
        >>> taken_back = undo(state, starred, actor=SYSTEM, at=now)
        >>> version = state.apply(taken_back.changes)
        >>> state.contact("c-17").followed_by
        frozenset()
    """
    if actor.staff != changes.actor:
        require(actor, Action.UNDO)
    if erased_contacts(changes) or any(isinstance(one.entity, Erasure) for one in changes):
        raise InvalidValueError(changes.cause, "undo", "A person once erased does not come back")
    wanted: list[Change] = []
    conflicts: list[Conflict] = []
    for change in reversed(changes.changes):
        present = state.current(change.entity)
        if present == change.after:
            wanted.append(change.inverse())
        elif present != change.before:
            conflicts.append(Conflict(change, present, ()))
        elif (moved := _moved_on(state, change.after)) is not None:
            conflicts.append(Conflict(change, moved, ()))
    if not all(_is_always_possible(change) for change in wanted):
        refused = {change.key: error for change, error in state.refused(wanted)}
        conflicts += [
            Conflict(change.inverse(), change.before, (), refused[change.key])
            for change in wanted
            if change.key in refused
        ]
        wanted = [change for change in wanted if change.key not in refused]
    taken_back = ChangeSet(
        wanted,
        actor.staff,
        at,
        state.version,
        f"undo: {changes.cause}" if changes.cause else "undo",
    )
    return Undo(taken_back, tuple(_with_later(state, changes, conflicts)))


def _moved_on(state: State, entity: Entity | None) -> Entity | None:
    """What a contact's row became when its contact or its tag was merged into another."""
    if not isinstance(entity, ContactRow):
        return None
    moved: ContactRow = evolve(entity, contact=state.resolve_contact(entity.contact))
    if isinstance(moved, Hold):
        moved = evolve(moved, tag=state.resolve_tag(moved.tag))
    return None if moved.key == entity.key else state.current(moved)


def _is_always_possible(change: Change) -> bool:
    """Nothing can stand on a row of a contact, so it can always go."""
    return change.after is None and isinstance(change.before, ContactRow)


def _with_later(
    state: State, changes: ChangeSet, conflicts: Iterable[Conflict]
) -> Iterable[Conflict]:
    found = list(conflicts)
    if not found:
        return
    touched: dict[tuple[str, ...], list[int]] = {one.change.key: [] for one in found}
    try:
        later_sets = state.changes_since(changes.base_version + 1)
    except StaleVersionError:
        later_sets = ()
    for later in later_sets:
        for key in {change.key for change in later} & touched.keys():
            touched[key].append(later.base_version)
    for one in found:
        yield evolve(one, later=tuple(touched[one.change.key]))
