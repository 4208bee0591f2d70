"""Functions of one value, in the run's zone and of its local date."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st
from laws.worlds import instant, row

from segmentkit.query import FUNCTIONS, find_function

DAY = timedelta(days=1)


def at_end_of(day):
    """The night that looks back on a day."""
    return f"{day + DAY}T00:00"


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("date(added)", "2026-11-20"),
        ("week_start(added)", "2026-11-16"),
        ("month_start(added)", "2026-11-01"),
        ("week(added)", 47),
        ("month(added)", 11),
        ("quarter(added)", 4),
        ("year(added)", 2026),
        ("day(added)", 20),
        ("weekday(added)", 5),
        ("hour(added)", 23),
        ("week(birthday)", 53),  # 1 January 2021 lies in the last week of 2020
        ("month(birthday)", 1),
        ("quarter(birthday)", 1),
        ("year(birthday)", 2021),
        ("week_start(birthday)", "2020-12-28"),
        ("age(birthday)", 5),
        ("abs(balance)", Decimal("12.50")),
        ("abs(score)", 2.5),
        ("length(name)", 2),
    ],
)
def test_what_each_function_gives(holds, call, value):
    person = {
        "added": instant("2026-11-20T23:30"),
        "birthday": date(2021, 1, 1),
        "balance": Decimal("-12.50"),
        "score": -2.5,
        "name": "王😀",
    }
    assert holds(f"{call} = {value}", person)
    assert not holds(f"{call} != {value}", person)


def test_functions_of_a_time_are_of_the_local_one(holds):
    person = {"added": datetime(2026, 11, 30, 17, tzinfo=UTC)}
    for zone, day, month, hour in (("Asia/Shanghai", 1, 12, 1), ("UTC", 30, 11, 17)):
        query = f"day(added) = {day} and month(added) = {month} and hour(added) = {hour}"
        assert holds(query, person, zone=zone, at="2026-12-05T00:00")


def test_month_is_a_number_and_month_start_a_date(holds):
    """November of two years is one month() and two month_start()s."""
    rows = [row("2025-11-05"), row("2026-11-05"), row("2026-11-06")]
    assert holds("distinct(month(purchase.time)) = 1", purchase=rows)
    assert holds("distinct(month_start(purchase.time)) = 2", purchase=rows)
    assert holds("distinct(week(purchase.time)) = 1", purchase=rows)
    assert holds("distinct(week_start(purchase.time)) = 2", purchase=rows)


@pytest.mark.parametrize(
    ("born", "today", "next_return"),
    [
        ("1990-11-20", "2026-11-20", "2026-11-20"),  # today is the day
        ("1990-11-19", "2026-11-20", "2027-11-19"),
        ("1990-11-21", "2026-11-20", "2026-11-21"),
        ("1996-02-29", "2026-02-27", "2026-02-28"),  # the 29th returns on the 28th
        ("1996-02-29", "2026-02-28", "2026-02-28"),
        ("1996-02-29", "2026-03-01", "2027-02-28"),
        ("1996-02-29", "2027-03-01", "2028-02-29"),
        ("2026-11-20", "2026-11-20", "2027-11-20"),  # the day itself is no return
        ("2030-05-01", "2026-11-20", "2031-05-01"),
    ],
)
def test_an_anniversary_is_the_next_return_on_or_after_today(holds, born, today, next_return):
    person = {"birthday": date.fromisoformat(born)}
    at = at_end_of(date.fromisoformat(today))
    assert holds(f"anniversary(birthday) = {next_return}", person, at=at)


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        ("1990-11-20", "2026-11-19", 35),
        ("1990-11-20", "2026-11-20", 36),
        ("1996-02-29", "2026-02-27", 29),
        ("1996-02-29", "2026-02-28", 30),
        ("1996-02-29", "2028-02-28", 31),
        ("1996-02-29", "2028-02-29", 32),
        ("2026-11-20", "2026-11-20", 0),
    ],
)
def test_age_is_in_whole_years_up_to_today(holds, born, today, years):
    person = {"birthday": date.fromisoformat(born)}
    assert holds(f"age(birthday) = {years}", person, at=at_end_of(date.fromisoformat(today)))


def test_who_is_not_born_yet_has_no_age(holds):
    assert holds("age(birthday) is missing", {"birthday": date(2026, 11, 21)})


def test_functions_stand_in_totals(holds):
    rows = [
        row("2026-11-01T09:00", amount=Decimal("-3.00"), delivery=date(2026, 11, 3)),
        row("2026-11-01T18:00", amount=Decimal("2.00"), delivery=date(2026, 12, 3)),
    ]
    assert holds("sum(abs(purchase.amount)) = 5", purchase=rows)
    assert holds("max(hour(purchase.time)) = 18", purchase=rows)
    assert holds("first(month(purchase.delivery)) = 11", purchase=rows)
    assert holds("did purchase having (distinct(date(time)) = 1)", purchase=rows)


def test_every_function_answers_to_both_its_words():
    for function in FUNCTIONS:
        assert find_function(function.name) is function
        assert find_function(function.chinese) is function


dates = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(born=dates, today=dates)
@example(date(1996, 2, 29), date(2027, 3, 1))
def test_an_anniversary_lies_within_a_year_ahead_and_agrees_with_the_age(holds, born, today):
    person, at = {"birthday": born}, at_end_of(today)
    upcoming = born + relativedelta(years=max(1, today.year - born.year))
    if upcoming < today:
        upcoming = born + relativedelta(years=today.year - born.year + 1)
    assert holds(f"anniversary(birthday) = {upcoming}", person, at=at)
    years = relativedelta(today, born).years
    # dateutil counts a leapling's birthday on 1 March of a common year; here it is 28 February.
    if born <= today and (born.month, born.day) != (2, 29):
        assert holds(f"age(birthday) = {years}", person, at=at)
