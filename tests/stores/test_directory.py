"""Names of a state: who answers to which, always as the state is now."""

from datetime import UTC, datetime

import pytest
from cases.schema import SHOP
from cases.world import DIRECTORY
from hypothesis import given
from hypothesis import strategies as st

from segmentkit.model import Change, ChangeSet, ContactGroup, Staff, State, Tag, TagGroup
from segmentkit.query import bind, format, parse  # noqa: A004
from segmentkit.stores import StateNames
from segmentkit.stores.directory import KINDS

WHEN = datetime(2026, 11, 21, tzinfo=UTC)


def names(*entities):
    return StateNames(State.of(SHOP, entities), {"s1": "高价值", "s2": "高价值"})


WORLD = names(*DIRECTORY)


@pytest.mark.parametrize("kind", KINDS)
def test_the_shown_name_means_the_thing_again(kind):
    """What is printed can be read back, so no shown name may mean two things."""
    for word in WORLD.all_names(kind):
        for thing in WORLD.find(kind, word):
            shown = WORLD.name_of(kind, thing.id)
            assert [t.id for t in WORLD.find(kind, shown)] == [thing.id]


def test_names_are_found_by_their_key_and_ids_as_they_are():
    assert [t.id for t in WORLD.find("tag", " ｖｉｐ ")] == ["t-VIP"]
    assert [t.id for t in WORLD.find("tag", "消费/vip")] == ["t-VIP"]
    assert [t.id for t in WORLD.find("tag", "t-VIP")] == ["t-VIP"]
    assert WORLD.find("tag", "T-vip") == ()
    assert [t.id for t in WORLD.find("group_type", "客户")] == ["customer"]
    assert [t.id for t in WORLD.find("source", "员工")] == ["staff"]


def test_namesakes_are_told_apart_by_group_or_else_by_id():
    both = names(
        TagGroup("g1", "等级"),
        Tag("t1", "VIP", "g1"),
        TagGroup("g2", "渠道"),
        Tag("t2", "VIP", "g2"),
        Staff("u1", "李雷"),
        Staff("u2", "李雷"),
    )
    assert {t.id for t in both.find("tag", "vip")} == {"t1", "t2"}
    assert both.name_of("tag", "t1") == "等级/VIP"
    assert {t.id for t in both.find("staff", "李雷")} == {"u1", "u2"}
    assert both.name_of("staff", "u1") == "u1"
    assert both.name_of("segment", "s1") == "s1"


def test_a_printed_reference_reads_back_also_of_namesakes():
    both = names(Staff("u1", "李雷"), Staff("u2", "李雷"), Staff("u3", "韩梅梅"))
    for text in ("has staff 'u1'", "has staff ('u2', '韩梅梅')"):
        bound = bind(parse(text), SHOP, names=both)
        printed = format(bound, "zh", schema=SHOP)
        assert bind(parse(printed), SHOP, names=both) == bound


def test_names_follow_the_state():
    state = State.of(SHOP, [TagGroup("g1", "等级"), Tag("t1", "VIP", "g1")])
    live = StateNames(state)
    assert live.find("tag", "贵宾") == ()
    old = state.catalog.tag("t1")
    new = Tag("t1", "贵宾", "g1", order=old.order)
    state.apply(ChangeSet((Change(old, new),), "boss", WHEN, state.version))
    assert [t.id for t in live.find("tag", "贵宾")] == ["t1"]
    assert live.find("tag", "VIP") == ()
    state.apply(ChangeSet((Change(new, None),), "boss", WHEN, state.version))
    assert live.name_of("tag", "t1") is None


def test_below_is_the_group_with_all_its_descendants_and_of_a_tag_group_its_tags():
    assert set(WORLD.below("group", "g-customer")) == {"g-customer", "g-old"}
    assert set(WORLD.below("tag_group", "tg-消费")) == {"t-高消费", "t-高频", "t-VIP"}


@given(st.lists(st.text("ab /", min_size=1, max_size=3), min_size=1, max_size=5))
def test_whatever_groups_are_called_their_shown_names_are_unambiguous(given_names):
    groups = [
        ContactGroup(f"g{n}", name)
        for n, name in enumerate(dict.fromkeys(given_names))
        if name.strip()
    ]
    try:
        known = names(*groups)
    except ValueError:
        return  # the model refuses some names
    for group in groups:
        shown = known.name_of("group", group.id)
        assert [t.id for t in known.find("group", shown)] == [group.id]
