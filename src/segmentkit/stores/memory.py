"""The reference store: a state and the events of its contacts, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple, Protocol

from attrs import evolve

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.errors import (
    ConflictingDuplicateError,
    StaleVersionError,
    UnknownNameError,
    WrongTypeError,
)
from segmentkit.model import (
    ChangeSet,
    Collection,
    Contact,
    Event,
    Hold,
    MergedContact,
    Pin,
    Schema,
    State,
    TagCatalog,
    erased_contacts,
    read_fields,
)
from segmentkit.query import Condition, Segment
from segmentkit.stores.directory import StateNames
from segmentkit.stores.ports import News, Row
from segmentkit.stores.saved_segments import SavedSegments
from segmentkit.stores.state_news import news_of_changes
from segmentkit.stores.state_rows import has_rows_in_state, rows_of_state
from segmentkit.stores.timeline import Timeline


class Applicable(Protocol):
    """A plan: anything that carries a change set."""

    @property
    def changes(self) -> ChangeSet:
        """What to apply."""
        ...


class _Revision(NamedTuple):
    """How many change sets a store has taken in, and how many events."""

    version: int
    events: int


class MemoryStore:
    """
    A whole host in memory: for tests, notebooks and small shops.

    Args:
        state: contacts, groups, tags, people; its schema is the store's.
        events: what the contacts did.
        segments: saved conditions, for `in segment '...'`.

    Raises:
        UnknownNameError: an event of an unknown contact, type or field.
        CycleError: segments that need each other.
        DuplicateNameError: two segments of one name.
        ConflictingDuplicateError: two events of one type share an id and differ.
        SegmentkitError: a field value that its type does not take.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from segmentkit.model import Collection, Contact
        >>> schema = Schema(collections=[Collection("purchase")])
        >>> store = MemoryStore(State.of(schema, [Contact("c-17")]))
        >>> store.add_events(
        ...     [Event("c-17", "purchase", datetime(2026, 11, 20, tzinfo=UTC), id="e1")]
        ... )
        1
        >>> [row.id for row in store.rows("purchase", "c-17")]
        ['e1']
    """

    @explain_other_types
    def __init__(
        self,
        state: State,
        events: Iterable[Event] = (),
        *,
        segments: Iterable[Segment] = (),
    ) -> None:
        self.state = state
        self._segments = SavedSegments().saving(segments, state.schema, self._names_with)
        # collection -> contact -> rows, and (collection, event id) -> what it was.
        self._events: dict[str, dict[str, list[Row]]] = {}
        self._known: dict[tuple[str, str], tuple[str, Row]] = {}
        self._timelines: dict[str, Timeline] = {}
        # (collection, contact, row) in the order in which they came.
        self._arrived: list[tuple[str, str, Row]] = []
        # Present id -> ids that were merged into it, as of a version of the state.
        self._merged: dict[str, list[str]] = {}
        self._merged_at = -1
        self.add_events(events)

    @property
    def schema(self) -> Schema:
        """The fields and collections of this store."""
        return self.state.schema

    @property
    def names(self) -> StateNames:
        """Who answers to which name today."""
        return self._names_with(self._segments.names)

    def _names_with(self, segments: Mapping[str, str]) -> StateNames:
        return StateNames(self.state, segments)

    @property
    def segments(self) -> Mapping[str, Condition]:
        """Saved conditions by id."""
        return self._segments.conditions

    @property
    def version(self) -> int:
        """Of the state; a plan is made against one version."""
        return self.state.version

    @property
    def catalog(self) -> TagCatalog:
        """The tags that there are."""
        return self.state.catalog

    @refuse_other_types
    def holds_with(self, tag: str) -> Iterator[Hold]:
        """Every hold of a tag, by the tag's id."""
        return self.state.holds_with(tag)

    @refuse_other_types
    def pins_with(self, tag: str) -> Iterator[Pin]:
        """Every pin of a tag, by the tag's id."""
        return self.state.pins_with("tag", tag)

    @refuse_other_types
    def save_segment(self, segment: Segment) -> None:
        """
        Save a condition under its id, in place of an earlier one.

        What it names is kept by id, so that a rename changes nothing.

        Raises:
            CycleError: it would need itself, directly or through others; nothing was saved.
            DuplicateNameError: another segment has that name; nothing was saved.
        """
        self._segments = self._segments.saving([segment], self.schema, self._names_with)

    @refuse_other_types
    def remove_segment(
        self, segment_id: str, *, used_by: Iterable[str] = (), force: bool = False
    ) -> None:
        """
        A saved segment goes.

        Args:
            used_by: the rules that need it; other segments that do are known.
            force: remove it even so; the dependants are invalid then.

        Raises:
            UnknownNameError: there is no such segment.
            StillInUseError: rules or segments need it; `dependants` lists them.
        """
        self._segments = self._segments.removing(segment_id, used_by=used_by, force=force)

    def add_events(self, events: Iterable[Event]) -> int:
        """
        Take in events, all or none; how many were new.

        An event that is already known, id and content, is passed over.
        """
        new: list[tuple[str, str, Row]] = []
        fresh: dict[tuple[str, str], tuple[str, Row]] = {}
        read: dict[str, Collection] = {}
        resolve = self.state.resolve_contact
        if isinstance(events, Event) or not isinstance(events, Iterable):
            raise WrongTypeError(events, "events", "Give a list of them")
        for event in events:
            if not isinstance(event, Event):
                raise WrongTypeError(event, "events", "Give values of type Event")
            contact = resolve(event.contact)
            if self.state.find_contact(contact) is None:
                raise UnknownNameError(
                    event.contact, "contact of an event", "Add the contact before its events"
                )
            collection = read.get(event.type) or self.schema.collection(event.type)
            read[event.type] = collection
            event_id = event.id or None  # a blank id is none
            row = Row(event_id, event.time, read_fields(collection, event.fields), event.sequence)
            if event_id is not None:
                known_as = (collection.name, event_id)
                known = self._known.get(known_as) or fresh.get(known_as)
                if known is not None:
                    # Since it came, its contact may have been merged into the one it names now.
                    if (resolve(known[0]), known[1]) != (contact, row):
                        raise ConflictingDuplicateError(
                            event.id, f"events of type {collection.name!r}", "One of them is wrong"
                        )
                    continue
                fresh[known_as] = (event.contact, row)
            new.append((collection.name, event.contact, row))
        for name, contact, row in new:
            self._events.setdefault(name, {}).setdefault(contact, []).append(row)
            if row.time is not None:
                self._timelines.setdefault(name, Timeline()).add(row.time, contact)
        self._known.update(fresh)
        self._arrived += new
        return len(new)

    @refuse_other_types
    def apply(self, plan: ChangeSet | Applicable) -> int:
        """
        Apply a plan or change set, all or none; the version reached. Twice is once.

        Raises:
            StaleVersionError: it was made against another version; plan again.
        """
        changes = plan if isinstance(plan, ChangeSet) else plan.changes
        version = self.state.apply(changes)
        if erased := erased_contacts(changes):
            self._forget(erased)
        return version

    @refuse_other_types
    def contacts_between(self, collection: str, start: datetime, end: datetime) -> Iterator[str]:
        """Whoever has a row of the collection whose time lies in [start, end)."""
        if collection in self._timelines:
            for contact in self._timelines[collection].between(start, end):
                yield self.state.resolve_contact(contact)
        if has_rows_in_state(self.schema, collection):
            for contact in self.state.contact_ids():
                for row in rows_of_state(self.state, collection, contact):
                    if row.time is not None and start <= row.time < end:
                        yield contact

    def contacts_expiring(self, start: datetime, end: datetime) -> Iterator[str]:
        """Whoever has a hold that expires in (start, end]."""
        for hold in self.state.holds():
            if hold.expires is not None and start < hold.expires <= end:
                yield hold.contact

    @property
    def revision(self) -> Hashable:
        """Another one whenever anything was taken in."""
        return _Revision(self.state.version, len(self._arrived))

    def news_since(self, revision: Hashable) -> News | None:
        """What was taken in since a revision; None where that cannot be told."""
        if not isinstance(revision, _Revision):
            return None
        try:
            log = self.state.changes_since(revision.version)
        except StaleVersionError:
            return None
        changes = [change for changed in log for change in changed]
        news = news_of_changes(changes)
        if news is None:
            return None
        rows: dict[str, list[tuple[str, Row]]] = {}
        came = Counter[str]()
        for collection, contact, row in self._arrived[revision.events :]:
            owner = self.state.resolve_contact(contact)
            if self.state.find_contact(owner) is not None:
                rows.setdefault(collection, []).append((owner, row))
                came[owner] += 1
        added = (c.after.id for c in changes if c.before is None and isinstance(c.after, Contact))
        if any(self._event_count(contact) > came[contact] for contact in added):
            return None  # someone came back, to older events
        # Events keep the id that they came with, so a merge gives them to another contact.
        merged = (c.after.id for c in changes if isinstance(c.after, MergedContact))
        heirs = {self.state.resolve_contact(contact) for contact in merged}
        heirs = {one for one in heirs if self.state.find_contact(one) is not None}
        changed = dict(news.changed)
        for name in self._events if heirs else ():
            before = changed.get(name, frozenset())
            changed[name] = None if before is None else before | heirs
        return evolve(news, rows=rows, changed=changed)

    # --- CustomerSource -------------------------------------------------------------------------

    def contact_ids(self) -> Iterable[str]:
        """Every contact once."""
        return self.state.contact_ids()

    @explain_other_types
    def resolve_contact(self, contact_id: str) -> str:
        """Id of the contact that one was merged into, in the end; its own when it was not."""
        return self.state.resolve_contact(contact_id)

    @explain_other_types
    def contact_fields(self, contact_id: str) -> Mapping[str, object]:
        """Values by canonical field name."""
        contact = self.state.contact(contact_id)
        return {f.name: contact.value(f.name) for f in self.schema.fields}

    @refuse_other_types
    def rows(self, collection: str, contact_id: str) -> Iterable[Row]:
        """The contact's rows of a collection."""
        by_contact = self._events.get(collection)
        if by_contact is not None:
            for identity in self._identities(contact_id):
                yield from by_contact.get(identity, ())
        yield from rows_of_state(self.state, collection, contact_id)

    @refuse_other_types
    def scan(self, collection: str) -> Iterator[tuple[str, Row]]:
        """(contact id, row) for every row of a collection."""
        for identity, rows in self._events.get(collection, {}).items():
            contact = self.state.resolve_contact(identity)
            if self.state.find_contact(contact) is not None:
                for row in rows:
                    yield contact, row
        for contact in self.state.contact_ids():
            for row in rows_of_state(self.state, collection, contact):
                yield contact, row

    def _identities(self, contact_id: str) -> Iterable[str]:
        """The contact's id and the ids that were merged into it: events keep the id they came with."""
        if self._merged_at != self.state.version:
            self._merged = {}
            for merged in self.state.merged_contacts():
                into = self.state.resolve_contact(merged.id)
                self._merged.setdefault(into, []).append(merged.id)
            self._merged_at = self.state.version
        return (contact_id, *self._merged.get(contact_id, ()))

    def _event_count(self, contact_id: str) -> int:
        return sum(
            len(by_contact.get(identity, ()))
            for by_contact in self._events.values()
            for identity in self._identities(contact_id)
        )

    def _forget(self, erased: AbstractSet[str]) -> None:
        """Drop every event of contacts who asked to be erased."""
        self._arrived = [one for one in self._arrived if one[1] not in erased]
        for by_contact in self._events.values():
            for contact in erased:
                by_contact.pop(contact, None)
        self._known = {key: known for key, known in self._known.items() if known[0] not in erased}
        for timeline in self._timelines.values():
            timeline.drop(erased)
