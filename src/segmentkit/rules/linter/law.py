"""The form of a law: what holds wherever other things do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from segmentkit.rules.linter.formulas import Atom, Cut, Formula, Holds
from segmentkit.rules.linter.marks import Mark, never_later

Law: TypeAlias = tuple[Holds, ...]
"""One of these holds."""

Implies: TypeAlias = Callable[[Formula, Formula], bool]
"""Whether whatever meets the one formula surely meets the other."""


def law(*conditions: Atom | Holds, then: Atom | Holds) -> Law:
    """The law that the last holds where all others do."""
    return (*(_not(condition) for condition in conditions), _yes(then))


def _yes(claim: Atom | Holds) -> Holds:
    return claim if isinstance(claim, Holds) else Holds(claim)


def _not(claim: Atom | Holds) -> Holds:
    return Holds(claim.atom, not claim.truth) if isinstance(claim, Holds) else Holds(claim, False)


def at_or_before(near: Cut | Mark, far: Cut | Mark) -> bool:
    if isinstance(near, Cut) and isinstance(far, Cut):
        return near <= far
    return isinstance(near, Mark) and isinstance(far, Mark) and never_later(near, far)
