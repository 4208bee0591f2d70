"""
What always holds between atoms, whoever the contact is and whenever one looks.

Each law follows from the meaning of the language; where one is left out the linter finds less, and
never says what is not so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import combinations, permutations
from typing import TypeAlias, assert_never

from segmentkit.query import INTEGER
from segmentkit.rules.linter.formulas import (
    NEVER,
    Applied,
    Atom,
    Computed,
    Constant,
    Cut,
    FieldOf,
    Formula,
    Holds,
    Is,
    IsExactly,
    Items,
    Known,
    Less,
    LiesAhead,
    Matches,
    Negated,
    Reaches,
    Same,
    Term,
    Total,
    complement,
    every,
    terms_in,
)
from segmentkit.rules.linter.marks import NOW, Mark, never_later
from segmentkit.text import text_key

Law: TypeAlias = tuple[Holds, ...]
"""One of these holds."""

Implies: TypeAlias = Callable[[Formula, Formula], bool]
"""Whether whatever meets the one formula surely meets the other."""

_SOME = Cut(Fraction(1))
_ZERO = Cut(Fraction(0))
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


def with_neighbours(atoms: Iterable[Atom]) -> dict[Atom, None]:
    """The atoms, in order, with those that laws tie them together by."""
    found = dict.fromkeys(atoms)
    for atom in list(found):
        if isinstance(atom, Less | Same):
            left, right = atom.left, atom.right
            found[Less(left, right)] = found[Less(right, left)] = None
        for term in terms_in(atom):
            for part in _parts(term):
                found[Known(part)] = None
                if isinstance(part, Total):
                    found[_some(part.items)] = None
                    found[Known(_some(part.items).term)] = None
        if isinstance(atom, LiesAhead):
            for other in list(found):
                if isinstance(other, Reaches) and isinstance(other.cut, Mark):
                    found[Reaches(other.term, NOW)] = found[Reaches(other.term, atom.mark)] = None
    return found


def _parts(term: Term) -> Iterator[Term]:
    """A value and the values that it is made of."""
    yield term
    match term:
        case Applied(argument=operand) | Negated(operand=operand):
            yield from _parts(operand)
        case Computed(left=left, right=right):
            for side in (left, right):
                if not isinstance(side, Constant):
                    yield from _parts(side)
        case FieldOf() | Total():
            return
        case _:
            assert_never(term)


def _some(items: Items) -> Reaches:
    """There is at least one item."""
    return Reaches(Total("count", None, None, items, INTEGER), _SOME)


def laws(atoms: Iterable[Atom], implies: Implies) -> Iterator[Law]:
    """
    Every law that ties some of the atoms together.

    Args:
        atoms: with their neighbours.
        implies: of formulas about one item.
    """
    known = list(atoms)
    about: dict[Term, list[Atom]] = {}
    for atom in known:
        for term in terms_in(atom):
            about.setdefault(term, []).append(atom)
    for term, claims in about.items():
        yield from _laws_of_value(term, claims)
    yield from _laws_of_pairs(known)
    yield from _laws_of_runs(known)
    yield from _laws_of_totals(about, implies)


def _if(*conditions: Atom | Holds, then: Atom | Holds) -> Law:
    """The law that the last holds where all others do."""
    return (*(_not(condition) for condition in conditions), _yes(then))


def _yes(claim: Atom | Holds) -> Holds:
    return claim if isinstance(claim, Holds) else Holds(claim)


def _not(claim: Atom | Holds) -> Holds:
    return Holds(claim.atom, not claim.truth) if isinstance(claim, Holds) else Holds(claim, False)


# --- one value --------------------------------------------------------------------------------------


def _laws_of_value(term: Term, claims: list[Atom]) -> Iterator[Law]:
    known = Known(term)
    for claim in claims:
        if claim != known:
            yield _if(claim, then=known)
    if _is_always_known(term):
        yield (Holds(known),)
    yield from _laws_of_range(term, claims)
    for part in _parts(term):
        if part != term:
            yield _if(known, then=Known(part))
    cuts = [claim for claim in claims if isinstance(claim, Reaches)]
    for near, far in permutations(cuts, 2):
        if _at_or_before(near.cut, far.cut):
            yield _if(far, then=near)
    yield from _laws_of_texts(claims)
    truths = {claim.value: claim for claim in claims if isinstance(claim, Is)}
    if True in truths and False in truths:
        yield _if(known, Holds(truths[True], False), then=truths[False])


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
                yield _if(known, then=claim)
            if high is not None and claim.cut > Cut(Fraction(high)):
                yield (Holds(claim, False),)


def _at_or_before(near: Cut | Mark, far: Cut | Mark) -> bool:
    if isinstance(near, Cut) and isinstance(far, Cut):
        return near <= far
    return isinstance(near, Mark) and isinstance(far, Mark) and never_later(near, far)


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
                yield _if(exact, then=Holds(same, text_key(text) == key))
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
            yield _if(same, then=Holds(match, match.pattern in key))
        case "starts_with":
            yield _if(same, then=Holds(match, key.startswith(match.pattern)))
        case "ends_with":
            yield _if(same, then=Holds(match, key.endswith(match.pattern)))
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
                yield _if(one, then=other)
        case "starts_with", "starts_with":
            if longer.startswith(shorter):
                yield _if(one, then=other)
            elif not shorter.startswith(longer):
                yield _if(one, then=Holds(other, False))
        case "ends_with", "ends_with":
            if longer.endswith(shorter):
                yield _if(one, then=other)
            elif not shorter.endswith(longer):
                yield _if(one, then=Holds(other, False))
        case _:
            pass


# --- two values, and the run ------------------------------------------------------------------------


def _laws_of_pairs(atoms: list[Atom]) -> Iterator[Law]:
    """Of two values that are there, one is less or they are the same."""
    pairs = {frozenset((a.left, a.right)): a for a in atoms if isinstance(a, Less)}
    for less in pairs.values():
        more = Less(less.right, less.left)
        yield (Holds(less, False), Holds(more, False))
        for same in atoms:
            if isinstance(same, Same) and {same.left, same.right} == {less.left, less.right}:
                yield (Holds(same, False), Holds(less, False))
                yield (Holds(same, False), Holds(more, False))
                if not same.exactly:
                    both = Known(less.left), Known(less.right)
                    yield (*(Holds(k, False) for k in both), Holds(less), Holds(more), Holds(same))
    for one, other in permutations([a for a in atoms if isinstance(a, Same)], 2):
        if one.exactly and not other.exactly and (one.left, one.right) == (other.left, other.right):
            yield _if(one, then=other)


def _laws_of_runs(atoms: list[Atom]) -> Iterator[Law]:
    """Marks that the run has passed, and values beside them."""
    ahead = [atom for atom in atoms if isinstance(atom, LiesAhead)]
    for near, far in permutations(ahead, 2):
        if never_later(near.mark, far.mark):
            yield _if(near, then=far)
    present = set(atoms)
    for lies_ahead in ahead:
        for at_mark in atoms:
            if isinstance(at_mark, Reaches) and at_mark.cut == lies_ahead.mark:
                at_now = Reaches(at_mark.term, NOW)
                if at_now in present:
                    yield _if(lies_ahead, at_mark, then=at_now)
                    yield _if(Holds(lies_ahead, False), at_now, then=at_mark)


# --- totals -----------------------------------------------------------------------------------------


def _laws_of_totals(about: Mapping[Term, list[Atom]], implies: Implies) -> Iterator[Law]:
    totals = [term for term in about if isinstance(term, Total)]
    for total in totals:
        yield from _laws_of_items(total, about[total], implies)
    for one, other in permutations(totals, 2):
        if one.items.collection == other.items.collection and implies(
            one.items.filter, other.items.filter
        ):
            yield from _laws_of_fewer(one, other, about)
            yield from _laws_of_extremes(one.items, other, about[other], implies)


def _laws_of_items(total: Total, claims: list[Atom], implies: Implies) -> Iterator[Law]:
    """What a total says about there being items, and what their filter says about the total."""
    there = _some(total.items)
    match total.function:
        case "count" | "distinct":
            for claim in claims:
                if _is_cut(claim, above=_ZERO) and claim != there:
                    yield _if(claim, then=there)
            if implies(total.items.filter, NEVER):
                yield (Holds(there, False),)
        case "sum":
            for claim in claims:
                if _is_cut(claim, above=_ZERO):
                    yield _if(claim, then=there)
                elif isinstance(claim, Reaches):
                    yield _if(Holds(claim, False), then=there)
        case "avg" | "min" | "max" | "first" | "last":
            yield _if(Known(total), then=there)
            if total.of is not None and total.transform is None:
                yield from _laws_of_filter(total, total.of, claims, implies)
        case _:
            assert_never(total.function)


def _is_cut(claim: Atom, *, above: Cut) -> bool:
    return isinstance(claim, Reaches) and isinstance(claim.cut, Cut) and claim.cut > above


def _laws_of_filter(
    total: Total, of: FieldOf, claims: list[Atom], implies: Implies
) -> Iterator[Law]:
    """Where all items are on one side of a cut, so is what is chosen or averaged from them."""
    passed = total.items.filter
    if implies(passed, Holds(Known(of))):
        yield _if(_some(total.items), then=Known(total))
    for claim in claims:
        if isinstance(claim, Reaches):
            beyond = Holds(Reaches(of, claim.cut))
            if implies(passed, beyond):
                yield _if(Known(total), then=claim)
            if implies(passed, complement(beyond)):
                yield (Holds(claim, False),)


# Of totals of one field: what is known together, and what is never above what.
_KNOWN_TOGETHER = ("avg", "min", "max")
_NEVER_ABOVE = {
    ("min", "avg"),
    ("min", "max"),
    ("min", "first"),
    ("min", "last"),
    ("avg", "max"),
    ("first", "max"),
    ("last", "max"),
}


def _laws_of_fewer(few: Total, many: Total, about: Mapping[Term, list[Atom]]) -> Iterator[Law]:
    """Totals of which the one is over some of the items that the other is over, or over all."""
    same_field = (few.of, few.transform) == (many.of, many.transform)
    if _counts_no_more(few, many):
        yield from _never_above(few, many, about)
    if not same_field:
        return
    if few.function in (*_KNOWN_TOGETHER, "first", "last") and many.function in _KNOWN_TOGETHER:
        yield _if(Known(few), then=Known(many))
    if few.function == many.function == "max":
        yield from _never_above(few, many, about)
    if few.function == many.function == "min":
        yield from _never_above(many, few, about)
    if few.items == many.items and (few.function, many.function) in _NEVER_ABOVE:
        yield from _never_above(few, many, about)


def _laws_of_extremes(
    few: Items, total: Total, claims: list[Atom], implies: Implies
) -> Iterator[Law]:
    """An item that is there is not beyond the highest and the lowest of all."""
    if total.function not in ("min", "max") or total.of is None or total.transform is not None:
        return
    for claim in claims:
        if isinstance(claim, Reaches):
            beyond = Holds(Reaches(total.of, claim.cut))
            if total.function == "max" and implies(few.filter, beyond):
                yield _if(_some(few), then=claim)
            below = every(Holds(Known(total.of)), complement(beyond))
            if total.function == "min" and implies(few.filter, below):
                yield _if(_some(few), then=Holds(claim, False))


def _counts_no_more(few: Total, many: Total) -> bool:
    """Different values are no more than values, and values no more than items."""
    match few.function, many.function:
        case (("count" | "distinct"), "count") if many.of is None:
            return True
        case ("distinct", "distinct" | "count") | ("count", "count"):
            return (few.of, few.transform) == (many.of, many.transform)
        case _:
            return False


def _never_above(low: Total, high: Total, about: Mapping[Term, list[Atom]]) -> Iterator[Law]:
    """Where both are there, what the lower one reaches the higher one reaches too."""
    for reached in about[low]:
        for claim in about[high]:
            if (
                isinstance(reached, Reaches)
                and isinstance(claim, Reaches)
                and _at_or_before(claim.cut, reached.cut)
            ):
                yield _if(reached, Known(high), then=claim)
