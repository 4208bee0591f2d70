"""
What claims say together that no law of a few claims tells: texts and patterns, sums of numbers.

The search settles on truths, and each theory is asked whether there are values of which they hold.
If there are none, those of the truths that cannot be together become a law of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from segmentkit.rules.linter.formulas import (
    Atom,
    Combined,
    Cut,
    Holds,
    Is,
    IsExactly,
    Known,
    Matches,
    Reaches,
    Term,
    Total,
    some_of,
)
from segmentkit.rules.linter.inequalities import AtLeast, TooManyInequalities, solved
from segmentkit.rules.linter.law import Law
from segmentkit.rules.linter.laws_of_values import range_of
from segmentkit.rules.linter.linear import unit_of, unit_of_sum
from segmentkit.rules.linter.texts import Pattern, TooManyStates, text_that
from segmentkit.text import text_key


class Theories:
    """
    Asks of truths whether there are values for them.

    Args:
        atoms: all that there are.
        never_above: pairs of numbers of which the first is never above the second, where both are
            there.
    """

    def __init__(self, atoms: Iterable[Atom], never_above: Iterable[tuple[Term, Term]]) -> None:
        claims = list(atoms)
        self._patterns: dict[Term, list[Atom]] = {}
        for atom in claims:
            if isinstance(atom, Matches | Is) and not isinstance(getattr(atom, "value", ""), bool):
                self._patterns.setdefault(atom.term, []).append(atom)
        for term, about in list(self._patterns.items()):
            if not any(isinstance(atom, Matches) for atom in about):
                del self._patterns[term]
        self._numbers = _together(claims)
        self._never_above = list(never_above)

    def conflict(self, truths: Mapping[Atom, bool]) -> Law | None:
        """A law that the truths break; None when no theory knows one."""
        for term in self._patterns:
            if truths.get(Known(term)):
                said = [Holds(atom, truths[atom]) for atom in self._patterns[term]]
                if _impossible(said, _text_of):
                    return self._law(said, _text_of, Known(term))
        said = [
            Holds(atom, truths[atom])
            for atom in self._numbers
            if truths.get(Known(atom.term), False)
        ]
        if said and _impossible(said, self._numbers_of):
            terms = dict.fromkeys(
                claim.atom.term for claim in said if isinstance(claim.atom, Reaches)
            )
            return self._law(said, self._numbers_of, *map(Known, terms))
        return None

    def _law(
        self, said: Sequence[Holds], find: Callable[[Sequence[Holds]], object], *known: Known
    ) -> Law:
        """That not all of it is so, nor what is needed of it."""
        needed = list(said)
        for claim in said:
            fewer = [other for other in needed if other is not claim]
            if _impossible(fewer, find):
                needed = fewer
        return (
            *(Holds(atom, False) for atom in known),
            *(Holds(claim.atom, not claim.truth) for claim in needed),
        )

    def _numbers_of(self, said: Sequence[Holds]) -> Mapping[Term, Fraction] | None:
        return numbers_for(said, self._never_above)


def _impossible(said: Sequence[Holds], find: Callable[[Sequence[Holds]], object]) -> bool:
    """Whether no values are found, rather than that it would take too long."""
    try:
        return find(said) is None
    except (TooManyStates, TooManyInequalities):
        return False


# --- texts ------------------------------------------------------------------------------------------


def text_for(said: Iterable[Holds]) -> str | None:
    """
    A text key of which claims about one text hold; None when there is none.

    Raises:
        TooManyStates: that would take too long to find out.
    """
    passing: set[Pattern] = set()
    failing: set[Pattern] = set()
    for claim in said:
        for pattern in _patterns_of(claim):
            (passing if claim.truth else failing).add(pattern)
    return text_that(frozenset(passing), frozenset(failing))


_text_of: Callable[[Sequence[Holds]], object] = text_for


def _patterns_of(claim: Holds) -> Iterator[Pattern]:
    match claim.atom:
        case Matches(operation=operation, pattern=pattern):
            yield Pattern.of(operation, pattern)
        case Is(value=str() as key):
            yield Pattern.same(key)
        case IsExactly(text=text) if claim.truth:
            # That it is not written so leaves every key open.
            yield Pattern.same(text_key(text))
        case _:
            pass


# --- numbers ----------------------------------------------------------------------------------------


def _together(atoms: Iterable[Atom]) -> list[Reaches]:
    """Claims about sums, and about the numbers that stand in sums."""
    cuts = [atom for atom in atoms if isinstance(atom, Reaches) and isinstance(atom.cut, Cut)]
    added = {
        part for atom in cuts if isinstance(atom.term, Combined) for part, _ in atom.term.factors
    }
    # Whether there are items at all tells of every total over them.
    there = {some_of(part.items) for part in added if isinstance(part, Total)}
    return [
        atom
        for atom in cuts
        if isinstance(atom.term, Combined) or atom.term in added or atom in there
    ]


def numbers_for(
    said: Iterable[Holds], never_above: Iterable[tuple[Term, Term]]
) -> dict[Term, Fraction] | None:
    """
    Numbers of which claims hold; None when there are none.

    Raises:
        TooManyInequalities: that would take too long to find out.
    """
    claims = list(said)
    wanted = [_inequality(claim) for claim in claims if isinstance(claim.atom, Reaches)]
    there = dict.fromkeys(term for each in wanted for term in each.factors)
    wanted += [
        AtLeast({low: Fraction(-1), high: Fraction(1)}, Fraction(0))
        for low, high in never_above
        if low in there and high in there
    ]
    empty = {c.atom for c in claims if not c.truth}
    for term in there:
        if isinstance(term, Total) and some_of(term.items) in empty:
            wanted.append(AtLeast({term: Fraction(-1)}, Fraction(0)))
            wanted.append(AtLeast({term: Fraction(1)}, Fraction(0)))
        low, high = range_of(term)
        if low is not None:
            wanted.append(AtLeast({term: Fraction(1)}, Fraction(low)))
        if high is not None:
            wanted.append(AtLeast({term: Fraction(-1)}, Fraction(-high)))
    return solved(wanted, {term: unit_of(term.type) for term in there})


def _inequality(claim: Holds) -> AtLeast[Term]:
    atom = claim.atom
    assert isinstance(atom, Reaches)
    assert isinstance(atom.cut, Cut)
    parts = atom.term.factors if isinstance(atom.term, Combined) else ((atom.term, Fraction(1)),)
    value, after = atom.cut.value, atom.cut.after
    if claim.truth:
        return AtLeast(dict(parts), value, above=after)
    unit = unit_of_sum(parts)
    down = {term: -factor for term, factor in parts}
    if unit is not None and not after and (value / unit).denominator == 1:
        return AtLeast(down, unit - value)
    return AtLeast(down, -value, above=not after)
