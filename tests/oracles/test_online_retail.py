"""UCI Online Retail: 406,829 invoice lines of 4,372 customers, on the shop's own clock."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest

from segmentkit.model import Collection, Contact, Event, Field, FieldType, Schema, State
from segmentkit.stores import MemoryStore

pytestmark = pytest.mark.slow

AT = datetime(2011, 12, 10, tzinfo=UTC)

CONDITIONS = {
    "or-01": "sum(line.amount) >= 5000",
    "or-02": "distinct(line.time where (quantity > 0) in last 90 days) >= 3",
    "or-03": "did not line where (quantity < 0)",
    "or-04": "did line where (quantity < 0) at least 5 times and sum(line.amount) >= 1000",
    "or-05": "did not line where (quantity > 0)",
    "or-06": "did line where (quantity > 0 and description contains 'christmas') in last 60 days",
    "or-07": (
        "did line where (quantity > 0 and description starts with 'REGENCY')"
        " having (distinct(description) >= 2)"
    ),
    "or-08": (
        "last(line.time where (quantity > 0)) before 2011-06-13"
        " and distinct(date(line.time) where (quantity > 0)) >= 2"
    ),
    "or-09": (
        "did line where (country != 'United Kingdom')"
        " and sum(line.amount where (quantity > 0)) >= 2000"
    ),
    "or-10": "distinct(line.country) > 1",
    "or-11": (
        "first(line.time where (quantity > 0)) before 2011-01-01"
        " and distinct(quarter(line.time) where (quantity > 0) since 2011-01-01) = 4"
    ),
    "or-12": (
        "did line where (quantity > 0)"
        " having (distinct(time) >= 2 and sum(amount) >= 1000 * distinct(time))"
    ),
    "or-13": "did line where (quantity > 0 and weekday(time) = 7)",
    "or-14": "did line where (quantity > 0 and price = 0)",
}


@pytest.fixture(scope="module")
def store(data_file):
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = ("customer_id", "invoice_date", "quantity", "unit_price", "description", "country")
    table = parquet.read_table(data_file("online_retail.parquet"), columns=list(columns))
    schema = Schema(
        collections=[
            Collection(
                "line",
                fields=[
                    Field("quantity", FieldType.INTEGER),
                    Field("price", FieldType.DECIMAL, scale=3),
                    Field("amount", FieldType.MONEY, currency="GBP"),
                    Field("description", FieldType.TEXT),
                    Field("country", FieldType.TEXT),
                ],
            )
        ]
    )
    events = []
    for row in zip(*(table[name].to_pylist() for name in columns), strict=True):
        customer, time, quantity, price, description, country = row
        if customer is not None:
            fields = {
                "quantity": quantity,
                "price": Decimal(repr(price)),
                "amount": in_cents(quantity, price),
                "description": description,
                "country": country,
            }
            events.append(Event(customer, "line", time.replace(tzinfo=UTC), fields))
    contacts = {event.contact for event in events}
    return MemoryStore(State.of(schema, map(Contact, contacts)), events)


def in_cents(quantity, price):
    """Rounded as the oracle rounded: half away from zero."""
    return Decimal(quantity * price * 100).quantize(Decimal(1), ROUND_HALF_UP) / 100


@pytest.fixture(scope="module")
def found(store, members_of, engine):
    return members_of(CONDITIONS, store, at=AT, zone=UTC, engine=engine)


@pytest.mark.parametrize("rule", CONDITIONS)
def test_every_rule_has_the_members_of_the_oracle(rule, found, oracle, expected):
    assert found[rule] == expected(oracle("online_retail")[rule])


def test_no_rule_of_the_oracle_is_left_out(oracle):
    assert set(CONDITIONS) == set(oracle("online_retail"))


def test_recency_frequency_and_value_are_those_of_the_peer_library(store, same_rfm, engine):
    table = "online_retail_rfm_lifetimes_20111209.csv.gz"
    same_rfm(store, "line", table, date(2011, 12, 9), engine, where=" where (quantity > 0)")
