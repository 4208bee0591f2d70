"""Conditions taken apart into formulas: every word with the meaning that engines give it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from fractions import Fraction
from typing import assert_never

from attrs import evolve

from segmentkit.model import Collection, FieldType
from segmentkit.query import (
    INTEGER,
    Activity,
    Aggregate,
    And,
    Between,
    Call,
    Compare,
    ComparisonOperator,
    Condition,
    Frequency,
    FrequencyKind,
    InList,
    InWindow,
    IsMissing,
    KeyPattern,
    Keys,
    Node,
    Not,
    Or,
    Parameter,
    Path,
    Reference,
    Text,
    TextMatch,
    TextOperation,
    Truth,
    tree_kind,
    walk,
)
from segmentkit.rules.linter.comparing import compared, is_known, reaches
from segmentkit.rules.linter.formulas import (
    ALWAYS,
    NEVER,
    Chained,
    Constant,
    Cut,
    FieldOf,
    Formula,
    Holds,
    Is,
    IsExactly,
    IsNamedLike,
    IsUnder,
    Items,
    Known,
    Link,
    Lists,
    Matches,
    Term,
    Total,
    Unread,
    complement,
    every,
    some,
)
from segmentkit.rules.linter.values import Place, Values, is_open
from segmentkit.rules.linter.windows import in_window
from segmentkit.text import text_key

_OPERATORS: Mapping[FrequencyKind, ComparisonOperator] = {
    "at_least": ">=",
    "at_most": "<=",
    "exactly": "=",
    "more_than": ">",
    "fewer_than": "<",
}


class Reader(Values):
    """
    Formulas of bound conditions.

    What it does not look into it takes as a claim of its own, which may hold or not.

    Examples:
        >>> from segmentkit.model import Field, Schema
        >>> from segmentkit.query import Number
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER)])
        >>> adult = Compare(">=", Path(("age",)), Number(18))
        >>> known, grown_up = Reader(schema).condition(adult).parts
        >>> grown_up.atom.cut
        Cut(value=Fraction(18, 1), after=False)
    """

    def condition(self, node: Condition, place: Place | None = None) -> Formula:
        """The formula that holds exactly where the condition does."""
        place = place or self.everywhere
        match node:
            case And(items):
                return every(*(self.condition(item, place) for item in items))
            case Or(items):
                return some(*(self.condition(item, place) for item in items))
            case Not(operand):
                return complement(self.condition(operand, place))
            case Compare():
                return self._compare(node, place)
            case Between(left, low, high):
                inside = And((Compare(">=", left, low), Compare("<=", left, high)))
                return _unless(node.negated, self.condition(inside, place))
            case InList():
                return _unless(node.negated, self._in_list(node, place))
            case TextMatch():
                return _unless(node.negated, self._text_match(node, place))
            case InWindow():
                return _unless(node.negated, self._in_window(node, place))
            case IsMissing():
                return _unless(not node.negated, self._is_known(node, place))
            case Activity():
                return _unless(node.negated, self._activity(node, place))
            case Truth(value):
                return ALWAYS if value else NEVER
            case Path() | Parameter() | Call() | Aggregate():
                value = self.value(node, place)
                if value is None or isinstance(value, Constant):
                    return _unread(node, place)
                return Holds(Is(value, True))
            case _:
                assert_never(node)

    # --- comparisons ----------------------------------------------------------------------------

    def _compare(self, node: Compare, place: Place) -> Formula:
        left, right = self.value(node.left, place), self.value(node.right, place)
        formula = None
        if left is not None and right is not None:
            formula = compared(node.operator, left, right, exactly=node.exactly)
        if formula is None and node.operator == "!=":
            return complement(_unread(evolve(node, operator="="), place))
        return _unread(node, place) if formula is None else formula

    def _in_list(self, node: InList, place: Place) -> Formula:
        if isinstance(node.items, Parameter):
            return _unread(evolve(node, negated=False), place)
        return some(*(self._compare(Compare("=", node.left, i), place) for i in node.items))

    def _text_match(self, node: TextMatch, place: Place) -> Formula:
        left = self.value(node.left, place)
        patterns = node.patterns
        if (
            left is None
            or isinstance(left, Constant)
            or isinstance(patterns, Parameter)
            or not all(isinstance(pattern, Text) for pattern in patterns)
        ):
            return _unread(evolve(node, negated=False), place)
        keys = [text_key(pattern.value) for pattern in patterns if isinstance(pattern, Text)]
        if left.type.kind is FieldType.TEXT_LIST:
            claims: list[Formula] = [Holds(Lists(left, key)) for key in keys]
        else:
            claims = [_matches(left, node.operation, key) for key in keys]
        if node.quantifier == "any":
            return some(*claims)
        return every(Holds(Known(left)), *claims)

    def _in_window(self, node: InWindow, place: Place) -> Formula:
        left = self.value(node.left, place)
        if left is None or isinstance(left, Constant) or is_open(node.window):
            return _unread(evolve(node, negated=False), place)
        return in_window(left, node.window)

    def _is_known(self, node: IsMissing, place: Place) -> Formula:
        operand = self.value(node.operand, place)
        if operand is None or isinstance(operand, Constant):
            return _unread(evolve(node, negated=True), place)
        return is_known(operand)

    # --- activities -----------------------------------------------------------------------------

    def _activity(self, node: Activity, place: Place) -> Formula:
        """What the activity says without its negation."""
        plain = evolve(node, negated=False)
        keys = node.keys
        if node.quantifier == "all" and isinstance(keys, Keys):
            single = (
                evolve(plain, quantifier="any", keys=evolve(keys, values=(key,)))
                for key in keys.values
            )
            return every(*(self._activity(one, place) for one in single))
        if node.collection == "segment" and isinstance(keys, Keys):
            single = (evolve(plain, keys=evolve(keys, values=(key,))) for key in keys.values)
            return some(*(self._segment(one, place) for one in single))
        if is_open(node.window):
            return _unread(plain, place)
        if node.steps:
            return self._sequence(plain, place)
        items = self.items_of(node)
        done = self.how_often(node, items)
        if node.having is None:
            return done
        collection = self.schema.collection(node.collection)
        return every(done, self.condition(node.having, self.totals_of(collection, items)))

    def _segment(self, node: Activity, place: Place) -> Formula:
        """What a saved segment says; one that is not given, or needs itself, may say anything."""
        assert isinstance(node.keys, Keys)
        match node.keys.values:
            case (Reference(id=segment),) | (Text(value=segment),):
                pass
            case _:
                return _unread(node, place)
        if segment not in self.segments or segment in self._open_segments:
            return _unread(node, place)
        self._open_segments.append(segment)
        try:
            return self.condition(self.segments[segment])
        finally:
            self._open_segments.pop()

    def _sequence(self, node: Activity, place: Place) -> Formula:
        aliases = {node.alias, *(step.alias for step in node.steps)} - {None}
        links = [Link(self.items_of(node), alias=node.alias)]
        for step in node.steps:
            collection = self.schema.collection(step.collection)
            within = None if step.within is None else self.value(step.within, place)
            if isinstance(within, Constant) and isinstance(within.value, Fraction):
                longest = int(within.value)
            elif step.within is None:
                longest = None
            else:
                return _unread(node, place)
            own, beside = _apart(step.where, aliases)
            items = self.items_that_pass(
                collection,
                And(own) if own else None,
                node.window,
                # Steps are taken until now, whatever the window.
                self.items_that_pass(collection, None, None, ALWAYS).filter,
            )
            links.append(Link(items, step.negated, step.alias, longest, beside))
        return Holds(Chained(tuple(links), node.window))

    def items_of(self, node: Activity) -> Items:
        """The items that an activity without steps counts."""
        collection = self.schema.collection(node.collection)
        place = self.item_place(collection)
        keys = ALWAYS if node.keys is None else self._keyed(collection, node.keys, place)
        return self.items_that_pass(collection, node.where, node.window, keys)

    def how_often(self, node: Activity, items: Items) -> Formula:
        """What an activity says about the number of its items."""
        count = Total("count", None, None, items, INTEGER)
        if node.frequency is None:
            return reaches(count, Cut(Fraction(1)))
        return self._frequency(node.frequency, count)

    def _frequency(self, node: Frequency, count: Total) -> Formula:
        if node.kind == "between":
            assert node.upper is not None
            return every(
                self._frequency(Frequency("at_least", node.count), count),
                self._frequency(Frequency("at_most", node.upper), count),
            )
        times = self.value(node.count, self.everywhere)
        formula = None if times is None else compared(_OPERATORS[node.kind], count, times)
        return Holds(Unread(node, count.items)) if formula is None else formula

    def _keyed(self, collection: Collection, keys: Keys | KeyPattern, place: Place) -> Formula:
        """A row of one of the keys."""
        key = None if collection.key is None else self.field(Path((collection.key,)), place)
        if key is None:
            return _unread(keys, place)
        kind = collection.field(key.name).references or collection.name
        if isinstance(keys, KeyPattern):
            glob = text_key(keys.pattern.value)
            return Holds(IsNamedLike(key, kind, glob)) if glob else NEVER
        claims: list[Formula] = []
        for value in keys.values:
            match value:
                case Reference() if keys.under:
                    claims.append(Holds(IsUnder(key, value.kind, value.id)))
                case Text(value=text) if keys.under:
                    claims.append(self._under_text(key, kind, text))
                case Reference(id=thing):
                    claims.append(Holds(IsExactly(key, thing)))
                case Text(value=text) if text_key(text):
                    claims.append(Holds(Is(key, text_key(text))))
                case _:
                    claims.append(_unread(Keys((value,)), place))
        return some(*claims)

    def _under_text(self, key: FieldOf, kind: str, text: str) -> Formula:
        """A text is the thing's key, and where names know the tree the id at its top."""
        same = Holds(Is(key, text_key(text))) if text_key(text) else NEVER
        return some(same, Holds(IsUnder(key, tree_kind(kind), text)))


def _apart(
    where: Condition | None, aliases: Container[str | None]
) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """What a filter says of an item alone, and what it says beside the items of other steps."""
    parts = where.items if isinstance(where, And) else () if where is None else (where,)
    beside = tuple(
        part
        for part in parts
        if any(isinstance(node, Path) and node.names[0] in aliases for node in walk(part))
    )
    return tuple(part for part in parts if part not in beside), beside


def _matches(term: Term, operation: TextOperation, key: str) -> Formula:
    """A text beside a pattern; nothing passes a blank one."""
    if not key:
        return NEVER
    if operation != "like":
        return Holds(Matches(term, operation, key))
    if "*" not in key and "?" not in key:
        return Holds(Is(term, key))
    return Holds(Matches(term, "like", key) if key.strip("*") else Known(term))


def _unless(negated: bool, formula: Formula) -> Formula:
    return complement(formula) if negated else formula


def _unread(node: Node, place: Place) -> Formula:
    return Holds(Unread(node, place.about))
