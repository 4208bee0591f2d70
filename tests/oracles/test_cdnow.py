"""CDNOW: 69,659 purchases of 23,570 customers, 1997-01 to 1998-06."""

import csv
import gzip
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from segmentkit.model import Collection, Contact, Event, Field, FieldType, Schema, State
from segmentkit.stores import MemoryStore

AT = datetime(1998, 7, 1, tzinfo=UTC)

CONDITIONS = {
    "cd-01": "did purchase at least 3 times from 1998-04-01 to 1998-07-01",
    "cd-02": "sum(purchase.amount) >= 500",
    "cd-03": "总和(购买.金额 最近 365 天) >= 200",
    "cd-04": "did purchase having (count() >= 2 and avg(amount) >= 50)",
    "cd-05": "未做过 购买 最近 180 天",
    "cd-06": "did purchase from 1997-07-01 to 1998-01-01 and did not purchase since 1998-01-01",
    "cd-07": (
        "did purchase before 1997-10-01 and did purchase since 1998-04-01"
        " and did not purchase from 1997-10-01 to 1998-04-01"
    ),
    "cd-08": "first(purchase.time) from 1997-03-01 to 1997-04-01",
    "cd-09": "did purchase exactly 1 times",
    "cd-10": "did purchase having (count() > 1 and distinct(date(time)) = 1)",
    "cd-11": "did purchase then did purchase within 7 days",
    "cd-12": (
        "(max(purchase.amount) >= 200 or count(purchase) >= 10) and did purchase in last 90 days"
    ),
    "cd-13": "distinct(month_start(purchase.time)) >= 4",
    "cd-14": "did purchase where (amount = 0)",
}


@pytest.fixture(scope="module")
def store(data_file):
    schema = Schema(
        collections=[
            Collection(
                "purchase",
                aliases=["购买"],
                fields=[
                    Field("amount", FieldType.MONEY, aliases=["金额"], currency="USD"),
                    Field("cds", FieldType.INTEGER),
                ],
            )
        ]
    )
    events = []
    count = Counter()
    with gzip.open(data_file("cdnow_master.csv.gz"), "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            customer = row["customer_id"]
            count[customer] += 1
            time = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
            fields = {"amount": Decimal(row["amount"]), "cds": int(row["cds"])}
            events.append(
                Event(customer, "purchase", time, fields, f"{customer}-{count[customer]}")
            )
    return MemoryStore(State.of(schema, map(Contact, count)), events)


@pytest.fixture(scope="module")
def found(store, members_of, engine):
    return members_of(CONDITIONS, store, at=AT, zone=UTC, engine=engine)


@pytest.mark.parametrize("rule", CONDITIONS)
def test_every_rule_has_the_members_of_the_oracle(rule, found, oracle, expected):
    assert found[rule] == expected(oracle("cdnow")[rule])


def test_no_rule_of_the_oracle_is_left_out(oracle):
    assert set(CONDITIONS) == set(oracle("cdnow"))


@pytest.mark.parametrize(
    ("table", "end"),
    [
        ("cdnow_master_rfm_lifetimes_19980630.csv.gz", date(1998, 6, 30)),
        ("cdnow_master_rfm_lifetimes_19970930.csv.gz", date(1997, 9, 30)),
    ],
)
def test_recency_frequency_and_value_are_those_of_the_peer_library(
    table, end, store, same_rfm, engine
):
    same_rfm(store, "purchase", table, end, engine)
