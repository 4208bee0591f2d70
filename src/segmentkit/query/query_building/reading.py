"""From rules and groups to a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from attrs import frozen

from segmentkit.model import Collection, Field, Schema
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Value
from segmentkit.query.builder.values import joined
from segmentkit.query.json_coding.nodes import CONDITION, KEYS, STEP, WINDOW, decode
from segmentkit.query.json_coding.parts import LIST_ITEMS, refusal
from segmentkit.query.query_building.literals import read_literal
from segmentkit.query.query_building.plain import (
    GROUP_KEYS,
    RULE_KEYS,
    Object,
    a_choice,
    a_flag,
    a_list,
    a_text,
    an_object,
    matched,
    quantifier,
    refuse_too_large,
    stored,
    verb,
)
from segmentkit.query.query_building.vocabulary import (
    AGGREGATES,
    ARITHMETIC,
    BETWEEN,
    COMPARISONS,
    IN_LIST,
    IN_WINDOW,
    IS_TRUE,
    KEY_OPERATORS,
    LIST,
    MISSING,
    NEGATIVE,
    TEXT_OPERATORS,
    split_names,
)


@frozen
class Reader:
    """
    Reads one document.

    Args:
        schema: types of fields and verbs of collections, where the rules leave them open.
        collection: inside a nested group, whose rows it speaks of.
    """

    schema: Schema | None
    collection: Collection | None = None

    def root(self, data: object) -> Condition:
        refuse_too_large(data)
        group = an_object(data, "$", GROUP_KEYS)
        condition = self._group(group, "$")
        if condition is None:
            raise refusal("no rule", "$.rules", "Add a rule: an empty group would mean everyone")
        return condition

    # --- groups ---------------------------------------------------------------------------------

    def _group(self, group: Object, place: str) -> Condition | None:
        """The condition of a group; None when no rule is left in it."""
        combinator = group.get("combinator")
        if combinator is None:
            remedy = "Give 'and' or 'or'; convertFromIC() turns independent combinators into groups"
            raise refusal(None, f"{place}.combinator", remedy)
        if combinator not in ("and", "or"):
            raise refusal(combinator, f"{place}.combinator", "Give 'and' or 'or'")
        negated = a_flag(group, "not", place)
        parts: list[Condition] = []
        for number, rule in enumerate(a_list(group.get("rules"), f"{place}.rules")):
            part = self._part(rule, f"{place}.rules[{number}]")
            if part is not None:
                parts.append(part)
        if not parts:
            return None
        condition = joined(ast.And if combinator == "and" else ast.Or, parts)
        return ast.Not(condition) if negated else condition

    def _part(self, data: object, place: str) -> Condition | None:
        """A rule or a group; None when it is muted, as in the builder's own exports."""
        given = an_object(data, place)
        if a_flag(given, "muted", place):
            return None
        if "rules" in given:
            inner = self._group(an_object(given, place, GROUP_KEYS), place)
            if inner is None:
                raise refusal("no rule", f"{place}.rules", "Add a rule, or take the group out")
            return inner
        return self._rule(an_object(given, place, RULE_KEYS), place)

    # --- rules ----------------------------------------------------------------------------------

    def _rule(self, rule: Object, place: str) -> Condition:
        operator = a_choice(rule.get("operator"), f"{place}.operator")
        meta = an_object(rule.get("meta", {}), f"{place}.meta")
        if "match" in rule:
            return self._activity(rule, meta, place)
        if operator in KEY_OPERATORS:
            return self._keys(rule, operator, meta, place)
        left, field = self._left(rule, place)
        right = _Right(self, rule, meta, field, f"{place}.value")
        match operator:
            case "=" | "!=" | "<" | "<=" | ">" | ">=":
                exactly = a_flag(meta, "exactly", f"{place}.meta")
                return ast.Compare(operator, left, right.one(), exactly)
            case _ if operator in TEXT_OPERATORS:
                operation, negated = TEXT_OPERATORS[operator]
                patterns = right.many_or_one()
                return ast.TextMatch(operation, left, patterns, quantifier(meta, place), negated)
            case _ if operator in BETWEEN:
                low, high = right.pair()
                return ast.Between(left, low, high, BETWEEN[operator])
            case _ if operator in IN_LIST:
                return ast.InList(left, right.many(), IN_LIST[operator])
            case _ if operator in IN_WINDOW:
                window: Any = stored(meta, "window", WINDOW, place)
                if window is None:
                    raise refusal(
                        None, f"{place}.meta.window", "Give the window, as stored JSON has it"
                    )
                return ast.InWindow(left, window, IN_WINDOW[operator])
            case _ if operator in MISSING:
                return ast.IsMissing(left, MISSING[operator])
            case _ if operator == IS_TRUE and isinstance(left, CONDITION.classes):
                return cast("Condition", left)
            case _:
                known = [*COMPARISONS, *TEXT_OPERATORS, *BETWEEN, *IN_LIST, *IN_WINDOW, *MISSING]
                remedy = f"Give one of {', '.join([*known, IS_TRUE, *KEY_OPERATORS])}"
                raise refusal(operator, f"{place}.operator", remedy)

    def _left(self, rule: Object, place: str) -> tuple[Value, Field | None]:
        """The left side, and the declared field if it is one that the schema knows."""
        if "lhs" in rule:
            return self.expression(rule["lhs"], f"{place}.lhs"), None
        names = split_names(a_choice(rule.get("field"), f"{place}.field"), f"{place}.field")
        owner = self.collection or self.schema
        found = owner.find_field(names[0]) if owner is not None and len(names) == 1 else None
        return ast.Path(names), found

    # --- activities -----------------------------------------------------------------------------

    def _keys(self, rule: Object, operator: str, meta: Object, place: str) -> Condition:
        every, negated = KEY_OPERATORS[operator]
        name, collection = self._collection(rule, place)
        values = _Right(self, rule, meta, None, f"{place}.value").many()
        if isinstance(values, ast.Parameter):
            values = (values,)
        keys = ast.Keys(values, a_flag(meta, "under", f"{place}.meta"))
        return ast.Activity(verb(meta, collection, place), name, negated, every, keys)

    def _activity(self, rule: Object, meta: Object, place: str) -> Condition:
        name, collection = self._collection(rule, place)
        negated, frequency = matched(rule, meta, place)
        group = an_object(rule.get("value"), f"{place}.value", GROUP_KEYS)
        where = Reader(self.schema, collection)._group(group, f"{place}.value")
        steps: list[Any] = []
        if "steps" in meta:
            for number, step in enumerate(a_list(meta["steps"], f"{place}.meta.steps")):
                steps.append(decode(step, STEP, f"{place}.meta.steps[{number}]"))
        keys: Any = stored(meta, "keys", KEYS, place)
        window: Any = stored(meta, "window", WINDOW, place)
        having: Any = stored(meta, "having", CONDITION, place)
        alias = meta.get("alias")
        return ast.Activity(
            verb(meta, collection, place),
            name,
            negated,
            quantifier(meta, place),
            keys,
            None if alias is None else a_text(alias, f"{place}.meta.alias"),
            where,
            frequency,
            window,
            having,
            tuple(steps),
        )

    def _collection(self, rule: Object, place: str) -> tuple[str, Collection | None]:
        names = split_names(a_choice(rule.get("field"), f"{place}.field"), f"{place}.field")
        if len(names) != 1:
            raise refusal(".".join(names), f"{place}.field", "Give the name of a collection")
        found = None if self.schema is None else self.schema.find_collection(names[0])
        return names[0], found

    # --- expressions ----------------------------------------------------------------------------

    def expression(self, data: object, place: str) -> Value:
        """A value of `lhs`, or of a rule whose `valueSource` is `expression`."""
        node = an_object(data, place)
        match node.get("kind"):
            case "field":
                text = a_text(node.get("field"), f"{place}.field")
                return ast.Path(split_names(text, f"{place}.field"))
            case "parameter":
                return ast.Parameter(a_text(node.get("parameter"), f"{place}.parameter"))
            case "value":
                kind = node.get("valueType")
                return read_literal(node.get("value"), kind, None, f"{place}.value")
            case "func":
                return self._function(node, place)
            case kind:
                raise refusal(kind, f"{place}.kind", "Give field, parameter, value or func")

    def _function(self, node: Object, place: str) -> Value:
        name = a_text(node.get("fn"), f"{place}.fn")
        given = a_list(node.get("args"), f"{place}.args")
        for function in AGGREGATES:
            if name == function:
                return self._aggregate(function, given, f"{place}.args")
        arguments: list[Value] = []
        for number, argument in enumerate(given):
            arguments.append(self.expression(argument, f"{place}.args[{number}]"))
        wanted = {NEGATIVE: 1}.get(name, 2)
        if name in (*ARITHMETIC, NEGATIVE, LIST) and (len(arguments) != wanted or name == LIST):
            raise refusal(
                name, place, f"Give {wanted} values; a list stands on the right side only"
            )
        for operator in ARITHMETIC:
            if name == operator:
                return ast.Arithmetic(operator, arguments[0], arguments[1])
        return ast.Negative(arguments[0]) if name == NEGATIVE else ast.Call(name, tuple(arguments))

    def items(self, data: object, place: str) -> tuple[Value, ...] | None:
        """The items of a list that is an expression; None when it is another expression."""
        node = an_object(data, place)
        if (node.get("kind"), node.get("fn")) != ("func", LIST):
            return None
        given = a_list(node.get("args"), f"{place}.args")
        return tuple(self.expression(one, f"{place}.args[{n}]") for n, one in enumerate(given))

    def _aggregate(
        self, function: ast.AggregateFunction, given: Sequence[object], place: str
    ) -> Value:
        parts: dict[str, Any] = {}
        for number, argument in enumerate(given):
            where = f"{place}[{number}]"
            node = an_object(argument, where)
            kind = "path" if node.get("kind") == "field" else node.get("valueType")
            if kind in parts:
                raise refusal(str(kind), where, "Give it once")
            match kind:
                case "path":
                    text = a_text(node.get("field"), f"{where}.field")
                    parts["path"] = split_names(text, f"{where}.field")
                case "transform":
                    parts["transform"] = a_text(node.get("value"), f"{where}.value")
                case "where":
                    group = an_object(node.get("value"), f"{where}.value", GROUP_KEYS)
                    parts["where"] = Reader(self.schema)._group(group, f"{where}.value")
                case "window":
                    parts["window"] = decode(node.get("value"), WINDOW, f"{where}.value")
                case _:
                    raise refusal(
                        kind, where, "Give a field, or a value of type transform, where, window"
                    )
        if len(parts.get("path", ())) > 2:
            raise refusal(
                ".".join(parts["path"]), place, "Give a collection, or a collection and a field"
            )
        return ast.Aggregate(function, **parts)


@frozen
class _Right:
    """The right side of a rule, as its operator wants it."""

    reader: Reader
    rule: Object
    meta: Object
    field: Field | None
    place: str

    def one(self) -> Value:
        value = self.rule.get("value")
        match self.rule.get("valueSource", "value"):
            case "value":
                return self._literal(value, self.place)
            case "field":
                return ast.Path(split_names(a_text(value, self.place), self.place))
            case "parameter":
                return ast.Parameter(a_text(value, self.place))
            case "expression":
                return self.reader.expression(value, self.place)
            case source:
                remedy = "Give value, field, parameter or expression"
                raise refusal(source, f"{self.place}Source", remedy)

    def many(self) -> tuple[Value, ...] | ast.Parameter:
        """A list, or one parameter that is bound to a list."""
        value = self.rule.get("value")
        source = self.rule.get("valueSource", "value")
        items: tuple[Value, ...] | None = None
        if source == "parameter":
            return ast.Parameter(a_text(value, self.place))
        if source == "expression":
            items = self.reader.items(value, self.place)
        elif isinstance(value, list):
            given = cast("list[object]", value)
            items = tuple(self._literal(one, f"{self.place}[{n}]") for n, one in enumerate(given))
        if items is None:
            raise refusal(
                "no list", self.place, "Give a list; the builder's `listsAsArrays` makes it one"
            )
        if not 1 <= len(items) <= LIST_ITEMS:
            raise refusal(len(items), f"length of {self.place}", f"Give 1 to {LIST_ITEMS} items")
        return items

    def many_or_one(self) -> tuple[Value, ...] | ast.Parameter:
        value, source = self.rule.get("value"), self.rule.get("valueSource", "value")
        if source == "parameter" or isinstance(value, list):
            return self.many()
        if source == "expression" and self.reader.items(value, self.place) is not None:
            return self.many()
        return (self.one(),)

    def pair(self) -> tuple[Value, Value]:
        items = self.many()
        if isinstance(items, ast.Parameter) or len(items) != 2:
            raise refusal("", self.place, "Give two values, the lower one first")
        return items[0], items[1]

    def _literal(self, value: object, place: str) -> Value:
        return read_literal(value, self.meta.get("valueType"), self.field, place)
