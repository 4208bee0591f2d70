"""What the next night has to ask again, by example: each would be forgotten without its own line."""

from datetime import date, timedelta

import pytest
from rules.shops import AT, DAY, ZONE, bought, held, night, rule, shop
from rules.test_incremental import CROWDED, two_nights

from segmentkit.model import Change, Contact, ContactGroup, Event, Membership, Record
from segmentkit.query import Segment, parse
from segmentkit.rules import plan_next_night


def viewed(contact, days_ago):
    return Event(contact, "view", AT - timedelta(days=days_ago), id=f"{contact}:{days_ago}")


def born(year, month, day):
    return Contact.read(shop().schema, "b", {"birthday": date(year, month, day)})


# Who turns in the night after, by time alone: one purchase or view has got so old, or has come.
TURNED = [
    ("age(birthday) >= 36", [], [born(1990, 11, 21)]),
    ("max(age(purchase.time)) >= 1", [bought("b", 364.5)], []),
    ("did view then did purchase", [viewed("b", 3), bought("b", -0.5)], []),
    ("did view in last 9 days then did purchase", [viewed("b", 3), bought("b", -0.5)], []),
    (
        "did view then did purchase where (time < 3 days ago)",
        [viewed("b", 9), bought("b", 2.5)],
        [],
    ),
    (
        "did view then did purchase then did not view within 2 days",
        [viewed("b", 9), bought("b", 1.5)],
        [],
    ),
    ("did purchase exactly count(view) times", [viewed("b", -0.5), bought("b")], []),
    ("did purchase having (count(in last 3 days) = 0)", [bought("b", 2.5)], []),
    ("2 days ago > last(purchase.time)", [bought("b", 1.5)], []),
    ("count(purchase where (time < 2 days ago)) >= 1", [bought("b", 1.5)], []),
]


@pytest.mark.parametrize(("when", "events", "contacts"), TURNED, ids=[one[0] for one in TURNED])
def test_time_alone_turns_it_and_the_next_night_sees_it(when, events, contacts):
    plan = two_nights(rule("VIP", when), shop(events, contacts=[*contacts, "nobody"]))
    assert plan.entered["VIP"] == ("b",)


def test_whoever_a_calendar_part_lets_go_is_asked():
    young = rule("VIP", "age(birthday) < 36")
    assert two_nights(young, shop(contacts=[born(1990, 11, 21)])).left["VIP"] == ("b",)


def test_time_works_within_segments():
    store = shop([*CROWDED, bought("old", 6.5)])
    store.save_segment(Segment("s", "近", parse("did purchase in last 7 days")))
    assert two_nights(rule("活跃", "in segment '近'"), store).left["活跃"] == ("old",)


def test_a_group_that_moves_is_heeded():
    groups = [ContactGroup("upper", "上"), ContactGroup("lower", "下")]
    member = Membership("b", "lower", "staff", "li.lei", AT - timedelta(days=2))
    store = shop(contacts=["b"], more=[*groups, member])
    moved = Change(groups[1], ContactGroup("lower", "下", parent="upper"))
    plan = two_nights(rule("VIP", "in group under '上'"), store, changes=[moved])
    assert plan.entered["VIP"] == ("b",)


def test_a_date_is_not_the_time_of_the_row_that_has_it():
    fields = {"created": AT - timedelta(days=40), "expected_close": DAY}
    deal = Record.read(shop().schema, "b", "opportunity", "o", fields)
    overdue = rule("VIP", "max(opportunity.expected_close) < 1 day ago")
    assert two_nights(overdue, shop(contacts=["b"], more=[deal])).entered["VIP"] == ("b",)


def test_a_rule_that_comes_to_let_go_lets_go_of_those_it_kept():
    kept = rule("活跃", "did purchase in last 2 days", mode="add_only")
    store = shop([bought("b", 9)], holds=[held("b", "活跃")])
    plan = two_nights([kept], store, later=[rule("活跃", kept.text, version=2)])
    assert plan.left["活跃"] == ("b",)


def test_a_segment_that_a_segment_needs_is_edited():
    store = shop(CROWDED)
    store.save_segment(Segment("inner", "内", parse("did purchase in last 7 days")))
    store.save_segment(Segment("outer", "外", parse("in segment '内'")))
    active = rule("活跃", "in segment '外'")
    first = night(active, store)
    assert len(first.entered["活跃"]) == 50
    store.apply(first)
    store.save_segment(Segment("inner", "内", parse("did view")))
    following = DAY + timedelta(days=1)
    changes = store.state.changes_since(first.changes.base_version)
    plan = plan_next_night(
        [active], store, first.record(), day=following, zone=ZONE, changes=changes
    )
    assert plan == night(active, store, following, engine="columnar")
    assert len(plan.left["活跃"]) == 50


def test_events_and_edits_under_an_alias_or_in_a_segment_are_heeded():
    store = shop(CROWDED, contacts=["new"])
    store.save_segment(Segment("s", "买过", parse("did purchase in last 7 days")))
    late = Event("new", "购买", AT - timedelta(days=1), {"amount": 1}, "late")
    plan = two_nights(rule("活跃", "in segment '买过'"), store, events=[late])
    assert plan.entered["活跃"] == ("new",)
    assert plan.examined == 1


def test_what_another_source_holds_under_a_rules_name_is_not_the_rules_own():
    store = shop(
        [bought("a")],
        holds=[held("a", "VIP", "sync", "VIP"), held("b", "VIP", "sync", "VIP")],
        contacts=["b"],
    )
    plan = night(rule("VIP", "did purchase"), store)
    assert plan.entered["VIP"] == ("a",)
    assert plan.left["VIP"] == ()


def test_the_reason_of_a_rule_names_the_totals_of_the_items_that_passed():
    store = shop([bought("a", 1, 60), bought("a", 2, 70), bought("a", 3, 5)])
    plan = night(rule("VIP", "did purchase where (amount > 50) having (sum(amount) >= 100)"), store)
    (change,) = plan.changes
    assert change.reason == (
        "count(purchase where (amount > 50)) = 2; sum(purchase.amount where (amount > 50)) = 130.00"
    )


def test_the_reason_says_each_fact_once():
    store = shop(contacts=[Contact("a", {"level": 5})])
    (change,) = night(rule("VIP", "level > 3 and level < 9"), store).changes
    assert change.reason == "level = 5"
