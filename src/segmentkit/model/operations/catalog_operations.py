"""What can be done to the tag catalog, as values, so that many can be planned together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final, TypeAlias

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import WrongTypeError
from segmentkit.model.checks import texts
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.tag import Origin, TagClass, TagKind


class Unchanged(Enum):
    """The type of `UNCHANGED`."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED
"""Stands where an edit leaves a value as it is, because None may be a value."""


def _attributes(given: Mapping[str, str] | Unchanged) -> FrozenMap[str] | Unchanged:
    return given if isinstance(given, Unchanged) else FrozenMap(given)


@refuse_other_types
@frozen
class NewTag:
    """A tag to be made; without an id it gets one."""

    name: str
    origin: Origin = Origin.ENTERPRISE
    tag_class: TagClass | None = None
    kind: TagKind | None = None
    description: str = ""
    attributes: FrozenMap[str] = field(factory=FrozenMap, converter=FrozenMap[str])
    id: str | None = None


def _new_tags(given: Iterable[str | NewTag]) -> tuple[NewTag, ...]:
    if isinstance(given, str):
        # One text would fall into its characters, each of them a tag.
        raise WrongTypeError(given, "tags of a tag group", f"Give [{given!r}]")
    if not isinstance(given, Iterable):
        raise WrongTypeError(given, "tags of a tag group", "Give a list of names")
    return tuple(map(_new_tag, given))


def _new_tag(given: str | NewTag) -> NewTag:
    if not isinstance(given, str | NewTag):
        raise WrongTypeError(given, "tag to be made", "Give its name or a NewTag")
    return NewTag(given) if isinstance(given, str) else given


@refuse_other_types
@frozen
class CreateTagGroup:
    """A new tag group with its tags, in one step, after all other groups."""

    name: str
    tags: tuple[NewTag, ...] = field(default=(), converter=_new_tags)
    description: str = ""
    attributes: FrozenMap[str] = field(factory=FrozenMap, converter=FrozenMap[str])
    id: str | None = None


@refuse_other_types
@frozen
class EditTagGroup:
    """New values for a tag group, named by id or name."""

    group: str
    name: str | Unchanged = UNCHANGED
    description: str | Unchanged = UNCHANGED
    attributes: FrozenMap[str] | Unchanged = field(default=UNCHANGED, converter=_attributes)


@refuse_other_types
@frozen
class PlaceTagGroup:
    """Drag a tag group to a position among the tag groups; 0 is the first."""

    group: str
    position: int


@refuse_other_types
@frozen
class DeleteTagGroup:
    """A tag group goes with all its tags, and these from every contact."""

    group: str


@refuse_other_types
@frozen
class CreateTag:
    """A new tag at the end of a tag group; a plain text is its name."""

    group: str
    tag: NewTag = field(converter=_new_tag)


@refuse_other_types
@frozen
class EditTag:
    """New values for a tag, named by id, name or `group/tag` path."""

    tag: str
    name: str | Unchanged = UNCHANGED
    description: str | Unchanged = UNCHANGED
    attributes: FrozenMap[str] | Unchanged = field(default=UNCHANGED, converter=_attributes)
    tag_class: TagClass | Unchanged | None = UNCHANGED
    kind: TagKind | Unchanged | None = UNCHANGED


@refuse_other_types
@frozen
class PlaceTag:
    """Drag a tag to a position in its tag group; 0 is the first."""

    tag: str
    position: int


@refuse_other_types
@frozen
class MoveTag:
    """A tag goes to the end of another tag group; who has it keeps it."""

    tag: str
    group: str


@refuse_other_types
@frozen
class MergeTags:
    """
    Tags become one: their holds and pins follow, and their tombstones name the one that stays.

    Where a holder held both, the older assignment stays.
    """

    tags: tuple[str, ...] = field(converter=texts)
    into: str


@refuse_other_types
@frozen
class ArchiveTag:
    """A tag stays where it stands, but can be set no more."""

    tag: str


@refuse_other_types
@frozen
class RestoreTag:
    """The inverse of `ArchiveTag`."""

    tag: str


@refuse_other_types
@frozen
class DeleteTag:
    """A tag goes from the catalog and from every contact."""

    tag: str


CatalogOperation: TypeAlias = (
    CreateTagGroup
    | EditTagGroup
    | PlaceTagGroup
    | DeleteTagGroup
    | CreateTag
    | EditTag
    | PlaceTag
    | MoveTag
    | MergeTags
    | ArchiveTag
    | RestoreTag
    | DeleteTag
)
