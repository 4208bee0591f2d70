"""Whether formulas can hold, must hold, or follow from others, as far as the linter knows."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import TypeAlias, assert_never

from segmentkit.query import Names
from segmentkit.rules.linter.formulas import (
    Atom,
    Every,
    Formula,
    Holds,
    Some,
    atoms_of,
    complement,
    terms_in,
)
from segmentkit.rules.linter.law import Law
from segmentkit.rules.linter.laws import laws, with_neighbours
from segmentkit.rules.linter.laws_of_totals import never_above
from segmentkit.rules.linter.solver import Clause, Prepared, Undecided, solve
from segmentkit.rules.linter.theories import Theories

Truths: TypeAlias = dict[Atom, bool]

# Laws tie each atom to each, so that with many there is too much to look through while one waits.
_MANY_ATOMS = 200
# So often a search may settle on what no values can be.
_MOST_LEARNT = 500


class Work:
    """
    How much may still be looked at, counted in claims: the same on every machine.

    Attributes:
        left: below 0 every further question is undecided.
    """

    def __init__(self, most: float = inf) -> None:
        self.left = most

    @property
    def is_over(self) -> bool:
        return self.left < 0


class Logic:
    """
    Answers about the formulas of one linting.

    It errs to one side: what it calls impossible is impossible, and what it does not may be too.

    Attributes:
        names: of today.
        undecided: how many questions would have taken too long.
        work: how much may be looked at; without any, each question has its own limit alone.
    """

    def __init__(self, names: Names | None = None, work: Work | None = None) -> None:
        self.names = names
        self.undecided = 0
        self.work = Work() if work is None else work
        self._theories: dict[frozenset[Atom], Theory] = {}
        self._implied: dict[tuple[Formula, Formula], bool] = {}

    def theory(self, formulas: Iterable[Formula]) -> Theory:
        """What is known about the atoms of some formulas."""
        atoms = dict.fromkeys(atom for formula in formulas for atom in atoms_of(formula))
        known = self._theories.get(frozenset(atoms))
        if known is None:
            known = self._theories[frozenset(atoms)] = Theory(atoms, self)
        return known

    def implies(self, formula: Formula, other: Formula) -> bool:
        """Whether whatever meets the one surely meets the other."""
        known = self._implied.get((formula, other))
        if known is None:
            known = formula == other or self.theory((formula, other)).implies(formula, other)
            self._implied[formula, other] = known
        return known


class Theory:
    """
    Some atoms, and the laws that tie them together.

    Attributes:
        is_whole: whether the laws are there; with too many atoms they are left out.
    """

    def __init__(self, atoms: Iterable[Atom], logic: Logic) -> None:
        neighbours = with_neighbours(atoms)
        self._number = {atom: number for number, atom in enumerate(neighbours, 1)}
        self._logic = logic
        self.is_whole = len(neighbours) <= _MANY_ATOMS
        tied = laws(neighbours, logic.implies, logic.names) if self.is_whole else ()
        known = {self._clause(law) for law in tied}
        self._laws = Prepared(sorted(known), len(neighbours))
        terms = dict.fromkeys(term for atom in neighbours for term in terms_in(atom))
        ordered = never_above(terms, logic.implies) if self.is_whole else ()
        self._theories = Theories(neighbours, ordered)
        # Making a theory looks at each two of its claims.
        logic.work.left -= len(neighbours) + len(known)

    def model(self, *formulas: Formula) -> Truths | None:
        """
        Truths of all atoms under which every formula holds; None when there surely are none.

        Raises:
            Undecided: the search took too long, or no work is left.
        """
        clauses: list[Clause] = []
        size = [len(self._number)]
        for formula in formulas:
            clauses.append((self._said(formula, clauses, size),))
        for _ in range(_MOST_LEARNT):
            if self._logic.work.is_over:
                raise Undecided
            self._logic.work.left -= size[0]
            found = solve(self._laws, clauses, size[0])
            if found is None:
                return None
            truths = {atom: found[number] for atom, number in self._number.items()}
            broken = self._theories.conflict(truths)
            if broken is None:
                return truths
            self._laws.learn(self._clause(broken))
        raise Undecided

    def may_hold(self, *formulas: Formula) -> bool:
        """Whether all of them together may hold."""
        try:
            return self.model(*formulas) is not None
        except Undecided:
            self._logic.undecided += 1
            return True

    def implies(self, formula: Formula, other: Formula) -> bool:
        """Whether whatever meets the one surely meets the other."""
        return not self.may_hold(formula, complement(other))

    def _said(self, formula: Formula, clauses: list[Clause], size: list[int]) -> int:
        """A claim that wants the formula; clauses that say so are added."""
        match formula:
            case Holds():
                return self._claim(formula)
            case Every(parts):
                whole = _fresh(size)
                clauses += [(-whole, self._said(part, clauses, size)) for part in parts]
                return whole
            case Some(parts):
                whole = _fresh(size)
                clauses.append((-whole, *(self._said(part, clauses, size) for part in parts)))
                return whole
            case _:
                assert_never(formula)

    def _clause(self, law: Law) -> Clause:
        return tuple(self._claim(claim) for claim in law)

    def _claim(self, claim: Holds) -> int:
        number = self._number[claim.atom]
        return number if claim.truth else -number


def _fresh(size: list[int]) -> int:
    size[0] += 1
    return size[0]
