"""Promise 1: yes or no, and what is missing."""

import math
from datetime import date, timedelta
from decimal import Decimal

import pytest
from cases.schema import SHOP
from hypothesis import given
from laws.worlds import Person, instant, row

from segmentkit.query import And, Not, Or
from segmentkit.testing import checked_conditions, people

# Every way in which a host may say nothing, for each field that could hold it.
NOTHINGS = {
    "None": None,
    "blank text": "",
    "spaces": " \t\u3000",
    "invisible text": "\u200b\ufeff",
    "NaN": math.nan,
    "decimal NaN": Decimal("NaN"),
    "an empty list": [],
    "an empty tuple": (),
}
# A field, a positive comparison, its exact negation.
PAIRS = {
    "city": [
        ("city = '福州'", "city != '福州'"),
        ("city is '福州'", "city is not '福州'"),
        ("city is exactly '福州'", "city is not exactly '福州'"),
        ("city in ('福州', '厦门')", "city not in ('福州', '厦门')"),
        ("city contains '州'", "city not contains '州'"),
        ("city starts with '福'", "city not starts with '福'"),
        ("city ends with '州'", "city not ends with '州'"),
        ("city like '*'", "city not like '*'"),
    ],
    "age": [
        ("age = 0", "age != 0"),
        ("age in (0, 1)", "age not in (0, 1)"),
        ("age between 0 and 99", "age not between 0 and 99"),
        ("age >= 0", "not age >= 0"),
        ("age < 99", "not age < 99"),
    ],
    "balance": [("balance = 0", "balance != 0"), ("balance <= 0", "not balance <= 0")],
    "score": [("score = 0", "score != 0"), ("score < 1", "not score < 1")],
    "subscribed": [
        ("subscribed = true", "subscribed != true"),
        ("subscribed = false", "subscribed is not false"),
        ("subscribed", "not subscribed"),
    ],
    "birthday": [
        ("birthday = 2000-01-01", "birthday != 2000-01-01"),
        ("birthday before 2030-01-01", "not birthday before 2030-01-01"),
        ("age(birthday) >= 0", "not age(birthday) >= 0"),
    ],
    "added": [("added since 2000-01-01", "not added since 2000-01-01")],
    "interests": [
        ("interests contains any ('茶')", "interests not contains any ('茶')"),
        ("interests contains all ('茶')", "interests not contains all ('茶')"),
    ],
}
COMPARISONS = [(f, *pair) for f, pairs in PAIRS.items() for pair in pairs]


@pytest.mark.parametrize("nothing", NOTHINGS.values(), ids=NOTHINGS)
@pytest.mark.parametrize(("name", "positive", "negative"), COMPARISONS)
def test_with_a_missing_side_the_positive_form_is_false_and_the_negative_true(
    holds, name, positive, negative, nothing
):
    assert not holds(positive, {name: nothing})
    assert holds(negative, {name: nothing})


@pytest.mark.parametrize(("name", "positive", "negative"), COMPARISONS)
def test_what_is_absent_is_missing(holds, name, positive, negative):
    assert not holds(positive, {})
    assert holds(negative, {})


@pytest.mark.parametrize("nothing", NOTHINGS.values(), ids=NOTHINGS)
@pytest.mark.parametrize("name", PAIRS)
def test_is_missing_and_is_known_ask_directly(holds, name, nothing):
    assert holds(f"{name} is missing", {name: nothing})
    assert not holds(f"{name} is known", {name: nothing})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("age", 0),
        ("balance", Decimal(0)),
        ("discount", Decimal("0.000")),
        ("score", 0.0),
        ("score", -0.0),
        ("subscribed", False),
        ("city", "0"),
        ("interests", ["", "茶"]),
    ],
)
def test_zero_and_false_are_values(holds, name, value):
    assert holds(f"{name} is known", {name: value})
    assert not holds(f"{name} is missing", {name: value})


def test_zero_equals_zero_and_false_equals_false(holds):
    assert holds("age = 0 and not age != 0", {"age": 0})
    assert holds("score = 0", {"score": -0.0})
    assert holds("subscribed = false and not subscribed", {"subscribed": False})


def test_a_list_of_blanks_is_missing(holds):
    assert holds("interests is missing", {"interests": ("", " ")})


def test_values_of_items_are_missing_in_the_same_ways(holds):
    rows = [
        row("2026-11-20T10:00", category=nothing, amount=None, quantity=None)
        for nothing in (None, "", " \u3000")
    ]
    assert not holds("did purchase where (category = '鞋')", purchase=rows)
    assert holds("did purchase where (category != '鞋') exactly 3 times", purchase=rows)
    assert holds("did purchase where (quantity is missing) exactly 3 times", purchase=rows)
    assert holds("last(purchase.category) is missing", purchase=rows)


# A literal or a parameter that says nothing is a missing side too.
@pytest.mark.parametrize(
    "positive",
    [
        "city = ''",
        "city is exactly ' '",
        "city in ('', ' ')",
        "city contains ''",
        "city contains any ('', ' ')",
        "city contains all ('', '福')",
        "city starts with ''",
        "city ends with ' '",
        "city like ''",
        "interests contains any ('')",
        "interests contains all ('')",
    ],
)
def test_a_blank_literal_is_missing(holds, positive):
    person = {"city": "福州", "interests": ("茶",)}
    assert not holds(positive, person)
    assert holds(f"not {positive}", person)


@pytest.mark.parametrize(
    "positive",
    [
        "city in $list",
        "city contains any $list",
        "city contains all $list",
        "interests contains any $list",
        "interests contains all $list",
        "has tag $list",
        "has all tag $list",
    ],
)
def test_an_empty_list_as_parameter_is_missing(holds, positive):
    person = {"city": "福州", "interests": ("茶",)}
    tags = [row(tag="vip", source="admin")]
    assert not holds(positive, person, parameters={"list": []}, tag=tags)
    assert holds(f"not {positive}", person, parameters={"list": ()}, tag=tags)


def test_two_missing_sides_are_not_equal(holds):
    assert not holds("age(birthday) = age")
    assert holds("age(birthday) != age")


def test_arithmetic_with_a_missing_side_is_missing(holds):
    for sum_ in ("age + 1", "1 - age", "age * 0", "age / 1", "-age", "abs(age)"):
        assert holds(f"{sum_} is missing")
        assert not holds(f"{sum_} = 0")


def test_a_function_of_a_missing_value_is_missing(holds):
    for call in ("age(birthday)", "anniversary(birthday)", "month(birthday)", "length(city)"):
        assert holds(f"{call} is missing")


PERSON = {
    "city": "福州",
    "age": 30,
    "balance": Decimal("12.50"),
    "birthday": date(1996, 2, 29),
    "subscribed": True,
    "interests": ("茶", "咖啡"),
    "score": 4.5,
    "added": instant("2026-01-01T08:00"),
}
BOUGHT = [
    row("2026-11-01T10:00", category="鞋", amount=Decimal("300.00"), handling=timedelta(hours=2)),
    row("2026-11-10T10:00", category="", amount=None),
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("age >= 18", "city = '厦门'"),
        ("did purchase where (category = '鞋')", "phone = '138'"),
        ("sum(purchase.amount) >= 300", "has no tag"),
    ],
)
@pytest.mark.parametrize("person", [PERSON, {}], ids=["known", "missing"])
def test_de_morgan(holds, one, other, person):
    def verdict(query):
        return holds(query, person, purchase=BOUGHT)

    assert verdict(f"not ({one} and {other})") == verdict(f"not {one} or not {other}")
    assert verdict(f"not ({one} or {other})") == verdict(f"not {one} and not {other}")


@given(condition=checked_conditions(SHOP), crowd=people(SHOP))
def test_every_condition_and_its_complement_part_everyone_in_two(holds, condition, crowd):
    everyone = {name: Person(*each) for name, each in crowd.items()}
    inside = holds.members(condition, everyone)
    outside = holds.members(Not(condition), everyone)
    assert inside | outside == everyone.keys()
    assert not inside & outside
    assert holds.members(Not(Not(condition)), everyone) == inside


@given(one=checked_conditions(SHOP), other=checked_conditions(SHOP), crowd=people(SHOP))
def test_and_or_and_not_are_those_of_sets(holds, one, other, crowd):
    everyone = {name: Person(*each) for name, each in crowd.items()}
    first, second = holds.members(one, everyone), holds.members(other, everyone)
    assert holds.members(And((one, other)), everyone) == first & second
    assert holds.members(And((other, one)), everyone) == first & second
    assert holds.members(Or((one, other)), everyone) == first | second
    assert holds.members(Or((other, one)), everyone) == first | second
    assert holds.members(Not(And((one, other))), everyone) == everyone.keys() - (first & second)
    assert holds.members(Not(Or((one, other))), everyone) == everyone.keys() - (first | second)
