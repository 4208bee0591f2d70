"""Paths: the field that a name means, and what was meant where it means none."""

from __future__ import annotations

from segmentkit.model import NUMERIC_TYPES, Field, FieldType
from segmentkit.query import ast
from segmentkit.query.ast import Value
from segmentkit.query.checking.findings import Findings
from segmentkit.query.diagnostics import Fix
from segmentkit.query.literals import print_name
from segmentkit.query.types import CONTACT_WORDS, Scope, ValueType, type_of_field
from segmentkit.query.words import AGGREGATES, CONTACT
from segmentkit.text import text_key


class Paths(Findings):
    """Names resolved in the scope where they stand."""

    def path(self, node: ast.Path, scope: Scope) -> tuple[Value, ValueType | None]:
        resolved = scope.resolve(node)
        if resolved is not None:
            path, declared = resolved
            return path, type_of_field(declared)
        self._unknown_path(node, scope)
        return node, None

    def _unknown_path(self, node: ast.Path, scope: Scope) -> None:
        if len(node.names) > 1:
            self._unknown_dotted(node, scope)
            return
        name = ".".join(node.names)
        collection = scope.collection
        if collection is None:
            known = self.schema.find_collection(name)
            if known is not None:
                fix = self._total_fix("count", node)
                self.report("needs_aggregate", node, fix, name=name)
            else:
                self.unknown("unknown_field", name, self.schema.field_names(), node)
            return
        own = collection.find_field(name) if scope.in_having else None
        if own is not None:
            self.report("needs_aggregate", node, self._total_of(own, node), name=name)
        elif self.schema.find_field(name) is not None:
            label = f"{CONTACT.spelt(self.lang)}.{name}"
            said = f"{CONTACT.spelt(self.lang)}.{print_name(name, after_dot=True)}"
            fix = Fix(label, said, node.span)
            self.report("field_of_contact", node, fix, name=name, collection=collection.name)
        else:
            self.unknown("unknown_field", name, collection.field_names(), node)

    def _unknown_dotted(self, node: ast.Path, scope: Scope) -> None:
        """`purchase.amount` outside of a total, `c.sku` of nothing named so, a wrong field of it."""
        owner, *rest = node.names
        known = self.schema.find_collection(owner)
        declared = known.find_field(rest[-1]) if known is not None and len(rest) == 1 else None
        if declared is not None and scope.collection is None:
            fix = self._total_of(declared, node)
            self.report("needs_aggregate", node, fix, name=".".join(node.names))
            return
        if declared is not None and known is scope.collection and not scope.in_having:
            fix = Fix(declared.name, print_name(rest[-1]), node.span)
            self.report("unknown_alias", node, fix, name=owner)
            return
        aliased = scope.aliases.get(owner)
        if aliased is None and text_key(owner) not in CONTACT_WORDS:
            if known is not None and scope.collection is None:
                self.unknown("unknown_field", rest[-1], known.field_names(), node, after=".．")
            else:
                self.unknown("unknown_alias", owner, scope.aliases, node)
            return
        names = self.schema.field_names() if aliased is None else aliased.field_names()
        self.unknown("unknown_field", rest[-1], names, node, after=".．")

    def _total_of(self, declared: Field, node: ast.Path) -> Fix:
        """The likeliest total of a field: the sum of what adds up, else the last value."""
        adds_up = declared.type in NUMERIC_TYPES or declared.type is FieldType.DURATION
        return self._total_fix("sum" if adds_up else "last", node)

    def _total_fix(self, function: ast.AggregateFunction, node: ast.Path) -> Fix:
        path = self.written(node) or ".".join(node.names)
        total = f"{AGGREGATES[function].spelt(self.lang)}({path})"
        return Fix(total, total, node.span)
