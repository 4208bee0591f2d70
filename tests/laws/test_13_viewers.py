"""Promise 13: a viewer sees what the viewer may see; what is hidden changes nothing."""

from datetime import timedelta

import pytest
from cases.schema import SHOP
from hypothesis import given
from hypothesis import strategies as st
from laws.worlds import Person, instant, row

from segmentkit.engines import select
from segmentkit.model import (
    SYSTEM,
    Contact,
    Hold,
    Pin,
    Role,
    Staff,
    State,
    Tag,
    TagGroup,
    Viewer,
)
from segmentkit.query import NameTable
from segmentkit.stores import MemoryStore
from segmentkit.testing import checked_conditions, people

LI, HAN = "li.lei", "han.mm"
OWN = Viewer(LI, Role.STAFF)
OTHER = Viewer(HAN, Role.STAFF)
COLLEAGUE = Viewer(HAN, Role.STAFF, colleagues={LI})
LEADER = Viewer("boss", Role.LEADER)


def private(tag="意向强", staff=LI, **fields):
    return row("2026-11-01", tag=tag, source="staff", staff=staff, **fields)


def test_a_staff_members_tags_are_seen_by_the_member_the_team_and_the_leaders(holds):
    tags = [private()]
    for viewer, seen in {
        OWN: True,
        OTHER: False,
        COLLEAGUE: True,
        LEADER: True,
        SYSTEM: True,
    }.items():
        assert holds("has tag '意向强'", tag=tags, viewer=viewer) == seen
        assert holds("has no tag '意向强'", tag=tags, viewer=viewer) != seen
        assert holds("has no tag", tag=tags, viewer=viewer) != seen
        assert holds("count(tag) = 1", tag=tags, viewer=viewer) == seen
        assert (
            holds(
                "has tag then did purchase", tag=tags, purchase=[row("2026-11-02")], viewer=viewer
            )
            == seen
        )


@pytest.mark.parametrize("source", ["admin", "rule", "import", "sync"])
def test_tags_of_other_sources_are_seen_by_everyone(holds, source):
    tags = [row("2026-11-01", tag="vip", source=source, staff=LI)]
    for viewer in (OWN, OTHER, LEADER, SYSTEM):
        assert holds("has tag 'vip'", tag=tags, viewer=viewer)


def test_a_private_tag_of_nobody_is_seen_by_no_one_who_must_not_see_all(holds):
    tags = [private(staff=None)]
    assert not holds("has tag", tag=tags, viewer=OTHER)
    assert not holds("has tag", tag=tags, viewer=Viewer("None", Role.STAFF))
    assert holds("has tag", tag=tags, viewer=LEADER)


def test_me_is_the_viewer(holds):
    query = "has tag '意向强' where (staff = $me and source = 'staff')"
    tags = [private()]
    assert holds(query, tag=tags, viewer=OWN)
    assert not holds(query, tag=tags, viewer=COLLEAGUE)
    assert holds(query, tag=tags, viewer=SYSTEM, parameters={"me": LI})


def test_a_tag_that_has_expired_is_none(holds):
    now = instant("2026-11-21T00:00")
    for expires, seen in {
        now - timedelta(days=1): False,
        now: False,
        now + timedelta(microseconds=1): True,
        None: True,
    }.items():
        tags = [row("2026-11-01", tag="vip", source="rule", expires=expires)]
        assert holds("has tag 'vip'", tag=tags) == seen


def test_followed_means_by_the_viewer(holds):
    names = NameTable({"list": {"followed": "我关注的", "l1": "名单"}})
    rows = [row(list="followed", staff=LI), row(list="l1")]
    for viewer, seen in {OWN: True, OTHER: False, LEADER: False, SYSTEM: False}.items():
        assert holds("in list '我关注的'", list=rows, viewer=viewer, names=names) == seen
        assert holds("in list '名单'", list=rows, viewer=viewer, names=names)


def test_untagged_and_ungrouped_are_as_the_viewer_sees():
    state = State.of(
        SHOP,
        [
            Contact("c"),
            Staff(LI),
            TagGroup("g", "意向"),
            Tag("t", "意向强", "g"),
            Hold("c", "t", "staff", LI, instant("2026-11-01T00:00")),
        ],
    )
    store = MemoryStore(state)
    at = instant("2026-11-21T00:00")
    for engine in ("interpreter",):
        for viewer, untagged in {OWN: [], OTHER: ["c"], SYSTEM: []}.items():
            for query in ("in list '未打标签的'", "has no tag", "in list 'untagged'"):
                assert select(query, store, at=at, viewer=viewer, engine=engine) == untagged
        assert select("in list '未分组的' and in list 'all'", store, at=at, engine=engine) == ["c"]


def test_pins_are_seen_by_everyone_and_beat_every_hold():
    at = instant("2026-11-21T00:00")
    told = instant("2026-11-01T00:00")
    world = [
        Contact("for"),
        Contact("against"),
        Staff(LI),
        Staff("boss", role=Role.ADMIN),
        TagGroup("g", "意向"),
        Tag("t", "意向强", "g"),
        Hold("against", "t", "staff", LI, told),
        Pin("for", "tag", "t", "for", "boss", told),
        Pin("against", "tag", "t", "against", "boss", told),
    ]
    store = MemoryStore(State.of(SHOP, world))
    for viewer in (OWN, OTHER, LEADER, SYSTEM):
        found = select("has tag '意向/意向强'", store, at=at, viewer=viewer, engine="interpreter")
        assert found == ["for"]


@given(
    condition=checked_conditions(SHOP),
    crowd=people(SHOP),
    hidden=st.lists(st.sampled_from(["a", "b", "vip"]), min_size=1, max_size=3),
    viewer=st.sampled_from([OTHER, OWN]),
)
def test_changing_what_is_hidden_never_changes_a_viewers_result(
    holds, condition, crowd, hidden, viewer
):
    """Two worlds: in one of them somebody else has private tags on everyone."""
    one = {name: Person(*each) for name, each in crowd.items()}
    secrets = [private(tag, staff="somebody.else") for tag in hidden]
    other = {
        name: Person(
            person.fields,
            {
                **person.rows,
                "tag": [
                    *person.rows.get("tag", ()),
                    *(s._replace(id=f"{name}-{s.id}") for s in secrets),
                ],
            },
        )
        for name, person in one.items()
    }
    asked = {"viewer": viewer, "at": "2026-11-21T12:00"}
    assert holds.members(condition, one, **asked) == holds.members(condition, other, **asked)
