"""
What it costs to take events in: from objects, from Arrow tables, and a day's events later.

    python3 dev.py bench ingest             a million contacts, ten million events
    python3 dev.py bench ingest --small     a tenth of that
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
from _workload import (
    CATEGORIES,
    DAY,
    NOW,
    TYPES,
    World,
    contact_table,
    event_table,
    instant,
    schema,
    world,
)

from segmentkit.engines import Population, Table
from segmentkit.stores import Row

TARGETS = {"from Arrow": 0.4, "from objects": 1.5}
OBJECTS = 500_000


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--small", action="store_true", help="a tenth of the contacts and events")
    w = world(100_000, 1_000_000) if options.parse_args().small else world()
    print(f"W: {w.size:,} contacts, {w.event_count:,} events")
    contacts = contact_table(w)
    ids = contacts["id"].combine_chunks()
    taken = time.perf_counter()
    everyone = Population.from_tables(schema(), Table(contacts), {})
    print(f"contacts: {(time.perf_counter() - taken) / w.size * 1e6:.2f} us each")

    tables = {name: Table(event_table(w, name, ids), minor=["amount"]) for name in TYPES}
    taken = time.perf_counter()
    everyone.with_rows(tables)
    _say("from Arrow", time.perf_counter() - taken, w.event_count)

    texts: list[str] = ids.to_pylist()
    given = {name: list(islice(_rows(w, name, texts), OBJECTS // 12)) for name in TYPES}
    taken = time.perf_counter()
    everyone.with_rows(given)
    _say("from objects", time.perf_counter() - taken, sum(map(len, given.values())))
    _append_a_day(w, everyone, ids)


def _say(how: str, seconds: float, events: int) -> None:
    print(f"{how}: {seconds / events * 1e6:.2f} us an event   target {TARGETS[how]}")


def _rows(w: World, name: str, ids: list[str]) -> Iterator[tuple[str, Row]]:
    columns: Mapping[str, Any] = w.events[name]
    for number in range(len(columns["contact"])):
        fields: dict[str, object] = {}
        if "category" in columns:
            fields["category"] = CATEGORIES[columns["category"][number]]
        if "amount" in columns:
            fields["amount"] = Decimal(int(columns["amount"][number])).scaleb(-2)
        if "text" in columns and columns["text"][number] >= 0:
            fields["text"] = w.texts[columns["text"][number]]
        time_of_row = instant(int(columns["time"][number]))
        yield ids[columns["contact"][number]], Row(None, time_of_row, fields)


def _append_a_day(w: World, everyone: Population, ids: Any) -> None:
    """The last day's events join a population of all the days before."""
    midnight = int(NOW.timestamp()) * 1_000_000 - DAY
    cuts = {name: int(np.searchsorted(w.events[name]["time"], midnight)) for name in TYPES}
    before = {
        name: Table(event_table(w, name, ids, slice(0, cuts[name])), minor=["amount"])
        for name in TYPES
    }
    days = [
        {
            name: Table(event_table(w, name, ids, slice(start, end)), minor=["amount"])
            for name in TYPES
            for start, end in [_half(cuts[name], len(w.events[name]["time"]), half)]
        }
        for half in (0, 1)
    ]
    population = everyone.with_rows(before)
    for what, day in zip(("the first time, making room", "and again"), days, strict=True):
        taken = time.perf_counter()
        population = population.with_rows(day)
        print(f"half a day's events join, {what}: {(time.perf_counter() - taken) * 1e3:.1f} ms")


def _half(start: int, end: int, half: int) -> tuple[int, int]:
    middle = (start + end) // 2
    return (start, middle) if half == 0 else (middle, end)


if __name__ == "__main__":
    main()
