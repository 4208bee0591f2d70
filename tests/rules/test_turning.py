"""When a rule changes its mind by time alone: the same before, another at it."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.shops import AT, DAY, ZONE, bought, held, rule, shop

from segmentkit.engines import evaluate
from segmentkit.errors import InvalidValueError, UnknownNameError
from segmentkit.model import Contact, Event, Record
from segmentkit.query import Segment, parse
from segmentkit.rules import next_change, night_end

TICK = timedelta(microseconds=1)
HOURS = timedelta(hours=1)

WHEN = [
    "did purchase in last {n} days",
    "did not purchase in last {m} hours",
    "count(purchase in last {n} days) >= 2",
    "did purchase in previous {n} days",
    "did purchase in this week and did not view in today",
    "did view in previous week",
    "did purchase in this month",
    "did purchase from {m} days ago to {n} days ago",
    "did purchase since 2026-11-2{n}T09:30",
    "did purchase before 2026-11-2{n}",
    "did purchase on 2026-11-2{n}",
    "did purchase in next {n} days",
    "did purchase in next {m} hours",
    "has opportunity where (created in last {n} days)",
    "has opportunity where (expected_close in next {n} days)",
    "has opportunity in last {m} hours",
    "did purchase where (time >= {n} days ago)",
    "did purchase where (time < {m} hours ago)",
    "last(purchase.time) < {n} days ago",
    "first(purchase.time) = {m} hours ago",
    "anniversary(birthday) in next {n} days",
    "age(birthday) = 36",
    "birthday in last {n} days",
    "birthday < {m} hours ago",
    "anniversary(birthday) in next {m} hours",
    "has opportunity where (expected_close in last {m} hours)",
    "max(date(purchase.time)) >= {m} hours ago",
    "did view then did not purchase within {n} days",
    "did view in last {m} days then did purchase within {n} days",
    "count(purchase in last {n} hours) = 1",
    "did purchase having (count(in last {n} days) = 1 and count() >= 2)",
    "has tag '重点' and has no tag 'VIP' in last {n} days",
]


def moments():
    near = st.integers(-15 * 24, 6 * 24).map(lambda hours: AT + hours * HOURS)
    return near | st.sampled_from([AT, AT - TICK, AT + TICK, AT + 24 * HOURS])


@st.composite
def lives(draw):
    """A contact with a few events, an opportunity, a birthday and a tag that ends."""
    events = [
        Event("c", draw(st.sampled_from(["purchase", "view"])), time, {}, f"e{number}")
        for number, time in enumerate(draw(st.lists(moments(), max_size=4)))
    ]
    birthday = date(1990, 11, 20) + timedelta(days=draw(st.integers(-3, 9)))
    store = shop()
    contact = Contact.read(store.schema, "c", {"birthday": birthday})
    close = DAY + timedelta(days=draw(st.integers(-3, 9)))
    deal = Record.read(
        store.schema, "c", "opportunity", "o", {"created": draw(moments()), "expected_close": close}
    )
    ends = draw(st.none() | st.integers(1, 200).map(lambda hours: AT + hours * HOURS))
    tags = [held("c", "重点", "staff", "li.lei", expires=ends), held("c", "VIP", "rule", "VIP")]
    return shop(events, contacts=[contact], holds=tags, more=[deal])


@given(lives(), st.sampled_from(WHEN), st.integers(1, 9), st.integers(0, 30), st.data())
def test_the_verdict_is_the_same_before_and_another_at_it(store, when, few, more, data):
    asked = rule("一", when.format(n=few, m=few + more))
    turn = next_change(asked, "c", store, at=AT, zone=ZONE, within=timedelta(days=40))

    def matches(at):
        return evaluate(asked.condition, "c", store, at=at, zone=ZONE)

    end_of_sight = AT + timedelta(days=40)
    end = end_of_sight if turn is None else turn.at
    if turn is not None:
        assert turn.at > AT
        assert matches(turn.at) is turn.matches is not matches(AT)
        assert matches(turn.at - TICK) is not turn.matches
        ends = [night_end(DAY + timedelta(days=day), ZONE) for day in range(41)]
        deciding = [
            at for at in ends if turn.at <= at <= end_of_sight and matches(at) is turn.matches
        ]
        found = None if turn.night is None else night_end(turn.night, ZONE)
        assert found == next(iter(deciding), found)
        assert found is None or (turn.at <= found and matches(found) is turn.matches)
    span = (end - AT) // TICK
    for _ in range(5):
        between = AT + data.draw(st.integers(0, span - 1)) * TICK
        assert matches(between) is matches(AT)
    midnight = AT + data.draw(st.integers(0, 39)) * 24 * HOURS
    for near in (midnight, midnight + TICK):
        if near < end:
            assert matches(near) is matches(AT)


def test_a_window_of_days_ends_at_midnight_and_its_night_is_the_one_after():
    active = rule("活跃", "did purchase in last 7 days")
    turn = next_change(active, "a", shop([bought("a", 0.5)]), at=AT, zone=ZONE)
    assert turn.matches is False
    assert turn.night == DAY + timedelta(days=7)
    assert turn.at == night_end(DAY + timedelta(days=6), ZONE) + TICK


def test_a_window_of_hours_ends_to_the_microsecond():
    active = rule("活跃", "did purchase in last 36 hours")
    event = bought("a", 0.5)
    turn = next_change(active, "a", shop([event]), at=AT, zone=ZONE)
    assert turn.at == event.time + 36 * HOURS + TICK


@pytest.mark.parametrize(
    ("when", "hours"),
    [
        ("birthday >= 30 hours ago", 24 + 24 + 30),
        ("birthday in next 10 hours", 24 - 10),
        ("did purchase in next 5 hours", 49 - 5),
        ("did purchase in next 50 hours", 49),
        ("max(date(purchase.time)) < 30 hours ago", 72 + 30),
        ("did purchase then did not view within 5 hours", 49 + 5),
        ("in segment '近'", 49 - 5),
    ],
)
def test_hours_are_counted_from_the_midnights_of_a_date_and_the_instants_of_a_deed(when, hours):
    """The birthday begins 24 hours from now, and the purchase comes in 49."""
    born = Contact.read(shop().schema, "c", {"birthday": DAY + timedelta(days=2)})
    store = shop([bought("c", -49 / 24)], contacts=[born])
    store.save_segment(Segment("near", "近", parse("did purchase in next 5 hours")))
    turn = next_change(rule("一", when), "c", store, at=AT, zone=ZONE)
    assert turn is not None
    assert turn.at - AT - hours * HOURS in (timedelta(0), TICK)


def test_a_verdict_that_turns_back_before_midnight_is_seen_by_no_night():
    noon = AT - 12 * HOURS
    store = shop([bought("a", 16 / 24), bought("a", 15 / 24)])  # four and three hours before
    once = rule("一", "count(purchase in last 5 hours) = 1")
    turn = next_change(once, "a", store, at=noon, zone=ZONE)
    assert (turn.at - TICK, turn.matches, turn.night) == (noon + HOURS, True, None)


def test_a_tag_that_ends_turns_the_rules_that_read_it():
    ends = AT + 5 * HOURS
    store = shop(contacts=["a"], holds=[held("a", "VIP", "sync", "wecom", expires=ends)])
    turn = next_change(rule("一", "has tag 'VIP'"), "a", store, at=AT, zone=ZONE)
    assert (turn.at, turn.matches) == (ends, False)


def test_what_no_time_can_turn_never_turns():
    store = shop([bought("a", 3)])
    often = rule("VIP", "did purchase or sum(purchase.amount) >= 1000")
    assert next_change(often, "a", store, at=AT, zone=ZONE) is None


def test_beyond_the_horizon_nothing_is_said():
    active = rule("活跃", "did purchase in last 30 days")
    store = shop([bought("a", 0.5, Decimal(1))])
    far = {"at": AT, "zone": ZONE}
    assert next_change(active, "a", store, **far, within=timedelta(days=29)) is None
    assert next_change(active, "a", store, **far, within=timedelta(days=30)) is not None


def test_wrong_questions_are_refused():
    active = rule("活跃", "did purchase")
    with pytest.raises(UnknownNameError, match="nobody"):
        next_change(active, "nobody", shop(), at=AT, zone=ZONE)
    with pytest.raises(InvalidValueError, match="not back"):
        next_change(active, "a", shop(contacts=["a"]), at=AT, zone=ZONE, within=timedelta(-1))
    with pytest.raises(InvalidValueError, match="zone"):
        next_change(active, "a", shop(contacts=["a"]), at=datetime(2026, 1, 1), zone=ZONE)
