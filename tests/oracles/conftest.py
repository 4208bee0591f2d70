"""Reference answers that others computed: member counts and fingerprints of member ids."""

import csv
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path

import pytest

from segmentkit.engines import members, setting_of
from segmentkit.model import Field, FieldType, Schema
from segmentkit.query import bind, parse


@pytest.fixture(scope="module", params=["interpreter", "columnar"])
def engine(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def oracle(data_file: Callable[[str], Path]) -> Callable[[str], dict[str, dict]]:
    """The rules of an oracle by id."""

    def read(name: str) -> dict[str, dict]:
        document = json.loads(data_file(f"oracles/{name}.json").read_text("utf-8"))
        return {rule["id"]: rule for rule in document["rules"]}

    return read


def fingerprint(ids: Iterable[str]) -> tuple[int, str]:
    """How many, and the sha256 of the ids sorted as text and joined by newlines."""
    listed = sorted(ids)
    return len(listed), hashlib.sha256("\n".join(listed).encode()).hexdigest()


@pytest.fixture(scope="session")
def members_of():
    """Every condition of a table asked of a store at once, by one engine."""

    def ask(conditions, store, *, at, zone, engine):
        bound = {
            name: bind(parse(text), store.schema, names=store.names, parameters={}, text=text)
            for name, text in conditions.items()
        }
        found = members(bound, store, setting_of(store, at=at, zone=zone), engine=engine)
        return {name: fingerprint(ids) for name, ids in found.items()}

    return ask


@pytest.fixture(scope="session")
def expected():
    """What the oracle says about one rule."""
    return lambda rule: (rule["members"], rule["ids_sha256"])


class Beside:
    """A store whose contacts have some more fields, of which the store knows nothing."""

    def __init__(self, store, fields: Iterable[Field], values: Mapping[str, Mapping[str, object]]):
        self._store = store
        self._missing = {field.name: None for field in fields}
        self._values = values
        self.schema = Schema([*store.schema.fields, *fields], store.schema.collections)

    def contact_fields(self, contact_id: str) -> Mapping[str, object]:
        given = self._values.get(contact_id, self._missing)
        return {**self._store.contact_fields(contact_id), **given}

    def __getattr__(self, name: str):
        return getattr(self._store, name)


@pytest.fixture(scope="session")
def same_rfm(data_file):
    """
    Recency, frequency and value of each customer against a table of the `lifetimes` package.

    Frequency is the days with a purchase without the first one, recency the days from the first to
    the last, T those from the first to the table's end, and value the mean total of a day, again
    without the first. What follows from a customer's row stands beside the customer as fields, so
    one condition compares the totals with them: everyone of the table passes it, and no one else.
    """
    days = [
        Field("days", FieldType.INTEGER),
        Field("first_day", FieldType.DATE),
        Field("last_day", FieldType.DATE),
    ]
    amounts = ("least_spent", "most_spent")
    totals = (
        "distinct(date({items}.time){where}) = days",
        "min(date({items}.time){where}) = first_day",
        "max(date({items}.time){where}) = last_day",
        "sum({items}.amount{where}) >= least_spent",
        "sum({items}.amount{where}) <= most_spent",
    )

    def row_as_fields(row: Mapping[str, str], spent_on: Counter[date], end: date):
        first = end - timedelta(days=int(float(row["T"])))
        frequency = int(float(row["frequency"]))
        spent = spent_on[first] + frequency * Decimal(row["monetary_value"])
        # The table's means have six decimals.
        unsure = Decimal("1e-4") * frequency
        return {
            "days": frequency + 1,
            "first_day": first,
            "last_day": first + timedelta(days=int(float(row["recency"]))),
            "least_spent": (spent - unsure).quantize(Decimal("0.01"), ROUND_CEILING),
            "most_spent": (spent + unsure).quantize(Decimal("0.01"), ROUND_FLOOR),
        }

    def compare(store, items: str, table: str, end: date, engine: str, *, where: str = "") -> None:
        tomorrow = datetime.combine(end + timedelta(days=1), time(), UTC)
        with gzip.open(data_file(f"oracles/{table}"), "rt", encoding="utf-8") as lines:
            rows = {row["customer_id"]: row for row in csv.DictReader(lines)}
        spent_on: dict[str, Counter[date]] = {customer: Counter() for customer in rows}
        for customer, row in store.scan(items):
            if customer in rows and row.fields.get("quantity", 1) > 0:
                spent_on[customer][row.time.date()] += row.fields["amount"]
        values = {
            customer: row_as_fields(row, spent_on[customer], end) for customer, row in rows.items()
        }
        # A row with one day too many shows that the comparison is made at all.
        wrong = min(values)
        values[wrong] = {**values[wrong], "days": values[wrong]["days"] + 1}
        currency = store.schema.collection(items).field("amount").currency
        spent = [Field(name, FieldType.MONEY, currency=currency) for name in amounts]
        beside = Beside(store, [*days, *spent], values)
        texts = [total.format(items=items, where=where) for total in totals]
        passed = members(
            {text: bind(parse(text), beside.schema, parameters={}, text=text) for text in texts},
            beside,
            setting_of(beside, at=tomorrow, zone=UTC),
            engine=engine,
        )
        for text, customers in passed.items():
            assert set(customers) == set(rows) - ({wrong} if "distinct" in text else set()), text

    return compare
