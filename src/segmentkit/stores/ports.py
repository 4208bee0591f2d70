"""
What a host implements so that conditions can be asked of its data.

A host's class satisfies these by having the methods; nothing is inherited. `segmentkit.testing`
checks each sentence written here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from attrs import field, frozen

from segmentkit.model import Schema
from segmentkit.query import Condition, Names


class Row(NamedTuple):
    """
    One item of a collection as a host stores it.

    Attributes:
        id: of an event or record; tells the rows of one contact in one collection apart. Two of
            them with one id and one content count once; with other content they are an error. None:
            every row counts. The rows of two contacts may share an id.
        time: aware datetime of the collection's time field; None where it has none.
        fields: values by canonical field name; the time and the id stand beside them, not here.
        sequence: order among rows of one instant, where the host knows it.
    """

    id: str | None
    time: datetime | None
    fields: Mapping[str, object]
    sequence: int = 0


class CustomerSource(Protocol):
    """
    The read side: contacts and what belongs to them, as one consistent state.

    Tag rows are those that stand once pins are applied, whoever may see them: fields `tag`,
    `tag_group`, `source`, `staff` (the holder, of sources staff and admin) and `expires`. Rows of
    the list "followed" bear the `staff` member who follows. Who may see which row is decided by the
    engine, not here.
    """

    @property
    def schema(self) -> Schema:
        """The fields and collections of this store."""
        ...

    def contact_ids(self) -> Iterable[str]:
        """Every contact once, in any order."""
        ...

    def contact_fields(self, contact_id: str) -> Mapping[str, object]:
        """Values by canonical field name; UnknownNameError for an unknown id."""
        ...

    def rows(self, collection: str, contact_id: str) -> Iterable[Row]:
        """The contact's rows of a collection (canonical name), in any order."""
        ...

    def scan(self, collection: str) -> Iterable[tuple[str, Row]]:
        """(contact id, row) for every row of a collection, in any order."""
        ...


class Store(CustomerSource, Protocol):
    """A source that also knows names and saved segments: what a question needs to be asked."""

    @property
    def names(self) -> Names | None:
        """Who answers to which name today; None where texts stand for themselves."""
        ...

    @property
    def segments(self) -> Mapping[str, Condition]:
        """Conditions of the saved segments by id, bound."""
        ...


@frozen
class News:
    """
    What a store has taken in since a revision; what it does not name is as it was.

    Attributes:
        gone: ids of contacts that went, with all that belonged to them; one that came back is also
            among *contacts*.
        contacts: ids of contacts that are new, or have other fields.
        rows: rows that came, by collection, each with its contact.
        changed: by collection, the contacts of whom rows changed or went; None is everyone.
    """

    gone: AbstractSet[str] = frozenset()
    contacts: AbstractSet[str] = frozenset()
    rows: Mapping[str, Iterable[tuple[str, Row]]] = field(
        factory=dict[str, "Iterable[tuple[str, Row]]"]
    )
    changed: Mapping[str, AbstractSet[str] | None] = field(
        factory=dict[str, "AbstractSet[str] | None"]
    )


@runtime_checkable
class RevisedStore(Protocol):
    """
    A store that says what is new, so that nobody has to read it all again.

    It is a capability: `KeptStore` needs it.
    """

    @property
    def revision(self) -> Hashable:
        """Another one whenever a contact or a row came, changed or went."""
        ...

    def news_since(self, revision: Hashable) -> News | None:
        """
        What is new since a revision that this store gave.

        None where it cannot be told: everything is read again.
        """
        ...


@runtime_checkable
class MergingStore(Protocol):
    """
    A store that knows which contact took the place of one that was merged into it.

    It is a capability: where a store lacks it, an id means the contact that it names.
    """

    def resolve_contact(self, contact_id: str) -> str:
        """Id of the contact that one was merged into, in the end; its own when it was not."""
        ...


def contact_today(store: CustomerSource, contact_id: str) -> str:
    """Id of the contact that one means today: its own, unless the store knows of a merge."""
    return store.resolve_contact(contact_id) if isinstance(store, MergingStore) else contact_id
