"""Contacts are found by the time of their rows: from a start that counts to an end that does not."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.shops import AT, DAY, bought, held, night, rule, shop
from rules.test_incremental import CROWDED, OnlyScans, two_nights

from segmentkit.model import SYSTEM, Channel, Event, FollowUp, Record, erase_contact, merge_contacts
from segmentkit.rules import KeptStore

TICK = timedelta(microseconds=1)
CROWD = ("a", "b", "c")
STORES = {"plain": lambda store: store, "kept": KeptStore}

# Few instants, so that rows lie on the ends of what is asked for.
instants = st.tuples(st.integers(-2, 2), st.integers(-1, 1)).map(
    lambda near: AT + near[0] * timedelta(days=1) + near[1] * TICK
)
lives = st.lists(st.tuples(st.sampled_from(CROWD), instants), max_size=6)


def a_store(views, deals, talks, tags):
    more = [
        Record.read(shop().schema, c, "opportunity", str(n), {"created": time})
        for n, (c, time) in enumerate(deals)
    ]
    more += [FollowUp(c, str(n), "boss", Channel.PHONE, t) for n, (c, t) in enumerate(talks)]
    ends = {c: held(c, "VIP", expires=time) for c, time in tags}
    events = [Event(c, "view", time, id=f"v{n}") for n, (c, time) in enumerate(views)]
    return shop(events, contacts=CROWD, holds=ends.values(), more=more)


@pytest.mark.parametrize("made", STORES.values(), ids=STORES)
@given(st.data())
def test_who_is_found_is_who_has_such_a_row(made, data):
    store = a_store(*(data.draw(lives) for _ in range(4)))
    what = data.draw(st.sampled_from(["", "merge", "erase", "late"]))
    asked = made(store)
    if data.draw(st.booleans()):  # an index that stands already has to learn of what comes
        list(asked.contacts_between("view", AT, AT))
    if what == "merge":
        store.apply(merge_contacts(store.state, "a", "b", actor=SYSTEM, at=AT))
    elif what == "erase":
        store.apply(erase_contact(store.state, "a", actor=SYSTEM, at=AT))
    elif what == "late":
        store.add_events([Event("c", "view", data.draw(instants), id="late")])
    start, end = sorted(data.draw(st.tuples(instants, instants)))
    for name in ("view", "opportunity", "follow_up"):
        found = set(asked.contacts_between(name, start, end))
        assert found == {c for c, row in store.scan(name) if start <= row.time < end}
    ended = {c for c, row in store.scan("tag") if start < row.fields.get("expires", start) <= end}
    assert set(asked.contacts_expiring(start, end)) == ended


# --- a night over stores that find by time and over one that cannot -------------------------------

SEEN = {**STORES, "scanned": OnlyScans}


@pytest.fixture(params=SEEN.values(), ids=SEEN)
def seen(request):
    """What makes of a shop a store as a night sees it."""
    return request.param


def turned(rules, store, seen, **more):
    """The second of two nights, which is the same over a store with and without its index."""
    return two_nights(rules, _Writable(seen(store), store), **more)


class _Writable:
    """What is read from one store and written to another, which lies below."""

    def __init__(self, read, written):
        self._read = read
        self.state = written.state
        self.apply = written.apply
        self.add_events = written.add_events

    def __getattr__(self, name):
        return getattr(self._read, name)


@pytest.mark.parametrize("days", [6 + 1e-9, 6.5, 7])
def test_a_row_crosses_the_end_of_a_window_from_its_first_instant_to_its_last(days, seen):
    active = rule("活跃", "did purchase in last 7 days")
    store = shop([*CROWDED, bought("old", days), bought("older", days)])
    plan = turned(active, store, seen)
    assert plan.left["活跃"] == ("old", "older")
    assert plan.examined == 2


@pytest.mark.parametrize("hours", [1e-9, 5, 24])
def test_a_tag_ends_within_a_night_up_to_its_last_instant(hours, seen):
    ends = [held("c1", "VIP", "sync", "wecom", expires=AT + timedelta(hours=hours))]
    plan = turned(rule("一", "has tag 'VIP'"), shop(CROWDED, holds=ends), seen)
    assert plan.left["一"] == ("c1",)
    assert plan.examined == 1


def test_two_nights_do_not_share_what_they_found():
    ends = [held(f"c{n}", "VIP", "sync", "x", expires=AT + timedelta(days=n)) for n in (1, 2)]
    store = shop(CROWDED, holds=ends)
    reader = rule("一", "has tag 'VIP'")
    assert two_nights(reader, store).left["一"] == ("c1",)
    assert night(reader, store, DAY + timedelta(days=2)).left["一"] == ("c1", "c2")
