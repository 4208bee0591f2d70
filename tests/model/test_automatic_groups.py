"""Groups that a rule fills: exactly who matches, and never against a person's word."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentkit.errors import InvalidValueError, NotAllowedError, UnknownNameError
from segmentkit.model import (
    Contact,
    ContactGroup,
    Membership,
    Pin,
    Role,
    Schema,
    Staff,
    State,
    Viewer,
    fill_groups,
    standing_memberships,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)
CONTACTS = [f"c-{number}" for number in range(6)]
BANDS = ["high", "middle", "low"]


def shop(*more):
    return State.of(
        Schema(),
        [
            Staff("boss", role="admin"),
            *(Contact(contact) for contact in CONTACTS),
            *(ContactGroup(band, band, family="frequency") for band in BANDS),
            ContactGroup("active", "活跃客户"),
            *more,
        ],
    )


def by_hand(contact, group):
    return Membership(contact, group, "admin", "boss", NOW)


def pinned(contact, group, direction):
    return Pin(contact, "group", group, direction, "boss", NOW)


def fill(state, members, **more):
    filling = fill_groups(state, members, rule="r", at=NOW + timedelta(days=1), **more)
    state.apply(filling.changes)
    return filling


def inside(state, group):
    return {
        contact
        for contact in CONTACTS
        for one in standing_memberships(state.memberships_of(contact), state.pins_of(contact))
        if one.group == group
    }


chosen = st.sets(st.sampled_from(CONTACTS))


@given(chosen, chosen)
def test_the_group_holds_exactly_who_matches_now(before, after):
    state = shop()
    fill(state, {"active": before})
    fill(state, {"活跃客户": after})
    assert inside(state, "active") == after
    assert not fill(state, {"active": after}).changes.changes


@given(chosen, chosen, chosen)
def test_what_a_person_or_another_rule_gave_stays(theirs, before, after):
    other = [Membership(c, "active", "rule", "another", NOW) for c in sorted(theirs)]
    state = shop(*(by_hand(c, "active") for c in sorted(theirs)), *other)
    fill(state, {"active": before})
    fill(state, {"active": after})
    assert inside(state, "active") == theirs | after
    assert all(len(state.memberships_of(c)) == 2 + (c in after) for c in theirs)


@given(chosen, chosen)
def test_add_only_never_lets_go(before, after):
    state = shop()
    fill(state, {"active": before}, mode="add_only")
    fill(state, {"active": after}, mode="add_only")
    assert inside(state, "active") == before | after


banded = st.lists(st.sampled_from([*BANDS, None]), min_size=6, max_size=6)


@given(banded, banded, banded)
def test_bands_move_whom_they_may_and_leave_the_rest_where_a_person_put_them(hand, before, after):
    state = shop(*(by_hand(c, b) for c, b in zip(CONTACTS, hand, strict=True) if b))
    for bands in (before, after):
        members = {
            b: [c for c, own in zip(CONTACTS, bands, strict=True) if own == b] for b in BANDS
        }
        filling = fill(state, members)
        left_out = {(one.contact, one.group) for one in filling.left_out}
        for contact, own, given_by_hand in zip(CONTACTS, bands, hand, strict=True):
            here = {band for band in BANDS if contact in inside(state, band)}
            assert here == ({given_by_hand} if given_by_hand else {own} - {None})
            assert ((contact, own) in left_out) == bool(
                given_by_hand and own not in (None, given_by_hand)
            )


def test_a_pin_beats_the_rule_either_way():
    state = shop(pinned("c-0", "active", "against"), pinned("c-1", "active", "for"))
    filling = fill(state, {"active": ["c-0", "c-2"]})
    assert inside(state, "active") == {"c-1", "c-2"}
    assert [(one.contact, one.reason) for one in filling.left_out] == [("c-0", "pinned against")]


def test_a_pin_for_one_band_keeps_the_contact_out_of_the_others():
    state = shop(pinned("c-0", "high", "for"))
    filling = fill(state, {"low": ["c-0", "c-1"]})
    assert inside(state, "high") == {"c-0"}
    assert inside(state, "low") == {"c-1"}
    assert [one.reason for one in filling.left_out] == ["in high"]


@pytest.mark.parametrize(
    ("members", "more", "error"),
    [
        ({"nothing": []}, {}, UnknownNameError),
        ({"active": ["nobody"]}, {}, UnknownNameError),
        ({"high": ["c-0"], "low": ["c-0"]}, {}, InvalidValueError),
        ({"active": []}, {"mode": "sometimes"}, InvalidValueError),
        ({"active": []}, {"actor": Viewer("li", Role.STAFF)}, NotAllowedError),
    ],
    ids=["group", "contact", "two bands", "mode", "staff"],
)
def test_what_is_wrong_is_refused_and_changes_nothing(members, more, error):
    state = shop()
    with pytest.raises(error):
        fill(state, members, **more)
    assert state.version == 0
