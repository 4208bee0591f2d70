"""One contact as the interpreter sees it: fields and items in the forms of the law table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeAlias

from segmentkit.engines.semantics import Held, Moment, holder
from segmentkit.errors import ConflictingDuplicateError
from segmentkit.model import FIRST_INSTANT, Collection, Schema, Viewer
from segmentkit.stores import CustomerSource, Row

Holder: TypeAlias = Callable[[object], Held | None]
# Rows without a time come before all others and lie in no window.
NO_TIME = FIRST_INSTANT - 1


class Item(NamedTuple):
    """
    One row: `time` in microseconds, `sequence` and `id` order rows of one instant, `values` holds
    every declared field, None where it is missing.
    """

    time: int
    sequence: int
    id: str
    values: Mapping[str, Held | None]


class Subject:
    """
    One contact and its items, read once and then asked by any number of conditions.

    Attributes:
        contact: its id.
        values: fields of the contact.
        items: collection name to its items in order (time, sequence, id).
        times: collection name to the times of those items, for binary search.
        found: what conditions compiled together have already worked out about this contact.
    """

    __slots__ = ("contact", "found", "items", "times", "values")

    def __init__(
        self,
        contact: str,
        values: Mapping[str, Held | None],
        items: Mapping[str, list[Item]],
    ) -> None:
        self.contact = contact
        self.values = values
        self.items = items
        self.times = {name: [item[0] for item in rows] for name, rows in items.items()}
        self.found: dict[object, list[Item]] = {}


class SubjectReader:
    """
    Reads subjects of one schema.

    Args:
        schema: of the source.
        collections: names of those that are wanted; others are not read.
        viewer: who looks; rows that the viewer may not see are left out.
        moment: tags that have expired by then are left out.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from segmentkit.model import Field, FieldType
        >>> schema = Schema(fields=[Field("city", FieldType.TEXT)])
        >>> reader = SubjectReader(
        ...     schema, (), SYSTEM, Moment.of(datetime(2026, 1, 1, tzinfo=UTC), UTC)
        ... )
        >>> reader.subject("c-17", {"city": "福州"}, {}).values["city"]
        '福州'
    """

    def __init__(
        self, schema: Schema, collections: Iterable[str], viewer: Viewer, moment: Moment
    ) -> None:
        self._fields: list[tuple[str, Holder]] = [(f.name, holder(f)) for f in schema.fields]
        self._collections: list[tuple[Collection, list[tuple[str, Holder]]]] = [
            (c, [(f.name, holder(f)) for f in c.fields])
            for c in (schema.collection(name) for name in sorted(set(collections)))
        ]
        self._viewer = viewer
        self._moment = moment

    def read(self, source: CustomerSource, contact_id: str) -> Subject:
        """The subject of one contact of a store."""
        rows = {c.name: source.rows(c.name, contact_id) for c, _ in self._collections}
        return self.subject(contact_id, source.contact_fields(contact_id), rows)

    def subject(
        self, contact_id: str, fields: Mapping[str, object], rows: Mapping[str, Iterable[Row]]
    ) -> Subject:
        """
        The subject of a contact from its fields and rows.

        Raises:
            ConflictingDuplicateError: two rows share an id and differ.
            WrongTypeError, FloatMoneyError, NaiveDatetimeError: a value is not of its field's type.
        """
        values = {name: hold(fields.get(name)) for name, hold in self._fields}
        values["id"] = contact_id
        items = {
            collection.name: self._items(collection, holders, rows.get(collection.name, ()))
            for collection, holders in self._collections
        }
        return Subject(contact_id, values, items)

    def _items(
        self, collection: Collection, holders: list[tuple[str, Holder]], rows: Iterable[Row]
    ) -> list[Item]:
        items: list[Item] = []
        by_id: dict[str, Item] = {}
        for row in rows:
            fields = row.fields
            values = {name: hold(fields.get(name)) for name, hold in holders}
            time = NO_TIME
            if collection.time is not None:
                if row.time is not None:
                    values[collection.time] = self._time_of(collection, holders, row)
                held = values[collection.time]
                time = held if isinstance(held, int) else NO_TIME
            if row.id is not None:
                values["id"] = row.id
            item = Item(time, row.sequence, row.id or "", values)
            if row.id is not None:
                known = by_id.setdefault(row.id, item)
                if known is not item:
                    if known != item:
                        raise ConflictingDuplicateError(
                            row.id, f"collection {collection.name!r}", "One of the two is wrong"
                        )
                    continue
            if visible(collection.name, values, self._viewer, self._moment):
                items.append(item)
        items.sort(key=_order)
        return items

    def _time_of(
        self, collection: Collection, holders: list[tuple[str, Holder]], row: Row
    ) -> Held | None:
        return next(hold for name, hold in holders if name == collection.time)(row.time)


def visible(
    collection: str, values: Mapping[str, Held | None], viewer: Viewer, moment: Moment
) -> bool:
    """
    Whether a row exists for a viewer at a moment.

    A staff member's tags are private, an expired tag is none, and "followed" means by the viewer.
    """
    if collection == "tag":
        expires = values["expires"]
        if isinstance(expires, int) and expires <= moment.at:
            return False
        staff = values["staff"]
        return values["source"] != "staff" or viewer.sees_private_of(str(staff))
    if collection == "list":
        follower = values["staff"]
        return follower is None or follower == viewer.staff
    return True


def _order(item: Item) -> tuple[int, int, str]:
    return item[0], item[1], item[2]
