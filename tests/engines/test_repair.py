"""The smallest repair: apply it and the contact matches; less of it is not enough."""

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact, localcontext
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from cases.schema import SHOP
from hypothesis import assume, given
from hypothesis import strategies as st
from laws.worlds import row

from segmentkit.engines import Need, Repair, evaluate, explain
from segmentkit.query import bind, parse
from segmentkit.stores import Row
from segmentkit.testing import RowStore, checked_conditions, people, stored

AT = datetime(2026, 11, 21, 4, tzinfo=UTC)
ZONE = "Asia/Shanghai"
TICK = timedelta(microseconds=1)


def one(fields=None, segments=None, **rows):
    saved = {name: bind(parse(text), SHOP) for name, text in (segments or {}).items()}
    return RowStore(SHOP, {"c": fields or {}}, {n: {"c": r} for n, r in rows.items()}, None, saved)


def repair_of(query, store, at=AT):
    return explain(query, "c", store, at=at, zone=ZONE).repair


def mended(store, repair, when, contact="c"):
    """The store with the needs met at an instant."""
    collections = {name: dict(rows) for name, rows in store.collections.items()}
    for number, need in enumerate(repair.needs):
        added = [Row(f"mend-{number}-{n}", when, values) for n, values in enumerate(need.rows())]
        own = collections.setdefault(need.collection, {})
        own[contact] = [*own.get(contact, ()), *added]
    return evolve(store, collections=collections)


def matches(query, store, at=AT, contact="c"):
    return evaluate(query, contact, store, at=at, zone=ZONE)


def bought(*amounts, day=1, category="鞋"):
    return [row(f"2026-11-{day:02}T10:00", amount=a, category=category) for a in amounts]


# --- laws ---------------------------------------------------------------------------------------


@given(condition=checked_conditions(SHOP), crowd=people(SHOP, max_size=1))
def test_every_repair_that_is_told_makes_the_contact_match(condition, crowd):
    store = RowStore(SHOP, {n: f for n, (f, _) in crowd.items()}, stored(crowd))
    repair = explain(condition, "c-0", store, at=AT, zone=ZONE).repair
    if repair is not None:
        assert not matches(condition, store, contact="c-0")
        assert matches(condition, mended(store, repair, AT - TICK, "c-0"), contact="c-0")


@given(condition=checked_conditions(SHOP), crowd=people(SHOP, max_size=1))
def test_after_the_deadline_the_same_addition_is_no_repair(condition, crowd):
    store = RowStore(SHOP, {n: f for n, (f, _) in crowd.items()}, stored(crowd))
    repair = explain(condition, "c-0", store, at=AT, zone=ZONE).repair
    if repair is not None and repair.by is not None:
        later = explain(condition, "c-0", store, at=repair.by + TICK, zone=ZONE).repair
        # What a new item has to look like may be another thing on another day.
        assert later is None or _lacking(later) != _lacking(repair)


def _lacking(repair):
    return [(need.collection, need.count, need.where, need.totals) for need in repair.needs]


WITHOUT_DATES = [
    "did purchase in last 3 days",
    "count(view_product in last 5 hours) >= 3",
    "did purchase where (delivery in next 30 days) in this month at least 2 times",
    "has opportunity where (expected_close in next 30 days)",
    "has opportunity where (created in last 90 days and expected_close in next 2 weeks) at least 2 times",
    "did purchase where (paid_at in last 3 days) having (sum(amount) >= 5)",
    "did purchase where (paid_at in next 3 hours)",
]


@given(
    st.lists(st.sampled_from(WITHOUT_DATES), min_size=1, max_size=3, unique=True),
    st.sampled_from([" and ", " or "]),
)
def test_who_has_nothing_has_no_deadline_unless_the_condition_names_a_date(parts, joint):
    repair = repair_of(joint.join(parts), one())
    assert repair is not None
    assert repair.by is None


times = st.integers(-100, -1).map(lambda days: AT + timedelta(days=days, hours=3))
cents = st.integers(0, 50_000).map(lambda n: Decimal(n).scaleb(-2))
items = st.lists(st.tuples(times, cents, st.sampled_from(["鞋", "帽"])), max_size=6)
QUERIES = [
    "did purchase at least {n} times in last {days} days",
    "did purchase where (category = '鞋') at least {n} times in last {days} days",
    "did purchase more than {n} times",
    "did purchase between {n} to 9 times in last {days} days",
    "did purchase having (sum(amount) >= {money})",
    "did purchase where (category = '鞋') in last {days} days having (sum(amount) > {money})",
    "did purchase in last {days} days having (count() >= {n} and sum(amount) >= {money})",
    "sum(purchase.amount in last {days} days) >= {money}",
    "{money} < sum(purchase.amount where (category = '鞋'))",
    "count(purchase in last {days} days) >= {n}",
    "count(purchase) >= {n} and sum(purchase.amount) >= {money}",
    "count(view_product) >= 9 or count(purchase in last {days} days) >= {n}",
    "did purchase at least {n} times and did purchase where (category = '包') at least 2 times",
    "not (count(purchase in last {days} days) < {n})",
    "not (count(purchase) < {n} or sum(purchase.amount) <= {money})",
]


@given(
    query=st.sampled_from(QUERIES),
    given_items=items,
    n=st.integers(1, 6),
    days=st.integers(1, 90),
    money=st.integers(0, 150_000).map(lambda n: Decimal(n).scaleb(-2)),
)
def test_counts_and_sums_always_have_a_smallest_repair(query, given_items, n, days, money):
    query = query.format(n=n, days=days, money=money)
    rows = [row(when, amount=amount, category=kind) for when, amount, kind in given_items]
    store = one(purchase=rows)
    assume(not matches(query, store))
    repair = repair_of(query, store)
    assert repair is not None
    assert matches(query, mended(store, repair, AT - TICK))
    for need_number, need in enumerate(repair.needs):
        # One item less, or one cent less, is not enough.
        for less in _lesser(need):
            needs = [*repair.needs]
            needs[need_number] = less
            tried = evolve(repair, needs=tuple(x for x in needs if x.count))
            assert not matches(query, mended(store, tried, AT - TICK))
    if repair.by is not None:
        # Just in time it is enough; then what was there counts no more.
        assert matches(query, mended(store, repair, repair.by - 2 * TICK), repair.by - TICK)
        late = repair.by + TICK
        assert not matches(query, mended(store, repair, late - TICK), late)


@given(
    query=st.sampled_from([*QUERIES, "did purchase where (amount > {money}) at least {n} times"]),
    n=st.integers(1, 6),
    money=st.integers(10_000, 10**9).map(lambda n: Decimal(n).scaleb(-2)),
)
def test_a_repair_is_the_same_whatever_precision_the_hosts_decimals_have(query, n, money):
    query = query.format(n=n, days=30, money=money)
    store = one(purchase=bought(Decimal("33.33")))
    usual = explain(query, "c", store, at=AT, zone=ZONE)
    with localcontext(Context(prec=2, traps=[Inexact])):
        told = explain(query, "c", store, at=AT, zone=ZONE)
        assert told == usual
        assert told.text() == usual.text()
        if told.repair is not None:
            assert [list(need.rows()) for need in told.repair.needs] == [
                list(need.rows()) for need in usual.repair.needs
            ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("count(purchase) >= 2.5", 3),
        ("count(purchase) > 2.5", 3),
        ("count(purchase) > 3", 4),
        ("0.5 < count(purchase)", 1),
        ("count(purchase) >= 1.5 and count(purchase) <= 2.5", 2),
    ],
)
def test_a_count_that_is_no_whole_number_is_reached_by_the_next_one(query, count):
    (need,) = repair_of(query, one()).needs
    assert need.count == count


@pytest.mark.parametrize(
    ("operator", "amount"),
    [(">", "1.01"), (">=", "1.01"), ("<", "1.00"), ("<=", "1.00")],
)
def test_an_example_has_no_more_digits_than_its_field(operator, amount):
    (need,) = repair_of(f"did purchase where (amount {operator} 1.005)", one()).needs
    assert need.example == {"amount": Decimal(amount)}


def _lesser(need):
    fewer = evolve(need, count=need.count - 1)
    # Fewer items that add up to the same are enough where only the sum was lacking.
    if need.count > 1 or not need.totals:
        yield fewer
    for name, total in need.totals.items():
        if total > Decimal("0.01"):
            yield evolve(need, totals={**need.totals, name: total - Decimal("0.01")})


# --- examples -----------------------------------------------------------------------------------


def test_two_more_purchases_by_the_day_the_first_one_leaves_the_window():
    store = one(purchase=[*bought(5, day=3), *bought(5, day=10)])
    repair = repair_of("did purchase at least 4 times in last 30 days", store)
    assert repair.text() == "purchase 2 more times, by 2026-12-02"
    assert repair.text("zh") == "再购买 2 次,不晚于 2026-12-02"
    assert repair.by == datetime(2026, 12, 3, tzinfo=ZoneInfo(ZONE))


def test_a_sum_that_lacks_some_money():
    store = one(purchase=bought(Decimal("333.33"), Decimal("333.33")))
    repair = repair_of("did purchase having (count() >= 2 and sum(amount) >= 1000)", store)
    assert repair.text() == "purchase 1 more time, sum(purchase.amount) + 333.34"
    assert repair.text("zh") == "再购买 1 次,总和(购买.金额) + 333.34"


def test_a_window_of_hours_ends_at_an_instant():
    store = one(purchase=[row("2026-11-21T11:00")])
    repair = repair_of("did purchase at least 2 times in last 3 hours", store)
    assert repair.text() == "purchase 1 more time, before 2026-11-21 14:00"


def test_what_each_item_has_to_be_is_told_and_tried():
    query = (
        "did view_material where (category = '案例' and duration >= 30 seconds) at least 2 times"
    )
    repair = repair_of(query, one())
    assert repair.text() == (
        "view_material 2 more times where (category = '案例' and duration >= 30 seconds)"
    )
    (need,) = repair.needs
    assert need.example == {"category": "案例", "duration": timedelta(seconds=30)}


def test_parts_joined_by_and_are_lacking_together_and_of_or_the_least():
    both = repair_of("count(purchase) >= 2 and count(view_product) >= 1", one())
    assert both.text() == "purchase 2 more times; view_product 1 more time"
    least = repair_of("count(purchase) >= 2 or count(view_product) >= 1", one())
    assert least.text() == "view_product 1 more time"


def test_one_purchase_may_be_what_two_parts_lack():
    query = "count(purchase) >= 2 and sum(purchase.amount) >= 100"
    repair = repair_of(query, one(purchase=bought(30)))
    assert repair.text() == "purchase 1 more time, sum(purchase.amount) + 70.00"


@pytest.mark.parametrize(
    "query",
    [
        "did purchase where (sku contains all ('a', 'b'))",
        "did purchase where (sku like 'a*b?')",
        "did purchase where (amount = 5 and amount >= 3)",
        "did purchase where (amount >= 3 and amount = 5)",
        "did purchase where (amount >= 3 and amount > 5)",
        "did purchase where (amount < 5 and amount <= 3)",
        "did purchase where (amount > 5 and amount < 5.02)",
        "did purchase where (amount < 5.02 and amount > 5)",
        "did view_material where (duration > 5 minutes)",
        "did view_material where (duration < 5 minutes)",
        "has opportunity where (expected_close > 2026-12-01)",
        "has opportunity where (expected_close < 2026-12-01)",
        "has opportunity where (expected_close in next 7 days)",
        "has opportunity where (expected_close in previous month)",
    ],
)
def test_a_filter_that_an_item_can_pass_has_a_repair(query):
    assert repair_of(query, one()).needs[0].count == 1


def test_what_passes_a_filter_and_that_of_a_total_passes_both():
    query = "did purchase where (sku = 'a') having (count(where (amount > 5)) >= 2)"
    (need,) = repair_of(query, one()).needs
    assert (need.count, need.example) == (2, {"sku": "a", "amount": Decimal("5.01")})


def test_at_midnight_the_day_that_ends_is_still_today():
    midnight = datetime(2026, 11, 20, 16, tzinfo=UTC)
    assert repair_of("did purchase in today", one(), at=midnight).needs[0].count == 1


def test_a_thousand_are_told_and_no_more():
    assert repair_of("did purchase at least 1000 times", one()).needs[0].count == 1000
    assert repair_of("did purchase at least 1001 times", one()) is None


def test_an_item_that_meets_two_needs_is_lacking_once():
    query = "did purchase at least 3 times and did purchase where (category = '包')"
    assert repair_of(query, one(purchase=bought(30))).text() == (
        "purchase 1 more time; purchase 1 more time where (category = '包')"
    )
    assert repair_of(query, one(purchase=bought(30, 30))).text() == (
        "purchase 1 more time where (category = '包')"
    )


def test_a_sum_of_durations_that_lacks_some_time():
    looked = row("2026-11-21T11:00", duration=timedelta(seconds=12, milliseconds=500))
    query = "sum(view_material.duration) >= 30 seconds"
    repair = repair_of(query, one(view_material=[looked]))
    assert repair.text() == "view_material 1 more time, sum(view_material.duration) + 17.5 s"
    assert matches(query, mended(one(view_material=[looked]), repair, AT - TICK))


def test_a_segment_is_looked_into():
    store = one(segments={"big": "sum(purchase.amount) >= 100"}, purchase=bought(40))
    assert repair_of("in segment 'big'", store).text() == (
        "purchase 1 more time, sum(purchase.amount) + 60.00"
    )


@pytest.mark.parametrize(
    "query",
    [
        "did purchase at most 0 times",
        "did not purchase",
        "age >= 18",
        "has tag 'VIP'",
        "in group",
        "not did purchase",
        "did purchase and did not purchase",
        "did purchase in previous month at least 9 times",
        "did purchase from 60 days ago to 30 days ago",
        "did purchase exactly 1 time",
        "sum(purchase.amount) < 1",
        "did purchase where (amount < contact.balance) at least 9 times",
        "did purchase then did view_product",
        "false",
    ],
)
def test_where_more_does_not_help_there_is_no_repair(query):
    assert repair_of(query, one(purchase=bought(30, 40))) is None


def test_a_date_that_the_condition_names_is_a_deadline():
    repair = repair_of("did purchase before 2026-12-01", one())
    assert repair.text() == "purchase 1 more time, by 2026-11-30"


def test_a_tag_that_runs_out_is_a_deadline():
    tagged = row("2026-11-01", tag="VIP", expires=datetime(2026, 12, 1, tzinfo=UTC))
    repair = repair_of("has tag and count(purchase) >= 1", one(tag=[tagged]))
    assert repair.by == datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("window", ["3 hours", "30 days"])
def test_a_deadline_after_the_last_year_is_none(window):
    end = datetime.max.replace(tzinfo=UTC)
    (bought_once,) = bought(5)
    late = one(purchase=[bought_once._replace(time=end - timedelta(hours=1))])
    query = f"did purchase at least 2 times in last {window}"
    repair = repair_of(query, late, end - timedelta(minutes=5))
    assert (repair.by, repair.needs[0].count) == (None, 1)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_deadline_without_a_zone_is_said_in_utc(lang):
    by = datetime(1, 1, 2, tzinfo=UTC)
    assert "0001-01-01" in Repair((Need("purchase", 1),), by=by).text(lang)
    by = datetime(1, 1, 2, 7, tzinfo=UTC)
    assert "0001-01-02 07:00" in Repair((Need("purchase", 1),), by=by).text(lang)


@pytest.mark.parametrize(
    "query",
    [
        "has opportunity where (expected_close > 9999-12-31)",
        "has opportunity where (expected_close < 0001-01-01)",
        "did view_material where (duration > 99999999999 days)",
        "did purchase at least 1000000000 times",
        "sum(purchase.amount) >= 1 and count(purchase) > 1000",
    ],
)
def test_what_nobody_can_do_is_no_repair(query):
    assert repair_of(query, one()) is None


def test_a_yes_has_no_repair():
    assert repair_of("did purchase", one(purchase=bought(30))) is None


def test_time_that_would_mend_it_by_itself_is_no_repair():
    """The opportunity comes into the window tomorrow; today one more is needed."""
    query = "has opportunity where (expected_close in next 30 days)"
    soon = datetime(2026, 12, 22).date()
    store = one(opportunity=[row("2026-11-01", expected_close=soon)])
    (need,) = repair_of(query, store).needs
    assert need.count == 1
    assert matches(query, mended(store, repair_of(query, store), AT - TICK))
