"""Conditions taken apart into formulas: every word with the meaning that engines give it."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias, assert_never

from attrs import evolve, frozen

from segmentkit.model import Collection, FieldType, Schema
from segmentkit.query import (
    BOOLEAN,
    DATE,
    DURATION,
    INSTANT,
    INTEGER,
    TEXT,
    Activity,
    Aggregate,
    Ago,
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    ComparisonOperator,
    Condition,
    Date,
    Duration,
    Frequency,
    FrequencyKind,
    InList,
    InWindow,
    IsMissing,
    KeyPattern,
    Keys,
    LocalTime,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Parameter,
    Path,
    Reference,
    Scope,
    Text,
    TextMatch,
    TextOperation,
    Truth,
    Value,
    Window,
    aggregate_type,
    arithmetic_type,
    find_function,
    number_type,
    type_of_field,
    walk,
)
from segmentkit.rules.linter.comparing import compared, reaches
from segmentkit.rules.linter.formulas import (
    ALWAYS,
    NEVER,
    Applied,
    Computed,
    Constant,
    Cut,
    FieldOf,
    Formula,
    Holds,
    Is,
    IsExactly,
    Items,
    Known,
    Lists,
    Matches,
    Negated,
    Term,
    Total,
    Unread,
    complement,
    every,
    some,
)
from segmentkit.rules.linter.marks import mark_of
from segmentkit.rules.linter.windows import in_window, row_in_window
from segmentkit.text import text_key

Seen: TypeAlias = Term | Constant

_OPERATORS: dict[FrequencyKind, ComparisonOperator] = {
    "at_least": ">=",
    "at_most": "<=",
    "exactly": "=",
    "more_than": ">",
    "fewer_than": "<",
}
_MICROSECONDS = {
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}


@frozen
class Place:
    """
    Where a condition stands.

    Attributes:
        scope: what its names mean.
        about: inside `having`, the items whose totals it speaks of.
    """

    scope: Scope
    about: Items | None = None


class Reader:
    """
    Formulas of bound conditions.

    What it does not look into it takes as a claim of its own, which may hold or not.

    Examples:
        >>> from segmentkit.model import Field
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER)])
        >>> adult = Compare(">=", Path(("age",)), Number(18))
        >>> Reader(schema).condition(adult).atom.cut
        Cut(value=Fraction(18, 1), after=False)
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.everywhere = Place(Scope(schema))

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
        if left is None or isinstance(left, Constant) or _is_open(node.window):
            return _unread(evolve(node, negated=False), place)
        return in_window(left, node.window)

    def _is_known(self, node: IsMissing, place: Place) -> Formula:
        operand = self.value(node.operand, place)
        if operand is None or isinstance(operand, Constant):
            return _unread(evolve(node, negated=True), place)
        return Holds(Known(operand))

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
            return some(*(_unread(one, place) for one in single))
        if node.steps or _is_open(node.window):
            return _unread(plain, place)
        items = self.items_of(node)
        done = self.how_often(node, items)
        if node.having is None:
            return done
        collection = self.schema.collection(node.collection)
        return every(done, self.condition(node.having, self.totals_of(collection, items)))

    def items_of(self, node: Activity) -> Items:
        """The items that an activity without steps counts."""
        collection = self.schema.collection(node.collection)
        place = self.item_place(collection)
        keys = ALWAYS if node.keys is None else self._keyed(collection, node.keys, place)
        return self._items(collection, node.where, node.window, keys)

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

    def item_place(self, collection: Collection) -> Place:
        """Where a filter over the items of a collection stands."""
        return Place(self.everywhere.scope.items_of(collection))

    def totals_of(self, collection: Collection, items: Items) -> Place:
        """Where a `having` over items stands."""
        return Place(self.everywhere.scope.totals_of(collection), items)

    def _items(
        self,
        collection: Collection,
        where: Condition | None,
        window: Window | None,
        also: Formula,
        *,
        within: Items | None = None,
    ) -> Items:
        """Items that pass a filter and a window; *within* narrows some that are chosen already."""
        parts = [also]
        if where is not None:
            parts.append(self.condition(where, self.item_place(collection)))
        if collection.time is not None and (window is not None or within is None):
            time = self._field(Path((collection.time,)), self.item_place(collection))
            if isinstance(time, FieldOf):
                happens = collection.verb == "did"
                parts.append(row_in_window(time, window, happens=happens))
        if within is not None:
            parts.append(within.filter)
        return Items(collection.name, every(*parts))

    def _keyed(self, collection: Collection, keys: Keys | KeyPattern, place: Place) -> Formula:
        """A row of one of the keys."""
        if isinstance(keys, KeyPattern) or keys.under or collection.key is None:
            return _unread(keys, place)
        key = self._field(Path((collection.key,)), place)
        claims: list[Formula] = []
        for value in keys.values:
            match value:
                case Reference(id=thing) if key is not None:
                    claims.append(Holds(IsExactly(key, thing)))
                case Text(value=text) if key is not None and text_key(text):
                    claims.append(Holds(Is(key, text_key(text))))
                case _:
                    claims.append(_unread(Keys((value,)), place))
        return some(*claims)

    # --- values ---------------------------------------------------------------------------------

    def value(self, node: Value, place: Place) -> Seen | None:
        """The value as the linter sees it; None where it does not."""
        match node:
            case Number(value):
                return Constant(Fraction(value), number_type(value))
            case Text(value):
                return Constant(value, TEXT)
            case Reference(id=thing):
                return Constant(thing, TEXT, raw=True)
            case Truth(value):
                return Constant(value, BOOLEAN)
            case Date():
                return Constant(mark_of(node), DATE)
            case LocalTime() | Ago():
                return Constant(mark_of(node), INSTANT)
            case Duration(count, unit):
                if unit not in _MICROSECONDS:
                    return None
                return Constant(Fraction(count * _MICROSECONDS[unit]), DURATION)
            case Parameter():
                return None
            case Path():
                return self._field(node, place)
            case Call():
                return self._call(node, place)
            case Aggregate():
                return self._aggregate(node, place)
            case Negative(operand):
                return _negated(self.value(operand, place))
            case Arithmetic():
                return self._arithmetic(node, place)
            case _:
                assert_never(node)

    def _field(self, node: Path, place: Place) -> FieldOf | None:
        resolved = place.scope.resolve(node)
        if resolved is None:
            return None
        path, declared = resolved
        if len(path.names) == 2 and path.names[0] in place.scope.aliases:
            return None
        of_item = place.scope.collection is not None and len(path.names) == 1
        return FieldOf(
            "item" if of_item else "contact",
            declared.name,
            type_of_field(declared),
            declared.always_known,
        )

    def _call(self, node: Call, place: Place) -> Term | None:
        function = find_function(node.function)
        if function is None or len(node.arguments) != 1:
            return None
        argument = self.value(node.arguments[0], place)
        if argument is None or isinstance(argument, Constant):
            return None
        return Applied(function.name, argument, function.result or argument.type)

    def _aggregate(self, node: Aggregate, place: Place) -> Total | None:
        collection, names, own = self.aggregated(node, place)
        if collection is None or _is_open(node.window):
            return None
        items = self._items(
            collection, node.where, node.window, ALWAYS, within=place.about if own else None
        )
        if not names:
            return Total(node.function, None, None, items, INTEGER)
        of = self._field(Path((names[0],)), self.item_place(collection))
        if of is None:
            return None
        kind = of.type
        if node.transform is not None:
            function = find_function(node.transform)
            if function is None:
                return None
            kind = function.result or kind
        result = aggregate_type(node.function, kind)
        if result is None:
            return None
        return Total(node.function, of, node.transform, items, result)

    def aggregated(
        self, node: Aggregate, place: Place
    ) -> tuple[Collection | None, tuple[str, ...], bool]:
        """Whose items an aggregate is over, the field's name, and whether `having` chose them."""
        here = place.scope.collection
        if place.about is not None and here is not None and _is_own(node, here):
            return here, node.path, True
        if not node.path:
            return None, (), False
        return self.schema.find_collection(node.path[0]), node.path[1:], False

    def _arithmetic(self, node: Arithmetic, place: Place) -> Seen | None:
        left, right = self.value(node.left, place), self.value(node.right, place)
        if left is None or right is None:
            return None
        result = arithmetic_type(node.operator, left.type, right.type)
        if result is None:
            return None
        if not (isinstance(left, Constant) and isinstance(right, Constant)):
            return Computed(node.operator, left, right, result)
        one, other = left.value, right.value
        if not isinstance(one, Fraction) or not isinstance(other, Fraction):
            return None
        if node.operator == "/":
            return Constant(one / other, result) if other else None
        numbers = {"+": one + other, "-": one - other, "*": one * other}
        return Constant(numbers[node.operator], result)


def _is_own(node: Aggregate, collection: Collection) -> bool:
    """Whether an aggregate inside `having` is one of the items that are counted there."""
    return not node.path or (
        len(node.path) == 1 and collection.find_field(node.path[0]) is not None
    )


def _is_open(window: Window | None) -> bool:
    """Whether a window waits for the value of a parameter."""
    return window is not None and any(isinstance(part, Parameter) for part in walk(window))


def _negated(operand: Seen | None) -> Seen | None:
    if operand is None:
        return None
    if not isinstance(operand, Constant):
        return Negated(operand, operand.type)
    if isinstance(operand.value, Fraction):
        return Constant(-operand.value, operand.type)
    return None


def _matches(term: Term, operation: TextOperation, key: str) -> Formula:
    """A text beside a pattern; a glob is taken for the plainer test that it often is."""
    if operation != "like":
        return Holds(Matches(term, operation, key))
    core = key.strip("*")
    if not core or "*" in core or "?" in core:
        return Holds(Known(term) if key and not core else Matches(term, "like", key))
    plain: dict[tuple[bool, bool], Formula] = {
        (False, False): Holds(Is(term, core)),
        (False, True): Holds(Matches(term, "starts_with", core)),
        (True, False): Holds(Matches(term, "ends_with", core)),
        (True, True): Holds(Matches(term, "contains", core)),
    }
    return plain[key.startswith("*"), key.endswith("*")]


def _unless(negated: bool, formula: Formula) -> Formula:
    return complement(formula) if negated else formula


def _unread(node: Node, place: Place) -> Formula:
    return Holds(Unread(node, place.about))
