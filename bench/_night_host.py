"""
A thin host over the arrays of W: what a night asks of a store, and nothing more.

Its customers are columns already, so it has its population at hand; holds of rules are objects, as
a host with a table of holds would give them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from _workload import (
    CATEGORIES,
    TAGS,
    TYPES,
    World,
    contact_table,
    event_table,
    instant,
    schema,
    tag_table,
)

from segmentkit.engines import Population, Table
from segmentkit.model import (
    UNLIMITED,
    Change,
    ChangeSet,
    Event,
    Hold,
    Origin,
    Pin,
    Settings,
    State,
    Tag,
    TagGroup,
)
from segmentkit.query import Condition
from segmentkit.rules import Plan
from segmentkit.stores import Row, StateNames

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class NightHost:
    """W up to an instant; a day's events come with `see`, changed tags with `apply`."""

    segments: Mapping[str, Condition] = {}

    def __init__(self, w: World, rules: int, until: datetime) -> None:
        self.schema = schema()
        self.version = 0
        self.log: list[ChangeSet] = []
        state = State.of(
            self.schema,
            [
                Settings(UNLIMITED),
                TagGroup("hand", "手工"),
                TagGroup("auto", "自动"),
                *(Tag(name, name, "hand") for name in TAGS),
                *(Tag(f"r{n}", f"规则{n}", "auto", Origin.AUTOMATIC) for n in range(rules)),
            ],
        )
        self.catalog = state.catalog
        self.names = StateNames(state)
        self._w = w
        contacts = contact_table(w)
        self._arrow_ids = contacts["id"].combine_chunks()
        self.ids: list[str] = self._arrow_ids.to_pylist()
        self._codes = {contact: code for code, contact in enumerate(self.ids)}
        self._fields = {
            name: contacts[name].to_pylist() for name in ("city", "level", "age", "created")
        }
        self._index: dict[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = {}
        self._seen = dict.fromkeys(TYPES, 0)
        self._late: dict[tuple[str, str], list[Row]] = {}
        self._by_hand: dict[str, set[str]] = {}
        for code, tag in zip(*(codes.tolist() for codes in w.tags), strict=True):
            self._by_hand.setdefault(self.ids[code], set()).add(TAGS[tag])
        self._held: dict[str, dict[str, Hold]] = {}
        tables = {"tag": Table(tag_table(w, self._arrow_ids)), **self._between(until)}
        self._population = Population.from_tables(self.schema, Table(contacts), tables)

    # --- a day passes ---------------------------------------------------------------------------

    def see(self, until: datetime) -> list[Event]:
        """The events of a day, which the host has from now on."""
        before = dict(self._seen)
        self._population = self._population.with_rows(self._between(until))
        return [
            Event(self.ids[int(self._w.events[name]["contact"][row])], name, held.time, held.fields)
            for name in TYPES
            for row in range(before[name], self._seen[name])
            for held in (self._row(name, row),)
        ]

    def see_late(self, events: Sequence[Event]) -> None:
        """Events of earlier days; each has an id."""
        rows: dict[str, list[tuple[str, Row]]] = {}
        for event in events:
            row = Row(event.id, event.time, event.fields)
            rows.setdefault(event.type, []).append((event.contact, row))
            self._late.setdefault((event.type, event.contact), []).append(row)
        self._population = self._population.with_rows(rows)

    def _between(self, until: datetime) -> dict[str, Table]:
        """The events of each type that were not seen yet, up to an instant."""
        found: dict[str, Table] = {}
        for name in TYPES:
            times = self._w.events[name]["time"]
            end = int(np.searchsorted(times, int(until.timestamp()) * 1_000_000))
            rows = slice(self._seen[name], end)
            found[name] = Table(event_table(self._w, name, self._arrow_ids, rows), minor=["amount"])
            self._seen[name] = end
        return found

    def apply(self, plan: Plan | ChangeSet) -> None:
        changes = plan if isinstance(plan, ChangeSet) else plan.changes
        touched: set[str] = set()
        for change in changes:
            hold = change.entity
            assert isinstance(hold, Hold)
            touched.add(hold.contact)
            if hold.source == "rule":
                holds = self._held.setdefault(hold.tag, {})
                if change.after is None:
                    del holds[hold.contact]
                else:
                    holds[hold.contact] = hold
            elif change.after is None:
                self._by_hand[hold.contact].discard(hold.tag)
            else:
                self._by_hand.setdefault(hold.contact, set()).add(hold.tag)
        self.log.append(changes)
        self.version += 1
        self._population = self._population.with_collection("tag", self._tag_table())

    def _tag_table(self) -> Table:
        pairs = [(one, tag) for one, tags in self._by_hand.items() for tag in tags]
        pairs += [(one, tag) for tag, holds in self._held.items() for one in holds]
        contacts, tags = zip(*pairs, strict=True)
        return Table(pa.table({"contact": pa.array(contacts), "tag": pa.array(tags)}))

    def retagged(self, contacts: Iterable[str], tag: str, at: datetime) -> ChangeSet:
        """Contacts get a tag by hand, or lose it where they have it."""
        changes: list[Change] = []
        for contact in contacts:
            hold = Hold(contact, tag, "admin", "boss", LONG_AGO)
            has = tag in self._by_hand.get(contact, ())
            changes.append(Change(hold, None) if has else Change(None, hold))
        return ChangeSet(changes, "boss", at, self.version)

    # --- what a night asks for ------------------------------------------------------------------

    def population(self, collections: Iterable[str]) -> Population:
        return self._population

    def contacts_between(self, collection: str, start: datetime, end: datetime) -> list[str]:
        marks = [int(one.timestamp() * 1_000_000) for one in (start, end)]
        return self._population.contacts_between(collection, *marks)

    def contacts_expiring(self, start: datetime, end: datetime) -> list[str]:
        return []

    def holds_with(self, tag: str) -> Iterable[Hold]:
        return self._held.get(tag, {}).values()

    def pins_with(self, tag: str) -> Iterable[Pin]:
        return ()

    def contact_ids(self) -> Iterable[str]:
        return self.ids

    def contact_fields(self, contact_id: str) -> Mapping[str, object]:
        code = self._codes[contact_id]
        return {name: values[code] for name, values in self._fields.items()}

    def rows(self, collection: str, contact_id: str) -> Iterator[Row]:
        if collection == "tag":
            for tag in self._by_hand.get(contact_id, ()):
                yield Row(None, None, {"tag": tag})
            for tag, holds in self._held.items():
                if contact_id in holds:
                    yield Row(None, None, {"tag": tag})
        elif collection in self._seen:
            if collection not in self._index:
                contacts = self._w.events[collection]["contact"]
                ends = np.searchsorted(np.sort(contacts), np.arange(self._w.size + 1))
                self._index[collection] = ends, np.argsort(contacts, kind="stable")
            ends, order = self._index[collection]
            code = self._codes[contact_id]
            for row in order[ends[code] : ends[code + 1]].tolist():
                if row < self._seen[collection]:
                    yield self._row(collection, row)
            yield from self._late.get((collection, contact_id), ())

    def scan(self, collection: str) -> Iterator[tuple[str, Row]]:
        for contact in self.ids:
            for row in self.rows(collection, contact):
                yield contact, row

    def _row(self, name: str, row: int) -> Row:
        columns = self._w.events[name]
        fields: dict[str, object] = {}
        if "category" in columns and (code := int(columns["category"][row])) >= 0:
            fields["category"] = CATEGORIES[code]
        if "amount" in columns:
            fields["amount"] = Decimal(int(columns["amount"][row])).scaleb(-2)
        if "seconds" in columns:
            fields["duration"] = timedelta(seconds=int(columns["seconds"][row]))
        if "text" in columns and (code := int(columns["text"][row])) >= 0:
            fields["text"] = self._w.texts[code]
        return Row(None, instant(int(columns["time"][row])), fields)
