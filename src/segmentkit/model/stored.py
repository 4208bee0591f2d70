"""
What a host stores: change sets, catalogs, groups, contacts, schemas and whole states, as JSON data.

Each document says what it is and in which version of its form. A version once written is read for
ever: when a form changes, an upgrade from the version before is added here, and a golden file of
the old one stays in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, TypeVar

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model.campaign import Campaign
from segmentkit.model.catalog import TagCatalog
from segmentkit.model.change import ChangeSet, Entity
from segmentkit.model.checks import several
from segmentkit.model.codec_places import Json
from segmentkit.model.contact import Contact
from segmentkit.model.documents import Documents, Upgrade
from segmentkit.model.follow_up import FollowUp
from segmentkit.model.group_tree import GroupTree
from segmentkit.model.schema import Schema
from segmentkit.model.state import State

T = TypeVar("T")


@frozen
class ContactBook:
    """Contacts by themselves, as they are stored."""

    contacts: tuple[Contact, ...] = field(converter=several(Contact))


@frozen
class _Snapshot:
    """A state as it is stored; its schema is stored by itself."""

    version: int
    entities: tuple[Entity, ...]


Storable: TypeAlias = (
    ChangeSet | TagCatalog | GroupTree | ContactBook | Schema | Campaign | FollowUp
)

_KINDS: Mapping[type, str] = {
    ChangeSet: "change_set",
    TagCatalog: "tag_catalog",
    GroupTree: "group_tree",
    ContactBook: "contacts",
    Schema: "schema",
    Campaign: "campaign",
    FollowUp: "follow_up",
    _Snapshot: "state",
}
# By kind: the first leads from version 1 to version 2, and so on.
_UPGRADES: dict[str, tuple[Upgrade, ...]] = {}
_DOCUMENTS = Documents(_KINDS, _UPGRADES)


def to_json(value: Storable) -> dict[str, Json]:
    """
    A value as JSON data that says what it is.

    Raises:
        WrongTypeError: no value of that type is stored by itself.

    Examples:
        >>> from segmentkit.model import Tag, TagGroup
        >>> catalog = TagCatalog([TagGroup("g", "等级")], [Tag("vip", "VIP", "g")])
        >>> to_json(catalog)["tags"]
        [{'id': 'vip', 'name': 'VIP', 'group': 'g'}]
        >>> from_json(TagCatalog, to_json(catalog)) == catalog
        True
    """
    return _DOCUMENTS.to_json(value)


@refuse_other_types
def from_json(kind: type[T], data: object) -> T:
    """
    The value that JSON data of any form up to the present one stands for.

    Args:
        kind: what is expected: ChangeSet, TagCatalog ...

    Raises:
        WrongTypeError: a value of another type than its place takes; nothing is coerced.
        UnknownNameError: another kind of document, a key or word that is not known.
        InvalidValueError: a form of the future, or a value that its place cannot take.
    """
    return _DOCUMENTS.from_json(kind, data)


@refuse_other_types
def save_state(state: State) -> dict[str, Json]:
    """All of a state but its schema and its log, as JSON data."""
    snapshot = _Snapshot(state.version, tuple(state.entities()))
    return _DOCUMENTS.to_json(snapshot)


def load_state(schema: Schema, data: object) -> State:
    """
    The state that `save_state` saved, with an empty log.

    Raises:
        SegmentkitError: as `from_json`, and as `State.of` for things that do not fit together.
    """
    snapshot = from_json(_Snapshot, data)
    return State.of(schema, snapshot.entities, version=snapshot.version)
