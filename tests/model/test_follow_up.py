"""Follow-ups, what is due, and campaigns with frozen audiences."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from model.office import BOSS, HAN, LATER, LEADER, LI, NOW, SCHEMA, office

from segmentkit.errors import (
    DuplicateIdError,
    InvalidValueError,
    NotAllowedError,
    UnknownNameError,
)
from segmentkit.model import (
    ASSISTED_ORDER,
    FOLLOW_UP,
    OPPORTUNITY,
    SYSTEM,
    Channel,
    FollowUp,
    Hold,
    Record,
    Schema,
    Staff,
    StaffLink,
    TaskKind,
    View,
    delete_follow_up,
    deliveries,
    drop_facts,
    edit_follow_up,
    follow_up_fields,
    put_facts,
    read_fields,
    record_follow_up,
    start_campaign,
    tasks_due,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def spoke(state, contact="c1", actor=LI, **more):
    state.apply(record_follow_up(state, contact, Channel.PHONE, actor=actor, at=NOW, **more))
    return state


# --- follow-ups ------------------------------------------------------------------------------------


def test_a_follow_up_holds_channel_need_problem_solution_and_next_time():
    state = spoke(office(), need="换大一码", problem="偏小", solution="补发", next_time=LATER)
    (one,) = View(state, LI).follow_ups_of("c1")
    assert (one.staff, one.channel.chinese, one.time) == ("li", "电话", NOW)
    assert (one.need, one.problem, one.solution, one.next_time) == (
        "换大一码",
        "偏小",
        "补发",
        LATER,
    )


def test_follow_ups_are_private_like_assignments():
    state = spoke(office())
    assert View(state, HAN).follow_ups_of("c1") == ()
    for viewer in (LI, LEADER, BOSS, SYSTEM):
        assert len(View(state, viewer).follow_ups_of("c1")) == 1


def test_everyone_writes_their_own_only():
    state = spoke(office())
    (one,) = state.follow_ups_of("c1")
    state.apply(edit_follow_up(state, "c1", one.id, need="退货", actor=LI, at=NOW))
    assert state.follow_ups_of("c1")[0].need == "退货"
    with pytest.raises(UnknownNameError):
        edit_follow_up(state, "c1", one.id, need="x", actor=HAN, at=NOW)
    with pytest.raises(NotAllowedError):
        delete_follow_up(state, "c1", one.id, actor=BOSS, at=NOW)
    with pytest.raises(NotAllowedError):
        record_follow_up(state, "c1", Channel.SMS, staff="han", actor=LI, at=NOW)
    state.apply(delete_follow_up(state, "c1", one.id, actor=LI, at=NOW))
    assert state.follow_ups_of("c1") == ()


def test_a_next_time_lies_ahead():
    with pytest.raises(InvalidValueError):
        record_follow_up(office(), "c1", Channel.VISIT, next_time=NOW, actor=LI, at=NOW)
    with pytest.raises(UnknownNameError):
        record_follow_up(office(), "c9", Channel.VISIT, actor=LI, at=NOW)


def test_a_follow_up_is_a_row_that_the_language_can_ask_for():
    one = FollowUp("c1", "f", "li", Channel.WECHAT, NOW, need="退货", next_time=LATER)
    fields = follow_up_fields(one)
    assert fields == {"staff": "li", "channel": "wechat", "need": "退货", "next_time": LATER}
    assert read_fields(FOLLOW_UP, fields) == fields


def test_records_are_checked_by_their_collection():
    schema = Schema(collections=[OPPORTUNITY, ASSISTED_ORDER])
    deal = {"阶段": "谈判", "金额": Decimal(50_000), "意向度": 4, "创建时间": NOW}
    record = Record.read(schema, "c1", "商机", "o1", deal)
    assert (record.collection, record.fields["stage"]) == ("opportunity", "谈判")
    order = Record.read(schema, "c1", "代客订单", "a1", {"回款": True, "回款金额": 100})
    assert order.fields == {"paid": True, "paid_amount": 100}
    state = office()
    state.apply(put_facts(state, Record.read(SCHEMA, "c1", "商机", "o1", deal), actor=LI, at=NOW))
    assert [one.id for one in state.records_of("c1")] == ["o1"]
    with pytest.raises(UnknownNameError):
        state.apply(put_facts(state, order, actor=LI, at=NOW))


# --- facts -----------------------------------------------------------------------------------------


def test_facts_are_put_changed_and_dropped():
    state = office()
    state.apply(put_facts(state, StaffLink("c1", "li", NOW), actor=LI, at=NOW))
    changes = put_facts(
        state, StaffLink("c1", "li", LATER), Staff("li", "李雷"), actor=BOSS, at=NOW
    )
    assert changes.summary() == {"staff_link_changed": 1}
    state.apply(changes)
    state.apply(drop_facts(state, StaffLink("c1", "li", NOW), actor=LI, at=NOW))
    assert state == office()
    with pytest.raises(UnknownNameError):
        drop_facts(state, StaffLink("c1", "li", NOW), actor=LI, at=NOW)


# --- what is due -----------------------------------------------------------------------------------


def due(state, viewer, at=NOW, **more):
    view = View(state, viewer, at=at)
    return {(task.kind, task.contact) for task in tasks_due(view, at=at, zone=SHANGHAI, **more)}


def test_untagged_customers_are_a_task_for_who_added_them():
    mine = [StaffLink("c1", "li", NOW), StaffLink("c2", "li", NOW)]
    state = office(
        *mine, Hold("c1", "vip", "staff", "li", NOW), Hold("c2", "vip", "staff", "han", NOW)
    )
    assert due(state, LI) == {(TaskKind.TAG, "c2")}
    assert due(state, BOSS) == {(TaskKind.TAG, "c3")}


def test_a_customer_is_due_after_so_many_local_dates_without_a_word():
    state = spoke(office(Hold("c1", "vip", "admin", "boss", NOW), StaffLink("c1", "li", NOW)))
    last_instant = NOW.astimezone(SHANGHAI).replace(hour=0) + timedelta(days=3)
    assert due(state, LI, last_instant, idle_days=3) == set()
    next_instant = last_instant + timedelta(microseconds=1)
    assert due(state, LI, next_instant, idle_days=3) == {(TaskKind.CONTACT_AGAIN, "c1")}
    with pytest.raises(InvalidValueError):
        due(state, LI, idle_days=0)


def test_an_agreed_time_is_due_until_there_is_a_later_word():
    state = spoke(
        office(Hold("c1", "vip", "admin", "boss", NOW), StaffLink("c1", "li", NOW)), next_time=LATER
    )
    assert due(state, LI, LATER - timedelta(microseconds=1)) == set()
    assert due(state, LI, LATER) == {(TaskKind.FOLLOW_UP, "c1")}
    spoke(state, time=NOW + timedelta(hours=1))
    assert due(state, LI, LATER) == set()


# --- campaigns -------------------------------------------------------------------------------------


def test_an_audience_is_frozen_when_the_campaign_starts():
    state = office(Hold("c1", "vip", "admin", "boss", NOW))
    ids = View(state, BOSS).contacts_with_tag("VIP")
    state.apply(
        start_campaign(state, "双11", Channel.EMAIL, ids, copy="你好", id="d", actor=BOSS, at=NOW)
    )
    state.apply(put_facts(state, Staff("new"), actor=BOSS, at=NOW))
    assert [(one.contact, one.channel, one.words) for one in deliveries(state, "d")] == [
        ("c1", Channel.EMAIL, "你好")
    ]
    assert [member.campaign for member in state.campaigns_of("c1")] == ["d"]


def test_each_part_of_an_audience_gets_its_own_words_and_each_contact_one():
    state = office()
    changes = start_campaign(
        state,
        "春节",
        Channel.SMS,
        ["c2", "c3"],
        variants={"高频": ["c1"], "低频": ["c1", "c2"]},
        copies={"高频": "上新", "低频": "好久不见"},
        copy="新年好",
        actor=LEADER,
        at=NOW,
    )
    state.apply(changes)
    (campaign,) = state.campaigns()
    assert {one.contact: one.words for one in deliveries(state, campaign.id)} == {
        "c1": "上新",
        "c2": "好久不见",
        "c3": "新年好",
    }


def test_a_wrong_campaign_is_refused():
    state = office()
    state.apply(start_campaign(state, "a", Channel.SMS, ["c1"], id="a", actor=BOSS, at=NOW))
    for audience, more, error in (
        (["c9"], {}, UnknownNameError),
        ([], {}, InvalidValueError),
        (["c1"], {"id": "a"}, DuplicateIdError),
        ([], {"variants": {"高频": ["c1"]}, "copies": {"高品": "x"}}, UnknownNameError),
        (["c1"], {"actor": LI}, NotAllowedError),
    ):
        with pytest.raises(error):
            start_campaign(state, "b", Channel.SMS, audience, **{"actor": BOSS, "at": NOW, **more})
    with pytest.raises(UnknownNameError):
        list(deliveries(state, "z"))
