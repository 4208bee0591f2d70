"""The same edit for many contacts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.office import BOSS, CHATS, HAN, LATER, LEADER, LI, NOW, office

from segmentkit.errors import InvalidValueError, NotAllowedError, UnknownNameError
from segmentkit.model import (
    BatchEdit,
    ChatMember,
    DefaultList,
    Hold,
    Membership,
    View,
    add_to_groups,
    assign_tags,
    contacts_in_chats,
    find_chats,
    follow,
    move_contact,
    plan_batch,
    remove_tags,
    replace_tag,
    undo,
)

ALL = ("c1", "c2", "c3")


def planned(state, edit, contacts=ALL, actor=LI):
    return plan_batch(state, contacts, edit, actor=actor, at=NOW)


def test_a_preview_tells_and_touches_nothing():
    state = office(Hold("c1", "vip", "staff", "li", NOW))
    plan = planned(state, BatchEdit(add_tags=["VIP"]), [*ALL, "c9", "c2"])
    assert (plan.changed, plan.unchanged) == (2, 1)
    assert plan.summary == {"hold_added": 2}
    (refusal,) = plan.refusals
    assert refusal.contacts == ("c9",)
    assert isinstance(refusal.error, UnknownNameError)
    assert state == office(Hold("c1", "vip", "staff", "li", NOW))


def test_one_change_set_does_it_and_one_undo_takes_it_back():
    state = office()
    edit = BatchEdit(add_tags=["VIP"], add_groups=["潜在客户"], follow=True)
    changes = planned(state, edit).all_or_nothing()
    assert state.apply(changes) == 1
    view = View(state, LI)
    assert sorted(view.contacts_with_tag("VIP")) == sorted(view.members_of("潜在客户")) == [*ALL]
    assert sorted(view.default_list(DefaultList.FOLLOWED)) == [*ALL]
    assert len(planned(state, edit).good_only()) == 0
    state.apply(undo(state, changes, actor=LI, at=LATER).changes)
    assert state == office()


def test_the_caller_chooses_between_the_good_ones_and_none():
    state = office(Membership("c1", "prospects", "staff", "li", NOW))
    plan = planned(state, BatchEdit(add_tags=["VIP"], move_groups={"潜在客户": "高"}))
    assert [refusal.contacts for refusal in plan.refusals] == [("c2", "c3")]
    with pytest.raises(UnknownNameError):
        plan.all_or_nothing()
    state.apply(plan.good_only())
    assert [hold.contact for hold in state.holds()] == ["c1"], "a refused contact is left alone"


def test_only_who_carries_the_old_tag_gets_the_new_one():
    state = office(
        Hold("c1", "plain", "staff", "li", NOW), Hold("c2", "plain", "staff", "han", NOW)
    )
    state.apply(planned(state, BatchEdit(replace_tags={"普通": "VIP"})).all_or_nothing())
    assert {(hold.contact, hold.tag) for hold in state.holds()} == {("c1", "vip"), ("c2", "plain")}


def test_staff_and_leaders_batch_in_their_own_name():
    state = office()
    for actor in (LI, LEADER):
        state.apply(planned(state, BatchEdit(add_tags=["VIP"]), actor=actor).all_or_nothing())
    assert {(hold.source, hold.holder) for hold in state.holds_of("c1")} == {
        ("staff", "li"),
        ("admin", "lead"),
    }
    plan = planned(state, BatchEdit(remove_tags=["VIP"]), actor=BOSS)
    state.apply(plan.all_or_nothing())
    assert {hold.source for hold in state.holds()} == {"staff"}


@pytest.mark.parametrize(
    "edit",
    [
        BatchEdit(add_tags=["VIP"], remove_tags=["等级/vip"]),
        BatchEdit(replace_tags={"VIP": "VIP"}),
        BatchEdit(add_groups=["高"], remove_groups=["客户/高"]),
        BatchEdit(move_groups={"高": "低", "低": "高"}),
    ],
)
def test_an_edit_that_gives_and_takes_the_same_is_refused(edit):
    with pytest.raises(InvalidValueError):
        planned(office(), edit)


def test_unknown_tags_and_groups_are_refused_before_the_first_contact():
    for edit in (BatchEdit(add_tags=["没有"]), BatchEdit(move_groups={"没有": "高"})):
        with pytest.raises(UnknownNameError):
            planned(office(), edit, [])


@pytest.mark.parametrize("more", [{"add_tags": ["高频"]}, {"replace_tags": {"VIP": "高频"}}])
def test_what_may_be_set_on_nobody_is_refused_before_the_first_contact(more):
    with pytest.raises(NotAllowedError, match="rules only"):
        planned(office(), BatchEdit(**more), [])


@given(
    st.lists(
        st.sampled_from(["add", "remove", "replace", "join", "move", "star"]),
        max_size=4,
        unique=True,
    ),
    st.lists(st.sampled_from(ALL), max_size=5),
)
def test_a_batch_does_to_each_contact_what_the_single_operations_do(steps, contacts):
    things = [
        Hold("c1", "plain", "staff", "li", NOW),
        Hold("c2", "weak", "staff", "li", NOW),
        *(Membership(one, "partners", "staff", "li", NOW) for one in ALL),
    ]
    edit = BatchEdit(
        add_tags=["VIP"] if "add" in steps else [],
        remove_tags=["弱"] if "remove" in steps else [],
        replace_tags={"普通": "强"} if "replace" in steps else {},
        add_groups=["潜在客户"] if "join" in steps else [],
        move_groups={"合作伙伴": "低"} if "move" in steps else {},
        follow=True if "star" in steps else None,
    )
    together, one_by_one = office(*things), office(*things)
    together.apply(planned(together, edit, contacts).all_or_nothing())

    def do(operation, *arguments):
        one_by_one.apply(operation(one_by_one, *arguments, actor=LI, at=NOW))

    for contact in dict.fromkeys(contacts):
        carried = {hold.tag for hold in one_by_one.holds_of(contact)}
        if "remove" in steps and "weak" in carried:
            do(remove_tags, contact, ["弱"])
        if "replace" in steps and "plain" in carried:
            do(replace_tag, contact, "普通", "强")
        if "add" in steps:
            do(assign_tags, contact, ["VIP"])
        if "move" in steps:
            do(move_contact, contact, "合作伙伴", "低")
        if "join" in steps:
            do(add_to_groups, contact, ["潜在客户"])
        if "star" in steps:
            do(follow, contact)
    assert together == one_by_one


# --- chats -----------------------------------------------------------------------------------------


def test_chats_are_found_by_name_tag_and_owner():
    state = office(*CHATS)
    assert [chat.id for chat in find_chats(state, name="福州")] == ["f1", "f2"]
    assert [chat.id for chat in find_chats(state, tag=" 重点 ")] == ["f1", "f2"]
    assert [chat.id for chat in find_chats(state, owner="li", tag="重点")] == ["f1"]
    assert len(find_chats(state)) == 3
    assert find_chats(state, name="没有") == []


def test_all_customers_of_any_number_of_chats_are_tagged_each_once():
    members = [
        ChatMember("c1", "f1", NOW),
        ChatMember("c1", "f2", NOW),
        ChatMember("c2", "f2", NOW),
    ]
    state = office(*CHATS, *members)
    chats = [chat.id for chat in find_chats(state, name="福州")]
    ids = contacts_in_chats(state, chats)
    plan = planned(state, BatchEdit(add_tags=["VIP"]), ids, actor=HAN)
    assert plan.changed == 2
    with pytest.raises(UnknownNameError, match="'f1'"):
        list(contacts_in_chats(state, ["f11"]))
