"""
Random people: contacts with values and rows of any schema, near an instant, in all the ways a host
may hand them in.

Values come from small pools, so that conditions drawn beside them are neither always true nor
always false, and they crowd around the places where meanings turn: the instant, midnights, zero,
one cent more, one letter in another case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from segmentkit.arguments import refuse_other_types
from segmentkit.model import Collection, Field, FieldType, Schema
from segmentkit.stores import Row

# Values of a contact by field name, and rows by collection name.
Fields: TypeAlias = dict[str, object]
Rows: TypeAlias = dict[str, list[Row]]

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)

TEXTS = ("a", "A ", "ａ", "b", "ab", "b  c", "福州", "福州\u200b", "福", "O'Brien")
_COUNTS = (-1, 0, 1, 2, 3, 5, 30)
_FLOATS = (0.0, -0.0, 0.1, 0.2, 0.3, 1.5, -2.25, 1e300)
_SECONDS = (0, 1, 29, 30, 31, 60, 3_600, 86_400)
# Days and a little more or less, from an instant: the edges of windows lie there.
_DAYS = (-400, -365, -91, -61, -60, -31, -30, -29, -8, -7, -6, -2, -1, 0, 0, 0, 1, 2, 7, 8, 31)
_LITTLE = (
    timedelta(0),
    timedelta(microseconds=-1),
    timedelta(microseconds=1),
    timedelta(hours=-4),
    timedelta(hours=-5),
    timedelta(hours=3),
    timedelta(hours=12),
)


def instants(around: datetime = NOON) -> SearchStrategy[datetime]:
    """Instants near *around*, many of them exactly some days from it."""
    whole = st.sampled_from(_DAYS).map(lambda some: around + timedelta(days=some))
    near = whole.flatmap(lambda noon: st.sampled_from([noon + little for little in _LITTLE]))
    return near | st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


def days(around: datetime = NOON) -> SearchStrategy[date]:
    """Dates near *around*, and birthdays."""
    near = st.sampled_from(_DAYS).map(lambda some: around.date() + timedelta(days=some))
    return near | st.sampled_from([date(1996, 2, 29), date(2000, 11, 21), date(1990, 12, 31)])


def texts_of(declared: Field) -> tuple[str, ...]:
    """Texts that a field is likely to hold, with some that differ in case or width only."""
    known = {
        "source": ("staff", "admin", "rule", "import", "sync"),
        "staff": ("li.lei", "han.mm"),
    }.get(declared.references or "", ())
    return known or (*declared.values, *TEXTS)


def known_values(declared: Field, around: datetime = NOON) -> SearchStrategy[object]:
    """Values that a field may hold, none of them missing."""
    match declared.type:
        case FieldType.TEXT:
            return st.sampled_from(texts_of(declared))
        case FieldType.INTEGER:
            return st.sampled_from(_COUNTS)
        case FieldType.MONEY | FieldType.DECIMAL:
            unit = Decimal(1).scaleb(-declared.scale)
            return st.sampled_from(_COUNTS) | st.sampled_from(
                [unit, -unit, 1 - unit, 3 + unit, Decimal(100), Decimal("200.5")]
            )
        case FieldType.FLOAT:
            return st.sampled_from(_FLOATS)
        case FieldType.BOOLEAN:
            return st.booleans()
        case FieldType.DATE:
            return days(around)
        case FieldType.INSTANT:
            return instants(around)
        case FieldType.DURATION:
            return st.sampled_from(_SECONDS).map(lambda seconds: timedelta(seconds=seconds))
        case FieldType.TEXT_LIST:
            return st.lists(st.sampled_from(texts_of(declared)), min_size=1, max_size=3).map(tuple)


def _nothings(declared: Field) -> SearchStrategy[object]:
    """What says that a field has no value."""
    if declared.type is FieldType.FLOAT:
        return st.sampled_from([None, float("nan")])
    if declared.type is FieldType.TEXT:
        return st.sampled_from([None, "", " \u3000"])
    if declared.type is FieldType.TEXT_LIST:
        return st.sampled_from([None, (), ("",)])
    return st.none()


@st.composite
def field_values(
    draw: st.DrawFn, fields: Iterable[Field], around: datetime = NOON
) -> dict[str, object]:
    """A value, nothing in one of its forms, or no entry at all, for each field."""
    values: dict[str, object] = {}
    for declared in fields:
        way = draw(st.integers(0, 5))
        if way > 1:
            values[declared.name] = draw(known_values(declared, around))
        elif way == 1:
            values[declared.name] = draw(_nothings(declared))
    return values


@st.composite
def rows_of(
    draw: st.DrawFn, collection: Collection, contact_id: str = "c", around: datetime = NOON
) -> list[Row]:
    """
    Rows of one collection and contact, in any order, some given twice.

    Rows without an id differ in `sequence`: two rows alike in time, sequence and id have no order,
    and no engine has to guess one.
    """
    own = [f for f in collection.fields if f.name not in ("id", collection.time)]
    rows: list[Row] = []
    for number in range(draw(st.integers(0, 5))):
        named = draw(st.booleans())
        when = None if collection.time is None else draw(instants(around))
        if when is not None and collection.verb != "did" and draw(st.integers(0, 4)) == 0:
            when = None
        row = Row(
            f"{contact_id}-{collection.name}-{number}" if named else None,
            when,
            draw(field_values(own, around)),
            draw(st.integers(0, 2)) if named else 10 + number,
        )
        rows.append(row)
        if named and draw(st.integers(0, 7)) == 0:
            rows.append(row)
    return draw(st.permutations(rows))


@st.composite
def people(
    draw: st.DrawFn,
    schema: Schema,
    *,
    around: datetime = NOON,
    collections: Iterable[str] | None = None,
    max_size: int = 3,
) -> Mapping[str, tuple[Fields, Rows]]:
    """
    Contacts by id, each with values by field and rows by collection.

    Args:
        schema: what the values fit.
        around: the instant near which things happen.
        collections: those that have rows; all by default.
        max_size: of contacts.

    Examples:
        >>> from hypothesis import given
        >>> @given(people(Schema()))
        ... def test_everyone_has_an_id(crowd):
        ...     assert all(crowd)
    """
    own = [f for f in schema.fields if f.name != "id"]
    wanted = [c for c in schema.collections if collections is None or c.name in collections]
    crowd: dict[str, tuple[Fields, Rows]] = {}
    for number in range(draw(st.integers(1, max_size))):
        # A contact has rows in a few collections, or there would be too much to draw.
        some = draw(st.lists(st.sampled_from(wanted), max_size=3, unique_by=lambda c: c.name))
        contact_id = f"c-{number}"
        rows = {c.name: draw(rows_of(c, contact_id, around)) for c in some}
        crowd[contact_id] = (draw(field_values(own, around)), rows)
    return crowd


@refuse_other_types
def stored(rows: Mapping[str, tuple[Fields, Rows]]) -> dict[str, dict[str, list[Row]]]:
    """The rows of people by collection and contact, as `RowStore` takes them."""
    collections: dict[str, dict[str, list[Row]]] = {}
    for contact_id, (_, own) in rows.items():
        for name, some in own.items():
            collections.setdefault(name, {})[contact_id] = some
    return collections
