"""Contact groups: the tree, and who is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.office import BOSS, GROUPS, HAN, LATER, LEADER, LI, NOW, office

from segmentkit.errors import (
    CycleError,
    DuplicateIdError,
    DuplicateNameError,
    InvalidValueError,
    NotAllowedError,
    StillInUseError,
    UnknownNameError,
)
from segmentkit.model import (
    BatchEdit,
    Change,
    ChangeSet,
    ContactGroup,
    GroupCount,
    GroupTree,
    GroupType,
    Membership,
    Pin,
    View,
    add_to_groups,
    create_group,
    delete_group,
    edit_group,
    move_contact,
    pin,
    plan_batch,
    remove_from_groups,
    undo,
)


def inside(state, contact="c1"):
    return {group.id for group in View(state, BOSS).groups_of(contact)}


def joined(state, contact, *groups, actor=LI):
    state.apply(add_to_groups(state, contact, groups, actor=actor, at=NOW))
    return state


# --- the tree --------------------------------------------------------------------------------------


def test_the_four_types_have_their_chinese_names():
    assert [one.chinese for one in GroupType] == ["客户", "合作伙伴", "同事", "普通"]
    assert GroupType.read("合作伙伴") is GroupType.read("Partner") is GroupType.PARTNER
    with pytest.raises(UnknownNameError, match="partner"):
        GroupType.read("partners")


def test_groups_are_designed_freely_inside_a_type():
    state = office()
    state.apply(create_group(state, "沉默客户", parent="客户", actor=LEADER, at=NOW))
    made = state.groups.group("客户/沉默客户")
    assert made.type is GroupType.CUSTOMER
    assert state.groups.path(made) == "客户/沉默客户"


def test_every_word_of_a_group_can_be_edited():
    state = office()
    edit = edit_group(
        state,
        "潜在客户",
        name="意向客户",
        type=GroupType.ORDINARY,
        description="问过价",
        parent=None,
        family="stage",
        actor=BOSS,
        at=NOW,
    )
    state.apply(edit)
    assert state.groups.group("prospects") == ContactGroup(
        "prospects", "意向客户", GroupType.ORDINARY, "问过价", None, "stage"
    )
    assert len(edit_group(state, "prospects", name="意向客户", actor=BOSS, at=NOW)) == 0


def test_re_parenting_that_would_close_a_circle_is_refused():
    state = office()
    state.apply(create_group(state, "下", parent="prospects", id="below", actor=BOSS, at=NOW))
    for parent in ("customers", "prospects", "below"):
        with pytest.raises(CycleError) as caught:
            edit_group(state, "customers", parent=parent, actor=BOSS, at=NOW)
        assert caught.value.value[0] == caught.value.value[-1]
    change = Change(GROUPS[0], ContactGroup("customers", "客户", GroupType.CUSTOMER, "", "below"))
    with pytest.raises(CycleError):
        state.apply(ChangeSet([change], "boss", NOW, state.version))
    assert state.groups.group("customers").parent is None


WRONG = {
    "a sibling's name": (create_group, ["潜在客户 "], {"parent": "客户"}, DuplicateNameError),
    "a taken id": (create_group, ["x"], {"id": "low"}, DuplicateIdError),
    "a blank name": (create_group, [" "], {}, InvalidValueError),
    "under nothing": (create_group, ["x"], {"parent": "没有"}, UnknownNameError),
    "renamed to a sibling": (edit_group, ["高"], {"name": "低"}, DuplicateNameError),
    "moved under nothing": (edit_group, ["高"], {"parent": "没有"}, UnknownNameError),
    "unknown": (edit_group, ["没有"], {}, UnknownNameError),
    "with children": (delete_group, ["客户"], {}, StillInUseError),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_group_operation_is_refused(what):
    operation, arguments, named, error = WRONG[what]
    with pytest.raises(error):
        operation(office(), *arguments, **named, actor=BOSS, at=NOW)


@pytest.mark.parametrize("operation", [create_group, edit_group, delete_group])
def test_staff_do_not_change_the_tree(operation):
    with pytest.raises(NotAllowedError):
        operation(office(), "高", actor=HAN, at=NOW)


def test_the_same_name_under_another_parent_is_another_group():
    state = office()
    state.apply(create_group(state, "高", parent="合作伙伴", actor=BOSS, at=NOW))
    with pytest.raises(UnknownNameError, match="'合作伙伴/高', '客户/高'"):
        state.groups.group("高")
    assert state.groups.group("客户/高").id == "high"


def test_a_deleted_group_lets_its_contacts_go_and_leaves_a_tombstone():
    state = joined(office(), "c1", "prospects", "partners")
    state.apply(pin(state, "c2", "group", "prospects", "for", actor=BOSS, at=NOW))
    with pytest.raises(StillInUseError, match="夜间"):
        delete_group(state, "prospects", actor=BOSS, at=NOW, used_by={"prospects": ["夜间"]})
    state.apply(
        delete_group(
            state, "prospects", actor=BOSS, at=NOW, used_by={"prospects": ["夜间"]}, force=True
        )
    )
    assert inside(state) == {"partners"}
    assert inside(state, "c2") == set()
    assert state.find_tombstone("group", "prospects").name == "客户/潜在客户"
    with pytest.raises(DuplicateIdError):
        state.apply(create_group(state, "x", id="prospects", actor=BOSS, at=NOW))


@given(st.permutations(GROUPS))
def test_a_tree_does_not_depend_on_how_it_was_given(groups):
    tree = GroupTree(groups)
    assert tree == GroupTree(GROUPS)
    assert [g.id for g in tree.under("customers")] == [
        g.id for g in GroupTree(GROUPS).under("客户")
    ]
    assert {g.id for g in tree.children("customers")} == {"prospects", "high", "low"}


def test_a_deep_tree_is_walked_without_recursion():
    chain = [
        ContactGroup(f"g{n}", f"g{n}", parent=f"g{n - 1}" if n else None) for n in range(5_000)
    ]
    assert sum(1 for _ in GroupTree(chain).under("g0")) == 5_000
    with pytest.raises(CycleError):
        GroupTree([ContactGroup("g0", "g0", parent="g4999"), *chain[1:]])


# --- who is in -------------------------------------------------------------------------------------


def test_a_contact_may_be_in_several_groups_at_once():
    assert inside(joined(office(), "c1", "prospects", "partners")) == {"prospects", "partners"}


def test_a_move_leaves_the_source_and_touches_nothing_else():
    state = joined(office(), "c1", "prospects", "partners")
    moved = move_contact(state, "c1", "潜在客户", "高", actor=LI, at=LATER)
    assert moved.summary() == {"membership_added": 1, "membership_removed": 1}
    state.apply(moved)
    assert inside(state) == {"high", "partners"}


def test_a_move_of_a_contact_that_is_not_there_is_refused():
    state = joined(office(), "c1", "partners")
    with pytest.raises(UnknownNameError, match="潜在客户"):
        move_contact(state, "c1", "潜在客户", "高", actor=LI, at=NOW)
    with pytest.raises(InvalidValueError):
        move_contact(state, "c1", "partners", "partners", actor=LI, at=NOW)
    assert inside(state) == {"partners"}


def test_copying_keeps_the_source():
    state = joined(joined(office(), "c1", "prospects"), "c2", "prospects")
    members = View(state, BOSS).members_of("prospects")
    edit = BatchEdit(add_groups=["partners"])
    state.apply(plan_batch(state, members, edit, actor=LEADER, at=NOW).all_or_nothing())
    assert inside(state, "c2") == {"prospects", "partners"}


def test_counts_are_direct_and_with_descendants_each_contact_once():
    state = joined(office(), "c1", "prospects", "high")
    joined(joined(state, "c2", "customers"), "c3", "partners")
    view = View(state, BOSS)
    assert view.count_members("客户") == GroupCount(direct=1, with_descendants=2)
    assert view.count_members("潜在客户") == GroupCount(1, 1)
    assert list(view.members_under("合作伙伴")) == ["c3"]


def test_pins_decide_who_is_counted():
    state = office(
        Membership("c1", "partners", "rule", "r", NOW),
        Pin("c1", "group", "partners", "against", "boss", NOW),
        Pin("c2", "group", "partners", "for", "boss", NOW),
    )
    assert list(View(state, LI).members_of("partners")) == ["c2"]
    assert View(state, LI).count_members("partners") == GroupCount(1, 1)


def test_groups_of_a_family_exclude_each_other():
    state = joined(office(), "c1", "low")
    with pytest.raises(InvalidValueError, match="move"):
        add_to_groups(state, "c1", ["high"], actor=LI, at=NOW)
    state.apply(move_contact(state, "c1", "low", "high", actor=LI, at=NOW))
    assert inside(state) == {"high"}


@pytest.mark.parametrize(
    "row",
    [
        Membership("c1", "high", "rule", "r", NOW),
        Pin("c1", "group", "high", "for", "boss", NOW),
    ],
)
def test_no_change_set_brings_a_contact_into_two_groups_of_a_family(row):
    state = joined(office(), "c1", "low")
    with pytest.raises(InvalidValueError, match="exclude"):
        state.apply(ChangeSet([Change(None, row)], "system", NOW, state.version))
    away = Pin("c1", "group", "low", "against", "boss", NOW)
    state.apply(ChangeSet([Change(None, away), Change(None, row)], "system", NOW, state.version))
    assert inside(state) == {"high"}


def test_groups_whose_members_overlap_do_not_become_a_family():
    state = joined(office(), "c1", "low", "partners")
    with pytest.raises(InvalidValueError):
        state.apply(edit_group(state, "partners", family="value", actor=BOSS, at=NOW))
    assert state.groups.group("partners").family is None


def test_a_person_outvotes_a_rule_and_the_next_night_keeps_it():
    state = office(Membership("c1", "prospects", "rule", "r", NOW))
    with pytest.raises(NotAllowedError):
        remove_from_groups(state, "c1", ["prospects"], actor=LI, at=NOW)
    state.apply(move_contact(state, "c1", "prospects", "partners", actor=LEADER, at=NOW))
    assert inside(state) == {"partners"}
    again = Membership("c1", "prospects", "rule", "r", LATER)
    state.apply(ChangeSet([Change(None, again)], "system", LATER, state.version, run="night"))
    assert inside(state) == {"partners"}
    with pytest.raises(NotAllowedError, match="unpin"):
        add_to_groups(state, "c1", ["prospects"], actor=LI, at=NOW)


def test_a_contact_pinned_to_a_group_leaves_it_only_by_who_may_pin():
    state = office()
    state.apply(pin(state, "c1", "group", "partners", "for", actor=BOSS, at=NOW))
    assert inside(state) == {"partners"}
    with pytest.raises(NotAllowedError):
        remove_from_groups(state, "c1", ["partners"], actor=LI, at=NOW)
    state.apply(remove_from_groups(state, "c1", ["partners"], actor=LEADER, at=NOW))
    assert inside(state) == set()


def test_leaving_a_group_by_rule_and_pin_is_one_change_for_each_and_undone_as_one():
    things = [
        Membership("c1", "partners", "rule", "r", NOW),
        Pin("c1", "group", "partners", "for", "lead", NOW),
    ]
    state = office(*things)
    left = remove_from_groups(state, "c1", ["partners"], actor=BOSS, at=NOW)
    assert left.summary() == {"membership_removed": 1, "pin_changed": 1}
    state.apply(left)
    taken_back = undo(state, left, actor=BOSS, at=LATER)
    assert taken_back.conflicts == ()
    state.apply(taken_back.changes)
    assert state == office(*things)


def test_leaving_a_group_one_is_not_in_is_refused():
    with pytest.raises(UnknownNameError):
        remove_from_groups(office(), "c1", ["partners"], actor=LI, at=NOW)
