"""Printing: what is printed reads back as the same condition, in names of its language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentkit.errors import InvalidValueError
from segmentkit.model import Collection, Field, FieldType, Schema
from segmentkit.query import (
    Activity,
    Aggregate,
    And,
    Compare,
    InList,
    Keys,
    Not,
    Number,
    Parameter,
    Path,
    Reference,
    Text,
    TextMatch,
    bind,
    format,  # noqa: A004
    parse,
)
from segmentkit.testing import checked_conditions, conditions

SCHEMA = Schema(
    fields=[
        Field("city", FieldType.TEXT, aliases=["town", "城市"]),
        Field("birthday", FieldType.DATE, aliases=["生日"]),
        Field("level", FieldType.INTEGER),
    ],
    collections=[
        Collection(
            "purchase",
            fields=[
                Field("amount", FieldType.MONEY, aliases=["金额"], currency="CNY"),
                Field("sku", FieldType.TEXT, aliases=["商品"]),
            ],
            aliases=["购买"],
        ),
        Collection("add_to_cart", fields=[Field("sku", FieldType.TEXT, aliases=["商品"])]),
    ],
)
languages = st.sampled_from(["en", "zh"])


@given(conditions(), languages)
def test_a_condition_reads_as_it_was_printed(condition, lang):
    assert parse(format(condition, lang)) == condition


@given(conditions(), languages)
def test_printing_twice_changes_nothing(condition, lang):
    text = format(condition, lang)
    assert format(parse(text), lang) == text


# Each in both languages, with names; what is bound from either is the same.
NAMED = [
    ("town = '福州' and level > 3", "city = '福州' and level > 3", "城市 = '福州' 且 level > 3"),
    (
        "did 购买 where (金额 > 5 and contact.town = 'x')",
        "did purchase where (amount > 5 and contact.city = 'x')",
        "做过 购买 满足 (金额 > 5 且 联系人.城市 = 'x')",
    ),
    (
        "did purchase having (sum(金额) > 5)",
        "did purchase having (sum(amount) > 5)",
        "做过 购买 合计满足 (总和(金额) > 5)",
    ),
    (
        "sum(购买.金额 where (商品 = 'a') in last 2 days) > 5",
        "sum(purchase.amount where (sku = 'a') in last 2 days) > 5",
        "总和(购买.金额 满足 (商品 = 'a') 最近 2 天) > 5",
    ),
    (
        "distinct(日期(purchase.time)) >= 5",
        "distinct(date(purchase.time)) >= 5",
        "去重数(日期(购买.时间)) >= 5",
    ),
    (
        "did add_to_cart as c then did 购买 as p where (sku = c.商品) then did 购买 where (sku = p.商品)",
        "did add_to_cart as c then did purchase as p where (sku = c.sku) then did purchase where (sku = p.sku)",
        "做过 add_to_cart 记作 c 然后 做过 购买 记作 p 满足 (商品 = c.商品) 然后 做过 购买 满足 (商品 = p.商品)",
    ),
    ("周年日(生日) in next 7 days", "anniversary(birthday) in next 7 days", "周年日(生日) 在 未来 7 天"),
    ("has 标签 'VIP'", "has tag 'VIP'", "有 标签 'VIP'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "english", "chinese"), NAMED)
def test_with_a_schema_names_are_of_the_language_too(text, english, chinese):
    condition = parse(text)
    assert format(condition, "en", schema=SCHEMA) == english
    assert format(condition, "zh", schema=SCHEMA) == chinese
    assert bind(parse(chinese), SCHEMA) == bind(parse(english), SCHEMA) == bind(condition, SCHEMA)


@given(st.data(), languages)
def test_names_of_a_language_mean_what_the_others_do(data, lang):
    as_written = parse(format(data.draw(checked_conditions(SCHEMA)), lang))
    text = format(as_written, lang, schema=SCHEMA)
    assert bind(parse(text), SCHEMA) == bind(as_written, SCHEMA)


def test_brackets_stand_where_they_are_needed_and_nowhere_else():
    for text in (
        "a and b or c",
        "a and (b or c)",
        "not (a and b)",
        "not a = 1 and b",
        "(a + b) * c - (d - e) = -(f + g)",
        "a - b - c > 0",
        "not (in group 'x') and not in group 'y'",
        "not not a",
        "--a = -(b + c)",
        "a contains b + c",
        "a contains -b",
    ):
        assert format(parse(text)) == text


def test_a_bracket_that_would_open_a_list_stands_in_one():
    condition = TextMatch("contains", Path(("a",)), (parse("x = (b + c) * 2").right,))
    assert format(condition) == "a contains ((b + c) * 2)"
    assert format(TextMatch("contains", Path(("a",)), Parameter("p"))) == "a contains $p"
    assert format(TextMatch("contains", Path(("a",)), (Parameter("p"),))) == "a contains ($p)"


def test_a_reference_prints_as_its_name():
    keys = Keys((Reference("tag", "t-1", "等级/VIP"),))
    assert format(Activity("has", "tag", keys=keys)) == "has tag '等级/VIP'"
    nameless = Keys((Reference("tag", "t-1"), Reference("tag", "t-2")))
    assert format(Activity("has", "tag", keys=nameless)) == "has tag ('t-1', 't-2')"


@pytest.mark.parametrize(
    "condition",
    [
        InList(Path(("a",)), ()),
        Activity("has", "tag", keys=Keys(())),
        And((Path(("a",)),)),
        Not(And(())),
        Compare("<", Path(("a",)), Text("b"), exactly=True),
        Compare("=", Path(("",)), Number(1)),
        Aggregate("sum", (), "date"),
    ],
)
def test_what_no_text_can_say_is_refused(condition):
    with pytest.raises(InvalidValueError):
        format(condition)
