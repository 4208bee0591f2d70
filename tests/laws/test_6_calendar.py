"""Promise 6: calendar windows, in the zone of the run."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from cases.schema import SHOP
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from laws.worlds import instant, row

from segmentkit.query import Activity, Duration, QueryError, Rolling, bind, check, parse

SUNDAY_SHOP = evolve(SHOP, week_starts="sunday")
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


def midnight(day, zone):
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def assert_holds_dates(holds, window, first, last, *, at, zone="Asia/Shanghai", schema=SHOP):
    """
    The window holds exactly the local dates *first* to *last*, as far as they lie before the
    instant when it looks back: asked of events, of instants and of dates.
    """
    now = instant(at, zone).astimezone(UTC)
    start, end = midnight(first, zone), midnight(last + DAY, zone)
    if start < now:
        end = min(end, now)
    for when, inside in {
        start - MICROSECOND: False,
        start: True,
        end - MICROSECOND: True,
        end: False,
    }.items():
        asked = {"at": at, "zone": zone, "schema": schema}
        assert holds(f"did purchase {window}", purchase=[row(when)], **asked) == inside, when
        assert holds(f"added {window}", {"added": when}, **asked) == inside, when
        assert holds(f"count(purchase {window}) = 1", purchase=[row(when)], **asked) == inside
    for day, inside in {first - DAY: False, first: True, last: True, last + DAY: False}.items():
        found = holds(f"birthday {window}", {"birthday": day}, at=at, zone=zone, schema=schema)
        assert found == inside, day


def d(text):
    return date.fromisoformat(text)


# --- which dates --------------------------------------------------------------------------------

NIGHT = "2026-11-21T00:00"  # D is Friday 20 November
NOON = "2026-11-20T12:00"  # the same D


@pytest.mark.parametrize("at", [NIGHT, NOON, "2026-11-20T00:00:00.000001"])
@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        ("in today", "2026-11-20", "2026-11-20"),
        ("in yesterday", "2026-11-19", "2026-11-19"),
        ("in last 1 day", "2026-11-20", "2026-11-20"),
        ("in last 30 days", "2026-10-22", "2026-11-20"),
        ("in last 1 week", "2026-11-14", "2026-11-20"),
        ("in last 2 weeks", "2026-11-07", "2026-11-20"),
        ("in last 1 month", "2026-10-21", "2026-11-20"),
        ("in last 3 months", "2026-08-21", "2026-11-20"),
        ("in last 1 quarter", "2026-08-21", "2026-11-20"),
        ("in last 1 year", "2025-11-21", "2026-11-20"),
        ("in this week", "2026-11-16", "2026-11-20"),
        ("in this month", "2026-11-01", "2026-11-20"),
        ("in this quarter", "2026-10-01", "2026-11-20"),
        ("in this year", "2026-01-01", "2026-11-20"),
        ("in previous week", "2026-11-09", "2026-11-15"),
        ("in previous month", "2026-10-01", "2026-10-31"),
        ("in previous quarter", "2026-07-01", "2026-09-30"),
        ("in previous year", "2025-01-01", "2025-12-31"),
        ("in previous 1 day", "2026-11-19", "2026-11-19"),
        ("in previous 3 days", "2026-11-17", "2026-11-19"),
        ("in previous 2 weeks", "2026-11-02", "2026-11-15"),
        ("in previous 3 months", "2026-08-01", "2026-10-31"),
        ("in previous 2 quarters", "2026-04-01", "2026-09-30"),
        ("in previous 2 years", "2024-01-01", "2025-12-31"),
        ("in next 1 day", "2026-11-21", "2026-11-21"),
        ("in next 7 days", "2026-11-21", "2026-11-27"),
        ("in next 2 weeks", "2026-11-21", "2026-12-04"),
        ("in next 1 month", "2026-11-21", "2026-12-20"),
        ("in next 1 year", "2026-11-21", "2027-11-20"),
        ("since 30 days ago", "2026-10-22", "2026-11-20"),
        ("since 1 month ago", "2026-10-21", "2026-11-20"),
        ("from 60 days ago to 30 days ago", "2026-09-22", "2026-10-21"),
        ("in 30 to 60 days ago", "2026-09-22", "2026-10-21"),
        ("in 60 to 30 days ago", "2026-09-22", "2026-10-21"),
        ("on 2026-11-11", "2026-11-11", "2026-11-11"),
        ("from 2026-11-01 to 2026-11-05", "2026-11-01", "2026-11-04"),
        ("since 2026-11-01", "2026-11-01", "2026-11-20"),
    ],
)
def test_each_window_holds_these_dates(holds, at, window, first, last):
    assert_holds_dates(holds, window, d(first), d(last), at=at)


def test_30_to_60_days_ago_is_the_30_dates_before_the_last_30(holds):
    rows = [row(f"{d('2026-11-20') - n * DAY}T12:00") for n in range(100)]
    assert holds("count(purchase 30 to 60 days ago) = 30", purchase=rows)
    assert holds("count(purchase in last 30 days) = 30", purchase=rows)
    assert holds("count(purchase in last 60 days) = 60", purchase=rows)
    gap = "count(purchase 30 to 60 days ago) + count(purchase in last 30 days)"
    assert holds(f"{gap} = count(purchase in last 60 days)", purchase=rows)


def test_the_instant_0_00_still_belongs_to_the_day_before(holds):
    """D contains the microsecond before the instant, so that the run of 24:00 looks at its day."""
    event = row("2026-11-20T18:00")
    assert holds("did purchase today", purchase=[event], at="2026-11-21T00:00")
    assert not holds("did purchase today", purchase=[event], at="2026-11-21T00:00:00.000001")
    assert holds("did purchase yesterday", purchase=[event], at="2026-11-21T00:00:00.000001")


# --- month ends and leap days -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "window", "first"),
    [
        ("2026-03-31", "in last 1 month", "2026-03-01"),  # 28 February, and the day after it
        ("2026-03-30", "in last 1 month", "2026-03-01"),
        ("2026-03-28", "in last 1 month", "2026-03-01"),
        ("2026-03-27", "in last 1 month", "2026-02-28"),
        ("2028-03-31", "in last 1 month", "2028-03-01"),
        ("2028-03-29", "in last 1 month", "2028-03-01"),
        ("2028-03-28", "in last 1 month", "2028-02-29"),
        ("2026-05-31", "in last 3 months", "2026-03-01"),
        ("2026-05-31", "in last 1 quarter", "2026-03-01"),
        ("2026-10-31", "in last 1 month", "2026-10-01"),
        ("2028-02-29", "in last 1 year", "2027-03-01"),
        ("2028-02-29", "in last 4 years", "2024-03-01"),
        ("2029-02-28", "in last 1 year", "2028-02-29"),
        ("2026-01-31", "in last 1 day", "2026-01-31"),
    ],
)
def test_months_and_years_clamp_to_the_month_end(holds, today, window, first):
    assert_holds_dates(holds, window, d(first), d(today), at=f"{d(today) + DAY}T00:00")


@pytest.mark.parametrize(
    ("today", "window", "last"),
    [
        ("2026-01-31", "in next 1 month", "2026-02-28"),
        ("2028-01-30", "in next 1 month", "2028-02-29"),
        ("2028-02-29", "in next 1 year", "2029-02-28"),
    ],
)
def test_months_ahead_clamp_too(holds, today, window, last):
    assert_holds_dates(holds, window, d(today) + DAY, d(last), at=f"{d(today) + DAY}T00:00")


@pytest.mark.parametrize(
    ("today", "window", "first", "last"),
    [
        ("2026-01-01", "in previous month", "2025-12-01", "2025-12-31"),
        ("2026-01-01", "in previous quarter", "2025-10-01", "2025-12-31"),
        ("2026-01-01", "in previous year", "2025-01-01", "2025-12-31"),
        ("2026-01-01", "in this week", "2025-12-29", "2026-01-01"),
        ("2026-01-01", "in previous week", "2025-12-22", "2025-12-28"),
        ("2028-03-31", "in previous month", "2028-02-01", "2028-02-29"),
        ("2026-03-31", "in this quarter", "2026-01-01", "2026-03-31"),
        ("2026-04-01", "in this quarter", "2026-04-01", "2026-04-01"),
        ("2026-04-01", "in previous quarter", "2026-01-01", "2026-03-31"),
        ("2026-11-01", "in this month", "2026-11-01", "2026-11-01"),
    ],
)
def test_calendar_units_turn_at_their_first_day(holds, today, window, first, last):
    assert_holds_dates(holds, window, d(first), d(last), at=f"{d(today) + DAY}T00:00")


@pytest.mark.parametrize(
    ("today", "this", "previous"),
    [
        ("2026-11-15", "2026-11-09", "2026-11-02"),  # a Sunday
        ("2026-11-16", "2026-11-16", "2026-11-09"),  # a Monday
        ("2026-11-21", "2026-11-16", "2026-11-09"),  # a Saturday
    ],
)
def test_weeks_start_on_monday(holds, today, this, previous):
    at = f"{d(today) + DAY}T00:00"
    assert_holds_dates(holds, "in this week", d(this), d(today), at=at)
    assert_holds_dates(holds, "in previous week", d(previous), d(previous) + 6 * DAY, at=at)


@pytest.mark.parametrize(
    ("today", "this", "previous"),
    [
        ("2026-11-15", "2026-11-15", "2026-11-08"),
        ("2026-11-16", "2026-11-15", "2026-11-08"),
        ("2026-11-21", "2026-11-15", "2026-11-08"),
    ],
)
def test_the_schema_may_say_that_weeks_start_on_sunday(holds, today, this, previous):
    at, schema = f"{d(today) + DAY}T00:00", SUNDAY_SHOP
    assert_holds_dates(holds, "in this week", d(this), d(today), at=at, schema=schema)
    last = d(previous) + 6 * DAY
    assert_holds_dates(holds, "in previous week", d(previous), last, at=at, schema=schema)
    assert_holds_dates(holds, "in last 1 week", d(today) - 6 * DAY, d(today), at=at, schema=schema)
    start = d(this)
    assert holds(f"week_start(birthday) = {start}", {"birthday": d(today)}, at=at, schema=schema)


def test_the_run_has_a_zone_and_its_dates_are_the_local_ones(holds):
    event = row("2026-11-20T16:30Z")  # 0:30 on the 21st in Shanghai, 11:30 on the 20th in New York
    for zone, day in {"Asia/Shanghai": 21, "America/New_York": 20, "UTC": 20}.items():
        query = f"did purchase on 2026-11-{day}"
        assert holds(query, purchase=[event], zone=zone, at="2026-11-25T00:00")
        assert holds(
            f"last(purchase.time) = 2026-11-{day}",
            purchase=[event],
            zone=zone,
            at="2026-11-25T00:00",
        )
        assert holds(
            f"day(last(purchase.time)) = {day}", purchase=[event], zone=zone, at="2026-11-25T00:00"
        )


# --- laws ---------------------------------------------------------------------------------------

days = st.dates(date(2023, 1, 1), date(2029, 1, 1))
zones = st.sampled_from(["Asia/Shanghai", "UTC", "America/New_York", "Europe/Berlin"])


@given(today=days, zone=zones, count=st.integers(1, 400), event=days)
def test_last_n_days_are_n_local_dates_that_end_with_today(holds, today, zone, count, event):
    query = Activity("did", "purchase", window=Rolling("last", Duration(count, "day")))
    at = f"{today + DAY}T00:00"
    found = holds(query, purchase=[row(f"{event}T12:00", zone=zone)], at=at, zone=zone)
    assert found == (0 <= (today - event).days < count)


@given(
    today=days,
    count=st.integers(1, 30),
    unit=st.sampled_from(["month", "quarter", "year"]),
    back=st.integers(-3, 3),
)
def test_last_n_months_begin_after_the_same_day_clamped(holds, today, count, unit, back):
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    edge = today - relativedelta(months=months)
    event = edge + back * DAY
    query = Activity("did", "purchase", window=Rolling("last", Duration(count, unit)))
    found = holds(query, purchase=[row(f"{event}T12:00")], at=f"{today + DAY}T00:00")
    assert found == (edge < event <= today)


# --- refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["month", "week", "year", "quarter"])
def test_last_month_is_refused_with_both_ways_out(unit):
    text = f"did purchase in last {unit}"
    with pytest.raises(QueryError) as caught:
        parse(text)
    (found,) = caught.value.diagnostics
    assert found.code == "last_calendar_unit"
    mended = [text[: f.span[0]] + f.replacement + text[f.span[1] :] for f in found.fixes]
    windows = {parse(one).window for one in mended}
    assert windows == {
        parse(f"did purchase in previous {unit}").window,
        parse(f"did purchase in last 1 {unit}").window,
    }


def test_hours_are_no_unit_of_the_calendar():
    for text in ("did purchase in this hour", "did purchase in previous 3 hours"):
        codes = [found.code for found in check(parse(text), SHOP).diagnostics]
        assert codes == ["not_a_calendar_unit"]
        with pytest.raises(QueryError):
            bind(parse(text), SHOP)
