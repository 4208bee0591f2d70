"""The preview of an edit: set algebra of two questions, and for each change the clause to blame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.shops import AT, ZONE, bought, shop
from rules.small_worlds import AT as SMALL_AT
from rules.small_worlds import SCHEMA, SOME, queries, verdicts

from segmentkit.engines import select
from segmentkit.errors import InvalidValueError, UnknownKeyError
from segmentkit.model import Contact
from segmentkit.query import QueryError, bind, parse
from segmentkit.rules import Rule, compare, difference


@st.composite
def edited(draw):
    """A query and what an editor made of it: clauses changed, added, taken out."""
    clauses = draw(st.lists(queries, min_size=1, max_size=4))
    word = draw(st.sampled_from([" and ", " or "]))
    others = list(clauses)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(others)))
        others[place : place + draw(st.integers(0, 1))] = draw(st.lists(queries, max_size=1))
    return tuple(
        word.join(f"({clause})" for clause in part or clauses) for part in (clauses, others)
    )


PAIRS = edited() | st.tuples(queries, queries)


@given(PAIRS)
def test_no_edit_is_the_old_condition_and_all_edits_are_the_new_one(pair):
    old, new = (bind(parse(query), SCHEMA) for query in pair)
    between = difference(old, new)
    assert verdicts(between.apply(())) == verdicts(old)
    assert verdicts(between.apply(range(len(between.edits)))) == verdicts(new)


@given(PAIRS)
def test_who_enters_leaves_and_stays_is_set_algebra_of_two_selects(pair):
    old, new = (set(select(query, SOME, at=SMALL_AT, engine="interpreter")) for query in pair)
    preview = compare(*pair, SOME, at=SMALL_AT, engine="interpreter")
    assert preview.entered == tuple(sorted(new - old))
    assert preview.left == tuple(sorted(old - new))
    assert preview.stayed == tuple(sorted(old & new))


@given(PAIRS)
def test_the_edits_named_turn_the_contact_and_none_can_be_left_out(pair):
    old, new = (bind(parse(query), SCHEMA) for query in pair)
    between = difference(old, new)
    preview = compare(old, new, SOME, at=SMALL_AT, engine="interpreter")
    assert preview.edits == between.edits

    def matching(numbers):
        return set(select(between.apply(numbers), SOME, at=SMALL_AT, engine="interpreter"))

    alone = [matching([number]) ^ matching([]) for number in range(len(between.edits))]
    for contact in (preview.entered + preview.left)[:5]:
        named = [between.edits.index(edit) for edit in preview.because(contact)]
        assert contact in matching(named) ^ matching([])
        if len(named) > 1:
            assert not any(contact in turned for turned in alone)
            for number in named:
                fewer = [other for other in named if other != number]
                assert contact not in matching(fewer) ^ matching([])


# --- the smallest clause --------------------------------------------------------------------------

EDITS = [
    ("age > 30", "age > 20", ["age > 30 → age > 20"]),
    ("age > 30", "age > 30 and vip", ["added vip"]),
    ("age > 30 and vip", "age > 30", ["removed vip"]),
    ("age > 30 or vip", "vip or age > 20", ["age > 30 → age > 20"]),
    ("age > 30 and vip", "city = 'a' and vip", ["removed age > 30", "added city = 'a'"]),
    (
        "did purchase at least 3 times in last 30 days",
        "did purchase at least 3 times in last 60 days",
        ["did purchase in last 30 days → did purchase in last 60 days"],
    ),
    (
        "did purchase where (amount > 3 and paid) at least 3 times",
        "did purchase where (amount > 2 and paid) at least 2 times",
        [
            "did purchase at least 3 times → did purchase at least 2 times",
            "amount > 3 → amount > 2",
        ],
    ),
    (
        "did purchase having (count() >= 3 and sum(amount) > 5)",
        "did purchase having (count() >= 2 and sum(amount) > 5)",
        ["count() >= 3 → count() >= 2"],
    ),
    ("did purchase", "did purchase where (paid)", ["did purchase → did purchase where (paid)"]),
    ("did purchase", "did not purchase", ["did purchase → did not purchase"]),
    ("has tag 'a'", "has all tag ('a', 'b')", ["has tag 'a' → has all tag ('a', 'b')"]),
    ("not (age > 3 and vip)", "not (age > 2 and vip)", ["age > 3 → age > 2"]),
    (
        "age > 3 and (vip or city = 'a')",
        "age > 3 and (vip or city = 'b')",
        ["city = 'a' → city = 'b'"],
    ),
    ("age > 3", "did purchase", ["age > 3 → did purchase"]),
    ("age > 3 and vip", "vip and age > 3", []),
]


@pytest.mark.parametrize(("old", "new", "edits"), EDITS)
def test_an_edit_is_the_smallest_clause_that_differs(old, new, edits):
    between = difference(bind(parse(old), SCHEMA), bind(parse(new), SCHEMA))
    assert [str(edit) for edit in between.edits] == edits


def test_two_edits_are_named_where_one_alone_does_nothing():
    store = shop(contacts=[Contact("c", {"level": 2, "city": "厦门"})])
    preview = compare(
        "level > 3 and city = '福州'", "level > 1 and city = '厦门'", store, at=AT, zone=ZONE
    )
    assert preview.entered == ("c",)
    assert [str(edit) for edit in preview.because("c")] == [
        "level > 3 → level > 1",
        "city = '福州' → city = '厦门'",
    ]


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
def test_a_preview_reads_like_a_summary(engine):
    events = [bought("a"), bought("a", 2), bought("b"), bought("c", 40), bought("c", 41)]
    old = Rule(tag="等级/活跃", when="did purchase at least 2 times")
    new = "做过 购买 至少 1 次 最近 30 天"
    preview = compare(old, new, shop(events), at=AT, zone=ZONE, engine=engine)
    assert preview.text() == (
        "enter 1, leave 1, stay 1\n"
        "enter 1 because of: did purchase at least 2 times → did purchase at least 1 time\n"
        "leave 1 because of: did purchase → did purchase in last 30 days"
    )
    assert preview.text("zh") == (
        "进入 1, 离开 1, 保留 1\n"
        "进入 1 因为: 做过 购买 至少 2 次 → 做过 购买 至少 1 次\n"
        "离开 1 因为: 做过 购买 → 做过 购买 最近 30 天"
    )
    with pytest.raises(UnknownKeyError, match="'a'"):
        preview.because("a")


def test_what_turns_most_contacts_is_told_first():
    few, many = [bought("a", 40)], [bought(f"b{number}", 1) for number in range(3)]
    old, new = "did purchase in last 90 days", "did purchase in last 30 days and level is missing"
    store = shop([*few, *many], contacts=[Contact(one.contact, {"level": 1}) for one in many])
    preview = compare(old, new, store, at=AT, zone=ZONE)
    assert preview.text().splitlines() == [
        "enter 0, leave 4, stay 0",
        "leave 3 because of: added level is missing",
        "leave 1 because of: did purchase in last 90 days → did purchase in last 30 days",
    ]


def test_html_escapes_every_word():
    store = shop(contacts=[Contact("c", {"city": "<b>"})])
    preview = compare("city = '厦门'", "city = '<b>'", store, at=AT, zone=ZONE)
    for html in (preview.html(), preview.html("zh"), preview._repr_html_()):
        assert "&lt;b&gt;" in html
        assert "<b>'" not in html


def test_html_speaks_the_language_that_is_asked_for():
    store = shop(contacts=[Contact("c", {"city": "福州"})])
    preview = compare("city = '厦门'", "city = '福州'", store, at=AT, zone=ZONE)
    assert "enter 1" in preview.html() == preview._repr_html_()
    assert "进入 1" in preview.html("zh")
    assert "因为" in preview.html("zh")
    with pytest.raises(InvalidValueError, match="'zh'"):
        preview.html("fr")


def test_the_same_condition_changes_nothing():
    preview = compare("level > 3", "level  >  3.0", shop(), at=AT, zone=ZONE)
    assert str(preview) == "the two say the same"
    assert preview.text("zh") == "两者相同"
    assert (preview.entered, preview.left, preview.edits) == ((), (), ())


def test_a_rule_brings_its_parameters():
    store = shop(contacts=[Contact("c", {"level": 2})])
    old = Rule(tag="等级/VIP", when="level >= $least", parameters={"least": 3})
    preview = compare(old, "level >= $least", store, at=AT, zone=ZONE, parameters={"least": 3})
    assert preview.edits == ()
    new = Rule(tag="等级/VIP", when="level >= $least", parameters={"least": 2}, version=2)
    assert compare(old, new, store, at=AT, zone=ZONE).entered == ("c",)


def test_an_edit_that_cannot_be_read_is_refused():
    with pytest.raises(QueryError):
        compare("level > 3", "levle > 3", shop(), at=AT, zone=ZONE)


def test_dates_of_the_zone_count():
    events = [bought("c", 30 - 1 / 24)]
    preview = compare(
        "did purchase in last 29 days",
        "did purchase in last 30 days",
        shop(events),
        at=AT,
        zone=ZONE,
    )
    assert preview.entered == ("c",)
