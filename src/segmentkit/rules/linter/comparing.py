"""Comparisons taken apart: where a value is cut, and on which side of the cut it lies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from math import ceil, floor

from attrs import evolve

from segmentkit.model import FieldType
from segmentkit.query import ComparisonOperator, ValueType
from segmentkit.rules.linter.formulas import (
    NEVER,
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
from segmentkit.rules.linter.marks import END, Mark, next_start
from segmentkit.text import text_key

_TURNED: Mapping[ComparisonOperator, ComparisonOperator] = {
    "=": "=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}


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
    if isinstance(right, Constant):
        return None if isinstance(left, Constant) else _fixed(operator, left, right, exactly)
    if isinstance(left, Constant):
        return _fixed(_TURNED[operator], right, left, exactly)
    return _related(operator, left, right, exactly)


def reaches(term: Term, cut: Cut | Mark) -> Formula:
    """The value is there, and at the cut or beyond it."""
    return NEVER if cut == END else Holds(Reaches(term, cut))


def cut_at(value: Fraction, kind: ValueType, *, after: bool = False) -> Cut:
    """
    The cut at a number, or just after it, among the numbers of a type.

    Examples:
        >>> from segmentkit.query import INTEGER
        >>> cut_at(Fraction(30), INTEGER, after=True)
        Cut(value=Fraction(31, 1), after=False)
    """
    if kind.rational or kind.kind is FieldType.FLOAT:
        return Cut(value, after)
    unit: int = 10**kind.scale
    return Cut(Fraction(floor(value * unit) + 1 if after else ceil(value * unit), unit))


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
    at, after = cut_at(number, term.type), cut_at(number, term.type, after=True)
    return _sides(operator, term, at, after)


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
