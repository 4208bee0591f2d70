"""
Patterns of text together: whether any text passes some and not others, and which one does.

Every pattern is a small automaton over text keys; all of them read a text at once, and what they
can reach is looked through, shortest texts first. So globs with several stars are decided, and any
number of patterns at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

from attrs import frozen

from segmentkit.query import TextOperation

_ANY = None
"""A piece of a pattern that takes any one character."""
_Piece: TypeAlias = str | None
_State: TypeAlias = tuple[bool, tuple[int, ...]]
"""Whether the text so far ends with a blank or is none, and where each pattern may be in it."""

# A search through more states than that is given up.
_MOST_STATES = 20_000
# Characters that no pattern names all do alike; one of these stands for them.
_OTHERS = "xyz0123456789abcdefghijklmnopqrstuvw一二三四五"


class TooManyStates(Exception):
    """The patterns have more to do with one another than is looked through."""


@frozen
class Pattern:
    """
    Pieces that a text key has to be made of.

    Attributes:
        pieces: each takes one character.
        gaps: places between pieces, 0 to their number, where any run of characters may stand.

    Examples:
        >>> Pattern.of("like", "a*b?").passes("axxbc")
        True
        >>> Pattern.of("contains", "*").passes("a*b")  # only `like` has stars
        True
    """

    pieces: tuple[_Piece, ...]
    gaps: frozenset[int]

    @classmethod
    def same(cls, key: str) -> Pattern:
        """What only this text passes."""
        return cls(tuple(key), frozenset())

    @classmethod
    def of(cls, operation: TextOperation, key: str) -> Pattern:
        """What passes a test of the language; *key* is not blank."""
        match operation:
            case "contains":
                return cls(tuple(key), frozenset({0, len(key)}))
            case "starts_with":
                return cls(tuple(key), frozenset({len(key)}))
            case "ends_with":
                return cls(tuple(key), frozenset({0}))
            case "like":
                return cls._glob(key)

    @classmethod
    def _glob(cls, key: str) -> Pattern:
        pieces: list[_Piece] = []
        gaps: set[int] = set()
        for character in key:
            if character == "*":
                gaps.add(len(pieces))
            else:
                pieces.append(_ANY if character == "?" else character)
        return cls(tuple(pieces), frozenset(gaps))

    def passes(self, key: str) -> bool:
        places = self.start
        for character in key:
            places = self.after(places, character)
        return self.accepts(places)

    # Places are bits: bit n says that n pieces are taken.

    @property
    def start(self) -> int:
        return 1

    def after(self, places: int, character: str) -> int:
        """Where the pattern may be one character later."""
        reached = 0
        for place in range(len(self.pieces) + 1):
            if places >> place & 1:
                if place in self.gaps:
                    reached |= 1 << place
                if place < len(self.pieces) and self.pieces[place] in (_ANY, character):
                    reached |= 1 << place + 1
        return reached

    def accepts(self, places: int) -> bool:
        return bool(places >> len(self.pieces) & 1)

    def is_settled(self, places: int, *, passing: bool) -> bool:
        """Whether no further character brings the text to pass, or not to pass, as is wanted."""
        if passing:
            return not places
        return self.accepts(places) and len(self.pieces) in self.gaps


@lru_cache(maxsize=4_096)
def text_that(passing: frozenset[Pattern], failing: frozenset[Pattern]) -> str | None:
    """
    The shortest text key that passes the ones and none of the others; None when there is none.

    Raises:
        TooManyStates: that would take too long to find out.

    Examples:
        >>> a_b, b_a = Pattern.of("like", "a*b"), Pattern.of("like", "b*a")
        >>> text_that(frozenset({a_b, b_a}), frozenset()) is None
        True
        >>> text_that(frozenset({a_b, Pattern.of("contains", "ba")}), frozenset())
        'abab'
    """
    if not passing and not failing:
        return _OTHERS[0]
    patterns = [*((p, True) for p in _in_order(passing)), *((p, False) for p in _in_order(failing))]
    characters = _alphabet(pattern for pattern, _ in patterns)
    step = _stepper([pattern for pattern, _ in patterns])
    # A key neither begins nor ends with a blank, and never has two side by side.
    start: _State = (True, tuple(pattern.start for pattern, _ in patterns))
    texts: dict[_State, str] = {start: ""}
    waiting: deque[_State] = deque([start])
    while waiting:
        blank, places = waiting.popleft()
        text = texts[blank, places]
        for character in characters:
            if blank and character == " ":
                continue
            reached = step(places, character)
            state = (character == " ", reached)
            if state in texts or any(
                pattern.is_settled(at, passing=wanted)
                for (pattern, wanted), at in zip(patterns, reached, strict=True)
            ):
                continue
            if character != " " and all(
                pattern.accepts(at) is wanted
                for (pattern, wanted), at in zip(patterns, reached, strict=True)
            ):
                return text + character
            if len(texts) >= _MOST_STATES:
                raise TooManyStates
            texts[state] = text + character
            waiting.append(state)
    return None


def _in_order(patterns: Iterable[Pattern]) -> list[Pattern]:
    return sorted(patterns, key=repr)


def _alphabet(patterns: Iterable[Pattern]) -> list[str]:
    """Each character that a pattern names, and one that none does."""
    named = {piece for pattern in patterns for piece in pattern.pieces if piece is not None}
    other = next((c for c in _OTHERS if c not in named), None)
    if other is None:
        other = next(chr(code) for code in range(0x4E00, 0x9FFF) if chr(code) not in named)
    return [other, *sorted(named)]


def _stepper(
    patterns: Sequence[Pattern],
) -> Callable[[tuple[int, ...], str], tuple[int, ...]]:
    """One character for all patterns at once; what was worked out is kept."""
    known: list[dict[tuple[int, str], int]] = [{} for _ in patterns]

    def step(places: tuple[int, ...], character: str) -> tuple[int, ...]:
        return tuple(
            _kept(memory, pattern, at, character)
            for memory, pattern, at in zip(known, patterns, places, strict=True)
        )

    return step


def _kept(memory: dict[tuple[int, str], int], pattern: Pattern, at: int, character: str) -> int:
    reached = memory.get((at, character))
    if reached is None:
        reached = memory[at, character] = pattern.after(at, character)
    return reached
