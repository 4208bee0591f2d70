"""Names of a state: which tag, group, chat, person, list or segment a text means today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from attrs import frozen

from segmentkit.arguments import refuse_other_types
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


@frozen
class _Index:
    """
    Names of one kind, both ways.

    Attributes:
        words: that something answers to.
        ids: by the text key of a word.
        shown: by id the name that no other has: of tags and groups the full one, of namesakes the
            id.
    """

    words: tuple[str, ...]
    ids: Mapping[str, tuple[str, ...]]
    shown: Mapping[str, str]

    @classmethod
    def of(cls, kind: str, entries: Mapping[str, tuple[str, ...]]) -> _Index:
        ids: dict[str, list[str]] = {}
        for thing_id, words in entries.items():
            for key in dict.fromkeys(map(text_key, words)):
                ids.setdefault(key, []).append(thing_id)
        # Words run from the short to the full.
        place = -1 if kind in ("tag", "group") else 0
        shown = {
            thing_id: words[place] if len(ids[text_key(words[place])]) == 1 else thing_id
            for thing_id, words in entries.items()
        }
        every = tuple(word for words in entries.values() for word in words)
        return cls(every, {key: tuple(own) for key, own in ids.items()}, shown)


@refuse_other_types
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
        # kind to the version of the state and what was true then.
        self._indexes: dict[str, tuple[int, _Index]] = {}

    def knows(self, kind: str) -> bool:
        """Whether texts of this kind are names; of others they stand for themselves."""
        return kind in KINDS

    @refuse_other_types
    def find(self, kind: str, name: str) -> tuple[Reference, ...]:
        """Everything of that kind that answers to *name*; one alone when *name* is its id."""
        index = self._index(kind)
        ids = (name,) if name in index.shown else index.ids.get(text_key(name), ())
        return tuple(Reference(kind, thing_id, index.shown[thing_id]) for thing_id in ids)

    @refuse_other_types
    def name_of(self, kind: str, thing_id: str) -> str | None:
        """Today's name that no other of its kind has, or None when the thing is gone."""
        return self._index(kind).shown.get(thing_id)

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

    @refuse_other_types
    def all_names(self, kind: str) -> Iterable[str]:
        """Every word that something of this kind answers to."""
        return self._index(kind).words

    def _index(self, kind: str) -> _Index:
        """What is true of a kind now; made anew when the state has changed."""
        version = self._state.version
        known = self._indexes.get(kind)
        if known is None or known[0] != version:
            known = self._indexes[kind] = version, _Index.of(kind, self._entries(kind))
        return known[1]

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
