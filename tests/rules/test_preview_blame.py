"""Whom the preview blames: taking the named clauses' change back gives the old verdict again."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules.small_worlds import AT, SCHEMA, SOME, queries

from segmentkit.engines import select
from segmentkit.query import bind, parse
from segmentkit.rules import compare, difference, edits, preview

CLAUSES = st.sampled_from(
    [
        "age > 1",
        "age > 2",
        "city = 'a'",
        "city contains 'a'",
        "vip",
        "vip is not true",
        "did purchase",
        "did purchase at least 2 times",
        "did purchase where (amount > 1) in last 30 days",
        "did purchase where (amount > 2 and paid) in last 31 days",
        "did purchase having (sum(amount) > 2 and count() >= 2)",
        "did purchase having (sum(amount) > 1)",
        "did not purchase in last 7 days",
        "has tag 'a'",
        "has tag ('a', 'b')",
    ]
)


@st.composite
def edited(draw):
    """A condition, and the same after one clause was changed in any place of it."""
    clauses = draw(st.lists(CLAUSES | queries, min_size=1, max_size=4))
    other = list(clauses)
    place = draw(st.integers(0, len(other) - 1))
    other[place] = draw(CLAUSES)
    word = draw(st.sampled_from([" and ", " or "]))
    shape = draw(st.sampled_from(["{}", "not ({})", "({}) and age is known", "vip or ({})"]))
    return tuple(shape.format(word.join(f"({c})" for c in each)) for each in (clauses, other))


def members(condition):
    return set(select(condition, SOME, at=AT, engine="interpreter"))


def blamed(pair):
    """For some who enter or leave: the contact, the edits named, and what does some of the edits."""
    old, new = (bind(parse(query), SCHEMA) for query in pair)
    between = difference(old, new)
    seen = compare(old, new, SOME, at=AT, engine="interpreter")
    for contact in (seen.entered + seen.left)[:6]:
        # By place, because two edits may read the same.
        named = set(seen._because[contact])
        assert seen.because(contact) == tuple(between.edits[number] for number in sorted(named))
        yield contact, named, between


@settings(max_examples=50)
@given(edited())
def test_the_edits_named_do_it_and_with_them_taken_back_from_that_nothing_is_done(pair):
    for contact, named, between in blamed(pair):
        old = contact in members(between.apply(()))
        assert (contact in members(between.apply(named))) is not old
        for number in named:
            assert (contact in members(between.apply(named - {number}))) is old


def _causes(contact, between):
    """Every set of edits that turns the contact and of which none can be left out, by trying all."""
    old = contact in members(between.apply(()))
    numbers = range(len(between.edits))
    turning = [
        set(some)
        for size in range(len(numbers) + 1)
        for some in combinations(numbers, size)
        if (contact in members(between.apply(some))) is not old
    ]
    return [some for some in turning if not any(other < some for other in turning)]


@settings(max_examples=40)
@given(edited())
def test_where_there_is_one_cause_taking_any_of_it_back_restores_the_verdict(pair):
    for contact, named, between in blamed(pair):
        everything = set(range(len(between.edits)))
        if len(everything) > 4:
            continue
        causes = _causes(contact, between)
        assert named in causes
        assert (len(named) == 1) is any(len(cause) == 1 for cause in causes)
        if len(causes) == 1:
            old = contact in members(between.apply(()))
            for number in named:
                assert (contact in members(between.apply(everything - {number}))) is old


def _nothing_left_out(self, all_edits, contacts, before):
    return {all_edits: contacts} if contacts else {}


@pytest.mark.parametrize(
    ("place", "name", "wrong"),
    [
        (preview._Asker, "reasons", lambda self, turned: dict.fromkeys(turned, (0,))),
        (preview._Asker, "_shrunk", _nothing_left_out),
        (edits, "_about", type),
    ],
    ids=["the first is blamed", "nothing is left out", "clauses are paired by kind"],
)
def test_a_planted_fault_is_seen(place, name, wrong, monkeypatch):
    monkeypatch.setattr(place, name, wrong)
    pair = ("age > 3 and age < 9 and city = 'b'", "age > 3 and age < 2 and city = 'a' and age > -5")
    pair2 = ("age > 2 and vip and city = 'a'", "age > 0 and vip is not true and city = 'b'")
    told = [
        (named in _causes(contact, between), len(between.edits))
        for each in (pair, pair2)
        for contact, named, between in blamed(each)
    ]
    assert told
    monkeypatch.undo()
    right = [
        (named in _causes(contact, between), len(between.edits))
        for each in (pair, pair2)
        for contact, named, between in blamed(each)
    ]
    assert all(ok for ok, _ in right)
    assert told != right
