"""A store over plain values: whatever a host might hand in, right or wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.errors import UnknownNameError
from segmentkit.model import Schema
from segmentkit.query import Condition, Names
from segmentkit.stores import Row


@frozen
class RowStore:
    """
    A store that checks nothing and hides nothing.

    The memory store refuses values that its schema does not take, and never keeps a missing one.
    Other hosts are not so kind, so the laws of the language are tested on this store too.

    Args:
        schema: of contacts and collections.
        contacts: contact id to values by canonical field name.
        collections: collection name to contact id to rows.
        names: who answers to which name; None where texts stand for themselves.
        segments: conditions by segment id, bound.

    Examples:
        >>> store = RowStore(Schema(), {"c-17": {}}, {"tag": {"c-17": [Row(None, None, {})]}})
        >>> len(list(store.rows("tag", "c-17")))
        1
    """

    schema: Schema
    contacts: Mapping[str, Mapping[str, object]]
    collections: Mapping[str, Mapping[str, Iterable[Row]]] = field(
        factory=dict[str, Mapping[str, Iterable[Row]]]
    )
    names: Names | None = None
    segments: Mapping[str, Condition] = field(factory=dict[str, Condition])

    def contact_ids(self) -> Iterable[str]:
        """Every contact once."""
        return self.contacts.keys()

    @explain_other_types
    def contact_fields(self, contact_id: str) -> Mapping[str, object]:
        """
        Values by canonical field name.

        Raises:
            UnknownNameError: there is no such contact.
        """
        if contact_id not in self.contacts:
            raise UnknownNameError(contact_id, "contacts")
        return self.contacts[contact_id]

    @explain_other_types
    def rows(self, collection: str, contact_id: str) -> Iterable[Row]:
        """The contact's rows of a collection, as they were given."""
        return self.collections.get(collection, {}).get(contact_id, ())

    @refuse_other_types
    def scan(self, collection: str) -> Iterator[tuple[str, Row]]:
        """(contact id, row) for every row of a collection."""
        for contact_id, rows in self.collections.get(collection, {}).items():
            for row in rows:
                yield contact_id, row
