"""Whether inequalities between sums of numbers can all hold, and for which numbers they do."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Generic, TypeVar

from attrs import frozen

Variable = TypeVar("Variable", bound=Hashable)

# Taking a variable out can square the number of inequalities; beyond that it is given up.
_MOST = 600


class TooManyInequalities(Exception):
    """They would take too long to solve."""


@frozen
class AtLeast(Generic[Variable]):
    """The sum of the variables, each times its factor, is at least *least*, or above it."""

    factors: Mapping[Variable, Fraction]
    least: Fraction
    above: bool = False


def solved(
    inequalities: Iterable[AtLeast[Variable]], units: Mapping[Variable, Fraction | None]
) -> dict[Variable, Fraction] | None:
    """
    Numbers for which every inequality holds; None when there are none.

    They are multiples of the variable's unit where there is room for one.

    Args:
        inequalities: over any variables.
        units: of some variables, the number that they are multiples of.

    Raises:
        TooManyInequalities: that would take too long to find out.

    Examples:
        >>> x_above_y = AtLeast({"x": Fraction(1), "y": Fraction(-1)}, Fraction(0), above=True)
        >>> solved([x_above_y, AtLeast({"y": Fraction(2)}, Fraction(6))], {"x": Fraction(1)})
        {'y': Fraction(3, 1), 'x': Fraction(4, 1)}
        >>> solved([x_above_y, AtLeast({"x": Fraction(-1), "y": Fraction(1)}, Fraction(0))], {})
    """
    # Fourier and Motzkin: take one variable out after another, then go back.
    left = list(inequalities)
    taken: list[tuple[Variable, list[AtLeast[Variable]]]] = []
    while True:
        variables = dict.fromkeys(
            v for each in left for v, factor in each.factors.items() if factor
        )
        if not variables:
            break
        chosen = min(variables, key=lambda variable: _growth(left, variable))
        about = [each for each in left if each.factors.get(chosen)]
        taken.append((chosen, about))
        left = [each for each in left if not each.factors.get(chosen)] + _without(chosen, about)
        if len(left) > _MOST:
            raise TooManyInequalities
    if any(each.least > 0 or (each.above and each.least == 0) for each in left):
        return None
    numbers: dict[Variable, Fraction] = {}
    for variable, about in reversed(taken):
        numbers[variable] = _between(variable, about, numbers, units.get(variable))
    return numbers


def _growth(inequalities: Sequence[AtLeast[Variable]], variable: Variable) -> int:
    """How many inequalities there are more, or less, once a variable is taken out."""
    below = sum(each.factors.get(variable, 0) > 0 for each in inequalities)
    above = sum(each.factors.get(variable, 0) < 0 for each in inequalities)
    return below * above - below - above


def _without(variable: Variable, about: Sequence[AtLeast[Variable]]) -> list[AtLeast[Variable]]:
    """What inequalities about a variable say of the others."""
    found: list[AtLeast[Variable]] = []
    for low in about:
        for high in about:
            up, down = low.factors[variable], high.factors[variable]
            if up > 0 > down:
                factors = {
                    other: low.factors.get(other, Fraction(0)) / up
                    - high.factors.get(other, Fraction(0)) / down
                    for other in dict.fromkeys([*low.factors, *high.factors])
                    if other != variable
                }
                least = low.least / up - high.least / down
                said = AtLeast(
                    {other: factor for other, factor in factors.items() if factor},
                    least,
                    low.above or high.above,
                )
                if said not in found:
                    found.append(said)
    return found


def _between(
    variable: Variable,
    about: Iterable[AtLeast[Variable]],
    numbers: dict[Variable, Fraction],
    unit: Fraction | None,
) -> Fraction:
    """A number for a variable when those of the others are given; the lowest plain one."""
    low: tuple[Fraction, bool] | None = None
    high: tuple[Fraction, bool] | None = None
    for each in about:
        factor = each.factors[variable]
        # What was taken out before without a trace may be anything.
        rest = sum(
            (
                f * numbers.setdefault(v, Fraction(0))
                for v, f in each.factors.items()
                if v != variable
            ),
            Fraction(0),
        )
        end = ((each.least - rest) / factor, each.above)
        if factor > 0:
            low = end if low is None else max(low, end)
        else:
            high = end if high is None else min(high, end, key=lambda e: (e[0], not e[1]))
    step = unit or Fraction(1)
    if low is None and high is None:
        return Fraction(0)
    if low is None:
        assert high is not None
        number = floor(high[0] / step) * step
        return number - step if high[1] and number == high[0] else min(number, Fraction(0))
    number = ceil(low[0] / step) * step
    if low[1] and number == low[0]:
        number += step
    if high is None or number < high[0] or (number == high[0] and not high[1]):
        return number
    return (low[0] + high[0]) / 2
