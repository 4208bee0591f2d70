"""Promise 10: the same event counts once; the same id with other content is an error."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from cases.schema import SHOP
from hypothesis import given
from hypothesis import strategies as st
from laws.worlds import row

from segmentkit.errors import ConflictingDuplicateError
from segmentkit.model import Contact, Event, State
from segmentkit.stores import MemoryStore

WHEN = datetime(2026, 11, 20, 8, tzinfo=UTC)


def test_the_same_id_with_the_same_content_counts_once(holds):
    bought = row(WHEN, id="e1", sku="s1", amount=Decimal("5.00"))
    again = row(WHEN, id="e1", sku="s1", amount=Decimal(5))
    assert holds("count(purchase) = 1 and sum(purchase.amount) = 5", purchase=[bought, again])
    assert holds("did not purchase then did purchase", purchase=[bought, again])


def test_the_very_same_row_given_twice_counts_once(holds):
    bought = row(WHEN, id="e1")
    assert holds("count(purchase) = 1", purchase=[bought, bought, bought])


def test_nothing_said_in_two_ways_is_the_same_content(holds):
    rows = [row(WHEN, id="e1", sku=nothing, weight=float("nan")) for nothing in (None, "", " ")]
    assert holds("count(purchase) = 1", purchase=[*rows, row(WHEN, id="e1")])


def test_a_blank_id_is_no_id(holds):
    rows = [row(WHEN, sku=sku)._replace(id="") for sku in ("s1", "s2", "s2")]
    assert holds("count(purchase) = 3 and last(purchase.id) is missing", purchase=rows)


def test_the_same_id_with_other_content_is_an_error(holds):
    bought = row(WHEN, id="e1", sku="s1")
    for other in (
        row(WHEN, id="e1", sku="s2"),
        row(WHEN, id="e1"),
        row("2026-11-19T08:00", id="e1", sku="s1"),
    ):
        with pytest.raises(ConflictingDuplicateError):
            holds("did purchase where (sku = 's1')", purchase=[bought, other])


def test_without_an_id_every_row_counts(holds):
    rows = [row(WHEN, id=None, sku="s1") for _ in range(3)]
    assert holds("count(purchase) = 3", purchase=rows)


def test_the_same_id_in_another_collection_is_another_thing(holds):
    rows = {"purchase": [row(WHEN, id="e1")], "view_product": [row(WHEN, id="e1", sku="s1")]}
    assert holds("count(purchase) + count(view_product) = 2", **rows)


def event(**changes):
    given_ = {"contact": "c", "type": "purchase", "time": WHEN, "fields": {"sku": "s1"}, "id": "e1"}
    return Event(**{**given_, **changes})


def store():
    return MemoryStore(State.of(SHOP, [Contact("c"), Contact("d")]))


def test_the_memory_store_takes_an_event_once():
    memory = store()
    assert memory.add_events([event(), event()]) == 1
    assert memory.add_events([event()]) == 0
    assert len(list(memory.rows("purchase", "c"))) == 1


@pytest.mark.parametrize(
    "other", [{"fields": {"sku": "s2"}}, {"contact": "d"}, {"time": WHEN.replace(hour=9)}]
)
def test_the_memory_store_refuses_a_conflict_and_takes_nothing(other):
    memory = store()
    memory.add_events([event()])
    with pytest.raises(ConflictingDuplicateError):
        memory.add_events([event(id="e2"), event(**other)])
    assert [r.id for r in memory.rows("purchase", "c")] == ["e1"]
    assert not list(memory.rows("purchase", "d"))


@given(copies=st.lists(st.integers(0, 4), max_size=12))
def test_repeating_events_never_changes_a_verdict(holds, copies):
    rows = [row(f"2026-11-{n + 10}T08:00", id=f"e{n}", quantity=n) for n in range(5)]
    given_ = [rows[n] for n in copies]
    once = [rows[n] for n in sorted(set(copies))]
    for query in (
        "sum(purchase.quantity) >= 4",
        "count(purchase) = 3",
        "did purchase then did purchase",
    ):
        assert holds(query, purchase=given_) == holds(query, purchase=once)
