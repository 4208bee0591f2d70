"""What the linter claims of sequences, globs, trees, sums and segments holds for everyone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules.small_worlds import MOMENT, SCHEMA, queries, verdicts

from segmentkit.engines import Setting
from segmentkit.query import NameTable, bind, format, parse  # noqa: A004
from segmentkit.rules.linter import (
    laws_of_keys,
    laws_of_sequences,
    laws_of_totals,
    linear,
    texts,
    theories,
)
from segmentkit.rules.linter.findings import find
from segmentkit.rules.linter.formulas import some_of

NAMES = NameTable(
    {
        "tag": {"a": "甲/一", "b": "甲/二", "c": "乙/一"},
        "tag_group": {"ga": "甲", "gb": "乙"},
        "segment": {"s1": "一", "s2": "二", "s3": "三"},
    },
    {"tag_group": {"a": "ga", "b": "ga", "c": "gb"}},
)
SEGMENTS = {
    name: bind(parse(text), SCHEMA, names=NAMES)
    for name, text in {
        "s1": "age > 1 or city = 'a'",
        "s2": "in segment '一' and not did purchase",
        "s3": "age > 2 and age < 2",
    }.items()
}
SETTING = Setting(SCHEMA, MOMENT, names=NAMES, segments=SEGMENTS)

_small = st.sampled_from(["-1", "0", "1", "2", "3"])
_signs = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def _filled(*templates, **parts):
    return st.tuples(st.sampled_from(templates), st.fixed_dictionaries(parts)).map(
        lambda drawn: drawn[0].format(**drawn[1])
    )


_globs = st.text("ab*?", min_size=1, max_size=4)
_filters = st.sampled_from(["", "where (amount > 1)", "where (amount > 2)", "where (paid)"])
_within = st.sampled_from(["", "within 1 days", "within 7 days", "within 0 hours"])
_LEAVES = {
    "texts": _filled(
        "city like '{g}'",
        "city like '{g}'",
        "city not like '{g}'",
        "city contains '{t}'",
        "city starts with '{t}'",
        "city ends with '{t}'",
        "city = '{t}'",
        g=_globs,
        t=st.text("ab", min_size=1, max_size=2),
    ),
    "sums": _filled(
        "age + level {op} {n}",
        "age - level {op} {n}",
        "{m} * age - {n} {op} level",
        "age / level {op} {n}",
        "{n} / age {op} level",
        "(age + {n}) / (level - {m}) {op} {m}",
        "age {op} {n}",
        "level {op} {n}",
        "age / 2 {op} {n}",
        "-age {op} {n}",
        "age - age {op} {n}",
        "count(purchase where (amount > 1)) / count(purchase) {op} {n}",
        "sum(purchase.amount) - max(purchase.amount) {op} {n}",
        "count(purchase) - count(view) {op} {n}",
        "did purchase where (amount * 2 {op} {n})",
        "age + level is known",
        "age / level is missing",
        op=_signs,
        n=_small,
        m=_small,
    ),
    "keys": st.sampled_from(
        """has tag under '甲'; has tag '甲/一'; has tag under '乙'; has no tag under '甲'; has tag like '甲*'
        has tag like '*一'; has tag like '甲*二'; has tag; has tag like '*'; has tag where (tag != '甲/一')
        has tag ('甲/一', '乙/一') at least 2 times; has tag under ('甲', '乙')""".replace(
            "\n", ";"
        ).split(";")
    ).map(str.strip),
    "segments": st.sampled_from(
        [
            "in segment '一'",
            "in segment '二'",
            "in segment ('一', '三')",
            "in segment '三'",
            "age > 1",
            "did purchase",
        ]
    ),
    "sequences": _filled(
        "did purchase {f} {window} then did view {w}",
        "did purchase {f} {window} then did not view {w}",
        "did purchase {f} {window} then did purchase {g} {w}",
        "did purchase {f} {window} then did purchase {g} then did view {w}",
        "did purchase {f} {window} then did not view then did purchase {g} {w}",
        "did view {window} then did not purchase {f} {w}",
        "did purchase as c {window} then did purchase where (amount > c.amount) {w}",
        "did purchase as c {window} then did view where (sku = c.category and sku != 'a') {w}",
        "did purchase as c {window} then did view where (sku = c.category) {w}",
        "did purchase {f} at least 2 times",
        "did purchase {f} {window}",
        "did view {window}",
        f=_filters,
        g=_filters,
        w=_within,
        window=st.sampled_from(["", "in last 30 days", "in last 7 days", "since 2026-03-30"]),
    ),
}


def _joined(leaves, depth=2):
    if depth == 0:
        return leaves
    inner = _joined(leaves, depth - 1)
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        leaves,
        several.map(lambda parts: "(" + " and ".join(parts) + ")"),
        several.map(lambda parts: "(" + " or ".join(parts) + ")"),
        inner.map(lambda part: f"not ({part})"),
    )


def refuted(query):
    """Claims about a query that someone of the small domain belies."""
    condition = bind(parse(query), SCHEMA, names=NAMES)
    found = find(condition, SCHEMA, names=NAMES, segments=SEGMENTS)
    expected = verdicts(condition, SETTING) if found else []
    return [
        f"{odd.code}: {format(odd.lighter)}"
        for odd in found
        if verdicts(odd.lighter, SETTING) != expected
        or (
            odd.parent is condition
            and odd.code.startswith(("never", "always"))
            and not set(expected) <= {odd.code.startswith("always")}
        )
    ]


@pytest.mark.parametrize("construct", _LEAVES)
@settings(max_examples=60)
@given(data=st.data())
def test_every_claim_holds_for_everyone_of_a_small_domain(construct, data):
    leaves = _LEAVES[construct]
    assert refuted(data.draw(_joined(leaves) | _joined(leaves | queries, 1))) == []


# --- a fault in a law is seen -------------------------------------------------------------------------


def _always(*_, **__):
    return True


def _everything(one, other, implies):
    return len(other.links) <= len(one.links)


def _one_more(items, least=1):
    return some_of(items, least + 1)


def _gap_forgotten(pattern, places, *, passing):
    return not places if passing else pattern.accepts(places)


def _named_so(claim, key, names):
    return True


def _not_turned(quotient, factor):
    return quotient


def _units_of_two(factors):
    return 2


FAULTS = [
    ("texts.settled", texts.Pattern, "is_settled", _gap_forgotten, "city like 'a*' and not (city = 'a')"),
    ("texts.like", theories, "text_that", lambda passing, failing: None if len(passing) > 1 else "x",
     "city like 'a*' and city like '*b'"),
    ("keys.meant", laws_of_keys, "is_meant", _named_so, "has tag '乙/一' and has no tag under '甲'"),
    ("sequences.asks", laws_of_sequences, "_asks_for", _everything,
     "did purchase then did view and not (did purchase where (amount > 2) then did view)"),
    ("sequences.twice", laws_of_sequences, "some_of", _one_more,
     "did purchase then did view and did purchase at least 2 times"),
    ("sequences.step", laws_of_sequences, "_asks_for_step", _always,
     "did purchase then did view within 7 days and not (did purchase then did view within 1 days)"),
    ("totals.chosen", laws_of_totals, "_CHOSEN", ("avg", "last"),
     "avg(purchase.amount) >= 1.5 and avg(purchase.amount) < 2 and did not purchase where (amount >= 1.5 and amount < 2)"),
    ("totals.order", laws_of_totals, "_ordered", lambda few, many: [(many, few)],
     "count(purchase where (amount > 1)) < 2 and count(purchase) >= 2"),
    ("sums.sign", linear, "_times", _not_turned, "age - level > 0 and not (level - age < 3)"),
    ("sums.unit", theories, "unit_of_sum", _units_of_two, "age + level >= 1 and age + level < 2"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "name", "wrong", "query"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_a_planted_fault_is_caught_by_the_small_domain(place, name, wrong, query, monkeypatch):
    texts.text_that.cache_clear()
    assert refuted(query) == []
    texts.text_that.cache_clear()
    monkeypatch.setattr(place, name, wrong)
    found = refuted(query)
    texts.text_that.cache_clear()
    assert found
