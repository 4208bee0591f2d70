"""Changes: applied all or none, once, in order; replayed, undone, and refused when stale."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.office import BOSS, HAN, LATER, LEADER, LI, NOW, SCHEMA, office

from segmentkit.errors import (
    DuplicateIdError,
    InvalidValueError,
    NotAllowedError,
    SegmentkitError,
    StaleVersionError,
    StillInUseError,
    UnknownNameError,
)
from segmentkit.model import (
    ArchiveTag,
    Change,
    ChangeSet,
    Channel,
    Contact,
    ContactGroup,
    CreateTag,
    DeleteTag,
    EditTag,
    FollowUp,
    Hold,
    Membership,
    MergeTags,
    NewTag,
    Pin,
    Staff,
    State,
    Tag,
    TagGroup,
    Tombstone,
    add_to_groups,
    assign_tags,
    delete_group,
    edit_catalog,
    edit_contact,
    move_contact,
    remove_tags,
    undo,
)

RULE = Hold("c2", "vip", "rule", "r", NOW)


def change_set(state, *changes, **more):
    return ChangeSet(changes, "system", NOW, state.version, **more)


# --- all or none -----------------------------------------------------------------------------------

PARTNERS = office().groups.group("partners")
WRONG = {
    "hold of nobody": (Change(None, Hold("c9", "vip", "rule", "r", NOW)), UnknownNameError),
    "hold of no tag": (Change(None, Hold("c1", "no", "rule", "r", NOW)), UnknownNameError),
    "hold by nobody": (Change(None, Hold("c1", "vip", "staff", "no", NOW)), UnknownNameError),
    "in no group": (Change(None, Membership("c1", "no", "rule", "r", NOW)), UnknownNameError),
    "tag in no group": (Change(None, Tag("t", "t", "no")), UnknownNameError),
    "taken contact id": (Change(None, Contact("c1")), DuplicateIdError),
    "tag that is carried": (Change(Tag("vip", "VIP", "level"), None), StillInUseError),
    "tag that is pinned": (Change(Tag("weak", "弱", "intent", order=1), None), StillInUseError),
    "group that is pinned": (Change(PARTNERS, None), StillInUseError),
    "group that has tags": (Change(TagGroup("level", "等级"), None), UnknownNameError),
    "staff who hold": (Change(Staff("li", "李雷"), None), StillInUseError),
    "contact with rows": (Change(Contact("c1"), None), StillInUseError),
    "what is not there": (Change(RULE, None), StaleVersionError),
    "another than stands": (
        Change(Contact("c3", channel="x"), Contact("c3", channel="y")),
        StaleVersionError,
    ),
    "its own parent": (
        Change(
            ContactGroup("partners", "合作伙伴", office().groups.group("partners").type),
            ContactGroup("partners", "合作伙伴", parent="partners"),
        ),
        SegmentkitError,
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_set_with_one_wrong_change_changes_nothing(what):
    things = [
        Hold("c1", "vip", "staff", "li", NOW),
        Pin("c2", "tag", "weak", "against", "boss", NOW),
        Pin("c2", "group", "partners", "against", "boss", NOW),
    ]
    state, (wrong, error) = office(*things), WRONG[what]
    good = Change(None, Hold("c3", "plain", "rule", "r", NOW))
    with pytest.raises(error) as caught:
        state.apply(change_set(state, good, wrong))
    assert caught.value.code != "error"
    assert state == office(*things)
    assert state.version == 0
    assert list(state.holds_with("plain")) == []
    assert state.catalog == office().catalog
    state.apply(change_set(state, good))


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("tag", Tag("old", "旧", "level")),
        ("tag_group", TagGroup("old", "旧")),
        ("group", ContactGroup("old", "旧")),
    ],
)
def test_the_id_of_a_deleted_thing_is_not_given_again_however_the_change_was_made(kind, thing):
    state = office(Tombstone(kind, "old", "旧", NOW))
    with pytest.raises(DuplicateIdError):
        state.apply(change_set(state, Change(None, thing)))
    state = office(thing)
    with pytest.raises(DuplicateIdError):
        state.apply(change_set(state, Change(None, Tombstone(kind, "old", "旧", NOW))))


def test_a_change_says_what_it_did():
    for change, kind, contact in (
        (Change(None, RULE), "hold_added", "c2"),
        (Change(RULE, None), "hold_removed", "c2"),
        (Change(Contact("c1"), Contact("c1", channel="x")), "contact_changed", "c1"),
        (Change(None, Tag("t", "t", "g")), "tag_added", None),
    ):
        assert (change.kind, change.contact) == (kind, contact)
        assert change.inverse().inverse() == change
        assert change.key[0] == change.entity.table
    for before, after in ((None, None), (Contact("a"), Contact("b")), (RULE, Contact("a"))):
        with pytest.raises(InvalidValueError):
            Change(before, after)


# --- once, and in order ----------------------------------------------------------------------------


def test_applying_a_set_twice_changes_nothing_the_second_time():
    state = office()
    first = assign_tags(state, "c1", ["VIP"], actor=LI, at=NOW)
    state.apply(first)
    second = assign_tags(state, "c1", ["强"], actor=LI, at=NOW)
    state.apply(second)
    for again in (first, second):
        assert state.apply(again) == 2
    assert len(list(state.holds())) == 2


def test_an_empty_set_is_no_version():
    state = office()
    assert state.apply(change_set(state)) == 0
    assert state.changes_since(0) == ()


def test_a_set_made_against_an_old_version_is_refused_with_what_changed_since():
    state = office()
    mine = assign_tags(state, "c1", ["VIP"], actor=LI, at=NOW)
    theirs = assign_tags(state, "c1", ["VIP"], actor=HAN, at=NOW)
    state.apply(theirs)
    with pytest.raises(StaleVersionError) as caught:
        state.apply(mine)
    assert state.changes_since(caught.value.value) == (theirs,)
    state.apply(assign_tags(state, "c1", ["VIP"], actor=LI, at=NOW))
    for unknown in (-1, 3):
        with pytest.raises(StaleVersionError):
            state.changes_since(unknown)


def test_a_log_can_be_let_go_once_it_is_stored():
    state = office()
    sets = []
    for tag in ("VIP", "普通", "强"):
        sets.append(assign_tags(state, "c1", [tag], actor=LI, at=NOW))
        state.apply(sets[-1])
    state.forget_log(2)
    assert state.changes_since(2) == (sets[2],)
    assert state.apply(sets[2]) == 3
    for early in (sets[0], sets[1]):
        with pytest.raises(StaleVersionError):
            state.apply(early)


@given(st.integers(1, 8))
def test_chunks_together_are_the_whole(size):
    state, whole = office(), office()
    holds = [Hold(c, t, "rule", "r", NOW) for c in ("c1", "c2", "c3") for t in ("vip", "weak")]
    changes = change_set(state, *(Change(None, hold) for hold in holds), run="night")
    chunks = list(changes.chunks(size))
    assert sum(map(len, chunks)) == 6
    assert max(map(len, chunks)) <= size
    for chunk in chunks:
        state.apply(chunk)
        state.apply(chunk)
    whole.apply(changes)
    assert state == whole
    assert [c.op_id(one) for c in chunks for one in c] == [changes.op_id(one) for one in changes]
    with pytest.raises(InvalidValueError):
        next(changes.chunks(0))


def test_an_operation_has_one_name_for_ever():
    state = office()
    change = Change(None, RULE, cause="r@3")
    parts = ["night 2026-11-20", "r@3", "hold", "c2", "vip", "rule", "r", "added"]
    wanted = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    assert change_set(state, change, run="night 2026-11-20").op_id(change) == wanted
    others = {
        change_set(state, change, run="night 2026-11-21").op_id(change),
        change_set(state, change).op_id(change),
        change_set(state, change, run="night 2026-11-20").op_id(change.inverse()),
        change_set(state, change, run="night 2026-11-20").op_id(Change(None, RULE, cause="r@4")),
    }
    assert len(others | {wanted}) == 5


# --- replay ----------------------------------------------------------------------------------------


def test_a_log_with_a_gap_does_not_replay():
    state = State(SCHEMA)
    for number in range(3):
        state.apply(change_set(state, Change(None, Contact(f"c{number}"))))
    log = state.changes_since(0)
    assert State.replay(SCHEMA, log) == state
    for broken in (log[1:], (log[0], log[2])):
        with pytest.raises(StaleVersionError):
            State.replay(SCHEMA, broken)


# --- undo ------------------------------------------------------------------------------------------


def undone(state, changes, actor=BOSS):
    result = undo(state, changes, actor=actor, at=LATER)
    state.apply(result.changes)
    return [conflict.change.kind for conflict in result.conflicts]


def test_undo_restores_and_undo_of_undo_does_it_again():
    state = office()
    did = edit_catalog(state, EditTag("VIP", name="贵宾"), DeleteTag("弱"), actor=BOSS, at=NOW)
    state.apply(did)
    after = State.of(SCHEMA, state.entities())
    back = undo(state, did, actor=BOSS, at=LATER)
    state.apply(back.changes)
    assert state == office()
    assert undone(state, back.changes) == []
    assert state == after


def test_what_was_changed_later_stays_and_is_listed():
    state = office()
    did = edit_contact(state, "c1", {"name": "王"}, actor=BOSS, at=NOW)
    state.apply(did)
    tagged = assign_tags(state, "c1", ["VIP"], actor=BOSS, at=NOW)
    state.apply(tagged)
    state.apply(edit_contact(state, "c1", {"name": "李"}, actor=LI, at=LATER))
    result = undo(state, did, actor=BOSS, at=LATER)
    (conflict,) = result.conflicts
    assert conflict.change == did.changes[0]
    assert conflict.present == state.contact("c1")
    assert conflict.later == (2,)
    assert len(result.changes) == 0
    assert undone(state, tagged) == []
    assert state.contact("c1").value("name") == "李"


def test_the_rest_of_a_set_is_undone_beside_a_conflict():
    state = office(Hold("c1", "vip", "staff", "li", NOW), Hold("c2", "vip", "staff", "li", NOW))
    did = edit_catalog(state, ArchiveTag("VIP"), EditTag("普通", name="一般"), actor=BOSS, at=NOW)
    state.apply(did)
    state.apply(edit_catalog(state, EditTag("VIP", description="x"), actor=BOSS, at=NOW))
    assert undone(state, did) == ["tag_changed"]
    assert state.catalog.tag("vip").archived
    assert state.catalog.tag("plain").name == "普通"


def test_what_something_later_stands_on_is_not_taken_away():
    state = office()
    made = edit_catalog(state, CreateTag("等级", NewTag("新", id="new")), actor=BOSS, at=NOW)
    state.apply(made)
    state.apply(assign_tags(state, "c1", ["新"], actor=LI, at=NOW))
    result = undo(state, made, actor=BOSS, at=LATER)
    (conflict,) = result.conflicts
    assert isinstance(conflict.reason, StillInUseError)
    assert state.catalog.find_tag("new") is not None


def test_a_name_that_was_taken_since_is_not_given_back():
    state = office()
    did = edit_catalog(state, EditTag("VIP", name="贵宾"), actor=BOSS, at=NOW)
    state.apply(did)
    state.apply(edit_catalog(state, CreateTag("等级", "vip"), actor=BOSS, at=NOW))
    assert undone(state, did) == ["tag_changed"]
    assert state.catalog.tag("等级/贵宾").id == "vip"


def test_undoing_twice_is_undoing_once():
    state = office()
    did = move_contact_from(state)
    assert undone(state, did) == []
    before = State.of(SCHEMA, state.entities())
    assert undone(state, did) == []
    assert state == before


def move_contact_from(state):
    state.apply(add_to_groups(state, "c1", ["潜在客户"], actor=LI, at=NOW))
    did = move_contact(state, "c1", "潜在客户", "高", actor=LI, at=NOW)
    state.apply(did)
    return did


def test_undo_of_a_deleted_group_brings_its_contacts_back():
    state = office(Membership("c1", "low", "staff", "li", NOW))
    did = delete_group(state, "low", actor=BOSS, at=NOW)
    state.apply(did)
    state.apply(add_to_groups(state, "c1", ["high"], actor=LI, at=NOW))
    assert undone(state, did) == ["membership_removed"], "the family has the contact elsewhere now"
    assert state.groups.find_group("low") is not None


def test_everyone_undoes_their_own_and_admins_everyones():
    state = office()
    did = assign_tags(state, "c1", ["VIP"], actor=LI, at=NOW)
    state.apply(did)
    for actor in (HAN, LEADER):
        with pytest.raises(NotAllowedError):
            undo(state, did, actor=actor, at=LATER)
    assert len(undo(state, did, actor=LI, at=LATER).changes) == 1
    assert len(undo(state, did, actor=BOSS, at=LATER).changes) == 1


def test_a_night_is_undone_and_later_work_by_hand_is_kept():
    state = office(Hold("c3", "vip", "rule", "r", NOW))
    gone = Change(Hold("c3", "vip", "rule", "r", NOW), None)
    night = change_set(state, Change(None, RULE), gone, run="night")
    state.apply(night)
    state.apply(assign_tags(state, "c2", ["VIP"], actor=LI, at=LATER))
    assert undone(state, night) == []
    assert {(hold.contact, hold.source) for hold in state.holds()} == {
        ("c2", "staff"),
        ("c3", "rule"),
    }


def test_what_went_on_in_a_merge_is_a_conflict_and_not_lost_from_sight():
    state = office()
    night = change_set(state, Change(None, RULE), run="night")
    state.apply(night)
    state.apply(edit_catalog(state, MergeTags(["VIP"], "普通"), actor=BOSS, at=LATER))
    taken_back = undo(state, night, actor=BOSS, at=LATER)
    assert not taken_back.changes.changes
    (conflict,) = taken_back.conflicts
    assert conflict.present == Hold("c2", "plain", "rule", "r", NOW)
    assert conflict.later == (night.base_version + 1,)


def test_trying_what_could_be_undone_leaves_no_trace():
    state = office(FollowUp("c1", "f", "li", Channel.PHONE, NOW))
    did = remove_and_delete(state)
    catalog, contacts = state.catalog, list(state.contact_ids())
    undo(state, did, actor=BOSS, at=LATER)
    assert state.catalog == catalog
    assert list(state.contact_ids()) == contacts
    assert state.version == len(state.changes_since(0))


def remove_and_delete(state):
    state.apply(assign_tags(state, "c1", ["VIP"], actor=LI, at=NOW))
    state.apply(remove_tags(state, "c1", ["VIP"], actor=LI, at=NOW))
    did = edit_catalog(state, DeleteTag("VIP"), CreateTag("等级", "VIP"), actor=BOSS, at=NOW)
    state.apply(did)
    return did
