"""One contact as the interpreter sees it: fields and items in the forms of the law table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple, cast

from attrs import define, field

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.engines.semantics import Held, Holder, Moment, holder
from segmentkit.errors import ConflictingDuplicateError
from segmentkit.model import (
    FIRST_INSTANT,
    LAST_INSTANT,
    PRIVATE_COLLECTIONS,
    Collection,
    Schema,
    Viewer,
    from_microseconds,
)
from segmentkit.stores import CustomerSource, Row

# Rows without a time come before all others and lie in no window.
NO_TIME = FIRST_INSTANT - 1
_BY_TIME = itemgetter(0)
_BY_TIME_SEQUENCE_ID = itemgetter(0, 1, 2)


class Item(NamedTuple):
    """
    One row: `time` in microseconds, `sequence` and `id` order rows of one instant, `values` holds
    every wanted field, None where it is missing.
    """

    time: int
    sequence: int
    id: str
    values: Mapping[str, Held | None]


_new_item = cast(
    "Callable[[type[Item], tuple[object, ...]], Item]",
    tuple.__new__,  # pyright: ignore[reportUnknownMemberType]  # generic over what it holds
)


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

    @explain_other_types
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
        self.found: dict[object, Any] = {}


@define
class Wanted:
    """
    What conditions look at in the rows of one collection.

    Attributes:
        fields: names of fields.
        start, end: rows of other times than [start, end) are not looked at; microseconds.
    """

    fields: set[str] = field(factory=set[str])
    start: int = LAST_INSTANT
    end: int = NO_TIME

    def widen(self, bounds: tuple[int, int] | None) -> None:
        """Take in one more window; None is all times, and no time at all."""
        start, end = (NO_TIME, LAST_INSTANT + 1) if bounds is None else bounds
        self.start, self.end = min(self.start, start), max(self.end, end)


@refuse_other_types
class SubjectReader:
    """
    Reads subjects of one schema.

    Args:
        schema: of the source.
        collections: those that are wanted, others are not read; as a mapping, with what is wanted
            of each.
        viewer: who looks; rows that the viewer may not see are left out.
        moment: tags that have expired by then are left out.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from segmentkit.engines import Moment
        >>> from segmentkit.model import SYSTEM, Field, FieldType, Schema
        >>> schema = Schema(fields=[Field("city", FieldType.TEXT)])
        >>> moment = Moment.of(datetime(2026, 1, 1, tzinfo=UTC), UTC)
        >>> reader = SubjectReader(schema, (), SYSTEM, moment)
        >>> reader.subject("c-17", {"city": "福州"}, {}).values["city"]
        '福州'
    """

    def __init__(
        self,
        schema: Schema,
        collections: Iterable[str] | Mapping[str, Wanted],
        viewer: Viewer,
        moment: Moment,
    ) -> None:
        self._fields: list[tuple[str, Holder]] = [(f.name, holder(f)) for f in schema.fields]
        if isinstance(collections, Mapping):
            wanted = cast("Mapping[str, Wanted | None]", collections)
        else:
            wanted = dict.fromkeys(collections, None)
        self._collections = [
            _RowReader(schema.collection(name), wanted[name]) for name in sorted(wanted)
        ]
        self._viewer = viewer
        self._moment = moment

    @explain_other_types
    def read(self, source: CustomerSource, contact_id: str) -> Subject:
        """The subject of one contact of a store."""
        rows = {each.name: source.rows(each.name, contact_id) for each in self._collections}
        return self.subject(contact_id, source.contact_fields(contact_id), rows)

    @explain_other_types
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
            each.name: self._items(each, rows.get(each.name, ())) for each in self._collections
        }
        return Subject(contact_id, values, items)

    def _items(self, reader: _RowReader, given: Iterable[Row]) -> list[Item]:
        rows = list(given)
        if len({row[0] for row in rows}) < len(rows):
            rows = _once(rows, reader)
        items = [reader.item(row) for row in reader.looked_at(rows)]
        if reader.name in PRIVATE_COLLECTIONS:
            viewer, moment = self._viewer, self._moment
            items = [i for i in items if visible(reader.name, i.values, viewer, moment)]
        items.sort(key=_BY_TIME)
        if len({item[0] for item in items}) < len(items):
            items.sort(key=_BY_TIME_SEQUENCE_ID)
        return items


def _once(rows: Iterable[Row], reader: _RowReader) -> list[Row]:
    """Rows of one id and one content are one row; rows without an id are each their own."""
    kept: list[Row] = []
    by_id: dict[str, Row] = {}
    for row in rows:
        known = by_id.get(row.id) if row.id else None
        if known is None:
            kept.append(row)
            if row.id:
                by_id[row.id] = row
        elif known != row and not reader.holds_alike(known, row):
            place = f"collection {reader.name!r}"
            raise ConflictingDuplicateError(row.id, place, "One of the two is wrong")
    return kept


class _RowReader:
    """What turns the rows of one collection into items."""

    def __init__(self, collection: Collection, wanted: Wanted | None) -> None:
        names = {declared.name for declared in collection.fields}
        self._times: tuple[datetime, datetime] | None = None
        if wanted is not None:
            names &= {*wanted.fields, *PRIVATE_COLLECTIONS.get(collection.name, ())}
            if wanted.start > NO_TIME or wanted.end <= LAST_INSTANT:
                self._times = _time_at(wanted.start), _time_at(wanted.end - 1)
        self.name = collection.name
        self._collection = collection
        # What a row keeps beside its fields: its time under the collection's name for it, its id.
        time = collection.time
        self._hold_time = holder(collection.field(time)) if time else None
        self._time = time if time in names else None
        self._has_id = "id" in names
        self._holders: list[tuple[str, Holder]] = [
            (declared.name, holder(declared))
            for declared in collection.fields
            if declared.name in names and declared.name not in (time, "id")
        ]

    def item(self, row: Row) -> Item:
        """The row with every wanted field held."""
        row_id, when, fields, sequence = row
        values: dict[str, Held | None] = {}
        for name, hold in self._holders:
            values[name] = hold(fields.get(name))
        time = NO_TIME
        if self._hold_time is not None:
            held = self._hold_time(when)
            if held is not None:
                time = held
            if self._time is not None:
                values[self._time] = held
        if self._has_id:
            values["id"] = row_id or None
        # What Item(...) does, in half the time; this runs for every row of every contact.
        return _new_item(Item, (time, sequence, row_id or "", values))

    def looked_at(self, rows: list[Row]) -> list[Row]:
        """The rows of wanted times; to hold the others would be in vain."""
        if self._times is None:
            return rows
        first, last = self._times
        timed = cast("list[Any]", rows)  # of rows without a time it raises
        try:
            return [row for row in timed if first <= row[1] <= last]
        except TypeError:
            return rows  # a time is missing, or is none: which of the two is told later

    def holds_alike(self, one: Row, other: Row) -> bool:
        """Whether two rows mean the same: nothing said in two ways, 5 and 5.00."""
        whole = _RowReader(self._collection, None)
        return whole.item(one) == whole.item(other)


def _time_at(microseconds: int) -> datetime:
    """The instant, or the nearest one that there is."""
    return from_microseconds(min(max(microseconds, FIRST_INSTANT), LAST_INSTANT))


def visible(
    collection: str, values: Mapping[str, Held | None], viewer: Viewer, moment: Moment
) -> bool:
    """
    Whether a row exists for a viewer at a moment.

    A staff member's tags and follow-ups are private, an expired tag is none, and "followed" means by
    the viewer.
    """
    if collection == "tag":
        expires = values["expires"]
        if isinstance(expires, int) and expires <= moment.at:
            return False
        if values["source"] != "staff":
            return True
        staff = values["staff"]
        return viewer.sees_private_of(staff) if isinstance(staff, str) else viewer.sees_all
    if collection == "follow_up":
        return viewer.sees_private_of(str(values["staff"]))
    if collection == "list":
        follower = values["staff"]
        return follower is None or follower == viewer.staff
    return True
