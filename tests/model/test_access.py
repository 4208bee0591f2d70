"""Who may see and do what; and that what is hidden never shows."""

import itertools

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from model.office import (
    BOSS,
    CONTACTS,
    HAN,
    LATER,
    LEADER,
    LI,
    NOW,
    PEOPLE,
    office,
    shared_office,
)

from segmentkit.errors import (
    DuplicateIdError,
    NotAllowedError,
    SegmentkitError,
    UnknownNameError,
)
from segmentkit.model import (
    SYSTEM,
    Action,
    BatchEdit,
    Channel,
    CollaborationTeam,
    Contact,
    DefaultList,
    FollowUp,
    Hold,
    Organisation,
    Pin,
    Role,
    Staff,
    StaffLink,
    View,
    Viewer,
    assign_tags,
    edit_follow_up,
    may,
    plan_batch,
    put_facts,
    record_follow_up,
    remove_tags,
    replace_tag,
    require,
    sees,
    tasks_due,
    unfollow,
)

HOLD_OF_LI = Hold("c1", "vip", "staff", "li", NOW)


# --- seeing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("viewer", "visible"),
    [(SYSTEM, True), (BOSS, True), (LEADER, True), (LI, True), (HAN, False)],
)
def test_a_staff_members_assignment_is_seen_by_itself_and_by_those_above(viewer, visible):
    assert sees(viewer, HOLD_OF_LI) == visible
    assert sees(viewer, evolve(HOLD_OF_LI, source="admin"))


def test_with_sales_collaboration_on_the_team_shares():
    shared = shared_office(HOLD_OF_LI)
    han = shared.organisation.viewer("han")
    assert han.colleagues == {"li"}
    assert View(shared, han).tags_of("c1")
    alone = office(HOLD_OF_LI, CollaborationTeam("t", "", {"li", "han"}))
    assert not View(alone, alone.organisation.viewer("han")).tags_of("c1")


def test_sharing_is_seeing_and_not_editing():
    shared = shared_office(HOLD_OF_LI)
    with pytest.raises(NotAllowedError):
        remove_tags(shared, "c1", ["VIP"], actor=shared.organisation.viewer("han"), at=NOW)


def test_a_star_is_the_business_of_who_gave_it():
    state = office(Contact("c1", followed_by={"li", "han"}))
    assert View(state, LI).contact("c1").followed_by == {"li"}
    assert View(state, BOSS).contact("c1").followed_by == {"li", "han"}
    assert list(View(state, BOSS).default_list(DefaultList.FOLLOWED)) == []
    assert list(View(state, HAN).default_list(DefaultList.FOLLOWED)) == ["c1"]


def test_who_has_left_sees_and_does_nothing():
    state = office(Staff("li", active=False), HOLD_OF_LI)
    with pytest.raises(NotAllowedError):
        state.organisation.viewer("li")
    assert View(state, BOSS).tags_of("c1"), "what the member held stays"


@pytest.mark.parametrize(
    ("staff", "teams", "error"),
    [
        ([Staff("a"), Staff("a", "b")], [], DuplicateIdError),
        ([], [CollaborationTeam("t"), CollaborationTeam("t", "u")], DuplicateIdError),
        ([], [CollaborationTeam("t", "", {"nobody"})], UnknownNameError),
    ],
)
def test_an_organisation_is_right_or_does_not_exist(staff, teams, error):
    with pytest.raises(error):
        Organisation(staff, teams)


# --- doing -----------------------------------------------------------------------------------------

ALLOWED = {
    Action.MANAGE_CATALOG: {SYSTEM, BOSS},
    Action.MANAGE_STAFF: {SYSTEM, BOSS},
    Action.ERASE_CONTACTS: {SYSTEM, BOSS},
    Action.UNDO: {SYSTEM, BOSS},
    Action.MANAGE_GROUPS: {SYSTEM, BOSS, LEADER},
    Action.MERGE_CONTACTS: {SYSTEM, BOSS, LEADER},
    Action.PIN: {SYSTEM, BOSS, LEADER},
    Action.START_CAMPAIGN: {SYSTEM, BOSS, LEADER},
    Action.EDIT_CONTACTS: set(PEOPLE),
    Action.FOLLOW: set(PEOPLE),
    Action.GROUP_CONTACTS: set(PEOPLE),
    Action.REMOVE_MEMBERSHIP: set(PEOPLE),
    # Without a target nothing is known to be theirs.
    Action.ASSIGN_TAG: set(),
    Action.REMOVE_HOLD: set(),
    Action.WRITE_FOLLOW_UP: {SYSTEM},
}


def test_the_table_of_rights_names_every_action():
    assert set(ALLOWED) == set(Action)


@pytest.mark.parametrize(("action", "viewer"), list(itertools.product(Action, PEOPLE)))
def test_everyone_may_do_what_the_table_says(action, viewer):
    allowed = viewer in ALLOWED[action]
    assert may(viewer, action) == allowed
    if not allowed:
        with pytest.raises(NotAllowedError) as caught:
            require(viewer, action)
        assert caught.value.value == action.value
        assert caught.value.remedy


def test_people_and_settings_are_an_admins():
    for fact in (Staff("new"), CollaborationTeam("u")):
        with pytest.raises(NotAllowedError):
            put_facts(office(), fact, actor=LI, at=NOW)


# --- two worlds ------------------------------------------------------------------------------------

CONTACT_IDS = [contact.id for contact in CONTACTS]
TAG_IDS = ["vip", "plain", "strong"]

visible_holds = st.builds(
    Hold,
    st.sampled_from(CONTACT_IDS),
    st.sampled_from(TAG_IDS),
    st.sampled_from(["admin", "rule", "import"]),
    st.just("x"),
    st.sampled_from([NOW, LATER]),
)
own_holds = st.builds(
    Hold,
    st.sampled_from(CONTACT_IDS),
    st.sampled_from(TAG_IDS),
    st.just("staff"),
    st.just("han"),
    st.sampled_from([NOW, LATER]),
)
hidden_holds = st.builds(
    Hold,
    st.sampled_from(CONTACT_IDS),
    st.sampled_from(TAG_IDS),
    st.just("staff"),
    st.sampled_from(["li", "zhao"]),
    st.sampled_from([NOW, LATER]),
)
pins = st.builds(
    Pin,
    st.sampled_from(CONTACT_IDS),
    st.just("tag"),
    st.sampled_from(TAG_IDS),
    st.sampled_from(["for", "against"]),
    st.just("boss"),
    st.just(NOW),
)
hidden_follow_ups = st.builds(
    FollowUp,
    st.sampled_from(CONTACT_IDS),
    st.sampled_from(["f1", "f2"]),
    st.sampled_from(["li", "zhao"]),
    st.just(Channel.PHONE),
    st.just(NOW),
)
stars = st.sets(st.sampled_from(["li", "zhao"]))


def everything_seen(state, viewer):
    """All that a view tells, and how every attempt of the viewer ends."""
    view = View(state, viewer, at=NOW)
    catalog = state.catalog
    seen = [
        [view.contact(one) for one in CONTACT_IDS],
        [view.holds_of(one) for one in CONTACT_IDS],
        [view.tags_of(one) for one in CONTACT_IDS],
        [view.groups_of(one) for one in CONTACT_IDS],
        [view.follow_ups_of(one) for one in CONTACT_IDS],
        [list(view.rows_of(one)) for one in CONTACT_IDS],
        list(view.details(CONTACT_IDS)),
        [sorted(view.contacts_with_tag(tag.id)) for tag in catalog.tags],
        [view.count_tag(tag.id) for tag in catalog.tags],
        [view.count_members(group.id) for group in state.groups.groups],
        [sorted(view.default_list(one)) for one in DefaultList],
        sorted(map(repr, tasks_due(view, at=LATER, zone=NOW.tzinfo, idle_days=1))),
    ]
    attempts = [
        lambda: plan_batch(
            state,
            CONTACT_IDS,
            BatchEdit(replace_tags={"VIP": "普通"}, remove_tags=["强"]),
            actor=viewer,
            at=NOW,
        ).good_only()
    ]
    for contact, tag in itertools.product(CONTACT_IDS, TAG_IDS):
        attempts += [
            lambda c=contact, t=tag: assign_tags(state, c, [t], actor=viewer, at=NOW),
            lambda c=contact, t=tag: remove_tags(state, c, [t], actor=viewer, at=NOW),
            lambda c=contact, t=tag: replace_tag(state, c, t, "弱", actor=viewer, at=NOW),
            lambda c=contact: edit_follow_up(state, c, "f1", need="x", actor=viewer, at=NOW),
            lambda c=contact: record_follow_up(state, c, Channel.SMS, actor=viewer, at=NOW),
            lambda c=contact: unfollow(state, c, actor=viewer, at=NOW).summary(),
        ]
    return seen + [outcome(attempt) for attempt in attempts]


def outcome(attempt):
    try:
        return attempt()
    except SegmentkitError as error:
        return type(error), str(error)


def world(stars_of, *things):
    rows = {(type(one), one.key): one for one in things}
    contacts = [Contact(one, followed_by=stars_of.get(one, ())) for one in CONTACT_IDS]
    return office(
        Staff("zhao"), *contacts, *rows.values(), *(StaffLink(c, "han", NOW) for c in CONTACT_IDS)
    )


@given(
    st.lists(visible_holds | own_holds | pins, max_size=6),
    st.lists(hidden_holds | hidden_follow_ups, max_size=6),
    st.dictionaries(st.sampled_from(CONTACT_IDS), stars),
)
def test_changing_what_is_hidden_never_changes_what_a_viewer_sees_or_may_do(seen, hidden, starred):
    viewer = Viewer("han", Role.STAFF)
    one = world({}, *seen)
    other = world(starred, *seen, *hidden)
    assert everything_seen(one, viewer) == everything_seen(other, viewer)


def test_the_two_worlds_differ_for_who_sees_both():
    """The law above would hold of a view that shows nothing."""
    one, other = world({}), world({"c1": {"li"}}, HOLD_OF_LI)
    for viewer in (BOSS, LI):
        assert everything_seen(one, viewer) != everything_seen(other, viewer)


def test_a_list_of_customers_has_each_field_and_what_the_viewer_sees_of_tags_and_groups():
    state = office()
    state.apply(assign_tags(state, "c1", ["vip"], actor=LI, at=NOW))
    (mine,) = View(state, LI).details(["c1"])
    (theirs,) = View(state, HAN).details(["c1"])
    assert list(mine.fields) == [f.name for f in state.schema.fields if f.name != "id"]
    assert dict(state.contact("c1").fields).items() <= mine.fields.items()
    path = state.catalog.path(state.catalog.tag("vip"))
    assert path in mine.tags
    assert path not in theirs.tags
    assert [row.id for row in View(state, LI).details(["c2", "c1"])] == ["c2", "c1"]
    with pytest.raises(UnknownNameError):
        list(View(state, LI).details(["nobody"]))
