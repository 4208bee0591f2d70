"""Promise 12: types decide which operator may follow; nothing is coerced."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from cases.schema import SHOP
from hypothesis import given
from hypothesis import strategies as st
from laws.worlds import instant, row

from segmentkit.errors import WrongTypeError
from segmentkit.query import Between, Compare, Number, Path, check, parse


def errors(query, **given_):
    found = check(parse(query), SHOP, text=query, **given_).diagnostics
    return [d.code for d in found if d.severity == "error"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("interests = '茶'", "operator_on_list"),
        ("interests != '茶'", "operator_on_list"),
        ("interests in ('茶', '咖啡')", "operator_on_list"),
        ("interests starts with '茶'", "operator_on_list"),
        ("interests like '茶*'", "operator_on_list"),
        ("interests between 1 and 2", "operator_on_list"),
        ("did purchase where (coupons = 'c1')", "operator_on_list"),
        ("age = '30'", "type_mismatch"),
        ("phone = 138", "type_mismatch"),
        ("phone in (138, 139)", "type_mismatch"),
        ("birthday = '2000-01-01'", "type_mismatch"),
        ("birthday > 18", "type_mismatch"),
        ("subscribed = 1", "type_mismatch"),
        ("subscribed = '是'", "type_mismatch"),
        ("age = true", "type_mismatch"),
        ("name < '王'", "operator_not_for_type"),
        ("name between 'a' and 'b'", "operator_not_for_type"),
        ("subscribed > false", "operator_not_for_type"),
        ("age contains '3'", "needs_text"),
        ("birthday like '2000*'", "needs_text"),
        ("name contains 3", "type_mismatch"),
        ("age in last 30 days", "needs_time"),
        ("name since 2026-01-01", "needs_time"),
        ("age is exactly 3", "exactly_needs_text"),
        ("did view_product where (duration >= 30)", "type_mismatch"),
        ("age", "not_a_condition"),
        ("count(purchase)", "not_a_condition"),
        ("name", "not_a_condition"),
        ("name + 1 > 2", "arithmetic_types"),
        ("birthday - added > 2", "arithmetic_types"),
        ("sum(purchase.sku) > 1", "wrong_aggregate"),
        ("avg(purchase.delivery) > 1", "wrong_aggregate"),
        ("min(purchase.gift) is true", "wrong_aggregate"),
        ("max(purchase.sku) = 's1'", "wrong_aggregate"),
        ("first(purchase.coupons) is missing", "wrong_aggregate"),
        ("length(age) > 1", "wrong_argument"),
        ("hour(birthday) > 1", "wrong_argument"),
        ("age(city) > 1", "wrong_argument"),
    ],
)
def test_what_has_no_meaning_is_refused(query, code):
    assert set(errors(query)) == {code}


@pytest.mark.parametrize(
    "query",
    [
        "interests contains any ('茶', '咖啡')",
        "interests contains all ('茶')",
        "interests not contains '茶'",
        "did purchase where (coupons contains 'c1')",
        "age = 30.0",
        "balance > age",
        "score > balance",
        "birthday < added",
        "added < birthday",
        "added = 2026-11-20",
        "birthday in last 30 days",
        "added in last 30 days",
        "sum(purchase.handling) > 30 minutes",
        "sum(purchase.handling) * 2 > 1 day",
        "subscribed",
        "subscribed != false",
        "last(purchase.gift)",
        "age(added) > 1",
        "max(purchase.delivery) > 2026-01-01",
        "abs(balance) > 1",
    ],
)
def test_what_has_a_meaning_is_accepted(query):
    assert errors(query) == []


def test_values_of_another_type_are_refused_where_they_enter(holds):
    for name, value in {
        "age": "30",
        "name": 30,
        "subscribed": 1,
        "birthday": "2000-01-01",
        "added": date(2026, 1, 1),
        "interests": "茶",
        "balance": "12",
        "score": "4.5",
    }.items():
        with pytest.raises(WrongTypeError):
            holds(f"{name} is known", {name: value})
    with pytest.raises(WrongTypeError):
        holds("birthday is known", {"birthday": datetime(2026, 1, 1, tzinfo=UTC)})


def test_a_list_field_contains_any_or_all(holds):
    person = {"interests": ("茶", "Coffee")}
    assert holds("interests contains any ('茶', '酒')", person)
    assert not holds("interests contains all ('茶', '酒')", person)
    assert holds("interests contains all ('茶', 'ｃｏｆｆｅｅ')", person)
    assert holds("interests contains 'coffee'", person)
    assert not holds("interests contains 'cof'", person)  # a whole item, not a part of its text
    assert holds("interests not contains any ('酒', '水')", person)


def test_between_includes_both_ends(holds):
    for age, found in {17: False, 18: True, 25: True, 30: True, 31: False}.items():
        assert holds("age between 18 and 30", {"age": age}) == found
        assert holds("age not between 18 and 30", {"age": age}) != found
    for cents, found in {"17.99": False, "18.00": True, "30.00": True, "30.01": False}.items():
        assert holds("balance between 18 and 30", {"balance": Decimal(cents)}) == found
    for when, found in {
        "2026-10-31T23:59:59": False,
        "2026-11-01T00:00": True,
        "2026-11-05T23:59:59": True,
        "2026-11-06T00:00": False,
    }.items():
        query = "added between 2026-11-01 and 2026-11-05"
        assert holds(query, {"added": instant(when)}) == found, when
    query = "sum(purchase.handling) between 1 hour and 2 hours"
    for minutes, found in {59: False, 60: True, 120: True, 121: False}.items():
        bought = [row("2026-11-01", handling=timedelta(minutes=minutes))]
        assert holds(query, purchase=bought) == found


def test_a_reversed_between_holds_of_nothing(holds):
    assert not holds("age between 30 and 18", {"age": 20})


def test_an_instant_and_a_date_meet_on_the_local_date(holds):
    """A literal, a field and a computed date all mean the same."""
    added = instant("2026-11-20T23:30")
    day = date(2026, 11, 20)
    person = {"added": added, "birthday": day}
    for operator, found in {
        "=": True,
        "!=": False,
        "<": False,
        "<=": True,
        ">": False,
        ">=": True,
    }.items():
        assert holds(f"added {operator} 2026-11-20", person) == found
        assert holds(f"added {operator} birthday", person) == found
        assert holds(f"date(added) {operator} birthday", person) == found
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, operator)
        assert holds(f"birthday {turned} added", person) == found
        assert holds(f"2026-11-20 {turned} added", person) == found
    # In UTC it is 15:30 of the same day; in Auckland it is the day after.
    assert holds("added > birthday", person, zone="Pacific/Auckland", at="2026-11-25T00:00")


@given(value=st.integers(-5, 5), low=st.integers(-5, 5), high=st.integers(-5, 5))
def test_between_is_at_least_and_at_most(holds, value, low, high):
    between = Between(Path(("age",)), Number(low), Number(high))
    assert holds(between, {"age": value}) == (low <= value <= high)


@given(one=st.integers(-3, 3), other=st.integers(-3, 3))
def test_comparisons_are_those_of_numbers(holds, one, other):
    for operator, found in {
        "=": one == other,
        "!=": one != other,
        "<": one < other,
        "<=": one <= other,
        ">": one > other,
        ">=": one >= other,
    }.items():
        assert holds(Compare(operator, Path(("age",)), Number(other)), {"age": one}) == found
        turned = Compare(operator, Number(one), Path(("balance",)))
        assert holds(turned, {"balance": Decimal(other)}) == found
