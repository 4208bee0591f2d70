"""Odd and large input: right, or a clear error."""

from datetime import UTC, date, datetime, timedelta

import pytest
from rules.shops import AT, CATALOG, DAY, SCHEMA, bought, night, rule, shop, sizes

from segmentkit.errors import ConflictingDuplicateError, UnknownNameError
from segmentkit.model import UNLIMITED, Contact, Event, Origin, Settings, State, Tag
from segmentkit.rules import Rule
from segmentkit.stores import MemoryStore

ENGINES = pytest.mark.parametrize("engine", ["interpreter", "columnar"])
EVER = rule("VIP", "did purchase")
TOTAL = rule("一", "sum(purchase.amount) < 0")
LATELY = rule("活跃", "did purchase in last 10000 years")


@ENGINES
def test_events_out_of_order_and_twice_count_once(engine):
    events = [bought("a", days) for days in (3, 1, 2)]
    store = shop(events)
    assert store.add_events(reversed(events)) == 0
    often = rule("VIP", "count(purchase) = 3 and first(purchase.time) < last(purchase.time)")
    assert night(often, store, engine=engine).entered["VIP"] == ("a",)


def test_the_same_id_with_other_content_is_refused_and_nothing_of_the_batch_is_kept():
    store = shop([bought("a", 1, 10)])
    known = bought("a", 1, 10)
    other = Event("a", "purchase", known.time, {"amount": 11}, known.id)
    with pytest.raises(ConflictingDuplicateError, match=r"a:"):
        store.add_events([bought("a", 2), other])
    assert sizes(night(rule("VIP", "count(purchase) = 1"), store)) == {"VIP": (1, 0, 0)}


def test_an_event_of_an_unknown_contact_is_refused():
    with pytest.raises(UnknownNameError, match="ghost"):
        shop(contacts=["a"]).add_events([bought("ghost")])


@ENGINES
def test_negative_amounts_are_amounts(engine):
    store = shop([bought("a", 1, "-0.01"), bought("b", 1, 0)])
    assert night(TOTAL, store, engine=engine).entered["一"] == ("a",)


@ENGINES
def test_absurd_times_are_times(engine):
    edges = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)]
    events = [
        Event(name, "purchase", when, {"amount": 1}, name)
        for name, when in zip(("first", "last"), edges, strict=True)
    ]
    store = shop(events, contacts=["none"])
    for day in (date(1, 1, 2), DAY, date(9999, 12, 30)):
        plan = night([EVER, LATELY], store, day, engine=engine, zone="UTC")
        assert plan.entered["VIP"] == plan.entered["活跃"] == ("first",)


@ENGINES
def test_what_lies_ahead_is_not_seen_yet(engine):
    store = shop([bought("a", -400)])
    assert night(EVER, store, engine=engine).entered["VIP"] == ()
    later = night(EVER, store, DAY + timedelta(days=401), engine=engine)
    assert later.entered["VIP"] == ("a",)


@ENGINES
def test_empty_stores_single_contacts_and_no_rules(engine):
    assert len(night([EVER, TOTAL], shop(), engine=engine)) == 0
    assert len(night([], shop([bought("a")]), engine=engine)) == 0
    assert night(rule("VIP", "did not purchase"), shop(contacts=["a"]), engine=engine).entered[
        "VIP"
    ] == ("a",)


@ENGINES
def test_three_thousand_rules_are_decided_in_one_night(engine):
    tags = [Tag(f"n{n}", f"第{n}", "level", origin=Origin.AUTOMATIC) for n in range(3_000)]
    state = State.of(SCHEMA, [Settings(UNLIMITED), *CATALOG, *tags, Contact("a"), Contact("b")])
    store = MemoryStore(state, [bought("a", n, 1) for n in range(1, 31)])
    rules = [
        Rule(f"n{n}", f"count(purchase in last {1 + n % 40} days) >= {1 + n // 100}")
        for n in range(3_000)
    ]
    plan = night(rules, store, engine=engine)
    expected = {f"n{n}" for n in range(3_000) if min(30, 1 + n % 40) >= 1 + n // 100}
    assert {o.tag for o in plan.outcomes if o.entered == ("a",)} == expected
    assert all(o.entered in ((), ("a",)) for o in plan.outcomes)
    assert plan.at == AT


def test_a_long_chain_of_rules_is_followed_without_recursion():
    count = 500
    tags = [Tag(f"n{n}", f"第{n}", "level", origin=Origin.AUTOMATIC) for n in range(count)]
    state = State.of(SCHEMA, [Settings(UNLIMITED), *CATALOG, *tags])
    rules = [Rule("n0", "did purchase")]
    rules += [Rule(f"n{n}", f"has tag 'n{n - 1}'") for n in range(1, count)]
    assert len(night(reversed(rules), MemoryStore(state)).outcomes) == count


def test_three_thousand_rules_in_one_circle_are_told_in_one_night():
    count = 3_000
    tags = [Tag(f"n{n}", f"第{n}", "level", origin=Origin.AUTOMATIC) for n in range(count)]
    state = State.of(SCHEMA, [Settings(UNLIMITED), *CATALOG, *tags])
    saved = AT - timedelta(days=1)
    rules = [Rule(f"n{n}", f"has tag 'n{(n + 1) % count}'", saved=saved) for n in range(count)]
    assert len(night(rules, MemoryStore(state)).invalid) == count
