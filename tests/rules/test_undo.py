"""A night can be taken back through the log; what people did since stays, and is listed."""

from datetime import timedelta

import pytest
from hypothesis import given
from rules.shops import AT, DAY, ZONE, bought, night, pinned, rule, shop, tagged
from rules.test_night import RULES, shops

from segmentkit.errors import NotAllowedError
from segmentkit.model import SYSTEM, Change, ChangeSet, Role, Viewer, undo
from segmentkit.rules import plan_next_night

ACTIVE = rule("活跃", "did purchase in last 7 days")
LATER = AT + timedelta(hours=9)


@given(shops())
def test_a_night_taken_back_leaves_everything_as_it_was(store):
    before = set(store.state.entities())
    plan = night(RULES, store)
    store.apply(plan)
    taken_back = undo(store.state, plan.changes, actor=SYSTEM, at=LATER)
    store.apply(taken_back.changes)
    assert taken_back.conflicts == ()
    assert set(store.state.entities()) == before


def test_what_was_decided_later_is_kept_and_listed():
    store = shop([bought("a", 6.5), bought("b", 1)])
    first = night(ACTIVE, store)
    store.apply(first)
    # The next night takes the tag from one of them; a wider rule gives it back.
    store.apply(night(ACTIVE, store, DAY + timedelta(days=1)))
    wide = rule("活跃", "did purchase in last 30 days", version=2)
    store.apply(night(wide, store, DAY + timedelta(days=1)))
    taken_back = undo(store.state, first.changes, actor=SYSTEM, at=LATER)
    assert [c.contact for c in taken_back.changes] == ["b"]
    (kept,) = taken_back.conflicts
    assert kept.change.contact == "a"
    assert kept.later == (first.changes.base_version + 1, first.changes.base_version + 2)
    store.apply(taken_back.changes)
    assert tagged(store, "活跃") == {"rule:活跃": {"a"}}


def test_a_pin_set_since_is_kept():
    store = shop([bought("a"), bought("b")])
    plan = night(ACTIVE, store)
    store.apply(plan)
    pin = pinned("a", "活跃", "for")
    store.apply(ChangeSet([Change(None, pin)], "boss", LATER, store.version))
    store.apply(undo(store.state, plan.changes, actor=SYSTEM, at=LATER).changes)
    assert tagged(store, "活跃") == {}
    assert store.state.pins_of("a") == (pin,)


def test_the_next_night_decides_anew_about_what_was_taken_back():
    store = shop([bought("a"), bought("b")])
    plan = night(ACTIVE, store)
    store.apply(plan)
    store.apply(undo(store.state, plan.changes, actor=SYSTEM, at=LATER).changes)
    again = plan_next_night(
        [ACTIVE],
        store,
        plan.record(),
        day=DAY + timedelta(days=1),
        zone=ZONE,
        changes=store.state.changes_since(plan.changes.base_version),
        engine="interpreter",
    )
    assert again.entered["活跃"] == ("a", "b")


def test_only_an_admin_takes_a_night_back():
    store = shop([bought("a")])
    plan = night(ACTIVE, store)
    store.apply(plan)
    with pytest.raises(NotAllowedError):
        undo(store.state, plan.changes, actor=Viewer("li.lei", Role.STAFF), at=LATER)
