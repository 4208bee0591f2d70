"""The nightly plan: who enters and leaves, and what it never touches."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.shops import AT, DAY, bought, held, night, pinned, rule, shop, sizes, tagged

from segmentkit.engines import evaluate
from segmentkit.errors import (
    CycleError,
    DuplicateIdError,
    InvalidValueError,
    StaleVersionError,
    UnknownNameError,
    UnknownZoneError,
    WrongTypeError,
)
from segmentkit.model import Change, ChangeSet, Contact, Event, Hold, Tag
from segmentkit.query import QueryError, Segment, parse
from segmentkit.rules import Rule, plan_night

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


# --- several rules ------------------------------------------------------------------------------


def test_a_rule_reads_the_tags_that_the_same_night_sets():
    store = shop([bought("a", 40), bought("b", 2), bought("c", 40, 1)])
    win_back = rule("待挽回", "has tag 'VIP' and has tag '流失'")
    plan = night([win_back, LAPSED, VIP], store)
    assert plan.entered["待挽回"] == ("a",)
    store.apply(plan)
    assert tagged(store, "待挽回") == {"rule:待挽回": {"a"}}
    assert len(night([win_back, LAPSED, VIP], store)) == 0


def test_a_rule_that_reads_a_tag_sees_it_leave_in_the_same_night():
    store = shop(contacts=["a"], holds=[held("a", "VIP"), held("a", "一")])
    plan = night([rule("一", "has tag 'VIP'"), VIP], store)
    assert plan.left["一"] == plan.left["VIP"] == ("a",)


def test_a_tag_that_another_source_holds_too_stands_on_when_the_rule_lets_go():
    store = shop(
        contacts=["a"],
        holds=[held("a", "VIP"), held("a", "VIP", "sync", "wecom"), held("a", "一")],
    )
    plan = night([rule("一", "has tag 'VIP'"), VIP], store)
    assert plan.left["VIP"] == ("a",)
    assert plan.stayed["一"] == ("a",)


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
def test_a_chain_of_rules_settles_in_one_night(engine):
    store = shop([bought("a")])
    chain = [rule("三", "has tag '二'"), rule("二", "has tag '一'"), rule("一", "did purchase")]
    assert sizes(night(chain, store, engine=engine)) == dict.fromkeys("三二一", (1, 0, 0))


def test_rules_that_need_each_other_are_refused_with_the_path():
    rules = [
        rule("一", "has tag '三'"),
        rule("二", "has tag '一'"),
        rule("三", "has no tag '二'"),
    ]
    with pytest.raises(CycleError) as refused:
        night(rules, shop())
    assert refused.value.value == "等级/一 > 等级/三 > 等级/二 > 等级/一"


@pytest.mark.parametrize(
    "when",
    [
        "has no tag 'VIP'",
        "has no tag",
        "count(tag) = 0",
        "has tag under '等级'",
        "has tag like 'V*'",
        "has tag where (tag = 'VIP')",
        "has tag where (source = 'rule')",
        "has tag where (tag_group = '等级')",
    ],
)
def test_a_rule_that_reads_its_own_tag_is_refused(when):
    with pytest.raises(CycleError, match="等级/VIP > 等级/VIP"):
        night(rule("VIP", when), shop())


@pytest.mark.parametrize(
    "when",
    [
        "has tag '活跃'",
        "has no tag where (source = 'staff')",
        "has no tag where (source != 'rule')",
        "has no tag where (source in ('staff', 'admin'))",
        "has tag where (staff = 'li.lei')",
        "has tag where (staff is known)",
        "has no tag under '手工'",
        "has tag where (tag_group = '手工')",
        "has tag where (tag = '重点')",
        "count(tag where (tag in ('重点', '活跃'))) >= 1",
    ],
)
def test_a_rule_that_reads_other_rows_of_tags_is_no_circle(when):
    assert len(night(rule("VIP", when), shop(contacts=["a"])).outcomes) == 1


def test_two_rules_may_hold_one_tag():
    store = shop([bought("a"), bought("b", 3, 1)], contacts=["c"], holds=[held("c", "VIP")])
    second = rule("VIP", "did purchase", id="second")
    plan = night([VIP, second], store)
    assert plan.entered["等级/VIP"] == ("a", "b")
    assert plan.left["等级/VIP"] == ("c",)
    store.apply(plan)
    gone = rule("VIP", "did purchase in last 2 days", id="second")
    later = night([VIP, gone], store, day=DAY + timedelta(days=100))
    assert later.left["等级/VIP"] == ("a", "b")


def test_a_contact_that_moves_from_rule_to_rule_keeps_the_tag():
    store = shop([bought("a", 1, 1)], holds=[held("a", "VIP")])
    plan = night([VIP, rule("VIP", "did purchase", id="second")], store)
    assert plan.stayed["等级/VIP"] == ("a",)
    assert plan.entered["等级/VIP"] == plan.left["等级/VIP"] == ()
    assert plan.entered["second"] == plan.left["VIP"] == ("a",)


def test_a_rule_that_moves_to_another_tag_leaves_the_old_one():
    store = shop([bought("a")], holds=[held("a", "一", holder="VIP"), held("b", "一", holder="VIP")],
                 contacts=["b"], pins=[pinned("b", "一", "for")])  # fmt: skip
    plan = night(VIP, store)
    assert plan.entered["等级/VIP"] == ("a",)
    assert plan.left["等级/一"] == ("a",)
    store.apply(plan)
    assert tagged(store, "一") == {"rule:VIP": {"b"}}
    assert len(night(VIP, store)) == 0


def test_a_hold_that_has_expired_is_made_anew():
    old = held("a", "VIP")
    expired = Hold("a", "t-VIP", "rule", "VIP", old.assigned, AT)
    store = shop([bought("a")], holds=[expired])
    plan = night(VIP, store)
    assert plan.entered["VIP"] == ("a",)
    store.apply(plan)
    assert [h.expires for h in store.state.holds_of("a")] == [None]


# --- versions -----------------------------------------------------------------------------------


def test_the_newest_version_saved_before_the_end_of_the_day_counts():
    second = timedelta(seconds=1)
    old = rule("VIP", "did purchase", version=1, saved=AT - timedelta(days=9))
    new = rule("VIP", "did not purchase", version=2, saved=AT - second)
    late = rule("VIP", "did view", version=3, saved=AT)
    plan = night([late, old, new], shop([bought("a")], contacts=["b"]))
    assert plan.entered["VIP"] == ("b",)
    assert plan.pending == (late,)
    assert [o.rule.version for o in plan.outcomes] == [2]


def test_an_edit_retags_everyone_in_the_night_of_its_day():
    store = shop([bought("a")], contacts=["b"])
    store.apply(night(rule("VIP", "did purchase"), store))
    store.apply(night(rule("VIP", "did not purchase", version=2), store))
    assert tagged(store, "VIP") == {"rule:VIP": {"b"}}


def test_a_version_given_twice_is_refused():
    with pytest.raises(DuplicateIdError, match="VIP@1"):
        night([VIP, rule("VIP", "did view")], shop())


# --- invalid rules ------------------------------------------------------------------------------


def test_a_saved_rule_that_names_a_deleted_tag_is_reported_and_keeps_its_members():
    store = shop(contacts=["a"], holds=[held("a", "VIP")], more=[Tag("t-old", "旧", "hand")])
    needy = rule("VIP", "has tag '旧'").resolved(store)
    assert needy.tag == "t-VIP"
    state = store.state
    deleted = Change(state.catalog.tag("t-old"), None)
    store.apply(ChangeSet([deleted], "boss", AT, store.version))
    plan = night([needy, ACTIVE], store)
    assert len(plan) == 0
    (invalid,) = plan.invalid
    assert invalid.rule is needy
    assert [d.code for d in invalid.diagnostics] == ["deleted_reference"]
    assert "旧" in invalid.diagnostics[0].message()
    assert tagged(store, "VIP") == {"rule:VIP": {"a"}}
    assert [o.rule.id for o in plan.outcomes] == ["活跃"]


def test_a_saved_rule_whose_own_tag_is_gone_is_reported():
    store = shop(contacts=["a"])
    lost = rule("没有", "did purchase", saved=AT - timedelta(days=1))
    (invalid,) = night(lost, store).invalid
    assert [d.code for d in invalid.diagnostics] == ["deleted_reference"]


def test_a_saved_rule_whose_tag_is_archived_is_reported_and_keeps_its_members():
    store = shop(holds=[held("a", "VIP")], contacts=["a"])
    tag = store.catalog.tag("t-VIP")
    archived = Tag(tag.id, tag.name, tag.group, tag.origin, archived=True)
    store.apply(ChangeSet([Change(tag, archived)], "boss", AT, store.version))
    plan = night(rule("VIP", "did purchase", saved=AT - timedelta(days=1)), store)
    assert [d.code for d in plan.invalid[0].diagnostics] == ["tag_not_for_rules"]
    assert len(plan) == 0


def test_a_rename_never_breaks_a_resolved_rule():
    store = shop([bought("a")], holds=[held("a", "VIP")])
    reader = rule("一", "has tag '等级/VIP'").resolved(store)
    tag = store.catalog.tag("t-VIP")
    renamed = Tag(tag.id, "贵宾", tag.group, tag.origin)
    store.apply(ChangeSet([Change(tag, renamed)], "boss", AT, store.version))
    assert night(reader, store).entered["一"] == ("a",)


# --- segments -----------------------------------------------------------------------------------


def segmented(store, name, when):
    """The store with a saved segment, as text was saved."""
    store.save_segment(Segment(name, name, parse(when)))
    return store


def test_a_rule_reads_segments_by_the_names_of_today():
    store = segmented(
        shop([bought("a")]), "近期", "did purchase in last 7 days and has no tag '重点'"
    )
    assert night(rule("一", "in segment '近期'"), store).entered["一"] == ("a",)


def test_a_rule_depends_on_the_tags_that_its_segments_read():
    store = segmented(shop([bought("a")]), "贵宾", "has tag 'VIP'")
    plan = night([rule("一", "in segment '贵宾'"), VIP], store)
    assert plan.entered["一"] == ("a",)
    with pytest.raises(CycleError):
        night(rule("VIP", "not in segment '贵宾'"), store)


def test_a_rule_on_a_segment_that_lost_what_it_needs_is_invalid():
    store = segmented(shop(contacts=["a"], holds=[held("a", "一")]), "旧", "has tag '没有'")
    saved = rule("一", "in segment '旧'", saved=AT - timedelta(days=1))
    plan = night(saved, store)
    assert [d.code for d in plan.invalid[0].diagnostics] == ["unknown_thing"]
    assert len(plan) == 0


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("did purchse", "unknown_collection"),
        ("agee > 3", "unknown_field"),
        ("has tag '无'", "unknown_thing"),
        ("city > 3", "type_mismatch"),
        ("level = '3'", "type_mismatch"),
        ("sum(purchase.amount) >= $least", "unbound_parameter"),
    ],
)
def test_a_new_rule_that_does_not_fit_raises_with_the_place(when, code):
    with pytest.raises(QueryError) as refused:
        night(rule("VIP", when), shop())
    assert refused.value.diagnostics[0].code == code
    assert "^" in str(refused.value)


def test_text_that_cannot_be_read_raises_where_the_rule_is_made():
    with pytest.raises(QueryError, match=r"column 14"):
        rule("VIP", "did purchase adn did view")


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: Rule(tag="", when="did purchase"), InvalidValueError, "Name the tag"),
        (lambda: rule("VIP", "did purchase", mode="both"), InvalidValueError, "add_only"),
        (lambda: rule("VIP", "did purchase", version=0), InvalidValueError, "start at 1"),
        (lambda: rule("VIP", "did purchase", version="2"), WrongTypeError, "whole number"),
        (lambda: rule("VIP", "did purchase", version=True), WrongTypeError, "True"),
        (lambda: rule("VIP", "did purchase", id=7), WrongTypeError, "id of a rule"),
        (lambda: Rule(tag=7, when="did purchase"), WrongTypeError, "tag of a rule"),
        (lambda: rule("VIP", "did purchase", parameters=["x"]), WrongTypeError, "mapping"),
        (lambda: night(rule("VPI", "did purchase"), shop()), UnknownNameError, "VPI"),
        (
            lambda: night(Rule(tag="手工/重点", when="did purchase"), shop()),
            InvalidValueError,
            "Origin.AUTOMATIC",
        ),
        (lambda: night(VIP, shop(), zone="Asia/Fuzhou"), UnknownZoneError, "IANA"),
        (lambda: night(VIP, shop(), day=AT), WrongTypeError, "run's label"),
        (lambda: night(VIP, shop(), engine="abacus"), InvalidValueError, "abacus"),
        (lambda: night(VIP, shop(), lang="fr"), InvalidValueError, "'zh'"),
        (lambda: plan_night(VIP, shop(), day=DAY, zone="UTC"), WrongTypeError, "list of rules"),
        (lambda: night(["did purchase"], shop()), WrongTypeError, "Make it a rule"),
    ],
)
def test_wrong_input_says_value_place_and_remedy(make, error, says):
    with pytest.raises(error, match=says):
        make()


def test_no_rules_and_no_contacts_make_an_empty_plan():
    assert len(night([], shop([bought("a")]))) == 0
    assert len(night(RULES, shop())) == 0
    assert plan_night([], shop(), day=DAY, zone="UTC").outcomes == ()
