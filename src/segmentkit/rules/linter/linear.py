"""
Arithmetic taken apart: sums of values, each times a factor, and quotients of two such sums.

`2 * age + 1 > 5` says what `age > 2` does, and `count(a) / count(b) >= 60%` that one count is not
less than a part of the other, or that both are turned round below 0. Floats round, and are left as
they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import gcd

from attrs import frozen

from segmentkit.model import FieldType
from segmentkit.query import ArithmeticOperator, ValueType
from segmentkit.rules.linter.formulas import (
    Applied,
    Combined,
    Computed,
    Constant,
    FieldOf,
    Negated,
    Term,
    Total,
)


@frozen
class Sum:
    """Values, each times its factor and none twice, and a number beside them."""

    factors: Mapping[Term, Fraction]
    number: Fraction

    @property
    def is_number(self) -> bool:
        return not any(self.factors.values())

    def times(self, factor: Fraction) -> Sum:
        return Sum({term: own * factor for term, own in self.factors.items()}, self.number * factor)

    def plus(self, other: Sum) -> Sum:
        """Both together. A value that cancels out stays, with factor 0: it has to be known."""
        factors = dict(self.factors)
        for term, factor in other.factors.items():
            factors[term] = factors.get(term, Fraction(0)) + factor
        return Sum(factors, self.number + other.number)


@frozen
class Quotient:
    """A sum over another one; missing where the one below is 0."""

    above: Sum
    below: Sum

    def terms(self) -> tuple[Term, ...]:
        """Every value that has to be known."""
        return tuple(dict.fromkeys([*self.above.factors, *self.below.factors]))


_ONE = Sum({}, Fraction(1))


def quotient_of(value: Term | Constant) -> Quotient | None:
    """
    A number or a length of time as a quotient of sums; None where it is none, or not exact.

    Examples:
        >>> from segmentkit.query import INTEGER
        >>> age = FieldOf("contact", "age", INTEGER)
        >>> twice = Computed("*", Constant(Fraction(2), INTEGER), age, INTEGER)
        >>> quotient_of(twice).above.factors[age]
        Fraction(2, 1)
    """
    match value:
        case Constant(number):
            return Quotient(Sum({}, number), _ONE) if isinstance(number, Fraction) else None
        case FieldOf() | Total() | Applied():
            is_exact = value.type.is_measured and value.type.kind is not FieldType.FLOAT
            return Quotient(Sum({value: Fraction(1)}, Fraction(0)), _ONE) if is_exact else None
        case Combined(factors):
            return Quotient(Sum(dict(factors), Fraction(0)), _ONE)
        case Negated(operand):
            inner = quotient_of(operand)
            return None if inner is None else _times(inner, Fraction(-1))
        case Computed(operator, left, right, kind):
            if kind.kind is FieldType.FLOAT:
                return None
            one, other = quotient_of(left), quotient_of(right)
            return None if one is None or other is None else computed(operator, one, other)


def computed(operator: ArithmeticOperator, one: Quotient, other: Quotient) -> Quotient | None:
    """What an operator makes of two; None where that is no quotient of sums."""
    match operator:
        case "+" | "-":
            if operator == "-":
                other = _times(other, Fraction(-1))
            first, second = _product(one.above, other.below), _product(other.above, one.below)
            below = _product(one.below, other.below)
            if first is None or second is None or below is None:
                return None
            return Quotient(first.plus(second), below)
        case "*":
            above, below = _product(one.above, other.above), _product(one.below, other.below)
            return None if above is None or below is None else Quotient(above, below)
        case "/":
            # With a quotient below, whether its own divisor is 0 would be lost.
            if not other.below.is_number or other.below.factors:
                return None
            above, below = _product(one.above, other.below), _product(one.below, other.above)
            return None if above is None or below is None else Quotient(above, below)


def _times(quotient: Quotient, factor: Fraction) -> Quotient:
    return Quotient(quotient.above.times(factor), quotient.below)


def _product(one: Sum, other: Sum) -> Sum | None:
    """The product, where one of the two is a mere number."""
    if not other.factors:
        return one.times(other.number)
    return None if one.factors else other.times(one.number)


# --- the numbers that values can be -----------------------------------------------------------------


def unit_of(kind: ValueType) -> Fraction | None:
    """What every number of a type is a multiple of; None where it can be any."""
    if kind.rational or kind.kind is FieldType.FLOAT:
        return None
    return Fraction(1, 10**kind.scale)


def unit_of_sum(factors: Iterable[tuple[Term, Fraction]]) -> Fraction | None:
    """What values, each times its factor, add up to a multiple of."""
    common = Fraction(0)
    for term, factor in factors:
        unit = unit_of(term.type)
        if unit is None:
            return None
        step = abs(unit * factor)
        below = common.denominator * step.denominator
        common = Fraction(gcd(int(common * below), int(step * below)), below)
    return common
