"""The rules in DuckDB, the fastest way found by hand: shared measure tables, one query a rule."""

from __future__ import annotations

from typing import Any

import _rules
import duckdb
import numpy as np
import pyarrow as pa
from _workload import DAY, KEYWORDS, NOW, TYPES, World

_NOW = int(NOW.timestamp()) * 1_000_000


def connect(w: World, threads: int) -> duckdb.DuckDBPyConnection:
    """Tables sorted by type, category and time; integer ids, keyword flags made beforehand."""
    con = duckdb.connect()
    con.execute(f"SET threads={threads}")
    contacts = pa.table({"cid": np.arange(w.size, dtype=np.int32), **_known(w.contacts)})
    con.register("given", contacts)
    con.execute("CREATE TABLE contacts AS SELECT * FROM given ORDER BY cid")
    con.register("given", pa.table({"cid": w.tags[0], "tag": w.tags[1]}))
    con.execute("CREATE TABLE tags AS SELECT * FROM given ORDER BY tag, cid")
    for name in TYPES:
        columns = dict(w.events[name])
        columns["cid"] = columns.pop("contact")
        if "text" in columns:
            columns["flags"] = flags(w)[columns.pop("text")]
        con.register("given", pa.table(columns))
        order = "category, time" if "category" in columns else "time"
        con.execute(f'CREATE TABLE "e_{name}" AS SELECT * FROM given ORDER BY {order}')
    con.unregister("given")
    return con


def flags(w: World) -> np.ndarray[Any, Any]:
    """For each message text which keywords stand in it, as bits; nothing for no text."""
    bits = [sum((word in text) << i for i, word in enumerate(KEYWORDS)) for text in w.texts]
    return np.array([*bits, 0], np.uint8)


def _known(columns: dict[str, Any]) -> dict[str, Any]:
    return {
        name: pa.array(values, mask=values < 0) if name in ("city", "age") else values
        for name, values in columns.items()
    }


def _where(measure: _rules.Measure, *, window: bool = True) -> str:
    parts: list[str] = []
    if measure.category is not None:
        parts.append(f"category={measure.category}")
    if measure.least_seconds is not None:
        parts.append(f"seconds>={measure.least_seconds}")
    if measure.least_amount is not None:
        parts.append(f"amount>={measure.least_amount}")
    if measure.keyword is not None:
        parts.append(f"(flags & {1 << KEYWORDS.index(measure.keyword)})>0")
    if window and measure.days is not None:
        parts.append(f"time>={_NOW - measure.days * DAY}")
    return " AND ".join(parts) or "true"


def _aggregate(measure: _rules.Measure) -> str:
    return "count(*)" if measure.function == "count" else f"sum({measure.field})"


def plan(rules: list[_rules.Rule]) -> tuple[list[str], list[str]]:
    """Statements that make one table per filter and window, and one query per rule."""
    groups: dict[tuple[object, ...], list[_rules.Measure]] = {}
    for rule in rules:
        for measure in _rules.measures_of(rule):
            group = groups.setdefault((*measure.filter, measure.days), [])
            if measure not in group:
                group.append(measure)
    tables: list[str] = []
    place: dict[_rules.Measure, tuple[str, str]] = {}
    for number, group in enumerate(groups.values()):
        columns = ", ".join(f"{_aggregate(m)} AS v{i}" for i, m in enumerate(group))
        place.update((m, (f"m{number}", f"v{i}")) for i, m in enumerate(group))
        tables.append(
            f"CREATE OR REPLACE TEMP TABLE m{number} AS SELECT cid, {columns} "
            f'FROM "e_{group[0].type}" WHERE {_where(group[0])} GROUP BY cid'
        )
    return tables, [_query(rule, place) for rule in rules]


def _query(rule: _rules.Rule, place: dict[_rules.Measure, tuple[str, str]]) -> str:
    """Join the rule's measure tables, from one that every member is in where there is one."""
    used = list(dict.fromkeys(place[m][0] for m in _rules.measures_of(rule)))
    anchor = next((place[m][0] for m in _required(rule)), None)
    condition = _condition(rule, place)
    needs_contact = _has_attribute(rule)
    if anchor is None:
        start, key = "contacts c", "c.cid"
        joins = [f"LEFT JOIN {t} ON {t}.cid=c.cid" for t in used]
    else:
        start, key = anchor, f"{anchor}.cid"
        joins = [f"LEFT JOIN {t} ON {t}.cid={key}" for t in used if t != anchor]
        if needs_contact:
            joins.append(f"JOIN contacts c ON c.cid={key}")
    text = condition.replace("$cid", key)
    return f"SELECT {key} AS cid FROM {start} {' '.join(joins)} WHERE {text}"


def _required(rule: _rules.Rule) -> list[_rules.Measure]:
    """Measures in whose table every member stands."""
    match rule:
        case _rules.Total(operator=">=", value=value) if value >= 1:
            return [rule.measure]
        case _rules.Mean():
            return [rule.count]
        case _rules.All():
            return [m for part in rule.parts for m in _required(part)]
        case _:
            return []


def _has_attribute(rule: _rules.Rule) -> bool:
    match rule:
        case _rules.Attribute():
            return True
        case _rules.All() | _rules.Either():
            return any(map(_has_attribute, rule.parts))
        case _rules.No():
            return _has_attribute(rule.part)
        case _:
            return False


def _condition(rule: _rules.Rule, place: dict[_rules.Measure, tuple[str, str]]) -> str:
    def column(measure: _rules.Measure) -> str:
        return f"coalesce({'.'.join(place[measure])}, 0)"

    match rule:
        case _rules.Total():
            return f"{column(rule.measure)} {rule.operator} {rule.value}"
        case _rules.Mean():
            count, total = column(rule.count), column(rule.sum)
            return f"({count} > 0 AND {total} >= {count} * {rule.value})"
        case _rules.Attribute("city", _, value):
            return f"coalesce(c.city IN {value}, false)"
        case _rules.Attribute():
            return f"coalesce(c.{rule.name} >= {rule.value}, false)"
        case _rules.Tag():
            return f"($cid IN (SELECT cid FROM tags WHERE tag={rule.number}))"
        case _rules.All():
            return "(" + " AND ".join(_condition(p, place) for p in rule.parts) + ")"
        case _rules.Either():
            return "(" + " OR ".join(_condition(p, place) for p in rule.parts) + ")"
        case _rules.No():
            return f"(NOT {_condition(rule.part, place)})"


def run(con: duckdb.DuckDBPyConnection, planned: tuple[list[str], list[str]]) -> list[Any]:
    """Contact codes of each rule's members."""
    tables, queries = planned
    for table in tables:
        con.execute(table)
    return [con.execute(query).fetchnumpy()["cid"] for query in queries]
