"""The memory store: what it takes in, and that its rows are what the state says stands."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

import segmentkit as sk
from segmentkit.errors import (
    ConflictingDuplicateError,
    DuplicateNameError,
    FloatMoneyError,
    NaiveDatetimeError,
    StillInUseError,
    UnknownNameError,
    WrongTypeError,
)
from segmentkit.model import (
    SYSTEM,
    Change,
    Channel,
    CreateTagGroup,
    EditTag,
    FollowUp,
    Membership,
    Pin,
    Staff,
    assign_tags,
    edit_catalog,
    erase_contact,
    merge_contacts,
    standard_schema,
)
from segmentkit.query import segments_named

AT = datetime(2026, 11, 21, tzinfo=UTC)


def day(number):
    return AT - timedelta(days=number)


def purchase(contact, number, **more):
    fields = {"amount": Decimal(100), **more.pop("fields", {})}
    return sk.Event(contact, "purchase", day(number), fields, **more)


@pytest.fixture
def store():
    return sk.MemoryStore(
        sk.State.of(
            standard_schema(),
            [
                Staff("boss", role="admin"),
                sk.Contact("c-1"),
                sk.Contact("c-2"),
                sk.ContactGroup("g", "潜在客户", type="客户"),
                Membership("c-1", "g", "admin", "boss", day(9)),
            ],
        )
    )


def chosen(store, condition):
    return sk.select(condition, store, at=AT, engine="interpreter")


# --- what is taken in ---------------------------------------------------------------------------


WRONG_EVENTS = {
    "unknown contact": (lambda: purchase("nobody", 1), UnknownNameError),
    "unknown type": (lambda: sk.Event("c-1", "purchse", day(1)), UnknownNameError),
    "unknown field": (lambda: purchase("c-1", 1, fields={"amonut": 3}), UnknownNameError),
    "float for money": (lambda: purchase("c-1", 1, fields={"amount": 9.99}), FloatMoneyError),
    "text for money": (lambda: purchase("c-1", 1, fields={"amount": "9.99"}), WrongTypeError),
    "no zone": (lambda: sk.Event("c-1", "purchase", datetime(2026, 11, 1)), NaiveDatetimeError),
}


@pytest.mark.parametrize(("event", "error"), WRONG_EVENTS.values(), ids=WRONG_EVENTS)
def test_a_wrong_event_is_refused_and_none_of_its_batch_is_taken(store, event, error):
    with pytest.raises(error) as caught:
        store.add_events([purchase("c-1", 2), event()])
    assert isinstance(caught.value, sk.SegmentkitError)
    assert not list(store.rows("purchase", "c-1"))


def test_an_event_that_comes_twice_counts_once(store):
    assert store.add_events([purchase("c-1", 1, id="e"), purchase("c-1", 1, id="e")]) == 1
    assert store.add_events([purchase("c-1", 1, id="e")]) == 0
    assert chosen(store, "count(purchase) = 1") == ["c-1"]


def test_the_same_id_with_other_content_is_refused_and_nothing_taken(store):
    store.add_events([purchase("c-1", 1, id="e")])
    with pytest.raises(ConflictingDuplicateError):
        store.add_events([purchase("c-1", 2, id="new"), purchase("c-1", 3, id="e")])
    with pytest.raises(ConflictingDuplicateError):
        store.add_events([purchase("c-2", 1, id="e")])
    assert chosen(store, "count(purchase) = 1") == ["c-1"]


def test_events_without_an_id_each_count(store):
    assert store.add_events([purchase("c-1", 1), purchase("c-1", 1)]) == 2
    assert chosen(store, "count(purchase) = 2") == ["c-1"]


# --- what the state says ------------------------------------------------------------------------


def test_a_pin_decides_who_is_in_a_group(store):
    assert chosen(store, "in group '潜在客户'") == ["c-1"]
    pins = [
        Pin("c-1", "group", "g", "against", "boss", day(1)),
        Pin("c-2", "group", "g", "for", "boss", day(1)),
    ]
    put(store, *pins)
    assert chosen(store, "in group '潜在客户'") == ["c-2"]
    assert chosen(store, "in group where (kind = '客户')") == ["c-2"]


def put(store, *entities):
    changes = [Change(None, entity) for entity in entities]
    store.apply(sk.ChangeSet(changes, "boss", AT, store.state.version))


def test_follow_ups_are_rows_that_a_condition_can_ask_of(store):
    put(store, FollowUp("c-1", "f", "boss", Channel.PHONE, day(3), need="报价"))
    assert chosen(store, "has follow_up where (need contains '报价') in last 7 days") == ["c-1"]


def test_a_follow_up_is_seen_by_its_staff_member_and_by_those_above(store):
    put(store, Staff("li"), Staff("han"))
    put(store, FollowUp("c-1", "f", "li", Channel.PHONE, day(3)))
    put(store, FollowUp("c-1", "f", "boss", Channel.PHONE, day(3)))  # the same id, another person
    for staff, count in [("li", 1), ("han", 0), ("boss", 2)]:
        viewer = store.state.organisation.viewer(staff)
        seen = [
            c
            for c in ("interpreter", "columnar")
            if sk.select(f"count(follow_up) = {count}", store, at=AT, viewer=viewer, engine=c)
            == (["c-1"] if count else ["c-1", "c-2"])
        ]
        assert seen == ["interpreter", "columnar"], staff


def test_events_of_a_merged_contact_are_those_of_the_one_it_became(store):
    store.add_events([purchase("c-1", 1), purchase("c-2", 2)])
    store.apply(merge_contacts(store.state, "c-2", into="c-1", actor=SYSTEM, at=AT))
    assert chosen(store, "count(purchase) = 2") == ["c-1"]
    store.add_events([purchase("c-2", 0.5)])  # the source still knows the old id
    assert chosen(store, "count(purchase) = 3") == ["c-1"]
    assert {contact for contact, _ in store.scan("purchase")} == {"c-1"}


def test_an_event_sent_again_under_the_id_that_stayed_counts_once(store):
    store.add_events([purchase("c-2", 1, id="e")])
    store.apply(merge_contacts(store.state, "c-2", into="c-1", actor=SYSTEM, at=AT))
    assert store.add_events([purchase("c-1", 1, id="e"), purchase("c-2", 1, id="e")]) == 0
    assert chosen(store, "count(purchase) = 1") == ["c-1"]
    with pytest.raises(ConflictingDuplicateError):
        store.add_events([purchase("c-1", 2, id="e")])  # another content


def test_one_event_under_both_ids_of_a_contact_counts_once_within_a_batch(store):
    store.apply(merge_contacts(store.state, "c-2", into="c-1", actor=SYSTEM, at=AT))
    assert store.add_events([purchase("c-1", 1, id="e"), purchase("c-2", 1, id="e")]) == 1


def test_erasing_a_contact_drops_its_events_for_good(store):
    store.add_events([purchase("c-1", 1, id="e"), purchase("c-2", 2)])
    store.apply(erase_contact(store.state, "c-1", actor=SYSTEM, at=AT))
    assert {contact for contact, _ in store.scan("purchase")} == {"c-2"}
    assert not list(store.rows("purchase", "c-1"))
    assert list(store.contacts_between("purchase", day(9), AT)) == ["c-2"]


def test_events_of_a_merged_contact_are_found_and_erased_also_where_the_state_was_told_alone(store):
    store.add_events([purchase("c-2", 1, id="e")])
    store.state.apply(merge_contacts(store.state, "c-2", into="c-1", actor=SYSTEM, at=AT))
    assert [row.id for row in store.rows("purchase", "c-1")] == ["e"]
    store.apply(erase_contact(store.state, "c-1", actor=SYSTEM, at=AT))
    assert not list(store.scan("purchase"))


def test_segments_that_need_each_other_are_refused_with_their_path(store):
    from segmentkit.errors import CycleError

    store.save_segment(sk.Segment("a", "甲", sk.parse("in segment 'b'")))
    with pytest.raises(CycleError, match=r"甲 > 乙 > 甲|乙 > 甲 > 乙"):
        store.save_segment(sk.Segment("b", "乙", sk.parse("in segment 'a'")))
    assert "b" not in store.segments


# --- saved segments -----------------------------------------------------------------------------


def renamed(store, tag, name):
    store.apply(edit_catalog(store.state, EditTag(tag, name=name), actor=SYSTEM, at=AT))


def test_a_rename_breaks_no_saved_segment(store):
    store.apply(edit_catalog(store.state, CreateTagGroup("等级", ["VIP"]), actor=SYSTEM, at=AT))
    store.apply(assign_tags(store.state, "c-1", ["等级/VIP"], actor=SYSTEM, at=AT))
    store.save_segment(sk.Segment("s1", "甲", sk.parse("has tag '等级/VIP'")))
    store.save_segment(sk.Segment("s2", "乙", sk.parse("in segment '甲'")))
    renamed(store, "等级/VIP", "贵宾")
    store.save_segment(sk.Segment("s1", "丙", store.segments["s1"]))
    assert chosen(store, "in segment '丙'") == chosen(store, "in segment '乙'") == ["c-1"]


def test_segments_that_a_store_begins_with_are_kept_by_id_in_any_order(store):
    segments = [
        sk.Segment("s2", "乙", sk.parse("in segment '甲'")),
        sk.Segment("s1", "甲", sk.parse("did purchase")),
    ]
    begun = sk.MemoryStore(store.state, segments=segments)
    assert segments_named(begun.segments["s2"]) == ("s1",)


def test_two_segments_of_one_name_are_refused_however_it_is_spelt(store):
    store.save_segment(sk.Segment("s1", "VIP客户", sk.parse("did purchase")))
    with pytest.raises(DuplicateNameError, match="ｖｉｐ客户"):
        store.save_segment(sk.Segment("s2", "ｖｉｐ客户", sk.parse("did purchase")))
    store.save_segment(sk.Segment("s1", "vip客户", sk.parse("did not purchase")))  # its own name
    assert set(store.segments) == {"s1"}


@pytest.mark.parametrize("saved_first", ["s1", "s2"])
def test_a_segment_that_another_needs_is_removed_by_force_only(store, saved_first):
    needed = sk.Segment("s1", "VIP客户", sk.parse("did purchase"))
    needy = sk.Segment("s2", "另一个", sk.parse("in segment 'vip客户'"))
    for segment in (needed, needy) if saved_first == "s1" else (needy, needed):
        store.save_segment(segment)
    with pytest.raises(StillInUseError) as caught:
        store.remove_segment("s1")
    assert caught.value.dependants == ("segment '另一个'",)
    store.remove_segment("s1", force=True)
    assert set(store.segments) == {"s2"}
