"""Tags (标签) and the tag groups (标签组) that hold them."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen
from attrs.converters import optional

from segmentkit.arguments import refuse_other_types
from segmentkit.model.checks import require_id, require_name
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.terms import Term


class Origin(Term):
    """Whose tag it is; an automatic one is set by rules, never by hand."""

    ENTERPRISE = ("enterprise", "企业标签")
    BUSINESS = ("business", "业务标签")
    AUTOMATIC = ("automatic", "自动标签")


class TagClass(Term):
    """How a tag comes to change: hardly ever, with behaviour, or as the firm needs."""

    STATIC = ("static", "静态标签")
    DYNAMIC = ("dynamic", "动态标签")
    BUSINESS = ("business", "业务分类标签")


class TagKind(Term):
    """What a tag says about a contact."""

    BEHAVIOUR = ("behaviour", "行为标签")
    INTEREST = ("interest", "兴趣标签")
    DEMOGRAPHIC = ("demographic", "人口统计标签")


@refuse_other_types
@frozen
class TagGroup:
    """
    A named, ordered set of tags.

    Args:
        id: the host's id.
        name: unique among tag groups, under the text key.
        description: free text.
        attributes: what a page wants to remember: colour, icon.
        order: place among the tag groups; equal places are ordered by id.
    """

    table: ClassVar[str] = "tag_group"

    id: str
    name: str
    description: str = ""
    attributes: FrozenMap[str] = field(factory=FrozenMap, converter=FrozenMap[str])
    order: int = 0

    def __attrs_post_init__(self) -> None:
        require_id(self.id, "id of a tag group")
        require_name(self.name, f"name of tag group {self.id!r}")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.id,)


@refuse_other_types
@frozen
class Tag:
    """
    A word that can be put on a contact.

    Args:
        id: the host's id; rules keep it, so a rename breaks nothing.
        name: unique within its tag group, under the text key.
        group: id of its tag group.
        origin: whose tag it is.
        tag_class: how it comes to change, where that is known.
        kind: what it says, where that is known.
        description: free text.
        attributes: what a page wants to remember: colour, icon.
        order: place in its tag group; equal places are ordered by id.
        archived: kept where it stands, but not to be set any more. It still counts in the quota.
    """

    table: ClassVar[str] = "tag"

    id: str
    name: str
    group: str
    origin: Origin = field(default=Origin.ENTERPRISE, converter=Origin.read)
    tag_class: TagClass | None = field(default=None, converter=optional(TagClass.read))
    kind: TagKind | None = field(default=None, converter=optional(TagKind.read))
    description: str = ""
    attributes: FrozenMap[str] = field(factory=FrozenMap, converter=FrozenMap[str])
    order: int = 0
    archived: bool = False

    def __attrs_post_init__(self) -> None:
        require_id(self.id, "id of a tag")
        require_name(self.name, f"name of tag {self.id!r}")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.id,)
