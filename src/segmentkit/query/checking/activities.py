"""Activities: what may be said about the rows of a collection."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from attrs import evolve

from segmentkit.model import Collection, FieldType
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Value
from segmentkit.query.checking.values import Values
from segmentkit.query.checking.wording import Said, type_said, word_said
from segmentkit.query.diagnostics import Fix
from segmentkit.query.names import tree_kind
from segmentkit.query.spelling import spelling_pattern
from segmentkit.query.types import Scope
from segmentkit.query.words import KEYWORDS

_VERBS: Mapping[tuple[ast.Verb, bool], str] = {
    ("did", False): "did",
    ("did", True): "did_not",
    ("has", False): "has",
    ("has", True): "has_no",
    ("in", False): "in",
    ("in", True): "not_in",
}


class Activities(Values):
    """Each method returns the bound node."""

    def activity(self, node: ast.Activity, scope: Scope) -> Condition:
        if scope.collection is not None:
            self.report("activity_inside", node)
            return node
        collection = self.collection(node.collection, node)
        if collection is None:
            return node
        if node.verb != collection.verb and not _has_any(node, collection):
            self._wrong_verb(node, collection)
        if node.window is not None and collection.time is None:
            self.report("no_time", node.window, collection=collection.name)
        if collection.name == "segment" and not _is_plain(node):
            self.report("plain_segments_only", node)
        if node.quantifier == "all" and not isinstance(node.keys, ast.Keys):
            self.report("all_needs_keys", node, collection=collection.name)
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
        return self._without_default_lists(bound) if collection.name == "list" else bound

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
        if node.frequency is not None:
            self.report("not_with_steps", node.frequency, clause=Said("how often", "次数"))
        if node.having is not None:
            self.report("not_with_steps", node.having, clause=word_said("having"))
        if node.quantifier == "all":
            self.report("not_with_steps", node, clause=word_said("all"))
        for stepping in (node, *node.steps):
            stepped = self.schema.find_collection(stepping.collection)
            if stepped is not None and stepped.time is None:
                self.report("no_time", stepping, collection=stepped.name)
        for step in node.steps:
            if step.negated and step.alias:
                self.report("named_nothing", step, alias=step.alias)
        for step in node.steps[:-1]:
            if step.negated and step.within is not None:
                self.report("within_on_middle_negation", step)

    def _wrong_verb(self, node: ast.Activity, collection: Collection) -> None:
        right = word_said(_VERBS[collection.verb, node.negated])
        written = KEYWORDS[_VERBS[node.verb, node.negated]]
        fixes: tuple[Fix, ...] = ()
        name = self.span_of(node.collection, node)
        if name is not None:
            # The verb is the last such word before the name: a window may stand first.
            spelt = re.compile(spelling_pattern([written]))
            found = list(spelt.finditer(self.text, node.span[0], name[0]))
            if found:
                is_chinese = found[-1][0] in written.zh
                verb = right.zh if is_chinese else right.en
                fixes = (Fix(verb, verb, found[-1].span()),)
        self.report("wrong_verb", node, *fixes, collection=collection.name, verb=right)

    def _frequency(self, node: ast.Frequency | None, scope: Scope) -> ast.Frequency | None:
        if node is None:
            return None
        count = self._times(node.count, scope)
        upper = None if node.upper is None else self._times(node.upper, scope)
        if (
            isinstance(count, ast.Number)
            and isinstance(upper, ast.Number)
            and count.value > upper.value
        ):
            assert node.upper is not None
            self.reversed(node, node.count, node.upper)
        return evolve(node, count=count, upper=upper)

    def _times(self, node: Value, scope: Scope) -> Value:
        """How often: a whole number where it is written down, any exact number where computed."""
        bound, kind = self.value(node, scope)
        if kind is not None and not kind.is_exact:
            self.report("needs_number", node, type=type_said(kind))
        match bound:
            case ast.Number(value=int(times)) if times >= 0:
                pass
            case ast.Number(value=times):
                nearest_whole = str(max(0, math.ceil(times)))
                fix = Fix(nearest_whole, nearest_whole, node.span)
                self.report("frequency_not_whole", node, fix, value=times)
            case ast.Negative(operand=ast.Number(value=times)):
                self.report(
                    "frequency_not_whole", node, Fix("0", "0", node.span), value=f"-{times}"
                )
            case _:
                pass
        return bound

    def _keys(self, node: ast.Activity, collection: Collection) -> ast.Keys | ast.KeyPattern | None:
        keys = node.keys
        if keys is None:
            return None
        if collection.key is None:
            self.report("no_key", keys, collection=collection.name)
            return keys
        if isinstance(keys, ast.KeyPattern):
            return keys
        kind = collection.field(collection.key).references or collection.name
        if keys.under:
            kind = tree_kind(kind)
            if not collection.tree:
                self._no_tree(keys, collection)
        values = keys.values
        if len(values) == 1 and isinstance(values[0], ast.Parameter):
            given = self.parameter_values(values[0], Scope(self.schema))
            values = values if given is None else tuple(value for value, _ in given)
        return evolve(keys, values=tuple(self._key(kind, value) for value in values))

    def _key(self, kind: str, node: Value) -> Value:
        bound, value_type = self.value(node, Scope(self.schema))
        if isinstance(bound, ast.Path):
            self.report("key_not_text", node, type=Said("a field", "字段"))
        elif value_type is not None and value_type.kind is not FieldType.TEXT:
            self.report("key_not_text", node, type=type_said(value_type))
        elif not isinstance(bound, ast.Text | ast.Reference | ast.Parameter):
            self.report("key_not_text", node, type=Said("a computed value", "计算的值"))
        return self.named(kind, bound)

    def _no_tree(self, keys: ast.Keys, collection: Collection) -> None:
        under = re.compile(spelling_pattern([KEYWORDS["under"]]) + r"\s*")
        found = under.match(self.text, keys.span[0])
        rest = "" if found is None else self.text[found.end() : keys.span[1]]
        fixes = () if found is None else (Fix(rest, rest, keys.span),)
        self.report("no_tree", keys, *fixes, collection=collection.name)

    def _without_default_lists(self, node: ast.Activity) -> Condition:
        """
        `in list 'ungrouped'` is `has no group`, `'untagged'` is `has no tag`, `'all'` is everyone.

        Said so, they see what the viewer sees and nothing else. They have no rows, so nothing more
        can be said about them.
        """
        if not isinstance(node.keys, ast.Keys):
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
        if not _is_plain(node):
            self.report("plain_lists_only", node)
            return node
        if kept:
            said.append(evolve(node, negated=False, keys=evolve(node.keys, values=tuple(kept))))
        joined = ast.And if node.quantifier == "all" else ast.Or
        whole = said[0] if len(said) == 1 else joined(tuple(said), span=node.span)
        return ast.Not(whole, span=node.span) if node.negated else whole


def _has_any(node: ast.Activity, collection: Collection) -> bool:
    """`has no group`: of memberships that are not named one says `has` as well as `in`."""
    return node.verb == "has" and collection.verb == "in" and node.keys is None


def _is_plain(node: ast.Activity) -> bool:
    """Keys and nothing else."""
    clauses = (node.where, node.having, node.window, node.frequency, node.alias)
    return isinstance(node.keys, ast.Keys) and not node.steps and not any(clauses)
