"""The linter says nothing that is not so, and finds every kind of oddity that is planted."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rules.small_worlds import SCHEMA, queries, verdicts

from segmentkit.engines import Moment
from segmentkit.model import day_start, local_instant, shift_days, shift_months, standard_schema
from segmentkit.query import QueryError, Truth, as_condition, bind, format, parse  # noqa: A004
from segmentkit.query.builder import did, field
from segmentkit.rules import Rule, lint
from segmentkit.rules.linter import laws_of_totals, laws_of_values, marks
from segmentkit.rules.linter.findings import find
from segmentkit.rules.linter.marks import Mark, day_after, elapsed, never_later, unit_start

SHOP = standard_schema()
CASES = [
    tuple(part.strip() for part in line.rsplit("|", 1))
    for line in (Path(__file__).parent.parent / "cases" / "lint.txt")
    .read_text("utf-8")
    .splitlines()
    if line.strip() and not line.startswith("#")
]


@pytest.mark.parametrize(("query", "codes"), CASES)
def test_what_is_planted_is_found_and_nothing_else(query, codes):
    assert [odd.code for odd in lint(query, SHOP)] == codes.split()


# --- what is claimed is so --------------------------------------------------------------------------


@given(queries)
@example("age < 1 or age >= 1")
@example("not (age between 2 and 1)")
@example("did purchase where (amount = 1.5) having (min(amount) > 1 and max(amount) < 2)")
def test_every_claim_holds_for_everyone_of_a_small_domain(query):
    condition = bind(parse(query), SCHEMA)
    found = find(condition, SCHEMA)
    expected = verdicts(condition) if found else []
    for odd in found:
        assert verdicts(odd.lighter) == expected, (odd.code, format(odd.lighter))
        if odd.parent is condition and odd.code.startswith(("never", "always")):
            assert set(expected) <= {odd.code.startswith("always")}


def _reversed(one, other):
    return one >= other


def _always(*_):
    return True


FAULTS = [
    (marks, "_ordered", _reversed, "did purchase in last 7 days and did purchase in last 30 days"),
    (laws_of_values, "_is_always_known", _always, "age > 1 or age <= 1"),
    (laws_of_values, "_RANGES", {"month": (1, 3)}, "month(birthday) > 3"),
    (
        laws_of_totals,
        "_counts_no_more",
        _always,
        "sum(purchase.amount) >= 2 and count(purchase) >= 2",
    ),
    (laws_of_values, "at_or_before", _always, "age > 1 and age < 3"),
    (
        laws_of_totals,
        "_NEVER_ABOVE",
        {("max", "min")},
        "max(purchase.amount) >= 2 and min(purchase.amount) < 1",
    ),
]


@pytest.mark.parametrize(("place", "name", "wrong", "query"), FAULTS, ids=[f[1] for f in FAULTS])
def test_a_planted_fault_is_caught_by_the_small_domain(place, name, wrong, query, monkeypatch):
    condition = bind(parse(query), SCHEMA)
    monkeypatch.setattr(place, name, wrong)
    found = find(condition, SCHEMA)
    assert any(verdicts(odd.lighter) != verdicts(condition) for odd in found)


ZONES = st.sampled_from(
    ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Africa/Cairo"]
)
# Pacific/Apia skipped a day in 2011.
INSTANTS = st.datetimes(datetime(1995, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))
DAYS = st.integers(-400, 400)
MARKS = st.one_of(
    st.builds(elapsed, st.integers(-4_000_000, 4_000_000)),
    st.builds(day_after, DAYS, st.just("day")),
    st.builds(day_after, st.integers(-26, 26), st.just("month")),
    st.builds(
        unit_start, st.sampled_from(["week", "month", "quarter", "year"]), st.integers(0, 14)
    ),
    st.builds(marks.start_of, st.dates(date(2011, 12, 20), date(2012, 1, 10))),
    st.builds(marks.local, st.datetimes(datetime(2011, 12, 20), datetime(2012, 1, 10))),
)


def place_of(mark: Mark, moment: Moment) -> int:
    """Where a mark lies in one run, in microseconds."""
    today, position = moment.today, mark.position
    match mark.kind:
        case "elapsed":
            return moment.at + position * 1_000_000
        case "days":
            return moment.start_of(shift_days(today, position + 1))
        case "months":
            return moment.start_of(shift_days(shift_months(today, position), 1))
        case "week":
            return moment.start_of(shift_days(today, 7 * position - today.weekday()))
        case "month":
            return moment.start_of(shift_months(today.replace(day=1), position))
        case "quarter":
            first = today.replace(month=today.month - (today.month - 1) % 3, day=1)
            return moment.start_of(shift_months(first, 3 * position))
        case "year":
            return moment.start_of(date(today.year + position, 1, 1))
        case "date":
            return day_start(position.date(), moment.zone)
        case "local":
            return local_instant(position, moment.zone)


@given(MARKS, MARKS, INSTANTS, ZONES)
def test_marks_stand_in_their_order_in_every_run(first, second, at, zone):
    moment = Moment.of(at, zone)
    if never_later(first, second):
        assert place_of(first, moment) <= place_of(second, moment)
    if marks.has_begun(first) is not None:
        assert marks.has_begun(first) is (place_of(first, moment) < moment.at)


# --- how it is said ---------------------------------------------------------------------------------


@given(queries)
def test_a_fix_says_what_the_query_said(query):
    before = verdicts(bind(parse(query), SCHEMA))
    for odd in lint(query, SCHEMA):
        for fix in odd.fixes:
            start, end = fix.span
            mended = query[:start] + fix.replacement + query[end:]
            assert verdicts(bind(parse(mended), SCHEMA)) == before


@given(queries)
def test_the_tree_says_what_the_text_says(query):
    condition = parse(query)
    from_text, from_tree = lint(query, SCHEMA), lint(condition, SCHEMA)
    assert [odd.code for odd in from_text] == [odd.code for odd in from_tree]
    assert all(odd.message("zh") and not odd.fixes for odd in from_tree)


@pytest.mark.parametrize(
    ("query", "replacement"),
    [
        ("age > 30 and age > 20 and city = '福州'", "age > 30 and city = '福州'"),
        ("did purchase and did purchase in last 7 days", "did purchase in last 7 days"),
        ("年龄 > 30 且 (城市 = '福州' 或 年龄 < 20)", "城市 = '福州'"),
    ],
)
def test_a_clause_that_says_nothing_can_be_left_out(query, replacement):
    (odd,) = lint(query, SHOP)
    assert [fix.replacement for fix in odd.fixes] == [replacement]
    start, end = odd.fixes[0].span
    assert lint(query[:start] + replacement + query[end:], SHOP) == ()


def test_a_finding_quotes_the_query_in_its_own_words():
    (odd,) = lint("年龄 > 30 且 年龄 < 20", SHOP)
    assert odd.message() == "'年龄 > 30' and '年龄 < 20' are never true together"
    assert odd.message("zh") == "“年龄 > 30”和“年龄 < 20”不会同时成立"
    assert odd.span == (0, 17)
    assert odd.severity == "warning"


def test_a_tree_is_quoted_in_the_reader_s_language():
    built = did("purchase").where(field("amount") > 5, field("amount") > 3)
    (odd,) = lint(built, SHOP)
    assert odd.message() == "'amount > 3' adds nothing: 'amount > 5' asks for as much"


def test_a_rule_is_linted_by_its_text():
    (odd,) = lint(Rule(tag="t", when="age > 30 and age > 20"), SHOP)
    assert odd.span == (13, 21)


def test_a_rule_is_linted_with_its_parameters():
    when = "age > $low and age < 20 and has tag 'VIP' where (staff = $me)"
    assert lint(Rule(tag="t", when=when), SHOP) == ()
    (odd,) = lint(Rule(tag="t", when=when, parameters={"low": 30}), SHOP)
    assert odd.code == "never_together"


def test_what_is_open_may_be_anything():
    assert lint("age > $low and age < $high", SHOP) == ()
    (odd,) = lint("age > $low and age < $high", SHOP, parameters={"low": 30, "high": 20})
    assert odd.code == "never_together"
    assert [o.code for o in lint("did purchase at least $n times and did purchase", SHOP)] == []


def test_a_query_with_errors_is_refused():
    with pytest.raises(QueryError):
        lint("agee > 30", SHOP)


def test_long_queries_are_linted_soon():
    clauses = [f"did purchase at least {n} times in last {50 - n} days" for n in range(1, 40)]
    found = lint(" and ".join(clauses), SHOP)
    assert [odd.code for odd in found] == ["implied_clause"] * 38


def test_a_finding_replaces_what_never_holds_by_false():
    (odd,) = find(as_condition(parse("age > 30 and age < 20")), SHOP)
    assert odd.lighter == Truth(False)
