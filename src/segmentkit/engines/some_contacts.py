"""A store in which only some contacts are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from segmentkit.errors import UnknownNameError
from segmentkit.model import Schema
from segmentkit.stores import CustomerSource, Row


class SomeContacts:
    """Some contacts of a source; those that it does not know are left out."""

    def __init__(self, source: CustomerSource, contacts: AbstractSet[str]) -> None:
        self._source = source
        self._fields = dict(self._known(sorted(contacts)))

    def _known(self, contacts: Iterable[str]) -> Iterator[tuple[str, Mapping[str, object]]]:
        for contact in contacts:
            try:
                yield contact, self._source.contact_fields(contact)
            except UnknownNameError:
                continue

    @property
    def schema(self) -> Schema:
        return self._source.schema

    def contact_ids(self) -> Iterable[str]:
        return self._fields.keys()

    def contact_fields(self, contact_id: str) -> Mapping[str, object]:
        return self._fields[contact_id]

    def rows(self, collection: str, contact_id: str) -> Iterable[Row]:
        return self._source.rows(collection, contact_id)

    def scan(self, collection: str) -> Iterator[tuple[str, Row]]:
        for contact in self._fields:
            for row in self._source.rows(collection, contact):
                yield contact, row
