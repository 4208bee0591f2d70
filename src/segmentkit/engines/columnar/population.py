"""
A population: many contacts and all that belongs to them, as columns.

It knows neither instant nor zone nor viewer: those come with a batch of conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from attrs import evolve, frozen

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.engines.columnar.arrays import Array, Codes, Mask
from segmentkit.engines.columnar.codebook import Codebook
from segmentkit.engines.columnar.columns import (
    Column,
    TextColumn,
    WholeColumn,
    bytes_of,
)
from segmentkit.engines.columnar.derived_columns import appended, reordered
from segmentkit.engines.columnar.objects import block_of, contact_columns
from segmentkit.engines.columnar.packed import Packed, pack
from segmentkit.engines.columnar.partition import Partition, RowBlock
from segmentkit.engines.columnar.room import Room
from segmentkit.engines.columnar.table_blocks import block_of_table, contacts_of_table
from segmentkit.engines.columnar.tables import Table
from segmentkit.errors import DuplicateIdError, UnknownNameError
from segmentkit.model import Collection, Schema
from segmentkit.stores import CustomerSource, Row

# Rows of a collection: objects, each with the id of its contact, or a table.
SomeRows: TypeAlias = Iterable[tuple[str, Row]] | Table
# Contacts: their fields by id, or a table.
SomeContacts: TypeAlias = Mapping[str, Mapping[str, object]] | Table


@frozen(eq=False)
class Population:
    """
    Contacts and their rows.

    A population never changes: `with_rows`, `with_collection` and `with_contacts` give another,
    which shares what is the same.

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
    @refuse_other_types
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
            ConflictingDuplicateError: two rows of a contact share an id and differ.
            WrongTypeError, FloatMoneyError, NaiveDatetimeError: a value is not of its field's type.

        Examples:
            >>> from segmentkit.model import Contact, Schema, State
            >>> from segmentkit.stores import MemoryStore
            >>> state = State.of(Schema(), [Contact("c-17"), Contact("c-18")])
            >>> len(Population.from_source(MemoryStore(state)))
            2
        """
        schema = source.schema
        wanted = {c.name for c in schema.collections}
        if collections is not None:
            wanted = {schema.collection(name).name for name in collections}
        contact_ids = list(source.contact_ids())
        ids, codes = _numbered(pack(contact_ids))
        fields = contact_columns(schema.fields, map(source.contact_fields, contact_ids), {})
        rows = {
            c.name: source.scan(c.name)
            for c in schema.collections
            if c.name in wanted and c.name != "segment"
        }
        return cls(schema, len(codes), ids, _contact_table(fields, ids, codes), {}).joined_by(rows)

    @classmethod
    @explain_other_types
    def from_tables(
        cls, schema: Schema, contacts: Table, collections: Mapping[str, Table]
    ) -> Population:
        """
        The population of tables.

        Args:
            schema: what their columns mean.
            contacts: one row a contact, its id in the column `id`.
            collections: tables by canonical name; collections without one have no rows.

        Raises:
            DuplicateIdError: a contact comes twice.
            UnknownNameError: a row belongs to no contact, or a collection is not in the schema.
            ConflictingDuplicateError: two rows of a contact share an id and differ.
            WrongTypeError, FloatMoneyError, NaiveDatetimeError: a column is not of its field's type.

        Examples:
            >>> import numpy as np
            >>> from segmentkit.model import Collection
            >>> schema = Schema(collections=[Collection("purchase")])
            >>> contacts = Table({"id": np.array(["c-17", "c-18"])})
            >>> times = np.array(["2026-11-20T08:00"], "datetime64[us]")
            >>> purchases = Table({"contact": np.array(["c-17"]), "time": times}, utc=["time"])
            >>> population = Population.from_tables(schema, contacts, {"purchase": purchases})
            >>> len(population.partition("purchase"))
            1
        """
        packed, fields = contacts_of_table(schema.fields, contacts, {})
        ids, codes = _numbered(packed)
        rows: dict[str, SomeRows] = {c.name: () for c in schema.collections if c.name != "segment"}
        for name, table in collections.items():
            rows[schema.collection(name).name] = table
        return cls(schema, len(codes), ids, _contact_table(fields, ids, codes), {}).joined_by(rows)

    @explain_other_types
    def with_rows(self, rows: Mapping[str, SomeRows]) -> Population:
        """
        The population with more rows: a day's events.

        Rows that are here already, by id and content, count once.

        Args:
            rows: by canonical name of their collection.

        Raises:
            UnknownNameError: a row belongs to no contact, or a collection is not here.
            ConflictingDuplicateError: two rows of a contact share an id and differ.
            WrongTypeError, FloatMoneyError, NaiveDatetimeError: a value is not of its field's type.
        """
        for name in rows:
            self.partition(name)
        return self.joined_by(rows)

    @explain_other_types
    def with_collection(
        self, name: str, rows: SomeRows, contacts: Iterable[str] | None = None
    ) -> Population:
        """
        The population with other rows of a collection in place of those that are here.

        Args:
            name: canonical name of the collection.
            rows: all rows, or all of *contacts*.
            contacts: ids of those whose rows are replaced; None is everyone.

        Raises:
            UnknownNameError: a row belongs to no contact, or the collection is not here.
            ConflictingDuplicateError: two rows share an id and differ.
            WrongTypeError, FloatMoneyError, NaiveDatetimeError: a value is not of its field's type.

        Examples:
            >>> from segmentkit.model import Contact, Schema, State
            >>> from segmentkit.stores import MemoryStore
            >>> store = MemoryStore(State.of(Schema(), [Contact("c-17"), Contact("c-18")]))
            >>> tags = [("c-17", Row(None, None, {"tag": "vip"}))]
            >>> tagged = Population.from_source(store).with_collection("tag", tags)
            >>> (
            ...     len(tagged.partition("tag")),
            ...     len(tagged.with_collection("tag", ()).partition("tag")),
            ... )
            (1, 0)
        """
        old = self.partition(name)
        block = self._block(old.collection, rows, old.columns)
        if contacts is not None:
            replaced = self.marks_of(contacts)[old.contacts]
            kept = old.block.some(np.flatnonzero(~replaced))
            block = kept.followed_by(block, Room(len(kept)))
        return evolve(
            self, partitions={**self.partitions, name: Partition.of(old.collection, block)}
        )

    @explain_other_types
    def joined_by(self, rows: Mapping[str, SomeRows]) -> Population:
        """As `with_rows`, also of collections of the schema that are not here yet."""
        partitions = dict(self.partitions)
        for name, more in rows.items():
            collection = self.schema.collection(name)
            old = partitions.get(collection.name)
            block = self._block(collection, more, {} if old is None else old.columns)
            partitions[collection.name] = (
                Partition.of(collection, block) if old is None else old.with_rows(block)
            )
        return evolve(self, partitions=partitions)

    def _block(
        self, collection: Collection, rows: SomeRows, like: Mapping[str, Column]
    ) -> RowBlock:
        if isinstance(rows, Table):
            return block_of_table(collection, rows, self.ids, self.size, like)
        return block_of(collection, rows, self.ids, self.size, like)

    @explain_other_types
    def with_contacts(self, contacts: SomeContacts) -> Population:
        """
        The population with more contacts, and new fields for those that are here already.

        Raises:
            DuplicateIdError: a contact comes twice.
            WrongTypeError, FloatMoneyError, NaiveDatetimeError: a value is not of its field's type.
        """
        if isinstance(contacts, Table):
            packed, fields = contacts_of_table(self.schema.fields, contacts, self.columns)
        else:
            packed = pack(list(contacts))
            fields = contact_columns(self.schema.fields, contacts.values(), self.columns)
        _numbered(packed)
        ids = self.ids if len(self.ids) == self.size else self.ids.first(self.size)
        codes = ids.encode_packed(packed)
        # The newest fields of each contact: its own, or those that came now.
        newest = np.arange(len(ids))
        newest[codes] = self.size + np.arange(len(codes))
        columns: dict[str, Column] = {
            name: reordered(appended(self.columns[name], more, Room(self.size)), newest)
            for name, more in fields.items()
        }
        columns["id"] = TextColumn(np.arange(len(ids), dtype=np.int32), ids)
        return evolve(self, size=len(ids), ids=ids, columns=columns)

    def without_contacts(self, contact_ids: Iterable[str]) -> Population:
        """
        The population without some contacts and all that belongs to them.

        Everyone after them gets another code.

        Examples:
            >>> from segmentkit.model import Contact, Schema, State
            >>> from segmentkit.stores import MemoryStore
            >>> state = State.of(Schema(), [Contact("c-17"), Contact("c-18")])
            >>> population = Population.from_source(MemoryStore(state)).without_contacts(["c-17"])
            >>> population.ids_of(range(len(population)))
            ['c-18']
        """
        gone = self.marks_of(contact_ids)
        if not gone.any():
            return self
        staying = np.flatnonzero(~gone)
        ids = Codebook()
        ids.encode(self.ids_of(staying))
        numbers = (np.cumsum(~gone) - 1).astype(np.int32)
        columns: dict[str, Column] = {
            name: reordered(column, staying) for name, column in self.columns.items()
        }
        columns["id"] = TextColumn(np.arange(len(ids), dtype=np.int32), ids)
        partitions: dict[str, Partition] = {}
        for name, partition in self.partitions.items():
            block = partition.block.some(np.flatnonzero(~gone[partition.contacts]))
            block = evolve(block, contacts=numbers[block.contacts])
            partitions[name] = Partition.of(partition.collection, block)
        return Population(self.schema, len(ids), ids, columns, partitions)

    def __len__(self) -> int:
        return self.size

    @explain_other_types
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

    def memory(self) -> Mapping[str, int]:
        """Bytes held, about: of each collection by its name, and of "contacts"."""
        held = {name: partition.memory() for name, partition in self.partitions.items()}
        return {"contacts": self.ids.memory() + bytes_of(self.columns.values()), **held}

    @explain_other_types
    def codes_of(self, contact_ids: Iterable[str]) -> Codes:
        """
        Codes of contacts, in the order given.

        Raises:
            UnknownNameError: an id is not in the population.
        """
        return self.ids.codes(contact_ids, self.size, "contacts")

    @explain_other_types
    def marks_of(self, contact_ids: Iterable[str]) -> Mask:
        """For each contact of the population whether it is one of some."""
        codes = self.ids.look_up(pack(list(contact_ids)))
        marks = np.zeros(self.size, np.bool_)
        marks[codes[(codes >= 0) & (codes < self.size)]] = True
        return marks

    @explain_other_types
    def ids_of(self, codes: Sequence[int] | Array, marks: Mask | None = None) -> list[str]:
        """Ids of contact codes, in the order given; of those alone that are marked, if any are."""
        wanted = np.asarray(codes, np.intp)
        return self.ids.decode(wanted if marks is None else wanted[marks[wanted]])

    @explain_other_types
    def contacts_between(
        self, collection: str, start: int, end: int, field: str | None = None
    ) -> list[str]:
        """
        Ids of contacts with a row whose time lies in [start, end), in microseconds; some may repeat.

        Args:
            field: another instant of the row that is meant.
        """
        partition = self.partition(collection)
        if field is None:
            contacts = partition.contacts[partition.between(start, end)]
        else:
            if field not in partition.columns:
                raise UnknownNameError(field, f"fields of collection {collection!r}")
            column = partition.columns[field]
            if not isinstance(column, WholeColumn):
                return []  # missing everywhere
            inside = (column.values >= start) & (column.values < end)
            contacts = partition.contacts[inside if column.known is None else inside & column.known]
        return self.ids_of(contacts)


def _numbered(contact_ids: Packed) -> tuple[Codebook, Codes]:
    """Codes for ids, of which none may come twice."""
    ids = Codebook()
    codes = ids.encode_packed(contact_ids)
    if len(ids) < len(codes):
        twice = np.flatnonzero(np.bincount(codes) > 1)[0]
        raise DuplicateIdError(ids.text(int(twice)), "contacts", "Every contact comes once")
    return ids, codes


def _contact_table(
    fields: Mapping[str, Column], ids: Codebook, codes: Codes
) -> Mapping[str, Column]:
    """The columns of contacts in the order of their codes."""
    numbers = np.arange(len(ids), dtype=np.int32)
    columns: dict[str, Column] = {"id": TextColumn(numbers, ids), **fields}
    if (codes != numbers).any():
        places = np.argsort(codes)
        columns.update((name, reordered(column, places)) for name, column in fields.items())
    return columns
