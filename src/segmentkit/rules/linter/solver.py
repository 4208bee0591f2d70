"""Whether clauses can all hold at once: a small search with unit propagation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

# Numbers stand for claims, 1 and up; a negative one says that the claim does not hold. A clause
# wants one of its claims.
Clause: TypeAlias = tuple[int, ...]


class Undecided(Exception):
    """The search took too many steps."""


def solve(clauses: Iterable[Clause], size: int, *, steps: int = 20_000) -> list[bool] | None:
    """
    Truths of the claims 1 to *size* under which every clause holds, at place 1 to *size*.

    None when there are none. Claims are taken not to hold where nothing wants them to.

    Raises:
        Undecided: after so many guesses.

    Examples:
        >>> solve([(1, 2), (-1,)], 2)
        [False, False, True]
        >>> solve([(1,), (-1, 2), (-2,)], 2) is None
        True
    """
    search = _Search(list(clauses), size)
    if not search.start():
        return None
    guesses: list[tuple[int, int]] = []  # the claim that was guessed, and the trail before it
    for _ in range(steps):
        guess = search.undecided()
        if guess is None:
            return search.truths()
        guesses.append((guess, len(search.trail)))
        consistent = search.take(-guess)
        while not consistent:
            if not guesses:
                return None
            guess, before = guesses.pop()
            search.forget(before)
            consistent = search.take(guess)
    raise Undecided


class _Search:
    """What is decided so far, and what follows from it."""

    def __init__(self, clauses: Sequence[Clause], size: int) -> None:
        self.clauses = clauses
        self.size = size
        self.trail: list[int] = []
        self._value = [0] * (size + 1)  # 1 holds, -1 does not, 0 is undecided
        self._where: dict[int, list[Clause]] = {}
        for clause in clauses:
            for claim in clause:
                self._where.setdefault(-claim, []).append(clause)

    def start(self) -> bool:
        """Take what clauses of one claim say; False when that cannot be."""
        if any(not clause for clause in self.clauses):
            return False
        return all(self.take(clause[0]) for clause in self.clauses if len(clause) == 1)

    def take(self, claim: int) -> bool:
        """Let a claim hold, with all that follows; False when that cannot be."""
        waiting = [claim]
        while waiting:
            claim = waiting.pop()
            truth = self._truth(claim)
            if truth:
                if truth < 0:
                    return False
                continue
            self._value[abs(claim)] = 1 if claim > 0 else -1
            self.trail.append(claim)
            for clause in self._where.get(claim, ()):
                wanted = self._last_way(clause)
                if wanted == 0:
                    return False
                if wanted is not None:
                    waiting.append(wanted)
        return True

    def forget(self, length: int) -> None:
        """Undo what was decided after the trail had a length."""
        for claim in self.trail[length:]:
            self._value[abs(claim)] = 0
        del self.trail[length:]

    def undecided(self) -> int | None:
        """A claim to guess: of a clause that does not hold yet."""
        for clause in self.clauses:
            open_claim = 0
            for claim in clause:
                truth = self._truth(claim)
                if truth > 0:
                    break
                if truth == 0:
                    open_claim = claim
            else:
                return abs(open_claim)
        return None

    def truths(self) -> list[bool]:
        return [value > 0 for value in self._value]

    def _truth(self, claim: int) -> int:
        value = self._value[abs(claim)]
        return value if claim > 0 else -value

    def _last_way(self, clause: Clause) -> int | None:
        """The one claim that can still make a clause hold; 0 when none can, None when no need."""
        found = 0
        for claim in clause:
            truth = self._truth(claim)
            if truth > 0:
                return None
            if truth == 0:
                if found:
                    return None
                found = claim
        return found
