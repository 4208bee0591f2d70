"""Stores seen through a glass show what they would show if it had happened."""

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from rules.shops import AT, SCHEMA, bought, shop

from segmentkit.model import Change, ChangeSet, Event, Hold
from segmentkit.rules.overlay import PlannedStore, WithoutEvents

CROWD = ("a", "b", "c")
TAGS = ("t-VIP", "t-活跃", "t-新客")
RULES = ("R", "S")

places = st.tuples(st.sampled_from(CROWD), st.sampled_from(TAGS), st.sampled_from(RULES))
forms = st.tuples(st.integers(1, 2), st.none() | st.integers(1, 2))


def by_rule(place, form):
    """A rule's hold; its number of days and its end are among few, so that many look alike."""
    days, ends = form
    expires = None if ends is None else AT + timedelta(days=ends)
    contact, tag, rule = place
    return Hold(contact, tag, "rule", rule, AT - timedelta(days=days), expires)


def shown(store):
    """Every row of a tag with its contact, however it is read."""
    rows = Counter(map(repr, ((c, row) for c in CROWD for row in store.rows("tag", c))))
    assert Counter(map(repr, store.scan("tag"))) == rows
    return Counter(
        (contact, row.time, *sorted(row.fields.items(), key=str))
        for contact, row in store.scan("tag")
    )


@given(
    st.dictionaries(places, forms, max_size=6),
    st.dictionaries(places, st.none() | forms, max_size=4),
    st.sets(st.sampled_from(CROWD)),
)
def test_a_planned_store_shows_the_tags_that_the_store_shows_once_it_is_done(held, planned, marked):
    synced = [Hold(c, "t-VIP", "sync", "wecom", AT - timedelta(days=1)) for c in marked]
    holds = [by_rule(place, form) for place, form in held.items()]
    store = shop(contacts=CROWD, holds=[*holds, *synced])
    changes = []
    for place, form in planned.items():
        before = by_rule(place, held[place]) if place in held else None
        # What a rule sets has no end.
        after = None if form is None else by_rule(place, (form[0], None))
        if before != after:
            changes.append(Change(before, after))
    seen = shown(PlannedStore(store, changes))
    store.apply(ChangeSet(changes, "boss", AT, store.version))
    assert seen == shown(store)


def views():
    """Views, under ids or without; many are alike."""
    return st.lists(
        st.builds(
            lambda c, days, dwell, name, place: Event(
                c,
                "view",
                AT - timedelta(days=days),
                {"dwell": timedelta(seconds=dwell)},
                None if name is None else f"{name}/{c}/{days}/{dwell}/{place}",
                place,
            ),
            st.sampled_from(CROWD),
            st.integers(1, 2),
            st.integers(1, 2),
            st.sampled_from([None, None, "e"]),
            st.integers(0, 1),
        ),
        max_size=5,
    )


def seen(store):
    return Counter(map(repr, store.scan("view")))


@given(views(), views())
def test_without_some_events_a_store_is_as_it_was_before_they_came(early, late):
    store = shop(early, contacts=CROWD)
    known = {event.id for event in early if event.id}
    late = [event for event in late if event.id not in known]
    was = seen(store)
    store.add_events(late)
    assert seen(WithoutEvents(store, late)) == was


def test_events_are_known_in_whatever_form_they_came():
    store = shop([bought("a", 1, 5)])
    late = Event("a", "购买", AT - timedelta(days=2), {"金额": 7})
    store.add_events([late])
    (row,) = WithoutEvents(store, [late]).rows("purchase", "a")
    assert row.time == AT - timedelta(days=1)
    assert SCHEMA.collection("购买").name == "purchase"
