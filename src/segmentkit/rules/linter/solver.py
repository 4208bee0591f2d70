"""Whether clauses can all hold at once: a small search with unit propagation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

# Numbers stand for claims, 1 and up; a negative one says that the claim does not hold. A clause
# wants one of its claims.
Clause: TypeAlias = tuple[int, ...]


class Undecided(Exception):
    """The search took too many steps."""


class Prepared:
    """Clauses that many questions have in common, with what follows from them alone."""

    def __init__(self, clauses: Iterable[Clause], size: int) -> None:
        self.clauses = list(clauses)
        self.size = size
        # A claim to the clauses that lose a way to hold when it does.
        self.losing = _losing(self.clauses)
        self.truths: Sequence[int] = ()
        self.consistent = True
        self._conclude(self.clauses)

    def learn(self, clause: Clause) -> None:
        """Add a clause that holds with the others, whatever is asked."""
        self.clauses.append(clause)
        for claim in clause:
            self.losing.setdefault(-claim, []).append(clause)
        self._conclude([clause])

    def _conclude(self, clauses: Iterable[Clause]) -> None:
        search = _Search(self, (), self.size)
        self.consistent = self.consistent and search.begin(clauses)
        self.truths = search.truths


def solve(
    prepared: Prepared, clauses: Sequence[Clause], size: int, *, steps: int = 20_000
) -> list[bool] | None:
    """
    Truths of the claims 1 to *size* under which every clause holds, at place 1 to *size*.

    None when there are none. Claims are taken not to hold where nothing wants them to.

    Raises:
        Undecided: after so many guesses.

    Examples:
        >>> nothing = Prepared((), 0)
        >>> solve(nothing, [(1, 2), (-1,)], 2)
        [False, False, True]
        >>> solve(nothing, [(1,), (-1, 2), (-2,)], 2) is None
        True
    """
    search = _Search(prepared, clauses, size)
    if not prepared.consistent or not search.begin(clauses):
        return None
    guesses: list[tuple[int, int]] = []  # the claim that was guessed, and the trail before it
    for _ in range(steps):
        guess = search.undecided()
        if guess is None:
            return [truth > 0 for truth in search.truths]
        guesses.append((guess, len(search.trail)))
        consistent = search.take(-guess)
        while not consistent:
            if not guesses:
                return None
            guess, before = guesses.pop()
            search.forget(before)
            consistent = search.take(guess)
    raise Undecided


def _losing(clauses: Iterable[Clause]) -> dict[int, list[Clause]]:
    losing: dict[int, list[Clause]] = {}
    for clause in clauses:
        for claim in clause:
            losing.setdefault(-claim, []).append(clause)
    return losing


class _Search:
    """What is decided so far, and what follows from it."""

    def __init__(self, prepared: Prepared, clauses: Sequence[Clause], size: int) -> None:
        self._clauses = (clauses, prepared.clauses)
        self._losing = (_losing(clauses), prepared.losing)
        # 1 holds, -1 does not, 0 is undecided.
        self.truths = [*prepared.truths, *[0] * (size + 1 - len(prepared.truths))]
        self.trail: list[int] = []

    def begin(self, clauses: Iterable[Clause]) -> bool:
        """Take what follows from clauses before any guess; False when they cannot all hold."""
        for clause in clauses:
            claim = self._last_way(clause)
            if claim == 0 or (claim is not None and not self.take(claim)):
                return False
        return True

    def take(self, claim: int) -> bool:
        """Let a claim hold, with all that follows; False when that cannot be."""
        waiting = [claim]
        while waiting:
            claim = waiting.pop()
            truth = self.truths[abs(claim)] * (1 if claim > 0 else -1)
            if truth < 0:
                return False
            if truth > 0:
                continue
            self.truths[abs(claim)] = 1 if claim > 0 else -1
            self.trail.append(claim)
            for losing in self._losing:
                for clause in losing.get(claim, ()):
                    wanted = self._last_way(clause)
                    if wanted == 0:
                        return False
                    if wanted is not None:
                        waiting.append(wanted)
        return True

    def forget(self, length: int) -> None:
        """Undo what was decided after the trail had a length."""
        for claim in self.trail[length:]:
            self.truths[abs(claim)] = 0
        del self.trail[length:]

    def undecided(self) -> int | None:
        """A claim to guess, of a clause that does not hold yet."""
        truths = self.truths
        for clauses in self._clauses:
            for clause in clauses:
                open_claim = 0
                for claim in clause:
                    truth = truths[claim] if claim > 0 else -truths[-claim]
                    if truth > 0:
                        break
                    if truth == 0:
                        open_claim = claim
                else:
                    return abs(open_claim)
        return None

    def _last_way(self, clause: Clause) -> int | None:
        """The one claim that can still make a clause hold; 0 when none can, None when no need."""
        truths = self.truths
        found = 0
        for claim in clause:
            truth = truths[claim] if claim > 0 else -truths[-claim]
            if truth > 0:
                return None
            if truth == 0:
                if found:
                    return None
                found = claim
        return found
