"""
A night from yesterday's population beside a night from nothing, end to end from Arrow.

Each night has a hundred rules asked of everyone, and says per rule who entered and who left since
the night before. The full night takes in contacts, tags and every event so far; the incremental one
keeps yesterday's population and takes in the day's events. Both must give identical sets.

    python3 dev.py bench night              a million contacts, ten million events; some minutes
    python3 dev.py bench night --small      a tenth of that
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import _rules
import numpy as np
import pyarrow as pa
from _workload import (
    NOW,
    TYPES,
    ZONE,
    World,
    contact_table,
    event_table,
    schema,
    tag_table,
    world,
)

from segmentkit.engines import Answers, Moment, Population, Setting, Table, compile_batch
from segmentkit.query import Condition

NIGHTS = 7
FULL_NIGHTS = 3
TARGET = 0.1
PARTS = ("take in", "compile", "evaluate", "differences")

Codes: TypeAlias = "np.ndarray[Any, Any]"
# Who entered and who left, by rule.
Changes: TypeAlias = dict[str, tuple[Codes, Codes]]
# Seconds, by part of a night.
Parts: TypeAlias = dict[str, float]


class Host:
    """The host's Arrow tables; what a night reads of them is a slice that copies nothing."""

    def __init__(self, w: World) -> None:
        self.contacts = contact_table(w)
        ids = self.contacts["id"].combine_chunks()
        self.tags = tag_table(w, ids)
        self._events = {name: event_table(w, name, ids) for name in TYPES}
        self._times = {name: w.events[name]["time"] for name in TYPES}

    def everything(self, until: datetime) -> dict[str, Table]:
        return {"tag": Table(self.tags), **self.events(None, until)}

    def events(self, since: datetime | None, until: datetime) -> dict[str, Table]:
        return {name: Table(self._between(name, since, until), minor=["amount"]) for name in TYPES}

    def _between(self, name: str, since: datetime | None, until: datetime) -> pa.Table:
        start = 0 if since is None else self._place(name, since)
        return self._events[name].slice(start, self._place(name, until) - start)

    def _place(self, name: str, instant: datetime) -> int:
        microseconds = int(instant.timestamp()) * 1_000_000
        return int(np.searchsorted(self._times[name], microseconds))


@dataclass(frozen=True)
class Night:
    """What a night found, and how long each part of it took."""

    population: Population
    answers: Answers
    changes: Changes
    took: Parts


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--small", action="store_true", help="a tenth of the contacts and events")
    options.add_argument("--nights", type=int, default=NIGHTS, help="incremental nights measured")
    given = options.parse_args()
    w = world(100_000, 1_000_000) if given.small else world()
    print(f"W: {w.size:,} contacts, {len(w.tags[0]):,} tag pairs, {w.event_count:,} events")
    host = Host(w)
    for name, rules in (("narrow", _rules.narrow()), ("broad", _rules.broad())):
        conditions = {f"r{number}": _rules.condition(rule) for number, rule in enumerate(rules)}
        _race(name, host, conditions, max(given.nights, FULL_NIGHTS))
    print(f"\nload average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _race(name: str, host: Host, conditions: dict[str, Condition], count: int) -> None:
    """One night after the other; the last ones also from nothing, in turns."""
    instants = [NOW - timedelta(days=days) for days in range(count + 1, -1, -1)]
    # The night after a full one makes room behind the columns; the others find it there.
    first = night = _incremental(
        host, conditions, instants[1], _full(host, conditions, instants[0])
    )
    nights: list[Parts] = []
    fulls: list[Parts] = []
    for at in instants[2:]:
        before, night = night, _incremental(host, conditions, at, night)
        nights.append(night.took)
        if len(nights) > count - FULL_NIGHTS:
            full = _full(host, conditions, at, before.answers)
            _same(name, at, night, full)
            fulls.append(full.took)
    _say_found(name, night, len(fulls))
    _say_times(nights, fulls, first.took, _least(host))


def _incremental(
    host: Host, conditions: dict[str, Condition], at: datetime, before: Night
) -> Night:
    """Yesterday's population and the day's events."""
    day = host.events(at - timedelta(days=1), at)
    gc.collect()
    start = time.perf_counter()
    population = before.population.with_rows(day)
    return _asked(population, conditions, at, before.answers, start)


def _full(
    host: Host, conditions: dict[str, Condition], at: datetime, before: Answers | None = None
) -> Night:
    """Everything up to the night, taken in anew."""
    tables = host.everything(at)
    gc.collect()
    start = time.perf_counter()
    population = Population.from_tables(schema(), Table(host.contacts), tables)
    return _asked(population, conditions, at, before, start)


def _asked(
    population: Population,
    conditions: dict[str, Condition],
    at: datetime,
    before: Answers | None,
    start: float,
) -> Night:
    """The rules compiled for the night's instant, asked, and held against the night before."""
    marks = [start, time.perf_counter()]
    batch = compile_batch(conditions, Setting(schema(), Moment.of(at, ZONE)))
    marks.append(time.perf_counter())
    answers = batch.evaluate(population)
    marks.append(time.perf_counter())
    changes = {} if before is None else _differences(before, answers, population.size)
    marks.append(time.perf_counter())
    took = {part: end - begun for part, begun, end in zip(PARTS, marks, marks[1:], strict=False)}
    return Night(population, answers, changes, took)


def _differences(before: Answers, after: Answers, size: int) -> Changes:
    """Who entered and who left; codes of contacts are the same on both nights."""
    mark = np.zeros(size, np.bool_)
    changes: Changes = {}
    for name, codes in after.codes.items():
        old = before.codes[name]
        mark[old] = True
        entered = codes[~mark.take(codes)]
        mark[codes] = False
        left = old[mark.take(old)]
        mark[left] = False
        changes[name] = (entered, left)
    return changes


def _same(name: str, at: datetime, night: Night, full: Night) -> None:
    """Both ways give identical sets and differences, or the benchmark ends here."""
    everyone = np.arange(night.population.size)
    if night.population.ids_of(everyone) != full.population.ids_of(everyone):
        raise SystemExit(f"{name}: contacts have other codes in a population made anew")
    for rule, codes in full.answers.codes.items():
        entered, left = full.changes[rule]
        own_entered, own_left = night.changes[rule]
        if not (
            np.array_equal(codes, night.answers.codes[rule])
            and np.array_equal(entered, own_entered)
            and np.array_equal(left, own_left)
        ):
            raise SystemExit(f"{name}, {at:%Y-%m-%d}: the two nights differ in rule {rule}")


def _least(host: Host) -> float:
    """What of a full night goes to contacts and tags alone."""
    took: list[float] = []
    for _ in range(FULL_NIGHTS):
        gc.collect()
        start = time.perf_counter()
        Population.from_tables(schema(), Table(host.contacts), {"tag": Table(host.tags)})
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def _say_found(name: str, last: Night, checked: int) -> None:
    pairs = sum(map(len, last.answers.codes.values()))
    entered = sum(len(change[0]) for change in last.changes.values())
    left = sum(len(change[1]) for change in last.changes.values())
    print(
        f"\n{name}: both ways give the same sets and differences on {checked} nights; on the last"
    )
    print(f"  {pairs:,} pairs of rule and contact, {entered:,} entered, {left:,} left")


def _say_times(nights: list[Parts], fulls: list[Parts], first: Parts, least: float) -> None:
    print(f"  medians, ms  incremental      full   ({len(nights)} and {len(fulls)} nights)")
    for part in PARTS:
        mine, whole = (statistics.median(took[part] for took in some) for some in (nights, fulls))
        print(f"  {part:11} {mine * 1e3:12.1f} {whole * 1e3:9.1f}")
    mine, whole = (
        statistics.median(sum(took.values()) for took in some) for some in (nights, fulls)
    )
    print(f"  {'all':11} {mine * 1e3:12.1f} {whole * 1e3:9.1f}")
    print(f"  incremental / full: {mine / whole:.3f}   target {TARGET:.1f}")
    print(
        f"  without contacts and tags in the full night ({least * 1e3:.0f} ms): "
        f"{mine / (whole - least):.3f}"
    )
    begun = sum(first.values())
    print(f"  the night after a full one: {begun * 1e3:.1f} ms, ratio {begun / whole:.3f}")


if __name__ == "__main__":
    main()
