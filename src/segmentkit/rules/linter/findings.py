"""
The walk over a condition that finds clauses which say nothing, or nothing that can be.

Each finding comes with the condition as it is without it, which means the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Literal, TypeAlias, cast

from attrs import evolve, frozen

from segmentkit.model import Collection, Schema
from segmentkit.query import (
    Activity,
    And,
    Condition,
    Keys,
    Names,
    Not,
    Or,
    Truth,
)
from segmentkit.rules.linter.here import (
    Clause,
    Here,
    Rebuild,
    aggregates_in,
    negation,
    topics_of,
)
from segmentkit.rules.linter.logic import Logic
from segmentkit.rules.linter.reading import Reader
from segmentkit.rules.linter.values import Place

Code: TypeAlias = Literal[
    "never_true",
    "never_together",
    "always_true",
    "always_one",
    "implied_clause",
    "absorbed_clause",
    "dead_branch",
    "too_long_to_lint",
]

# Findings that tell by themselves why the clause around them never holds, or always.
_OUTRIGHT = ("never_true", "never_together", "always_true", "always_one", "dead_branch")
# Of a condition that is too long so many pairs of clauses are looked at.
_MOST_PAIRS = 300
# A clause that stands nowhere in the text has no span there.
_NOWHERE = (0, 0)


@frozen
class Finding:
    """
    One odd thing about a condition.

    Attributes:
        code: what is odd.
        clauses: the clauses that are.
        because: the clauses that make them so; empty where they are odd by themselves.
        parent: what they stand in; the clause itself where it is odd by itself.
        lighter: the whole condition without them, which means the same.
        unseen: of a condition that is too long, how many clauses and pairs were not looked at.
    """

    code: Code
    clauses: tuple[Condition, ...]
    because: tuple[Condition, ...]
    parent: Condition
    lighter: Condition
    unseen: int = 0


def find(
    condition: Condition,
    schema: Schema,
    *,
    names: Names | None = None,
    segments: Mapping[str, Condition] | None = None,
) -> list[Finding]:
    """
    What is odd about a bound condition.

    Args:
        condition: bound.
        schema: of its fields.
        names: of today, for trees and globs of keys.
        segments: saved ones by id, bound.

    Examples:
        >>> from segmentkit.model import Field, FieldType
        >>> from segmentkit.query import bind, format, parse
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER)])
        >>> [odd] = find(bind(parse("age > 30 and age > 20"), schema), schema)
        >>> odd.code, format(odd.lighter)
        ('implied_clause', 'age > 30')
    """
    walk = _Walk(Reader(schema, segments), Logic(names))
    walk.start(condition, walk.reader.everywhere, lambda other: other)
    unseen = walk.unseen + walk.logic.undecided
    if unseen:
        walk.found.append(
            Finding("too_long_to_lint", (condition,), (), condition, condition, unseen)
        )
    return walk.found


class _Walk:
    def __init__(self, reader: Reader, logic: Logic) -> None:
        self.reader = reader
        self.logic = logic
        self.found: list[Finding] = []
        self.unseen = 0
        self._pairs_left = _MOST_PAIRS
        self._told: set[tuple[object, ...]] = set()

    def start(self, node: Condition, place: Place, rebuild: Rebuild) -> None:
        """Look at a condition on a level of its own: of a contact, or of an item."""
        theory = self.logic.theory([self.reader.condition(node, place)])
        self.visit(node, Here(place, theory, rebuild))

    def visit(self, node: Condition, here: Here) -> None:
        """Look at a clause by itself, whatever is given around it."""
        if not here.theory.is_whole:
            self._visit_long(node, here)
            return
        here = evolve(here, given=())
        clause = self._clause(node, here)
        if not here.may_hold([clause]):
            self._never(node, here)
        elif not here.may_hold([clause.denied()]):
            self._always(node, here)
        else:
            self._look(node, here)

    # --- what is too long to be looked at as a whole ---------------------------------------------

    def _visit_long(self, node: Condition, here: Here) -> None:
        """Look at the parts that are short enough, each by itself and in pairs."""
        theory = self.logic.theory([self.reader.condition(node, here.place)])
        if theory.is_whole:
            self.visit(node, evolve(here, theory=theory))
            return
        match node:
            case And(items) | Or(items):
                for index, item in enumerate(items):
                    self._visit_long(item, here.at(node, index))
                self._visit_pairs(node, here)
            case Not(operand):
                self._visit_long(operand, here.inside(negation))
            case _:
                self.unseen += 1
                self._look_inside(node, here)

    def _visit_pairs(self, node: And | Or, here: Here) -> None:
        """Look at each two clauses that speak of the same, of what few speak of first."""
        formulas = [self.reader.condition(item, here.place) for item in node.items]
        topics = [topics_of(formula) for formula in formulas]
        told = Counter(topic for each in topics for topic in each)
        pairs = {
            (one, other): min(told[topic] for topic in topics[one] & topics[other])
            for one, other in combinations(range(len(formulas)), 2)
            if topics[one] & topics[other]
        }
        for one, other in sorted(pairs, key=lambda pair: (pairs[pair], pair[1] - pair[0])):
            if not self._pairs_left:
                self.unseen += 1
                continue
            theory = self.logic.theory([formulas[one], formulas[other]])
            if not theory.is_whole:
                self.unseen += 1
                continue
            self._pairs_left -= 1
            two = evolve(node, items=(node.items[one], node.items[other]), span=_NOWHERE)
            self.visit(two, here.part(node, (one, other), theory))

    def _clause(self, node: Condition, here: Here) -> Clause:
        return Clause(node, self.reader.condition(node, here.place))

    def _report(
        self,
        code: Code,
        clauses: Iterable[Clause],
        because: Iterable[Clause],
        parent: Condition,
        lighter: Condition,
    ) -> None:
        odd, why = tuple(c.node for c in clauses), tuple(c.node for c in because)
        # In pairs a clause is looked at more than once.
        told = (code, *map(id, odd))
        if told not in self._told:
            self._told.add(told)
            self.found.append(Finding(code, odd, why, parent, lighter))

    # --- what never holds, or always ------------------------------------------------------------

    def _never(self, node: Condition, here: Here) -> None:
        match node:
            case And(items):
                clauses = [self._clause(item, here) for item in items]
                if all(here.may_hold([clause]) for clause in clauses):
                    odd = here.least(clauses)
                    self._report("never_together", odd, (), node, here.rebuild(Truth(False)))
                self._visit_items(node, here)
            case Or():
                self._visit_items(node, here)
            case Not(operand):
                self.visit(operand, here.inside(negation))
            case _:
                self._by_itself("never_true", node, here)

    def _always(self, node: Condition, here: Here) -> None:
        match node:
            case Or(items):
                denied = [self._clause(item, here).denied() for item in items]
                if all(here.may_hold([clause]) for clause in denied):
                    odd = here.least(denied)
                    self._report("always_one", odd, (), node, here.rebuild(Truth(True)))
                self._visit_items(node, here)
            case And():
                self._visit_items(node, here)
            case Not(operand):
                self.visit(operand, here.inside(negation))
            case _:
                self._by_itself("always_true", node, here)

    def _visit_items(self, node: And | Or, here: Here) -> None:
        for index, item in enumerate(node.items):
            self.visit(item, here.at(node, index))

    def _by_itself(
        self, code: Literal["never_true", "always_true"], node: Condition, here: Here
    ) -> None:
        """A single clause, unless something inside it tells why already."""
        before = len(self.found)
        self._look_inside(node, here)
        if not any(inner.code in _OUTRIGHT for inner in self.found[before:]):
            lighter = here.rebuild(Truth(code == "always_true"))
            self._report(code, [self._clause(node, here)], (), node, lighter)

    # --- what says nothing here -----------------------------------------------------------------

    def _look(self, node: Condition, here: Here) -> None:
        """Look at a clause that, with what is given, holds for some and not for others."""
        match node:
            case And(items):
                self._conjunction(node, [self._clause(item, here) for item in items], here)
            case Or(items):
                self._disjunction(node, [self._clause(item, here) for item in items], here)
            case Not(operand):
                self._look(operand, here.inside(negation))
            case _:
                self._look_inside(node, here)

    def _conjunction(self, node: And, clauses: list[Clause], here: Here) -> None:
        kept = list(clauses)
        for index, clause in reversed(list(enumerate(clauses))):
            others = [other for other in kept if other is not clause]
            if here.may_hold([*others, clause.denied()]):
                continue
            kept = others
            if here.theory.may_hold(clause.denied().formula):
                why = here.least([*here.given, *others], clause.denied())
                self._report("implied_clause", [clause], why, node, here.without(node, index))
            self.visit(clause.node, here.at(node, index))
        for index, clause in enumerate(clauses):
            if any(clause is other for other in kept):
                others = [other for other in kept if other is not clause]
                there = here.at(node, index)
                self._look(clause.node, evolve(there, given=(*here.given, *others)))

    def _disjunction(self, node: Or, clauses: list[Clause], here: Here) -> None:
        kept = list(clauses)
        for index, clause in enumerate(clauses):
            if here.may_hold([clause]):
                continue
            kept = [other for other in kept if other is not clause]
            if here.theory.may_hold(clause.formula):
                why = here.least(here.given, clause)
                self._report("dead_branch", [clause], why, node, here.without(node, index))
            self.visit(clause.node, here.at(node, index))
        for index, clause in reversed(list(enumerate(clauses))):
            others = [other for other in kept if other is not clause]
            if len(others) == len(kept) or not others:
                continue
            elsewhere = [other.denied() for other in others]
            if here.may_hold([clause, *elsewhere]):
                continue
            kept = others
            why = here.least(elsewhere, *here.given, clause)
            self._report("absorbed_clause", [clause], why, node, here.without(node, index))
            self.visit(clause.node, here.at(node, index))
        for index, clause in enumerate(clauses):
            if any(clause is other for other in kept):
                self._look(clause.node, here.at(node, index))

    # --- filters and totals ---------------------------------------------------------------------

    def _look_inside(self, node: Condition, here: Here) -> None:
        """Look at the conditions that stand inside a single clause."""
        if isinstance(node, Activity):
            self._look_inside_activity(node, here)
            return
        for aggregate, put in aggregates_in(node):
            collection, _, _ = self.reader.aggregated(aggregate, here.place)
            if collection is not None:
                self._filter(
                    aggregate.where,
                    collection,
                    lambda other, put=put, aggregate=aggregate: here.rebuild(
                        cast("Condition", put(evolve(aggregate, where=other)))
                    ),
                )

    def _look_inside_activity(self, node: Activity, here: Here) -> None:
        collection = self.reader.schema.collection(node.collection)
        self._filter(node.where, collection, lambda other: here.rebuild(evolve(node, where=other)))
        for index, step in enumerate(node.steps):

            def with_step(other: Condition, index: int = index) -> Condition:
                changed = evolve(node.steps[index], where=other)
                steps = (*node.steps[:index], changed, *node.steps[index + 1 :])
                return here.rebuild(evolve(node, steps=steps))

            self._filter(step.where, self.reader.schema.collection(step.collection), with_step)
        is_one = not isinstance(node.keys, Keys) or len(node.keys.values) == 1
        if node.having is not None and not node.steps and (node.quantifier == "any" or is_one):
            self._having(node, node.having, collection, here)

    def _filter(self, where: Condition | None, collection: Collection, rebuild: Rebuild) -> None:
        if where is not None:
            self.start(where, self.reader.item_place(collection), rebuild)

    def _having(
        self, node: Activity, having: Condition, collection: Collection, here: Here
    ) -> None:
        """Totals count only where the activity was done often enough."""
        items = self.reader.items_of(node)
        bare = evolve(node, having=None, negated=False, span=_NOWHERE)
        done = Clause(bare, self.reader.how_often(node, items))
        there = evolve(
            here.inside(lambda other: evolve(node, having=other)),
            place=self.reader.totals_of(collection, items),
        )
        clause = self._clause(having, there)
        alone = evolve(there, given=())
        there = evolve(there, given=(*there.given, done))
        if not (alone.may_hold([clause]) and alone.may_hold([clause.denied()])):
            self.visit(having, alone)
        elif not there.may_hold([clause]):
            why = there.least(there.given, clause)
            self._report("dead_branch", [clause], why, having, there.rebuild(Truth(False)))
            self.visit(having, alone)
        elif not there.may_hold([clause.denied()]):
            why = there.least(there.given, clause.denied())
            lighter = here.rebuild(evolve(node, having=None))
            self._report("implied_clause", [clause], why, having, lighter)
            self.visit(having, alone)
        else:
            self._look(having, there)
