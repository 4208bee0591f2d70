"""Which run an edit lands in, catching up, and events that come too late."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.shops import AT, DAY, ZONE, bought, night, rule, shop, tagged

from segmentkit.errors import NaiveDatetimeError, UnknownZoneError
from segmentkit.model import Event
from segmentkit.rules import due_nights, landing_night, late_effects, night_end

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/Havana", "Africa/Cairo", "Pacific/Apia", "UTC"]
zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(1995, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
ACTIVE = rule("活跃", "did purchase in last 7 days")
DAYS = timedelta(days=1)


@given(instants, zones)
def test_an_edit_lands_in_the_first_night_that_ends_after_it(saved, zone):
    day = landing_night(saved, zone)
    assert night_end(day - DAYS, zone) <= saved < night_end(day, zone)


@given(instants, zones)
def test_the_night_of_an_edit_uses_it_and_the_night_before_does_not(saved, zone):
    day = landing_night(saved, zone)
    store = shop(contacts=["a"])
    edited = rule("活跃", "did not purchase", version=2, saved=saved)
    old = rule("活跃", "did purchase")
    assert night([old, edited], store, day, zone=zone).entered["活跃"] == ("a",)
    assert night([old, edited], store, day - DAYS, zone=zone).pending == (edited,)


@given(st.dates(date(1995, 1, 1), date(2030, 1, 1)), st.integers(0, 40), instants, zones)
def test_each_due_night_is_named_once_and_has_ended(last, gap, now, zone):
    now = min(now, datetime.combine(last, datetime.min.time(), UTC) + gap * DAYS)
    due = due_nights(last, now, zone)
    ends = [night_end(day, zone) for day in due]
    assert ends == sorted(set(ends))
    assert all(end <= now for end in ends)
    assert all(day > last for day in due)
    # Nothing that has ended is left out.
    if ends:
        assert night_end(due[-1] + DAYS, zone) > now or night_end(due[-1] + DAYS, zone) == ends[-1]


def test_the_first_time_only_the_night_that_has_just_ended_is_due():
    now = datetime(2026, 11, 22, 1, tzinfo=UTC)
    assert due_nights(None, now, ZONE) == (date(2026, 11, 21),)


def test_a_date_that_a_zone_skipped_has_no_night():
    now = datetime(2012, 1, 2, tzinfo=UTC)
    due = due_nights(date(2011, 12, 28), now, "Pacific/Apia")
    assert [day.day for day in due] == [29, 31, 1]


def test_nothing_is_due_before_the_day_has_ended():
    assert due_nights(DAY - DAYS, AT - timedelta(microseconds=1), ZONE) == ()
    assert due_nights(DAY - DAYS, AT, ZONE) == (DAY,)


def test_nights_caught_up_in_order_end_where_nights_in_time_end():
    events = [bought("a", 3.5), bought("b", 8), bought("c", 1), bought("b", 0.5)]
    in_time, late = shop(contacts="abc"), shop(events)
    days = [DAY - n * DAYS for n in (3, 2, 1, 0)]
    for day in days:
        until = night_end(day, ZONE)
        in_time.add_events(event for event in events if event.time < until)
        in_time.apply(night(ACTIVE, in_time, day))
    for day in due_nights(days[0] - DAYS, AT, ZONE):
        late.apply(night(ACTIVE, late, day))
    assert set(late.state.holds()) == set(in_time.state.holds())


@pytest.mark.parametrize("ask", [landing_night, lambda now, zone: due_nights(None, now, zone)])
def test_wrong_instants_and_zones_are_refused(ask):
    with pytest.raises(NaiveDatetimeError, match="Attach the zone"):
        ask(datetime(2026, 1, 1), "UTC")
    with pytest.raises(UnknownZoneError, match="Mars"):
        ask(AT, "Mars/Olympus")


# --- late events --------------------------------------------------------------------------------

EARLIER = [DAY - n * DAYS for n in (4, 3, 2, 1, 0)]


def effects(rules, store, events):
    return late_effects(rules, store, events, nights=EARLIER, zone=ZONE)


def test_what_happens_when_a_night_ends_is_not_late_for_it():
    soon = rule("活跃", "did purchase in next 2 days")
    planned = [bought("a", 0), bought("b", 1e-9)]
    nights = [DAY - DAYS, DAY]
    assert late_effects([soon], shop(planned), planned, nights=nights, zone=ZONE) == ()


def test_a_late_event_counts_in_the_next_night_and_the_report_names_the_missed_ones():
    store = shop(contacts="ab")
    for day in EARLIER:
        store.apply(night(ACTIVE, store, day))
    # It happened at noon, two days before the last night's day, and comes in after that night.
    late = Event("a", "purchase", AT - 2.5 * DAYS, {"amount": 10}, "late")
    store.add_events([late])
    store.apply(night(ACTIVE, store, DAY + DAYS))
    assert tagged(store, "活跃") == {"rule:活跃": {"a"}}
    (effect,) = effects([ACTIVE], store, [late])
    assert (effect.rule, effect.contact) == ("活跃", "a")
    assert effect.entered == (DAY - 2 * DAYS, DAY - DAYS, DAY)
    assert effect.left == ()


def test_a_late_event_may_have_kept_someone_out():
    lapsed = rule("流失", "did not purchase in last 2 days")
    store = shop([bought("a", 1.5)])
    (effect,) = effects([lapsed], store, [bought("a", 1.5)])
    assert effect.left == (DAY - DAYS, DAY)


def test_what_changes_no_verdict_is_not_reported():
    store = shop([bought("a", 2.5), bought("a", 2.4)])
    assert effects([ACTIVE], store, [bought("a", 2.5)]) == ()


def test_events_in_time_are_not_late():
    event = bought("a", -0.5)
    assert effects([ACTIVE], shop([event]), [event]) == ()


def test_earlier_nights_are_judged_by_the_versions_of_their_time():
    late = bought("a", 3.5)
    old = rule("活跃", "did purchase in last 1 days")
    new = rule("活跃", "did view", version=2, saved=AT - 2.5 * DAYS)
    (effect,) = effects([old, new], shop([late]), [late])
    assert effect.entered == (DAY - 3 * DAYS,)


def test_events_without_an_id_are_told_apart_by_their_content():
    when = AT - 2.5 * DAYS
    twins = [Event("a", "purchase", when, {"amount": 10}) for _ in range(2)]
    often = rule("VIP", "did purchase at least 2 times")
    (effect,) = effects([often], shop(twins), twins[:1])
    assert effect.entered == (DAY - 2 * DAYS, DAY - DAYS, DAY)


@pytest.mark.parametrize(
    "fields", [{"金额": 200}, {"amount": 200, "category": " "}, {"amount": 200}]
)
@pytest.mark.parametrize("kind", ["purchase", "购买"])
def test_late_events_may_be_spelt_as_hosts_spell_them(kind, fields):
    late = Event("a", kind, AT - 1.5 * DAYS, fields)
    (effect,) = effects([rule("VIP", "sum(purchase.amount) >= 100")], shop([late]), [late])
    assert effect.entered == (DAY - DAYS, DAY)


@given(st.lists(st.integers(-2, 30), min_size=1, max_size=5, unique=True), st.integers(1, 9), zones)
def test_the_report_is_what_replaying_the_nights_shows(ages, window, zone):
    events = [bought("a", age + 0.5) for age in ages]
    late, in_time = events[::2], events[1::2]
    recent = rule("活跃", f"count(purchase in last {window} days) = 1")
    report = late_effects([recent], shop(events), late, nights=EARLIER, zone=zone)
    entered, left = [], []
    for day in EARLIER:
        then = night(recent, shop(in_time, contacts="a"), day, zone=zone).entered["活跃"]
        now = night(recent, shop(events), day, zone=zone).entered["活跃"]
        if then != now:
            (entered if now else left).append(day)
    assert [(e.entered, e.left) for e in report] == (
        [(tuple(entered), tuple(left))] if entered or left else []
    )


def test_instants_of_a_zone_are_those_of_its_calendar():
    assert night_end(DAY, ZoneInfo(ZONE)) == night_end(DAY, ZONE) == AT
