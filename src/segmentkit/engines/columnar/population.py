"""
A population: many contacts and all that belongs to them, as columns.

It knows neither instant nor zone nor viewer: those come with a batch of conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from attrs import evolve, frozen

from segmentkit.engines.columnar.arrays import Array, Codes
from segmentkit.engines.columnar.codebook import Codebook
from segmentkit.engines.columnar.columns import Column, TextColumn
from segmentkit.engines.columnar.objects import block_of, contact_columns
from segmentkit.engines.columnar.partition import Partition
from segmentkit.errors import DuplicateIdError, UnknownNameError
from segmentkit.model import Schema
from segmentkit.stores import CustomerSource, Row


@frozen(eq=False)
class Population:
    """
    Contacts and their rows.

    A population never changes: `with_rows` gives another, which shares what is the same.

    Attributes:
        schema: of the source.
        size: how many contacts there are.
        ids: the codes of contact ids.
        columns: contact fields by canonical name.
        partitions: collections by canonical name.
    """

    schema: Schema
    size: int
    ids: Codebook
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
        contact_ids = list(source.contact_ids())
        ids = _numbered(contact_ids)
        fields = contact_columns(schema.fields, map(source.contact_fields, ids.values), {})
        wanted = {c.name for c in schema.collections}
        if collections is not None:
            wanted = {schema.collection(name).name for name in collections}
        partitions = {
            c.name: Partition.of(c, block_of(c, source.scan(c.name), ids, {}))
            for c in schema.collections
            if c.name in wanted and c.name != "segment"
        }
        return cls(schema, len(contact_ids), ids, _with_ids(fields, ids), partitions)

    def with_rows(self, rows: Mapping[str, Iterable[tuple[str, Row]]]) -> Population:
        """
        The population with more rows, each with the id of its contact: a day's events.

        Rows that are here already, by id and content, count once.

        Args:
            rows: by canonical name of their collection.

        Raises:
            UnknownNameError: a row belongs to no contact, or a collection is not here.
            ConflictingDuplicateError: two rows of a collection share an id and differ.
            WrongTypeError, FloatMoneyError, NaiveDatetimeError: a value is not of its field's type.
        """
        partitions = dict(self.partitions)
        for name, more in rows.items():
            partition = self.partition(name)
            block = block_of(partition.collection, more, self.ids, partition.columns)
            partitions[name] = partition.with_rows(block)
        return evolve(self, partitions=partitions)

    def __len__(self) -> int:
        return self.size

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
        return self.ids.codes(contact_ids, "contacts")

    def ids_of(self, codes: Sequence[int] | Array) -> list[str]:
        """Ids of contact codes, in the order given."""
        return self.ids.decode(np.asarray(codes, np.intp))


def _numbered(contact_ids: Sequence[str]) -> Codebook:
    ids = Codebook()
    codes = ids.encode(contact_ids)
    if len(ids) < len(codes):
        counts = np.bincount(codes)
        twice = contact_ids[int(np.flatnonzero(counts[codes] > 1)[0])]
        raise DuplicateIdError(twice, "contacts", "Every contact comes once")
    return ids


def _with_ids(columns: Mapping[str, Column], ids: Codebook) -> Mapping[str, Column]:
    return {"id": TextColumn(np.arange(len(ids), dtype=np.int32), ids), **columns}
