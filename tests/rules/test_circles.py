"""Rules that need each other's tags: which of them stand still, and that all others run."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.shops import AT, AUTOMATIC, DAY, ZONE, bought, held, night, rule, shop, tagged

from segmentkit.errors import CycleError
from segmentkit.model import SYSTEM, MergeTags, edit_catalog
from segmentkit.query import Segment, parse
from segmentkit.rules import late_effects, plan_next_night

LONG_AGO = AT - timedelta(days=9)


def saved(tag, when, **more):
    return rule(tag, when, saved=LONG_AGO, **more)


def merged_into(store, gone, stays):
    merge = MergeTags([f"等级/{gone}"], f"等级/{stays}")
    store.apply(edit_catalog(store.state, merge, actor=SYSTEM, at=AT))


# --- laws ---------------------------------------------------------------------------------------

# Who reads whose tag, for rules that set one tag each.
readings = st.dictionaries(
    st.sampled_from(AUTOMATIC), st.sets(st.sampled_from(AUTOMATIC), max_size=3)
)


def reader(tag, read, **more):
    texts = [f"has tag '{name}'" for name in sorted(read)]
    return rule(tag, " or ".join(["did purchase", *texts]), **more)


def on_a_circle(needs):
    """Rules from which a way leads back to themselves, by closing the relation under itself."""
    reach = {tag: {name for name in read if name in needs} for tag, read in needs.items()}
    for _ in needs:
        for found in reach.values():
            found |= {further for near in found for further in reach[near]}
    return {tag for tag, found in reach.items() if tag in found}


@given(readings)
def test_exactly_the_rules_that_need_themselves_are_invalid(needs):
    plan = night([reader(tag, read, saved=LONG_AGO) for tag, read in needs.items()], shop())
    assert {each.rule.id for each in plan.invalid} == on_a_circle(needs)


@given(readings)
def test_the_path_of_a_circle_leads_from_tag_to_tag_that_is_read(needs):
    plan = night([reader(tag, read, saved=LONG_AGO) for tag, read in needs.items()], shop())
    for each in plan.invalid:
        (found,) = each.diagnostics
        path = [name.removeprefix("等级/") for name in found.args["path"].split(" > ")]
        assert each.rule.id in path
        assert path[0] == path[-1]
        assert all(below in needs[above] for above, below in pairwise(path))


@given(readings, st.sets(st.sampled_from(AUTOMATIC)))
def test_the_other_rules_run_as_if_those_of_a_circle_were_not_there(needs, holding):
    store = shop([bought("a")], contacts=["b"], holds=[held("b", tag) for tag in holding])
    rules = [reader(tag, read, saved=LONG_AGO) for tag, read in needs.items()]
    circle = on_a_circle(needs)
    whole, others = night(rules, store), night([r for r in rules if r.id not in circle], store)
    assert whole.outcomes == others.outcomes
    assert whole.changes == others.changes


@given(readings.filter(on_a_circle))
def test_a_rule_of_a_circle_that_was_never_saved_is_refused(needs):
    with pytest.raises(CycleError):
        night([reader(tag, read) for tag, read in needs.items()], shop())


# --- examples -----------------------------------------------------------------------------------


def a_merge_that_closes_a_circle(store):
    """二 is read for 一, and 三 for 二; then 一 becomes 三. A fourth rule reads 三."""
    rules = [
        saved("一", "has tag '二'").resolved(store),
        saved("二", "has tag '三'").resolved(store),
        saved("活跃", "did purchase in last 7 days").resolved(store),
        saved("VIP", "has tag '三'").resolved(store),
    ]
    return rules, lambda: merged_into(store, "一", "三")


def test_after_a_merge_the_rules_of_the_circle_keep_their_members_and_all_others_run():
    store = shop([bought("a")], contacts=["b"], holds=[held("b", "一")])
    rules, merge = a_merge_that_closes_a_circle(store)
    assert night(rules, store).invalid == ()
    merge()
    plan = night(rules, store)
    assert [each.rule.id for each in plan.invalid] == ["一", "二"]
    assert plan.entered["活跃"] == ("a",)
    # Nobody decides about 三 tonight, so whoever reads it sees it as it stands.
    assert plan.entered["VIP"] == ("b",)
    store.apply(plan)
    assert tagged(store, "三") == {"rule:一": {"b"}}
    assert len(night(rules, store)) == 0


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
def test_the_next_night_says_the_same(engine):
    store = shop([bought("a")], contacts=["b"], holds=[held("b", "一")])
    rules, merge = a_merge_that_closes_a_circle(store)
    first = night(rules, store, engine=engine)
    store.apply(first)
    merge()
    later = [bought("b", -0.5)]
    store.add_events(later)
    asked = {"day": DAY + timedelta(days=1), "zone": ZONE, "engine": engine}
    since = store.state.changes_since(first.changes.base_version)
    second = plan_next_night(rules, store, first.record(), events=later, changes=since, **asked)
    assert second == night(rules, store, **asked)
    assert [each.rule.id for each in second.invalid] == ["一", "二"]
    store.apply(second)
    # Mended, the rule that stood still is asked of everyone again.
    mended = [saved("三", "did purchase in last 99 days", id="一", version=2), *rules[1:]]
    asked["day"] += timedelta(days=1)
    since = store.state.changes_since(second.changes.base_version)
    third = plan_next_night(mended, store, second.record(), changes=since, **asked)
    assert third == night(mended, store, **asked)
    assert third.entered["一"] == ("a", "b")
    assert third.invalid == ()


def test_the_reason_names_the_circle_in_both_languages():
    plan = night([saved("一", "has tag '二'"), saved("二", "has no tag '一'")], shop())
    found = plan.invalid[1].diagnostics[0]
    assert found.code == "rule_cycle"
    assert found.message() == "rules that need each other's tags: 等级/一 > 等级/二 > 等级/一"
    assert found.message("zh") == "规则互相需要对方的标签:等级/一 > 等级/二 > 等级/一"
    assert '"rule_cycle"' in plan.to_json()
    assert "失效" in plan.text("zh")


def test_a_second_rule_of_the_same_tag_runs_on():
    rules = [saved("一", "has tag '二'"), saved("二", "has tag '一'")]
    free = saved("一", "did purchase", id="free")
    plan = night([*rules, free], shop([bought("a")]))
    assert plan.entered["等级/一"] == ("a",)
    assert len(plan.invalid) == 2


def test_a_segment_can_close_the_circle():
    store = shop()
    store.save_segment(Segment("s", "贵宾", parse("has tag 'VIP'")))
    (invalid,) = night(saved("VIP", "not in segment '贵宾'"), store).invalid
    assert invalid.diagnostics[0].args["path"] == "等级/VIP > 等级/VIP"


def test_one_unsaved_rule_makes_a_circle_a_mistake():
    with pytest.raises(CycleError) as refused:
        night([saved("一", "has tag '二'"), rule("二", "has tag '一'")], shop())
    assert refused.value.value == "等级/一 > 等级/二 > 等级/一"
    assert refused.value.place == "rule '二'"


def test_late_events_are_told_of_the_rules_that_run():
    late = bought("a", 2)
    rules = [saved("一", "has tag '二'"), saved("二", "has tag '一' or did purchase")]
    rules.append(saved("活跃", "did purchase in last 7 days"))
    (effect,) = late_effects(rules, shop([late]), [late], nights=[DAY], zone=ZONE)
    assert effect.rule == "活跃"
