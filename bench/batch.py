"""
A hundred rules over ten million events: the columnar engine beside DuckDB and Polars.

All rivals hold the same world, give identical sets (checked first), and take turns in one process.

    python3 dev.py bench batch              a million contacts, ten million events; some minutes
    python3 dev.py bench batch --small      a tenth of that
    python3 dev.py bench batch --curves     only how time grows, and keywords not known before
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import _rival_duckdb as _duckdb
import _rival_polars as _polars
import _rules
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from _workload import TYPES, World, contact_table, event_table, schema, setting, tag_table, world

from segmentkit.engines.columnar import Answers, Batch, Population, Table, compile_batch
from segmentkit.query import Condition, bind, parse

ROUNDS = 7
# From the issue: at most this part of the rival's time (narrow, broad).
TARGETS = {"duckdb": (0.18, 0.27), "polars": (0.36, 0.71), "bincount": (4.0, 10.0)}
# Growth: one event in so many, and how many rules; how far over a line is taken for noise.
THINNED = (10, 4, 2, 1)
RULE_COUNTS = (10, 100, 1_000)
NOISE = 1.05
# Words that no rule has, each in about one plain message of forty.
NEW_WORDS = ("商品39", "商品27", "商品14")

OTHERS = {
    "min": "min(purchase.amount in last 90 days) < 20",
    "max": "max(purchase.amount in last 90 days) > 500",
    "distinct": "distinct(purchase.category in last 180 days) >= 3",
    "first": "first(purchase.category) = '类目003'",
    "last": "last(purchase.category) = '类目003'",
    "sequence": "did add_to_cart in last 7 days then did purchase within 1 days",
    "refunded": (
        "did purchase as p in last 180 days then did refund "
        "where (category = p.category and amount >= p.amount) within 30 days"
    ),
    "abandoned": (
        "did add_to_cart as c in last 30 days "
        "then did not purchase where (category = c.category) within 1 days"
    ),
    "dearer": "did purchase as p then did purchase where (amount > 3 * p.amount)",
    "unseen": (
        "did purchase as p then did not view where (category = p.category) "
        "then did purchase where (category = p.category)"
    ),
    "funnel": (
        "did view as v then did add_to_cart as c where (category = v.category) within 7 days "
        "then did purchase where (category = c.category and amount <= c.amount) within 7 days"
    ),
    "longer": (
        "did view as v then did view where (category = v.category and duration > 2 * v.duration)"
    ),
}
OTHERS_SQL = {
    "min": 'SELECT cid FROM "e_purchase" WHERE time >= $90 GROUP BY cid HAVING min(amount) < 2000',
    "max": 'SELECT cid FROM "e_purchase" WHERE time >= $90 GROUP BY cid HAVING max(amount) > 50000',
    "distinct": (
        'SELECT cid FROM "e_purchase" WHERE time >= $180 GROUP BY cid '
        "HAVING count(DISTINCT category) >= 3"
    ),
    "first": 'SELECT cid FROM "e_purchase" GROUP BY cid HAVING arg_min(category, time) = 3',
    "last": 'SELECT cid FROM "e_purchase" GROUP BY cid HAVING arg_max(category, time) = 3',
    "sequence": (
        'SELECT DISTINCT a.cid FROM "e_add_to_cart" a JOIN "e_purchase" b ON a.cid = b.cid '
        "AND b.time > a.time AND b.time <= a.time + 86400000000 "
        "WHERE a.time >= $7 AND b.time >= $7"
    ),
    "refunded": (
        'SELECT DISTINCT a.cid FROM "e_purchase" a JOIN "e_refund" b ON a.cid = b.cid '
        "AND a.category = b.category AND b.amount >= a.amount AND b.time > a.time "
        "AND b.time <= a.time + 2592000000000 WHERE a.time >= $180 AND b.time >= $180"
    ),
    "abandoned": (
        'SELECT DISTINCT a.cid FROM "e_add_to_cart" a WHERE a.time >= $30 AND a.time < $1 '
        'AND NOT EXISTS (SELECT 1 FROM "e_purchase" b WHERE a.cid = b.cid '
        "AND a.category = b.category AND b.time > a.time AND b.time <= a.time + 86400000000)"
    ),
    "dearer": (
        'SELECT DISTINCT a.cid FROM "e_purchase" a JOIN "e_purchase" b ON a.cid = b.cid '
        "AND b.amount > 3 * a.amount AND b.time > a.time"
    ),
    "unseen": (
        'SELECT DISTINCT a.cid FROM "e_purchase" a JOIN "e_purchase" b ON a.cid = b.cid '
        "AND a.category = b.category AND b.time > a.time "
        'WHERE NOT EXISTS (SELECT 1 FROM "e_view" v WHERE v.cid = a.cid '
        "AND v.category = a.category AND v.time > a.time AND v.time < b.time)"
    ),
    "funnel": (
        'SELECT DISTINCT a.cid FROM "e_view" a JOIN "e_add_to_cart" b ON a.cid = b.cid '
        "AND a.category = b.category AND b.time > a.time AND b.time <= a.time + 604800000000 "
        'JOIN "e_purchase" c ON b.cid = c.cid AND b.category = c.category '
        "AND c.amount <= b.amount AND c.time > b.time AND c.time <= b.time + 604800000000"
    ),
    "longer": (
        'SELECT DISTINCT a.cid FROM "e_view" a JOIN "e_view" b ON a.cid = b.cid '
        "AND a.category = b.category AND b.time > a.time AND b.seconds > 2 * a.seconds"
    ),
}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--small", action="store_true", help="a tenth of the contacts and events")
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--curves", action="store_true", help="growth and new keywords only")
    given = options.parse_args()
    w = world(100_000, 1_000_000) if given.small else world()
    print(f"W: {w.size:,} contacts, {len(w.tags[0]):,} tag pairs, {w.event_count:,} events")
    if given.curves:
        _curves(w)
        return
    population = _ingested(w)
    con = _duckdb.connect(w, 2)
    tables = _polars.Tables(w)
    numbers = np.random.default_rng(1).integers(0, w.size, w.event_count)
    for column, rules in enumerate((_rules.narrow(), _rules.broad())):
        _race(("narrow", "broad")[column], column, rules, population, con, tables, numbers, given)
    _singles(_rules.narrow(), population)
    _growth(population)
    _others(population, con)
    _memory(population, w)


def _ingested(w: World) -> Population:
    contacts = contact_table(w)
    ids = contacts["id"].combine_chunks()
    given = {name: Table(event_table(w, name, ids), minor=["amount"]) for name in TYPES}
    given["tag"] = Table(tag_table(w, ids))
    start = time.perf_counter()
    population = Population.from_tables(schema(), Table(contacts), given)
    taken = time.perf_counter() - start
    print(f"ingest from Arrow: {taken / w.event_count * 1e6:.2f} us an event, all told")
    return population


def _batch(rules: dict[str, Condition]) -> Batch:
    return compile_batch(rules, setting(schema()))


def _named(rules: list[_rules.Rule]) -> dict[str, Condition]:
    return {f"r{number}": _rules.condition(rule) for number, rule in enumerate(rules)}


def _race(
    name: str,
    column: int,
    rules: list[_rules.Rule],
    population: Population,
    con: Any,
    tables: _polars.Tables,
    numbers: Any,
    given: argparse.Namespace,
) -> None:
    batch = _batch(_named(rules))
    sql, lazy = _duckdb.plan(rules), _polars.plan(tables, rules)
    rivals: dict[str, Callable[[], Any]] = {
        "segmentkit": lambda: batch.evaluate(population),
        "duckdb": lambda: _duckdb.run(con, sql),
        "polars": lambda: _polars.run(lazy, len(rules)),
        "bincount": lambda: np.bincount(numbers, minlength=population.size),
    }
    _same(name, {rival: run() for rival, run in rivals.items() if rival != "bincount"})
    took: dict[str, list[float]] = {rival: [] for rival in rivals}
    for _ in range(given.rounds):
        for rival, run in rivals.items():
            # DuckDB hands the free memory of the process back to the system; whoever comes after
            # it would pay for fetching it again. So each runs twice in its turn, and the second
            # time counts.
            run()
            took[rival].append(_timed(run))
    ours = statistics.median(took["segmentkit"])
    print(f"\n{name}: 100 rules, medians of {given.rounds} interleaved rounds")
    print(f"  segmentkit {ours * 1e3:8.1f} ms")
    for rival, targets in TARGETS.items():
        median = statistics.median(took[rival])
        print(
            f"  {rival:10} {median * 1e3:8.1f} ms   ratio {ours / median:5.2f}"
            f"   target {targets[column]:.2f}"
        )


def _timed(run: Callable[[], Any]) -> float:
    gc.collect()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _same(name: str, found: dict[str, Any]) -> None:
    """Every rival gives identical sets, or the benchmark ends here."""
    digests: dict[str, list[str]] = {}
    for rival, sets in found.items():
        members = [s.codes for s in sets.values()] if isinstance(sets, Answers) else sets
        digests[rival] = [
            hashlib.sha256(np.sort(np.asarray(m).astype(np.int64)).tobytes()).hexdigest()
            for m in members
        ]
    wrong = [
        (rival, number)
        for rival, own in digests.items()
        for number, digest in enumerate(own)
        if digest != digests["segmentkit"][number]
    ]
    if wrong:
        raise SystemExit(f"{name}: rivals differ: {wrong[:10]}")
    pairs = sum(len(s) for s in found["segmentkit"].values())
    print(f"\n{name}: all rivals give the same {pairs:,} pairs of rule and contact")


def _singles(rules: list[_rules.Rule], population: Population) -> None:
    named = _named(rules)
    together = _batch(named)
    alone = [_batch({name: condition}) for name, condition in named.items()]
    whole = min(_timed(lambda: together.evaluate(population)) for _ in range(3))
    each = sum(min(_timed(lambda b=b: b.evaluate(population)) for _ in range(2)) for b in alone)
    print(f"\n100 rules / sum of 100 single runs: {whole / each:.2f}   target 0.50")


def _growth(population: Population) -> None:
    """More rules of the same kinds: every tenth, all hundred, ten times as many windows."""
    hundred = _rules.narrow()
    every = [_rules.with_other_windows(rule, more) for more in range(10) for rule in hundred]
    took: dict[int, float] = {}
    for count in RULE_COUNTS:
        batch = _batch(_named(hundred[::10] if count == 10 else every[:count]))
        took[count] = statistics.median(
            _timed(lambda b=batch: b.evaluate(population)) for _ in range(5)
        )
    print(f"\nnarrow, {population.size:,} contacts, all events")
    _say_curve("rules", "us a rule", 1e6, took)


def _say_curve(what: str, unit: str, scale: float, took: dict[int, float]) -> None:
    """
    Time by size; no worse than linear where the time of one rises at no step.

    What is paid once makes that easy, so the time of each one more is shown too.
    """
    print(f"{what:>12}       ms {unit:>12}  each more")
    before = (0, 0.0)
    each: list[float] = []
    more: list[float] = []
    for size, seconds in took.items():
        each.append(seconds / size)
        more.append((seconds - before[1]) / (size - before[0]))
        print(f"{size:12,} {seconds * 1e3:8.1f} {each[-1] * scale:12.2f} {more[-1] * scale:10.2f}")
        before = (size, seconds)
    worst, steepest = (max(b / a for a, b in pairwise(some)) for some in (each, more))
    verdict = "no worse than linear" if worst <= NOISE else "WORSE THAN LINEAR"
    print(
        f"  {verdict}: the time of one becomes at most {worst:.2f} times what it was a step before"
    )
    if steepest > NOISE:
        print(f"  but the time of each one more becomes {steepest:.2f} times what it was")


def _curves(w: World) -> None:
    contacts = contact_table(w)
    ids = contacts["id"].combine_chunks()
    tags = Table(tag_table(w, ids))
    took: dict[str, dict[int, float]] = {"take in": {}, "narrow": {}, "broad": {}}
    batches = {"narrow": _batch(_named(_rules.narrow())), "broad": _batch(_named(_rules.broad()))}
    for thinned in THINNED:
        # Events left out evenly: as many contacts, the same year, the same kinds.
        some = {
            name: Table(event_table(w, name, ids, slice(None, None, thinned)), minor=["amount"])
            for name in TYPES
        }
        count = sum(len(w.events[name]["contact"][::thinned]) for name in TYPES)

        def take_in(some: dict[str, Table] = some) -> Population:
            return Population.from_tables(schema(), Table(contacts), {**some, "tag": tags})

        took["take in"][count] = statistics.median(_timed(take_in) for _ in range(3))
        population = take_in()
        for name, batch in batches.items():
            batch.evaluate(population)
            rounds = [_timed(lambda b=batch, p=population: b.evaluate(p)) for _ in range(5)]
            took[name][count] = statistics.median(rounds)
    for name, curve in took.items():
        print(f"\n{name}, {w.size:,} contacts")
        _say_curve("events", "ns an event", 1e9, curve)
    _growth(population)
    _new_keywords(w, contacts, ids)


def _new_keywords(w: World, contacts: pa.Table, ids: pa.Array) -> None:
    """Keywords among W's texts, of which few differ, and the same numbered, so that all differ."""
    messages = event_table(w, "message", ids)
    column = messages.schema.get_field_index("text")
    numbers = pa.array(np.arange(len(messages))).cast(pa.string())
    numbered = pc.binary_join_element_wise(messages["text"], numbers, " ")
    con = duckdb.connect()
    con.execute("SET threads=2")
    for texts in (messages["text"], numbered):
        con.register("given", pa.table({"cid": w.events["message"]["contact"], "text": texts}))
        con.execute("CREATE OR REPLACE TABLE said AS SELECT * FROM given")
        held, different = len(texts) - texts.null_count, len(pc.unique(texts)) - 1
        print(f"\na keyword not known before, in {held:,} messages of {different:,} texts")
        _new_words(Table(contacts), Table(messages.set_column(column, "text", texts)), con)


def _new_words(contacts: Table, messages: Table, con: duckdb.DuckDBPyConnection) -> None:
    """The first question of a fresh population for a word, and the second; each word beside SQL."""
    took: dict[str, list[float]] = {"first": [], "again": [], "duckdb": []}
    for word in NEW_WORDS:
        population = Population.from_tables(schema(), contacts, {"message": messages})
        condition = bind(parse(f"did message where (text contains '{word}')"), schema())
        batch = _batch({"said": condition})
        sql = f"SELECT DISTINCT cid FROM said WHERE contains(text, '{word}')"
        for what in ("first", "again"):
            took[what].append(_timed(lambda b=batch, p=population: b.evaluate(p)))
        took["duckdb"].append(_timed(lambda q=sql: con.execute(q).fetchnumpy()))
        theirs = np.sort(con.execute(sql).fetchnumpy()["cid"])
        if not np.array_equal(batch.evaluate(population)["said"].codes, theirs):
            raise SystemExit(f"{word}: members differ from DuckDB's")
    other = statistics.median(took["duckdb"])
    for what, rounds in took.items():
        median = statistics.median(rounds)
        print(f"  {what:6} {median * 1e3:8.1f} ms   ratio to duckdb {median / other:5.2f}")


def _others(population: Population, con: Any) -> None:
    now = int(setting(schema()).moment.at)
    print("\nrule        segmentkit    duckdb   (ms)")
    for name, text in OTHERS.items():
        batch = _batch({name: bind(parse(text), schema())})
        sql = OTHERS_SQL[name]
        for days in (180, 90, 30, 7, 1):
            sql = sql.replace(f"${days}", str(now - days * 86_400_000_000))
        ours = np.sort(batch.evaluate(population)[name].codes)
        theirs = np.sort(con.execute(sql).fetchnumpy()["cid"])
        if not np.array_equal(ours, theirs):
            raise SystemExit(f"{name}: {len(ours)} members here, {len(theirs)} in DuckDB")
        mine = min(_timed(lambda b=batch: b.evaluate(population)) for _ in range(3))
        other = min(_timed(lambda q=sql: con.execute(q).fetchnumpy()) for _ in range(3))
        print(f"{name:10} {mine * 1e3:11.1f} {other * 1e3:9.1f}")


def _memory(population: Population, w: World) -> None:
    held = population.memory()
    events = sum(held[name] for name in TYPES)
    print(f"\nmemory: {events / w.event_count:.1f} bytes an event   target 20")
    for name in TYPES:
        population.partition(name).index(population.size)
    indexed = population.memory()
    with_index = sum(indexed[name] for name in TYPES)
    print(f"        {with_index / w.event_count:.1f} with the index by contact   target 27")
    print(f"        {held['tag'] / len(w.tags[0]):.1f} a contact-tag pair   target 4")
    print(f"        {held['contacts'] / w.size:.0f} a contact, its id and fields")


if __name__ == "__main__":
    main()
