"""A tag catalog in the making: names may be looked up after each step, limits are read at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from functools import partial
from typing import Literal, TypeAlias, TypeVar, assert_never

from attrs import evolve

from segmentkit.errors import (
    DuplicateIdError,
    DuplicateNameError,
    InvalidValueError,
    NotAllowedError,
    UnknownNameError,
)
from segmentkit.model.catalog import TagCatalog, no_single_tag, tags_named
from segmentkit.model.operations.catalog_operations import (
    ArchiveTag,
    CatalogOperation,
    CreateTag,
    CreateTagGroup,
    DeleteTag,
    DeleteTagGroup,
    EditTag,
    EditTagGroup,
    MergeTags,
    MoveTag,
    NewTag,
    PlaceTag,
    PlaceTagGroup,
    RestoreTag,
    Unchanged,
)
from segmentkit.model.operations.ids import fresh_ids
from segmentkit.model.state import State
from segmentkit.model.tag import Origin, Tag, TagGroup
from segmentkit.text import suggestion, text_key

_Item = TypeVar("_Item", Tag, TagGroup)
_Kind: TypeAlias = Literal["tag", "tag_group"]
_KINDS: tuple[_Kind, ...] = ("tag", "tag_group")


class CatalogDraft:
    """
    The catalog of a state with operations done to it one by one.

    An operation that raises has changed nothing.
    """

    def __init__(self, state: State) -> None:
        catalog: TagCatalog = state.catalog
        self._state = state
        self._fresh = {
            kind: fresh_ids(kind, state.version, partial(self._is_taken, kind)) for kind in _KINDS
        }
        self.groups = {group.id: group for group in catalog.tag_groups}
        self.tags = {tag.id: tag for tag in catalog.tags}
        self.merged: dict[str, str] = {}
        # Things that take up room, by the number of the operation that brought them.
        self.arrivals: list[tuple[int, Tag | TagGroup]] = []
        self._group_by_name = {text_key(group.name): group.id for group in catalog.tag_groups}
        self._by_name: dict[str, dict[str, Tag]] = {}
        self._order: dict[str, int] = dict.fromkeys(self.groups, 0)
        self._group_order = 1 + max((group.order for group in catalog.tag_groups), default=-1)
        for tag in catalog.tags:
            self._by_name.setdefault(text_key(tag.name), {})[tag.id] = tag
            self._order[tag.group] = max(self._order[tag.group], tag.order + 1)

    def copy(self) -> CatalogDraft:
        """A draft of its own with the same operations done; ids are drawn from the same series."""
        other = copy(self)
        other.groups, other.tags = dict(self.groups), dict(self.tags)
        other.merged, other.arrivals = dict(self.merged), list(self.arrivals)
        other._group_by_name, other._order = dict(self._group_by_name), dict(self._order)
        other._by_name = {key: dict(tags) for key, tags in self._by_name.items()}
        return other

    # --- looking up ----------------------------------------------------------------------------

    def group(self, reference: str) -> TagGroup:
        found = self.groups.get(reference) or self.groups.get(
            self._group_by_name.get(text_key(reference), "")
        )
        if found is None:
            remedy = suggestion(reference, [group.name for group in self.groups.values()])
            raise UnknownNameError(reference, "tag groups", remedy)
        return found

    def tag(self, reference: str) -> Tag:
        exact = self.tags.get(reference)
        if exact is not None:
            return exact
        by_name = {key: found.values() for key, found in self._named(reference)}
        found = tags_named(reference, by_name, self.groups)
        if len(found) == 1:
            return found[0]
        raise no_single_tag(reference, [self.path(tag) for tag in found], self.tags.values())

    def _named(self, reference: str) -> Iterable[tuple[str, dict[str, Tag]]]:
        parts = [reference, *(reference[i + 1 :] for i, c in enumerate(reference) if c == "/")]
        for key in map(text_key, parts):
            if key in self._by_name:
                yield key, self._by_name[key]

    def path(self, tag: Tag) -> str:
        return f"{self.groups[tag.group].name}/{tag.name}"

    def tags_of(self, group_id: str) -> list[Tag]:
        return [tag for tag in self.tags.values() if tag.group == group_id]

    # --- doing ---------------------------------------------------------------------------------

    def do(self, number: int, operation: CatalogOperation) -> None:
        """
        Do one operation; *number* is remembered with what it brings.

        Raises:
            SegmentkitError: it cannot be done.
        """
        match operation:
            case CreateTagGroup():
                self._create_group(number, operation)
            case EditTagGroup():
                self._edit_group(operation)
            case PlaceTagGroup():
                moved = self.group(operation.group)
                for group in list(_placed(self.groups.values(), moved, operation.position)):
                    self.groups[group.id] = group
            case DeleteTagGroup():
                group = self.group(operation.group)
                for tag in self.tags_of(group.id):
                    self._drop(tag)
                del self.groups[group.id], self._group_by_name[text_key(group.name)]
            case CreateTag():
                group = self.group(operation.group)
                self._put(self._new_tag(operation.tag, group, self._order[group.id]), number)
            case EditTag():
                self._edit_tag(operation)
            case PlaceTag():
                moved = self.tag(operation.tag)
                for tag in list(_placed(self.tags_of(moved.group), moved, operation.position)):
                    self._put(tag)
            case MoveTag():
                self._move(number, operation)
            case MergeTags():
                self._merge(operation)
            case ArchiveTag():
                self._put(evolve(self.tag(operation.tag), archived=True))
            case RestoreTag():
                self._put(evolve(self.tag(operation.tag), archived=False))
            case DeleteTag():
                self._drop(self.tag(operation.tag))
            case _:
                assert_never(operation)

    def _create_group(self, number: int, operation: CreateTagGroup) -> None:
        self._refuse_group_name(operation.name)
        group = TagGroup(
            self._take_id("tag_group", operation.id),
            operation.name,
            operation.description,
            operation.attributes,
            self._group_order,
        )
        tags: dict[str, Tag] = {}
        ids: set[str] = set()
        for order, new in enumerate(operation.tags):
            tag = self._new_tag(new, group, order)
            if tag.id in ids:
                raise DuplicateIdError(tag.id, "tag ids", "Every id stands once")
            if text_key(tag.name) in tags:
                raise DuplicateNameError(tag.name, f"tag group {group.name!r}", "It is given twice")
            tags[text_key(tag.name)] = tag
            ids.add(tag.id)
        self.groups[group.id] = group
        self._group_by_name[text_key(group.name)] = group.id
        self._group_order += 1
        self._order[group.id] = 0
        self.arrivals.append((number, group))
        for tag in tags.values():
            self._put(tag, number)

    def _edit_group(self, operation: EditTagGroup) -> None:
        group = self.group(operation.group)
        given = {
            name: value
            for name in ("name", "description", "attributes")
            if not isinstance(value := getattr(operation, name), Unchanged)
        }
        edited = evolve(group, **given)
        if text_key(edited.name) != text_key(group.name):
            self._refuse_group_name(edited.name)
            del self._group_by_name[text_key(group.name)]
            self._group_by_name[text_key(edited.name)] = group.id
        self.groups[group.id] = edited

    def _edit_tag(self, operation: EditTag) -> None:
        tag = self.tag(operation.tag)
        given = {
            name: value
            for name in ("name", "description", "attributes", "tag_class", "kind")
            if not isinstance(value := getattr(operation, name), Unchanged)
        }
        edited = evolve(tag, **given)
        if text_key(edited.name) != text_key(tag.name):
            self._refuse_tag_name(edited.name, self.groups[tag.group])
        self._put(edited)

    def _move(self, number: int, operation: MoveTag) -> None:
        tag, group = self.tag(operation.tag), self.group(operation.group)
        if tag.group == group.id:
            return
        self._refuse_tag_name(tag.name, group)
        self._put(evolve(tag, group=group.id, order=self._order[group.id]), number)

    def _merge(self, operation: MergeTags) -> None:
        into = self.tag(operation.into)
        sources = [self.tag(reference) for reference in operation.tags]
        if not sources:
            raise InvalidValueError(operation.tags, "tags to merge", "Name at least one")
        for tag in sources:
            if tag.id == into.id:
                raise InvalidValueError(self.path(tag), "tags to merge", "It is the one that stays")
            if into.origin is Origin.AUTOMATIC and tag.origin is not Origin.AUTOMATIC:
                raise NotAllowedError(
                    self.path(tag),
                    f"merge into {self.path(into)!r}",
                    "An automatic tag takes in automatic ones only",
                )
        for tag in {tag.id: tag for tag in sources}.values():
            self._drop(tag)
            self.merged[tag.id] = into.id

    # --- parts ---------------------------------------------------------------------------------

    def _new_tag(self, new: NewTag, group: TagGroup, order: int) -> Tag:
        self._refuse_tag_name(new.name, group)
        return Tag(
            self._take_id("tag", new.id),
            new.name,
            group.id,
            new.origin,
            new.tag_class,
            new.kind,
            new.description,
            new.attributes,
            order,
        )

    def _take_id(self, kind: _Kind, wanted: str | None) -> str:
        if wanted is not None:
            if self._is_taken(kind, wanted):
                remedy = "Ids are not given again, not even those of deleted things"
                raise DuplicateIdError(wanted, f"{kind} ids", remedy)
            return wanted
        return next(self._fresh[kind])

    def _is_taken(self, kind: _Kind, wanted: str) -> bool:
        now = self.tags if kind == "tag" else self.groups
        catalog = self._state.catalog
        before = catalog.find_tag if kind == "tag" else catalog.find_tag_group
        return (
            wanted in now
            or before(wanted) is not None
            or self._state.find_tombstone(kind, wanted) is not None
        )

    def _put(self, tag: Tag, number: int | None = None) -> None:
        before = self.tags.get(tag.id)
        if before is not None:
            del self._by_name[text_key(before.name)][tag.id]
        self.tags[tag.id] = tag
        self._by_name.setdefault(text_key(tag.name), {})[tag.id] = tag
        self._order[tag.group] = max(self._order[tag.group], tag.order + 1)
        if number is not None:
            self.arrivals.append((number, tag))

    def _drop(self, tag: Tag) -> None:
        del self.tags[tag.id], self._by_name[text_key(tag.name)][tag.id]

    def _refuse_group_name(self, name: str) -> None:
        other = self._group_by_name.get(text_key(name))
        if other is not None:
            raise DuplicateNameError(name, "tag groups", f"{other!r} has that name already")

    def _refuse_tag_name(self, name: str, group: TagGroup) -> None:
        for other in self._by_name.get(text_key(name), {}).values():
            if other.group == group.id:
                place = f"tag group {group.name!r}"
                raise DuplicateNameError(name, place, f"{other.id!r} has that name already")


def _placed(siblings: Iterable[_Item], moved: _Item, position: int) -> Iterator[_Item]:
    """The siblings whose order changes when one is dragged to a position."""
    ordered = sorted(siblings, key=lambda item: (item.order, item.id))
    if not 0 <= position < len(ordered):
        raise InvalidValueError(position, "position", f"Give 0 to {len(ordered) - 1}")
    others = [item for item in ordered if item.id != moved.id]
    for order, item in enumerate([*others[:position], moved, *others[position:]]):
        if item.order != order:
            yield evolve(item, order=order)
