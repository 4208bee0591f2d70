"""Hillstrom: 64,000 customers of an e-mail test, one row each."""

import csv
import gzip
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from segmentkit.model import Contact, Field, FieldType, Schema, State
from segmentkit.stores import MemoryStore

AT = datetime(2008, 3, 21, tzinfo=UTC)

CONDITIONS = {
    "hi-01": "history >= 500 and recency <= 3 and channel != 'Phone'",
    "hi-02": (
        "womens is true and mens is false and newbie is true and zip_code in ('Urban', 'Rural')"
    ),
    "hi-03": "arm = 'Mens E-Mail' and visit and not conversion",
    "hi-04": "spend > 100",
}
FLAGS = ("mens", "womens", "newbie", "visit", "conversion")
AMOUNTS = ("history", "spend")


@pytest.fixture(scope="module")
def store(data_file):
    schema = Schema(
        fields=[
            Field("recency", FieldType.INTEGER),
            *(Field(name, FieldType.MONEY, currency="USD") for name in AMOUNTS),
            *(Field(name, FieldType.BOOLEAN) for name in FLAGS),
            *(Field(name, FieldType.TEXT) for name in ("zip_code", "channel", "arm")),
        ]
    )
    contacts = []
    with gzip.open(data_file("hillstrom_email.csv.gz"), "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            fields = {"recency": int(row["recency"]), "arm": row["segment"]}
            fields |= {name: Decimal(row[name]) for name in AMOUNTS}
            fields |= {name: row[name] == "1" for name in FLAGS}
            fields["zip_code"] = row["zip_code"]
            contacts.append(Contact(row["customer_id"], fields, channel=row["channel"]))
    return MemoryStore(State.of(schema, contacts))


@pytest.fixture(scope="module")
def found(store, members_of, engine):
    return members_of(CONDITIONS, store, at=AT, zone=UTC, engine=engine)


@pytest.mark.parametrize("rule", CONDITIONS)
def test_every_rule_has_the_members_of_the_oracle(rule, found, oracle, expected):
    assert found[rule] == expected(oracle("hillstrom")[rule])


def test_no_rule_of_the_oracle_is_left_out(oracle):
    assert set(CONDITIONS) == set(oracle("hillstrom"))
