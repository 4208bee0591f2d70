"""Sequences as descriptions: their steps, and the legs between one row and the next."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from segmentkit.engines.columnar.selections import Bounds, Selection
from segmentkit.engines.columnar.step_filters import StepFilter


@frozen(eq=False)
class ChainStep:
    """
    One step of a sequence.

    Attributes:
        selection: rows that could take it, or must not be there.
        negated: nothing of the selection may happen between the neighbours.
        alias: by which later filters speak of its row.
        within: microseconds after the row before it, inclusive.
        filter: what a row must be beside the rows of earlier steps.
    """

    selection: Selection
    negated: bool
    alias: str | None
    within: int | None
    filter: StepFilter | None


@frozen(eq=False)
class Chain:
    """
    A sequence.

    Attributes:
        start: rows that begin it.
        alias: by which filters speak of them.
        bounds: the window in which it lies.
        at: the instant of the run; an ending `did not ... within D` holds once D has passed.
    """

    start: Selection
    alias: str | None
    steps: tuple[ChainStep, ...]
    bounds: Bounds
    at: int


@frozen(eq=False)
class Leg:
    """
    From one row of a chain to the next, or to the end.

    Attributes:
        absent: what must not happen on the way.
        taken: the step of the next row; None at the end.
        asks: fields of earlier rows that filters from here on ask for, by the names of steps.
        first_only: the earliest next row is as good as any later one.
    """

    absent: tuple[ChainStep, ...]
    taken: ChainStep | None
    asks: Mapping[str, frozenset[str]]
    first_only: bool


def legs_of(chain: Chain) -> list[Leg]:
    """The legs of a chain, worked out from the end."""
    legs: list[Leg] = []
    asks: dict[str, frozenset[str]] = {}
    steps = list(chain.steps)
    while steps or not legs:
        taken = None if not steps or steps[-1].negated else steps.pop()
        absent: list[ChainStep] = []
        while steps and steps[-1].negated:
            absent.append(steps.pop())
        named_here = None if taken is None else taken.alias
        first_only = named_here not in asks and bool(legs) and _takes_any_later(legs[0])
        asks = {name: fields for name, fields in asks.items() if name != named_here}
        for step in (*absent, *(() if taken is None else (taken,))):
            for name, asked in () if step.filter is None else step.filter.asks:
                asks[name] = asks.get(name, frozenset()) | {asked}
        legs.insert(0, Leg(tuple(absent), taken, asks, first_only))
    return legs


def _takes_any_later(leg: Leg) -> bool:
    """Whether nothing but what is later than the row before is asked of a row by its time."""
    return leg.taken is not None and leg.taken.within is None and not leg.absent
