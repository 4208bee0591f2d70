"""Groups and tags that are created on the spot, while contacts come in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from segmentkit.errors import InvalidValueError, UnknownNameError
from segmentkit.model.access import Viewer
from segmentkit.model.change import Change
from segmentkit.model.group import ContactGroup, GroupType
from segmentkit.model.group_tree import GroupTree
from segmentkit.model.operations.catalog_draft import CatalogDraft
from segmentkit.model.operations.catalog_operations import CreateTag, CreateTagGroup
from segmentkit.model.operations.catalog_plan import draft_changes, overfull
from segmentkit.model.operations.group_edit import is_group_id_taken
from segmentkit.model.operations.ids import fresh_ids
from segmentkit.model.permission import Action, require
from segmentkit.model.state import State
from segmentkit.model.tag import Tag

# Each part is replaced and never changed, so holding on to it is enough.
Mark: TypeAlias = tuple[CatalogDraft, GroupTree, tuple[ContactGroup, ...]]


class InlineThings:
    """
    New tags and groups for one operation; a name that is there, or was just made, is found again.

    Creating needs the same rights, and keeps to the same quota, as on the catalog's own page.
    """

    def __init__(self, state: State, actor: Viewer, at: datetime) -> None:
        self._state = state
        self._actor = actor
        self._at = at
        self._catalog = CatalogDraft(state)
        self._tree = state.groups
        self._new_groups: tuple[ContactGroup, ...] = ()
        self._group_ids = fresh_ids("group", state.version, lambda g: is_group_id_taken(state, g))

    def new_tag(self, path: str) -> Tag:
        """
        The tag of a `group/tag` path, created where it is not there.

        Raises:
            NotAllowedError: it is not there, and the actor may not create tags.
            InvalidValueError: the path has no tag group.
            QuotaExceededError: there is no room.
        """
        try:
            return self._catalog.tag(path)
        except UnknownNameError:
            require(self._actor, Action.MANAGE_CATALOG)
        group, slash, name = path.partition("/")
        if not slash:
            raise InvalidValueError(path, "new tag", "Say its tag group too: 'group/tag'")
        trial = self._catalog.copy()
        try:
            known = trial.group(group).id
        except UnknownNameError:
            trial.do(0, CreateTagGroup(group, [name]))
        else:
            trial.do(0, CreateTag(known, name))
        for _, error in overfull(self._state, trial):
            raise error
        self._catalog = trial
        return trial.tag(path)

    def new_group(self, path: str) -> ContactGroup:
        """
        The contact group of a name or path, created where it is not there; its parent must be.

        Raises:
            NotAllowedError: it is not there, and the actor may not create groups.
            UnknownNameError: the path leads over a group that is not there.
        """
        try:
            return self._tree.group(path)
        except UnknownNameError:
            require(self._actor, Action.MANAGE_GROUPS)
        above, slash, name = path.rpartition("/")
        parent = self._tree.group(above) if slash else None
        group = ContactGroup(
            next(self._group_ids),
            name,
            GroupType.ORDINARY if parent is None else parent.type,
            parent=None if parent is None else parent.id,
        )
        self._tree = GroupTree((*self._tree.groups, group))
        self._new_groups = (*self._new_groups, group)
        return group

    def mark(self) -> Mark:
        """What was created so far; `restore` comes back to it."""
        return self._catalog, self._tree, self._new_groups

    def restore(self, mark: Mark) -> None:
        """Forget what was created since."""
        self._catalog, self._tree, self._new_groups = mark

    def changes(self) -> Iterable[Change]:
        """What was created, to be applied before anything that names it."""
        yield from draft_changes(self._state, self._catalog, self._at)
        yield from (Change(None, group) for group in self._new_groups)
