"""Promises 2 to 4: filter, then count and aggregate; what comes of no items; did and did not."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws.worlds import Person, row

from segmentkit.query import (
    Activity,
    Aggregate,
    And,
    Compare,
    Frequency,
    IsMissing,
    Number,
    Or,
    Path,
    Text,
)

SHOES = [
    row("2026-11-10T09:00", category="鞋", amount=Decimal(100), quantity=1, sku="s1"),
    row("2026-11-11T09:00", category="鞋", amount=Decimal(300), quantity=2, sku="s2"),
]
HATS = [row("2026-11-12T09:00", category="帽", amount=Decimal(9_000), quantity=9, sku="h1")]
OLD = [row("2025-01-01T09:00", category="鞋", amount=Decimal(7_000), quantity=7, sku="s1")]
ALL = OLD + SHOES + HATS


# --- 2: filtered first --------------------------------------------------------------------------


def test_having_speaks_of_exactly_the_items_that_pass_where_and_window(holds):
    def having(total):
        query = f"did purchase where (category = '鞋') in last 30 days having ({total})"
        return holds(query, purchase=ALL)

    assert having("count() = 2 and sum(amount) = 400 and avg(amount) = 200")
    assert having("min(amount) = 100 and max(amount) = 300 and distinct(sku) = 2")
    assert having("first(sku) = 's1' and last(sku) = 's2' and sum(quantity) = 3")
    assert not having("sum(amount) > 400")
    assert not having("count() > 2")


def test_a_total_in_having_may_filter_further_but_never_wider(holds):
    query = "did purchase where (category = '鞋') having (count({}) = {})"
    assert holds(query.format("where (amount >= 300)", 2), purchase=ALL)
    assert holds(query.format("where (category = '帽')", 0), purchase=ALL)
    assert holds(query.format("in last 30 days", 2), purchase=ALL)
    assert holds(query.format("where (amount >= 300) in last 30 days", 1), purchase=ALL)


def test_having_may_compare_with_another_collection(holds):
    query = "did add_to_cart having (count() > count(purchase))"
    carts = [row("2026-11-01"), row("2026-11-02")]
    assert holds(query, add_to_cart=carts, purchase=SHOES[:1])
    assert not holds(query, add_to_cart=carts, purchase=SHOES)


def test_where_and_having_may_speak_of_the_contact(holds):
    items = [row("2026-11-10", channel="直播"), row("2026-11-11", channel="门店")]
    query = "did purchase where (channel = contact.channel) exactly 1 time"
    assert holds(query, {"channel": "直播"}, purchase=items)
    assert not holds(query, {"channel": "网店"}, purchase=items)
    assert not holds(query, {}, purchase=items)
    query = "did purchase having (count() > contact.age)"
    assert holds(query, {"age": 1}, purchase=items)
    assert not holds(query, {"age": 2}, purchase=items)
    assert not holds(query, {}, purchase=items)


def test_frequency_counts_the_items_that_pass(holds):
    query = "did purchase where (category = '鞋') {} in last 30 days"
    for frequency, verdict in {
        "at least 2 times": True,
        "at least 3 times": False,
        "at most 2 times": True,
        "at most 1 time": False,
        "exactly 2 times": True,
        "exactly 1 time": False,
        "more than 1 time": True,
        "more than 2 times": False,
        "fewer than 3 times": True,
        "fewer than 2 times": False,
        "between 2 to 2 times": True,
        "between 1 to 2 times": True,
        "between 3 to 5 times": False,
    }.items():
        assert holds(query.format(frequency), purchase=ALL) == verdict, frequency


def test_frequency_may_be_computed(holds):
    query = "did purchase at least count(add_to_cart) + 1 times"
    assert holds(query, purchase=SHOES, add_to_cart=[row("2026-11-01")])
    assert not holds(query, purchase=SHOES, add_to_cart=[row("2026-11-01"), row("2026-11-02")])


def test_a_missing_frequency_is_met_by_nobody(holds):
    for frequency in ("at least", "at most", "exactly", "fewer than"):
        assert not holds(f"did purchase {frequency} sum(add_to_cart.amount) / 0 times")


CLAUSES = (
    "where (category = '鞋')",
    "at least 2 times",
    "in last 30 days",
    "having (sum(amount) > 0)",
)


@given(order=st.permutations(CLAUSES))
def test_clause_order_never_matters(holds, order):
    assert holds(f"did purchase {' '.join(order)}", purchase=ALL)
    assert not holds(f"did purchase {' '.join(order)}", purchase=ALL[:2])


@pytest.mark.parametrize("joined", [And, Or])
@given(order=st.permutations(range(3)), bits=st.tuples(*[st.booleans()] * 3))
def test_the_order_of_and_and_or_never_matters(holds, joined, order, bits):
    parts = [
        Compare(">=", Path(("age",)), Number(18)),
        Activity("did", "purchase"),
        Compare("=", Path(("city",)), Text("福州")),
    ]
    fields = {"age": 18 if bits[0] else None, "city": "福州" if bits[2] else "厦门"}
    verdict = (all if joined is And else any)(bits)
    turned = joined(tuple(parts[i] for i in order))
    assert holds(turned, fields, purchase=SHOES if bits[1] else []) == verdict


# --- 3: no items --------------------------------------------------------------------------------


def test_of_no_items_count_distinct_and_sum_are_zero(holds):
    for total in ("count(purchase)", "count(purchase.sku)", "distinct(purchase.sku)"):
        assert holds(f"{total} = 0 and {total} is known")
    for field in ("amount", "quantity", "weight", "duty"):
        assert holds(f"sum(purchase.{field}) = 0 and sum(purchase.{field}) is known")
    assert holds("sum(purchase.handling) = 0 seconds")


def test_of_no_items_min_max_avg_first_and_last_are_missing(holds):
    for function in ("min", "max", "avg", "first", "last"):
        total = f"{function}(purchase.amount)"
        assert holds(f"{total} is missing")
        assert not holds(f"{total} <= 0 or {total} > 0")


def test_items_whose_field_is_missing_are_no_items_of_its_totals(holds):
    items = [row("2026-11-10", amount=None, sku=" "), row("2026-11-11", weight=float("nan"))]
    assert holds("count(purchase) = 2", purchase=items)
    assert holds("count(purchase.amount) = 0 and sum(purchase.amount) = 0", purchase=items)
    assert holds("avg(purchase.amount) is missing", purchase=items)
    assert holds("distinct(purchase.sku) = 0", purchase=items)
    assert holds("sum(purchase.weight) = 0 and max(purchase.weight) is missing", purchase=items)


def test_the_average_is_over_known_values(holds):
    items = [row("2026-11-10", amount=Decimal(10)), row("2026-11-11", amount=None)]
    assert holds("avg(purchase.amount) = 10", purchase=items)


def test_first_and_last_take_the_value_of_the_edge_item_even_if_missing(holds):
    items = [
        row("2026-11-10", sku=None),
        row("2026-11-11", sku="s1"),
        row("2026-11-12", sku=""),
    ]
    assert holds("first(purchase.sku) is missing and last(purchase.sku) is missing", purchase=items)
    assert holds("first(purchase.sku where (sku is known)) = 's1'", purchase=items)
    assert holds("last(purchase.sku in last 10 days) is missing", purchase=items)


@pytest.mark.parametrize(
    "quotient",
    [
        "age / 0",
        "age / (age - age)",
        "balance / 0",
        "score / 0",
        "1 / 0",
        "count(purchase where (gift is true)) / count(purchase)",
        "sum(purchase.amount) / sum(purchase.quantity)",
        "sum(purchase.handling) / sum(view_product.duration)",
    ],
)
def test_division_by_zero_is_missing(holds, quotient):
    person = {"age": 3, "balance": Decimal(5), "score": 1.5}
    assert holds(f"{quotient} is missing", person)
    assert holds(f"not ({quotient} >= 0) and not ({quotient} < 0)", person)


# --- 4: did and did not -------------------------------------------------------------------------


def test_did_not_holds_for_everyone_without_and_for_nobody_with(holds):
    crowd = {"with": Person({}, {"purchase": SHOES}), "without": Person(), "id only": Person()}
    assert holds.members("did purchase", crowd) == {"with"}
    assert holds.members("did not purchase", crowd) == {"without", "id only"}
    assert holds.members("not did purchase", crowd) == {"without", "id only"}
    assert holds.members("has no tag", crowd) == crowd.keys()
    assert holds.members("not in group", crowd) == crowd.keys()


def test_at_most_includes_zero_and_fewer_than_too(holds):
    assert holds("did purchase at most 2 times")
    assert holds("did purchase fewer than 1 times")
    assert holds("did purchase exactly 0 times")
    assert holds("did purchase between 0 to 2 times")
    assert not holds("did purchase at least 1 time")
    assert holds("did purchase at least 0 times")


def test_did_not_is_the_complement_of_the_whole_statement(holds):
    query = "purchase where (category = '鞋') at least 2 times in last 30 days"
    for items in ([], SHOES[:1], SHOES, HATS, ALL):
        assert holds(f"did {query}", purchase=items) != holds(f"did not {query}", purchase=items)


def test_having_still_means_that_it_was_done(holds):
    """`did X having (sum(amount) < 100)` is not true of those who never did X."""
    query = "did purchase having (sum(amount) < 100)"
    assert not holds(query)
    assert holds(query, purchase=[row("2026-11-10", amount=Decimal(1))])
    # A frequency that admits none says otherwise.
    assert holds("did purchase at most 1 time having (sum(amount) < 100)")


def test_all_wants_each_key_and_any_wants_one(holds):
    tags = [row("2026-11-01", tag="高消费"), row("2026-11-02", tag="高频")]
    assert holds("has all tag ('高消费', '高频')", tag=tags)
    assert not holds("has all tag ('高消费', '流失')", tag=tags)
    assert holds("has tag ('高消费', '流失')", tag=tags)
    assert not holds("has tag ('流失', '沉睡')", tag=tags)
    assert holds("has no tag ('流失', '沉睡')", tag=tags)
    assert not holds("has no tag ('高频', '沉睡')", tag=tags)
    assert holds("has no all tag ('高频', '沉睡')", tag=tags)


def test_all_asks_the_other_clauses_of_each_key(holds):
    tags = [row("2026-11-01", tag="a"), row("2026-11-02", tag="b"), row("2026-11-03", tag="b")]
    assert holds("has all tag ('a', 'b') at most 2 times", tag=tags)
    assert not holds("has all tag ('a', 'b') at least 2 times", tag=tags)
    assert not holds("has all tag ('a', 'b') since 2026-11-02", tag=tags)


# --- laws over random items ---------------------------------------------------------------------

amounts = st.lists(st.none() | st.decimals(-1_000, 1_000, places=2, allow_nan=False), max_size=6)


@given(amounts)
def test_totals_are_those_of_a_plain_computation(holds, given_amounts):
    items = [row(f"2026-11-{day:02}", amount=a) for day, a in enumerate(given_amounts, 1)]
    known = [a for a in given_amounts if a is not None]

    def same(function, value):
        total = Aggregate(function, ("purchase", "amount"))
        node = IsMissing(total) if value is None else Compare("=", total, Number(value))
        return holds(node, purchase=items)

    assert same("count", len(known))
    assert same("sum", sum(known, Decimal(0)))
    assert same("min", min(known, default=None))
    assert same("max", max(known, default=None))
    assert same("distinct", len(set(known)))
    assert same("first", given_amounts[0] if given_amounts else None)
    assert same("last", given_amounts[-1] if given_amounts else None)


@given(count=st.integers(0, 6), bound=st.integers(0, 6), upper=st.integers(0, 6))
def test_frequencies_are_comparisons_with_the_count(holds, count, bound, upper):
    items = [row("2026-11-10") for _ in range(count)]
    for kind, verdict in {
        "at_least": count >= bound,
        "at_most": count <= bound,
        "exactly": count == bound,
        "more_than": count > bound,
        "fewer_than": count < bound,
    }.items():
        node = Activity("did", "purchase", frequency=Frequency(kind, Number(bound)))
        assert holds(node, purchase=items) == verdict
    between = Frequency("between", Number(bound), Number(upper))
    assert holds(Activity("did", "purchase", frequency=between), purchase=items) == (
        bound <= count <= upper
    )


def test_durations_add_up(holds):
    items = [row("2026-11-10", handling=timedelta(minutes=m)) for m in (20, 40)]
    assert holds("sum(purchase.handling) = 1 hour", purchase=items)
    assert holds("avg(purchase.handling) = 30 minutes", purchase=items)
    assert holds("max(purchase.handling) > 39 minutes", purchase=items)
    assert holds("sum(purchase.handling) = 2 * avg(purchase.handling)", purchase=items)
    assert holds("sum(purchase.handling) / min(purchase.handling) = 3", purchase=items)
