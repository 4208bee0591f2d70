"""Promise 9: order is (time, sequence, id); `then` is strictly later."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws.worlds import instant, row

from segmentkit.query import Activity, Compare, Duration, Path, Rolling, Step, Text

FUNNEL = (
    "did join_campaign where (campaign = '双11') in last 60 days "
    "then did view_product within 3 days then did purchase within 7 days"
)
ABANDONED = "did add_to_cart as c then did not purchase where (sku = c.sku) within 1 days"


def day(n, clock="12:00"):
    return f"2026-11-{n:02}T{clock}"


# --- order --------------------------------------------------------------------------------------


def test_first_and_last_are_by_time_then_sequence_then_id(holds):
    early = row(day(1), sku="early", sequence=9, id="z")
    by_sequence = [row(day(2), sku=f"q{n}", sequence=n, id=f"y{9 - n}") for n in (3, 1, 2)]
    by_id = [row(day(3), sku=f"i{n}", id=f"i{n}") for n in (2, 3, 1)]
    assert holds("first(purchase.sku) = 'early'", purchase=[*by_id, *by_sequence, early])
    assert holds("first(purchase.sku) = 'q1' and last(purchase.sku) = 'q3'", purchase=by_sequence)
    assert holds("first(purchase.sku) = 'i1' and last(purchase.sku) = 'i3'", purchase=by_id)


@given(order=st.permutations(range(5)))
def test_the_order_of_rows_in_the_store_never_matters(holds, order):
    rows = [row(day(1 + n // 2), sku=f"s{n}", sequence=n % 2, id=f"id{n}") for n in range(5)]
    shuffled = [rows[n] for n in order]
    assert holds("first(purchase.sku) = 's0' and last(purchase.sku) = 's4'", purchase=shuffled)
    assert holds(
        "did purchase where (sku = 's1') then did purchase where (sku = 's2')", purchase=shuffled
    )


# --- then ---------------------------------------------------------------------------------------


def test_then_needs_a_strictly_later_time(holds):
    query = "did add_to_cart then did purchase"
    cart = [row(day(10), sequence=1, id="a")]
    assert not holds(query, add_to_cart=cart, purchase=[row(day(10), sequence=2, id="b")])
    later = instant(day(10)) + timedelta(microseconds=1)
    assert holds(query, add_to_cart=cart, purchase=[row(later, sequence=0, id="0")])
    assert not holds(query, add_to_cart=cart, purchase=[row(day(9))])


def test_within_is_inclusive_and_a_day_is_24_hours(holds):
    query = "did add_to_cart then did purchase within 1 days"
    cart = instant(day(10, "08:00"))
    for gap, found in {
        timedelta(hours=24): True,
        timedelta(hours=24, microseconds=1): False,
        timedelta(microseconds=1): True,
    }.items():
        assert holds(query, add_to_cart=[row(cart)], purchase=[row(cart + gap)]) == found
    # In New York 24 hours after 8:00 of the day before is 9:00 on the day of 23 hours.
    cart = instant("2026-03-07T08:00", "America/New_York")
    bought = instant("2026-03-08T09:00", "America/New_York")
    asked = {"zone": "America/New_York", "at": "2026-03-20T00:00"}
    assert holds(query, add_to_cart=[row(cart)], purchase=[row(bought)], **asked)


def test_within_counts_from_the_step_before(holds):
    rows = {
        "join_campaign": [row(day(1), campaign="双11")],
        "view_product": [row(day(4))],
        "purchase": [row(day(11))],
    }
    assert holds(FUNNEL, **rows)
    assert not holds(FUNNEL, **{**rows, "purchase": [row(day(11, "12:01"))]})
    assert not holds(FUNNEL, **{**rows, "view_product": [row(day(4, "12:01"))]})
    assert not holds(FUNNEL, **{**rows, "join_campaign": [row(day(1), campaign="618")]})


def test_a_later_start_may_succeed_where_the_first_fails(holds):
    query = "did add_to_cart then did purchase within 1 days"
    carts = [row(day(1)), row(day(9))]
    assert holds(query, add_to_cart=carts, purchase=[row(day(10))])
    steps = "did add_to_cart then did view_product then did purchase within 1 days"
    views = [row(day(2)), row(day(9, "18:00"))]
    assert holds(steps, add_to_cart=carts[:1], view_product=views, purchase=[row(day(10))])


def test_all_steps_lie_in_the_window(holds):
    query = "did add_to_cart from 2026-11-05 to 2026-11-10 then did purchase"
    cart = [row(day(6))]
    assert holds(query, add_to_cart=cart, purchase=[row(day(9, "23:59"))])
    assert not holds(query, add_to_cart=cart, purchase=[row(day(10, "00:00"))])
    assert not holds(query, add_to_cart=[row(day(4))], purchase=[row(day(6))])


def test_the_same_step_twice_needs_two_events(holds):
    query = "did purchase then did purchase"
    assert not holds(query, purchase=[row(day(1))])
    assert holds(query, purchase=[row(day(1)), row(day(2))])
    assert not holds(query, purchase=[row(day(1)), row(day(1))])
    three = f"{query} then did purchase"
    assert not holds(three, purchase=[row(day(1)), row(day(2))])
    assert holds(three, purchase=[row(day(n)) for n in (1, 2, 3)])


# --- did not ------------------------------------------------------------------------------------


def test_a_middle_did_not_means_none_between_its_neighbours(holds):
    query = "did add_to_cart then did not view_product then did purchase"
    rows = {"add_to_cart": [row(day(1))], "purchase": [row(day(5))]}
    assert holds(query, **rows)
    assert not holds(query, view_product=[row(day(3))], **rows)
    # At the very time of a neighbour is not between.
    assert holds(query, view_product=[row(day(1)), row(day(5))], **rows)
    assert holds(query, view_product=[row(day(6))], **rows)
    # Another pair of neighbours has none between.
    rows["add_to_cart"].append(row(day(4)))
    assert holds(query, view_product=[row(day(3))], **rows)


def test_several_middle_did_nots_all_hold(holds):
    query = "did add_to_cart then did not view_product then did not send_message then did purchase"
    rows = {"add_to_cart": [row(day(1))], "purchase": [row(day(5))]}
    assert holds(query, **rows)
    assert not holds(query, send_message=[row(day(2))], **rows)
    assert not holds(query, view_product=[row(day(2))], **rows)


def test_an_ending_did_not_within_is_true_only_once_the_time_is_over(holds):
    cart = row("2026-11-19T12:00", sku="s1")
    for at, found in {
        "2026-11-20T11:59": False,
        "2026-11-20T12:00": False,
        "2026-11-20T12:00:00.000001": True,
        "2026-11-21T00:00": True,
    }.items():
        assert holds(ABANDONED, add_to_cart=[cart], at=at) == found, at
    assert not holds(ABANDONED, add_to_cart=[cart], purchase=[row("2026-11-20T12:00", sku="s1")])
    later = row("2026-11-20T12:00:00.000001", sku="s1")
    assert holds(ABANDONED, add_to_cart=[cart], purchase=[later])


def test_an_ending_did_not_without_a_time_reaches_to_the_end_of_the_window(holds):
    query = "did add_to_cart then did not purchase"
    cart = [row(day(10))]
    assert holds(query, add_to_cart=cart)
    assert not holds(query, add_to_cart=cart, purchase=[row("2026-11-20T23:59")])
    assert holds(query, add_to_cart=cart, purchase=[row("2026-11-21T00:00")])
    assert holds(query, add_to_cart=cart, purchase=[row(day(10))])


# --- aliases ------------------------------------------------------------------------------------


def test_an_alias_speaks_of_the_very_item(holds):
    carts = [row(day(1), sku="s1"), row(day(2), sku="s2")]
    assert holds(ABANDONED, add_to_cart=carts, purchase=[row(day(1, "13:00"), sku="s1")])
    both = [row(day(1, "13:00"), sku="s1"), row(day(2, "13:00"), sku="s2")]
    assert not holds(ABANDONED, add_to_cart=carts, purchase=both)


def test_items_without_an_id_at_one_time_are_told_apart(holds):
    """Both carts are alike in time, sequence and (no) id; only the second leads to a purchase."""
    query = "did add_to_cart as c then did purchase where (sku = c.sku)"
    for skus in (("s1", "s2"), ("s2", "s1")):
        carts = [row(day(1), sku=sku, id=None) for sku in skus]
        assert holds(query, add_to_cart=carts, purchase=[row(day(2), sku="s2", id=None)])


def test_aliases_of_later_steps(holds):
    query = (
        "did view_product as v then did add_to_cart as c where (sku = v.sku) "
        "then did purchase where (sku = c.sku and quantity >= c.quantity)"
    )
    rows = {
        "view_product": [row(day(1), sku="s1")],
        "add_to_cart": [row(day(2), sku="s1", quantity=2)],
    }
    assert holds(query, purchase=[row(day(3), sku="s1", quantity=2)], **rows)
    assert not holds(query, purchase=[row(day(3), sku="s1", quantity=1)], **rows)
    assert not holds(query, purchase=[row(day(3), sku="s2", quantity=2)], **rows)


def test_a_later_start_may_lead_on_through_earlier_items(holds):
    """The first cart leads to a later view than the second one does."""
    query = (
        "did add_to_cart as c then did view_product where (sku = c.sku) "
        "then did purchase then did send_message within 1 hour"
    )
    rows = {
        "add_to_cart": [row(day(1, "00:00"), sku="a"), row(day(1, "01:00"), sku="b")],
        "view_product": [row(day(1, "05:00"), sku="a"), row(day(1, "03:00"), sku="b")],
        "purchase": [row(day(1, "04:00")), row(day(1, "06:00"))],
        "send_message": [row(day(1, "04:30"))],
    }
    assert holds(query, **rows)


def test_a_missing_field_of_an_alias_equals_nothing(holds):
    query = "did add_to_cart as c then did purchase where (sku = c.sku)"
    assert not holds(query, add_to_cart=[row(day(1))], purchase=[row(day(2))])


def test_did_not_in_front_is_the_complement_of_the_whole_sequence(holds):
    rows = {"add_to_cart": [row(day(1))], "purchase": [row(day(2))]}
    for query in ("add_to_cart then did purchase", "purchase then did add_to_cart"):
        assert holds(f"did {query}", **rows) != holds(f"did not {query}", **rows)


def test_memberships_take_part_by_their_time(holds):
    query = "has tag '意向强' then did purchase within 7 days"
    tag = [row(day(1), tag="意向强")]
    assert holds(query, tag=tag, purchase=[row(day(8))])
    assert not holds(query, tag=tag, purchase=[row(day(9))])


# --- against a plain reading --------------------------------------------------------------------

hours = st.lists(st.integers(0, 12), max_size=5)
kinds = ["purchase", "view_product", "add_to_cart"]
steps = st.lists(
    st.tuples(st.sampled_from(kinds), st.booleans(), st.none() | st.integers(0, 6)),
    min_size=1,
    max_size=3,
)


def some_chain(start, plan, events, end):
    """Whether a chain from *start* exists: every way is tried."""
    if not plan:
        return True
    kind, negated, within = plan[0]
    if not negated:
        return any(
            some_chain(t, plan[1:], events, end)
            for t in events[kind]
            if start < t < end and (within is None or t <= start + within)
        )
    absent = []
    rest = list(plan)
    while rest and rest[0][1]:
        absent.append(rest.pop(0))
    if not rest:
        for gone, _, limit in absent:
            until = end - 1 if limit is None else start + limit
            if until >= end or any(start < t <= until for t in events[gone]):
                return False
        return True
    kind, _, within = rest[0]
    return any(
        some_chain(t, rest[1:], events, end)
        for t in events[kind]
        if start < t < end
        and (within is None or t <= start + within)
        and not any(start < u < t for gone, _, _ in absent for u in events[gone])
    )


@given(bought=hours, viewed=hours, carted=hours, plan=steps, end=st.integers(1, 13))
def test_a_sequence_holds_when_trying_every_way_finds_a_chain(
    holds, bought, viewed, carted, plan, end
):
    plan = [
        (kind, negated, None if negated and place < len(plan) - 1 else within)
        for place, (kind, negated, within) in enumerate(plan)
    ]
    events = dict(zip(kinds, (bought, viewed, carted), strict=True))
    begun = instant("2026-11-20T00:00")
    rows = {k: [row(begun + timedelta(hours=t)) for t in times] for k, times in events.items()}
    node = Activity(
        "did",
        "purchase",
        steps=tuple(
            Step(kind, negated, within=None if within is None else Duration(within, "hour"))
            for kind, negated, within in plan
        ),
    )
    wanted = any(some_chain(t, plan, events, end) for t in bought if t < end)
    # One tick of the plain reading is an hour, so its end is the instant.
    assert holds(node, at=begun + timedelta(hours=end), **rows) == wanted


@pytest.mark.parametrize("count", [400])
def test_long_chains_and_many_events_are_quick(holds, count):
    """Neither many steps nor many dead ends take more than a moment."""
    if holds.engine == "columnar":
        pytest.skip("the interpreter is asked about single contacts")
    events = [row(instant(day(1)) + timedelta(minutes=n), sku="a", id=None) for n in range(2_000)]
    steps = tuple(Step("purchase") for _ in range(count))
    assert holds(Activity("did", "purchase", steps=steps), purchase=events)
    never = Step("view_product", where=Compare("=", Path(("sku",)), Text("b")))
    window = Rolling("last", Duration(30, "day"))
    hopeless = Activity("did", "purchase", window=window, steps=(*steps[:3], never))
    assert not holds(hopeless, purchase=events, view_product=events)


@given(
    carts=st.lists(st.tuples(st.integers(0, 6), st.sampled_from("ab")), max_size=4),
    views=st.lists(st.tuples(st.integers(0, 6), st.sampled_from("ab")), max_size=4),
    bought=st.lists(st.tuples(st.integers(0, 6), st.sampled_from("ab")), max_size=4),
)
def test_a_correlated_sequence_holds_when_trying_every_way_finds_a_chain(
    holds, carts, views, bought
):
    def rows(pairs):
        return [row(instant(day(1)) + timedelta(hours=t), sku=sku, id=None) for t, sku in pairs]

    events = {
        "add_to_cart": rows(carts),
        "view_product": rows(views),
        "purchase": rows(bought),
    }
    query = (
        "did add_to_cart as c then did view_product as v where (sku = c.sku) "
        "then did purchase where (sku != v.sku)"
    )
    chain = any(
        t < u < w and one == two != three
        for t, one in carts
        for u, two in views
        for w, three in bought
    )
    assert holds(query, **events) == chain
    absent = (
        "did add_to_cart as c then did not view_product where (sku = c.sku) "
        "then did purchase where (sku = c.sku) within 3 hours"
    )
    chain = any(
        t < w <= t + 3 and one == three and not any(t < u < w and two == one for u, two in views)
        for t, one in carts
        for w, three in bought
    )
    assert holds(absent, **events) == chain
