"""
Does a condition make sense for a schema, and what do its names mean?

One walk finds every fault, resolves each name to its canonical one, each tag, group or segment name
to an id, each parameter to its value, and so turns a condition as it was written (in any language)
into the one that engines compute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import assert_never

from attrs import evolve, frozen

from segmentkit.model import Collection, Field, FieldType, Schema
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Node, Value
from segmentkit.query.diagnostics import Diagnostic, Fix, QueryError
from segmentkit.query.functions import find_function, function_words
from segmentkit.query.names import Names
from segmentkit.query.types import (
    BOOLEAN,
    CONTACT_WORDS,
    DATE,
    DURATION,
    INSTANT,
    TEXT,
    TIME_TYPES,
    Scope,
    ValueType,
    aggregate_type,
    arithmetic_type,
    common_currency,
    comparable,
    type_of_field,
)
from segmentkit.text import nearest, text_key

DURATION_UNITS = ("second", "minute", "hour", "day", "week")
_ORDER_WORDS = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}


@frozen
class Checked:
    """
    What the checker found.

    Attributes:
        condition: with canonical names and ids; only worth compiling when `is_valid`.
        diagnostics: errors, warnings and hints, in the order of the text.
    """

    condition: Condition
    diagnostics: tuple[Diagnostic, ...]

    @property
    def is_valid(self) -> bool:
        return all(d.severity != "error" for d in self.diagnostics)


def check(
    condition: Condition,
    schema: Schema,
    *,
    names: Names | None = None,
    parameters: Mapping[str, object] | None = None,
    text: str = "",
) -> Checked:
    """
    Everything that is wrong or doubtful about *condition*, and its bound form.

    Args:
        condition: as parsed, built or loaded.
        schema: what the contacts and collections of the host look like.
        names: knows the ids of tags, groups, segments; without it their texts stand for themselves.
        parameters: a value for each `$name`, or a FieldType that promises one; None leaves
            parameters open and unchecked.
        text: what the condition was parsed from; fixes quote it.

    Examples:
        >>> from segmentkit.query.ast import Compare, Number, Path
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER, aliases=("年龄",))])
        >>> check(Compare(">", Path(("年龄",)), Number(18)), schema).condition
        Compare(operator='>', left=Path(names=('age',)), right=Number(value=18), exactly=False)
    """
    checker = _Checker(schema, names, parameters, text)
    bound = checker.condition(condition, Scope(schema))
    found = sorted(checker.found, key=lambda d: (d.span, d.code))
    return Checked(bound, tuple(found))


def bind(
    condition: Condition,
    schema: Schema,
    *,
    names: Names | None = None,
    parameters: Mapping[str, object] | None = None,
    text: str = "",
) -> Condition:
    """
    The bound form of *condition*.

    Raises:
        QueryError: the checker found errors; it carries all of them.
    """
    checked = check(condition, schema, names=names, parameters=parameters, text=text)
    errors = tuple(d for d in checked.diagnostics if d.severity == "error")
    if errors:
        raise QueryError(text, errors)
    return checked.condition


class _Checker:
    """One check. Each method returns the bound node; of a value, with its type if it is known."""

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

    # --- conditions -----------------------------------------------------------------------------

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
                return self._activity(node, scope)
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
        right = self._named_value(left, right, scope)
        left = self._named_value(right, left, scope)
        if left_type is not None and right_type is not None:
            self._judge_comparison(node, node.operator, left_type, right_type)
            if node.exactly and left_type.kind is not FieldType.TEXT:
                self.report("exactly_needs_text", node, type=left_type.kind.value)
        if node.operator == "!=":
            self._hint_at_missing(node, node.left, scope)
        return evolve(node, left=left, right=right)

    def _judge_comparison(
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
                self._judge_comparison(node, ">=", left_type, bound_type)
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
            items = tuple(self._named_value(left, item, scope) for item in items)
        if node.negated:
            self._hint_at_missing(node, node.left, scope)
        return evolve(node, left=left, items=items)

    def _list(
        self, items: tuple[Value, ...] | ast.Parameter, scope: Scope, wanted: ValueType | None
    ) -> tuple[Value, ...] | ast.Parameter:
        if isinstance(items, ast.Parameter):
            given = self._parameter_values(items)
            if given is None:
                return items
            items = given
        elif len(items) == 1 and isinstance(items[0], ast.Parameter):
            given = self._parameter_values(items[0])
            if given is None:
                return items
            items = given
        bound: list[Value] = []
        for item in items:
            value, kind = self.value(item, scope)
            bound.append(value)
            if wanted is not None and kind is not None:
                single = TEXT if wanted.kind is FieldType.TEXT_LIST else wanted
                self._judge_comparison(item, "=", single, kind)
        return tuple(bound)

    def _in_window(self, node: ast.InWindow, scope: Scope) -> Condition:
        left, kind = self.value(node.left, scope)
        if kind is not None and kind.kind not in TIME_TYPES:
            self.report("needs_time", node.left, type=kind.kind.value)
        if node.negated:
            self._hint_at_missing(node, node.left, scope)
        return evolve(node, left=left, window=self._window(node.window))

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

    # --- activities -----------------------------------------------------------------------------

    def _activity(self, node: ast.Activity, scope: Scope) -> Condition:
        if scope.collection is not None:
            self.report("activity_inside", node)
            return node
        collection = self._collection(node.collection, node)
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
            where=self._optional(node.where, items),
            having=self._optional(node.having, totals),
            frequency=self._frequency(node.frequency, scope),
            window=None if node.window is None else self._window(node.window),
            steps=tuple(steps),
        )
        return _without_default_lists(bound) if collection.name == "list" else bound

    def _optional(self, node: Condition | None, scope: Scope) -> Condition | None:
        return None if node is None else self.condition(node, scope)

    def _step(self, node: ast.Step, scope: Scope) -> ast.Step:
        collection = self._collection(node.collection, node)
        if collection is None:
            return node
        if node.within is not None:
            self.value(node.within, scope)
        where = self._optional(node.where, scope.items_of(collection))
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
        if keys.under and kind == "tag":
            kind = "tag_group"  # what a tag stands under is its tag group
        values = keys.values
        if len(values) == 1 and isinstance(values[0], ast.Parameter):
            values = self._parameter_values(values[0]) or values
        bound: list[Value] = []
        for value in values:
            single, value_type = self.value(value, Scope(self.schema))
            if value_type is not None and value_type.kind is not FieldType.TEXT:
                self.report("needs_text", value, operation="key", type=value_type.kind.value)
            bound.append(self._named(kind, single))
        return evolve(keys, values=tuple(bound))

    # --- names ----------------------------------------------------------------------------------

    def _collection(self, name: str, node: Node) -> Collection | None:
        found = self.schema.find_collection(name)
        if found is None:
            self._unknown("unknown_collection", name, self.schema.collection_names(), node)
        return found

    def _unknown(self, code: str, name: str, known: Iterable[str], node: Node) -> None:
        near = nearest(name, known)
        span = self._span_of(name, node)
        fixes = () if near is None else (Fix(near, near, span),)
        self.found.append(Diagnostic(code, {"name": name}, span, fixes))

    def _span_of(self, name: str, node: Node) -> ast.Span:
        """Where *name* stands inside the text of *node*, or the node's own span."""
        start, end = node.span
        at = self.text.find(name, start, end)
        return node.span if at < 0 else (at, at + len(name))

    def _named_value(self, field_side: Value, value: Value, scope: Scope) -> Value:
        """A text that is compared with a field of ids means the thing of that name."""
        if not isinstance(value, ast.Text) or not isinstance(field_side, ast.Path):
            return value
        resolved = scope.resolve(field_side)
        if resolved is None or resolved[1].references is None:
            return value
        return self._named(resolved[1].references, value)

    def _named(self, kind: str, value: Value) -> Value:
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

    # --- values ---------------------------------------------------------------------------------

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
                return self._parameter(node, scope)
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

    def _parameter(self, node: ast.Parameter, scope: Scope) -> tuple[Value, ValueType | None]:
        if self.parameters is None:
            return node, None
        if node.name not in self.parameters:
            self._unknown("unbound_parameter", node.name, self.parameters, node)
            return node, None
        given: object = self.parameters[node.name]
        if isinstance(given, FieldType):
            return node, ValueType(given, constant=True)
        literal = as_literal(given)
        if literal is None:
            self.report("bad_parameter", node, name=node.name, type=type(given).__name__)
            return node, None
        return self.value(evolve(literal, span=node.span), scope)

    def _parameter_values(self, node: ast.Parameter) -> tuple[Value, ...] | None:
        """The items of a parameter that stands for a list; None while it stays open."""
        given: object = None if self.parameters is None else self.parameters.get(node.name)
        if given is None or isinstance(given, FieldType):
            self._parameter(node, Scope(self.schema))
            return None
        items: list[object] = [given]
        if isinstance(given, Iterable) and not isinstance(given, str | bytes):
            items = list(given)  # pyright: ignore[reportUnknownArgumentType]
            if isinstance(given, set | frozenset):
                items.sort(key=repr)  # a set has no order; a bound condition does
        literals = [as_literal(item) for item in items]
        if any(literal is None for literal in literals):
            self.report("bad_parameter", node, name=node.name, type="list")
            return None
        return tuple(evolve(literal, span=node.span) for literal in literals if literal)

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
                self._unknown("unknown_alias", node.names[0], scope.aliases, node)
                return
            known = self.schema.field_names() if owner is None else owner.field_names()
            self._unknown("unknown_field", node.names[-1], known, node)
            return
        if collection is None:
            if self.schema.find_collection(name) is not None:
                self.report("needs_aggregate", node, name=name)
                return
            self._unknown("unknown_field", name, self.schema.field_names(), node)
            return
        if scope.in_having and collection.find_field(name) is not None:
            self.report("needs_aggregate", node, name=name)
            return
        of_contact = self.schema.find_field(name)
        if of_contact is not None:
            fix = Fix(f"contact.{name}", f"contact.{name}", node.span)
            self.report("field_of_contact", node, fix, name=name, collection=collection.name)
            return
        self._unknown("unknown_field", name, collection.field_names(), node)

    def _call(self, node: ast.Call, scope: Scope) -> tuple[Value, ValueType | None]:
        arguments = [self.value(argument, scope) for argument in node.arguments]
        bound = evolve(node, arguments=tuple(value for value, _ in arguments))
        function = find_function(node.function)
        if function is None:
            self._unknown("unknown_function", node.function, function_words(), node)
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
            where=self._optional(node.where, items),
            window=None if node.window is None else self._window(node.window),
        )
        kind = None if declared is None else type_of_field(declared)
        if node.transform is not None:
            function = find_function(node.transform)
            if function is None:
                self._unknown("unknown_function", node.transform, function_words(), node)
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
                    self._unknown("unknown_field", path[0], here.field_names(), node)
                    return None
        if not path:
            self.report("aggregate_needs_collection", node, function=node.function)
            return None
        collection = self.schema.find_collection(path[0])
        if collection is None:
            self._unknown("unknown_collection", path[0], self.schema.collection_names(), node)
            return None
        if len(path) == 1:
            return (collection.name,), collection, None
        declared = collection.find_field(path[1]) if len(path) == 2 else None
        if declared is None:
            self._unknown("unknown_field", ".".join(path[1:]), collection.field_names(), node)
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

    # --- windows --------------------------------------------------------------------------------

    def _window(self, node: ast.Window) -> ast.Window:
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
        bound, kind = self._parameter(node, Scope(self.schema))
        if isinstance(bound, ast.Date | ast.LocalTime | ast.Ago | ast.Parameter):
            return bound
        self.report("needs_time", node, type="" if kind is None else kind.kind.value)
        return node


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


def number_type(value: int | Decimal) -> ValueType:
    """The type of a literal number: exact, with the digits it was written with."""
    if isinstance(value, int):
        return ValueType(FieldType.INTEGER, constant=True)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return ValueType(FieldType.DECIMAL, scale=max(0, -exponent), constant=True)


def as_literal(value: object) -> ast.Value | None:
    """
    The node that says a Python value, or None where the language has no word for it.

    A float is read by its shortest text, as it would be written in a query.

    Examples:
        >>> as_literal(0.1)
        Number(value=Decimal('0.1'))
    """
    match value:
        case bool():
            return ast.Truth(value)
        case int():
            return ast.Number(value)
        case float():
            exact = Decimal(repr(value))
            return ast.Number(exact) if exact.is_finite() else None
        case Decimal():
            return ast.Number(value) if value.is_finite() else None
        case str():
            return ast.Text(value)
        case datetime():
            return ast.LocalTime(value)
        case date():
            return ast.Date(value)
        case timedelta():
            seconds = value // timedelta(seconds=1)
            whole = value == timedelta(seconds=seconds)
            return ast.Duration(seconds, "second") if whole and seconds >= 0 else None
        case _:
            return None
