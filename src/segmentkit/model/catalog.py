"""
The tag catalog: every tag group and tag there is, under one quota.

A catalog is a value that is right or does not exist: whoever holds one knows that its names are
unique, that every tag has its group and that no quota is passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TypeVar

from attrs import field, frozen

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.errors import (
    DuplicateIdError,
    DuplicateNameError,
    QuotaExceededError,
    UnknownNameError,
)
from segmentkit.model.checks import several
from segmentkit.model.quota import SEED, Quota
from segmentkit.model.tag import Tag, TagGroup
from segmentkit.text import nearest, suggestion, text_key

_Item = TypeVar("_Item", Tag, TagGroup)


def _in_order(items: Iterable[_Item]) -> tuple[_Item, ...]:
    return tuple(sorted(items, key=lambda item: (item.order, item.id)))


def _groups_in_order(groups: Iterable[TagGroup]) -> tuple[TagGroup, ...]:
    return _in_order(several(TagGroup)(groups))


@frozen
class Room:
    """What a quota still leaves; None is no limit. `in_group` has every tag group by id."""

    tags: int | None
    tag_groups: int | None
    in_group: Mapping[str, int | None] = field(hash=False)


@refuse_other_types
@frozen
class TagCatalog:
    """
    Tag groups and tags, in order.

    Args:
        tag_groups: in any order; kept by their `order`.
        tags: in any order; kept by the order of their groups, then their own.
        quota: what may not be passed.

    Raises:
        DuplicateIdError, DuplicateNameError: two tag groups, or two tags of one group, share it.
        UnknownNameError: a tag names a group that is not there.
        QuotaExceededError: there are more than the quota allows.

    Examples:
        >>> catalog = TagCatalog([TagGroup("level", "等级")], [Tag("vip", "VIP", "level")])
        >>> catalog.tag("等级/ＶＩＰ").id
        'vip'
    """

    tag_groups: tuple[TagGroup, ...] = field(default=(), converter=_groups_in_order)
    tags: tuple[Tag, ...] = field(default=(), converter=several(Tag))
    quota: Quota = SEED
    _groups_by_id: dict[str, TagGroup] = field(init=False, repr=False, eq=False)
    _tags_by_id: dict[str, Tag] = field(init=False, repr=False, eq=False)
    _tags_of: dict[str, tuple[Tag, ...]] = field(init=False, repr=False, eq=False)
    _by_name: dict[str, list[Tag]] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        groups = _by_id(self.tag_groups, "tag groups")
        _unique_names(self.tag_groups, "tag groups")
        members: dict[str, list[Tag]] = {group.id: [] for group in self.tag_groups}
        for tag in self.tags:
            if tag.group not in members:
                raise UnknownNameError(tag.group, f"tag group of tag {tag.id!r}")
            members[tag.group].append(tag)
        tags_of = {group: _in_order(tags) for group, tags in members.items()}
        by_name: dict[str, list[Tag]] = {}
        for group, tags in tags_of.items():
            _unique_names(tags, f"tag group {groups[group].name!r}")
            for tag in tags:
                by_name.setdefault(text_key(tag.name), []).append(tag)
        put = partial(object.__setattr__, self)
        put("tags", tuple(tag for tags in tags_of.values() for tag in tags))
        put("_groups_by_id", groups)
        put("_tags_by_id", _by_id(self.tags, "tags"))
        put("_tags_of", tags_of)
        put("_by_name", by_name)
        self._check_quota()

    def _check_quota(self) -> None:
        _within(len(self.tags), self.quota.tags, "tags", self.quota)
        _within(len(self.tag_groups), self.quota.tag_groups, "tag groups", self.quota)
        for group in self.tag_groups:
            place = f"tags in group {group.name!r}"
            _within(len(self._tags_of[group.id]), self.quota.tags_per_group, place, self.quota)

    @explain_other_types
    def find_tag(self, tag_id: str) -> Tag | None:
        """The tag of that id, or None."""
        return self._tags_by_id.get(tag_id)

    @explain_other_types
    def find_tag_group(self, group_id: str) -> TagGroup | None:
        """The tag group of that id, or None."""
        return self._groups_by_id.get(group_id)

    @refuse_other_types
    def find_tags(self, name: str) -> tuple[Tag, ...]:
        """
        Every tag of that name under the text key, or of that `group/tag` path, in order.

        Examples:
            >>> groups = [TagGroup("level", "等级"), TagGroup("shop", "门店", order=1)]
            >>> tags = [Tag("v1", "VIP", "level"), Tag("v2", "vip", "shop")]
            >>> [tag.id for tag in TagCatalog(groups, tags).find_tags("VIP")]
            ['v1', 'v2']
        """
        return tags_named(name, self._by_name, self._groups_by_id)

    @refuse_other_types
    def tag(self, reference: str) -> Tag:
        """
        The one tag of that id, name or `group/tag` path; an id wins over a name.

        Raises:
            UnknownNameError: there is none, and the remedy names the nearest; or there are several,
                and it lists their paths.
        """
        exact = self._tags_by_id.get(reference)
        if exact is not None:
            return exact
        found = self.find_tags(reference)
        if len(found) == 1:
            return found[0]
        raise no_single_tag(reference, [self.path(tag) for tag in found], self.tags)

    @refuse_other_types
    def tag_group(self, reference: str) -> TagGroup:
        """
        The tag group of that id or name; an id wins.

        Raises:
            UnknownNameError: there is none; the remedy names the nearest.
        """
        exact = self._groups_by_id.get(reference)
        if exact is not None:
            return exact
        for group in self.tag_groups:
            if text_key(group.name) == text_key(reference):
                return group
        known = [group.name for group in self.tag_groups]
        raise UnknownNameError(reference, "tag groups", suggestion(reference, known))

    @refuse_other_types
    def tags_of(self, group_id: str) -> tuple[Tag, ...]:
        """The tags of a tag group in order; none when there is no such group."""
        return self._tags_of.get(group_id, ())

    @refuse_other_types
    def path(self, tag: Tag) -> str:
        """The name by which a tag is known everywhere: `等级/VIP`."""
        return f"{self._groups_by_id[tag.group].name}/{tag.name}"

    def room(self) -> Room:
        """What the quota still leaves."""
        quota = self.quota
        return Room(
            tags=_left(quota.tags, len(self.tags)),
            tag_groups=_left(quota.tag_groups, len(self.tag_groups)),
            in_group={
                group: _left(quota.tags_per_group, len(tags))
                for group, tags in self._tags_of.items()
            },
        )


def tags_named(
    name: str, by_name: Mapping[str, Iterable[Tag]], groups: Mapping[str, TagGroup]
) -> tuple[Tag, ...]:
    """
    Every tag that a name or a `group/tag` path can mean.

    Args:
        by_name: tags by the text key of their name.
        groups: tag groups by id.
    """
    found = {tag.id: tag for tag in by_name.get(text_key(name), ())}
    # A slash may also be part of a name, so each one is tried as the parting.
    for slash in (place for place, character in enumerate(name) if character == "/"):
        group_key = text_key(name[:slash])
        for tag in by_name.get(text_key(name[slash + 1 :]), ()):
            if text_key(groups[tag.group].name) == group_key:
                found[tag.id] = tag
    return tuple(found.values())


def no_single_tag(reference: str, paths: Iterable[str], known: Iterable[Tag]) -> UnknownNameError:
    """The error for a name that no tag, or more than one, answers to."""
    several = ", ".join(repr(path) for path in paths)
    if several:
        return UnknownNameError(reference, "tags", f"Several have that name: say {several}")
    words = [name for tag in known for name in (tag.name, tag.id)]
    if (near := nearest(reference, words)) is not None:
        return UnknownNameError(reference, "tags", f"Did you mean {near!r}?")
    return UnknownNameError(reference, "tags", suggestion(reference.rpartition("/")[2], words))


def _left(limit: int | None, used: int) -> int | None:
    return None if limit is None else limit - used


def _within(count: int, limit: int | None, place: str, quota: Quota) -> None:
    if limit is not None and count > limit:
        raise QuotaExceededError(
            count, place, f"Quota {quota.name!r} allows {limit}: {count - limit} too many"
        )


def _by_id(items: Iterable[_Item], place: str) -> dict[str, _Item]:
    found: dict[str, _Item] = {}
    for item in items:
        if found.setdefault(item.id, item) is not item:
            raise DuplicateIdError(item.id, place, "Every id stands once")
    return found


def _unique_names(items: Iterable[_Item], place: str) -> None:
    found: dict[str, str] = {}
    for item in items:
        other = found.setdefault(text_key(item.name), item.id)
        if other != item.id:
            raise DuplicateNameError(item.name, place, f"{other!r} has that name already")
