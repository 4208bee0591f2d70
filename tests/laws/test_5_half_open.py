"""Promise 5: windows are half-open and end at the instant."""

from datetime import datetime, timedelta

import pytest
from cases.schema import SHOP
from hypothesis import assume, given
from hypothesis import strategies as st
from laws.worlds import AT, Person, instant, row

from segmentkit.query import (
    Activity,
    Ago,
    Before,
    Duration,
    LocalTime,
    Or,
    Range,
    Rolling,
    Since,
)
from segmentkit.testing import people

INSTANT = instant(AT)
MICROSECOND = timedelta(microseconds=1)
JUST_BEFORE = row(INSTANT - MICROSECOND)
EXACTLY = row(INSTANT)
LATER = row(INSTANT + timedelta(days=3))

LOOKING_BACK = [
    "",
    "in last 1 day",
    "in last 30 days",
    "in last 2 hours",
    "in last 10 seconds",
    "today",
    "in this week",
    "in this month",
    "in this quarter",
    "in this year",
    "since 2026-01-01",
    "since 30 days ago",
    "from 2026-01-01 to 2027-01-01",
    "before 2027-01-01",
    "on 2026-11-20",
]


@pytest.mark.parametrize("window", LOOKING_BACK)
def test_an_event_exactly_at_the_instant_belongs_to_the_next_run(holds, window):
    assert not holds(f"did purchase {window}", purchase=[EXACTLY, LATER])
    assert holds(f"did purchase {window} exactly 1 time", purchase=[EXACTLY, JUST_BEFORE, LATER])


@pytest.mark.parametrize("window", LOOKING_BACK)
def test_the_same_holds_of_totals_and_sequences(holds, window):
    rows = [EXACTLY, JUST_BEFORE, LATER]
    assert holds(f"count(purchase {window}) = 1", purchase=rows)
    assert holds(f"last(purchase.time {window}) < {AT}", purchase=rows)
    query = f"did purchase {window} then did view_product"
    assert not holds(query, purchase=[JUST_BEFORE], view_product=[EXACTLY, LATER])
    earlier = row(INSTANT - 2 * MICROSECOND)
    assert holds(query, purchase=[earlier], view_product=[JUST_BEFORE])


@pytest.mark.parametrize("window", ["", "in last 30 days", "today", "since 2026-01-01"])
def test_what_comes_later_never_changes_a_verdict(holds, window):
    """A night run late, or again, gives what it gave on time."""
    query = f"did purchase {window} exactly 1 time and did not view_product {window}"
    seen = {"purchase": [JUST_BEFORE]}
    then = {"purchase": [JUST_BEFORE, EXACTLY, LATER], "view_product": [EXACTLY, LATER]}
    assert holds(query, **seen)
    assert holds(query, **then)


def test_a_window_that_looks_ahead_sees_what_lies_ahead(holds):
    assert holds("did purchase in next 4 days", purchase=[LATER])
    assert holds("did purchase since 2026-11-22", purchase=[LATER])
    assert holds("did purchase on 2026-11-24", purchase=[LATER])
    assert not holds("did purchase in next 3 days", purchase=[JUST_BEFORE])


def test_a_window_that_begins_before_the_instant_ends_at_it(holds):
    assert not holds("did purchase from 2026-11-20 to 2026-12-20", purchase=[EXACTLY, LATER])
    assert holds("did purchase from 2026-11-21 to 2026-12-20", purchase=[EXACTLY, LATER])


def test_memberships_and_records_are_as_they_are_now(holds):
    """Only events wait for their time: a tag given a minute after the instant is a tag."""
    assert holds("has tag", tag=[row(INSTANT + timedelta(minutes=1), tag="vip")])
    assert holds("has opportunity", opportunity=[LATER])
    assert holds("in group", group=[row(group="g")])
    assert not holds("has tag in last 7 days", tag=[LATER._replace(fields={"tag": "vip"})])


def test_a_row_without_a_time_lies_in_no_window(holds):
    for window in ("in last 30 days", "before 2027-01-01", "since 1970-01-01", "in this year"):
        assert not holds(f"has tag {window}", tag=[row(tag="vip")])
        assert holds(f"has no tag {window}", tag=[row(tag="vip")])
    assert holds("has tag", tag=[row(tag="vip")])
    assert not holds("did purchase", purchase=[row()])


@pytest.mark.parametrize(
    ("window", "first", "end"),
    [
        ("in last 1 hour", "2026-11-20T23:00", AT),
        ("in last 90 minutes", "2026-11-20T22:30", AT),
        ("in last 5 seconds", "2026-11-20T23:59:55", AT),
        ("from 2026-11-01 to 2026-11-05", "2026-11-01T00:00", "2026-11-05T00:00"),
        ("from 2026-11-01T08:30 to 2026-11-01T09:00", "2026-11-01T08:30", "2026-11-01T09:00"),
        ("since 2026-11-01T08:30", "2026-11-01T08:30", AT),
        ("from 3 hours ago to 1 hour ago", "2026-11-20T21:00", "2026-11-20T23:00"),
        ("on 2026-11-11", "2026-11-11T00:00", "2026-11-12T00:00"),
        ("in next 2 hours", AT, "2026-11-21T02:00"),
    ],
)
def test_the_start_is_inside_and_the_end_is_not(holds, window, first, end):
    start, stop = instant(first), instant(end)
    for when, inside in {
        start - MICROSECOND: False,
        start: True,
        stop - MICROSECOND: True,
        stop: False,
    }.items():
        assert holds(f"did purchase {window}", purchase=[row(when)]) == inside, when
        assert holds(f"added {window}", {"added": when}) == inside, when


def test_before_has_an_end_and_no_start(holds):
    query = "did purchase before 2026-11-01"
    assert holds(query, purchase=[row("0001-01-02T00:00Z")])
    assert holds(query, purchase=[row(instant("2026-11-01T00:00") - MICROSECOND)])
    assert not holds(query, purchase=[row("2026-11-01T00:00")])


# --- laws ---------------------------------------------------------------------------------------

units = st.sampled_from(["second", "minute", "hour", "day", "week", "month", "quarter", "year"])
counts = st.integers(1, 400)
ats = st.datetimes(datetime(2023, 1, 1), datetime(2027, 1, 1))


def members(holds, window, crowd, at):
    node = Activity("did", "purchase", window=window)
    return holds.members(node, {name: Person(*each) for name, each in crowd.items()}, at=at)


crowds = people(SHOP, collections=["purchase"], max_size=4)


@given(crowd=crowds, unit=units, small=counts, more=counts, at=ats)
def test_a_wider_window_contains_a_narrower_one(holds, crowd, unit, small, more, at):
    at = at.isoformat()
    narrow = members(holds, Rolling("last", Duration(small, unit)), crowd, at)
    assert narrow <= members(holds, Rolling("last", Duration(small + more, unit)), crowd, at)
    assert narrow <= members(holds, None, crowd, at)


@given(crowd=crowds, unit=units, count=counts, at=ats)
def test_n_units_ago_is_the_start_of_the_last_n_units(holds, crowd, unit, count, at):
    at = at.isoformat()
    last = members(holds, Rolling("last", Duration(count, unit)), crowd, at)
    assert last == members(holds, Since(Ago(count, unit)), crowd, at)


@given(crowd=crowds, unit=units, near=counts, more=st.integers(0, 400), at=ats)
def test_two_windows_that_meet_part_the_whole(holds, crowd, unit, near, more, at):
    """Every event lies in exactly one: before a point, between two points, since the later."""
    at = at.isoformat()
    far, close = Ago(near + more, unit), Ago(near, unit)
    parts = [Before(far), Range(far, close), Since(close)]
    whole = Or(tuple(Activity("did", "purchase", window=w) for w in parts))
    everyone = {name: Person(*each) for name, each in crowd.items()}
    assert holds.members(whole, everyone, at=at) == members(holds, None, crowd, at)
    windows = [
        f"before {near + more} {unit}s ago",
        f"from {near + more} {unit}s ago to {near} {unit}s ago",
        f"since {near} {unit}s ago",
    ]
    total = "count(purchase) = " + " + ".join(f"count(purchase {w})" for w in windows)
    assert holds.members(total, everyone, at=at) == everyone.keys()


@given(event=ats, one=ats, other=ats, at=ats)
def test_a_range_is_since_and_before_together(holds, event, one, other, at):
    start, end = sorted([one, other])
    assume(start < at)
    windows = [
        Range(LocalTime(start), LocalTime(end)),
        Since(LocalTime(start)),
        Before(LocalTime(end)),
    ]
    inside, since, before = (
        holds(
            Activity("did", "purchase", window=w),
            purchase=[row(event.isoformat())],
            at=at.isoformat(),
        )
        for w in windows
    )
    assert inside == (since and before)
