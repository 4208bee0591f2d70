"""Totals: what an aggregate is over, and whether it has a meaning."""

from __future__ import annotations

from abc import ABC, abstractmethod

from attrs import evolve

from segmentkit.model import Collection, Field
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Node, Value
from segmentkit.query.checking.windows import Windows
from segmentkit.query.checking.wording import Said, function_said, type_said, types_said
from segmentkit.query.diagnostics import Fix
from segmentkit.query.functions import Function, find_function, function_words
from segmentkit.query.types import Scope, ValueType, aggregate_type, type_of_field


class Totals(Windows, ABC):
    """Each method returns the bound node."""

    @abstractmethod
    def condition(self, node: Condition, scope: Scope) -> Condition:
        """The bound form of a condition that stands inside a value, as an aggregate's `where`."""

    def optional_condition(self, node: Condition | None, scope: Scope) -> Condition | None:
        return None if node is None else self.condition(node, scope)

    def aggregate(self, node: ast.Aggregate, scope: Scope) -> tuple[Value, ValueType | None]:
        if scope.collection is not None and not scope.in_having:
            self.report("aggregate_inside", node)
            return node, None
        located = self._aggregate_item(node, scope)
        if located is None:
            return node, None
        path, collection, declared = located
        if node.window is not None and collection.time is None:
            self.report("no_time", node.window, collection=collection.name)
        bound = evolve(
            node,
            path=path,
            where=self.optional_condition(node.where, scope.items_of(collection)),
            window=None if node.window is None else self.window(node.window),
        )
        kind = None if declared is None else type_of_field(declared)
        if node.transform is not None:
            function = find_function(node.transform)
            if function is None:
                self.unknown(
                    "unknown_function", node.transform, function_words(), node, after="(（"
                )
                return bound, None
            bound = evolve(bound, transform=function.name)
            if kind is None or kind.kind not in function.accepts:
                given = Said("whole items", "整条记录") if kind is None else type_said(kind)
                self.wrong_argument(node, function, given)
                return bound, None
            kind = function.result or kind
        result = aggregate_type(node.function, kind)
        if result is None:
            function_word = function_said(node.function)
            if kind is None:
                self.report("aggregate_needs_field", node, function=function_word)
            else:
                self.report("wrong_aggregate", node, function=function_word, type=type_said(kind))
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
                    self.unknown("unknown_field", path[0], here.field_names(), node, after="(（")
                    return None
        if not path:
            self.report("aggregate_needs_collection", node, function=function_said(node.function))
            return None
        collection = self.schema.find_collection(path[0])
        if collection is None:
            self._unknown_owner(node)
            return None
        if here is not None and collection.name == here.name:
            self._not_only_these(node, collection)
        if len(path) == 1:
            return (collection.name,), collection, None
        declared = collection.find_field(path[1]) if len(path) == 2 else None
        if declared is None:
            name = ".".join(path[1:])
            self.unknown("unknown_field", name, collection.field_names(), node, after=".．")
            return None
        return (collection.name, declared.name), collection, declared

    def _unknown_owner(self, node: ast.Aggregate) -> None:
        """`sum(amount)` outside of `having` may mean the amount of some collection."""
        name = node.path[0]
        span = self.span_of(name, node, after="(（")
        owners = [c for c in self.schema.collections if c.find_field(name) is not None]
        if len(node.path) == 1 and len(owners) == 1 and span is not None:
            whole = f"{owners[0].name}.{name}"
            self.report("unknown_collection", span, Fix(whole, whole, span), name=name)
            return
        known = self.schema.collection_names()
        self.unknown("unknown_collection", name, known, node, after="(（")

    def _not_only_these(self, node: ast.Aggregate, collection: Collection) -> None:
        """In `having`, `sum(purchase.amount)` is of all purchases, `sum(amount)` of these."""
        span = self.span_of(node.path[0], node, after="(（")
        fixes: tuple[Fix, ...] = ()
        if span is not None:
            rest = self.text[span[1] : node.span[1]]
            end = span[1] + (1 if rest[:1] in (".", "．") else 0)
            own = node.path[1] if len(node.path) > 1 else f"{node.function}()"
            fixes = (Fix(own, "", (span[0], end)),)
        self.report("not_only_these", node, *fixes, collection=collection.name)

    def wrong_argument(self, node: Node, function: Function, given: Said) -> None:
        name = Said(function.name, function.chinese)
        accepted = types_said(function.accepts)
        self.report("wrong_argument", node, name=name, type=given, accepted=accepted)
