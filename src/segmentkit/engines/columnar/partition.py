"""All rows of one collection as columns, in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from attrs import evolve, field, frozen

from segmentkit.engines.columnar.arrays import Array, Codes, narrowest
from segmentkit.engines.columnar.columns import (
    Column,
    EmptyColumn,
    RunColumn,
    TextColumn,
    WholeColumn,
    bytes_of,
)
from segmentkit.engines.columnar.derived_columns import appended, reordered, same_content
from segmentkit.engines.columnar.dictionary import MISSING
from segmentkit.engines.columnar.postings import Postings, postings_of
from segmentkit.engines.columnar.room import Room
from segmentkit.engines.subject import NO_TIME
from segmentkit.errors import ConflictingDuplicateError
from segmentkit.model import Collection, Field


@frozen(eq=False)
class RowBlock:
    """
    Some rows of one collection, in any order.

    Attributes:
        contacts: the code of the contact to which each row belongs.
        times: microseconds, NO_TIME where a row has none.
        sequences: None where no row has one.
        columns: every field by canonical name, but that of the time.
    """

    contacts: Codes
    times: Array
    sequences: Array | None
    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.contacts)

    def some(self, order: Array) -> RowBlock:
        """Some of the rows, in an order."""
        return RowBlock(
            self.contacts[order],
            self.times[order],
            None if self.sequences is None else self.sequences[order],
            {name: reordered(column, order) for name, column in self.columns.items()},
        )

    def followed_by(self, more: RowBlock, room: Room) -> RowBlock:
        """These rows and behind them others."""
        sequences = None
        if self.sequences is not None or more.sequences is not None:
            sequences = room.extend(_sequences(self), _sequences(more))
        return RowBlock(
            room.extend(self.contacts, more.contacts),
            room.extend(self.times, more.times),
            sequences,
            {
                name: appended(column, more.columns[name], room)
                for name, column in self.columns.items()
            },
        )


@frozen(eq=False)
class ContactIndex:
    """Which rows of a partition belong to a contact: `rows[ends[code]:ends[code + 1]]`."""

    ends: Array
    rows: Array

    def rows_of(self, code: int) -> Array:
        return self.rows[self.ends[code] : self.ends[code + 1]]


@frozen(eq=False)
class Partition:
    """
    All rows of one collection in order of (time, sequence, id).

    Attributes:
        collection: what they are rows of.
        block: the rows.
        columns: every field by canonical name.
    """

    collection: Collection
    block: RowBlock
    columns: Mapping[str, Column]
    _room: Room
    _id_count: int
    _index: list[ContactIndex] = field(factory=list[ContactIndex], init=False)
    _most: list[int] = field(factory=list[int], init=False)
    _postings: dict[str, Postings | None] = field(factory=dict[str, "Postings | None"], init=False)

    @classmethod
    def of(cls, collection: Collection, block: RowBlock) -> Partition:
        """
        The partition of some rows; of rows with one id and one content only the first is kept.

        Raises:
            ConflictingDuplicateError: two rows of a contact share an id and differ.
        """
        order = _order(block, _fresh_rows(collection, block, 0, 0))
        if _is_bag(block):
            return _partition(collection, _clustered(collection, block), Room(0))
        if len(order) < len(block) or (order[1:] < order[:-1]).any():
            block = block.some(order)
        return _partition(collection, block, Room(0))

    @property
    def contacts(self) -> Codes:
        """The code of the contact to which each row belongs."""
        return self.block.contacts

    @property
    def times(self) -> Array:
        """Microseconds; before all instants where a row has no time."""
        return self.block.times

    def __len__(self) -> int:
        return len(self.block)

    def with_rows(self, more: RowBlock) -> Partition:
        """
        The partition with more rows in their places.

        Rows later than all before are put behind them; earlier ones make the rows after them move.

        Raises:
            ConflictingDuplicateError: two rows of a contact share an id and differ.
        """
        if _is_bag(self.block):
            return Partition.of(self.collection, self.block.followed_by(more, Room(len(self))))
        count = len(self)
        room = self._room.after(count)
        joined = self.block.followed_by(more, room)
        fresh = _fresh_rows(self.collection, joined, count, self._id_count)
        if not fresh.size:
            return self
        fresh = _order(joined, fresh)
        settled = int(np.searchsorted(self.times, joined.times[fresh[0]]))
        if settled == count:
            joined = self.block.followed_by(more.some(fresh - count), room)
            room.used = len(joined)
            following = _partition(self.collection, joined, room)
            following._postings.update(self._postings)
            following._most.extend(self._most_with(more.contacts))
            return following
        # Rows of the same instant may change places too.
        moving = np.concatenate([np.arange(settled, count), fresh])
        order = np.concatenate([np.arange(settled), _order(joined, moving)])
        return _partition(self.collection, joined.some(order), Room(0))

    def index(self, contact_count: int) -> ContactIndex:
        """The rows of each contact, in order; made at the first call."""
        if not self._index or len(self._index[0].ends) <= contact_count:
            rows = np.argsort(self.contacts, kind="stable").astype(np.int32)
            ends = np.zeros(contact_count + 1, np.int32)
            np.cumsum(np.bincount(self.contacts, minlength=contact_count), out=ends[1:])
            self._index[:] = [ContactIndex(ends, rows)]
        return self._index[0]

    def most_rows(self) -> int:
        """No contact has more rows than so many."""
        if not self._most:
            self._most.append(_most_of(self.contacts))
        return self._most[0]

    def _most_with(self, more: Codes) -> Iterable[int]:
        """`most_rows` when rows are added, as far as it is easily told."""
        for most in self._most:
            bound = most + _most_of(more)
            # To count anew takes long; it is worth it where a narrower array may do.
            if narrowest(0, bound) == narrowest(0, most):
                yield bound

    def postings(self, name: str) -> Postings | None:
        """The rows of each text of a field, if its texts are few; made at the first call."""
        if name not in self._postings:
            self._postings[name] = postings_of(self.columns[name])
        return self._postings[name]

    def memory(self) -> int:
        """Bytes of the rows and of what was made to find them."""
        held = self.contacts.nbytes + bytes_of(self.columns.values())
        if self.block.sequences is not None:
            held += self.block.sequences.nbytes
        for index in self._index:
            held += index.ends.nbytes + index.rows.nbytes
        for postings in self._postings.values():
            if postings is not None and postings.rows is not None:
                held += postings.rows.nbytes + postings.ends.nbytes
        return held

    def between(self, start: int, end: int) -> slice:
        """The rows of times in [start, end)."""
        first, last = np.searchsorted(self.times, (start, end))
        return slice(int(first), max(int(first), int(last)))


def _most_of(contacts: Codes) -> int:
    """How many of some codes are the same, at most."""
    return int(np.bincount(contacts).max()) if len(contacts) else 0


def _is_bag(block: RowBlock) -> bool:
    """Whether rows have neither time nor sequence nor id, so that no order is told of them."""
    return (
        len(block) > 0
        and block.sequences is None
        and isinstance(block.columns["id"], EmptyColumn)
        and bool((block.times == NO_TIME).all())
    )


def _clustered(collection: Collection, block: RowBlock) -> RowBlock:
    """The rows of a bag by key and contact, so that neither time nor key takes space."""
    block = evolve(block, times=np.broadcast_to(np.int64(NO_TIME), len(block)))
    keys = None if collection.key is None else block.columns[collection.key]
    if isinstance(keys, RunColumn):
        return block
    if collection.key is None or not isinstance(keys, TextColumn) or (keys.codes < 0).any():
        return block
    order = np.lexsort((block.contacts, keys.codes))
    ends = np.zeros(len(keys.dictionary) + 1, np.int64)
    counts = np.bincount(keys.codes, minlength=len(keys.dictionary))
    np.cumsum(counts, out=ends[1:])
    sorted_block = block.some(order)
    columns = {**sorted_block.columns, collection.key: RunColumn(ends, keys.dictionary)}
    return evolve(sorted_block, times=block.times, columns=columns)


def _partition(collection: Collection, block: RowBlock, room: Room) -> Partition:
    columns = dict(block.columns)
    if collection.time is not None:
        columns[collection.time] = _time_column(collection.field(collection.time), block.times)
    ids = columns["id"]
    id_count = len(ids.dictionary) if isinstance(ids, TextColumn) else 0
    return Partition(collection, block, columns, room, id_count)


def _time_column(declared: Field, times: Array) -> Column:
    """The times of rows, of which those without one come first."""
    absent = int(np.searchsorted(times, NO_TIME, "right"))
    if absent == len(times):
        return EmptyColumn(declared, len(times))
    known = None if not absent else np.arange(len(times)) >= absent
    return WholeColumn(times, known, int(times[0]), int(times[-1]))


def _sequences(block: RowBlock) -> Array:
    return np.zeros(len(block), np.int8) if block.sequences is None else block.sequences


def _fresh_rows(collection: Collection, block: RowBlock, count: int, id_count: int) -> Array:
    """
    The rows from *count* on that no row before repeats; ids from *id_count* on are new to them.

    As for the interpreter, which sees one contact, an id tells a contact's own rows apart.

    Raises:
        ConflictingDuplicateError: two rows of a contact share an id and differ.
    """
    rows = np.arange(count, len(block))
    ids = block.columns["id"]
    if isinstance(ids, EmptyColumn):
        return rows
    assert isinstance(ids, TextColumn)
    codes = ids.codes[count:]
    # The first of these rows with each id; the last one written stays.
    first = np.full(len(ids.dictionary) + 1, MISSING, np.intp)
    first[codes[::-1]] = rows[::-1]
    met = codes[(codes != MISSING) & ((codes < id_count) | (first[codes] != rows))]
    if not met.size:
        return rows
    earlier, again = _repeated(block, np.flatnonzero(np.isin(ids.codes, met)), ids.codes)
    same = block.times[earlier] == block.times[again]
    if block.sequences is not None:
        same &= block.sequences[earlier] == block.sequences[again]
    for column in block.columns.values():
        same &= same_content(column, earlier, again)
    if not same.all():
        row = int(again[np.flatnonzero(~same)[0]])
        place = f"collection {collection.name!r}"
        raise ConflictingDuplicateError(ids.held(row), place, "One of the two is wrong")
    return np.setdiff1d(rows, again, assume_unique=True)


def _repeated(block: RowBlock, rows: Array, ids: Array) -> tuple[Array, Array]:
    """Of some rows, those that bear contact and id of an earlier one, and the first such row."""
    order = rows[np.lexsort((rows, block.contacts[rows], ids[rows]))]
    later = np.zeros(len(order), np.bool_)
    later[1:] = ids[order[1:]] == ids[order[:-1]]
    later[1:] &= block.contacts[order[1:]] == block.contacts[order[:-1]]
    # Where the rows of one contact and id begin.
    starts = np.maximum.accumulate(np.where(later, 0, np.arange(len(order))))
    return order[starts[later]], order[later]


def _order(block: RowBlock, rows: Array) -> Array:
    """Some rows in order of (time, sequence, id); those that tie keep their order."""
    times = block.times[rows]
    if block.sequences is None:
        order = rows[np.argsort(times, kind="stable")]
    else:
        order = rows[np.lexsort((block.sequences[rows], times))]
    ids = block.columns["id"]
    if not isinstance(ids, TextColumn) or len(order) < 2:
        return order
    tied = _tied(block, order)
    if not tied.any():
        return order
    runs = np.flatnonzero(np.concatenate([[False], tied]) | np.concatenate([tied, [False]]))
    names = [
        "" if code < 0 else ids.dictionary.text(code) for code in ids.codes[order[runs]].tolist()
    ]
    ranks = {name: rank for rank, name in enumerate(sorted(set(names)))}
    by_id = np.zeros(len(order), np.int64)
    by_id[runs] = [ranks[name] for name in names]
    # Each run of ties is one group, so that only rows inside it change places.
    groups = np.concatenate([[0], np.cumsum(~tied)])
    return order[np.lexsort((by_id, groups))]


def _tied(block: RowBlock, order: Array) -> Array:
    """For each row but the first whether it has time and sequence of the one before it."""
    times = block.times[order]
    tied = times[1:] == times[:-1]
    if block.sequences is not None:
        sequences = block.sequences[order]
        tied &= sequences[1:] == sequences[:-1]
    return tied
