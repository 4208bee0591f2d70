"""Who did something when: the index by which a night finds what crosses the end of a window."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Set
from datetime import datetime


class Timeline:
    """
    Contacts in the order of the times of their rows.

    Examples:
        >>> from datetime import UTC
        >>> timeline = Timeline()
        >>> timeline.add(datetime(2026, 11, 20, tzinfo=UTC), "c-17")
        >>> timeline.add(datetime(2026, 11, 19, tzinfo=UTC), "c-18")
        >>> timeline.between(datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
        ['c-18']
    """

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, str]] = []
        self._in_order = True

    def add(self, time: datetime, contact: str) -> None:
        """One more row."""
        self._in_order = self._in_order and (not self._entries or self._entries[-1][0] <= time)
        self._entries.append((time, contact))

    def between(self, start: datetime, end: datetime) -> list[str]:
        """The contact of each row whose time lies in [start, end)."""
        if not self._in_order:
            # Nearly sorted, as only what came late is out of place: this is close to one pass.
            self._entries.sort(key=_time)
            self._in_order = True
        low = bisect_left(self._entries, start, key=_time)
        high = bisect_left(self._entries, end, key=_time)
        return [contact for _, contact in self._entries[low:high]]

    def drop(self, contacts: Set[str]) -> None:
        """Forget every row of these contacts."""
        self._entries = [entry for entry in self._entries if entry[1] not in contacts]


def _time(entry: tuple[datetime, str]) -> datetime:
    return entry[0]
