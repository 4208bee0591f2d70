"""Promise 8: money and counts are exact; floats are what was declared so."""

import decimal
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from cases.schema import SHOP
from hypothesis import example, given
from hypothesis import strategies as st
from laws.worlds import row

from segmentkit.errors import FloatMoneyError, InvalidValueError, SegmentkitError
from segmentkit.query import (
    Aggregate,
    Arithmetic,
    Compare,
    Number,
    Path,
    QueryError,
    bind,
    check,
    parse,
)

AMOUNT = ("purchase", "amount")


def bought(*amounts):
    return [row(f"2026-10-{n:02}", amount=a) for n, a in enumerate(amounts, 1)]


def test_tenths_add_up(holds):
    items = bought(*[Decimal("0.10")] * 3)
    assert holds("sum(purchase.amount) = 0.3", purchase=items)
    assert holds("sum(purchase.amount) >= 0.30", purchase=items)
    assert not holds("sum(purchase.amount) > 0.3", purchase=items)
    assert holds("avg(purchase.amount) = 0.1", purchase=items)


@pytest.mark.parametrize(
    ("amounts", "threshold", "verdict"),
    [
        # avg >= v is decided as sum >= v * count, so thirds do not round.
        (["100.00", "100.00", "100.01"], "100", True),
        (["100.00", "100.00", "99.99"], "100", False),
        (["200.00", "199.99"], "199.995", True),
        (["200.00", "199.99"], "199.996", False),
        (["0.01"] * 3, "0.01", True),
        (["10", "10", "10.01"], "10.0033", True),
        (["10", "10", "10.01"], "10.0034", False),
    ],
)
def test_the_average_is_decided_exactly_at_the_threshold(holds, amounts, threshold, verdict):
    items = bought(*map(Decimal, amounts))
    assert holds(f"avg(purchase.amount) >= {threshold}", purchase=items) == verdict
    assert holds(f"not avg(purchase.amount) < {threshold}", purchase=items) == verdict
    having = f"did purchase having (avg(amount) >= {threshold})"
    assert holds(having, purchase=items) == verdict


def test_an_average_of_thirds_equals_no_decimal(holds):
    items = bought(Decimal("0.01"), Decimal("0.01"), Decimal("0.02"))
    assert not holds("avg(purchase.amount) = 0.01333333333333333333333333333", purchase=items)
    assert holds("avg(purchase.amount) > 0.01333333333333333333333333333", purchase=items)
    assert holds("avg(purchase.amount) < 0.01333333333333333333333333334", purchase=items)
    assert holds("avg(purchase.amount) * 3 = 0.04", purchase=items)
    assert holds("avg(purchase.amount) = sum(purchase.amount) / count(purchase)", purchase=items)


def test_a_share_is_exact(holds):
    views = [row("2026-11-01", category="案例") for _ in range(3)]
    views += [row("2026-11-02", category="手册") for _ in range(2)]
    share = "count(view_material where (category = '案例')) / count(view_material)"
    assert holds(f"{share} >= 60%", view_material=views)
    assert holds(f"{share} = 0.6", view_material=views)
    assert not holds(f"{share} > 60%", view_material=views)
    assert holds("1 / 3 + 1 / 3 + 1 / 3 = 1")
    assert holds("age / 3 * 3 = age", {"age": 10})


def test_large_numbers_keep_every_digit(holds):
    huge = 10**25 + 1
    assert holds(f"age = {huge}", {"age": huge})
    assert not holds(f"age = {huge - 1}", {"age": huge})
    assert holds(
        f"sum(purchase.quantity) = {2 * huge}",
        purchase=[row("2026-11-01", quantity=huge), row("2026-11-02", quantity=huge)],
    )
    near = [Decimal("9007199254740993.00"), Decimal("0.01")]  # 2**53 + 1
    assert holds("sum(purchase.amount) = 9007199254740993.01", purchase=bought(*near))


def test_literals_keep_every_digit(holds):
    wide = "0.12345678901234567890123456789"
    assert Number(Decimal(wide)).value == Decimal(wide)
    assert Number(Decimal(wide + "1")) != Number(Decimal(wide + "2"))
    query = Compare("<", Number(Decimal(wide + "1")), Number(Decimal(wide + "2")))
    assert holds(query)


def test_the_hosts_decimal_context_changes_nothing(holds):
    with decimal.localcontext(prec=3) as context:
        context.traps[decimal.Inexact] = True
        context.traps[decimal.Rounded] = True
        assert Number(Decimal("1234.5670")).value == Decimal("1234.567")
        items = bought(Decimal("1234.56"), Decimal("9876.55"))
        assert holds("sum(purchase.amount) = 11111.11", purchase=items)
        assert holds("avg(purchase.amount) >= 5555.555", purchase=items)
        assert holds("balance > 1234.55", {"balance": Decimal("1234.56")})


def test_money_is_never_a_float(holds):
    for value in (0.1, 1.0, float("inf")):
        with pytest.raises(FloatMoneyError):
            holds("balance > 0", {"balance": value})
        with pytest.raises(FloatMoneyError):
            holds("did purchase where (amount > 0)", purchase=bought(value))


@pytest.mark.parametrize(
    "value",
    [
        Decimal("0.001"),
        Decimal("1E-3"),
        Decimal("Infinity"),
        Decimal("1E+999999999"),
        Decimal("1E-999999999"),
        "12",
        True,
        object(),
    ],
)
def test_what_money_cannot_hold_is_refused(holds, value):
    with pytest.raises(SegmentkitError):
        holds("balance > 0", {"balance": value})


def test_trailing_zeros_are_no_digits(holds):
    assert holds("balance = 1.5", {"balance": Decimal("1.5000")})
    assert holds("balance = 0", {"balance": Decimal("0E-999999999")})
    assert holds("balance = 1200", {"balance": Decimal("1.2E+3")})


# --- floats -------------------------------------------------------------------------------------


def test_a_float_field_takes_floats_and_compares_as_floats(holds):
    assert holds("score = 0.1", {"score": 0.1})
    assert holds("score > 4", {"score": 4.5})
    assert holds("score = 4", {"score": 4})
    assert not holds("score * 3 = 0.3", {"score": 0.1})  # as floats do


def test_a_float_total_does_not_depend_on_the_order(holds):
    weights = [1e16, 1.0, -1e16, 0.1, 0.2]
    for order in (weights, weights[::-1], sorted(weights)):
        items = [row("2026-11-01", weight=w) for w in order]
        assert holds("sum(purchase.weight) = 1.3", purchase=items)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), 10**400])
def test_a_float_is_finite(holds, value):
    with pytest.raises(InvalidValueError):
        holds("score > 0", {"score": value})


def test_a_float_that_grows_too_large_is_no_error(holds):
    items = [row("2026-11-01", weight=1e308) for _ in range(3)]
    assert holds("sum(purchase.weight) > 1", purchase=items)
    assert holds("avg(purchase.weight) > 1", purchase=items)
    assert holds("sum(purchase.weight) - 1 > 1", purchase=items)
    assert holds("score * score > 1", {"score": 1e300})
    assert holds("score / 0 is missing", {"score": 1e300})


def test_what_is_no_number_is_missing(holds):
    """Infinity less infinity is not a number, and so no value."""
    difference = "score * score - score * score"
    assert holds(f"{difference} is missing", {"score": 1e300})
    assert not holds(f"{difference} <= 0", {"score": 1e300})


# --- currencies and kinds -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "balance > deposit",
        "balance + deposit > 0",
        "balance between deposit and 5",
        "sum(purchase.amount) > sum(purchase.duty)",
        "did purchase having (sum(amount) + sum(duty) > 100)",
        "did purchase where (amount in (1, duty))",
    ],
)
def test_mixed_currencies_are_an_error_when_the_rule_is_checked(query):
    codes = {d.code for d in check(parse(query), SHOP).diagnostics if d.severity == "error"}
    assert codes == {"mixed_currencies"}


def test_a_ratio_of_currencies_is_mixed_too():
    codes = {d.code for d in check(parse("balance / deposit > 2"), SHOP).diagnostics}
    assert codes == {"mixed_currencies"}


def test_a_number_takes_the_currency_of_what_it_meets(holds):
    assert holds("balance > 5 + 5 and balance + 2 * 3 > 10", {"balance": Decimal(11)})
    assert holds("balance + -(1 + 1) = 9", {"balance": Decimal(11)})
    assert holds("balance > $limit", {"balance": Decimal(11)}, parameters={"limit": Decimal(10)})


@pytest.mark.parametrize(
    "query",
    [
        "balance = $limit",
        "age > $limit",
        "balance between 0 and $limit",
        "balance in $limit",
        "balance in ($limit, 3)",
        "balance * $limit > 1",
        "sum(purchase.amount) >= $limit",
        "did purchase at least $limit times",
    ],
)
def test_a_float_parameter_decides_nothing_that_is_exact(query):
    found = check(parse(query), SHOP, parameters={"limit": 0.1}).diagnostics
    assert {each.severity for each in found} == {"error"}
    assert check(parse(query), SHOP, parameters={"limit": Decimal(1)}).is_valid


def test_a_float_parameter_meets_a_float_field_as_it_is_written(holds):
    assert holds("score = $limit", {"score": 0.1}, parameters={"limit": 0.1})
    assert holds("score in $limit", {"score": 0.1}, parameters={"limit": [0.1]})


@pytest.mark.parametrize("query", ["balance + age > 1", "balance * balance > 1", "1 / balance > 1"])
def test_money_does_not_mix_with_plain_numbers(query):
    with pytest.raises(QueryError) as caught:
        bind(parse(query), SHOP)
    assert caught.value.diagnostics[0].code == "arithmetic_types"


# --- laws ---------------------------------------------------------------------------------------

cents = st.integers(-(10**8), 10**8).map(lambda n: Decimal(n).scaleb(-2))


@given(amounts=st.lists(cents, min_size=1, max_size=7), limit=st.decimals(-1_000, 1_000, places=4))
@example([Decimal("0.01"), Decimal("0.02")], Decimal("0.015"))
def test_an_average_compares_as_the_fraction_it_is(holds, amounts, limit):
    exact = sum(map(Fraction, amounts), Fraction(0)) / len(amounts)
    for operator, verdict in {
        ">=": exact >= Fraction(limit),
        ">": exact > Fraction(limit),
        "=": exact == Fraction(limit),
    }.items():
        node = Compare(operator, Aggregate("avg", AMOUNT), Number(limit))
        assert holds(node, purchase=bought(*amounts)) == verdict


numbers = st.integers(-50, 50) | st.decimals(-50, 50, places=3)


@given(one=numbers, two=numbers, three=numbers, operators=st.tuples(*[st.sampled_from("+-*/")] * 2))
def test_arithmetic_is_that_of_fractions(holds, one, two, three, operators):
    def computed(operator, a, b):
        if a is None or b is None or (operator == "/" and b == 0):
            return None
        return {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else None}[operator]

    first, second = operators
    wanted = computed(second, computed(first, Fraction(one), Fraction(two)), Fraction(three))
    left = Arithmetic(first, Path(("age",)) if isinstance(one, int) else Number(one), Number(two))
    node = Arithmetic(second, left, Number(three))
    person = {"age": one if isinstance(one, int) else None}
    for bound in (0, 1, Decimal("-0.001")):
        for operator, holding in {
            "<": lambda a, b: a < b,
            "=": lambda a, b: a == b,
            ">=": lambda a, b: a >= b,
        }.items():
            verdict = wanted is not None and holding(wanted, Fraction(bound))
            assert holds(Compare(operator, node, Number(bound)), person) == verdict


@given(seconds=st.lists(st.integers(0, 10**6), min_size=1, max_size=5), limit=st.integers(0, 10**6))
def test_durations_are_exact(holds, seconds, limit):
    items = [row("2026-11-01", handling=timedelta(microseconds=s)) for s in seconds]
    total = timedelta(microseconds=sum(seconds))
    wanted = timedelta(seconds=limit)
    query = "sum(purchase.handling) * 1000000 >= $limit"
    scaled = holds(query, purchase=items, parameters={"limit": wanted})
    assert scaled == (total * 1_000_000 >= wanted)
