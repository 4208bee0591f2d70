"""Conditions: which comparison may stand where."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from attrs import evolve

from segmentkit.model import FieldType
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Value
from segmentkit.query.checking.activities import Activities
from segmentkit.query.checking.rewording import literal_for
from segmentkit.query.checking.wording import type_said, word_said
from segmentkit.query.diagnostics import Fix
from segmentkit.query.literals import print_path
from segmentkit.query.types import TEXT, TIME_TYPES, Scope, ValueType

_Comparison: TypeAlias = ast.Compare | ast.TextMatch | ast.Between | ast.InList
_COMPARISONS = (ast.Compare, ast.TextMatch, ast.Between, ast.InList, ast.InWindow)


class Conditions(Activities):
    """Each method returns the bound node."""

    # The comparison that a `not` just before it turns back into its positive form.
    twice_denied: Condition | None = None
    # Fields that a condition joined by `and` asks to be known.
    known: frozenset[ast.Path] = frozenset()

    def condition(self, node: Condition, scope: Scope) -> Condition:
        match node:
            case ast.And():
                return self._and(node, scope)
            case ast.Or():
                return evolve(node, items=tuple(self.condition(i, scope) for i in node.items))
            case ast.Not():
                return self._not(node, scope)
            case ast.Compare():
                return self._compare(node, scope)
            case ast.TextMatch():
                return self._text_match(node, scope)
            case ast.Between():
                return self._between(node, scope)
            case ast.InList():
                return self._in_list(node, scope)
            case ast.InWindow():
                return self._in_window(node, scope)
            case ast.IsMissing():
                operand, _ = self.value(node.operand, scope)
                return evolve(node, operand=operand)
            case ast.Activity():
                return self.activity(node, scope)
            case ast.Path() | ast.Truth() | ast.Parameter() | ast.Call() | ast.Aggregate():
                bound, kind = self.value(node, scope)
                if kind is not None and kind.kind is not FieldType.BOOLEAN:
                    self.report("not_a_condition", node, type=type_said(kind))
                if not isinstance(
                    bound, ast.Path | ast.Truth | ast.Parameter | ast.Call | ast.Aggregate
                ):
                    return node
                return bound
            case _:
                assert_never(node)

    def _and(self, node: ast.And, scope: Scope) -> Condition:
        outside = self.known
        self.known |= {
            item.operand
            for item in node.items
            if isinstance(item, ast.IsMissing)
            and item.negated
            and isinstance(item.operand, ast.Path)
        }
        items = tuple(self.condition(item, scope) for item in node.items)
        self.known = outside
        return evolve(node, items=items)

    def _not(self, node: ast.Not, scope: Scope) -> Condition:
        operand = node.operand
        if isinstance(operand, _COMPARISONS):
            if _is_negative(operand):
                # Twice denied is asserted: nobody without a value passes.
                self.twice_denied = operand
            else:
                self._hint_at_missing(node, operand.left, scope)
        return evolve(node, operand=self.condition(operand, scope))

    def _compare(self, node: ast.Compare, scope: Scope) -> Condition:
        left, left_type = self.value(node.left, scope)
        right, right_type = self.value(node.right, scope)
        bound = evolve(
            node,
            left=self.named_value(right, left, scope),
            right=self.named_value(left, right, scope),
        )
        if left_type is not None and right_type is not None:
            if FieldType.TEXT_LIST in (left_type.kind, right_type.kind):
                fixes = self._in_list_words(node.operator == "!=", node.left, node.right)
            else:
                fixes = (
                    *self._as_written_for(left_type, node.right),
                    *self._as_written_for(right_type, node.left),
                )
            self.judge_comparison(node, node.operator, left_type, right_type, *fixes)
            if node.exactly and left_type.kind is not FieldType.TEXT:
                self._exactly_needs_text(node, left_type)
        self._hint_if_negative(node, scope)
        return bound

    def _exactly_needs_text(self, node: ast.Compare, kind: ValueType) -> None:
        gap = self.gap(node.left, node.right)
        fixes = () if gap is None else (Fix(node.operator, node.operator, gap),)
        self.report("exactly_needs_text", node, *fixes, type=type_said(kind))

    def _text_match(self, node: ast.TextMatch, scope: Scope) -> Condition:
        left, kind = self.value(node.left, scope)
        operation = word_said(node.operation)
        if kind is not None and kind.kind not in (FieldType.TEXT, FieldType.TEXT_LIST):
            self.report("needs_text", node.left, operation=operation, type=type_said(kind))
        if kind is not None and kind.kind is FieldType.TEXT_LIST and node.operation != "contains":
            first = node.patterns[0] if isinstance(node.patterns, tuple) else node.patterns
            fixes = self._in_list_words(node.negated, node.left, first)
            self.report("operator_on_list", node, *fixes, operator=operation)
        patterns = self._list(node.patterns, scope, TEXT)
        self._hint_if_negative(node, scope)
        return evolve(node, left=left, patterns=patterns)

    def _between(self, node: ast.Between, scope: Scope) -> Condition:
        left, left_type = self.value(node.left, scope)
        low, low_type = self.value(node.low, scope)
        high, high_type = self.value(node.high, scope)
        for end, end_type in ((node.low, low_type), (node.high, high_type)):
            if left_type is not None and end_type is not None:
                fixes = self._as_written_for(left_type, end)
                place = node if left_type.kind is end_type.kind else end
                self.judge_comparison(place, ">=", left_type, end_type, *fixes)
        if _is_above(low, high):
            self.reversed(node, node.low, node.high)
        self._hint_if_negative(node, scope)
        return evolve(node, left=left, low=low, high=high)

    def _in_list(self, node: ast.InList, scope: Scope) -> Condition:
        left, kind = self.value(node.left, scope)
        if kind is not None and kind.kind is FieldType.TEXT_LIST:
            first = node.items[0] if isinstance(node.items, tuple) else node.items
            fixes = self._in_list_words(node.negated, node.left, first)
            self.report("operator_on_list", node, *fixes, operator=word_said("in"))
            kind = None
        items = self._list(node.items, scope, kind)
        if not isinstance(items, ast.Parameter):
            items = tuple(self.named_value(left, item, scope) for item in items)
        self._hint_if_negative(node, scope)
        return evolve(node, left=left, items=items)

    def _list(
        self, items: tuple[Value, ...] | ast.Parameter, scope: Scope, wanted: ValueType | None
    ) -> tuple[Value, ...] | ast.Parameter:
        only = items[0] if isinstance(items, tuple) and len(items) == 1 else items
        if isinstance(only, ast.Parameter):
            typed = self.parameter_values(only, scope)
            if typed is None:
                return items
        else:
            assert isinstance(items, tuple)
            typed = [self.value(item, scope) for item in items]
        for value, kind in typed:
            if wanted is not None and kind is not None:
                single = TEXT if wanted.kind is FieldType.TEXT_LIST else wanted
                fixes = self._as_written_for(single, value)
                self.judge_comparison(value, "=", single, kind, *fixes)
        return tuple(value for value, _ in typed)

    def _in_window(self, node: ast.InWindow, scope: Scope) -> Condition:
        left, kind = self.value(node.left, scope)
        if kind is not None and kind.kind not in TIME_TYPES:
            self.report("needs_time", node.left, type=type_said(kind))
        self._hint_if_negative(node, scope)
        return evolve(node, left=left, window=self.window(node.window))

    # --- fixes ----------------------------------------------------------------------------------

    def _in_list_words(self, negated: bool, left: ast.Node, right: ast.Node) -> tuple[Fix, ...]:
        """`contains any` in place of an operator that a list does not take."""
        gap = self.gap(left, right)
        if gap is None:
            return ()
        contains = self.word("not_contains" if negated else "contains")
        words = [f"{contains} {self.word(quantifier)}" for quantifier in ("any", "all")]
        return tuple(Fix(word, word, gap) for word in words)

    def _as_written_for(self, wanted: ValueType, node: Value) -> tuple[Fix, ...]:
        """A literal of another type, as it would be written in the type that is wanted."""
        said = literal_for(wanted.kind, node, self.written(node), self.lang)
        return () if said is None else (Fix(said.strip("'"), said, node.span),)

    # --- hints ----------------------------------------------------------------------------------

    def _hint_if_negative(self, node: _Comparison | ast.InWindow, scope: Scope) -> None:
        if _is_negative(node) and node is not self.twice_denied:
            self._hint_at_missing(node, node.left, scope)

    def _hint_at_missing(self, node: Condition, left: Value, scope: Scope) -> None:
        """A negation is true for whoever has no value, which surprises; say so, with the way out."""
        if not isinstance(left, ast.Path) or left in self.known:
            return
        resolved = scope.resolve(left)
        if resolved is None or resolved[1].always_known:
            return
        name = self.written(left) or print_path(left.names)
        fixes: tuple[Fix, ...] = ()
        if self.written(node):
            known = f"{self.word('and')} {name} {self.word('is_known')}"
            fixes = (Fix(known, f"({self.written(node)} {known})", node.span),)
        self.report("negation_of_missing", node, *fixes, name=".".join(left.names))


def _is_negative(node: _Comparison | ast.InWindow) -> bool:
    return node.operator == "!=" if isinstance(node, ast.Compare) else node.negated


def _is_above(low: Value, high: Value) -> bool:
    """Whether nothing lies between two literals."""
    match low, high:
        case ast.Number(), ast.Number():
            return low.value > high.value
        case ast.Date(), ast.Date():
            return low.value > high.value
        case _:
            return False
