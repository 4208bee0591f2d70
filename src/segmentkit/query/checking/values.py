"""Values: every name resolved, every type known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from attrs import evolve

from segmentkit.model import Collection, Field, FieldType
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Node, Value
from segmentkit.query.checking.findings import Findings
from segmentkit.query.diagnostics import Fix
from segmentkit.query.from_python import as_literal
from segmentkit.query.functions import find_function, function_words
from segmentkit.query.types import (
    BOOLEAN,
    CONTACT_WORDS,
    DATE,
    DURATION,
    INSTANT,
    TEXT,
    Scope,
    ValueType,
    aggregate_type,
    arithmetic_type,
    common_currency,
    comparable,
    number_type,
    type_of_field,
)
from segmentkit.text import text_key

DURATION_UNITS = ("second", "minute", "hour", "day", "week")


class Values(Findings, ABC):
    """Each method returns the bound value with its type; None where the type is not known."""

    @abstractmethod
    def condition(self, node: Condition, scope: Scope) -> Condition:
        """The bound form of a condition that stands inside a value, as an aggregate's `where`."""

    def optional_condition(self, node: Condition | None, scope: Scope) -> Condition | None:
        return None if node is None else self.condition(node, scope)

    def value(self, node: Value, scope: Scope) -> tuple[Value, ValueType | None]:
        match node:
            case ast.Number():
                return node, number_type(node.value)
            case ast.Text() | ast.Reference():
                return node, TEXT
            case ast.Truth():
                return node, BOOLEAN
            case ast.Date():
                return node, DATE
            case ast.LocalTime() | ast.Ago():
                return node, INSTANT
            case ast.Duration():
                if node.unit not in DURATION_UNITS:
                    self.report("duration_not_exact", node, unit=node.unit)
                return node, DURATION
            case ast.Parameter():
                return self.parameter(node, scope)
            case ast.Path():
                return self._path(node, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.Aggregate():
                return self._aggregate(node, scope)
            case ast.Negative():
                operand, kind = self.value(node.operand, scope)
                if kind is not None and not kind.is_number and kind.kind is not FieldType.DURATION:
                    self.report("needs_number", node.operand, type=kind.kind.value)
                return evolve(node, operand=operand), kind
            case ast.Arithmetic():
                return self._arithmetic(node, scope)
            case _:
                assert_never(node)

    def parameter(self, node: ast.Parameter, scope: Scope) -> tuple[Value, ValueType | None]:
        if self.parameters is None:
            return node, None
        if node.name not in self.parameters:
            self.unknown("unbound_parameter", node.name, self.parameters, node)
            return node, None
        given: object = self.parameters[node.name]
        if isinstance(given, FieldType):
            return node, ValueType(given, constant=True)
        literal = self._literal(given, node)
        return (node, None) if literal is None else self.value(literal, scope)

    def parameter_values(self, node: ast.Parameter) -> tuple[Value, ...] | None:
        """The items of a parameter that stands for a list; None while it stays open."""
        given: object = None if self.parameters is None else self.parameters.get(node.name)
        if given is None or isinstance(given, FieldType):
            self.parameter(node, Scope(self.schema))
            return None
        items: list[object] = [given]
        if isinstance(given, Iterable) and not isinstance(given, str | bytes):
            items = list(given)  # pyright: ignore[reportUnknownArgumentType]
            if isinstance(given, set | frozenset):
                items.sort(key=repr)  # a set has no order; a bound condition does
        literals = [self._literal(item, node) for item in items]
        return None if None in literals else tuple(filter(None, literals))

    def _literal(self, given: object, node: ast.Parameter) -> Value | None:
        """A host's value as a literal; a datetime without a zone is refused, here as everywhere."""
        naive = isinstance(given, datetime) and given.utcoffset() is None
        literal = None if naive else as_literal(given)
        if literal is None:
            kind = "datetime without a zone" if naive else type(given).__name__
            self.report("bad_parameter", node, name=node.name, type=kind)
            return None
        return evolve(literal, span=node.span)

    def _path(self, node: ast.Path, scope: Scope) -> tuple[Value, ValueType | None]:
        resolved = scope.resolve(node)
        if resolved is not None:
            path, declared = resolved
            return path, type_of_field(declared)
        self._unknown_path(node, scope)
        return node, None

    def _unknown_path(self, node: ast.Path, scope: Scope) -> None:
        name = ".".join(node.names)
        collection = scope.collection
        if len(node.names) > 1:
            if self.schema.find_collection(node.names[0]) is not None and collection is None:
                self.report("needs_aggregate", node, name=name)
                return
            owner = scope.aliases.get(node.names[0])
            if owner is None and text_key(node.names[0]) not in CONTACT_WORDS:
                self.unknown("unknown_alias", node.names[0], scope.aliases, node)
                return
            known = self.schema.field_names() if owner is None else owner.field_names()
            self.unknown("unknown_field", node.names[-1], known, node)
            return
        if collection is None:
            if self.schema.find_collection(name) is not None:
                self.report("needs_aggregate", node, name=name)
                return
            self.unknown("unknown_field", name, self.schema.field_names(), node)
            return
        if scope.in_having and collection.find_field(name) is not None:
            self.report("needs_aggregate", node, name=name)
            return
        of_contact = self.schema.find_field(name)
        if of_contact is not None:
            fix = Fix(f"contact.{name}", f"contact.{name}", node.span)
            self.report("field_of_contact", node, fix, name=name, collection=collection.name)
            return
        self.unknown("unknown_field", name, collection.field_names(), node)

    def _call(self, node: ast.Call, scope: Scope) -> tuple[Value, ValueType | None]:
        arguments = [self.value(argument, scope) for argument in node.arguments]
        bound = evolve(node, arguments=tuple(value for value, _ in arguments))
        function = find_function(node.function)
        if function is None:
            self.unknown("unknown_function", node.function, function_words(), node)
            return bound, None
        bound = evolve(bound, function=function.name)
        if len(arguments) != 1:
            self.report("one_argument", node, name=function.name, count=len(arguments))
            return bound, function.result
        kind = arguments[0][1]
        if kind is not None and kind.kind not in function.accepts:
            accepted = ", ".join(sorted(k.value for k in function.accepts))
            self.report(
                "wrong_argument", node, name=function.name, type=kind.kind.value, accepted=accepted
            )
            return bound, function.result
        return bound, function.result or kind

    def _aggregate(self, node: ast.Aggregate, scope: Scope) -> tuple[Value, ValueType | None]:
        if scope.collection is not None and not scope.in_having:
            self.report("aggregate_inside", node)
            return node, None
        located = self._aggregate_item(node, scope)
        if located is None:
            return node, None
        path, collection, declared = located
        items = scope.items_of(collection)
        if node.window is not None and collection.time is None:
            self.report("no_time", node.window, collection=collection.name)
        bound = evolve(
            node,
            path=path,
            where=self.optional_condition(node.where, items),
            window=None if node.window is None else self.window(node.window),
        )
        kind = None if declared is None else type_of_field(declared)
        if node.transform is not None:
            function = find_function(node.transform)
            if function is None:
                self.unknown("unknown_function", node.transform, function_words(), node)
                return bound, None
            bound = evolve(bound, transform=function.name)
            if kind is None or kind.kind not in function.accepts:
                self.report(
                    "wrong_argument",
                    node,
                    name=function.name,
                    type="item" if kind is None else kind.kind.value,
                    accepted=", ".join(sorted(k.value for k in function.accepts)),
                )
                return bound, None
            kind = function.result or kind
        result = aggregate_type(node.function, kind)
        if result is None:
            code = "aggregate_needs_field" if kind is None else "wrong_aggregate"
            self.report(
                code, node, function=node.function, type="" if kind is None else kind.kind.value
            )
        return bound, result

    def _aggregate_item(
        self, node: ast.Aggregate, scope: Scope
    ) -> tuple[tuple[str, ...], Collection, Field | None] | None:
        """The canonical path, the collection and the field that an aggregate speaks of."""
        path = node.path
        here = scope.collection
        if here is not None and scope.in_having:
            if not path:
                return (), here, None
            if len(path) == 1:
                own = here.find_field(path[0])
                if own is not None:
                    return (own.name,), here, own
                if self.schema.find_collection(path[0]) is None:
                    self.unknown("unknown_field", path[0], here.field_names(), node)
                    return None
        if not path:
            self.report("aggregate_needs_collection", node, function=node.function)
            return None
        collection = self.schema.find_collection(path[0])
        if collection is None:
            self.unknown("unknown_collection", path[0], self.schema.collection_names(), node)
            return None
        if len(path) == 1:
            return (collection.name,), collection, None
        declared = collection.find_field(path[1]) if len(path) == 2 else None
        if declared is None:
            self.unknown("unknown_field", ".".join(path[1:]), collection.field_names(), node)
            return None
        return (collection.name, declared.name), collection, declared

    def _arithmetic(self, node: ast.Arithmetic, scope: Scope) -> tuple[Value, ValueType | None]:
        left, left_type = self.value(node.left, scope)
        right, right_type = self.value(node.right, scope)
        bound = evolve(node, left=left, right=right)
        if left_type is None or right_type is None:
            return bound, None
        result = arithmetic_type(node.operator, left_type, right_type)
        if result is None:
            self.report(
                "arithmetic_types",
                node,
                operator=node.operator,
                left=left_type.kind.value,
                right=right_type.kind.value,
            )
        elif not common_currency(left_type, right_type):
            self.report(
                "mixed_currencies", node, left=left_type.currency, right=right_type.currency
            )
        return bound, result

    def judge_comparison(
        self,
        node: Node,
        operator: ast.ComparisonOperator,
        left: ValueType,
        right: ValueType,
    ) -> None:
        if FieldType.TEXT_LIST in (left.kind, right.kind):
            self.report("operator_on_list", node, operator=operator)
        elif not comparable(operator, left, right):
            same = left.kind is right.kind
            code = "operator_not_for_type" if same else "type_mismatch"
            self.report(code, node, operator=operator, left=left.kind.value, right=right.kind.value)
        elif not common_currency(left, right):
            self.report("mixed_currencies", node, left=left.currency, right=right.currency)

    # --- windows --------------------------------------------------------------------------------

    def window(self, node: ast.Window) -> ast.Window:
        match node:
            case ast.Rolling():
                if node.direction == "previous" and node.duration.unit not in ast.CALENDAR_UNITS:
                    self.report("not_a_calendar_unit", node, unit=node.duration.unit)
                return node
            case ast.Calendar():
                if node.unit not in ast.CALENDAR_UNITS:
                    self.report("not_a_calendar_unit", node, unit=node.unit)
                return node
            case ast.Since() | ast.Before():
                return evolve(node, point=self._point(node.point))
            case ast.Range():
                return evolve(node, start=self._point(node.start), end=self._point(node.end))
            case ast.On():
                day = self._point(node.day)
                if not isinstance(day, ast.Date | ast.Parameter):
                    self.report("needs_date", node)
                    return node
                return evolve(node, day=day)
            case _:
                assert_never(node)

    def _point(self, node: ast.Point) -> ast.Point:
        if not isinstance(node, ast.Parameter):
            return node
        bound, kind = self.parameter(node, Scope(self.schema))
        if isinstance(bound, ast.Date | ast.LocalTime | ast.Ago | ast.Parameter):
            return bound
        self.report("needs_time", node, type="" if kind is None else kind.kind.value)
        return node
