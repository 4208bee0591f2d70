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
    Rows,
    length_of,
    unique_codes,
)
from segmentkit.engines.columnar.measures import Groups, Tally, grouped, tallied
from segmentkit.engines.columnar.members import (
    NO_ONE,
    AllBut,
    Asked,
    Complement,
    Every,
    Leaf,
    Marked,
    Node,
    Only,
    Set,
    Some,
    as_codes,
    holds_at,
    inverse,
    marked,
    union,
)
from segmentkit.engines.columnar.partition import Partition
from segmentkit.engines.columnar.places import ContactPlace, NobodyPlace, RowPlace
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.selections import Measure, RowFilter, Selection
from segmentkit.engines.columnar.subjects import subject_of, visible_rows
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Subject

SPARSE = 8
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
    _rows: dict[RowFilter, Rows] = field(factory=dict[RowFilter, Rows], init=False)
    _groups: dict[Selection, Groups] = field(factory=dict[Selection, Groups], init=False)
    _tallies: dict[Measure, Tally] = field(factory=dict[Measure, Tally], init=False)
    _members: dict[Node, Set] = field(factory=dict[Node, Set], init=False)

    @property
    def size(self) -> int:
        return len(self.population)

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
                return inverse(self.members(node.operand))
            case Some():
                return union([self.members(item) for item in node.items], self.size)
            case Every():
                return self._every(node)
            case Asked():
                codes = as_codes(self.members(node.candidates), self.size)
                return Only(codes[self._ask(node, codes)])
            case _:
                assert_never(node)

    def _every(self, node: Every) -> Set:
        """The cheapest first, the others asked only of those who are left."""
        first, *others = sorted(node.items, key=self.cost)
        found = self.members(first)
        for item in others:
            if isinstance(found, Only):
                found = Only(found.codes[self.holds(item, found.codes)])
                continue
            met = self.members(item)
            if isinstance(met, Only):
                found = Only(met.codes[holds_at(found, met.codes)])
            elif isinstance(met, AllBut) and isinstance(found, AllBut):
                found = AllBut(unique_codes(np.concatenate([met.codes, found.codes])))
            else:
                found = marked(self._mask(found) & self._mask(met))
        return found

    def _mask(self, members: Set) -> Mask:
        if isinstance(members, Marked):
            return members.mask
        mask = np.full(self.size, isinstance(members, AllBut))
        mask[members.codes] = isinstance(members, Only)
        return mask

    def holds(self, node: Node, codes: Array) -> Mask:
        """Which of some contacts, whose codes ascend, pass a node."""
        known = self._members.get(node)
        if known is not None:
            return holds_at(known, codes)
        match node:
            case Complement():
                return ~self.holds(node.operand, codes)
            case Every():
                left = np.arange(len(codes))
                for item in sorted(node.items, key=self.cost):
                    left = left[self.holds(item, codes[left])]
                mask = np.zeros(len(codes), np.bool_)
                mask[left] = True
                return mask
            case Some():
                mask = np.zeros(len(codes), np.bool_)
                for item in node.items:
                    left = np.flatnonzero(~mask)
                    mask[left] = self.holds(item, codes[left])
                return mask
            case Leaf():
                return self._test(node, codes)
            case Asked():
                left = np.flatnonzero(self.holds(node.candidates, codes))
                mask = np.zeros(len(codes), np.bool_)
                mask[left] = self._ask(node, codes[left])
                return mask
            case _:
                assert_never(node)

    def cost(self, node: Node) -> int:
        """About how many contacts must be looked at to say who passes."""
        if node in self._members:
            found = self._members[node]
            return len(found.codes) if isinstance(found, Only) else self.size
        match node:
            case Leaf():
                tallies = [self.tally(measure) for measure in node.test.measures]
                if tallies and not node.test.personal and all(t.codes is not None for t in tallies):
                    return sum(len(t.codes) for t in tallies if t.codes is not None)
                return self.size * (1 if tallies else 2)
            case Every():
                return min(self.cost(item) for item in node.items)
            case Some():
                return sum(self.cost(item) for item in node.items)
            case Complement():
                return self.size * 3
            case Asked():
                return self.cost(node.candidates) + self.size * 4
            case _:
                assert_never(node)

    # --- leaves ---------------------------------------------------------------------------------

    def _leaf(self, node: Leaf) -> Set:
        test = node.test
        codes = [self.tally(measure).codes for measure in test.measures]
        some = [one for one in codes if one is not None]
        if test.personal or len(some) < len(codes):
            return marked(self._test(node, None))
        # Whoever has no row in any measure passes or fails alike.
        outside = bool(np.broadcast_to(test.mask(NobodyPlace()), 1)[0])
        support = some[0] if len(some) == 1 else unique_codes(np.concatenate([*some, NO_ONE.codes]))
        mask = self._test(node, support)
        return AllBut(support[~mask]) if outside else Only(support[mask])

    def _test(self, node: Leaf, codes: Codes | None) -> Mask:
        place = ContactPlace(self.population, codes, self.tally)
        return np.broadcast_to(node.test.mask(place), place.size)

    def _ask(self, node: Asked, codes: Array) -> Mask:
        """Ask the interpreter."""
        ask = self.questions[node.number]
        return np.array([ask(self._subject(code)) for code in codes.tolist()], np.bool_)

    def _subject(self, code: int) -> Subject:
        return subject_of(self.population, code, self.collections, self._sees)

    def _sees(self, partition: Partition, rows: Array) -> Mask | None:
        return visible_rows(
            self.population, partition, self.setting.viewer, self.setting.moment, rows
        )

    # --- rows -----------------------------------------------------------------------------------

    def tally(self, measure: Measure) -> Tally:
        """A measure of everyone."""
        known = self._tallies.get(measure)
        if known is None:
            known = self._tallies[measure] = self._count(measure)
        return known

    def _count(self, measure: Measure) -> Tally:
        selection = measure.selection
        groups = self._groups.get(selection)
        partition = self.population.partition(selection.filter.collection)
        rows = self._selected(selection)
        if groups is None:
            groups = grouped(partition.contacts[rows], self.size)
            self._groups[selection] = groups
        values = None
        if measure.item is not None:
            values = measure.item(RowPlace(self.population, partition, rows))
        return tallied(measure, groups, values)

    def _selected(self, selection: Selection) -> Rows:
        """The rows of a selection, in order."""
        rows = self._filtered(selection.filter)
        if selection.bounds is None:
            return rows
        partition = self.population.partition(selection.filter.collection)
        inside = partition.between(*selection.bounds)
        if isinstance(rows, slice):
            start, stop = max(rows.start, inside.start), min(rows.stop, inside.stop)
            return slice(start, max(start, stop))
        first, last = np.searchsorted(rows, (inside.start, inside.stop))
        return rows[first:last]

    def _filtered(self, row_filter: RowFilter) -> Rows:
        """The rows that pass a filter, inside all windows asked of it."""
        known = self._rows.get(row_filter)
        if known is None:
            known = self._rows[row_filter] = self._filter(row_filter)
        return known

    def _filter(self, row_filter: RowFilter) -> Rows:
        population, setting = self.population, self.setting
        partition = population.partition(row_filter.collection)
        rows: Rows = slice(0, len(partition))
        if row_filter.hull is not None:
            rows = partition.between(*row_filter.hull)
        seen = visible_rows(population, partition, setting.viewer, setting.moment, rows)
        if seen is not None:
            rows = _narrowed(rows, seen)
        for test in row_filter.tests:
            place = RowPlace(population, partition, rows)
            rows = _narrowed(rows, np.broadcast_to(test(place), length_of(rows)))
        return rows


def _narrowed(rows: Rows, mask: Mask) -> Rows:
    if isinstance(rows, slice):
        return rows.start + np.flatnonzero(mask)
    return rows[mask]
