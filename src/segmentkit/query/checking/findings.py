"""What a check has found so far, and what names mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from segmentkit.model import Collection, Schema
from segmentkit.query import ast
from segmentkit.query.ast import Node, Value
from segmentkit.query.diagnostics import Diagnostic, Fix
from segmentkit.query.names import Names
from segmentkit.query.types import Scope
from segmentkit.text import nearest


class Findings:
    """Findings about one condition, and the names it may use."""

    def __init__(
        self,
        schema: Schema,
        names: Names | None,
        parameters: Mapping[str, object] | None,
        text: str,
    ) -> None:
        self.schema = schema
        self.names = names
        self.parameters = parameters
        self.text = text
        self.found: list[Diagnostic] = []

    def report(self, code: str, node: Node, *fixes: Fix, **args: object) -> None:
        self.found.append(Diagnostic(code, args, node.span, fixes))

    def collection(self, name: str, node: Node) -> Collection | None:
        found = self.schema.find_collection(name)
        if found is None:
            self.unknown("unknown_collection", name, self.schema.collection_names(), node)
        return found

    def unknown(self, code: str, name: str, known: Iterable[str], node: Node) -> None:
        near = nearest(name, known)
        span = self.span_of(name, node)
        fixes = () if near is None else (Fix(near, near, span),)
        self.found.append(Diagnostic(code, {"name": name}, span, fixes))

    def span_of(self, name: str, node: Node) -> ast.Span:
        """Where *name* stands inside the text of *node*, or the node's own span."""
        start, end = node.span
        at = self.text.find(name, start, end)
        return node.span if at < 0 else (at, at + len(name))

    def named_value(self, field_side: Value, value: Value, scope: Scope) -> Value:
        """A text that is compared with a field of ids means the thing of that name."""
        if not isinstance(value, ast.Text) or not isinstance(field_side, ast.Path):
            return value
        resolved = scope.resolve(field_side)
        if resolved is None or resolved[1].references is None:
            return value
        return self.named(resolved[1].references, value)

    def named(self, kind: str, value: Value) -> Value:
        if self.names is None or not self.names.knows(kind):
            return value
        if isinstance(value, ast.Reference):
            if self.names.name_of(value.kind, value.id) is None:
                self.report(
                    "deleted_reference", value, kind=value.kind, name=value.name or value.id
                )
            return value
        if not isinstance(value, ast.Text):
            return value
        matches = self.names.find(kind, value.value)
        if len(matches) == 1:
            return evolve(matches[0], span=value.span)
        if not matches:
            near = nearest(value.value, self.names.all_names(kind))
            fixes = () if near is None else (Fix(near, f"'{near}'", value.span),)
            self.report("unknown_thing", value, *fixes, kind=kind, name=value.value)
            return value
        full = [self.names.name_of(kind, match.id) or match.id for match in matches]
        fixes = tuple(Fix(name, f"'{name}'", value.span) for name in full)
        self.report("ambiguous_name", value, *fixes, name=value.value, candidates=", ".join(full))
        return value
