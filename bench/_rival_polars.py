"""The rules in Polars, the fastest way found by hand: a table a type, rules grouped by filter."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import _rival_duckdb as _duckdb
import _rules
import numpy as np
import polars as pl
from _workload import DAY, KEYWORDS, NOW, TYPES, World

_NOW = int(NOW.timestamp()) * 1_000_000


class Tables:
    """Events by type in order of time, contacts with a column of booleans for each tag."""

    def __init__(self, w: World) -> None:
        self.events: dict[str, pl.DataFrame] = {}
        for name in TYPES:
            columns = dict(w.events[name])
            columns["cid"] = columns.pop("contact")
            if "text" in columns:
                columns["flags"] = _duckdb.flags(w)[columns.pop("text")]
            self.events[name] = pl.DataFrame(columns)
        own = {"cid": np.arange(w.size, dtype=np.int32), **w.contacts}
        # Missing values are -1, which no rule asks for.
        self.contacts = pl.DataFrame(own)
        order = np.argsort(w.tags[1], kind="stable")
        ends = np.searchsorted(w.tags[1][order], np.arange(301))
        marks: list[pl.Series] = []
        for tag in range(300):
            mask = np.zeros(w.size, np.bool_)
            mask[w.tags[0][order[ends[tag] : ends[tag + 1]]]] = True
            marks.append(pl.Series(f"t{tag}", mask))
        self.contacts = self.contacts.hstack(marks)


def _filter(measure: _rules.Measure, *, window: bool = True) -> pl.Expr | None:
    parts: list[pl.Expr] = []
    if measure.category is not None:
        parts.append(pl.col("category") == measure.category)
    if measure.least_seconds is not None:
        parts.append(pl.col("seconds") >= measure.least_seconds)
    if measure.least_amount is not None:
        parts.append(pl.col("amount") >= measure.least_amount)
    if measure.keyword is not None:
        parts.append((pl.col("flags") & (1 << KEYWORDS.index(measure.keyword))) > 0)
    if window and measure.days is not None:
        parts.append(pl.col("time") >= _NOW - measure.days * DAY)
    return None if not parts else pl.all_horizontal(parts)


def plan(tables: Tables, rules: list[_rules.Rule]) -> list[tuple[list[int], pl.LazyFrame]]:
    """Rules over the same filters share one query; each type is grouped once in it."""
    groups: dict[frozenset[object], list[int]] = {}
    for number, rule in enumerate(rules):
        measures = _rules.measures_of(rule)
        groups.setdefault(frozenset((m.type, m.category) for m in measures), []).append(number)
    return [(numbers, _query(tables, rules, numbers)) for numbers in groups.values()]


def _query(tables: Tables, rules: list[_rules.Rule], numbers: list[int]) -> pl.LazyFrame:
    by_type: dict[str, list[_rules.Measure]] = {}
    names: dict[_rules.Measure, str] = {}
    for number in numbers:
        for measure in _rules.measures_of(rules[number]):
            if measure not in names:
                names[measure] = f"m{len(names)}"
                by_type.setdefault(measure.type, []).append(measure)
    frame: pl.LazyFrame | None = None
    for name, measures in by_type.items():
        source = tables.events[name].lazy()
        widest = _widest(measures)
        if widest is not None:
            source = source.filter(widest)
        grouped = source.group_by("cid").agg([_aggregate(m, names[m]) for m in measures])
        if frame is None:
            frame = grouped
        else:
            frame = frame.join(grouped, on="cid", how="full", coalesce=True)
    assert frame is not None
    joined = frame.join(tables.contacts.lazy(), on="cid", how="inner")
    return joined.select("cid", *[_condition(rules[n], names).alias(f"r{n}") for n in numbers])


def _widest(measures: list[_rules.Measure]) -> pl.Expr | None:
    """What any of the measures needs, their shared filter and widest window pushed down."""
    found: dict[tuple[object, ...], pl.Expr | None] = {}
    for measure in measures:
        same = [m for m in measures if m.filter == measure.filter]
        widest = next((m for m in same if m.days is None), None) or max(
            same, key=lambda m: m.days or 0
        )
        found[measure.filter] = _filter(widest)
    if any(expression is None for expression in found.values()):
        return None
    return pl.any_horizontal([e for e in found.values() if e is not None])


def _aggregate(measure: _rules.Measure, name: str) -> pl.Expr:
    where = _filter(measure)
    if measure.function == "count":
        return (pl.len() if where is None else where.sum()).alias(name)
    value = pl.col(measure.field or "").cast(pl.Int64)
    return (value if where is None else pl.when(where).then(value).otherwise(0)).sum().alias(name)


def _condition(rule: _rules.Rule, names: dict[_rules.Measure, str]) -> pl.Expr:
    def column(measure: _rules.Measure) -> pl.Expr:
        return pl.col(names[measure]).fill_null(0).cast(pl.Int64)

    match rule:
        case _rules.Total(operator=">="):
            return column(rule.measure) >= rule.value
        case _rules.Total():
            return column(rule.measure) == rule.value
        case _rules.Mean():
            count = column(rule.count)
            return (count > 0) & (column(rule.sum) >= count * rule.value)
        case _rules.Attribute("city", _, value):
            assert isinstance(value, tuple)
            return pl.col("city").is_in(list(value))
        case _rules.Attribute():
            return pl.col(rule.name) >= rule.value
        case _rules.Tag():
            return pl.col(f"t{rule.number}")
        case _rules.All():
            return pl.all_horizontal([_condition(p, names) for p in rule.parts])
        case _rules.Either():
            return pl.any_horizontal([_condition(p, names) for p in rule.parts])
        case _rules.No():
            return ~_condition(rule.part, names)


def run(planned: list[tuple[list[int], pl.LazyFrame]], count: int) -> list[Any]:
    """Contact codes of each rule's members."""
    found: list[Any] = [None] * count
    for numbers, query in planned:
        frame = query.collect()
        cid = frame["cid"].to_numpy()
        for number in numbers:
            found[number] = cid[frame[f"r{number}"].to_numpy()]
    return found
