"""What always holds between claims about one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations, permutations
from typing import assert_never

from segmentkit.rules.linter.formulas import (
    Applied,
    Atom,
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
        case Applied():
            return False
        case _:
            assert_never(term)


def _laws_of_range(term: Term, claims: list[Atom]) -> Iterator[Law]:
    low: int | None = None
    high: int | None = None
    if isinstance(term, Total) and term.function in ("count", "distinct"):
        low = 0
    if isinstance(term, Applied):
        low, high = _RANGES.get(term.function, (None, None))
    known = Known(term)
    for claim in claims:
        if isinstance(claim, Reaches) and isinstance(claim.cut, Cut):
            if low is not None and claim.cut <= Cut(Fraction(low)):
                yield law(known, then=claim)
            if high is not None and claim.cut > Cut(Fraction(high)):
                yield (Holds(claim, False),)


def _laws_of_texts(claims: list[Atom]) -> Iterator[Law]:
    """Equality and patterns of one text; of truths, that it is not both."""
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
            case Matches(), Matches():
                yield from _laws_of_patterns(one, other)
                yield from _laws_of_patterns(other, one)
            case _:
                pass


def _matched(same: Atom, key: str, match: Matches) -> Iterator[Law]:
    """Whether a text that is known passes."""
    match match.operation:
        case "contains":
            yield law(same, then=Holds(match, match.pattern in key))
        case "starts_with":
            yield law(same, then=Holds(match, key.startswith(match.pattern)))
        case "ends_with":
            yield law(same, then=Holds(match, key.endswith(match.pattern)))
        case "like":
            return
        case _:
            assert_never(match.operation)


def _laws_of_patterns(one: Matches, other: Matches) -> Iterator[Law]:
    """What passes the one pattern also passes the other, or never does."""
    longer, shorter = one.pattern, other.pattern
    match one.operation, other.operation:
        case (("contains" | "starts_with" | "ends_with"), "contains"):
            if shorter in longer:
                yield law(one, then=other)
        case "starts_with", "starts_with":
            if longer.startswith(shorter):
                yield law(one, then=other)
            elif not shorter.startswith(longer):
                yield law(one, then=Holds(other, False))
        case "ends_with", "ends_with":
            if longer.endswith(shorter):
                yield law(one, then=other)
            elif not shorter.endswith(longer):
                yield law(one, then=Holds(other, False))
        case _:
            pass
