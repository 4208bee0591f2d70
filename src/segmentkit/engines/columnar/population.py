"""
A population: many contacts and all that belongs to them, as columns.

It knows neither instant nor zone nor viewer: those come with a batch of conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from attrs import frozen

from segmentkit.engines.columnar.arrays import Array, Codes
from segmentkit.engines.columnar.columns import Column
from segmentkit.engines.columnar.dictionary import Dictionary
from segmentkit.engines.columnar.ingest import contact_codes, contact_columns, partition_of
from segmentkit.engines.columnar.partition import Partition
from segmentkit.errors import UnknownNameError
from segmentkit.model import Schema
from segmentkit.stores import CustomerSource


@frozen(eq=False)
class Population:
    """
    Contacts and their rows.

    Attributes:
        schema: of the source.
        ids: the id of each contact code.
        columns: contact fields by canonical name.
        partitions: collections by canonical name.
    """

    schema: Schema
    ids: Dictionary
    columns: Mapping[str, Column]
    partitions: Mapping[str, Partition]

    @classmethod
    def from_source(
        cls, source: CustomerSource, collections: Iterable[str] | None = None
    ) -> Population:
        """
        The population of a store.

        Args:
            source: is scanned once for each collection.
            collections: canonical names of those that are wanted; None means all.

        Raises:
            DuplicateIdError: a contact comes twice.
            UnknownNameError: a row belongs to no contact, or a collection is not in the schema.
            ConflictingDuplicateError: two rows of a collection share an id and differ.
            WrongTypeError, FloatMoneyError, NaiveDatetimeError: a value is not of its field's type.

        Examples:
            >>> from segmentkit.model import Contact, Schema, State
            >>> from segmentkit.stores import MemoryStore
            >>> state = State.of(Schema(), [Contact("c-17"), Contact("c-18")])
            >>> len(Population.from_source(MemoryStore(state)))
            2
        """
        schema = source.schema
        ids = contact_codes(source.contact_ids())
        wanted = (
            set(schema.collections)
            if collections is None
            else {schema.collection(name) for name in collections}
        )
        return cls(
            schema,
            ids,
            contact_columns(schema, ids, [source.contact_fields(one) for one in ids.values]),
            {
                c.name: partition_of(c, source.scan(c.name), ids)
                for c in schema.collections
                if c in wanted and c.name != "segment"
            },
        )

    def __len__(self) -> int:
        return len(self.ids)

    def partition(self, collection: str) -> Partition:
        """
        The rows of a collection.

        Raises:
            UnknownNameError: the population was made without it.
        """
        found = self.partitions.get(collection)
        if found is None:
            raise UnknownNameError(
                collection, "collections of the population", "Ingest it with the others"
            )
        return found

    def codes_of(self, contact_ids: Iterable[str]) -> Codes:
        """
        Codes of contacts, in the order given.

        Raises:
            UnknownNameError: an id is not in the population.
        """
        return np.array([self.ids.code(one, "contacts") for one in contact_ids], np.int32)

    def ids_of(self, codes: Sequence[int] | Array) -> list[str]:
        """Ids of contact codes, in the order given."""
        values = self.ids.values
        return [values[code] for code in np.asarray(codes).tolist()]
