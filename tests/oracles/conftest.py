"""Reference answers that others computed: member counts and fingerprints of member ids."""

import csv
import gzip
import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from segmentkit.engines import Interpreter, SubjectReader, members, setting_of
from segmentkit.model import SYSTEM
from segmentkit.query import Scope, bind, parse


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


@pytest.fixture(scope="session")
def same_rfm(data_file):
    """
    Recency, frequency and value of each customer against a table of the `lifetimes` package.

    Frequency is the days with a purchase without the first one, recency the days from the first to
    the last, T those from the first to the table's end, and value the mean total of a day, again
    without the first.
    """
    day = timedelta(days=1) // timedelta(microseconds=1)
    totals = {
        "days": "distinct(date({items}.time){where})",
        "first": "min(date({items}.time){where})",
        "last": "max(date({items}.time){where})",
        "spent": "sum({items}.amount{where})",
    }

    def compare(store, items: str, table: str, end: date, *, where: str = "") -> None:
        tomorrow = datetime.combine(end + timedelta(days=1), time(), UTC)
        setting = setting_of(store, at=tomorrow, zone=UTC)
        interpreter = Interpreter(setting)
        getters = {}
        for name, text in totals.items():
            known = parse(f"{text.format(items=items, where=where)} is known")
            total = bind(known, store.schema, parameters={}).operand
            getters[name] = interpreter.value(total, Scope(store.schema)).get
        reader = SubjectReader(store.schema, interpreter.collections, SYSTEM, setting.moment)
        with gzip.open(data_file(f"oracles/{table}"), "rt", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
        for row in rows:
            subject = reader.read(store, row["customer_id"])
            held = {name: get(subject, None, {}) for name, get in getters.items()}
            epoch = date(1970, 1, 1).toordinal()
            of_first_day = sum(
                item.values["amount"]
                for item in subject.items[items]
                if item.time // day + epoch == held["first"] and item.values.get("quantity", 1) > 0
            )
            frequency = held["days"] - 1
            value = (held["spent"] - of_first_day) / 100 / frequency if frequency else 0
            assert frequency == float(row["frequency"])
            assert held["last"] - held["first"] == float(row["recency"])
            assert end.toordinal() - held["first"] == float(row["T"])
            assert value == pytest.approx(float(row["monetary_value"]), abs=1e-4)

    return compare
