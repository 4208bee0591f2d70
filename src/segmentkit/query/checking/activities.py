"""Activities: what may be said about the rows of a collection."""

from __future__ import annotations

from attrs import evolve

from segmentkit.model import Collection, FieldType
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Value
from segmentkit.query.checking.values import Values
from segmentkit.query.diagnostics import Fix
from segmentkit.query.names import tree_kind
from segmentkit.query.types import Scope


class Activities(Values):
    """Each method returns the bound node."""

    def activity(self, node: ast.Activity, scope: Scope) -> Condition:
        if scope.collection is not None:
            self.report("activity_inside", node)
            return node
        collection = self.collection(node.collection, node)
        if collection is None:
            return node
        if node.verb != collection.verb:
            self._wrong_verb(node, collection)
        if node.window is not None and collection.time is None:
            self.report("no_time", node.window, collection=collection.name)
        if collection.name == "segment" and not _is_plain(node):
            self.report("plain_segments_only", node)
        items = scope.items_of(collection)
        totals = scope.totals_of(collection)
        aliases = {node.alias: collection} if node.alias else {}
        steps: list[ast.Step] = []
        for step in node.steps:
            steps.append(self._step(step, evolve(scope, aliases=aliases)))
            stepped = self.schema.find_collection(step.collection)
            if step.alias and stepped is not None:
                aliases = {**aliases, step.alias: stepped}
        self._judge_steps(node, collection)
        bound = evolve(
            node,
            collection=collection.name,
            verb=collection.verb,
            keys=self._keys(node, collection),
            where=self.optional_condition(node.where, items),
            having=self.optional_condition(node.having, totals),
            frequency=self._frequency(node.frequency, scope),
            window=None if node.window is None else self.window(node.window),
            steps=tuple(steps),
        )
        return _without_default_lists(bound) if collection.name == "list" else bound

    def _step(self, node: ast.Step, scope: Scope) -> ast.Step:
        collection = self.collection(node.collection, node)
        if collection is None:
            return node
        if node.within is not None:
            self.value(node.within, scope)
        where = self.optional_condition(node.where, scope.items_of(collection))
        return evolve(node, collection=collection.name, where=where)

    def _judge_steps(self, node: ast.Activity, collection: Collection) -> None:
        if not node.steps:
            return
        for clause, present in (
            ("frequency", node.frequency is not None),
            ("having", node.having is not None),
            ("all", node.quantifier == "all"),
        ):
            if present:
                self.report("not_with_steps", node, clause=clause)
        for collection_name in (node.collection, *(s.collection for s in node.steps)):
            stepped = self.schema.find_collection(collection_name)
            if stepped is not None and stepped.time is None:
                self.report("no_time", node, collection=stepped.name)
        for step in node.steps[:-1]:
            if step.negated and step.within is not None:
                self.report("within_on_middle_negation", step)

    def _wrong_verb(self, node: ast.Activity, collection: Collection) -> None:
        words = {
            ("did", False): "did",
            ("did", True): "did not",
            ("has", False): "has",
            ("has", True): "has no",
            ("in", False): "in",
            ("in", True): "not in",
        }
        right = words[collection.verb, node.negated]
        written = words[node.verb, node.negated]
        start = node.span[0]
        fixes = ()
        if self.text[start : start + len(written)].lower() == written:
            fixes = (Fix(right, right, (start, start + len(written))),)
        self.report("wrong_verb", node, *fixes, collection=collection.name, verb=right)

    def _frequency(self, node: ast.Frequency | None, scope: Scope) -> ast.Frequency | None:
        if node is None:
            return None
        bounds: list[Value | None] = []
        for part in (node.count, node.upper):
            if part is None:
                bounds.append(None)
                continue
            bound, kind = self.value(part, scope)
            bounds.append(bound)
            if kind is not None and not kind.is_exact:
                self.report("needs_number", part, type=kind.kind.value)
            if isinstance(bound, ast.Number) and not isinstance(bound.value, int):
                self.report("frequency_not_whole", part, value=bound.value)
            if isinstance(bound, ast.Negative):
                self.report("frequency_not_whole", part, value="-")
        count, upper = bounds
        assert count is not None
        if (
            isinstance(count, ast.Number)
            and isinstance(upper, ast.Number)
            and count.value > upper.value
        ):
            self.report("between_reversed", node, low=count.value, high=upper.value)
        return evolve(node, count=count, upper=upper)

    def _keys(self, node: ast.Activity, collection: Collection) -> ast.Keys | ast.KeyPattern | None:
        keys = node.keys
        if keys is None:
            if node.quantifier == "all":
                self.report("all_needs_keys", node, collection=collection.name)
            return None
        if collection.key is None:
            self.report("no_key", keys, collection=collection.name)
            return keys
        if isinstance(keys, ast.KeyPattern):
            return keys
        if keys.under and not collection.tree:
            self.report("no_tree", keys, collection=collection.name)
        kind = collection.field(collection.key).references or collection.name
        if keys.under:
            kind = tree_kind(kind)
        values = keys.values
        if len(values) == 1 and isinstance(values[0], ast.Parameter):
            given = self.parameter_values(values[0])
            values = values if given is None else given
        bound: list[Value] = []
        for value in values:
            single, value_type = self.value(value, Scope(self.schema))
            if value_type is not None and value_type.kind is not FieldType.TEXT:
                self.report("needs_text", value, operation="key", type=value_type.kind.value)
            bound.append(self.named(kind, single))
        return evolve(keys, values=tuple(bound))


def _is_plain(node: ast.Activity) -> bool:
    """Keys and nothing else."""
    clauses = (node.where, node.having, node.window, node.frequency, node.alias)
    return isinstance(node.keys, ast.Keys) and not node.steps and not any(clauses)


def _without_default_lists(node: ast.Activity) -> Condition:
    """
    `in list 'ungrouped'` is `has no group`, `'untagged'` is `has no tag`, `'all'` is everyone.

    Said so, they see what the viewer sees and nothing else.
    """
    if not _is_plain(node) or not isinstance(node.keys, ast.Keys):
        return node
    said: list[Condition] = []
    kept: list[Value] = []
    for value in node.keys.values:
        match value:
            case ast.Reference(id="all"):
                said.append(ast.Truth(True, span=value.span))
            case ast.Reference(id="ungrouped"):
                said.append(ast.Activity("in", "group", negated=True, span=value.span))
            case ast.Reference(id="untagged"):
                said.append(ast.Activity("has", "tag", negated=True, span=value.span))
            case _:
                kept.append(value)
    if not said:
        return node
    if kept:
        said.append(evolve(node, negated=False, keys=evolve(node.keys, values=tuple(kept))))
    joined = ast.And if node.quantifier == "all" else ast.Or
    whole = said[0] if len(said) == 1 else joined(tuple(said), span=node.span)
    return ast.Not(whole, span=node.span) if node.negated else whole
