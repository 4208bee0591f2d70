"""
Random conditions that fit a schema: each passes the checker, and means something.

Where `conditions()` draws any shape over any names, for laws of syntax, these are for laws of
meaning: engines agree on them, a complement parts everyone in two, a rewrite keeps their verdicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from hypothesis import strategies as st

from segmentkit.model import NUMERIC_TYPES, Collection, Field, FieldType, Schema
from segmentkit.query import (
    CALENDAR_UNITS,
    FUNCTIONS,
    INTEGER,
    Activity,
    Aggregate,
    AggregateFunction,
    Ago,
    And,
    Arithmetic,
    ArithmeticOperator,
    Before,
    Between,
    Calendar,
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
    Not,
    Number,
    On,
    Or,
    Path,
    Point,
    Quantifier,
    Range,
    Rolling,
    Scope,
    Since,
    Step,
    Text,
    TextMatch,
    TextOperation,
    TimeUnit,
    Truth,
    Value,
    ValueType,
    Window,
    aggregate_type,
    arithmetic_type,
    as_literal,
    number_type,
    type_of_field,
)
from segmentkit.testing.people import NOON, TEXTS, days, instants, known_values, texts_of

_T = TypeVar("_T")
_Direction: TypeAlias = Literal["last", "next", "previous"]
# A value, its type, and the field whose values it ranges over, for likely literals beside it.
_Typed: TypeAlias = tuple[Value, ValueType, Field | None]

_TIMES = (FieldType.DATE, FieldType.INSTANT)
_OPERATORS: tuple[ComparisonOperator, ...] = get_args(ComparisonOperator)
_TEXT_OPERATIONS: tuple[TextOperation, ...] = get_args(TextOperation)
_QUANTIFIERS: tuple[Quantifier, ...] = get_args(Quantifier)
_FUNCTIONS: tuple[AggregateFunction, ...] = get_args(AggregateFunction)
_FREQUENCIES: tuple[FrequencyKind, ...] = get_args(FrequencyKind)
_ARITHMETIC: tuple[ArithmeticOperator, ...] = get_args(ArithmeticOperator)
_UNITS: tuple[TimeUnit, ...] = get_args(TimeUnit)
_EQUALITY: tuple[ComparisonOperator, ...] = ("=", "!=")
_DATE = Field("date", FieldType.DATE)
_PLAIN = {
    FieldType.INTEGER: Field("whole", FieldType.INTEGER),
    FieldType.DECIMAL: Field("exact", FieldType.DECIMAL),
    FieldType.MONEY: Field("money", FieldType.MONEY),
    FieldType.FLOAT: Field("float", FieldType.FLOAT),
}


@st.composite
def checked_conditions(
    draw: st.DrawFn,
    schema: Schema,
    *,
    around: datetime = NOON,
    depth: int = 2,
    segments: Sequence[str] = (),
) -> Condition:
    """
    Conditions that pass the checker of a schema, with texts in place of ids.

    Args:
        schema: whose fields and collections they speak of.
        around: the instant near which their dates lie.
        depth: how many conditions may stand in one another.
        segments: ids of segments that they may name.

    Examples:
        >>> from hypothesis import given
        >>> from segmentkit.query import check
        >>> schema = Schema()
        >>> @given(checked_conditions(schema))
        ... def test_what_is_drawn_passes_the_checker(condition):
        ...     assert check(condition, schema).is_valid
    """
    return _Writer(draw, schema, around, segments).condition(Scope(schema), depth)


class _Writer:
    """Draws each part so that it fits what was drawn around it."""

    def __init__(
        self, draw: st.DrawFn, schema: Schema, around: datetime, segments: Sequence[str]
    ) -> None:
        self.draw = draw
        self.schema = schema
        self.around = around
        self.segments = segments

    def one_of(self, *choices: _T) -> _T:
        return self.draw(st.sampled_from(choices))

    def chance(self, one_in: int) -> bool:
        return self.draw(st.integers(1, one_in)) == one_in

    # --- conditions -----------------------------------------------------------------------------

    def condition(self, scope: Scope, depth: int) -> Condition:
        way = self.draw(st.integers(0, 9 if depth else 5))
        if way >= 8:
            return self.joined(self.one_of(And, Or), scope, depth)
        if way == 7:
            return Not(self.condition(scope, depth - 1))
        outside = scope.collection is None
        if outside and way in (2, 3, 4, 5, 6):
            return self.activity(depth)
        return self.predicate(scope, depth)

    def joined(self, kind: type[And | Or], scope: Scope, depth: int) -> Condition:
        items: list[Condition] = []
        for _ in range(self.draw(st.integers(2, 3))):
            item = self.condition(scope, depth - 1)
            items += item.items if isinstance(item, kind) else (item,)
        return kind(tuple(items))

    def optional_condition(self, scope: Scope, depth: int, one_in: int = 2) -> Condition | None:
        return self.condition(scope, max(0, depth - 1)) if self.chance(one_in) else None

    def predicate(self, scope: Scope, depth: int) -> Condition:
        typed = self.value(scope, depth)
        left, kind, _ = typed
        if self.chance(8):
            return IsMissing(left, self.draw(st.booleans()))
        match kind.kind:
            case FieldType.TEXT:
                return self.about_text(typed, scope)
            case FieldType.TEXT_LIST:
                quantifier: Quantifier = self.one_of(*_QUANTIFIERS)
                return TextMatch(
                    "contains", left, self.texts(typed[2]), quantifier, self.draw(st.booleans())
                )
            case FieldType.BOOLEAN:
                if isinstance(left, Path | Aggregate) and self.chance(2):
                    return left
                return Compare(self.one_of(*_EQUALITY), left, Truth(self.draw(st.booleans())))
            case _:
                return self.about_order(typed, scope)

    def about_text(self, typed: _Typed, scope: Scope) -> Condition:
        left, _, declared = typed
        negated = self.draw(st.booleans())
        match self.draw(st.integers(0, 4)):
            case 0:
                return InList(left, self.texts(declared), negated)
            case 1 | 2:
                operation: TextOperation = self.one_of(*_TEXT_OPERATIONS)
                quantifier: Quantifier = self.one_of(*_QUANTIFIERS)
                patterns = self.patterns(declared, operation)
                return TextMatch(operation, left, patterns, quantifier, negated)
            case 3:
                other = [t for t in self.fields(scope) if t[1].kind is FieldType.TEXT]
                if other:
                    return Compare(self.one_of(*_EQUALITY), left, self.one_of(*other)[0])
                return Compare("=", left, self.texts(declared)[0])
            case _:
                right = self.texts(declared)[0]
                return Compare(self.one_of(*_EQUALITY), left, right, exactly=self.chance(3))

    def about_order(self, typed: _Typed, scope: Scope) -> Condition:
        """Numbers, durations, dates and instants."""
        left, kind, _ = typed
        negated = self.draw(st.booleans())
        way = self.draw(st.integers(0, 5))
        if way == 0:
            return Between(left, self.beside(typed, scope), self.beside(typed, scope), negated)
        if way == 1:
            some = self.draw(st.integers(1, 3))
            items = tuple(self.beside(typed, scope) for _ in range(some))
            return InList(left, items, negated)
        if way in (2, 3) and kind.kind in _TIMES:
            return InWindow(left, self.window(), negated)
        return Compare(self.one_of(*_OPERATORS), left, self.beside(typed, scope))

    def beside(self, typed: _Typed, scope: Scope) -> Value:
        """What may be compared with it: mostly a literal near its values."""
        _, kind, declared = typed
        if self.chance(4):
            for _ in range(3):
                other, other_kind, _ = self.value(scope, 0)
                if _comparable(kind, other_kind):
                    return other
        return self.literal(kind, declared)

    def texts(self, declared: Field | None) -> tuple[Text, ...]:
        pool = TEXTS if declared is None else texts_of(declared)
        some = st.lists(st.sampled_from((*pool, "", " ")), min_size=1, max_size=3)
        return tuple(Text(text) for text in self.draw(some))

    def patterns(self, declared: Field | None, operation: TextOperation) -> tuple[Text, ...]:
        if operation != "like":
            return self.texts(declared)
        return (Text(self.one_of("*", "?", "a*", "*B", "?*b", "福*", "a?", "", "*ｂ*")),)

    # --- activities -----------------------------------------------------------------------------

    def activity(self, depth: int) -> Condition:
        if self.segments and self.chance(6):
            return Activity("in", "segment", self.draw(st.booleans()), keys=Keys((self.segment(),)))
        collection = self.collection()
        if collection.time is not None and self.chance(5):
            return self.sequence(collection, depth)
        keys = self.keys(collection)
        quantifier: Quantifier = "any"
        if isinstance(keys, Keys) and self.chance(3):
            quantifier = "all"
        return Activity(
            collection.verb,
            collection.name,
            self.draw(st.booleans()),
            quantifier,
            keys,
            where=self.optional_condition(Scope(self.schema).items_of(collection), depth),
            frequency=self.frequency() if self.chance(3) else None,
            window=self.optional_window(collection),
            having=self.optional_condition(Scope(self.schema).totals_of(collection), depth, 4),
        )

    def segment(self) -> Text:
        return Text(self.one_of(*self.segments))

    def collection(self) -> Collection:
        return self.one_of(*(c for c in self.schema.collections if c.name != "segment"))

    def keys(self, collection: Collection) -> Keys | KeyPattern | None:
        if collection.key is None or self.chance(2):
            return None
        declared = collection.field(collection.key)
        if self.chance(5):
            return KeyPattern(self.patterns(declared, "like")[0])
        return Keys(self.texts(declared))

    def frequency(self) -> Frequency:
        kind: FrequencyKind = self.one_of(*_FREQUENCIES)
        low = self.draw(st.integers(0, 3))
        if kind == "between":
            return Frequency(kind, Number(low), Number(low + self.draw(st.integers(0, 2))))
        if self.chance(6):
            return Frequency(kind, Aggregate("count", (self.collection().name,)))
        return Frequency(kind, Number(low))

    def sequence(self, collection: Collection, depth: int) -> Activity:
        """A start and one to three steps, whose filters may speak of what came before."""
        timed = [c for c in self.schema.collections if c.time is not None and c.name != "segment"]
        aliases: dict[str, Collection] = {}
        alias = "c" if self.draw(st.booleans()) else None
        if alias is not None:
            aliases[alias] = collection
        steps: list[Step] = []
        count = self.draw(st.integers(1, 3))
        for number in range(count):
            stepped = collection if self.chance(3) else self.one_of(*timed)
            negated = self.draw(st.booleans())
            scope = Scope(self.schema, aliases=dict(aliases)).items_of(stepped)
            where = self.correlated(scope) if aliases and self.chance(2) else None
            if where is None:
                where = self.optional_condition(scope, min(depth, 1))
            own = f"s{number}" if self.chance(3) and not negated else None
            within = None
            if self.draw(st.booleans()) and (number == count - 1 or not negated):
                within = Duration(self.draw(st.integers(0, 40)), self.one_of("hour", "day", "week"))
            steps.append(Step(stepped.name, negated, own, where, within))
            if own is not None:
                aliases[own] = stepped
        first = Scope(self.schema).items_of(collection)
        return Activity(
            collection.verb,
            collection.name,
            self.draw(st.booleans()),
            keys=self.keys(collection),
            alias=alias,
            where=self.optional_condition(first, min(depth, 1)),
            window=self.optional_window(collection),
            steps=tuple(steps),
        )

    def correlated(self, scope: Scope) -> Condition | None:
        """A field of the item against one of an item before it."""
        assert scope.collection is not None
        alias = self.one_of(*scope.aliases)
        owner = scope.aliases[alias]
        pairs = [
            (mine.name, theirs.name)
            for mine in scope.collection.fields
            for theirs in owner.fields
            if mine.type is not FieldType.TEXT_LIST
            and _comparable(type_of_field(mine), type_of_field(theirs))
        ]
        if not pairs:
            return None
        mine, theirs = self.one_of(*pairs)
        return Compare(self.one_of(*_EQUALITY), Path((mine,)), Path((alias, theirs)))

    # --- windows --------------------------------------------------------------------------------

    def optional_window(self, collection: Collection) -> Window | None:
        return self.window() if collection.time is not None and self.chance(2) else None

    def window(self) -> Window:
        match self.draw(st.integers(0, 6)):
            case 0:
                return Calendar(self.one_of("this", "previous"), self.one_of(*CALENDAR_UNITS))
            case 1:
                return Since(self.point())
            case 2:
                return Before(self.point())
            case 3:
                return Range(self.point(), self.point())
            case 4:
                return On(Date(self.draw(days(self.around))))
            case _:
                direction: _Direction = self.one_of("last", "last", "next", "previous")
                units = CALENDAR_UNITS if direction == "previous" else _UNITS
                return Rolling(direction, Duration(self.count(), self.one_of(*units)))

    def count(self) -> int:
        return self.one_of(1, 1, 2, 3, 7, 8, 30, 31, 60, 90)

    def point(self) -> Point:
        match self.draw(st.integers(0, 2)):
            case 0:
                return Date(self.draw(days(self.around)))
            case 1:
                return Ago(self.count(), self.one_of(*_UNITS))
            case _:
                return LocalTime(self.draw(instants(self.around)).replace(tzinfo=None))

    # --- values ---------------------------------------------------------------------------------

    def value(self, scope: Scope, depth: int) -> _Typed:
        typed = self.plain_value(scope, depth)
        if self.chance(4):
            typed = self.called(typed)
        if typed[1].is_number and self.chance(4):
            typed = self.computed(typed, scope)
        return typed

    def plain_value(self, scope: Scope, depth: int) -> _Typed:
        inside = scope.collection is not None and not scope.in_having
        known = self.fields(scope)
        if known and (inside or self.chance(3 if scope.in_having else 2)):
            return self.one_of(*known)
        if inside:
            return Path(("contact", "id")), type_of_field(self.schema.field("id")), None
        return self.aggregate(scope, depth)

    def fields(self, scope: Scope) -> list[_Typed]:
        """Every field that a path may name here."""
        own: list[tuple[tuple[str, ...], Field]] = []
        if scope.collection is not None and not scope.in_having:
            own += [((f.name,), f) for f in scope.collection.fields]
            own += [((a, f.name), f) for a, c in scope.aliases.items() for f in c.fields]
        if scope.collection is None:
            own += [((f.name,), f) for f in self.schema.fields]
        elif self.chance(4):
            own += [(("contact", f.name), f) for f in self.schema.fields]
        return [(Path(names), type_of_field(f), f) for names, f in own]

    def aggregate(self, scope: Scope, depth: int) -> _Typed:
        owner = scope.collection if scope.in_having and not self.chance(5) else None
        collection = owner or self.collection()
        here = scope.collection if scope.in_having else None
        if here is not None and here.find_field(collection.name) is not None:
            owner = collection = here  # there the name means the field
        prefix = () if owner else (collection.name,)
        function: AggregateFunction = self.one_of(*_FUNCTIONS)
        fields = [f for f in collection.fields if aggregate_type(function, type_of_field(f))]
        declared = self.one_of(*fields) if fields else None
        if declared is None or (function == "count" and self.draw(st.booleans())):
            bare = Aggregate("count", prefix, **self.clauses(collection, depth))
            return bare, INTEGER, None
        kind = type_of_field(declared)
        transform = None
        for named in FUNCTIONS if self.chance(4) else ():
            result = named.result or kind
            if kind.kind in named.accepts and aggregate_type(function, result) and self.chance(3):
                transform, kind = named.name, result
                break
        whole = aggregate_type(function, kind)
        assert whole is not None
        node = Aggregate(
            function, (*prefix, declared.name), transform, **self.clauses(collection, depth)
        )
        same = transform is None and function in ("min", "max", "first", "last", "sum")
        return node, whole, declared if same else None

    def clauses(self, collection: Collection, depth: int) -> dict[str, Any]:
        items = Scope(self.schema).items_of(collection)
        return {
            "where": self.optional_condition(items, depth, 3),
            "window": self.optional_window(collection),
        }

    def called(self, typed: _Typed) -> _Typed:
        node, kind, _ = typed
        fitting = [f for f in FUNCTIONS if kind.kind in f.accepts]
        if not fitting:
            return typed
        function = self.one_of(*fitting)
        result = function.result or kind
        return (
            Call(function.name, (node,)),
            result,
            _DATE if result.kind is FieldType.DATE else None,
        )

    def computed(self, typed: _Typed, scope: Scope) -> _Typed:
        """Arithmetic over it, where that has a meaning."""
        left, kind, declared = typed
        if self.chance(4):
            return Negative(left), kind, declared
        operator: ArithmeticOperator = self.one_of(*_ARITHMETIC)
        right, other, _ = self.value(scope, 0) if self.chance(3) else self.number()
        result = arithmetic_type(operator, kind, other)
        if result is None or not _same_currency(kind, other):
            return typed
        return Arithmetic(operator, left, right), result, None

    def number(self) -> _Typed:
        value = self.one_of(
            0, 1, 2, 3, 100, Decimal("0.5"), Decimal("1.5"), Decimal("0.001"), Decimal("33.33")
        )
        return Number(value), number_type(Number(value).value), None

    def literal(self, kind: ValueType, declared: Field | None) -> Value:
        match kind.kind:
            case FieldType.INSTANT:
                return self.point()
            case FieldType.DATE:
                if self.chance(4):
                    return self.point()
                return Date(self.draw(days(self.around)))
            case FieldType.DURATION:
                unit: TimeUnit = self.one_of("second", "minute", "hour", "day")
                return Duration(self.one_of(0, 1, 2, 30, 60), unit)
            case _:
                if self.chance(3):
                    return self.number()[0]
                sample = declared if declared and declared.type in NUMERIC_TYPES else None
                given = self.draw(known_values(sample or _PLAIN[kind.kind], self.around))
                literal = as_literal(given)
                assert isinstance(literal, Number)
                return literal


def _comparable(left: ValueType, right: ValueType) -> bool:
    """Whether every comparison of the two has a meaning."""
    if left.is_number and right.is_number:
        return _same_currency(left, right)
    if left.kind in _TIMES and right.kind in _TIMES:
        return True
    return left.kind is right.kind and left.kind is not FieldType.TEXT_LIST


def _same_currency(left: ValueType, right: ValueType) -> bool:
    return left.currency is None or right.currency is None or left.currency == right.currency
