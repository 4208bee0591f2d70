"""What always holds between claims about one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations, permutations
from typing import assert_never

from segmentkit.rules.linter.formulas import (
    Applied,
    Atom,
    Combined,
    Computed,
    Constant,
    Cut,
    FieldOf,
    Holds,
    Is,
    IsExactly,
    Known,
    Matches,
    Negated,
    Reaches,
    Term,
    Total,
    parts_of,
)
from segmentkit.rules.linter.law import Law, at_or_before, law
from segmentkit.rules.linter.texts import Pattern
from segmentkit.text import text_key

# What functions can come to, where they come to anything.
_RANGES: Mapping[str, tuple[int, int | None]] = {
    "month": (1, 12),
    "quarter": (1, 4),
    "week": (1, 53),
    "day": (1, 31),
    "weekday": (1, 7),
    "hour": (0, 23),
    "year": (1, 9999),
    "age": (0, None),
    "abs": (0, None),
    "length": (1, None),
}


def laws_of_value(term: Term, claims: list[Atom]) -> Iterator[Law]:
    known = Known(term)
    for claim in claims:
        if claim != known:
            yield law(claim, then=known)
    if _is_always_known(term):
        yield (Holds(known),)
    yield from _laws_of_range(term, claims)
    for part in parts_of(term):
        if part != term:
            yield law(known, then=Known(part))
    if isinstance(term, Combined):
        yield law(*(Known(part) for part, _ in term.factors), then=known)
    cuts = [claim for claim in claims if isinstance(claim, Reaches)]
    for near, far in permutations(cuts, 2):
        if at_or_before(near.cut, far.cut):
            yield law(far, then=near)
    yield from _laws_of_texts(claims)
    truths = {claim.value: claim for claim in claims if isinstance(claim, Is)}
    if True in truths and False in truths:
        yield law(known, Holds(truths[True], False), then=truths[False])


def _is_always_known(term: Term) -> bool:
    """A total over no items is 0; fields say of themselves that they are never missing."""
    match term:
        case FieldOf():
            return term.always_known
        case Total():
            return term.function in ("count", "sum", "distinct")
        case Computed():
            sides = (term.left, term.right)
            never_missing = all(isinstance(s, Constant) or _is_always_known(s) for s in sides)
            return term.operator != "/" and never_missing
        case Negated():
            return _is_always_known(term.operand)
        case Combined():
            return all(_is_always_known(part) for part, _ in term.factors)
        case Applied():
            return False
        case _:
            assert_never(term)


def range_of(term: Term) -> tuple[int | None, int | None]:
    """The lowest and the highest that a value can be; None where there is none."""
    if isinstance(term, Total) and term.function in ("count", "distinct"):
        return 0, None
    return _RANGES.get(term.function, (None, None)) if isinstance(term, Applied) else (None, None)


def _laws_of_range(term: Term, claims: list[Atom]) -> Iterator[Law]:
    low, high = range_of(term)
    known = Known(term)
    for claim in claims:
        if isinstance(claim, Reaches) and isinstance(claim.cut, Cut):
            if low is not None and claim.cut <= Cut(Fraction(low)):
                yield law(known, then=claim)
            if high is not None and claim.cut > Cut(Fraction(high)):
                yield (Holds(claim, False),)


def _laws_of_texts(claims: list[Atom]) -> Iterator[Law]:
    """
    Equality and patterns of one text; of truths, that it is not both.

    What patterns say together is looked at when it matters, in `theories`.
    """
    for one, other in combinations(claims, 2):
        match one, other:
            case (Is(), Is()) | (IsExactly(), IsExactly()):
                yield (Holds(one, False), Holds(other, False))
            case (Is(value=str() as key), IsExactly(text=text)) | (
                IsExactly(text=text),
                Is(value=str() as key),
            ):
                exact, same = (one, other) if isinstance(one, IsExactly) else (other, one)
                yield law(exact, then=Holds(same, text_key(text) == key))
            case (Is(value=str() as key) as same, Matches() as match) | (
                Matches() as match,
                Is(value=str() as key) as same,
            ):
                yield from _matched(same, key, match)
            case (IsExactly(text=text) as same, Matches() as match) | (
                Matches() as match,
                IsExactly(text=text) as same,
            ):
                yield from _matched(same, text_key(text), match)
            case _:
                pass


def _matched(same: Atom, key: str, match: Matches) -> Iterator[Law]:
    """Whether a text that is known passes."""
    passes = Pattern.of(match.operation, match.pattern).passes(key)
    yield law(same, then=Holds(match, passes))
