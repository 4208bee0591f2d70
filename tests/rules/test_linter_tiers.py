"""Tiers: overlaps and gaps are found, and each comes with someone who proves it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.small_worlds import SCHEMA, queries

from segmentkit.model import standard_schema
from segmentkit.query.builder import average, call, count, distinct, field, total
from segmentkit.rules import Rule, lint_tiers, templates

SHOP = standard_schema()


def found(*queries, schema=SHOP):
    rules = [Rule(tag=f"{number}", when=query) for number, query in enumerate(queries, 1)]
    return [(odd.code, odd.args["example"]) for odd in lint_tiers(rules, schema)]


PLANTED = [
    # Overlaps.
    (["age >= 30", "age between 18 and 30", "age < 18 or age is missing"], ["tiers_overlap: age = 30"]),
    (
        ["did purchase at least 3 times", "did purchase at least 3 times in last 30 days"],
        ["tiers_overlap: count(purchase) = 3; count(purchase in last 30 days) = 3", "tiers_end: count(purchase) = 0"],
    ),
    (
        ["sum(purchase.amount) >= 1000", "sum(purchase.amount) <= 1000"],
        ["tiers_overlap: sum(purchase.amount) = 1000.00"],
    ),
    (
        ["has tag 'VIP'", "has no tag '普通'"],
        ["tiers_overlap: has tag 'VIP': yes; has tag '普通': no", "tiers_end: has tag 'VIP': no"],
    ),
    (
        ["did purchase having (count() >= 3 and sum(amount) >= 1000)", "count(purchase) < 3", "sum(purchase.amount) < 2000"],
        [
            "tiers_overlap: count(purchase) = 3; sum(purchase.amount) = 1000.00",
            "tiers_overlap: count(purchase) = 0; sum(purchase.amount) = 0.00",
        ],
    ),
    # Gaps.
    (["age > 30", "age < 30"], ["tiers_end: age = missing", "tiers_gap: age = 30"]),
    (["avg(purchase.amount) >= 200", "avg(purchase.amount) < 99.5"], ["tiers_end: avg(purchase.amount) = missing", "tiers_gap: avg(purchase.amount) = 99.5"]),
    (
        ["count(purchase) >= 6", "count(purchase) between 3 and 4", "count(purchase) = 1"],
        ["tiers_end: count(purchase) = 0", "tiers_gap: count(purchase) = 2", "tiers_gap: count(purchase) = 5"],
    ),
    (["age(birthday) >= 60", "age(birthday) < 18"], ["tiers_end: birthday = missing", "tiers_gap: birthday = 2009-07-06"]),
    (["city = '福州'", "city = '厦门'"], ["tiers_end: city = missing", "tiers_end: city = x"]),
    # Neither.
    (["count(purchase) >= 6", "count(purchase) between 3 and 5", "count(purchase) < 3"], []),
    (["age >= 18", "age < 18", "age is missing"], []),
    (["did purchase", "did not purchase"], []),
    (["city = '福州'", "city != '福州'"], []),
]  # fmt: skip


@pytest.mark.parametrize(("tiers", "expected"), PLANTED, ids=[" | ".join(t) for t, _ in PLANTED])
def test_what_is_planted_is_found_and_nothing_else(tiers, expected):
    assert [f"{code}: {example}" for code, example in found(*tiers)] == expected


MEASURES = st.sampled_from(
    [
        count("purchase"),
        count("purchase").last(days=7),
        distinct("purchase.category"),
        total("purchase.amount"),
        average("purchase.amount"),
        field("age"),
        call("age", field("birthday")),
        total("view_material.duration"),
    ]
)


@given(MEASURES, st.lists(st.integers(1, 40), min_size=2, max_size=4, unique=True).map(sorted))
def test_bands_never_overlap_and_leave_no_gap_between(measure, starts):
    if measure.value == total("view_material.duration").value:
        starts = [timedelta(minutes=start) for start in starts]
    family = templates.bands(measure, dict(zip("甲乙丙丁", starts, strict=False)))
    assert {odd.code for odd in lint_tiers(family, SHOP)} <= {"tiers_end"}


@given(MEASURES, st.lists(st.integers(1, 40), min_size=3, max_size=4, unique=True).map(sorted))
def test_bands_of_which_one_is_taken_out_have_a_gap_where_it_was(measure, starts):
    if measure.value == total("view_material.duration").value:
        return
    first, _, *others = templates.bands(measure, dict(zip("甲乙丙丁", starts, strict=False)))
    codes = [odd.code for odd in lint_tiers([first, *others], SHOP)]
    assert codes.count("tiers_gap") == 1
    assert "tiers_overlap" not in codes


@given(queries, queries)
def test_rules_that_surely_share_nobody_are_never_said_to_overlap(one, other):
    first, second = (f"({one}) and vip", f"({other}) and not vip")
    assert "tiers_overlap" not in {code for code, _ in found(first, second, schema=SCHEMA)}
    assert found(one, f"not ({one})", schema=SCHEMA) == []


def test_examples_are_values_that_fields_can_hold():
    three = "did purchase exactly 3 times having (sum(amount) = 100)"
    assert [code for code, _ in found(three, "count(purchase) > 2")][:1] == ["tiers_overlap"]


def test_a_finding_speaks_both_languages():
    tiers = [Rule(tag="大", when="年龄 >= 30"), Rule(tag="小", when="年龄 <= 30 或 年龄 缺失")]
    (odd,) = lint_tiers(tiers, SHOP)
    assert odd.message() == "'大' and '小' overlap: both take in who has age = 30"
    assert odd.message("zh") == "“大”和“小”重叠:年龄 = 30 的人两者都符合"


def test_dates_that_rules_name_lie_behind_the_example():
    since = date(2030, 5, 1)
    assert found(f"did purchase since {since}", "did purchase") == [
        ("tiers_overlap", "count(purchase since 2030-05-01) = 1; count(purchase) = 1"),
        ("tiers_end", "count(purchase since 2030-05-01) = 0"),
    ]


def test_nothing_is_said_where_nobody_can_be_asked():
    assert found("in segment '高价值'", "not in segment '高价值'") == []
    assert found("age > $low", "age > $low") == []
