"""Totals kept in bytes while contacts have few rows: none outgrows its width, whoever joins later."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentkit.engines import Moment, Setting, members
from segmentkit.engines.columnar import Population, compile_batch, tallies
from segmentkit.model import Collection, Field, FieldType, Schema
from segmentkit.query import bind, parse
from segmentkit.stores import Row
from segmentkit.testing import RowStore

SCHEMA = Schema(
    collections=[
        Collection(
            "buy",
            fields=[
                Field("quantity", FieldType.INTEGER),
                Field("amount", FieldType.MONEY, currency="CNY"),
                Field("sku", FieldType.TEXT),
                Field("paid_at", FieldType.INSTANT),
            ],
        )
    ]
)
PEOPLE = ("c-1", "c-2", "c-3")
AT = datetime(2026, 11, 1, tzinfo=UTC)
SETTING = Setting(SCHEMA, Moment.of(AT, UTC))
CONDITIONS = {
    text: bind(parse(text), SCHEMA)
    for text in """
did buy at least 128 times
did buy at most 200 times in last 30 days
count(buy.quantity) >= 128
count(buy.quantity in last 5 days) = count(buy in last 5 days)
count(buy.sku) = 127
sum(buy.quantity) >= 127
sum(buy.quantity) < -128
sum(buy.quantity in last 5 days) != sum(buy.quantity in last 60 days)
sum(buy.amount) > 3000000.00
sum(buy.amount in last 5 days) < -3000000.00
avg(buy.amount) >= 21474836.48
avg(buy.quantity) >= 1
sum(month(buy.paid_at)) > 12
""".strip().splitlines()
}
BATCH = compile_batch(CONDITIONS, SETTING)

# Rows that come before all of the last days', or among them.
EARLIER = st.sampled_from([AT, AT - timedelta(hours=300)])

quantities = st.sampled_from([None, 0, 1, -1, 127, -128, 128, 2**31, -(2**31) - 1, 2**62])
amounts = st.sampled_from([None, *map(Decimal, ("0.01", "-21474836.48", "21474836.48"))])


@st.composite
def crowds(draw, until: datetime = AT) -> list[tuple[str, Row]]:
    """Some rows of each, an hour apart; every third may lack a value."""
    rows: list[tuple[str, Row]] = []
    for contact in PEOPLE:
        usual = {"quantity": draw(quantities), "amount": draw(amounts)}
        odd = {"quantity": draw(quantities), "sku": "tea", "paid_at": AT}
        for hour in range(draw(st.sampled_from([0, 1, 2, 100, 127, 128, 129, 300]))):
            values = odd if hour % 3 == 0 else usual
            held = {name: value for name, value in values.items() if value is not None}
            rows.append((contact, Row(None, until - timedelta(hours=hour + 1), held)))
    return rows


def store_of(rows: list[tuple[str, Row]]) -> RowStore:
    by_contact = {one: [row for owner, row in rows if owner == one] for one in PEOPLE}
    return RowStore(SCHEMA, {one: {} for one in PEOPLE}, {"buy": by_contact})


@pytest.mark.parametrize("sparse", [8, 10**9], ids=["as it is", "all counted densely"])
@settings(max_examples=25)
@given(first=EARLIER.flatmap(crowds), later=st.none() | crowds())
def test_totals_are_the_interpreters_before_and_after_rows_join(sparse, first, later):
    population = Population.from_source(store_of(first))
    rows = first
    if later is not None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tallies, "SPARSE", sparse)
            BATCH.evaluate(population)  # what is remembered of it must not be taken for more
        population = population.with_rows({"buy": later})
        rows = first + later
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tallies, "SPARSE", sparse)
        found = BATCH.evaluate(population).ids()
    assert found == members(CONDITIONS, store_of(rows), SETTING, engine="interpreter")


@given(EARLIER.flatmap(crowds), crowds())
def test_no_contact_has_more_rows_than_its_partition_says(first, later):
    population = Population.from_source(store_of(first))
    if len(first) % 2:
        population.partition("buy").most_rows()
    partition = population.with_rows({"buy": later}).partition("buy")
    most = max(sum(owner == one for owner, _ in first + later) for one in PEOPLE)
    assert partition.most_rows() >= most
