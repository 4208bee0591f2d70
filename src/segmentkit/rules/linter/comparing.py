"""Comparisons taken apart: where a value is cut, and on which side of the cut it lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from math import ceil, floor
from operator import eq, ge, gt, le, lt

from attrs import evolve

from segmentkit.model import FieldType
from segmentkit.query import ComparisonOperator, ValueType
from segmentkit.rules.linter.formulas import (
    ALWAYS,
    NEVER,
    Combined,
    Constant,
    Cut,
    FieldOf,
    Formula,
    Holds,
    Is,
    IsExactly,
    Known,
    Less,
    Reaches,
    Same,
    Term,
    Total,
    complement,
    every,
    some,
)
from segmentkit.rules.linter.linear import (
    Quotient,
    Sum,
    computed,
    quotient_of,
    unit_of,
    unit_of_sum,
)
from segmentkit.rules.linter.marks import END, Mark, next_start
from segmentkit.text import text_key

_TURNED: Mapping[ComparisonOperator, ComparisonOperator] = {
    "=": "=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_HOLDS: Mapping[ComparisonOperator, Callable[[Fraction, int], bool]] = {
    "=": eq,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}
# Numbers that are added up keep no type of their own.
_ANY_NUMBER = ValueType(FieldType.DECIMAL, rational=True)


def compared(
    operator: ComparisonOperator,
    left: Term | Constant,
    right: Term | Constant,
    *,
    exactly: bool = False,
) -> Formula | None:
    """`left operator right` of a checked condition; None where the linter does not look into it."""
    if operator == "!=":
        same = compared("=", left, right, exactly=exactly)
        return None if same is None else complement(same)
    measured = _measured(operator, left, right)
    if measured is not None:
        return measured
    if isinstance(right, Constant):
        return None if isinstance(left, Constant) else _fixed(operator, left, right, exactly)
    if isinstance(left, Constant):
        return _fixed(_TURNED[operator], right, left, exactly)
    return _related(operator, left, right, exactly)


def reaches(term: Term, cut: Cut | Mark) -> Formula:
    """The value is there, and at the cut or beyond it."""
    return NEVER if cut == END else Holds(Reaches(term, cut))


def cut_at(value: Fraction, unit: Fraction | None, *, after: bool = False) -> Cut:
    """
    The cut at a number, or just after it, among the multiples of a unit.

    Examples:
        >>> cut_at(Fraction(30), Fraction(1), after=True)
        Cut(value=Fraction(31, 1), after=False)
    """
    if unit is None:
        return Cut(value, after)
    return Cut((floor(value / unit) + 1 if after else ceil(value / unit)) * unit)


def is_known(value: Term) -> Formula:
    """The value is not missing, as far as that follows from what it is made of."""
    quotient = quotient_of(value)
    return Holds(Known(value)) if quotient is None else _is_there(quotient)


# --- numbers ----------------------------------------------------------------------------------------


def _measured(
    operator: ComparisonOperator, left: Term | Constant, right: Term | Constant
) -> Formula | None:
    """A comparison of exact numbers or lengths of time; None where the two are something else."""
    one, other = quotient_of(left), quotient_of(right)
    difference = None if one is None or other is None else computed("-", one, other)
    if difference is None:
        return None
    above, below = difference.above, difference.below
    turned = _TURNED[operator]
    if below.is_number:
        said = _beside_zero(operator if below.number > 0 else turned, above)
    else:
        said = some(
            every(_beside_zero(">", below), _beside_zero(operator, above)),
            every(_beside_zero("<", below), _beside_zero(turned, above)),
        )
    return every(_is_there(difference), said)


def _is_there(quotient: Quotient) -> Formula:
    known = [Holds(Known(term)) for term in quotient.terms()]
    if quotient.below.is_number:
        return every(*known) if quotient.below.number else NEVER
    return every(*known, complement(_beside_zero("=", quotient.below)))


def _beside_zero(operator: ComparisonOperator, total: Sum) -> Formula:
    """A sum beside 0, where all that it adds up is known."""
    factors = sorted(
        ((t, f) for t, f in total.factors.items() if f), key=lambda part: repr(part[0])
    )
    if not factors:
        return ALWAYS if _HOLDS[operator](total.number, 0) else NEVER
    first = factors[0][1]
    operator = operator if first > 0 else _TURNED[operator]
    parts = tuple((term, factor / first) for term, factor in factors)
    term = parts[0][0] if len(parts) == 1 else Combined(parts, _ANY_NUMBER)
    number, unit = -total.number / first, unit_of_sum(parts)
    return _sides(operator, term, cut_at(number, unit), cut_at(number, unit, after=True))


# --- a value and a constant -------------------------------------------------------------------------


def _fixed(
    operator: ComparisonOperator, term: Term, constant: Constant, exactly: bool
) -> Formula | None:
    value = constant.value
    if isinstance(value, Mark):
        return _beside_mark(operator, term, value)
    if isinstance(value, bool):
        return Holds(Is(term, value))
    if isinstance(value, Fraction):
        return _beside_number(operator, term, value)
    if not text_key(value):
        return NEVER  # a blank text is missing
    raw = exactly or constant.raw
    return Holds(IsExactly(term, value) if raw else Is(term, text_key(value)))


def _beside_number(operator: ComparisonOperator, term: Term, number: Fraction) -> Formula | None:
    if not is_orderly(term):
        return None
    if term.type.kind is FieldType.FLOAT:
        # A float is compared with the double that is nearest to the number.
        try:
            number = Fraction(float(number))
        except OverflowError:
            return None
    unit = unit_of(term.type)
    return _sides(operator, term, cut_at(number, unit), cut_at(number, unit, after=True))


def is_orderly(term: Term) -> bool:
    """
    Whether a value that is there lies on one side of each cut.

    What is computed from infinite floats may be no number, and lies on neither.
    """
    if term.type.kind is not FieldType.FLOAT:
        return True
    chosen = isinstance(term, Total) and term.function in ("min", "max", "first", "last")
    return chosen or isinstance(term, FieldOf)


def _beside_mark(operator: ComparisonOperator, term: Term, mark: Mark) -> Formula | None:
    if mark.kind == "date":
        # A date means the whole day.
        assert isinstance(mark.position, datetime)
        return _sides(operator, term, mark, next_start(mark.position.date()))
    if term.type.kind is FieldType.DATE and mark.kind in ("elapsed", "local"):
        # Here the local date of an instant counts; in windows its time of day does too.
        return None
    return _sides(operator, term, mark, evolve(mark, after=True))


def _sides(operator: ComparisonOperator, term: Term, at: Cut | Mark, after: Cut | Mark) -> Formula:
    known, from_it, beyond = Holds(Known(term)), reaches(term, at), reaches(term, after)
    sides: Mapping[ComparisonOperator, Formula] = {
        ">=": from_it,
        ">": beyond,
        "<": every(known, complement(from_it)),
        "<=": every(known, complement(beyond)),
        "=": every(from_it, complement(beyond)),
    }
    return sides[operator]


# --- two values -------------------------------------------------------------------------------------


def _related(
    operator: ComparisonOperator, left: Term, right: Term, exactly: bool
) -> Formula | None:
    if not (is_orderly(left) and is_orderly(right)):
        return None
    if left == right:
        return Holds(Known(left)) if operator in ("=", "<=", ">=") else NEVER
    one, other = sorted((left, right), key=repr)
    equal = Holds(Same(one, other, exactly))
    less, more = Holds(Less(left, right)), Holds(Less(right, left))
    relations: Mapping[ComparisonOperator, Formula] = {
        "=": equal,
        "<": less,
        ">": more,
        "<=": some(less, equal),
        ">=": some(more, equal),
    }
    return relations[operator]
