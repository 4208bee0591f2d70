"""Values: every name resolved, every type known."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from typing import assert_never

from attrs import evolve

from segmentkit.model import FieldType
from segmentkit.query import ast
from segmentkit.query.ast import Node, Value
from segmentkit.query.checking.totals import Totals
from segmentkit.query.checking.wording import Said, counted, type_said, unit_said
from segmentkit.query.diagnostics import Fix
from segmentkit.query.functions import find_function, function_words
from segmentkit.query.types import (
    BOOLEAN,
    DATE,
    DURATION,
    INSTANT,
    TEXT,
    Scope,
    ValueType,
    arithmetic_type,
    common_currency,
    comparable,
    meets_a_float,
    number_type,
)

# Units whose length depends on the calendar, with the days that come near it.
UNIT_DAYS: Mapping[ast.TimeUnit, int] = {"month": 30, "quarter": 91, "year": 365}


class Values(Totals, ABC):
    """Each method returns the bound value with its type; None where the type is not known."""

    def value(self, node: Value, scope: Scope) -> tuple[Value, ValueType | None]:
        match node:
            case ast.Number():
                return node, number_type(node.value)
            case ast.Text():
                return node, TEXT
            case ast.Reference():
                return self.followed(node), TEXT
            case ast.Truth():
                return node, BOOLEAN
            case ast.Date():
                return node, DATE
            case ast.LocalTime() | ast.Ago():
                return node, INSTANT
            case ast.Duration():
                self._judge_length(node)
                return node, DURATION
            case ast.Parameter():
                return self.parameter(node, scope)
            case ast.Path():
                return self.path(node, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.Aggregate():
                return self.aggregate(node, scope)
            case ast.Negative():
                operand, kind = self.value(node.operand, scope)
                if kind is not None and not kind.is_number and kind.kind is not FieldType.DURATION:
                    self.report("needs_number", node.operand, type=type_said(kind))
                return evolve(node, operand=operand), kind
            case ast.Arithmetic():
                return self._arithmetic(node, scope)
            case _:
                assert_never(node)

    def _judge_length(self, node: ast.Duration) -> None:
        if node.unit in UNIT_DAYS:
            days = counted(node.count * UNIT_DAYS[node.unit], "day", self.lang)
            fix = Fix(days, days, node.span)
            self.report("duration_not_exact", node, fix, unit=unit_said(node.unit))

    def _call(self, node: ast.Call, scope: Scope) -> tuple[Value, ValueType | None]:
        arguments = [self.value(argument, scope) for argument in node.arguments]
        bound = evolve(node, arguments=tuple(value for value, _ in arguments))
        function = find_function(node.function)
        if function is None:
            self.unknown("unknown_function", node.function, function_words(), node)
            return bound, None
        bound = evolve(bound, function=function.name)
        if len(arguments) != 1:
            name = Said(function.name, function.chinese)
            self.report("one_argument", node, name=name, count=len(arguments))
            return bound, function.result
        kind = arguments[0][1]
        if kind is not None and kind.kind not in function.accepts:
            self.wrong_argument(node, function, type_said(kind))
            return bound, function.result
        return bound, function.result or kind

    def _arithmetic(self, node: ast.Arithmetic, scope: Scope) -> tuple[Value, ValueType | None]:
        left, left_type = self.value(node.left, scope)
        right, right_type = self.value(node.right, scope)
        bound = evolve(node, left=left, right=right)
        if left_type is None or right_type is None:
            return bound, None
        result = arithmetic_type(node.operator, left_type, right_type)
        if result is None:
            left_said, right_said = type_said(left_type), type_said(right_type)
            self.report(
                "arithmetic_types", node, operator=node.operator, left=left_said, right=right_said
            )
        elif meets_a_float(left_type, right_type):
            self.report("float_parameter", node)
        elif not common_currency(left_type, right_type):
            self._mixed(node, left_type, right_type)
        return bound, result

    def _mixed(self, node: Node, left: ValueType, right: ValueType) -> None:
        self.report("mixed_currencies", node, left=left.currency, right=right.currency)

    def judge_comparison(
        self,
        where: Node,
        operator: ast.ComparisonOperator,
        left: ValueType,
        right: ValueType,
        *fixes: Fix,
    ) -> None:
        """Whether two types may meet; *fixes* are for the case that they may not."""
        if meets_a_float(left, right):
            self.report("float_parameter", where)
        elif FieldType.TEXT_LIST in (left.kind, right.kind):
            self.report("operator_on_list", where, *fixes, operator=Said(operator, operator))
        elif not comparable(operator, left, right):
            left_said, right_said = type_said(left), type_said(right)
            if left.kind is right.kind:
                self.report("operator_not_for_type", where, operator=operator, left=left_said)
            else:
                self.report("type_mismatch", where, *fixes, left=left_said, right=right_said)
        elif not common_currency(left, right):
            self._mixed(where, left, right)
