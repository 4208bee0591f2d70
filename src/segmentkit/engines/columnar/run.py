"""One evaluation: what is selected, counted and found is worked out once and then shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never

import numpy as np
from attrs import define, field

from segmentkit.engines.columnar.arrays import (
    Array,
    Codes,
    Mask,
    everywhere,
    kept,
    numbers_of,
    picked,
    unique_codes,
)
from segmentkit.engines.columnar.chain_search import takers
from segmentkit.engines.columnar.finder import Finder
from segmentkit.engines.columnar.members import (
    SPARSE,
    AllBut,
    Asked,
    Complement,
    Every,
    Leaf,
    Node,
    Only,
    Sequence,
    Set,
    Some,
    as_codes,
    as_mask,
    holds_at,
    inverse,
    marked,
    union,
)
from segmentkit.engines.columnar.partition import Partition
from segmentkit.engines.columnar.places import ContactPlace, NobodyPlace
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.scratch import Scratch
from segmentkit.engines.columnar.selections import Measure, Selection
from segmentkit.engines.columnar.steps import StepRows
from segmentkit.engines.columnar.subjects import subject_of, visible_rows
from segmentkit.engines.columnar.tallies import Counter
from segmentkit.engines.columnar.values import Computed
from segmentkit.engines.columnar.vectors import Vector, held_values
from segmentkit.engines.semantics import Held
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Subject

Question: TypeAlias = "Callable[[Subject], bool]"


@define(eq=False)
class Run:
    """
    One evaluation of compiled conditions over one population.

    Args:
        questions: conditions for the interpreter, by number, with the collections they read.
    """

    population: Population
    setting: Setting
    questions: list[Question]
    collections: tuple[str, ...]
    _scratch: Scratch = field(init=False)
    _counter: Counter = field(init=False)
    _members: dict[Node, Set] = field(factory=dict[Node, Set], init=False)
    _asked_of_few: set[Sequence] = field(factory=set[Sequence], init=False)

    def __attrs_post_init__(self) -> None:
        self._scratch = Scratch(self.population.size)
        finder = Finder(self.population, self.setting)
        self._counter = Counter(self.population, finder, self._scratch)

    @property
    def size(self) -> int:
        return self.population.size

    def codes(self, node: Node) -> Codes:
        """Who passes a node, as ascending codes."""
        return as_codes(self.members(node), self._scratch)

    # --- sets -----------------------------------------------------------------------------------

    def members(self, node: Node) -> Set:
        """Who passes a node."""
        known = self._members.get(node)
        if known is None:
            known = self._members[node] = self._find(node)
        return known

    def _find(self, node: Node) -> Set:
        match node:
            case Leaf():
                return self._leaf(node)
            case Complement():
                return inverse(self.members(node.operand), self._scratch)
            case Some():
                return union([self.members(item) for item in node.items], self.size)
            case Every():
                return self._every(node)
            case Sequence():
                return Only(takers(node.chain, self._rows, np.ones(self.size, np.bool_)))
            case Asked():
                codes = self.codes(node.candidates)
                return Only(codes[self._ask(node, codes)])
            case _:
                assert_never(node)

    def _every(self, node: Every) -> Set:
        """The cheapest first, the others asked only of those who are left."""
        first, *others = sorted(node.items, key=self.cost)
        found = self.members(first)
        for item in others:
            if isinstance(found, Only):
                found = Only(kept(found.codes, self.holds(item, found.codes)))
                continue
            met = self.members(item)
            if isinstance(met, Only):
                found = Only(kept(met.codes, holds_at(found, met.codes, self._scratch)))
            elif isinstance(met, AllBut) and isinstance(found, AllBut):
                found = AllBut(unique_codes(np.concatenate([met.codes, found.codes])))
            else:
                both = as_mask(found, self.size) & as_mask(met, self.size)
                found = marked(both, self._scratch)
        return found

    def holds(self, node: Node, codes: Array) -> Mask:
        """Which of some contacts, whose codes ascend, pass a node."""
        known = self._members.get(node)
        if known is not None:
            return holds_at(known, codes, self._scratch)
        match node:
            case Complement():
                return ~self.holds(node.operand, codes)
            case Every():
                left = np.arange(len(codes))
                for item in sorted(node.items, key=self.cost):
                    left = kept(left, self.holds(item, picked(codes, left)))
                mask = np.zeros(len(codes), np.bool_)
                mask[left] = True
                return mask
            case Some():
                mask = np.zeros(len(codes), np.bool_)
                for item in node.items:
                    left = np.flatnonzero(~mask)
                    mask[left] = self.holds(item, picked(codes, left))
                return mask
            case Leaf():
                if self._support(node) is None:
                    return self._test(node, codes)
                return holds_at(self.members(node), codes, self._scratch)
            case Sequence():
                return self._takes(node, codes)
            case Asked():
                left = np.flatnonzero(self.holds(node.candidates, codes))
                mask = np.zeros(len(codes), np.bool_)
                mask[left] = self._ask(node, codes[left])
                return mask
            case _:
                assert_never(node)

    def held(self, value: Computed, codes: Array) -> list[Held | None]:
        """A value of some contacts, whose codes ascend, one by one."""
        place = ContactPlace(self.population, codes, self._count)
        return held_values(value.get(place), len(codes))

    def cost(self, node: Node) -> int:
        """About how many contacts must be looked at to say who passes."""
        if node in self._members:
            found = self._members[node]
            return len(found.codes) if isinstance(found, Only) else self.size
        match node:
            case Leaf():
                support = self._support(node)
                if support is not None:
                    return sum(map(len, support))
                return self.size * (2 if node.test.personal else 1)
            case Every():
                return min(self.cost(item) for item in node.items)
            case Some():
                return sum(self.cost(item) for item in node.items)
            case Complement():
                return self.size * 3
            case Sequence():
                return self.size * 3
            case Asked():
                return self.cost(node.candidates) + self.size * 4
            case _:
                assert_never(node)

    # --- leaves ---------------------------------------------------------------------------------

    def _support(self, node: Leaf) -> list[Codes] | None:
        """Who has rows in some measure, where all others pass or fail alike; None: not so."""
        test = node.test
        if test.personal or not test.measures:
            return None
        found: dict[int, Codes] = {}
        for measure in test.measures:
            codes = self._counter.tally(measure).codes
            if codes is None:
                return None
            found[id(codes)] = codes
        return list(found.values())

    def _leaf(self, node: Leaf) -> Set:
        support = self._support(node)
        if support is None:
            return marked(self._test(node, None), self._scratch)
        outside = bool(node.test.mask(NobodyPlace()).all())
        codes = support[0] if len(support) == 1 else unique_codes(np.concatenate(support))
        mask = self._test(node, codes)
        return AllBut(kept(codes, ~mask)) if outside else Only(kept(codes, mask))

    def _test(self, node: Leaf, codes: Codes | None) -> Mask:
        place = ContactPlace(self.population, codes, self._count)
        return everywhere(node.test.mask(place), place.size)

    def _count(self, measure: Measure, codes: Array | None) -> Vector:
        tally = self._counter.tally(measure)
        return tally.of_everyone(self.size) if codes is None else tally.of(codes)

    def _rows(self, selection: Selection) -> StepRows:
        found = self._counter.finder.found(selection.filter)
        inside = found.inside(selection)
        numbers = numbers_of(found.rows)[inside]
        times = found.partition.times.take(numbers)
        return StepRows(self.population, found.partition, numbers, found.contacts[inside], times)

    def _takes(self, node: Sequence, codes: Array) -> Mask:
        """Which of some contacts take a sequence; of few only the first time it is asked."""
        if len(codes) * SPARSE > self.size or node in self._asked_of_few:
            return holds_at(self.members(node), codes, self._scratch)
        self._asked_of_few.add(node)
        among = np.zeros(self.size, np.bool_)
        among[codes] = True
        return self._scratch.contained(codes, takers(node.chain, self._rows, among))

    # --- single contacts ------------------------------------------------------------------------

    def _ask(self, node: Asked, codes: Array) -> Mask:
        """Ask the interpreter."""
        ask = self.questions[node.number]
        return np.array([ask(self._subject(code)) for code in codes.tolist()], np.bool_)

    def _subject(self, code: int) -> Subject:
        return subject_of(self.population, code, self.collections, self._sees)

    def _sees(self, partition: Partition, rows: Array) -> Mask | None:
        return visible_rows(partition, self.setting.viewer, self.setting.moment, rows)
