"""What a question brings along: a rule its parameters, a segment its own segments, an old id the new."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.shops import AT, ZONE, bought, held, rule, shop
from rules.small_worlds import AT as SMALL_AT
from rules.small_worlds import SOME, queries

from segmentkit.engines import evaluate, explain, select
from segmentkit.errors import UnknownNameError
from segmentkit.model import SYSTEM, Hold, merge_contacts
from segmentkit.query import QueryError, Segment, parse
from segmentkit.rules import KeptStore, Rule, compare, next_change

LEAST = rule("一", "sum(purchase.amount) >= $least", parameters={"least": 100})


@pytest.fixture
def store():
    return shop([bought("a", 1, 120), bought("b", 2, 50)])


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
def test_a_rule_is_asked_with_its_own_parameters(store, engine):
    assert select(LEAST, store, at=AT, engine=engine) == ["a"]
    given_now = {"least": 10}
    assert select(LEAST, store, at=AT, parameters=given_now, engine=engine) == ["a", "b"]


def test_a_rule_is_evaluated_and_explained_with_its_own_parameters(store):
    assert [evaluate(LEAST, contact, store, at=AT) for contact in "ab"] == [True, False]
    in_full = "sum(purchase.amount) >= 100"
    for contact in "ab":
        assert explain(LEAST, contact, store, at=AT) == explain(in_full, contact, store, at=AT)


@given(queries)
def test_a_rule_without_parameters_is_asked_like_its_text(query):
    assert select(Rule("t", query), SOME, at=SMALL_AT) == select(query, SOME, at=SMALL_AT)


def test_what_is_wrong_with_a_rule_is_shown_in_its_text(store):
    with pytest.raises(QueryError) as caught:
        select(rule("一", "sum(purchase.amuont) >= 100"), store, at=AT)
    assert "amuont" in str(caught.value)


def test_a_segment_knows_nothing_of_the_parameters_of_a_rule(store):
    store.save_segment(Segment("s", "高价值", parse("sum(purchase.amount) >= $least")))
    on_it = rule("一", "in segment '高价值'", parameters={"least": 100})
    with pytest.raises(QueryError, match=r"\$least"):
        select(on_it, store, at=AT)
    assert select(on_it, store, at=AT, parameters={"least": 100}) == ["a"]


# --- contacts that were merged away -------------------------------------------------------------


@pytest.mark.parametrize("kept", [False, True])
def test_the_id_of_a_merged_contact_means_the_one_that_stayed(store, kept):
    store.apply(merge_contacts(store.state, "b", into="a", actor=SYSTEM, at=AT))
    asked = KeptStore(store) if kept else store
    query = "count(purchase) = 2"
    assert evaluate(query, "b", asked, at=AT) is evaluate(query, "a", asked, at=AT) is True
    assert explain(query, "b", asked, at=AT) == explain(query, "a", asked, at=AT)
    turning = rule("一", "did purchase in last 7 days")
    turn = next_change(turning, "b", asked, at=AT, zone=ZONE)
    assert turn == next_change(turning, "a", asked, at=AT, zone=ZONE)
    assert turn is not None
    assert turn.matches is False


def test_an_unknown_id_is_an_error_with_the_id(store):
    for ask in (evaluate, explain):
        with pytest.raises(UnknownNameError, match="nobody"):
            ask("did purchase", "nobody", store, at=AT)


# --- segments before and after an edit ----------------------------------------------------------

SEGMENTS = {
    "高价值": "has tag '等级/VIP'",
    "我的": "has tag '手工/重点' where (staff = $me)",
    "别名": "做过 购买 在 最近 30 天",
    "套": "in segment '高价值' or in segment '我的'",
}


def with_segments():
    since = AT - timedelta(days=2)
    store = shop(
        [bought("a", 1), bought("b", 40)],
        contacts=["c"],
        holds=[held("a", "VIP"), Hold("b", "t-重点", "staff", "li.lei", since)],
    )
    for name, text in SEGMENTS.items():
        store.save_segment(Segment(f"s-{name}", name, parse(text)))
    return store


ASKED = st.sampled_from(
    [f"{said} segment '{name}'" for name in SEGMENTS for said in ("in", "not in")]
    + ["did purchase", "has tag '手工/重点' where (staff = $me)"]
)


@given(ASKED, ASKED, st.sampled_from(["system", "li.lei", "boss"]))
def test_a_preview_of_segments_is_set_algebra_of_two_selects(old, new, who):
    store = with_segments()
    viewer = SYSTEM if who == "system" else store.state.organisation.viewer(who)
    before, after = (set(select(each, store, at=AT, viewer=viewer)) for each in (old, new))
    preview = compare(old, new, store, at=AT, viewer=viewer)
    assert preview.entered == tuple(sorted(after - before))
    assert preview.left == tuple(sorted(before - after))
    assert preview.stayed == tuple(sorted(before & after))
    for contact in (*preview.entered, *preview.left):
        assert preview.because(contact)


def test_a_preview_of_a_segment_that_lost_what_it_needs_is_an_error():
    store = with_segments()
    store.save_segment(Segment("s-旧", "旧", parse("has tag '没有'")))
    with pytest.raises(QueryError, match="没有"):
        compare("did purchase", "in segment '旧'", store, at=datetime(2026, 11, 20, tzinfo=UTC))
