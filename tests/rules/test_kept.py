"""A store whose columns are kept says what the store itself says."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules.shops import AT, DAY, ZONE, bought, held, night, pinned, rule, shop
from rules.test_incremental import (
    CROWD,
    FIRST_DAY,
    NAMES,
    OnlyScans,
    a_world,
    changes_of,
    events_of,
    rules_of_a_night,
    someone,
)

from segmentkit.engines import PopulatedStore, members, select, setting_of
from segmentkit.errors import ConflictingDuplicateError, SegmentkitError, WrongTypeError
from segmentkit.model import (
    SYSTEM,
    Change,
    ChangeSet,
    Contact,
    ContactGroup,
    Event,
    Hold,
    Tag,
    erase_contact,
    merge_contacts,
)
from segmentkit.query import parse
from segmentkit.rules import KeptStore, night_end, plan_next_night
from segmentkit.testing import RowStore

# --- the law, over random nights ----------------------------------------------------------------

MORE = ("x-1", "x-2")


def crowd_changes(draw, store, at):
    """People come, go, are merged and erased; tags move between groups. The change sets."""
    state = store.state
    one = draw(st.sampled_from(MORE))
    there = state.find_contact(one)
    what = draw(st.integers(0, 6))
    if there is None:
        yield [Change(None, someone(draw, one, at))]
        return
    if what == 1:
        yield merge_contacts(state, one, draw(st.sampled_from(CROWD)), actor=SYSTEM, at=at)
    elif what == 2:
        yield erase_contact(state, one, actor=SYSTEM, at=at)
    elif what == 3:
        yield [Change(there, None)]
    elif what == 4:
        tag = state.catalog.tag("重点")
        yield [Change(tag, Tag(tag.id, tag.name, {"hand": "auto", "auto": "hand"}[tag.group]))]
    elif what == 5:
        group = state.groups.group("lower")
        kind = draw(st.sampled_from(["客户", "同事"]))
        yield [Change(group, ContactGroup("lower", "下", kind, parent=group.parent))]
    elif what == 6:
        hold = Hold(one, draw(st.sampled_from(NAMES)), "import", "file", at)
        yield [Change(state.current(hold), hold)]


def do(store, changes, at):
    if not isinstance(changes, ChangeSet):
        changes = ChangeSet(changes, "boss", at, store.version)
    try:
        store.apply(changes)
    except SegmentkitError:
        return False
    return True


@settings(max_examples=settings.default.max_examples // 2)
@given(st.data())
def test_nights_over_a_kept_store_are_those_over_the_store(data):
    draw, day, last, rules = data.draw, FIRST_DAY, None, ()
    store = a_world(draw, night_end(day, ZONE))
    kept = KeptStore(store)
    for number in range(draw(st.integers(2, 4))):
        at = night_end(day, ZONE)
        for changes in crowd_changes(draw, store, at):
            do(store, changes, at)
        events = events_of(draw, f"e{number}", at)
        known = [one for one in MORE if store.state.find_contact(one)]
        events += [Event(one, "view", at, id=f"{one}{number}") for one in known]
        store.add_events(events)
        people = changes_of(draw, store.state, f"d{number}", at)
        if people:
            store.apply(ChangeSet(people, "boss", at, store.version))
        rules = draw(rules_of_a_night(version=number + 1, before=rules))
        full = night(rules, store, day)
        assert night(rules, kept, day, engine="columnar").to_json() == full.to_json()
        if last is not None:
            since = store.state.changes_since(last.changes.base_version)
            step = plan_next_night(
                rules, kept, last.record(), day=day, zone=ZONE, events=events, changes=since
            )
            assert step == full
            assert step.to_json() == full.to_json()
        store.apply(full)
        last = full
        day += timedelta(days=draw(st.sampled_from([1, 1, 2, 7, 30])))


# --- examples -----------------------------------------------------------------------------------

ACTIVE = rule("活跃", "did purchase in last 7 days")
READER = rule("一", "has tag '活跃'")


class Counting:
    """The same store, with a note of each collection that is read as a whole."""

    def __init__(self, store):
        self._store = store
        self.scanned = []

    def __getattr__(self, name):
        return getattr(self._store, name)

    def scan(self, collection):
        self.scanned.append(collection)
        return self._store.scan(collection)


def asked(kept, rules=(ACTIVE, READER), **more):
    return night(rules, kept, engine="columnar", **more)


def test_a_store_is_read_once_whatever_is_asked_and_comes_in():
    store = Counting(shop([bought("a"), bought("b", 30)], contacts=["c"]))
    kept = KeptStore(store)
    assert asked(kept).entered["一"] == ("a",)
    store.apply(asked(kept))
    store.add_events([bought("c", 2)])
    store.apply(ChangeSet([Change(None, Contact("new"))], "boss", AT, store.version))
    store.add_events([bought("new")])
    plan = asked(kept)
    assert plan.entered["一"] == plan.entered["活跃"] == ("c", "new")
    assert sorted(store.scanned) == ["purchase", "tag"]


def test_a_full_night_over_a_plain_store_reads_each_collection_once_for_all_stages():
    store = Counting(shop([bought("a")]))
    chain = [ACTIVE, READER, rule("二", "has tag '一'"), rule("三", "did purchase or has tag '二'")]
    assert asked(store, chain).entered["三"] == ("a",)
    assert sorted(store.scanned) == ["purchase", "tag"]


def test_people_who_go_and_merge_cost_no_reading_anew():
    store = Counting(shop([bought("a"), bought("b", 30), bought("c", 2)]))
    kept = KeptStore(store)
    assert asked(kept).entered["活跃"] == ("a", "c")
    store.apply(merge_contacts(store.state, "a", "b", actor=SYSTEM, at=AT))
    store.apply(ChangeSet([Change(store.state.contact("c"), None)], "boss", AT, store.version))
    assert asked(kept).entered["活跃"] == asked(kept).entered["一"] == ("b",)
    assert select("did purchase exactly 2 times", kept, at=AT) == ["b"]
    assert sorted(store.scanned) == ["purchase", "tag"]


def test_a_hold_that_went_is_gone_from_the_columns():
    store = shop(contacts=["a", "b"], holds=[held("a", "活跃", "sync", "wecom"), held("b", "活跃")])
    kept = KeptStore(store)
    assert select("has tag '活跃'", kept, at=AT) == ["a", "b"]
    store.apply(ChangeSet([Change(held("b", "活跃"), None)], "boss", AT, store.version))
    assert select("has tag '活跃'", kept, at=AT) == ["a"]
    pin = pinned("a", "活跃", "against")
    store.apply(ChangeSet([Change(None, pin)], "boss", AT, store.version))
    assert select("has tag '活跃'", kept, at=AT) == []


def test_who_went_is_gone_from_the_columns():
    store = shop([bought("a"), bought("b")])
    kept = KeptStore(store)
    assert select("did purchase", kept, at=AT) == ["a", "b"]
    store.apply(erase_contact(store.state, "a", actor=SYSTEM, at=AT))
    assert select("did purchase", kept, at=AT) == ["b"]
    assert select("did not purchase", kept, at=AT) == []


def test_rows_are_found_by_time_in_the_columns():
    end = held("a", "VIP").assigned.replace(year=2027)
    store = shop([bought("a", 3), bought("b", 5)], holds=[held("a", "VIP", expires=end)])
    scans, kept = OnlyScans(store), KeptStore(OnlyScans(store))
    assert not hasattr(scans, "contacts_between")
    start, stop = bought("a", 5).time, bought("a", 3).time
    assert list(kept.contacts_between("purchase", start, stop)) == ["b"]
    assert list(kept.contacts_expiring(AT, end)) == ["a"]
    assert list(kept.contacts_expiring(end - timedelta(microseconds=1), end)) == ["a"]
    assert list(kept.contacts_expiring(end, end.replace(year=2028))) == []
    assert list(kept.contacts_expiring(AT, end.replace(year=2026))) == []


def test_each_row_is_taken_in_once():
    store = shop(contacts=["a"])
    kept = KeptStore(store)
    for number in range(1, 4):
        store.add_events([Event("a", "view", AT - timedelta(days=1))])
        for _ in range(2):
            assert select(f"did view exactly {number} times", kept, at=AT) == ["a"]


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
@pytest.mark.parametrize("made", [lambda store: store, KeptStore], ids=["plain", "kept"])
def test_only_those_who_are_asked_are_told(made, engine):
    store = made(shop([bought("a"), bought("b"), bought("c", 30)]))
    setting = setting_of(store, at=AT)
    conditions = {
        name: parse(text) for name, text in (("active", ACTIVE.text), ("ever", "did purchase"))
    }
    among = {"a", "c", "nobody"}
    found = members(conditions, store, setting, engine=engine, among=among)
    assert found == {"active": ["a"], "ever": ["a", "c"]}
    assert members(conditions, store, setting, engine=engine, among=set()) == {
        "active": [],
        "ever": [],
    }


def test_a_refused_row_leaves_the_columns_as_they_were():
    store = shop([bought("a")])
    kept = KeptStore(store)
    assert select("did purchase", kept, at=AT) == ["a"]
    (row,) = store.rows("purchase", "a")
    store._arrived.append(("purchase", "a", row._replace(fields={"category": "帽"})))
    for _ in range(2):
        with pytest.raises(ConflictingDuplicateError):
            select("did purchase", kept, at=AT)
    store._arrived.pop()
    store.add_events([bought("a", 2)])
    assert select("did purchase at least 2 times", kept, at=AT) == ["a"]


def test_a_store_that_does_not_say_what_is_new_cannot_be_kept():
    with pytest.raises(WrongTypeError, match="news_since"):
        KeptStore(RowStore(shop().schema, {}))


def test_a_kept_store_has_its_population_at_hand():
    assert isinstance(KeptStore(shop()), PopulatedStore)
    assert not isinstance(shop(), PopulatedStore)


def test_late_news_are_taken_in_even_when_only_a_few_are_asked():
    store = shop([bought("a", 3)], contacts=["b"])
    kept = KeptStore(store)
    first = asked(kept)
    store.apply(first)
    late = bought("b", 2)
    store.add_events([late])
    since = store.state.changes_since(first.changes.base_version)
    following = {"day": DAY + timedelta(days=1), "zone": ZONE, "events": [late], "changes": since}
    plan = plan_next_night([ACTIVE, READER], kept, first.record(), **following)
    assert plan.entered["一"] == plan.entered["活跃"] == ("b",)
    assert plan.examined == 1


def test_reasons_for_many_are_looked_up_in_columns_and_are_the_same():
    events = [bought(f"c{number}", number % 40, 10 * number) for number in range(600)]
    rules = [
        rule("VIP", "sum(purchase.amount in last 30 days) >= 100 or level >= 3"),
        rule("活跃", "did purchase in last 7 days having (max(amount) > 50)"),
        rule("一", "has tag 'VIP' and has no tag '活跃'"),
    ]
    store = shop(events, holds=[held(f"c{number}", "活跃") for number in range(300)])
    for lang in ("en", "zh"):
        plain = night(rules, store, lang=lang)
        assert len(plain.entered["VIP"]) > 200
        assert len(plain.left["活跃"]) > 200
        kept = night(rules, KeptStore(store), engine="columnar", lang=lang)
        assert kept.to_json() == plain.to_json()
