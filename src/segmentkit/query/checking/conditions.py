"""Conditions: which comparison may stand where."""

from __future__ import annotations

from typing import assert_never

from attrs import evolve

from segmentkit.model import FieldType
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Value
from segmentkit.query.checking.activities import Activities
from segmentkit.query.diagnostics import Fix
from segmentkit.query.types import TEXT, TIME_TYPES, Scope, ValueType


class Conditions(Activities):
    """Each method returns the bound node."""

    def condition(self, node: Condition, scope: Scope) -> Condition:
        match node:
            case ast.And() | ast.Or():
                return evolve(node, items=tuple(self.condition(i, scope) for i in node.items))
            case ast.Not():
                if isinstance(node.operand, ast.Compare | ast.TextMatch | ast.Between | ast.InList):
                    self._hint_at_missing(node, node.operand.left, scope)
                return evolve(node, operand=self.condition(node.operand, scope))
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
                    self.report("not_a_condition", node, type=kind.kind.value)
                if not isinstance(
                    bound, ast.Path | ast.Truth | ast.Parameter | ast.Call | ast.Aggregate
                ):
                    return node
                return bound
            case _:
                assert_never(node)

    def _compare(self, node: ast.Compare, scope: Scope) -> Condition:
        left, left_type = self.value(node.left, scope)
        right, right_type = self.value(node.right, scope)
        right = self.named_value(left, right, scope)
        left = self.named_value(right, left, scope)
        if left_type is not None and right_type is not None:
            self.judge_comparison(node, node.operator, left_type, right_type)
            if node.exactly and left_type.kind is not FieldType.TEXT:
                self.report("exactly_needs_text", node, type=left_type.kind.value)
        if node.operator == "!=":
            self._hint_at_missing(node, node.left, scope)
        return evolve(node, left=left, right=right)

    def _text_match(self, node: ast.TextMatch, scope: Scope) -> Condition:
        left, kind = self.value(node.left, scope)
        if kind is not None and kind.kind not in (FieldType.TEXT, FieldType.TEXT_LIST):
            self.report("needs_text", node.left, operation=node.operation, type=kind.kind.value)
        if kind is not None and kind.kind is FieldType.TEXT_LIST and node.operation != "contains":
            self.report("operator_on_list", node, operator=node.operation.replace("_", " "))
        patterns = self._list(node.patterns, scope, TEXT)
        if node.negated:
            self._hint_at_missing(node, node.left, scope)
        return evolve(node, left=left, patterns=patterns)

    def _between(self, node: ast.Between, scope: Scope) -> Condition:
        left, left_type = self.value(node.left, scope)
        low, low_type = self.value(node.low, scope)
        high, high_type = self.value(node.high, scope)
        for bound_type in (low_type, high_type):
            if left_type is not None and bound_type is not None:
                self.judge_comparison(node, ">=", left_type, bound_type)
        if isinstance(low, ast.Number) and isinstance(high, ast.Number) and low.value > high.value:
            self.report("between_reversed", node, low=low.value, high=high.value)
        if node.negated:
            self._hint_at_missing(node, node.left, scope)
        return evolve(node, left=left, low=low, high=high)

    def _in_list(self, node: ast.InList, scope: Scope) -> Condition:
        left, kind = self.value(node.left, scope)
        if kind is not None and kind.kind is FieldType.TEXT_LIST:
            self.report("operator_on_list", node, operator="in")
        items = self._list(node.items, scope, kind)
        if not isinstance(items, ast.Parameter):
            items = tuple(self.named_value(left, item, scope) for item in items)
        if node.negated:
            self._hint_at_missing(node, node.left, scope)
        return evolve(node, left=left, items=items)

    def _list(
        self, items: tuple[Value, ...] | ast.Parameter, scope: Scope, wanted: ValueType | None
    ) -> tuple[Value, ...] | ast.Parameter:
        if isinstance(items, ast.Parameter):
            given = self.parameter_values(items)
            if given is None:
                return items
            items = given
        elif len(items) == 1 and isinstance(items[0], ast.Parameter):
            given = self.parameter_values(items[0])
            if given is None:
                return items
            items = given
        bound: list[Value] = []
        for item in items:
            value, kind = self.value(item, scope)
            bound.append(value)
            if wanted is not None and kind is not None:
                single = TEXT if wanted.kind is FieldType.TEXT_LIST else wanted
                self.judge_comparison(item, "=", single, kind)
        return tuple(bound)

    def _in_window(self, node: ast.InWindow, scope: Scope) -> Condition:
        left, kind = self.value(node.left, scope)
        if kind is not None and kind.kind not in TIME_TYPES:
            self.report("needs_time", node.left, type=kind.kind.value)
        if node.negated:
            self._hint_at_missing(node, node.left, scope)
        return evolve(node, left=left, window=self.window(node.window))

    def _hint_at_missing(self, node: Condition, left: Value, scope: Scope) -> None:
        """A negation is true for whoever has no value, which surprises; say so, with the way out."""
        if not isinstance(left, ast.Path):
            return
        resolved = scope.resolve(left)
        if resolved is None or resolved[1].always_known:
            return
        name = ".".join(left.names)
        start, end = node.span
        fixes = ()
        if self.text and end > start:
            replacement = f"({self.text[start:end]} and {name} is known)"
            fixes = (Fix(f"and {name} is known", replacement, node.span),)
        self.report("negation_of_missing", node, *fixes, name=name)
