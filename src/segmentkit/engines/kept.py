"""Populations that outlive a question: a store that has one at hand, and one kept up to date."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from segmentkit.arguments import refuse_other_types
from segmentkit.stores import CustomerSource, News

if TYPE_CHECKING:
    from segmentkit.engines.columnar import Population


@runtime_checkable
class PopulatedStore(Protocol):
    """
    A store that has its population at hand.

    It is a capability: where a store lacks it, each question of everyone reads the store anew.
    """

    def population(self, collections: Iterable[str]) -> Population | None:
        """
        What the store holds now, with these collections at least; None where it is not at hand.

        It is what `Population.from_source(self, collections)` would give, in any order of contacts.
        """
        ...


class KeptPopulation:
    """
    The population of a source, made when it is first asked for, collection by collection.

    It knows what it has read and what `take_in` told it, no more; a `KeptStore` tells it in time.

    Examples:
        >>> from segmentkit.model import Contact, Schema, State
        >>> from segmentkit.stores import MemoryStore
        >>> kept = KeptPopulation(MemoryStore(State.of(Schema(), [Contact("c-17")])))
        >>> kept.population(["tag"]) is kept.population([])
        True
    """

    def __init__(self, source: CustomerSource) -> None:
        self._source = source
        self._population: Population | None = None

    @refuse_other_types
    def population(self, collections: Iterable[str]) -> Population:
        """What was read of the source, with these collections at least."""
        known = self._population
        if known is None or known.schema != self._source.schema:
            known = self._read({*collections, *self._names()})
        elif new := [name for name in collections if name not in known.partitions]:
            known = known.joined_by({name: self._source.scan(name) for name in new})
        self._population = known
        return known

    @refuse_other_types
    def take_in(self, news: News | None) -> None:
        """What is new in the source; None has it read anew."""
        known = self._population
        if known is not None:
            self._population = (
                self._read(self._names()) if news is None else self._with_news(known, news)
            )

    def _names(self) -> Iterable[str]:
        return () if self._population is None else self._population.partitions

    def _read(self, collections: Iterable[str]) -> Population:
        from segmentkit.engines.columnar import Population  # loads numpy

        return Population.from_source(self._source, collections)

    def _with_news(self, known: Population, news: News) -> Population:
        source = self._source
        known = known.without_contacts(news.gone)
        if news.contacts:
            fields = {contact: source.contact_fields(contact) for contact in sorted(news.contacts)}
            known = known.with_contacts(fields)
        came = {name: rows for name, rows in news.rows.items() if name in known.partitions}
        known = known.with_rows(came)
        # Last, so that a row that came and belongs to such a contact is not counted twice.
        for name, contacts in news.changed.items():
            if name in known.partitions:
                rows = (
                    source.scan(name)
                    if contacts is None
                    else ((one, row) for one in sorted(contacts) for row in source.rows(name, one))
                )
                known = known.with_collection(name, rows, contacts)
        return known
