"""What we decided where the products are silent, about conditions and nights; by both engines."""

from datetime import UTC, date, datetime, timedelta

import pytest
from rules.shops import AT, DAY, ZONE, bought, held, night, pinned, rule, shop, tagged

from segmentkit import select
from segmentkit.errors import (
    NotAllowedError,
    StaleVersionError,
    StillInUseError,
    UnknownNameError,
)
from segmentkit.model import (
    SYSTEM,
    Change,
    ChangeSet,
    Collection,
    Contact,
    ContactGroup,
    DeleteTag,
    DeleteTagGroup,
    Event,
    Field,
    FieldType,
    GroupType,
    Hold,
    MergeTags,
    Role,
    Schema,
    State,
    Tag,
    Viewer,
    delete_group,
    edit_catalog,
    erase_contact,
    merge_contacts,
    undo,
)
from segmentkit.query import Segment, parse
from segmentkit.rules import (
    late_effects,
    plan_next_night,
    plan_night,
    retire_rule,
    templates,
    used_by,
)
from segmentkit.stores import MemoryStore

BOSS = Viewer("boss", Role.ADMIN)
LATER = AT + timedelta(hours=9)


@pytest.fixture(params=["interpreter", "columnar"])
def engine(request):
    return request.param


def chosen(when, store, engine, at=AT, **more):
    return select(when, store, at=at, zone=ZONE, engine=engine, **more)


def viewed(contact, *dwells):
    """Looks at something, each so many seconds long."""
    return [
        Event(contact, "view", AT - timedelta(hours=n), {"dwell": timedelta(seconds=s)}, f"{n}{s}")
        for n, s in enumerate(dwells, start=1)
    ]


def carriers(store, tag, engine):
    return chosen(f"has tag '等级/{tag}'", store, engine, at=LATER)


# --- conditions inside one behaviour hold together ----------------------------------------------


def test_conditions_of_one_behaviour_are_asked_of_the_same_items(engine):
    split = [bought("split", 1, 500, category="包"), bought("split", 1, 10), bought("split", 2, 20)]
    both = [bought("both", 1, 300), bought("both", 2, 300)]
    store = shop([*split, *both])
    one = "did purchase where (category = '鞋') at least 2 times having (sum(amount) >= 500)"
    assert chosen(one, store, engine) == ["both"]
    apart = "did purchase where (category = '鞋') at least 2 times and sum(purchase.amount) >= 500"
    assert chosen(apart, store, engine) == ["both", "split"]


def test_the_conditions_of_one_item_are_not_pieced_together_from_two(engine):
    store = shop([bought("a", 1, 500, category="包"), bought("a", 1, 10)])
    assert chosen("did purchase where (category = '鞋' and amount >= 500)", store, engine) == []


def test_between_behaviours_the_text_says_and_or_or(engine):
    store = shop(
        [bought("buys"), bought("both"), *viewed("views", 5), *viewed("both", 6)],
        contacts=["idle"],
    )
    assert chosen("did purchase and did view", store, engine) == ["both"]
    assert chosen("did purchase or did view", store, engine) == ["both", "buys", "views"]


def test_the_duration_of_each_browse_filters_items_before_they_are_counted(engine):
    store = shop([*viewed("long", 31, 40, 2), *viewed("short", 20, 25, 30), *viewed("one", 90)])
    often = "did view where (dwell > 30 seconds) at least 2 times"
    assert chosen(often, store, engine) == ["long"]
    # All of them together are longer than half a minute, which is another question.
    total = "sum(view.dwell) > 30 seconds"
    assert chosen(total, store, engine) == ["long", "one", "short"]


def test_a_template_filters_by_the_duration_of_each_browse(engine):
    browse = templates.viewed_material(duration=timedelta(seconds=30), times=2)
    material = Collection("view_material", fields=[Field("duration", FieldType.DURATION)])
    lengths = {"long": (30, 40, 2), "short": (20, 25, 29)}
    events = [
        Event(who, "view_material", AT - timedelta(hours=n + 1), {"duration": timedelta(seconds=s)})
        for who, some in lengths.items()
        for n, s in enumerate(some)
    ]
    store = MemoryStore(State.of(Schema(collections=[material]), map(Contact, lengths)), events)
    assert chosen(browse, store, engine) == ["long"]


def test_totals_are_gross_unless_the_rule_nets_refunds(engine):
    schema = Schema(
        collections=[
            Collection(name, fields=[Field("amount", FieldType.MONEY, currency="CNY")])
            for name in ("purchase", "refund")
        ]
    )
    events = [
        Event("a", "purchase", AT - timedelta(days=2), {"amount": 1000}),
        Event("a", "refund", AT - timedelta(days=1), {"amount": 400}),
    ]
    store = MemoryStore(State.of(schema, [Contact("a")]), events)
    assert chosen("sum(purchase.amount) >= 1000 and count(purchase) = 1", store, engine) == ["a"]
    assert chosen("sum(purchase.amount) - sum(refund.amount) >= 1000", store, engine) == []
    assert chosen("sum(purchase.amount) - sum(refund.amount) = 600", store, engine) == ["a"]


# --- 24:00 of a day ------------------------------------------------------------------------------


def test_24_00_of_a_day_is_0_00_of_the_next_in_the_zone_of_the_run(engine):
    tick = timedelta(microseconds=1)
    events = [
        Event("before", "purchase", AT - tick, {"amount": 1}, "e1"),
        Event("at", "purchase", AT, {"amount": 1}, "e2"),
    ]
    store, some = shop(events), rule("VIP", "did purchase")
    assert night(some, store, engine=engine).at == datetime(2026, 11, 20, 16, tzinfo=UTC)
    assert night(some, store, engine=engine).entered["VIP"] == ("before",)
    # For who lives in UTC that day ends eight hours later.
    assert night(some, store, engine=engine, zone="UTC").entered["VIP"] == ("at", "before")


def test_today_of_a_night_is_the_day_that_it_is_labelled_with(engine):
    store = shop([bought("that day", 0.5), bought("day before", 1.5)])
    some = rule("VIP", "did purchase in today")
    assert night(some, store, engine=engine).entered["VIP"] == ("that day",)


def test_the_night_of_a_day_uses_the_versions_saved_before_24_00(engine):
    tick = timedelta(microseconds=1)
    store = shop([bought("buys")], contacts=["idle"])
    old = rule("VIP", "did purchase", saved=AT - timedelta(days=2))
    in_time = rule("VIP", "did not purchase", version=2, saved=AT - tick)
    too_late = rule("VIP", "did not purchase", version=2, saved=AT)
    assert night([old, in_time], store, engine=engine).entered["VIP"] == ("idle",)
    late = night([old, too_late], store, engine=engine)
    assert (late.entered["VIP"], late.pending) == (("buys",), (too_late,))
    following = night([old, too_late], store, DAY + timedelta(days=1), engine=engine)
    assert (following.entered["VIP"], following.pending) == (("idle",), ())


def test_a_rule_saved_after_every_night_keeps_what_it_holds(engine):
    store = shop(contacts=["a"], holds=[held("a", "VIP")])
    plan = night(rule("VIP", "did purchase", saved=LATER), store, engine=engine)
    assert (len(plan), plan.outcomes) == (0, ())


# --- sources, pins, hands ------------------------------------------------------------------------


def test_a_tag_stands_while_any_rule_or_sync_holds_it(engine):
    lately, lots = (
        rule("VIP", "did purchase in last 7 days"),
        rule("VIP", "sum(purchase.amount) >= 500", id="lots"),
    )
    remote = held("synced", "VIP", "sync", "wecom")
    events = [bought("both", 1, 500), bought("late", 1, 10), bought("synced", 1, 10)]
    store = shop(events, holds=[remote])
    store.apply(night([lately, lots], store, engine=engine))
    assert carriers(store, "VIP", engine) == ["both", "late", "synced"]
    store.apply(night([lately, lots], store, DAY + timedelta(days=30), engine=engine))
    assert tagged(store, "VIP") == {"rule:lots": {"both"}, "sync:wecom": {"synced"}}
    assert carriers(store, "VIP", engine) == ["both", "synced"]


@pytest.mark.parametrize(("mode", "stays"), [("sync", []), ("add_only", ["a"])])
def test_a_rule_lets_go_in_mode_sync_and_never_in_mode_add_only(engine, mode, stays):
    store, some = shop([bought("a")]), rule("VIP", "did purchase in last 7 days", mode=mode)
    store.apply(night(some, store, engine=engine))
    store.apply(night(some, store, DAY + timedelta(days=30), engine=engine))
    assert carriers(store, "VIP", engine) == stays


def test_a_rule_that_is_edited_from_add_only_to_sync_lets_go(engine):
    store = shop(contacts=["a"], holds=[held("a", "VIP")])
    only_adds = rule("VIP", "did purchase", mode="add_only")
    assert len(night(only_adds, store, engine=engine)) == 0
    syncs = rule("VIP", "did purchase", version=2)
    assert night([only_adds, syncs], store, engine=engine).left["VIP"] == ("a",)


def test_a_pin_beats_rules_both_ways(engine):
    store = shop(
        [bought("refused"), bought("free")],
        contacts=["chosen"],
        pins=[pinned("refused", "VIP", "against"), pinned("chosen", "VIP", "for")],
    )
    plan = night(rule("VIP", "did purchase"), store, engine=engine)
    assert plan.entered["VIP"] == ("free",)
    assert plan.outcomes[0].pinned == ("refused",)
    store.apply(plan)
    assert carriers(store, "VIP", engine) == ["chosen", "free"]


def test_a_rule_that_reads_a_tag_heeds_its_pins(engine):
    store = shop(
        [bought("refused"), bought("free")],
        contacts=["chosen"],
        pins=[pinned("refused", "VIP", "against"), pinned("chosen", "VIP", "for")],
    )
    reads = rule("一", "has tag 'VIP'")
    plan = night([reads, rule("VIP", "did purchase")], store, engine=engine)
    assert plan.entered["一"] == ("chosen", "free")


def test_what_people_hold_is_never_taken_by_a_rule(engine):
    by_hand = [Hold("a", "t-重点", "staff", "li.lei", AT), Hold("a", "t-重点", "admin", "boss", AT)]
    remote = held("a", "VIP", "sync", "wecom")
    store = shop(contacts=["a"], holds=[*by_hand, remote, held("a", "VIP")])
    store.apply(night(rule("VIP", "did purchase"), store, engine=engine))
    assert set(store.state.holds()) == {*by_hand, remote}
    assert chosen("has tag '重点' and has tag 'VIP'", store, engine, at=LATER) == ["a"]


def test_one_staff_member_s_tag_is_nothing_to_what_another_selects(engine):
    store = shop(
        contacts=["mine", "theirs"],
        holds=[
            Hold("mine", "t-重点", "staff", "li.lei", AT - timedelta(days=1)),
            Hold("theirs", "t-重点", "staff", "boss", AT - timedelta(days=1)),
        ],
    )
    li = Viewer("li.lei", Role.STAFF)
    assert chosen("has tag '重点'", store, engine, viewer=li) == ["mine"]
    assert chosen("has tag '重点'", store, engine, viewer=BOSS) == ["mine", "theirs"]


# --- deletion ------------------------------------------------------------------------------------


def test_a_forced_deletion_leaves_a_tombstone_and_an_invalid_rule_that_keeps_its_members(engine):
    store = shop(contacts=["a"], holds=[held("a", "VIP")], more=[Tag("t-old", "旧", "hand")])
    needy = rule("VIP", "has tag '旧'").resolved(store)
    gone, more = DeleteTag("手工/旧"), {"actor": BOSS, "at": AT}
    with pytest.raises(StillInUseError) as refused:
        edit_catalog(store.state, gone, used_by={"t-old": [needy.id]}, **more)
    assert refused.value.dependants == ("VIP",)
    forced = edit_catalog(store.state, gone, used_by={"t-old": [needy.id]}, force=True, **more)
    store.apply(forced)
    assert store.state.find_tombstone("tag", "t-old").name == "手工/旧"
    plan = night(needy, store, engine=engine)
    assert [d.code for d in plan.invalid[0].diagnostics] == ["deleted_reference"]
    assert len(plan) == 0
    assert tagged(store, "VIP") == {"rule:VIP": {"a"}}


def needy_shop():
    """A shop with a group and two segments, of which one needs the other."""
    group = ContactGroup("g-old", "老客", GroupType.CUSTOMER)
    store = shop(contacts=["a"], more=[Tag("t-old", "旧", "hand"), group])
    store.save_segment(Segment("s-1", "近期", parse("has tag '旧'")))
    store.save_segment(Segment("s-2", "更近", parse("in segment '近期' and in group '老客'")))
    return store


def test_whatever_a_rule_or_segment_names_is_known_as_needed():
    store = needy_shop()
    rules = [
        rule("VIP", "has tag '旧' and in group under '老客'", id="r-1"),
        rule("一", "in segment '更近' or has tag where (tag_group = '手工')", id="r-2"),
        rule("一", "did not purchase", id="r-2", version=2),
    ]
    assert used_by(rules, store) == {
        "t-VIP": ("rule 'r-1'",),
        "t-一": ("rule 'r-2'",),
        "t-old": ("rule 'r-1'", "segment '近期'"),
        "hand": ("rule 'r-2'",),
        "g-old": ("rule 'r-1'", "segment '更近'"),
        "s-1": ("segment '更近'",),
        "s-2": ("rule 'r-2'",),
    }
    assert set(used_by(rules, store, "group")) == {"g-old"}
    assert used_by([rule("没有", "has tag '无'")], shop()) == {}


@pytest.mark.parametrize(
    ("deletion", "dependants"),
    [
        (lambda state, **more: edit_catalog(state, DeleteTag("旧"), **more), ("r-1", "近期")),
        (
            lambda state, **more: edit_catalog(state, DeleteTagGroup("手工"), **more),
            ("r-1", "近期"),
        ),
        (lambda state, **more: edit_catalog(state, DeleteTag("等级/VIP"), **more), ("r-1",)),
        (lambda state, **more: delete_group(state, "老客", **more), ("r-1", "更近")),
    ],
    ids=["tag", "tag group", "own tag", "contact group"],
)
def test_deleting_what_rules_name_is_refused_with_the_list(deletion, dependants):
    store = needy_shop()
    needed = used_by([rule("VIP", "has tag '旧' and in group '老客'", id="r-1")], store)
    more = {"actor": BOSS, "at": AT, "used_by": needed}
    with pytest.raises(StillInUseError) as refused:
        deletion(store.state, **more)
    assert [name.split("'")[1] for name in refused.value.dependants] == list(dependants)
    assert len(deletion(store.state, force=True, **more)) > 0


def test_a_segment_that_a_rule_names_goes_only_by_force_and_leaves_the_rule_invalid(engine):
    store = needy_shop()
    reader = rule("VIP", "in segment '更近'").resolved(store)
    needed = used_by([reader], store, "segment")
    with pytest.raises(StillInUseError) as refused:
        store.remove_segment("s-2", used_by=needed["s-2"])
    assert refused.value.dependants == ("rule 'VIP'",)
    with pytest.raises(StillInUseError, match="segment '更近'"):
        store.remove_segment("s-1")
    with pytest.raises(UnknownNameError):
        store.remove_segment("s-3", force=True)
    store.remove_segment("s-2", force=True)
    plan = night(reader, store, engine=engine)
    assert [d.code for d in plan.invalid[0].diagnostics] == ["deleted_reference"]
    store.remove_segment("s-1")
    assert store.segments == {}


def test_a_rule_follows_a_merged_tag(engine):
    store = shop(
        contacts=["a"],
        holds=[Hold("a", "t-old", "admin", "boss", AT - timedelta(days=1))],
        more=[Tag("t-old", "旧", "hand")],
    )
    reader = rule("VIP", "has tag '旧'").resolved(store)
    store.apply(edit_catalog(store.state, MergeTags(["旧"], "重点"), actor=BOSS, at=AT))
    plan = night(reader, store, engine=engine)
    assert plan.entered["VIP"] == ("a",)


def test_a_rule_whose_own_tag_was_merged_goes_on_with_the_tag_that_stayed(engine):
    store = shop([bought("b")], contacts=["a"], holds=[held("a", "一")])
    own = rule("一", "did purchase", saved=AT - timedelta(days=1)).resolved(store)
    store.apply(edit_catalog(store.state, MergeTags(["等级/一"], "等级/二"), actor=BOSS, at=AT))
    plan = night(own, store, engine=engine)
    assert plan.invalid == ()
    assert (plan.entered["等级/二"], plan.left["等级/二"]) == (("b",), ("a",))


# --- plans that come late, and nights taken back --------------------------------------------------


def test_a_plan_made_before_someone_else_s_change_is_refused_whole(engine):
    store = shop([bought("a")])
    plan = night(rule("VIP", "did purchase"), store, engine=engine)
    pin = Change(None, pinned("a", "VIP", "against"))
    store.apply(ChangeSet([pin], "boss", AT, store.version))
    with pytest.raises(StaleVersionError):
        store.apply(plan)
    assert tagged(store, "VIP") == {}


def test_a_night_taken_back_leaves_what_people_did_since(engine):
    store = shop([bought("a"), bought("b")])
    plan = night(rule("VIP", "did purchase"), store, engine=engine)
    store.apply(plan)
    hand = Hold("a", "t-重点", "admin", "boss", LATER)
    pin = pinned("b", "VIP", "for")
    since = ChangeSet([Change(None, hand), Change(None, pin)], "boss", LATER, store.version)
    store.apply(since)
    store.apply(undo(store.state, plan.changes, actor=SYSTEM, at=LATER).changes)
    assert set(store.state.holds()) == {hand}
    assert carriers(store, "VIP", engine) == ["b"]


def test_an_automatic_tag_is_never_held_by_hand(engine):
    store = shop([bought("a")])
    by_hand = Hold("a", "t-VIP", "admin", "boss", AT)
    with pytest.raises(NotAllowedError):
        store.apply(ChangeSet([Change(None, by_hand)], "boss", AT, store.version))
    assert carriers(store, "VIP", engine) == []


def test_a_late_event_counts_in_the_next_night_and_a_coming_one_when_its_time_has_come(engine):
    some, store = rule("VIP", "did purchase in last 7 days"), shop(contacts=["late", "ahead"])
    store.apply(night(some, store, engine=engine))
    store.add_events([bought("ahead", -1.5), bought("late", 2)])
    store.apply(night(some, store, DAY + timedelta(days=1), engine=engine))
    assert tagged(store, "VIP") == {"rule:VIP": {"late"}}
    store.apply(night(some, store, DAY + timedelta(days=2), engine=engine))
    assert tagged(store, "VIP") == {"rule:VIP": {"ahead", "late"}}


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_the_first_and_the_last_night_of_the_calendar_are_nights(engine, day, zone):
    noon = datetime(9999, 12, 31, 12, tzinfo=UTC)
    store = shop([bought("a"), Event("z", "purchase", noon)], contacts=["b"])
    past = rule("VIP", "did purchase in last 9999 years")
    entered = night(past, store, day, engine=engine, zone=zone).entered["VIP"]
    assert entered == (("a", "z") if day.year == 9999 else ())


def test_an_event_under_the_id_of_a_merged_contact_counts_for_the_one_that_stayed(engine):
    store, often = shop([bought("old", 20), bought("a", 20)]), rule("VIP", "count(purchase) >= 3")
    store.apply(merge_contacts(store.state, "old", "a", actor=BOSS, at=AT))
    first = night(often, store, engine=engine)
    store.apply(first)
    late = bought("old", 3)
    store.add_events([late])
    more = {"day": DAY + timedelta(days=1), "zone": ZONE, "engine": engine}
    full = plan_night([often], store, **more)
    assert full.entered["VIP"] == ("a",)
    since = store.state.changes_since(first.changes.base_version)
    assert (
        plan_next_night([often], store, first.record(), events=[late], changes=since, **more)
        == full
    )
    (effect,) = late_effects([often], store, [late], nights=[DAY], zone=ZONE)
    assert (effect.contact, effect.entered) == ("a", (DAY,))


def test_the_night_after_a_person_was_erased_needs_no_full_run(engine):
    some, store = rule("VIP", "did purchase in last 7 days"), shop([bought("a"), bought("b", 6.5)])
    first = night(some, store, engine=engine)
    store.apply(first)
    store.apply(erase_contact(store.state, "a", actor=BOSS, at=AT))
    since = store.state.changes_since(first.changes.base_version)
    more = {"day": DAY + timedelta(days=1), "zone": ZONE, "engine": engine}
    following = plan_next_night([some], store, first.record(), changes=since, **more)
    assert following == plan_night([some], store, **more)
    assert following.left["VIP"] == ("b",)


# --- a rule that is no longer wanted -------------------------------------------------------------


def test_a_rule_left_out_keeps_what_it_holds_until_it_is_retired(engine):
    store = shop(
        [bought("a"), bought("b")],
        holds=[held("b", "VIP", "sync", "wecom"), held("c", "VIP", holder="another")],
        contacts=["c"],
    )
    store.apply(night(rule("VIP", "did purchase"), store, engine=engine))
    store.apply(night([], store, day=DAY + timedelta(days=1), engine=engine))
    others = {"sync:wecom": {"b"}, "rule:another": {"c"}}
    assert tagged(store, "VIP") == {"rule:VIP": {"a", "b"}, **others}
    store.apply(retire_rule("VIP", store, at=LATER))
    assert tagged(store, "VIP") == others
    assert not retire_rule("VIP", store, at=LATER).changes
