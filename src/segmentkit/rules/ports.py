"""What a night needs of a host's store, beside what any question needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, runtime_checkable

from segmentkit.model import Hold, Pin, TagCatalog
from segmentkit.stores import Store, contact_today


class RuleStore(Store, Protocol):
    """A store whose tags rules can set."""

    @property
    def version(self) -> int:
        """Grows with each applied change; a plan is made against one version."""
        ...

    @property
    def catalog(self) -> TagCatalog:
        """The tags that there are."""
        ...

    def holds_with(self, tag: str) -> Iterable[Hold]:
        """Every hold of a tag (by its id), of any source, in any order; expired ones too."""
        ...

    def pins_with(self, tag: str) -> Iterable[Pin]:
        """Every pin of a tag (by its id), in any order."""
        ...


@runtime_checkable
class TimedStore(Protocol):
    """
    A store that finds rows by time without reading them all.

    It is a capability: where a store lacks it, a night scans.
    """

    def contacts_between(self, collection: str, start: datetime, end: datetime) -> Iterable[str]:
        """Whoever has a row of the collection whose time lies in [start, end); some may repeat."""
        ...

    def contacts_expiring(self, start: datetime, end: datetime) -> Iterable[str]:
        """Whoever has a hold that expires in (start, end]; some may repeat."""
        ...


def contacts_today(store: RuleStore, contact_ids: Iterable[str]) -> Iterable[str]:
    """Whom events that came under some ids belong to, in the same order."""
    return (contact_today(store, contact) for contact in contact_ids)
