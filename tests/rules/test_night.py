"""The nightly plan: who enters and leaves, what it never touches, and the plan as a value."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.shops import AT, DAY, bought, held, night, pinned, rule, shop, tagged

from segmentkit.engines import evaluate
from segmentkit.errors import (
    StaleVersionError,
    UnknownNameError,
)
from segmentkit.model import Change, ChangeSet, Contact, Event

VIP = rule("VIP", "sum(purchase.amount in last 90 days) >= 100")
ACTIVE = rule("活跃", "did purchase in last 7 days")
LAPSED = rule("流失", "did purchase and did not purchase in last 30 days")
RULES = (VIP, ACTIVE, LAPSED)

# --- laws ---------------------------------------------------------------------------------------

CONTACTS = ("a", "b", "c", "d")
purchases = st.lists(
    st.builds(
        bought,
        st.sampled_from(CONTACTS),
        st.integers(-2, 120),
        st.integers(0, 150),
    ),
    max_size=12,
    unique_by=lambda event: event.id,
)
tags = st.sampled_from(["VIP", "活跃", "流失"])
holds = st.lists(
    st.one_of(
        st.builds(held, st.sampled_from(CONTACTS), tags),
        st.builds(held, st.sampled_from(CONTACTS), tags, st.just("sync"), st.just("wecom")),
    ),
    max_size=6,
    unique_by=lambda hold: hold.key,
).map(lambda some: [h for h in some if h.source == "sync" or h.tag == f"t-{h.holder}"])
pins = st.lists(
    st.builds(pinned, st.sampled_from(CONTACTS), tags, st.sampled_from(["for", "against"])),
    max_size=3,
    unique_by=lambda pin: pin.key,
)
modes = st.sampled_from(["sync", "add_only"])


@st.composite
def shops(draw):
    return shop(draw(purchases), contacts=CONTACTS, holds=draw(holds), pins=draw(pins))


@given(shops())
def test_applying_a_plan_twice_is_applying_it_once(store):
    plan = night(RULES, store)
    version = store.apply(plan)
    before = set(store.state.entities())
    assert store.apply(plan) == version
    assert set(store.state.entities()) == before


@given(shops(), modes)
def test_planning_again_after_applying_changes_nothing(store, mode):
    rules = [rule(r.id, r.text, mode=mode) for r in RULES]
    first = night(rules, store)
    store.apply(first)
    again = night(rules, store)
    assert len(again) == 0
    for before, after in zip(first.outcomes, again.outcomes, strict=True):
        assert sorted((*before.entered, *before.stayed)) == list(after.stayed)


@given(shops())
def test_a_rule_holds_its_tag_on_those_who_match_unless_they_are_pinned(store):
    store.apply(night(RULES, store))
    for one in RULES:
        free = set(CONTACTS) - {pin.contact for pin in store.pins_with(f"t-{one.id}")}
        matched = {c for c in CONTACTS if matches(one, c, store)}
        holding = tagged(store, one.id).get(f"rule:{one.id}", set())
        assert holding & free == matched & free


def matches(one, contact, store):
    return evaluate(one.condition, contact, store, at=AT, zone="Asia/Shanghai")


@given(shops())
def test_what_others_hold_is_never_taken(store):
    others = {h for h in store.state.holds() if h.source != "rule"}
    store.apply(night(RULES, store))
    assert {h for h in store.state.holds() if h.source != "rule"} == others


@given(shops())
def test_pinned_contacts_are_left_as_they_are(store):
    def on_pinned():
        return {
            hold
            for one in RULES
            for pin in store.pins_with(f"t-{one.id}")
            for hold in store.state.holds_of(pin.contact)
            if hold.tag == pin.target
        }

    before = on_pinned()
    store.apply(night(RULES, store))
    assert on_pinned() == before


@given(shops(), st.integers(1, 200))
def test_a_rule_that_only_adds_never_lets_go(store, days):
    rules = [rule(r.id, r.text, mode="add_only") for r in RULES]
    before = {h.key for h in store.state.holds()}
    store.apply(night(rules, store, day=DAY + timedelta(days=days)))
    assert before <= {h.key for h in store.state.holds()}


@given(shops())
def test_both_engines_give_the_same_plan(store):
    assert night(RULES, store, engine="columnar") == night(RULES, store)


@given(purchases, st.randoms(use_true_random=False))
def test_the_order_of_contacts_and_events_is_nothing_to_the_plan(events, random):
    contacts = list(CONTACTS)
    plan = night(RULES, shop(events, contacts=contacts))
    random.shuffle(contacts)
    random.shuffle(events)
    assert night(RULES, shop(events, contacts=contacts)).to_json() == plan.to_json()


@given(purchases)
def test_what_happens_after_the_night_is_nothing_to_it(events):
    late = [e for e in events if e.time >= AT]
    before = night(RULES, shop([e for e in events if e.time < AT], contacts=CONTACTS))
    after = night(RULES, shop(events, contacts=CONTACTS))
    assert after.to_json() == before.to_json(), late


# --- the plan as a value ------------------------------------------------------------------------


def test_contacts_are_found_by_path_tag_and_rule():
    plan = night(VIP, shop([bought("a")], contacts=["b"]))
    assert plan.entered["等级/VIP"] == plan.entered["t-VIP"] == plan.entered["VIP"] == ("a",)
    assert plan.left["等级/VIP"] == plan.stayed["等级/VIP"] == ()
    assert dict(plan.entered) == {"等级/VIP": ("a",)}


def test_an_unknown_tag_is_a_clear_error_and_no_trap_for_get():
    plan = night(VIP, shop())
    with pytest.raises(UnknownNameError, match="Did you mean '等级/VIP'"):
        plan.entered["等级/VIPP"]
    assert plan.entered.get("等级/VIPP") is None
    assert "等级/VIPP" not in plan.entered


def test_each_change_says_which_facts_decided():
    store = shop(
        [bought("a", 1, 60), bought("a", 2, 70), bought("b", 40)], holds=[held("b", "活跃")]
    )
    reasons = {(c.contact, c.entity.tag): c.reason for c in night(RULES, store).changes}
    assert reasons == {
        ("a", "t-VIP"): "sum(purchase.amount in last 90 days) = 130.00",
        ("a", "t-活跃"): "count(purchase in last 7 days) = 2",
        ("b", "t-VIP"): "sum(purchase.amount in last 90 days) = 100.00",
        ("b", "t-活跃"): "count(purchase in last 7 days) = 0",
        ("b", "t-流失"): "count(purchase) = 1; count(purchase in last 30 days) = 0",
    }


def test_reasons_speak_chinese():
    changes = night(ACTIVE, shop([bought("a")]), lang="zh").changes
    assert [c.reason for c in changes] == ["次数(购买 最近 7 天) = 1"]


def test_changes_name_rule_and_version_and_the_night():
    plan = night(rule("VIP", "did purchase", version=3), shop([bought("a")]))
    assert [c.cause for c in plan.changes] == ["VIP@3"]
    assert plan.changes.run == "night 2026-11-20 until 2026-11-20T16:00:00+00:00"
    assert plan.changes.at == plan.at == AT


def test_another_version_makes_other_operations():
    store = shop([bought("a")])
    first, second = (night(rule("VIP", "did purchase", version=v), store) for v in (1, 2))
    assert set(first.op_ids()).isdisjoint(second.op_ids())
    assert first.op_ids() == night(rule("VIP", "did purchase"), store).op_ids()


def test_chunks_apply_one_after_the_other():
    store = shop([bought(c) for c in CONTACTS])
    plan = night(RULES, store)
    for chunk in plan.chunks(3):
        store.apply(chunk)
    assert len(night(RULES, store)) == 0


def test_a_plan_made_against_another_version_is_refused():
    store = shop([bought("a")])
    plan = night(VIP, store)
    added = Change(None, Contact("z"))
    store.apply(ChangeSet([added], "boss", AT, store.version))
    with pytest.raises(StaleVersionError):
        store.apply(plan)


def test_progress_is_told_to_the_end():
    told = []
    night(RULES, shop([bought("a")]), progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


# --- 24:00 --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Asia/Shanghai", date(2026, 11, 20), datetime(2026, 11, 20, 16, tzinfo=UTC)),
        # clocks went forward on the 29th of March and back on the 25th of October
        ("Europe/Berlin", date(2026, 3, 28), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC)),
        # midnight was skipped: the day starts at one o'clock
        ("Africa/Cairo", date(2023, 4, 27), datetime(2023, 4, 27, 22, tzinfo=UTC)),
        # midnight came twice: the first one counts
        ("America/Havana", date(2026, 10, 31), datetime(2026, 11, 1, 4, tzinfo=UTC)),
        # Samoa had no 30 December 2011
        ("Pacific/Apia", date(2011, 12, 29), datetime(2011, 12, 30, 10, tzinfo=UTC)),
        ("Pacific/Apia", date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_night_ends_at_the_first_instant_of_the_next_day(zone, day, end):
    moment = timedelta(microseconds=1)
    store = shop(
        [
            Event("before", "view", end - moment, id="1"),
            Event("at", "view", end, id="2"),
        ]
    )
    plan = night(rule("活跃", "did view"), store, day=day, zone=zone)
    assert plan.at == end
    assert plan.entered["等级/活跃"] == ("before",)


@given(
    st.dates(date(1990, 1, 1), date(2035, 1, 1)), st.sampled_from(["Europe/Berlin", "Asia/Gaza"])
)
def test_today_is_the_labelled_day_whatever_its_length(day, zone):
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    store = shop(
        [
            Event("today", "view", start, id="1"),
            Event("yesterday", "view", start - timedelta(microseconds=1), id="2"),
        ]
    )
    plan = night(rule("活跃", "did view in today"), store, day=day, zone=zone)
    assert plan.entered["等级/活跃"] == ("today",)
