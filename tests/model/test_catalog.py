"""The tag catalog: what can be done to it, and what it never becomes."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.office import BOSS, HAN, LATER, LEADER, LI, NOW, office

from segmentkit.errors import (
    DuplicateIdError,
    DuplicateNameError,
    InvalidValueError,
    NotAllowedError,
    QuotaExceededError,
    StillInUseError,
    UnknownNameError,
)
from segmentkit.model import (
    SEED,
    SYSTEM,
    UNLIMITED,
    WECOM,
    ArchiveTag,
    CreateTag,
    CreateTagGroup,
    DeleteTag,
    DeleteTagGroup,
    EditTag,
    EditTagGroup,
    Hold,
    MergeTags,
    MoveTag,
    NewTag,
    Origin,
    Pin,
    PlaceTag,
    PlaceTagGroup,
    Quota,
    RestoreTag,
    Schema,
    Settings,
    State,
    Tag,
    TagCatalog,
    TagClass,
    TagGroup,
    TagKind,
    assign_tags,
    edit_catalog,
    plan_catalog,
    undo,
)

SMALL = Quota("small", tags=6, tag_groups=3, tags_per_group=4)


def edited(state: State, *operations, **more) -> State:
    state.apply(edit_catalog(state, *operations, actor=BOSS, at=NOW, **more))
    return state


def names(state: State) -> dict[str, list[str]]:
    catalog = state.catalog
    return {g.name: [tag.name for tag in catalog.tags_of(g.id)] for g in catalog.tag_groups}


def empty(quota: Quota = SEED) -> State:
    return State.of(Schema(), [Settings(quota)])


# --- making and changing ---------------------------------------------------------------------------


def test_a_group_is_made_with_its_tags_in_one_step():
    state = edited(empty(), CreateTagGroup("等级", ["VIP", NewTag("普通", kind=TagKind.INTEREST)]))
    assert names(state) == {"等级": ["VIP", "普通"]}
    assert state.catalog.tag("普通").kind is TagKind.INTEREST
    assert state.version == 1


def test_later_operations_name_what_earlier_ones_of_the_batch_made():
    state = edited(
        empty(),
        CreateTagGroup("等级"),
        CreateTag("等级", "VIP"),
        EditTag("等级/VIP", name="贵宾"),
        CreateTagGroup("旧"),
        MoveTag("贵宾", "旧"),
        DeleteTagGroup("等级"),
    )
    assert names(state) == {"旧": ["贵宾"]}


def test_every_word_of_a_tag_can_be_edited():
    state = edited(
        office(),
        EditTag(
            "VIP",
            name="贵宾",
            description="买得多",
            attributes={"colour": "#d4380d"},
            tag_class=TagClass.BUSINESS,
            kind=TagKind.BEHAVIOUR,
        ),
        EditTagGroup("等级", name="价值", description="按金额", attributes={"icon": "★"}),
    )
    assert state.catalog.tag("价值/贵宾") == Tag(
        "vip",
        "贵宾",
        "level",
        tag_class=TagClass.BUSINESS,
        kind=TagKind.BEHAVIOUR,
        description="买得多",
        attributes={"colour": "#d4380d"},
    )
    cleared = edited(state, EditTag("vip", tag_class=None)).catalog.tag("vip")
    assert (cleared.tag_class, cleared.kind) == (None, TagKind.BEHAVIOUR)


def test_dragging_changes_the_order_and_nothing_else():
    state = office()
    before = {tag.id: tag for tag in state.catalog.tags}
    edited(state, PlaceTagGroup("意向", 0), PlaceTag("高频", 0))
    assert names(state) == {"意向": ["强", "弱"], "等级": ["高频", "VIP", "普通"]}
    for tag in state.catalog.tags:
        assert tag.group == before[tag.id].group
        assert tag.name == before[tag.id].name


@given(st.permutations(range(6)))
def test_any_order_can_be_dragged_to(wanted):
    state = edited(empty(), CreateTagGroup("g", [str(n) for n in range(6)]))
    for position, name in enumerate(wanted):
        edited(state, PlaceTag(str(name), position))
    assert names(state) == {"g": [str(n) for n in wanted]}


def test_a_moved_tag_is_kept_by_who_has_it():
    state = office(Hold("c1", "vip", "staff", "li", NOW))
    edited(state, MoveTag("VIP", "意向"))
    assert names(state)["意向"] == ["强", "弱", "VIP"]
    assert [hold.contact for hold in state.holds_with("vip")] == ["c1"]


def test_an_archived_tag_stays_where_it_stands_but_is_set_no_more():
    state = office(Hold("c1", "vip", "staff", "li", NOW))
    edited(state, ArchiveTag("VIP"))
    assert [hold.tag for hold in state.holds_of("c1")] == ["vip"]
    with pytest.raises(NotAllowedError, match="archived"):
        assign_tags(state, "c2", ["VIP"], actor=LI, at=NOW)
    edited(state, RestoreTag("VIP"))
    assert assign_tags(state, "c2", ["VIP"], actor=LI, at=NOW).summary() == {"hold_added": 1}


def test_only_admins_change_the_catalog():
    for actor in (LEADER, LI, HAN):
        with pytest.raises(NotAllowedError):
            plan_catalog(office(), [CreateTagGroup("x")], actor=actor, at=NOW)


# --- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (CreateTagGroup(" 等级 "), DuplicateNameError),
        (CreateTagGroup("新", ["a", "Ａ"]), DuplicateNameError),
        (CreateTagGroup("新", [NewTag("a", id="x"), NewTag("b", id="x")]), DuplicateIdError),
        (CreateTagGroup("新", id="level"), DuplicateIdError),
        (CreateTagGroup("\u200b"), InvalidValueError),
        (CreateTagGroup("新", [""]), InvalidValueError),
        (CreateTag("等级", "ｖｉｐ"), DuplicateNameError),
        (CreateTag("等级", NewTag("新", id="vip")), DuplicateIdError),
        (CreateTag("不存在", "x"), UnknownNameError),
        (EditTag("普通", name="Vip"), DuplicateNameError),
        (EditTagGroup("意向", name="等级"), DuplicateNameError),
        (MoveTag("不存在", "意向"), UnknownNameError),
        (PlaceTag("VIP", 3), InvalidValueError),
        (PlaceTagGroup("等级", -1), InvalidValueError),
        (MergeTags(["VIP"], "VIP"), InvalidValueError),
        (MergeTags([], "VIP"), InvalidValueError),
        (MergeTags(["VIP"], "高频"), NotAllowedError),
        (DeleteTag("VIPP"), UnknownNameError),
    ],
)
def test_a_wrong_operation_says_what_is_wrong_and_nothing_is_done(operation, error):
    state = office()
    plan = plan_catalog(
        state, [CreateTag("意向", "中"), operation, DeleteTag("弱")], actor=BOSS, at=NOW
    )
    assert [type(one.error) for one in plan.refusals] == [error]
    assert plan.fits == (CreateTag("意向", "中"), DeleteTag("弱"))
    assert plan.room_after is None
    with pytest.raises(error) as caught:
        _ = plan.changes
    assert caught.value.code
    assert str(copy.copy(caught.value)) == str(caught.value)
    assert state == office()


def test_a_misspelt_tag_is_told_the_nearest():
    with pytest.raises(UnknownNameError, match="'VIP'"):
        edit_catalog(office(), DeleteTag("VIPP"), actor=BOSS, at=NOW)


def test_a_bare_name_of_two_tags_is_refused_with_their_paths():
    state = edited(office(), CreateTag("意向", "VIP"))
    with pytest.raises(UnknownNameError, match="'等级/VIP', '意向/VIP'"):
        state.catalog.tag("vip ")
    assert state.catalog.tag("意向/VIP").group == "intent"
    assert [tag.id for tag in state.catalog.find_tags("VIP")][:1] == ["vip"]


def test_a_slash_may_be_part_of_a_name():
    state = edited(empty(), CreateTagGroup("男/女", ["A/B"]), CreateTagGroup("男", ["女/A/B"]))
    assert {state.catalog.path(tag) for tag in state.catalog.find_tags("男/女/A/B")} == {
        "男/女/A/B"
    }
    assert len(state.catalog.find_tags("男/女/A/B")) == 2
    assert state.catalog.tag("A/B").name == "A/B"


@given(st.text(max_size=6), st.text(max_size=6))
def test_two_names_are_one_exactly_when_their_text_key_is(one, other):
    from segmentkit.text import text_key

    plan = plan_catalog(empty(), [CreateTagGroup("g", [one, other])], actor=SYSTEM, at=NOW)
    blank = not text_key(one) or not text_key(other)
    assert bool(plan.refusals) == (blank or text_key(one) == text_key(other))


# --- quotas ----------------------------------------------------------------------------------------


def test_the_seed_profile_binds_three_times():
    assert (SEED.tags, SEED.tag_groups, SEED.tags_per_group) == (3_000, 100, 100)
    assert WECOM.tags == 10_000
    state = empty()
    with pytest.raises(QuotaExceededError):
        edited(state, CreateTagGroup("g", [str(n) for n in range(101)]))
    with pytest.raises(QuotaExceededError):
        edited(state, *(CreateTagGroup(str(n)) for n in range(101)))
    full = [CreateTagGroup(f"g{g}", [str(n) for n in range(100)]) for g in range(30)]
    edited(state, *full)
    assert state.catalog.room().tags == 0
    with pytest.raises(QuotaExceededError):
        edited(state, CreateTagGroup("more", ["one"]))
    assert len(state.catalog.tags) == 3_000


def test_all_origins_count_together():
    tags = [NewTag(f"{origin.value}{n}", origin=origin) for origin in Origin for n in range(2)]
    state = edited(empty(Quota("six", tags=6)), CreateTagGroup("g", tags))
    with pytest.raises(QuotaExceededError):
        edited(state, CreateTag("g", "seventh"))


def test_a_batch_is_weighed_as_a_whole_whatever_its_order():
    state = edited(empty(SMALL), CreateTagGroup("a", [*"1234"]), CreateTagGroup("b", [*"56"]))
    for batch in (
        [CreateTag("b", "7"), DeleteTag("a/1")],
        [DeleteTag("a/1"), CreateTag("b", "7")],
    ):
        plan = plan_catalog(state, batch, actor=BOSS, at=NOW)
        assert plan.refusals == ()
        assert plan.room.tags == plan.room_after.tags == 0


def test_what_does_not_fit_is_named_with_the_room_there_is():
    state = edited(empty(SMALL), CreateTagGroup("a", [*"123"]), CreateTagGroup("b", [*"4"]))
    batch = [CreateTag("a", "5"), CreateTag("a", "6"), CreateTag("b", "7"), CreateTag("b", "8")]
    plan = plan_catalog(state, batch, actor=BOSS, at=NOW)
    assert plan.room.tags == 2
    assert dict(plan.room.in_group)[state.catalog.tag_group("a").id] == 1
    assert [one.operation for one in plan.refusals] == [batch[1], batch[3]]
    assert "tags in group 'a'" in str(plan.refusals[0].error)
    assert "'small' allows 6" in str(plan.refusals[1].error)
    assert plan.fits == (batch[0], batch[2])
    with pytest.raises(QuotaExceededError):
        state.apply(plan.changes)
    assert names(state) == {"a": ["1", "2", "3"], "b": ["4"]}


def test_a_group_that_does_not_fit_takes_its_tags_with_it():
    state = edited(empty(SMALL), CreateTagGroup("a"), CreateTagGroup("b"))
    batch = [CreateTagGroup("c", [*"123"]), CreateTagGroup("d", [*"45678"]), CreateTag("a", "9")]
    plan = plan_catalog(state, batch, actor=BOSS, at=NOW)
    assert [one.operation for one in plan.refusals] == [batch[1]]


def test_a_quota_below_what_is_there_is_refused():
    with pytest.raises(QuotaExceededError):
        office(settings=Settings(Quota("tiny", tags=2)))
    with pytest.raises(InvalidValueError):
        Quota("wrong", tags=-1)


@given(st.lists(st.sampled_from("abcde"), max_size=12))
def test_what_fits_of_a_batch_fits_by_itself(groups):
    batch = [CreateTagGroup(name) for name in dict.fromkeys(groups)]
    batch += [CreateTag(name, f"t{number}") for number, name in enumerate(groups)]
    state = empty(SMALL)
    plan = plan_catalog(state, batch, actor=BOSS, at=NOW)
    kept = {one.name for one in plan.fits if isinstance(one, CreateTagGroup)}
    fits = [one for one in plan.fits if isinstance(one, CreateTagGroup) or one.group in kept]
    state.apply(plan_catalog(state, fits, actor=BOSS, at=NOW).changes)
    assert len(state.catalog.tag_groups) == min(3, len(set(groups)))


def test_ten_thousand_tags_are_created_in_one_batch():
    batch = [CreateTagGroup(f"g{g}", [f"{g}.{n}" for n in range(100)]) for g in range(100)]
    state = edited(empty(WECOM), *batch)
    assert len(state.catalog.tags) == 10_000
    assert state.catalog.room().tags == 0


# --- deleting and merging --------------------------------------------------------------------------


def test_a_deleted_tag_goes_from_every_contact_and_leaves_a_tombstone():
    state = office(
        Hold("c1", "vip", "staff", "li", NOW),
        Hold("c2", "vip", "rule", "r", NOW),
        Pin("c3", "tag", "vip", "for", "boss", NOW),
    )
    edited(state, DeleteTag("VIP"))
    assert list(state.holds()) == []
    assert state.pins_of("c3") == ()
    assert state.find_tombstone("tag", "vip").name == "等级/VIP"
    with pytest.raises(DuplicateIdError):
        edit_catalog(state, CreateTag("等级", NewTag("VIP", id="vip")), actor=BOSS, at=NOW)


def test_a_tag_group_goes_with_its_tags():
    state = edited(office(Hold("c1", "vip", "staff", "li", NOW)), DeleteTagGroup("等级"))
    assert names(state) == {"意向": ["强", "弱"]}
    assert list(state.holds()) == []
    assert {grave.id for grave in state.tombstones()} == {"vip", "plain", "auto", "level"}


def test_ids_are_never_given_again():
    state = empty()
    seen = set()
    for _ in range(5):
        edited(state, CreateTagGroup("g", ["t"]))
        ids = {state.catalog.tag("t").id, state.catalog.tag_group("g").id}
        assert not ids & seen
        seen |= ids
        edited(state, DeleteTagGroup("g"))


def test_what_rules_need_is_deleted_only_by_force():
    state = office()
    used_by = {"vip": ["夜间VIP", "高价值"], "strong": ["意向"]}
    for operation in (DeleteTag("VIP"), DeleteTagGroup("等级")):
        with pytest.raises(StillInUseError) as caught:
            edit_catalog(state, operation, actor=BOSS, at=NOW, used_by=used_by)
        assert caught.value.dependants == ("夜间VIP", "高价值")
    edited(state, DeleteTag("VIP"), used_by=used_by, force=True)
    assert state.find_tombstone("tag", "vip") is not None


def test_merged_tags_hand_on_their_holds_pins_and_name():
    state = office(
        Hold("c1", "vip", "staff", "li", LATER),
        Hold("c1", "plain", "staff", "li", NOW, LATER),
        Hold("c1", "vip", "staff", "han", NOW),
        Hold("c2", "vip", "rule", "r", NOW),
        Pin("c2", "tag", "vip", "against", "boss", NOW),
        Pin("c3", "tag", "vip", "for", "boss", NOW),
        Pin("c3", "tag", "plain", "against", "boss", LATER),
    )
    edited(state, MergeTags(["VIP"], "普通"))
    assert list(state.holds()) == [
        Hold("c1", "plain", "staff", "han", NOW),
        Hold("c1", "plain", "staff", "li", NOW),
        Hold("c2", "plain", "rule", "r", NOW),
    ]
    assert [pin.direction for pin in state.pins_of("c2")] == ["against"]
    assert [pin.direction for pin in state.pins_of("c3")] == ["against"], "what stood first stands"
    assert state.resolve_tag("vip") == "plain"


def test_a_chain_of_merges_leads_to_the_last():
    state = office(Hold("c1", "vip", "staff", "li", NOW))
    edited(state, MergeTags(["VIP"], "普通"), MergeTags(["普通"], "意向/强"))
    assert [hold.tag for hold in state.holds()] == ["strong"]
    assert state.resolve_tag("vip") == "strong"
    gone = office(Hold("c1", "vip", "staff", "li", NOW))
    edited(gone, MergeTags(["VIP"], "普通"), DeleteTag("普通"))
    assert list(gone.holds()) == []


def test_undo_of_a_merge_gives_everyone_back_what_they_had():
    things = [
        Hold("c1", "vip", "staff", "li", LATER),
        Hold("c1", "plain", "staff", "li", NOW),
        Pin("c3", "tag", "vip", "for", "boss", NOW),
    ]
    state = office(*things)
    merge = edit_catalog(state, MergeTags(["VIP"], "普通"), actor=BOSS, at=NOW)
    state.apply(merge)
    state.apply(undo(state, merge, actor=BOSS, at=NOW).changes)
    assert state == office(*things)


# --- the value -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "tags", "error"),
    [
        ([TagGroup("g", "a"), TagGroup("g", "b")], [], DuplicateIdError),
        ([TagGroup("g", "a"), TagGroup("h", "Ａ")], [], DuplicateNameError),
        ([], [Tag("t", "t", "g")], UnknownNameError),
        ([TagGroup("g", "g")], [Tag("t", "t", "g"), Tag("t", "u", "g")], DuplicateIdError),
        ([TagGroup("g", "g")], [Tag("t", "t", "g"), Tag("u", "T", "g")], DuplicateNameError),
    ],
)
def test_a_catalog_is_right_or_does_not_exist(groups, tags, error):
    with pytest.raises(error):
        TagCatalog(groups, tags, UNLIMITED)


@given(
    st.permutations([TagGroup("a", "a", order=1), TagGroup("b", "b"), TagGroup("c", "c", order=1)])
)
def test_order_does_not_depend_on_how_a_catalog_was_given(groups):
    assert [group.id for group in TagCatalog(groups).tag_groups] == ["b", "a", "c"]
