"""Everything that a condition names, with where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attrs import evolve, field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model import Schema
from segmentkit.query import ast
from segmentkit.query.ast import Node, Span, child_nodes
from segmentkit.query.builder import ConditionLike, as_condition
from segmentkit.query.types import CONTACT_WORDS
from segmentkit.text import text_key


@frozen
class Mention:
    """
    A name in a condition.

    Attributes:
        name: a field as it is written, an item's field as `purchase.amount`, an id of a reference.
        kind: of a key: the collection that it is a key of, or the kind of a reference.
        span: of the node that names it, in the text it was read from.
    """

    name: str
    kind: str = ""
    span: Span = (0, 0)


@frozen
class References:
    """
    What a condition names, in reading order.

    Attributes:
        fields: of the contact.
        item_fields: of collections, as `purchase.amount`.
        collections: events, records and memberships.
        keys: of tags, groups, segments ...; ids of references, names where it is not yet bound.
        patterns: `has tag like 'VIP*'`; `name` is the glob.
        parameters: without the `$`.
        functions: of one value, `age`.
    """

    fields: tuple[Mention, ...] = ()
    item_fields: tuple[Mention, ...] = ()
    collections: tuple[Mention, ...] = ()
    keys: tuple[Mention, ...] = ()
    patterns: tuple[Mention, ...] = ()
    parameters: tuple[Mention, ...] = ()
    functions: tuple[Mention, ...] = ()

    @property
    def tags(self) -> tuple[str, ...]:
        return self.keys_of("tag")

    @property
    def groups(self) -> tuple[str, ...]:
        return self.keys_of("group")

    @property
    def segments(self) -> tuple[str, ...]:
        return self.keys_of("segment")

    def keys_of(self, kind: str) -> tuple[str, ...]:
        """The keys of one kind, each once."""
        return tuple(dict.fromkeys(key.name for key in self.keys if key.kind == kind))


@refuse_other_types
def references(node: ConditionLike, *, schema: Schema | None = None) -> References:
    """
    Every field, collection, tag, group, segment, parameter and function that *node* names.

    Args:
        node: a condition; bound ones name ids, others what was written.
        schema: turns aliases into canonical names.

    Examples:
        >>> from segmentkit.query import parse
        >>> found = references(parse("did purchase where (amount > $least) and has tag 'VIP'"))
        >>> [mention.name for mention in found.item_fields], found.tags
        (['purchase.amount'], ('VIP',))
    """
    finder = _Finder(schema or Schema())
    waiting: list[tuple[Node, _Place]] = [(as_condition(node), _Place())]
    while waiting:
        current, place = waiting.pop()
        finder.note(current, place)
        waiting += reversed(finder.below(current, place))
    return References(**{name: tuple(mentions) for name, mentions in finder.found.items()})


@frozen
class _Place:
    """Whose names are meant: of the contact, or of the items of a collection."""

    collection: str | None = None
    in_having: bool = False
    aliases: Mapping[str, str] = field(factory=dict[str, str])
    keys_of: str | None = None


_Below: TypeAlias = list[tuple[Node, _Place]]


class _Finder:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.found: dict[str, list[Mention]] = {}

    def _add(self, where: str, name: str, node: Node, kind: str = "") -> None:
        self.found.setdefault(where, []).append(Mention(name, kind, node.span))

    def _collection(self, name: str) -> str:
        found = self.schema.find_collection(name)
        return name if found is None else found.name

    def note(self, node: Node, place: _Place) -> None:
        """What *node* itself names."""
        match node:
            case ast.Path():
                self._note_path(node, place)
            case ast.Aggregate():
                self._note_aggregate(node, place)
            case ast.Activity() | ast.Step():
                self._add("collections", self._collection(node.collection), node)
            case ast.Parameter():
                self._add("parameters", node.name, node)
            case ast.Call():
                self._add("functions", node.function, node)
            case ast.Reference():
                self._add("keys", node.id, node, node.kind)
            case ast.Text() if place.keys_of is not None:
                self._add("keys", node.value, node, place.keys_of)
            case ast.KeyPattern():
                self._add("patterns", node.pattern.value, node, place.keys_of or "")
            case _:
                pass  # names nothing itself; its children are looked at all the same

    def below(self, node: Node, place: _Place) -> _Below:
        """The children of *node*, each with whose names it speaks of."""
        match node:
            case ast.Activity():
                return self._below_activity(node, place)
            case ast.KeyPattern():
                return []
            case ast.Aggregate():
                collection = self._aggregated(node, place)[0]
                inner = evolve(place, collection=collection, in_having=False)
                parts = (node.where, node.window)
                return [(part, inner) for part in parts if part is not None]
            case _:
                return [(child, place) for child in child_nodes(node)]

    def _below_activity(self, node: ast.Activity, place: _Place) -> _Below:
        own = self._collection(node.collection)
        items = evolve(place, collection=own, in_having=False)
        parts = (
            (node.keys, evolve(place, keys_of=own)),
            (node.where, items),
            (node.frequency, place),
            (node.window, place),
            (node.having, evolve(items, in_having=True)),
        )
        below: _Below = [(part, where) for part, where in parts if part is not None]
        aliases = dict(place.aliases)
        if node.alias is not None:
            aliases[node.alias] = own
        for step in node.steps:
            stepped = self._collection(step.collection)
            below.append((step, _Place(stepped, aliases=dict(aliases))))
            if step.alias is not None:
                aliases[step.alias] = stepped
        return below

    def _note_path(self, node: ast.Path, place: _Place) -> None:
        owner, name = node.names[:-1], node.names[-1]
        of_contact = len(owner) == 1 and text_key(owner[0]) in CONTACT_WORDS
        if of_contact or (not owner and place.collection is None):
            found = self.schema.find_field(name)
            self._add("fields", name if found is None else found.name, node)
        elif not owner and place.collection is not None:
            self._add_item_field(place.collection, name, node)
        elif len(owner) == 1 and owner[0] in place.aliases:
            self._add_item_field(place.aliases[owner[0]], name, node)
        else:
            self._add("fields", ".".join(node.names), node)

    def _note_aggregate(self, node: ast.Aggregate, place: _Place) -> None:
        collection, name = self._aggregated(node, place)
        if not self._is_own(node, place):
            self._add("collections", collection, node)
        if name is not None:
            self._add_item_field(collection, name, node)
        if node.transform is not None:
            self._add("functions", node.transform, node)

    def _aggregated(self, node: ast.Aggregate, place: _Place) -> tuple[str, str | None]:
        """Whose items an aggregate takes, and which field of them."""
        if self._is_own(node, place):
            return place.collection or "", next(iter(node.path), None)
        collection, *name = node.path
        return self._collection(collection), next(iter(name), None)

    def _is_own(self, node: ast.Aggregate, place: _Place) -> bool:
        """Whether it takes the items that `having` speaks of; `count(purchase)` does not."""
        if not node.path:
            return True
        first, *more = node.path
        if more or not place.in_having:
            return False
        owner = self.schema.find_collection(place.collection or "")
        return owner is None or owner.find_field(first) is not None

    def _add_item_field(self, collection: str, name: str, node: Node) -> None:
        owner = self.schema.find_collection(collection)
        found = None if owner is None else owner.find_field(name)
        self._add("item_fields", f"{collection}.{name if found is None else found.name}", node)
