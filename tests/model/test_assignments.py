"""Who holds a tag, and when it stands."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.office import BOSS, HAN, LATER, LEADER, LI, NOW, PEOPLE, office

from segmentkit.errors import (
    InvalidValueError,
    NaiveDatetimeError,
    NotAllowedError,
    UnknownNameError,
)
from segmentkit.model import (
    SOURCES,
    SYSTEM,
    Change,
    ChangeSet,
    Hold,
    Pin,
    View,
    assign_tags,
    pin,
    remove_tags,
    replace_tag,
    standing_holds,
    unpin,
)


def holders(state, contact="c1", tag="vip"):
    return {(hold.source, hold.holder) for hold in state.holds_of(contact) if hold.tag == tag}


def stands(state, contact="c1", tag="vip", at=NOW):
    standing = standing_holds(state.holds_of(contact), state.pins_of(contact), at=at)
    return any(hold.tag == tag for hold in standing)


# --- identity --------------------------------------------------------------------------------------


def test_the_same_tag_of_two_staff_members_is_two_holds_and_deleting_one_leaves_the_other():
    state = office()
    state.apply(assign_tags(state, "c1", ["VIP"], actor=LI, at=NOW))
    state.apply(assign_tags(state, "c1", ["VIP"], actor=HAN, at=NOW))
    assert holders(state) == {("staff", "li"), ("staff", "han")}
    state.apply(remove_tags(state, "c1", ["VIP"], actor=LI, at=LATER))
    assert holders(state) == {("staff", "han")}
    assert stands(state)


def test_assigning_twice_is_assigning_once():
    state = office()
    state.apply(assign_tags(state, "c1", ["VIP", "等级/VIP"], actor=LI, at=NOW))
    assert len(assign_tags(state, "c1", ["vip"], actor=LI, at=LATER)) == 0
    assert state.holds_of("c1")[0].assigned == NOW


def test_admins_and_leaders_assign_openly_staff_privately():
    state = office()
    for actor in (BOSS, LEADER, LI, SYSTEM):
        state.apply(assign_tags(state, "c1", ["VIP"], actor=actor, at=NOW))
    assert holders(state) == {
        ("admin", "boss"),
        ("admin", "lead"),
        ("admin", "system"),
        ("staff", "li"),
    }


# --- standing --------------------------------------------------------------------------------------


@given(
    st.sets(st.sampled_from(SOURCES)),
    st.sampled_from([None, "for", "against"]),
    st.booleans(),
)
def test_a_tag_stands_while_any_source_holds_it_unless_a_pin_decides(sources, direction, expired):
    expires = NOW if expired else None
    begun = NOW - timedelta(days=1)
    holds = [Hold("c1", "vip", source, "x", begun, expires) for source in sorted(sources)]
    pins = [Pin("c1", "tag", "vip", direction, "boss", begun)] if direction else []
    wanted = direction == "for" or (bool(sources) and not expired and direction is None)
    assert bool(standing_holds(holds, pins, at=NOW)) == wanted


def test_a_hold_ends_exactly_at_the_instant_it_expires():
    hold = Hold("c1", "vip", "admin", "boss", NOW, LATER)
    assert hold.lives(LATER - timedelta(microseconds=1))
    assert not hold.lives(LATER)
    with pytest.raises(InvalidValueError):
        Hold("c1", "vip", "admin", "boss", NOW, NOW)


def test_an_expired_hold_is_begun_anew():
    state = office()
    state.apply(assign_tags(state, "c1", ["VIP"], actor=LI, at=NOW, expires=LATER))
    again = LATER + timedelta(days=1)
    changes = assign_tags(state, "c1", ["VIP"], actor=LI, at=again)
    assert changes.summary() == {"hold_changed": 1}
    state.apply(changes)
    assert state.holds_of("c1")[0].assigned == again


def test_another_expiry_is_taken_over_and_the_beginning_kept():
    state = office()
    state.apply(assign_tags(state, "c1", ["VIP"], actor=LI, at=NOW))
    state.apply(assign_tags(state, "c1", ["VIP"], actor=LI, at=NOW, expires=LATER))
    assert state.holds_of("c1") == (Hold("c1", "vip", "staff", "li", NOW, LATER),)


def test_what_a_person_holds_a_rule_that_lets_go_does_not_take():
    rule = Hold("c1", "vip", "rule", "r", NOW)
    state = office(rule, Hold("c1", "vip", "staff", "li", NOW))
    state.apply(ChangeSet([Change(rule, None)], "system", NOW, 0, run="night"))
    assert stands(state)


def test_a_pin_beats_rules_both_ways():
    state = office(Hold("c1", "vip", "rule", "r", NOW))
    state.apply(pin(state, "c1", "tag", "VIP", "against", actor=LEADER, at=NOW))
    assert not stands(state)
    state.apply(pin(state, "c1", "tag", "VIP", "for", actor=BOSS, at=NOW))
    assert stands(state)
    state.apply(pin(state, "c2", "tag", "高频", "for", actor=BOSS, at=NOW))
    assert stands(state, "c2", "auto"), "a pin may make even an automatic tag stand"
    state.apply(unpin(state, "c2", "tag", "高频", actor=BOSS, at=NOW))
    assert not stands(state, "c2", "auto")


def test_the_same_pin_twice_is_one_and_there_is_one_word_only():
    state = office()
    state.apply(pin(state, "c1", "tag", "VIP", "for", actor=BOSS, at=NOW))
    assert len(pin(state, "c1", "tag", "VIP", "for", actor=LEADER, at=LATER)) == 0
    state.apply(pin(state, "c1", "tag", "VIP", "against", actor=LEADER, at=LATER))
    assert [(one.direction, one.by) for one in state.pins_of("c1")] == [("against", "lead")]


# --- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", PEOPLE, ids=lambda viewer: viewer.staff)
def test_automatic_tags_are_not_set_by_hand(actor):
    with pytest.raises(NotAllowedError, match="rules only"):
        assign_tags(office(), "c1", ["高频"], actor=actor, at=NOW)


@pytest.mark.parametrize("source", SOURCES)
def test_only_rules_and_syncs_hold_automatic_tags_however_the_change_was_made(source):
    state = office()
    hold = Hold("c1", "auto", source, "li", NOW)
    changes = ChangeSet([Change(None, hold)], "system", NOW, 0)
    if source in ("rule", "sync"):
        state.apply(changes)
        return
    with pytest.raises(NotAllowedError):
        state.apply(changes)
    assert state == office()


def test_only_tags_that_exist_are_set():
    with pytest.raises(UnknownNameError, match="'VIP'"):
        assign_tags(office(), "c1", ["VIPP"], actor=LI, at=NOW)
    with pytest.raises(UnknownNameError, match="c9"):
        assign_tags(office(), "c9", ["VIP"], actor=LI, at=NOW)


def test_nobody_takes_what_another_staff_member_holds():
    state = office(Hold("c1", "vip", "staff", "li", NOW))
    for actor in (BOSS, LEADER):
        with pytest.raises(NotAllowedError, match="holder"):
            remove_tags(state, "c1", ["VIP"], actor=actor, at=NOW)
    with pytest.raises(UnknownNameError):
        remove_tags(state, "c1", ["VIP"], actor=HAN, at=NOW)


def test_what_is_hidden_is_refused_as_if_it_were_not_there():
    hidden = office(Hold("c1", "vip", "staff", "li", NOW))
    answers = []
    for state in (office(), hidden):
        with pytest.raises(UnknownNameError) as caught:
            remove_tags(state, "c1", ["VIP"], actor=HAN, at=NOW)
        answers.append(str(caught.value))
    assert answers[0] == answers[1]


def test_staff_take_only_their_own_and_nobody_takes_a_rules():
    state = office(
        Hold("c1", "vip", "admin", "boss", NOW),
        Hold("c2", "vip", "rule", "r", NOW),
        Hold("c3", "vip", "import", "file", NOW),
    )
    for contact in ("c1", "c2", "c3"):
        with pytest.raises(NotAllowedError):
            remove_tags(state, contact, ["VIP"], actor=LI, at=NOW)
    with pytest.raises(NotAllowedError, match="pin"):
        remove_tags(state, "c2", ["VIP"], actor=BOSS, at=NOW)
    for contact in ("c1", "c3"):
        state.apply(remove_tags(state, contact, ["VIP"], actor=LEADER, at=NOW))
    assert [hold.contact for hold in state.holds()] == ["c2"]


def test_a_tag_pinned_against_is_not_assigned():
    state = office(Pin("c1", "tag", "vip", "against", "boss", NOW))
    with pytest.raises(NotAllowedError, match="boss"):
        assign_tags(state, "c1", ["VIP"], actor=LI, at=NOW)


def test_staff_do_not_pin():
    state = office(Pin("c1", "tag", "vip", "against", "boss", NOW))
    with pytest.raises(NotAllowedError):
        pin(state, "c2", "tag", "VIP", "for", actor=LI, at=NOW)
    with pytest.raises(NotAllowedError):
        unpin(state, "c1", "tag", "VIP", actor=LI, at=NOW)
    with pytest.raises(UnknownNameError):
        unpin(state, "c2", "tag", "VIP", actor=BOSS, at=NOW)


def test_wrong_words_are_refused_where_they_enter():
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(NaiveDatetimeError):
        Hold("c1", "vip", "staff", "li", naive)
    with pytest.raises(NaiveDatetimeError):
        assign_tags(office(), "c1", ["VIP"], actor=LI, at=naive)
    with pytest.raises(InvalidValueError):
        Hold("c1", "vip", "robot", "li", NOW)
    with pytest.raises(InvalidValueError):
        Pin("c1", "segment", "vip", "for", "li", NOW)
    with pytest.raises(InvalidValueError):
        Pin("c1", "tag", "vip", "maybe", "li", NOW)


def test_replacing_takes_one_and_gives_the_other_or_does_nothing():
    state = office()
    state.apply(assign_tags(state, "c1", ["普通"], actor=LI, at=NOW))
    state.apply(replace_tag(state, "c1", "普通", "VIP", actor=LI, at=NOW))
    assert [tag.name for tag in View(state, LI).tags_of("c1")] == ["VIP"]
    for old, new in (("普通", "强"), ("VIP", "高频"), ("VIP", "没有")):
        with pytest.raises((NotAllowedError, UnknownNameError)):
            replace_tag(state, "c1", old, new, actor=LI, at=NOW)
