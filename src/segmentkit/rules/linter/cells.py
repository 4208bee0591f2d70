"""
The cells into which conditions cut all contacts: in each, every claim is true or false throughout.

Conditions that share nobody share no cell, and whoever no condition takes in is in a cell that none
does. Cells side by side differ in one claim.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from fractions import Fraction

from attrs import field, frozen

from segmentkit.rules.linter.formulas import (
    Atom,
    Combined,
    Cut,
    Formula,
    Holds,
    Known,
    Reaches,
    Term,
    atoms_of,
    holds,
    terms_in,
)
from segmentkit.rules.linter.logic import Theory, Truths
from segmentkit.rules.linter.solver import Undecided

# More cells than that are not looked at one by one.
_MOST_CELLS = 1_000
_MOST_QUESTIONS = 6_000


@frozen
class Cell:
    """
    Attributes:
        sides: for each claim that cuts, whether it is true here.
        truths: what else may be true here, so that there can be someone.
    """

    sides: tuple[bool, ...]
    truths: Truths = field(eq=False, repr=False)


@frozen
class Cells:
    """All cells, lowest values first; a missing value before all others."""

    cuts: tuple[Atom, ...]
    cells: tuple[Cell, ...]

    def within(self, formula: Formula) -> list[Cell]:
        """The cells where a formula holds."""
        return [cell for cell in self.cells if holds(formula, cell.truths)]

    def together(self, cells: Iterable[Cell]) -> Iterator[list[Cell]]:
        """Those of *cells* that lie side by side, as one piece each."""
        left = {cell.sides: cell for cell in cells}
        movable = [n for n, atom in enumerate(self.cuts) if not isinstance(atom, Known)]
        while left:
            piece = [left.pop(next(iter(left)))]
            for cell in piece:
                for number in movable:
                    beside = left.pop(_turned(cell.sides, number), None)
                    if beside is not None:
                        piece.append(beside)
            yield sorted(piece, key=lambda cell: cell.sides)

    def is_between(self, piece: Iterable[Cell], others: Sequence[Cell]) -> bool:
        """Whether of *others* some have a lower value of one measure, some a higher one."""
        cells = list(piece)
        for axis in self._axes():
            taken: dict[tuple[bool, ...], list[frozenset[int]]] = {}
            for cell in others:
                taken.setdefault(_beside(cell, axis), []).append(_reached(cell, axis))
            for cell in cells:
                here, alike = _reached(cell, axis), taken.get(_beside(cell, axis), [])
                if any(there < here for there in alike) and any(there > here for there in alike):
                    return True
        return False

    def _axes(self) -> list[frozenset[int]]:
        """For each measure the places of its cuts; sums of the same values are one measure."""
        axes: dict[object, list[int]] = {}
        for number, atom in enumerate(self.cuts):
            if isinstance(atom, Reaches):
                term = atom.term
                added = (
                    frozenset(t for t, _ in term.factors) if isinstance(term, Combined) else term
                )
                axes.setdefault(added, []).append(number)
        return [frozenset(axis) for axis in axes.values()]


def _beside(cell: Cell, axis: Container[int]) -> tuple[bool, ...]:
    return tuple(side for number, side in enumerate(cell.sides) if number not in axis)


def _reached(cell: Cell, axis: Iterable[int]) -> frozenset[int]:
    return frozenset(number for number in axis if cell.sides[number])


def cells_of(theory: Theory, formulas: Sequence[Formula]) -> Cells | None:
    """All cells into which formulas cut; None where there are too many."""
    if not theory.is_whole:
        return None
    cuts = _cuts(formulas)
    found: list[Cell] = []
    asked = [0]
    try:
        whole = theory.model()
        if whole is None:
            return Cells(cuts, ())
        for truths in _split(theory, cuts, (), whole, asked):
            found.append(Cell(tuple(truths[atom] for atom in cuts), truths))
            if len(found) > _MOST_CELLS:
                return None
    except Undecided:
        return None
    return Cells(cuts, tuple(found))


def _split(
    theory: Theory, cuts: Sequence[Atom], said: tuple[Holds, ...], truths: Truths, asked: list[int]
) -> Iterator[Truths]:
    """Truths for each cell of which something is said already."""
    if len(said) == len(cuts):
        yield truths
        return
    atom = cuts[len(said)]
    for truth in (False, True):
        claim = Holds(atom, truth)
        here: Truths | None = truths
        if truths[atom] is not truth:
            asked[0] += 1
            if asked[0] > _MOST_QUESTIONS:
                raise Undecided
            here = theory.model(*said, claim)
        if here is not None:
            yield from _split(theory, cuts, (*said, claim), here, asked)


def _cuts(formulas: Iterable[Formula]) -> tuple[Atom, ...]:
    """Every claim of the formulas, by value, and whether each value is known."""
    by_term: dict[Term | None, list[Atom]] = {}
    for formula in formulas:
        for atom in atoms_of(formula):
            terms = terms_in(atom)
            by_term.setdefault(terms[0] if len(terms) == 1 else None, []).append(atom)
    ordered: dict[Atom, None] = {}
    for term, atoms in by_term.items():
        if term is not None:
            ordered[Known(term)] = None
        ordered |= dict.fromkeys(sorted(set(atoms), key=_height))
    return tuple(ordered)


def _height(atom: Atom) -> tuple[int, Cut, str]:
    """Known first, then cuts from below, then the rest in an order of its own."""
    if isinstance(atom, Known):
        return 0, Cut(Fraction(0)), ""
    if isinstance(atom, Reaches) and isinstance(atom.cut, Cut):
        return 1, atom.cut, ""
    return 2, Cut(Fraction(0)), repr(atom)


def _turned(sides: tuple[bool, ...], number: int) -> tuple[bool, ...]:
    return (*sides[:number], not sides[number], *sides[number + 1 :])
