"""Bands: everyone is in exactly one of them, or in the gap that they name."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws.worlds import Asker, row
from rules.shops import DAY, bought, night, shop, tagged

from segmentkit.errors import DuplicateNameError, InvalidValueError, WrongTypeError
from segmentkit.model import standard_schema
from segmentkit.query import format, parse  # noqa: A004
from segmentkit.query.builder import average, call, count, did, distinct, field, last_of, total
from segmentkit.rules.templates import bands

SCHEMA = standard_schema()
asked = Asker("interpreter")


def named(starts):
    return dict(zip("甲乙丙丁", starts, strict=False))


MEASURES = st.sampled_from(
    [
        count("purchase"),
        count("purchase").last(days=7),
        count("purchase").where(field("category") == "鞋"),
        distinct("purchase.category"),
        total("purchase.amount"),
        average("purchase.amount"),
        last_of("purchase.amount"),
        total("purchase.amount") - total("purchase.amount").last(days=7),
        total("purchase.amount") / count("purchase").last(days=7),
        -count("purchase"),
        field("age"),
        call("age", field("birthday")),
    ]
)
STARTS = st.lists(st.integers(-2, 6), min_size=1, max_size=4, unique=True).map(sorted)
PURCHASES = st.lists(
    st.builds(
        lambda when, amount, category: row(
            when, amount=None if amount is None else Decimal(amount), category=category
        ),
        st.sampled_from(["2026-11-20T12:00", "2026-01-01T12:00"]),
        st.none() | st.integers(-2, 4),
        st.sampled_from(["鞋", "袜", None]),
    ),
    max_size=4,
)
CONTACTS = st.fixed_dictionaries(
    {
        "age": st.none() | st.integers(-3, 7),
        "birthday": st.none() | st.dates(date(2018, 1, 1), date(2027, 1, 1)),
    }
)


@given(MEASURES, STARTS, st.booleans(), CONTACTS, PURCHASES)
def test_everyone_is_in_exactly_one_band_or_in_the_gap(measure, starts, open_start, fields, items):
    family = bands(measure, named([None, *starts[1:]] if open_start else starts))
    parts = [rule.condition for rule in family]
    if family.gap is not None:
        parts.append(family.gap)
    assert sum(asked(part, fields, schema=SCHEMA, purchase=items) for part in parts) == 1


@given(MEASURES, STARTS)
def test_bands_and_their_gap_can_be_edited_as_text(measure, starts):
    family = bands(measure, named(starts))
    for condition in [*(rule.condition for rule in family), family.gap]:
        for lang in ("en", "zh"):
            assert parse(format(condition, lang)) == condition


def test_customers_are_small_middle_or_big():
    family = bands(total("purchase.amount"), {"小客户": None, "中客户": 1000, "大客户": 10_000})
    assert [rule.tag for rule in family] == ["小客户", "中客户", "大客户"]
    assert [format(rule.condition, "zh", schema=SCHEMA) for rule in family] == [
        "总和(购买.金额) < 1000",
        "总和(购买.金额) >= 1000 且 总和(购买.金额) < 10000",
        "总和(购买.金额) >= 10000",
    ]
    assert family.gap is None
    assert len(family) == 3


def test_who_has_no_value_is_in_the_gap():
    assert format(bands(field("age"), {"成年": 18}).gap) == "age < 18 or age is missing"
    assert format(bands(field("age"), {"未成年": None, "成年": 18}).gap) == "age is missing"


def test_one_band_without_a_start_takes_in_whoever_has_a_value():
    (rule,) = bands(field("age"), {"有年龄": None})
    assert format(rule.condition) == "age is known"


def test_a_band_of_one_number_says_that_number():
    assert [format(r.condition) for r in bands(count("purchase"), {"无": 0, "一": 1, "多": 2})] == [
        "count(purchase) = 0",
        "count(purchase) = 1",
        "count(purchase) >= 2",
    ]


def test_dates_and_lengths_of_time_can_be_cut():
    assert bands(field("birthday"), {"老": None, "新": date(2000, 1, 1)}).gap is not None
    views = bands(total("view_material.duration"), {"短": timedelta(0), "长": timedelta(minutes=5)})
    assert format(views.rules[1].condition) == "sum(view_material.duration) >= 300 seconds"


@pytest.mark.parametrize(
    ("starts", "error", "message"),
    [
        ({}, InvalidValueError, "at least one"),
        ({"甲": 3, "乙": 1}, InvalidValueError, "start of band '乙'. It must be above 3"),
        ({"甲": 3, "乙": 3}, InvalidValueError, "above 3"),
        ({"甲": 3, "乙": None}, InvalidValueError, "Only the first"),
        ({"甲": 3, "乙": date(2026, 1, 1)}, WrongTypeError, "one like 3"),
        ({"甲": Decimal("NaN"), "乙": 3}, InvalidValueError, "start of band '甲'. Give a finite"),
        ({"甲": 3, "乙": Decimal("sNaN")}, InvalidValueError, "start of band '乙'. Give a finite"),
        ({"甲": None, "乙": float("inf")}, InvalidValueError, "finite"),
        ({"甲": True}, WrongTypeError, "where its band begins"),
        ({"甲": "3"}, WrongTypeError, "where its band begins"),
        ({1: 3}, WrongTypeError, "where its band begins"),
        ([3], WrongTypeError, "where its band begins"),
        ({"甲": [3]}, WrongTypeError, "where its band begins"),
        ({"甲": timedelta(1), "乙": datetime(2026, 1, 1)}, WrongTypeError, "one like"),
        ({"等级/VIP": 1, "等级/vip": 2}, DuplicateNameError, "the tag of band '等级/VIP'"),
        ({"等级/VIP": 1, "等级 / ＶＩＰ": 2}, DuplicateNameError, "the tag of band '等级/VIP'"),
    ],
)
def test_starts_that_make_no_bands_are_refused(starts, error, message):
    with pytest.raises(error, match=message):
        bands(total("purchase.amount"), starts)


@pytest.mark.parametrize("start", [date(2026, 1, 1), timedelta(3)])
def test_a_count_is_cut_at_numbers_only(start):
    with pytest.raises(WrongTypeError, match="band '甲'"):
        bands(count("purchase"), {"甲": start})


@pytest.mark.parametrize("measure", ["purchase", did("purchase"), did("purchase").condition, None])
def test_a_measure_that_is_no_value_is_refused(measure):
    with pytest.raises(WrongTypeError, match="a field, a total"):
        bands(measure, {"甲": 3})


def test_bands_let_go_or_else_they_would_not_exclude_each_other():
    starts = {"等级/一": 1, "等级/二": 3}
    assert {rule.mode for rule in bands(count("purchase"), starts, mode="sync")} == {"sync"}
    with pytest.raises(InvalidValueError, match="bands exclude each other"):
        bands(count("purchase"), starts, mode="add_only")


@given(st.lists(st.integers(0, 4), max_size=8), STARTS)
def test_nobody_ever_carries_the_tags_of_two_bands(days_ago, starts):
    """Night after night, while they buy and what they bought leaves the window."""
    names = ["一", "二", "三", "VIP"]
    tags = [f"等级/{name}" for name in names]
    family = bands(count("purchase").last(days=2), dict(zip(tags, starts, strict=False)))
    store = shop([bought("c", ago + 0.5, number) for number, ago in enumerate(days_ago)])
    for ago in range(4, -3, -1):
        store.apply(night(family, store, DAY - timedelta(days=ago)).changes)
        assert len([name for name in names if tagged(store, name)]) <= 1


def test_two_bands_that_mean_one_tag_are_refused_when_they_are_resolved():
    store = shop()
    family = bands(count("purchase"), {"等级/一": 1, "t-二": 3})
    assert [rule.tag for rule in family.resolved(store)] == ["t-一", "t-二"]
    twice = bands(count("purchase"), {"等级/一": 1, "t-一": 3})
    with pytest.raises(DuplicateNameError, match="the tag of band '等级/一'"):
        twice.resolved(store)
