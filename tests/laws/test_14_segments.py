"""Promise 14: segments name segments, never in a circle; what is deleted makes a rule invalid."""

import pytest
from cases.schema import SHOP
from laws.worlds import Person, instant, row

from segmentkit.engines import evaluate, explain, select
from segmentkit.errors import CycleError, SegmentkitError
from segmentkit.model import SYSTEM, Change, ChangeSet, Contact, State, Tag, TagGroup
from segmentkit.query import (
    Activity,
    Keys,
    NameTable,
    QueryError,
    Reference,
    Segment,
    bind,
    check,
    parse,
)
from segmentkit.stores import MemoryStore

AT = instant("2026-11-21T00:00")
NAMES = NameTable({"segment": {"s1": "高价值", "s2": "已流失", "s3": "两者"}})
SEGMENTS = {
    "s1": "sum(purchase.amount) >= 1000",
    "s2": "did purchase and did not purchase in last 90 days",
    "s3": "in segment '高价值' and not in segment '已流失'",
}


def test_a_segment_is_its_condition(holds):
    spent = [row("2026-11-01", amount=1_000)]
    for name, condition in {"高价值": SEGMENTS["s1"], "已流失": SEGMENTS["s2"]}.items():
        for rows in ([], spent, [row("2026-01-01", amount=5)]):
            asked = {"purchase": rows, "names": NAMES, "segments": SEGMENTS}
            assert holds(f"in segment '{name}'", **asked) == holds(condition, purchase=rows)
            assert holds(f"not in segment '{name}'", **asked) != holds(condition, purchase=rows)


def test_segments_name_segments_and_stand_in_lists(holds):
    crowd = {
        "rich": Person({}, {"purchase": [row("2026-11-01", amount=1_000)]}),
        "gone": Person({}, {"purchase": [row("2026-01-01", amount=2_000)]}),
        "new": Person(),
    }
    asked = {"names": NAMES, "segments": SEGMENTS}
    assert holds.members("in segment '两者'", crowd, **asked) == {"rich"}
    assert holds.members("in segment ('两者', '已流失')", crowd, **asked) == {"rich", "gone"}
    assert holds.members("in all segment ('高价值', '已流失')", crowd, **asked) == {"gone"}


def test_an_unknown_segment_is_an_error_with_a_suggestion():
    checked = check(parse("in segment '高价直'"), SHOP, names=NAMES, text="in segment '高价直'")
    (found,) = checked.diagnostics
    assert found.code == "unknown_thing"
    assert found.fixes[0].replacement == "'高价值'"


# --- circles ------------------------------------------------------------------------------------


def segment(id, name, text):  # noqa: A002
    return Segment(id, name, bind(parse(text), SHOP, names=NAMES))


def test_a_circle_is_refused_when_it_is_saved_with_its_path():
    store = MemoryStore(
        State.of(SHOP, []), segments=[segment("s1", "高价值", "in segment '已流失'")]
    )
    with pytest.raises(CycleError) as caught:
        store.save_segment(segment("s2", "已流失", "age > 3 or not in segment '高价值'"))
    assert str(caught.value.value) == "高价值 > 已流失 > 高价值"
    assert set(store.segments) == {"s1"}


def test_a_segment_that_names_itself_is_a_circle():
    store = MemoryStore(State.of(SHOP, []))
    with pytest.raises(CycleError):
        store.save_segment(segment("s1", "高价值", "in segment '高价值'"))


def test_a_circle_is_found_by_names_as_well_as_by_ids():
    """A condition that was never bound still says which segments it needs."""
    store = MemoryStore(State.of(SHOP, []))
    store.save_segment(Segment("s1", "高价值", parse("in segment '已流失'")))
    with pytest.raises(CycleError):
        store.save_segment(Segment("s2", "已流失", parse("in segment '高价值'")))


def test_the_checker_finds_the_circle_before_it_is_saved():
    saved = {"s1": bind(parse("in segment '已流失'"), SHOP, names=NAMES)}
    text = "age > 3 or in segment '高价值'"
    checked = check(parse(text), SHOP, names=NAMES, text=text, segments=saved, segment="s2")
    (found,) = (d for d in checked.diagnostics if d.code == "segment_cycle")
    assert found.args["path"] == "已流失 > 高价值 > 已流失"
    assert check(parse("age > 3"), SHOP, segments=saved, segment="s2").is_valid


def test_two_ways_to_one_segment_are_no_circle():
    segments = [
        segment("s3", "两者", "in segment '高价值' and in segment '已流失'"),
        segment("s1", "高价值", "in segment '已流失'"),
        segment("s2", "已流失", "age > 3"),
    ]
    assert len(MemoryStore(State.of(SHOP, []), segments=segments).segments) == 3


def test_a_long_chain_of_segments_is_no_circle_and_no_error():
    links = [Segment(f"s{n}", f"n{n}", parse(f"in segment 's{n + 1}'")) for n in range(2_000)]
    MemoryStore(State.of(SHOP, []), segments=links)


# --- what is gone -------------------------------------------------------------------------------


def world():
    state = State.of(
        SHOP, [Contact("c"), TagGroup("g", "等级"), Tag("t1", "VIP", "g"), Tag("t2", "普通", "g")]
    )
    vip = bind(parse("has no tag 'VIP'"), SHOP, names=MemoryStore(state).names)
    return MemoryStore(state, segments=[Segment("s1", "无VIP", vip)])


def delete_tag(store, tag_id):
    tag = store.state.catalog.tag(tag_id)
    store.apply(ChangeSet((Change(tag, None),), "boss", AT, store.state.version))


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
def test_a_rule_with_a_deleted_tag_is_invalid_never_silently_true_or_false(engine):
    store = world()
    bound = bind(parse("has no tag 'VIP'"), SHOP, names=store.names)
    assert select(bound, store, at=AT, engine=engine) == ["c"]
    delete_tag(store, "t1")
    for condition in (bound, "has no tag 'VIP'", "in segment '无VIP'", "not in segment '无VIP'"):
        with pytest.raises(QueryError):
            select(condition, store, at=AT, engine=engine)
        with pytest.raises(QueryError):
            evaluate(condition, "c", store, at=AT)
        with pytest.raises(QueryError):
            explain(condition, "c", store, at=AT)


def test_the_diagnostic_names_what_was_deleted():
    store = world()
    bound = bind(parse("has no tag 'VIP'"), SHOP, names=store.names)
    delete_tag(store, "t1")
    (found,) = check(bound, SHOP, names=store.names).diagnostics
    assert (found.code, found.args["kind"]) == ("deleted_reference", "tag")
    assert found.message() == "the tag '等级/VIP' was deleted"
    assert found.message("zh") == "标签“等级/VIP”已被删除"


@pytest.mark.parametrize(
    "condition",
    [
        "has tag where (tag = 'VIP')",
        "has tag where (tag in ('VIP', '普通'))",
        "has tag under '等级'",
        "last(tag.tag) = 'VIP'",
    ],
)
def test_every_place_of_a_reference_is_watched(condition):
    store = world()
    bound = bind(parse(condition), SHOP, names=store.names)
    assert check(bound, SHOP, names=store.names).is_valid
    store = MemoryStore(State.of(SHOP, [Contact("c")]))
    codes = {d.code for d in check(bound, SHOP, names=store.names).diagnostics}
    assert codes == {"deleted_reference"}


def test_a_segment_that_is_not_there_is_an_error_not_false(holds):
    gone = Reference("segment", "s9", "走了")

    with pytest.raises(SegmentkitError):
        holds(Activity("in", "segment", keys=Keys((gone,))), names=NAMES, segments=SEGMENTS)


def test_a_segment_may_speak_of_the_viewer():
    state = State.of(SHOP, [Contact("c", added_by="li.lei")])
    mine = Segment("s1", "我的", parse("added_by = $me"))
    store = MemoryStore(state, segments=[mine])
    from segmentkit.model import Role, Viewer

    for viewer, found in {Viewer("li.lei", Role.STAFF): ["c"], SYSTEM: []}.items():
        asked = {"at": AT, "viewer": viewer, "engine": "interpreter"}
        assert select("in segment '我的'", store, **asked) == found
