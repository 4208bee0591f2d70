"""
What the language asks of whoever knows names: which id a name means today, and back.

A stored condition keeps ids, so that a rename never changes what it means.
"""

from __future__ import annotations

from collections.abc import Collection as SizedIterable
from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from attrs import frozen

from segmentkit.arguments import explain_other_types
from segmentkit.query.ast import Reference
from segmentkit.text import text_key

# Lists that every host has, by id, with the words they answer to. Three of them are conditions in
# other words, so that what a viewer may not see cannot show through them; "followed" has rows.
DEFAULT_LISTS: Mapping[str, tuple[str, ...]] = {
    "all": ("all", "全部联系人"),
    "followed": ("followed by me", "我关注的"),
    "ungrouped": ("ungrouped", "未分组的"),
    "untagged": ("untagged", "未打标签的"),
}


def tree_kind(kind: str) -> str:
    """
    The kind of thing that things of a kind stand under: a tag under its tag group.

    Examples:
        >>> tree_kind("tag"), tree_kind("group")
        ('tag_group', 'group')
    """
    return "tag_group" if kind == "tag" else kind


class Names(Protocol):
    """
    Names of tags, tag groups, contact groups, chats, staff, lists and segments.

    A kind is the name that `Field.references` uses: "tag", "tag_group", "group", "chat", "staff",
    "list", "segment".
    """

    def knows(self, kind: str) -> bool:
        """Whether names of this kind are known at all; if not, texts stand for themselves."""
        ...

    def find(self, kind: str, name: str) -> tuple[Reference, ...]:
        """Everything of that kind that answers to *name* (under the text key) or has it as id."""
        ...

    def name_of(self, kind: str, thing_id: str) -> str | None:
        """Today's name, unambiguous among its kind; None when there is no such thing any more."""
        ...

    def below(self, kind: str, thing_id: str) -> SizedIterable[str]:
        """Ids of the keys in the tree at and below *thing_id*: for `under`."""
        ...

    def all_names(self, kind: str) -> Iterable[str]:
        """Every name of that kind, for suggestions and completion."""
        ...


@runtime_checkable
class Successors(Protocol):
    """
    Names that know what took the place of a thing that was merged into another.

    It is a capability: where names lack it, a merged thing is a deleted one.
    """

    def successor(self, kind: str, thing_id: str) -> str | None:
        """Id of the thing that one was merged into, in the end; None when it was not."""
        ...


@frozen
class NameTable:
    """
    `Names` over plain mappings, for hosts that have no catalog.

    Args:
        by_kind: kind to id to name.
        parents: kind to id to the id above it.

    Examples:
        >>> names = NameTable({"chat": {"c1": "福州一群"}})
        >>> names.find("chat", "福州一群")[0].id
        'c1'
    """

    by_kind: Mapping[str, Mapping[str, str]]
    parents: Mapping[str, Mapping[str, str]] = {}

    @explain_other_types
    def knows(self, kind: str) -> bool:
        return kind in self.by_kind

    @explain_other_types
    def find(self, kind: str, name: str) -> tuple[Reference, ...]:
        entries = self.by_kind.get(kind, {})
        if name in entries:
            return (Reference(kind, name, entries[name]),)
        key = text_key(name)
        return tuple(
            Reference(kind, own_id, own) for own_id, own in entries.items() if text_key(own) == key
        )

    @explain_other_types
    def name_of(self, kind: str, thing_id: str) -> str | None:
        return self.by_kind.get(kind, {}).get(thing_id)

    @explain_other_types
    def below(self, kind: str, thing_id: str) -> frozenset[str]:
        parents = self.parents.get(kind, {})
        found = {thing_id}
        grown = True
        while grown:
            more = {child for child, parent in parents.items() if parent in found} - found
            grown = bool(more)
            found |= more
        return frozenset(found)

    @explain_other_types
    def all_names(self, kind: str) -> Iterable[str]:
        return self.by_kind.get(kind, {}).values()
