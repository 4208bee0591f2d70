"""A store whose columns are kept from one night to the next."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from segmentkit.arguments import explain_other_types
from segmentkit.engines import KeptPopulation
from segmentkit.errors import WrongTypeError
from segmentkit.model import Hold, Pin, Schema, TagCatalog, to_microseconds
from segmentkit.query import Condition, Names
from segmentkit.rules.ports import RuleStore, contacts_today
from segmentkit.stores import RevisedStore, Row

if TYPE_CHECKING:
    from segmentkit.engines import Population


class RevisedRuleStore(RuleStore, RevisedStore, Protocol):
    """A store whose tags rules can set, and that says what is new."""


class KeptStore:
    """
    A store with its population at hand: questions of everyone do not read it anew.

    It is read from, never written to: write to the store itself. Each question first takes in what
    the store says is new since the last one, so nothing stale is served; where `news_since` gives
    None, the store is read again as a whole. Not for several threads at once.

    Args:
        store: what is true; it has to be a `RevisedStore`.

    Raises:
        WrongTypeError: the store has no `revision` or no `news_since`.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.engines import select
        >>> from segmentkit.model import Collection, Contact, Event, State
        >>> from segmentkit.stores import MemoryStore
        >>> schema = Schema(collections=[Collection("purchase")])
        >>> store = MemoryStore(State.of(schema, [Contact("c-17")]))
        >>> kept = KeptStore(store)
        >>> at = datetime(2026, 11, 21, tzinfo=UTC)
        >>> select("did purchase", kept, at=at)
        []
        >>> store.add_events([Event("c-17", "purchase", datetime(2026, 11, 20, tzinfo=UTC))])
        1
        >>> select("did purchase", kept, at=at)
        ['c-17']
    """

    def __init__(self, store: RevisedRuleStore) -> None:
        if not isinstance(store, RevisedStore):
            raise WrongTypeError(
                type(store).__name__,
                "store to keep",
                "It has to say what is new: `revision` and `news_since`",
            )
        self._store = store
        self._kept = KeptPopulation(store)
        self._revision: Hashable = store.revision

    @explain_other_types
    def population(self, collections: Iterable[str]) -> Population:
        """What the store holds now, with these collections at least."""
        now = self._store.revision
        if now != self._revision:
            self._kept.take_in(self._store.news_since(self._revision))
            self._revision = now
        return self._kept.population(collections)

    # --- found by time, whether the store itself can do so or not ---------------------------------

    @explain_other_types
    def contacts_between(self, collection: str, start: datetime, end: datetime) -> Iterable[str]:
        """Whoever has a row of the collection whose time lies in [start, end)."""
        return self.population([collection]).contacts_between(
            collection, to_microseconds(start), to_microseconds(end)
        )

    @explain_other_types
    def contacts_expiring(self, start: datetime, end: datetime) -> Iterable[str]:
        """Whoever has a tag that expires in (start, end]."""
        return self.population(["tag"]).contacts_between(
            "tag", to_microseconds(start) + 1, to_microseconds(end) + 1, field="expires"
        )

    # --- as the store has it ----------------------------------------------------------------------

    @property
    def schema(self) -> Schema:
        return self._store.schema

    @property
    def names(self) -> Names | None:
        return self._store.names

    @property
    def segments(self) -> Mapping[str, Condition]:
        return self._store.segments

    @property
    def version(self) -> int:
        return self._store.version

    @property
    def catalog(self) -> TagCatalog:
        return self._store.catalog

    def contact_ids(self) -> Iterable[str]:
        return self._store.contact_ids()

    def contact_fields(self, contact_id: str) -> Mapping[str, object]:
        return self._store.contact_fields(contact_id)

    def rows(self, collection: str, contact_id: str) -> Iterable[Row]:
        return self._store.rows(collection, contact_id)

    def scan(self, collection: str) -> Iterable[tuple[str, Row]]:
        return self._store.scan(collection)

    def holds_with(self, tag: str) -> Iterable[Hold]:
        return self._store.holds_with(tag)

    def pins_with(self, tag: str) -> Iterable[Pin]:
        return self._store.pins_with(tag)

    def resolve_contact(self, contact_id: str) -> str:
        (contact,) = contacts_today(self._store, [contact_id])
        return contact
