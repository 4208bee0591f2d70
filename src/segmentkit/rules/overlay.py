"""Stores seen through a glass: as earlier rules of a night leave them, or before late events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve

from segmentkit.model import Change, Collection, Event, Hold, Schema, TagCatalog, read_fields
from segmentkit.query import Condition, Names
from segmentkit.rules.ports import RuleStore
from segmentkit.stores import CustomerSource, Row

if TYPE_CHECKING:
    from segmentkit.engines import Population

# Gives the population of a store with some collections at least, where there is one.
AtHand: TypeAlias = "Callable[[Iterable[str]], Population | None]"


class PlannedStore:
    """
    A store with some holds of rules added and removed, without writing to it.

    Args:
        store: what is true now.
        changes: of holds that rules make; none of a contact that is pinned for or against the tag.
        at_hand: the population of the store; None where there is none.
    """

    def __init__(
        self, store: RuleStore, changes: Iterable[Change] = (), at_hand: AtHand | None = None
    ) -> None:
        self._store = store
        self._at_hand = at_hand
        self._catalog: TagCatalog = store.catalog
        self._changes: dict[str, list[Change]] = {}
        for change in changes:
            hold = change.entity
            assert isinstance(hold, Hold)
            self._changes.setdefault(hold.contact, []).append(change)

    @property
    def schema(self) -> Schema:
        return self._store.schema

    @property
    def names(self) -> Names | None:
        return self._store.names

    @property
    def segments(self) -> Mapping[str, Condition]:
        return self._store.segments

    def contact_ids(self) -> Iterable[str]:
        return self._store.contact_ids()

    def contact_fields(self, contact_id: str) -> Mapping[str, object]:
        return self._store.contact_fields(contact_id)

    def rows(self, collection: str, contact_id: str) -> Iterable[Row]:
        rows = self._store.rows(collection, contact_id)
        if collection != "tag" or contact_id not in self._changes:
            return rows
        return self._planned(list(rows), self._changes[contact_id])

    def scan(self, collection: str) -> Iterator[tuple[str, Row]]:
        changed = self._changes if collection == "tag" else {}
        for contact, row in self._store.scan(collection):
            if contact not in changed:
                yield contact, row
        for contact in changed:
            for row in self.rows(collection, contact):
                yield contact, row

    def population(self, collections: Iterable[str]) -> Population | None:
        wanted = tuple(collections)
        population = None if self._at_hand is None else self._at_hand(wanted)
        if population is None or "tag" not in wanted or not self._changes:
            return population
        rows = ((one, row) for one in self._changes for row in self.rows("tag", one))
        return population.with_collection("tag", rows, self._changes)

    def _planned(self, rows: list[Row], changes: Iterable[Change]) -> list[Row]:
        for change in changes:
            if isinstance(change.before, Hold):
                gone = change.before
                # Rows do not name the rule that holds them, but two rules' rows that agree in all
                # else are the same to every condition.
                place = next((i for i, row in enumerate(rows) if _is_row_of(row, gone)), None)
                if place is not None:
                    del rows[place]
            if isinstance(change.after, Hold):
                rows.append(self._row(change.after))
        return rows

    def _row(self, hold: Hold) -> Row:
        group = self._catalog.tag(hold.tag).group
        return Row(
            None, hold.assigned, {"tag": hold.tag, "tag_group": group, "source": hold.source}
        )


def _is_row_of(row: Row, hold: Hold) -> bool:
    return (
        row.fields.get("tag") == hold.tag
        and row.fields.get("source") == hold.source
        and row.fields.get("expires") == hold.expires
        and row.time == hold.assigned
    )


class WithoutEvents:
    """A store as it was before some events came in."""

    def __init__(self, store: CustomerSource, events: Iterable[Event]) -> None:
        self._store = store
        self._gone: dict[tuple[str, str], list[Event]] = {}
        for event in events:
            # Under the names and in the forms in which a store keeps it.
            kind = store.schema.collection(event.type)
            kept = evolve(event, fields=read_fields(kind, event.fields))
            self._gone.setdefault((kind.name, event.contact), []).append(kept)

    @property
    def schema(self) -> Schema:
        return self._store.schema

    def contact_ids(self) -> Iterable[str]:
        return self._store.contact_ids()

    def contact_fields(self, contact_id: str) -> Mapping[str, object]:
        return self._store.contact_fields(contact_id)

    def rows(self, collection: str, contact_id: str) -> Iterable[Row]:
        gone = list(self._gone.get((collection, contact_id), ()))
        kind = self.schema.collection(collection)
        for row in self._store.rows(collection, contact_id):
            of_row = (i for i, event in enumerate(gone) if _is_row_of_event(row, event, kind))
            place = next(of_row, None)
            if place is None:
                yield row
            elif row.id is None:
                # Without an id every event counts, so each takes one row away.
                del gone[place]

    def scan(self, collection: str) -> Iterator[tuple[str, Row]]:
        for contact in self._store.contact_ids():
            for row in self.rows(collection, contact):
                yield contact, row


def _is_row_of_event(row: Row, event: Event, kind: Collection) -> bool:
    if row.id is not None or event.id is not None:
        return row.id == event.id
    same_place = row.time == event.time and row.sequence == event.sequence
    return same_place and read_fields(kind, row.fields) == event.fields
