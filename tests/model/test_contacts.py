"""Contacts: what they hold, the default lists, two that are one, and one that is to be forgotten."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.office import BOSS, HAN, LATER, LEADER, LI, NOW, SCHEMA, office

from segmentkit.errors import (
    ConflictingDuplicateError,
    DuplicateIdError,
    FloatMoneyError,
    InvalidValueError,
    NaiveDatetimeError,
    NotAllowedError,
    UnknownNameError,
    WrongTypeError,
)
from segmentkit.model import (
    AudienceMember,
    Campaign,
    CampaignKind,
    Change,
    ChangeSet,
    Channel,
    ChatMember,
    Contact,
    DefaultList,
    Field,
    FieldType,
    FollowUp,
    FrozenMap,
    GroupChat,
    Hold,
    Membership,
    MergedContact,
    Pin,
    Record,
    StaffLink,
    State,
    View,
    add_contact,
    add_to_groups,
    assign_tags,
    edit_contact,
    erase_contact,
    erased_contacts,
    find_duplicates,
    follow,
    merge_contacts,
    pin,
    read_value,
    scrubbed,
    to_json,
    undo,
    unfollow,
)


def field(kind, **more):
    return Field("f", kind, **more)


# --- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldType.TEXT, "王小明"),
        (FieldType.INTEGER, 3),
        (FieldType.DECIMAL, Decimal("0.25")),
        (FieldType.MONEY, Decimal("12.50")),
        (FieldType.MONEY, Decimal("12.5000")),
        (FieldType.MONEY, Decimal("1E+3")),
        (FieldType.MONEY, Decimal("0.000")),
        (FieldType.MONEY, 12),
        (FieldType.FLOAT, 0.5),
        (FieldType.BOOLEAN, False),
        (FieldType.DATE, date(2026, 11, 20)),
        (FieldType.INSTANT, NOW),
        (FieldType.DURATION, timedelta(seconds=1)),
        (FieldType.TEXT_LIST, ("a", "b")),
    ],
)
def test_a_value_of_the_right_type_is_kept_as_it_is(kind, value):
    assert read_value(field(kind), value) == value
    assert type(read_value(field(kind), value)) is type(value)


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize("nothing", [None, "", " \u3000", float("nan"), Decimal("NaN"), [], ()])
def test_what_says_nothing_is_missing_in_every_field(kind, nothing):
    assert read_value(field(kind), nothing) is None


@pytest.mark.parametrize(
    ("kind", "value", "error"),
    [
        (FieldType.TEXT, 3, WrongTypeError),
        (FieldType.INTEGER, True, WrongTypeError),
        (FieldType.INTEGER, 3.0, WrongTypeError),
        (FieldType.INTEGER, "3", WrongTypeError),
        (FieldType.MONEY, 12.5, FloatMoneyError),
        (FieldType.DECIMAL, 0.1, FloatMoneyError),
        (FieldType.MONEY, "12.50", WrongTypeError),
        (FieldType.MONEY, True, WrongTypeError),
        (FieldType.MONEY, Decimal("0.001"), InvalidValueError),
        (FieldType.MONEY, Decimal("1E-3"), InvalidValueError),
        (FieldType.MONEY, Decimal("Infinity"), InvalidValueError),
        (FieldType.FLOAT, float("inf"), InvalidValueError),
        (FieldType.FLOAT, True, WrongTypeError),
        (FieldType.BOOLEAN, 1, WrongTypeError),
        (FieldType.DATE, NOW, WrongTypeError),
        (FieldType.DATE, "2026-11-20", WrongTypeError),
        (FieldType.INSTANT, NOW.replace(tzinfo=None), NaiveDatetimeError),
        (FieldType.INSTANT, date(2026, 11, 20), WrongTypeError),
        (FieldType.DURATION, 60, WrongTypeError),
        (FieldType.TEXT_LIST, "ab", WrongTypeError),
        (FieldType.TEXT_LIST, ["a", 1], WrongTypeError),
    ],
)
def test_a_value_of_another_type_is_refused_and_never_coerced(kind, value, error):
    with pytest.raises(error) as caught:
        read_value(field(kind), value)
    assert caught.value.value == value or caught.value.value == 1
    assert "field 'f'" in str(caught.value)
    assert caught.value.remedy


def test_a_field_is_named_by_alias_once_and_only_if_it_is_there():
    contact = Contact.read(SCHEMA, "c", {"姓名": "王", "消费金额": 3})
    assert contact.fields == {"name": "王", "spent": 3}
    with pytest.raises(InvalidValueError, match="once"):
        Contact.read(SCHEMA, "c", {"姓名": "王", "name": "王"})
    with pytest.raises(UnknownNameError, match="'phone'"):
        Contact.read(SCHEMA, "c", {"phon": "1"})
    with pytest.raises(InvalidValueError, match="argument id="):
        Contact.read(SCHEMA, "c", {"id": "d"})


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC)),
    st.timezones(),
)
def test_an_instant_is_the_same_in_whatever_zone_it_was_given(moment, zone):
    local = moment.astimezone(zone)
    contact = Contact.read(SCHEMA, "c", {"seen": local}, added=local)
    assert contact == Contact.read(SCHEMA, "c", {"seen": moment}, added=moment)
    assert contact.added.tzinfo is contact.value("seen").tzinfo is UTC


def test_a_state_takes_only_what_its_schema_takes():
    state = office()
    for wrong in ({"spent": 1.5}, {"消费金额": 3}, {"unknown": 1}, {"name": ""}):
        with pytest.raises((FloatMoneyError, InvalidValueError, UnknownNameError)):
            State.of(SCHEMA, [Contact("c", wrong)])
    assert state == office()


@given(
    st.dictionaries(st.text(max_size=3), st.integers()),
    st.dictionaries(st.text(max_size=3), st.integers()),
)
def test_a_frozen_map_is_a_mapping_that_hashes_as_it_compares(one, other):
    left, right = FrozenMap(one), FrozenMap(other)
    assert (left == right) == (one == other)
    assert FrozenMap(reversed(list(one.items()))) == left
    assert hash(FrozenMap(reversed(list(one.items())))) == hash(left)
    assert dict(left.put(other)) == {**one, **other}
    assert dict(left.drop(*other)) == {k: v for k, v in one.items() if k not in other}
    assert dict(left) == one


# --- adding and editing ----------------------------------------------------------------------------


def test_a_contact_is_added_grouped_and_tagged_on_one_page():
    state = office()
    changes = add_contact(
        state,
        {"name": "王小明"},
        groups=["潜在客户"],
        tags=["VIP"],
        new_groups=["客户/高净值客户"],
        new_tags=["爱好/英语", "爱好/足球"],
        followed=True,
        actor=BOSS,
        at=NOW,
        id="w",
    )
    state.apply(changes)
    contact = state.contact("w")
    assert (contact.added_by, contact.added, contact.channel) == ("boss", NOW, "manual")
    assert [g.name for g in View(state, BOSS).groups_of("w")] == ["潜在客户", "高净值客户"]
    assert [t.name for t in View(state, BOSS).tags_of("w")] == ["VIP", "英语", "足球"]
    assert contact.followed_by == {"boss"}
    assert [link.staff for link in state.staff_of("w")] == ["boss"]


def test_staff_create_no_tags_or_groups_on_the_way():
    state = office()
    for more in ({"new_tags": ["爱好/英语"]}, {"new_groups": ["新"]}):
        with pytest.raises(NotAllowedError):
            add_contact(state, {}, **more, actor=LI, at=NOW)
    changes = add_contact(state, {}, new_tags=["等级/VIP"], new_groups=["客户"], actor=LI, at=NOW)
    assert changes.summary() == {
        "contact_added": 1,
        "hold_added": 1,
        "membership_added": 1,
        "staff_link_added": 1,
    }


def test_a_new_tag_needs_its_group():
    with pytest.raises(InvalidValueError, match="group/tag"):
        add_contact(office(), {}, new_tags=["英语"], actor=BOSS, at=NOW)


def test_an_id_that_was_ever_taken_is_refused():
    state = office()
    state.apply(merge_contacts(state, "c1", "c2", actor=BOSS, at=NOW))
    state.apply(erase_contact(state, "c3", actor=BOSS, at=NOW))
    for taken in ("c1", "c2", "c3"):
        with pytest.raises(DuplicateIdError):
            add_contact(state, id=taken, actor=LI, at=NOW)


def test_editing_changes_what_is_given_and_clears_what_is_none():
    state = office(Contact.read(SCHEMA, "c1", {"name": "王", "age": 30}, channel="form"))
    changes = edit_contact(
        state, "c1", {"姓名": None, "手机": "138"}, channel=None, actor=LI, at=NOW
    )
    state.apply(changes)
    assert state.contact("c1") == Contact("c1", {"age": 30, "phone": "138"})
    assert len(edit_contact(state, "c1", {"age": 30}, actor=LI, at=NOW)) == 0


def test_each_staff_member_has_a_star_of_their_own():
    state = office()
    state.apply(follow(state, "c1", actor=LI, at=NOW))
    state.apply(follow(state, "c1", actor=HAN, at=NOW))
    assert len(follow(state, "c1", actor=HAN, at=NOW)) == 0
    state.apply(unfollow(state, "c1", actor=LI, at=NOW))
    assert list(View(state, LI).default_list(DefaultList.FOLLOWED)) == []
    assert list(View(state, HAN).default_list(DefaultList.FOLLOWED)) == ["c1"]


# --- default lists ---------------------------------------------------------------------------------


def test_the_default_lists_hold_whom_they_say():
    state = office()
    state.apply(add_to_groups(state, "c1", ["客户"], actor=LI, at=NOW))
    state.apply(assign_tags(state, "c2", ["VIP"], actor=LI, at=NOW))
    state.apply(follow(state, "c3", actor=LI, at=NOW))
    view = View(state, LI)
    lists = {one.chinese: sorted(view.default_list(one)) for one in DefaultList}
    assert lists == {
        "全部联系人": ["c1", "c2", "c3"],
        "我关注的": ["c3"],
        "未分组的": ["c2", "c3"],
        "未打标签的": ["c1", "c3"],
    }


def test_pins_and_expiry_decide_who_is_ungrouped_and_untagged():
    state = office(
        Membership("c1", "customers", "rule", "r", NOW),
        Pin("c1", "group", "customers", "against", "boss", NOW),
        Hold("c2", "vip", "admin", "boss", NOW, LATER),
    )
    assert "c1" in list(View(state, LI).default_list(DefaultList.UNGROUPED))
    assert "c2" not in list(View(state, LI, at=NOW).default_list(DefaultList.UNTAGGED))
    assert "c2" in list(View(state, LI, at=LATER).default_list(DefaultList.UNTAGGED))


# --- merging ---------------------------------------------------------------------------------------


CHAT = GroupChat("f1", "福州一群")
CAMPAIGN = Campaign("s", "双11", CampaignKind.PUSH, Channel.SMS, NOW)
OF_C1 = (
    Hold("c1", "vip", "staff", "li", NOW),
    Hold("c1", "plain", "rule", "r", NOW),
    Pin("c1", "tag", "strong", "for", "boss", NOW),
    Membership("c1", "low", "staff", "li", NOW),
    Pin("c1", "group", "customers", "for", "boss", NOW),
    Membership("c1", "partners", "staff", "li", NOW),
    ChatMember("c1", "f1", NOW),
    StaffLink("c1", "li", NOW),
    Record.read(SCHEMA, "c1", "opportunity", "o1", {"stage": "谈判"}),
    FollowUp("c1", "f1", "li", Channel.PHONE, NOW, need="退货"),
    AudienceMember("c1", "s", NOW),
)
OF_C2 = (
    Hold("c2", "vip", "staff", "li", LATER, LATER + timedelta(days=1)),
    Membership("c2", "high", "staff", "li", NOW),
    StaffLink("c2", "li", LATER),
)
ONE = Contact.read(
    SCHEMA, "c1", {"name": "王", "age": 30}, added=NOW, added_by="li", followed_by=frozenset({"li"})
)
OTHER = Contact.read(
    SCHEMA, "c2", {"name": "小王"}, added=LATER, added_by="han", followed_by=frozenset({"han"})
)


def two_that_are_one():
    return office(CHAT, CAMPAIGN, ONE, OTHER, *OF_C1, *OF_C2)


def test_merging_hands_everything_over_and_loses_nothing():
    state = two_that_are_one()
    state.apply(merge_contacts(state, "c1", "c2", actor=LEADER, at=LATER))
    assert state.find_contact("c1") is None
    assert list(state.rows_of("c1")) == []
    assert state.resolve_contact("c1") == "c2"
    whole = state.contact("c2")
    assert whole.fields == {"name": "小王", "age": 30}, "the one that stays has its way"
    assert (whole.added, whole.added_by) == (NOW, "li"), "the older arrival"
    assert whole.followed_by == {"li", "han"}
    assert state.holds_of("c2") == (
        Hold("c2", "plain", "rule", "r", NOW),
        Hold("c2", "vip", "staff", "li", NOW),
    ), "the older hold, as long as the longer one"
    assert {one.group for one in state.memberships_of("c2")} == {"high", "partners"}
    assert {one.target for one in state.pins_of("c2")} == {"strong", "customers"}
    assert state.staff_of("c2") == (StaffLink("c2", "li", NOW),)
    assert len(state.follow_ups_of("c2")) == len(state.records_of("c2")) == 1
    assert len(state.chats_of("c2")) == len(state.campaigns_of("c2")) == 1


def test_undo_of_a_merge_makes_two_again():
    state = two_that_are_one()
    merge = merge_contacts(state, "c1", "c2", fields={"name": "王小明"}, actor=BOSS, at=LATER)
    state.apply(merge)
    assert state.contact("c2").value("name") == "王小明"
    taken_back = undo(state, merge, actor=BOSS, at=LATER)
    assert taken_back.conflicts == ()
    state.apply(taken_back.changes)
    assert state == two_that_are_one()


def test_two_in_the_same_group_of_a_family_keep_both_words():
    words = (
        Membership("c1", "high", "rule", "r", NOW),
        Membership("c2", "high", "staff", "li", NOW),
    )
    state = office(*words, Pin("c3", "group", "low", "for", "boss", NOW))
    state.apply(merge_contacts(state, "c1", "c2", actor=BOSS, at=NOW))
    assert {one.source for one in state.memberships_of("c2")} == {"rule", "staff"}
    state.apply(merge_contacts(state, "c3", "c2", actor=BOSS, at=NOW))
    assert state.pins_of("c2") == (), "the one that stays has its way"


def test_a_chain_of_merges_leads_to_the_one_that_stays():
    state = office()
    state.apply(merge_contacts(state, "c1", "c2", actor=BOSS, at=NOW))
    state.apply(merge_contacts(state, "c2", "c3", actor=BOSS, at=NOW))
    assert state.resolve_contact("c1") == state.resolve_contact("c2") == "c3"
    assert {one.into for one in state.merged_contacts()} == {"c3"}


def test_what_cannot_be_merged_is_refused():
    state = office(
        FollowUp("c1", "f", "li", Channel.PHONE, NOW, need="退货"),
        FollowUp("c2", "f", "li", Channel.PHONE, NOW, need="换货"),
    )
    with pytest.raises(ConflictingDuplicateError):
        merge_contacts(state, "c1", "c2", actor=BOSS, at=NOW)
    with pytest.raises(InvalidValueError):
        merge_contacts(state, "c1", "c1", actor=BOSS, at=NOW)
    with pytest.raises(UnknownNameError):
        merge_contacts(state, "c1", "c9", actor=BOSS, at=NOW)
    with pytest.raises(NotAllowedError):
        merge_contacts(state, "c1", "c3", actor=LI, at=NOW)


def test_contacts_that_share_a_phone_or_mail_are_found_through_any_chain():
    contacts = [
        Contact("a", {"phone": "138 0000 1111"}),
        Contact("b", {"phone": "+8613800001111", "email": "W@x.cn"}),
        Contact("c", {"email": "w@x.cn"}),
        Contact("d", {"phone": "139"}),
        Contact("e", {"phone": "86139"}),
    ]
    state = State.of(SCHEMA, contacts)
    assert list(find_duplicates(state, ["手机", "email"])) == [("a", "b", "c")]
    assert list(find_duplicates(state, ["email"])) == [("b", "c")]


# --- erasing ---------------------------------------------------------------------------------------

SECRETS = ("王", "c1", "13800001111", "退货")


def lived():
    """A state in whose log a person has left traces of every kind."""
    state = State(SCHEMA)
    things = (CHAT, CAMPAIGN, *office(CHAT, CAMPAIGN).entities())
    start = State.of(SCHEMA, {(type(t), t.key): t for t in things}.values())
    state.apply(ChangeSet([Change(None, t) for t in start.entities()], "system", NOW, 0))
    state.apply(edit_contact(state, "c1", {"name": "王", "phone": "13800001111"}, actor=LI, at=NOW))
    rows = [Change(None, row) for row in OF_C1]
    state.apply(ChangeSet(rows, "system", NOW, state.version))
    state.apply(pin(state, "c1", "tag", "VIP", "for", actor=BOSS, at=NOW))
    return state


def test_an_erased_person_is_nowhere_not_even_in_the_log():
    state = lived()
    changes = erase_contact(state, "c1", actor=BOSS, at=LATER)
    assert erased_contacts(changes) == {"c1"}
    state.apply(changes)
    left = json.dumps([to_json(one) for one in state.changes_since(0)], ensure_ascii=False) + repr(
        list(state.entities())
    )
    assert not [secret for secret in SECRETS if secret in left]
    assert state.was_erased("c1")
    (receipt,) = state.erasures()
    assert (receipt.by, receipt.erased) == ("boss", LATER)
    counts = "audience_member chat_member contact follow_up membership membership pin pin pin"
    counts += " record staff_link hold hold"
    assert receipt.removed == Counter(counts.split())


def test_a_scrubbed_log_still_replays_to_the_same_state():
    state = lived()
    kept_by_the_host = list(state.changes_since(0))
    changes = erase_contact(state, "c1", actor=BOSS, at=LATER)
    state.apply(changes)
    assert State.replay(SCHEMA, state.changes_since(0)) == state
    host_log = scrubbed([*kept_by_the_host, changes], erased_contacts(changes))
    assert State.replay(SCHEMA, host_log) == state
    assert State.replay(SCHEMA, host_log).version == state.version


def test_erasing_takes_the_ids_that_were_merged_into_the_person():
    state = lived()
    state.apply(merge_contacts(state, "c1", "c2", actor=BOSS, at=NOW))
    state.apply(merge_contacts(state, "c2", "c3", actor=BOSS, at=NOW))
    changes = erase_contact(state, "c3", actor=BOSS, at=LATER)
    assert erased_contacts(changes) == {"c1", "c2", "c3"}
    state.apply(changes)
    assert State.replay(SCHEMA, state.changes_since(0)) == state
    assert "退货" not in repr(state.changes_since(0))
    assert all(map(state.was_erased, ("c1", "c2", "c3")))


def test_an_erasure_is_applied_once_and_never_undone():
    state = lived()
    changes = erase_contact(state, "c1", actor=BOSS, at=LATER)
    assert state.apply(changes) == state.apply(changes)
    with pytest.raises(InvalidValueError):
        undo(state, changes, actor=BOSS, at=LATER)
    with pytest.raises(NotAllowedError):
        erase_contact(state, "c2", actor=LEADER, at=LATER)


def test_only_a_merged_contact_that_is_gone_is_an_alias():
    state = office()
    for alias in (MergedContact("c1", "c2", NOW), MergedContact("x", "c9", NOW)):
        with pytest.raises((DuplicateIdError, UnknownNameError)):
            state.apply(ChangeSet([Change(None, alias)], "system", NOW, 0))
    with pytest.raises(InvalidValueError):
        MergedContact("c1", "c1", NOW)


def test_an_attribute_cannot_hide_among_the_fields():
    with pytest.raises(InvalidValueError, match="channel"):
        Contact("c-1", {"channel": "form"})
