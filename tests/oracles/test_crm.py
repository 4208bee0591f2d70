"""Maven's CRM: 8,800 opportunities of 85 accounts."""

import csv
import gzip
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from segmentkit.model import (
    Collection,
    Contact,
    Event,
    Field,
    FieldType,
    Record,
    Schema,
    State,
)
from segmentkit.stores import MemoryStore

AT = datetime(2018, 1, 1, tzinfo=UTC)

OF_ACCOUNTS = {
    "cr-01": (
        "has opportunity where (stage = 'Won' and closed from 2017-10-01 to 2018-01-01)"
        " at least 20 times"
    ),
    "cr-02": "sum(opportunity.value where (stage = 'Won')) >= 150000",
    "cr-03": "has opportunity where (stage = 'Engaging' and engaged < 2017-07-04)",
    "cr-04": (
        "count(opportunity where (product = 'GTK 500' and stage = 'Lost'))"
        " > count(opportunity where (product = 'GTK 500' and stage = 'Won'))"
    ),
    "cr-05": "has no opportunity where (stage in ('Prospecting', 'Engaging'))",
}
# The last rule is about single opportunities, so each of them is a subject with a history.
OF_OPPORTUNITIES = {"cr-06": "did engage then did win where (value >= 20000) within 30 days"}


@pytest.fixture(scope="module")
def rows(data_file):
    with gzip.open(data_file("crm_opportunities.csv.gz"), "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def instant(day):
    return datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None


@pytest.fixture(scope="module")
def accounts(rows):
    schema = Schema(
        collections=[
            Collection(
                "opportunity",
                verb="has",
                time=None,
                fields=[
                    Field("stage", FieldType.TEXT),
                    Field("product", FieldType.TEXT),
                    Field("engaged", FieldType.DATE),
                    Field("closed", FieldType.DATE),
                    Field("value", FieldType.MONEY, currency="USD"),
                ],
            )
        ]
    )
    records = [
        Record.read(
            schema,
            row["account"],
            "opportunity",
            row["opportunity_id"],
            {
                "stage": row["deal_stage"],
                "product": row["product"],
                "engaged": instant(row["engage_date"]) and instant(row["engage_date"]).date(),
                "closed": instant(row["close_date"]) and instant(row["close_date"]).date(),
                "value": Decimal(row["close_value"]) if row["close_value"] else None,
            },
        )
        for row in rows
        if row["account"]
    ]
    contacts = {record.contact for record in records}
    return MemoryStore(State.of(schema, [*map(Contact, contacts), *records]))


@pytest.fixture(scope="module")
def opportunities(rows):
    value = Field("value", FieldType.MONEY, currency="USD")
    schema = Schema(collections=[Collection("engage"), Collection("win", fields=[value])])
    events = []
    for row in rows:
        own = row["opportunity_id"]
        if row["engage_date"]:
            events.append(Event(own, "engage", instant(row["engage_date"])))
        if row["deal_stage"] == "Won":
            amount = {"value": Decimal(row["close_value"])}
            events.append(Event(own, "win", instant(row["close_date"]), amount))
    contacts = [Contact(row["opportunity_id"]) for row in rows]
    return MemoryStore(State.of(schema, contacts), events)


@pytest.fixture(scope="module")
def found(accounts, opportunities, members_of, engine):
    return members_of(OF_ACCOUNTS, accounts, at=AT, zone=UTC, engine=engine) | members_of(
        OF_OPPORTUNITIES, opportunities, at=AT, zone=UTC, engine=engine
    )


@pytest.mark.parametrize("rule", [*OF_ACCOUNTS, *OF_OPPORTUNITIES])
def test_every_rule_has_the_members_of_the_oracle(rule, found, oracle, expected):
    assert found[rule] == expected(oracle("crm")[rule])


def test_no_rule_of_the_oracle_is_left_out(oracle):
    assert {*OF_ACCOUNTS, *OF_OPPORTUNITIES} == set(oracle("crm"))
