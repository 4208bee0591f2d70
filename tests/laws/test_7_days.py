"""Promise 7: a day starts at its first instant in the zone; instants meet in UTC only."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import gettz
from hypothesis import assume, example, given
from hypothesis import strategies as st
from laws.worlds import row

from segmentkit.engines import Moment
from segmentkit.engines.semantics import window_bounds
from segmentkit.errors import NaiveDatetimeError
from segmentkit.model import day_start, from_microseconds, local_date, local_instant
from segmentkit.query import Date, On, QueryError, Rolling, parse
from segmentkit.query.ast import Calendar, Duration

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)

# zone, date, its first instant, the next date's first instant, its length in hours
STRANGE_DAYS = [
    ("America/New_York", "2026-03-08", "2026-03-08T05:00Z", "2026-03-09T04:00Z", 23),
    ("America/New_York", "2026-11-01", "2026-11-01T04:00Z", "2026-11-02T05:00Z", 25),
    ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z", 23),
    ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30Z", "2026-10-04T13:00Z", 23.5),
    ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00Z", "2026-04-05T13:30Z", 24.5),
    # The date line moved: Samoa had no 30 December in 2011, Kwajalein no 21 August in 1993.
    ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z", "2011-12-30T10:00Z", 0),
    ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00Z", "2011-12-30T10:00Z", 24),
    ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00Z", "2011-12-31T10:00Z", 24),
    ("Pacific/Kwajalein", "1993-08-21", "1993-08-21T12:00Z", "1993-08-21T12:00Z", 0),
    # No midnight: the clock jumps from 0:00 to 1:00.
    ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00Z", "2026-04-24T21:00Z", 23),
    ("America/Santiago", "2026-09-06", "2026-09-06T04:00Z", "2026-09-07T03:00Z", 23),
    ("America/Havana", "2026-03-08", "2026-03-08T05:00Z", "2026-03-09T04:00Z", 23),
    # ... and here from 23:30 to 0:30, so that the day begins half an hour before its midnight would.
    ("America/Toronto", "1919-03-30", "1919-03-30T05:00Z", "1919-03-31T04:30Z", 23.5),
    ("America/Toronto", "1919-03-31", "1919-03-31T04:30Z", "1919-04-01T04:00Z", 23.5),
    # Midnight twice: the clock goes back from 1:00 to 0:00; the first one counts.
    ("America/Havana", "2026-11-01", "2026-11-01T04:00Z", "2026-11-02T05:00Z", 25),
    # The clock goes back from 0:00 to 23:00 of the day before.
    ("America/Santiago", "2026-04-04", "2026-04-04T03:00Z", "2026-04-05T04:00Z", 25),
    # ... and here from 0:01 to 23:01, so that the old date comes back for an hour.
    ("America/St_Johns", "2010-11-06", "2010-11-06T02:30Z", "2010-11-07T02:30Z", 24),
    ("America/St_Johns", "2010-11-07", "2010-11-07T02:30Z", "2010-11-08T03:30Z", 25),
]


def utc(text):
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(("zone", "day", "first", "end", "hours"), STRANGE_DAYS)
def test_the_day_is_from_its_first_instant_to_that_of_the_next(holds, zone, day, first, end, hours):
    start, stop = utc(first), utc(end)
    assert (stop - start) / timedelta(hours=1) == hours
    later = (stop + 9 * DAY).isoformat()
    for when in (start - MICROSECOND, start, stop - MICROSECOND, stop):
        inside = start <= when < stop
        for query in (
            f"did purchase on {day}",
            f"did purchase where (time = {day})",
            f"did purchase where (time >= {day} and time <= {day})",
            f"did purchase where (time between {day} and {day})",
            f"did purchase where (not time < {day} and not time > {day})",
            f"did purchase where (date(time) = {day})",
            f"distinct(date(purchase.time) where (time = {day})) = 1",
        ):
            found = holds(query, purchase=[row(when)], zone=zone, at=later)
            assert found == inside, (query, when)


@pytest.mark.parametrize(("zone", "day", "first", "end", "hours"), STRANGE_DAYS)
def test_today_and_last_1_day_are_that_day(holds, zone, day, first, end, hours):
    start, stop = utc(first), utc(end)
    if not hours:
        return  # no instant has that date
    for query in (
        "did purchase today",
        "did purchase in last 1 day",
        "did purchase since 1 day ago",
    ):
        for at in (stop, start + MICROSECOND):
            asked = {"zone": zone, "at": at}
            assert holds(query, purchase=[row(start)], **asked)
            assert not holds(query, purchase=[row(start - MICROSECOND)], **asked)
    assert holds("did purchase today", purchase=[row(stop - MICROSECOND)], zone=zone, at=stop)
    assert holds(f"did purchase on {day}", purchase=[row(start)], zone=zone, at=stop + MICROSECOND)


def test_a_date_that_the_zone_skipped_still_counts_as_a_date(holds):
    """On 31 December 2011 in Apia, `last 2 days` are the 30th and the 31st; no instant has the 30th."""
    asked = {"zone": "Pacific/Apia", "at": "2011-12-31T12:00"}
    inside = {"29": False, "30": True, "31": True}
    for day, found in inside.items():
        birthday = date(2011, 12, int(day))
        for window in ("in last 2 days", "since 2011-12-30", "since 2 days ago"):
            assert holds(f"birthday {window}", {"birthday": birthday}, **asked) == found, window
    assert holds("birthday in yesterday", {"birthday": date(2011, 12, 30)}, **asked)
    assert holds("birthday on 2011-12-30", {"birthday": date(2011, 12, 30)}, **asked)
    # Twelve hours before noon the 30th and the 31st began, both at once.
    for day, found in {29: False, 30: True, 31: True}.items():
        query = "birthday in last 12 hours"
        assert holds(query, {"birthday": date(2011, 12, day)}, **asked) == found
    event = row("2011-12-29T23:59", zone="Pacific/Apia")
    assert not holds("did purchase in last 2 days", purchase=[event], **asked)
    assert holds("did purchase in last 3 days", purchase=[event], **asked)
    assert not holds("did purchase on 2011-12-30", purchase=[event], **asked)


def test_hours_are_elapsed_time_whatever_the_clock_does(holds):
    at = "2026-03-08T12:00"  # the day of 23 hours
    asked = {"zone": "America/New_York", "at": at}
    now = datetime(2026, 3, 8, 12, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
    for hours, inside in {23: True, 24: True, 25: False}.items():
        when = now - timedelta(hours=hours)
        assert holds("did purchase in last 24 hours", purchase=[row(when)], **asked) == inside
    # The 24 hours began at 11:00 of the day before.
    assert holds(
        "did purchase since 2026-03-07T11:00 exactly 1 time",
        purchase=[row(now - timedelta(hours=24))],
        **asked,
    )


def test_one_instant_is_one_instant_in_every_zone(holds):
    moment = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    for zone in ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu"):
        given_in = moment.astimezone(ZoneInfo(zone))
        assert holds(
            "last(purchase.time) = 2026-11-21T00:30",
            purchase=[row(given_in)],
            at="2026-11-22T00:00",
        )
    assert holds(
        "added = last(purchase.time)",
        {"added": moment},
        purchase=[row(moment.astimezone(ZoneInfo("Asia/Kathmandu")))],
        at="2026-11-22T00:00",
    )


@pytest.mark.parametrize("fold", [0, 1])
def test_the_repeated_hour_has_two_of_each_instant(holds, fold):
    """1:30 comes twice in New York on 1 November; a literal means the first."""
    twice = datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=fold)
    asked = {"zone": "America/New_York", "at": "2026-11-02T00:00"}
    assert holds("did purchase since 2026-11-01T01:30", purchase=[row(twice)], **asked)
    assert holds(
        "did purchase where (time = 2026-11-01T01:30)", purchase=[row(twice)], **asked
    ) == (fold == 0)
    assert holds("hour(last(purchase.time)) = 1", purchase=[row(twice)], **asked)


def test_24_00_is_0_00_of_the_next_day_and_24_01_is_refused(holds):
    assert parse("added = 2026-11-20T24:00") == parse("added = 2026-11-21T00:00")
    assert holds("added = 2026-11-20T24:00", {"added": datetime(2026, 11, 20, 16, tzinfo=UTC)})
    for text in ("added = 2026-11-20T24:01", "added = 2026-11-20T25:00"):
        with pytest.raises(QueryError):
            parse(text)


def test_naive_datetimes_are_refused_where_they_enter(holds):
    naive = datetime(2026, 11, 20, 8)
    with pytest.raises(NaiveDatetimeError):
        holds("added is known", {"added": naive})
    with pytest.raises(NaiveDatetimeError):
        holds("did purchase", purchase=[row(naive)])
    with pytest.raises(NaiveDatetimeError):
        holds("did purchase", at=naive)
    with pytest.raises(QueryError):
        holds("added >= $since", parameters={"since": naive})


def test_an_aware_datetime_may_be_a_parameter(holds):
    since = datetime(2026, 11, 20, 8, tzinfo=UTC)
    for moment, found in {since: True, since - MICROSECOND: False}.items():
        asked = {"parameters": {"since": since}, "zone": "America/New_York"}
        assert holds("added >= $since", {"added": moment}, at=since + DAY, **asked) == found
        assert holds("added since $since", {"added": moment}, at=since + DAY, **asked) == found


def test_absurd_instants_are_neither_errors_nor_inside(holds):
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    for zone in ("Asia/Shanghai", "America/New_York"):
        for when in (first, last):
            asked = {"zone": zone, "purchase": [row(when)]}
            assert not holds("did purchase in last 30 days", **asked)
            assert holds("did purchase in last 9000 years", **asked) == (when == first)
            assert holds("did purchase before 9999-12-31", **asked) == (when == first)
            assert holds("did purchase in next 9000 years", **asked) == (when == last)
            holds("year(last(purchase.time since 0001-01-01)) > 0", **asked)
    for at in (first, last):
        assert holds("did not purchase in last 400 days", at=at)
        assert holds("did not purchase in next 400 days and did not purchase in this year", at=at)
        assert holds("did not purchase in previous 9000 years", at=at)


# --- laws ---------------------------------------------------------------------------------------

ZONES = sorted({zone for zone, *_ in STRANGE_DAYS} | {"Asia/Shanghai", "UTC", "Asia/Tehran"})
zones = st.sampled_from(ZONES) | st.sampled_from(sorted(available_timezones()))
dates = st.dates(date(1900, 1, 1), date(2035, 1, 1))


@given(zone=zones, day=dates)
@example("Pacific/Apia", date(2011, 12, 30))
@example("America/St_Johns", date(2010, 11, 6))
def test_days_follow_one_another_without_gap_or_overlap(zone, day):
    known = ZoneInfo(zone)
    start, end = day_start(day, known), day_start(day + DAY, known)
    assert start <= end
    assert start == end or local_date(start, known) == day
    assert start == end or local_date(end - 1, known) == day
    at = from_microseconds(end + 9 * 86_400_000_000)
    assert window_bounds(On(Date(day)), Moment.of(at, known)) == (start, end)


class OneWayZone(tzinfo):
    """
    A zone as pytz makes them: right from instants to local times, with the local mean time of the
    nineteenth century in the other direction.
    """

    def __init__(self, name: str) -> None:
        self._zone = ZoneInfo(name)

    def utcoffset(self, moment):
        return self._zone.utcoffset(datetime(1800, 1, 1))

    def fromutc(self, moment):
        local = moment.replace(tzinfo=UTC).astimezone(self._zone)
        return local.replace(tzinfo=timezone(local.utcoffset()))


@given(zone=zones, day=dates, hour=st.integers(0, 23))
@example("America/Toronto", date(1919, 3, 31), 0)
@example("Asia/Shanghai", date.min, 0)
@example("America/New_York", date.max, 23)
def test_zones_that_lead_one_way_only_have_the_same_days(zone, day, hour):
    one_way, known = OneWayZone(zone), ZoneInfo(zone)
    assert day_start(day, one_way) == day_start(day, known)
    wall = datetime.combine(day, time(hour))
    assert local_instant(wall, one_way) == local_instant(wall, known)


@given(zone=st.sampled_from(ZONES), day=dates)
@example("America/Sao_Paulo", date(2018, 11, 4))
def test_zones_of_dateutil_have_the_same_days(zone, day):
    theirs, known = gettz(zone), ZoneInfo(zone)
    instant = from_microseconds(day_start(day, known))
    # Their copy of the database may be another than Python's.
    assume(instant.astimezone(theirs).utcoffset() == instant.astimezone(known).utcoffset())
    assert day_start(day, theirs) == day_start(day, known)


@given(
    zone=zones,
    at=st.datetimes(datetime(1900, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
)
@example("America/Toronto", datetime(1919, 3, 31, 4, 45, tzinfo=UTC))
@example("America/St_Johns", datetime(2010, 11, 7, 3, 0, tzinfo=UTC))
@example("America/St_Johns", datetime(2010, 11, 7, 2, 31, tzinfo=UTC))
@example("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC))
def test_every_instant_lies_in_the_day_that_it_is_said_to_have(zone, at):
    """D, `today`, `last 1 day`, `on D` and the function date() never contradict one another."""
    moment = Moment.of(at, zone)
    known = ZoneInfo(zone)
    assert day_start(moment.today, known) <= moment.at - 1 < day_start(moment.today + DAY, known)
    today = window_bounds(Calendar("this", "day"), moment)
    assert today == window_bounds(Rolling("last", Duration(1, "day")), moment)
    assert today[0] < today[1] == moment.at
    assert today[0] == window_bounds(On(Date(moment.today)), moment)[0]
