"""Names of a state: which tag, group, chat, person, list or segment a text means today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from segmentkit.model import SOURCES, GroupType, State
from segmentkit.query import DEFAULT_LISTS, Reference
from segmentkit.text import text_key

KINDS = (
    "tag",
    "tag_group",
    "group",
    "group_type",
    "chat",
    "staff",
    "list",
    "segment",
    "source",
)
_SOURCE_WORDS = dict(zip(SOURCES, ("员工", "管理员", "规则", "导入", "同步"), strict=True))


class StateNames:
    """
    The `Names` of a state, always as the state is now.

    A tag answers to its name, to "tag group/tag" and to its id; a contact group to its name, its
    path and its id; a group chat, a staff member and a list to name and id; kinds of groups and
    sources of tags to their words in both languages.

    Args:
        state: whose names.
        segments: segment id to name.

    Examples:
        >>> from segmentkit.model import Schema, Tag, TagGroup
        >>> state = State.of(Schema(), [TagGroup("g1", "等级"), Tag("t1", "VIP", "g1")])
        >>> StateNames(state).find("tag", "等级/vip")[0].id
        't1'
    """

    def __init__(self, state: State, segments: Mapping[str, str] | None = None) -> None:
        self._state = state
        self._segments = dict(segments or {})

    def knows(self, kind: str) -> bool:
        """Whether texts of this kind are names; of others they stand for themselves."""
        return kind in KINDS

    def find(self, kind: str, name: str) -> tuple[Reference, ...]:
        """Everything of that kind that answers to *name*; one alone when *name* is its id."""
        entries = self._entries(kind)
        if name in entries:
            return (Reference(kind, name, self.name_of(kind, name) or name),)
        key = text_key(name)
        return tuple(
            Reference(kind, thing_id, self.name_of(kind, thing_id) or thing_id)
            for thing_id, words in entries.items()
            if any(text_key(word) == key for word in words)
        )

    def name_of(self, kind: str, thing_id: str) -> str | None:
        """Today's name that no other of its kind has, or None when the thing is gone."""
        words = self._entries(kind).get(thing_id)
        if words is None:
            return None
        # Words run from the short to the full; the full one tells namesakes apart.
        return words[-1] if kind in ("tag", "group") and words else (words or (thing_id,))[0]

    def successor(self, kind: str, thing_id: str) -> str | None:
        """Id of the tag that one was merged into, in the end; None when it was not."""
        into = self._state.resolve_tag(thing_id) if kind == "tag" else thing_id
        return None if into == thing_id else into

    def below(self, kind: str, thing_id: str) -> Collection[str]:
        """
        What stands at and below *thing_id*: descendants of a group, the tags of a tag group.
        """
        if kind == "group":
            return [group.id for group in self._state.groups.under(thing_id)]
        if kind == "tag_group":
            return [tag.id for tag in self._state.catalog.tags_of(thing_id)]
        return [thing_id]

    def all_names(self, kind: str) -> Iterable[str]:
        """Every word that something of this kind answers to."""
        return [word for words in self._entries(kind).values() for word in words]

    def _entries(self, kind: str) -> Mapping[str, tuple[str, ...]]:
        """id to the words it answers to."""
        state = self._state
        match kind:
            case "tag":
                catalog = state.catalog
                return {t.id: (t.name, catalog.path(t)) for t in catalog.tags}
            case "tag_group":
                return {g.id: (g.name,) for g in state.catalog.tag_groups}
            case "group":
                return {g.id: (g.name, state.groups.path(g)) for g in state.groups.groups}
            case "group_type":
                return {t.value: (t.value, t.chinese) for t in GroupType}
            case "chat":
                return {c.id: (c.name or c.id,) for c in state.chats()}
            case "staff":
                return {s.id: (s.name or s.id,) for s in state.organisation.staff}
            case "list":
                own = {each.id: (each.name or each.id,) for each in state.contact_lists()}
                return {**own, **DEFAULT_LISTS}
            case "segment":
                return {thing_id: (name,) for thing_id, name in self._segments.items()}
            case "source":
                return {source: (source, word) for source, word in _SOURCE_WORDS.items()}
            case _:
                return {}
