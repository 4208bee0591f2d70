"""Several rules in one night: who reads whose tag, which version speaks, which one is invalid."""

from datetime import timedelta

import pytest
from rules.shops import AT, DAY, bought, held, night, pinned, rule, shop, sizes, tagged

from segmentkit.errors import CycleError, DuplicateIdError
from segmentkit.model import Change, ChangeSet, Hold, Tag
from segmentkit.query import Segment, parse

VIP = rule("VIP", "sum(purchase.amount in last 90 days) >= 100")
ACTIVE = rule("活跃", "did purchase in last 7 days")
LAPSED = rule("流失", "did purchase and did not purchase in last 30 days")

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
        "has tag where (source in ('staff', 'rule'))",
        "has tag where (staff is missing)",
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
    assert plan.stayed["等级/VIP"] == ()
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


# --- rules that have moved to another tag -------------------------------------------------------


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
@pytest.mark.parametrize(
    "reading", ["has tag '等级/一'", "has no tag '等级/一'", "did purchase and has tag '等级/一'"]
)
@pytest.mark.parametrize("readers", [["S"], ["R"], ["S", "R"]])
def test_no_rule_decides_by_what_a_moved_rule_leaves(engine, reading, readers):
    """Nothing is left to do once the plan has been applied."""
    when = {name: reading if name in readers else "did purchase" for name in "RS"}
    rules = [rule("二", when["R"], id="R"), rule("三", when["S"], id="S")]
    store = shop([bought("c")], holds=[held("c", "一", holder="R")])
    plan = night(rules, store, engine=engine)
    assert plan.left["等级/一"] == ("c",)
    store.apply(plan)
    assert len(night(rules, store, engine=engine)) == 0


def test_another_holder_of_the_left_tag_still_counts():
    rules = [rule("二", "did purchase", id="R"), rule("三", "has tag '等级/一'", id="S")]
    holds = [held("c", "一", holder="R"), held("c", "一", "sync", "wecom")]
    plan = night(rules, shop([bought("c")], holds=holds))
    assert plan.left["等级/一"] == ("c",)
    assert plan.entered["等级/三"] == ("c",)


def test_a_rule_that_only_adds_keeps_what_it_held_elsewhere():
    rules = [rule("二", "did purchase", id="R", mode="add_only"), rule("三", "has tag '等级/一'")]
    plan = night(rules, shop([bought("c")], holds=[held("c", "一", holder="R")]))
    assert plan.entered["等级/三"] == ("c",)
    assert "等级/一" not in plan.left
