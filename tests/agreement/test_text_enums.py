"""A member of an Enum of texts is the text that it is equal to, in every engine and on every page."""

from datetime import UTC, datetime
from enum import Enum, StrEnum

import pytest

from segmentkit import Contact, Field, FieldType, MemoryStore, Schema, State, explain, select
from segmentkit.query.builder import field
from segmentkit.testing import RowStore

AT = datetime(2026, 11, 21, tzinfo=UTC)
SCHEMA = Schema(fields=[Field("city", FieldType.TEXT), Field("interests", FieldType.TEXT_LIST)])


class City(str, Enum):  # noqa: UP042  # of which str() is not the text: what is tested
    FUZHOU = "福州"


class Interest(StrEnum):
    TEA = "茶"


FIELDS = {"city": City.FUZHOU, "interests": [Interest.TEA]}
STORES = {
    "memory": MemoryStore(State.of(SCHEMA, [Contact.read(SCHEMA, "c", FIELDS), Contact("d")])),
    "rows": RowStore(SCHEMA, {"c": FIELDS, "d": {}}),
}


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
@pytest.mark.parametrize(
    ("query", "matching"),
    [
        ("city = $city", ["c"]),
        ("city != $city", ["d"]),
        ("city is exactly $city", ["c"]),
        ("city in ($city, 'x')", ["c"]),
        ("city contains $city", ["c"]),
        ("interests contains any ($interest)", ["c"]),
    ],
)
def test_it_matches_what_is_equal_to_it(store, engine, query, matching):
    given = {"city": City.FUZHOU, "interest": Interest.TEA}
    named = {name: value for name, value in given.items() if f"${name}" in query}
    assert select(query, store, at=AT, parameters=named, engine=engine) == matching


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
def test_it_is_written_as_it_reads(store):
    assert select(field("city") == City.FUZHOU, store, at=AT) == ["c"]
    assert "City" not in explain("city = '上海'", "c", store, at=AT).text()
