"""Values taken apart: whose each is, of what type, and over which items."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias, assert_never

from attrs import frozen

from segmentkit.model import Collection, Schema
from segmentkit.query import (
    BOOLEAN,
    DATE,
    DURATION,
    INSTANT,
    INTEGER,
    TEXT,
    Aggregate,
    Ago,
    Arithmetic,
    Call,
    Condition,
    Date,
    Duration,
    LocalTime,
    Negative,
    Number,
    Parameter,
    Path,
    Reference,
    Scope,
    Text,
    Truth,
    Value,
    Window,
    aggregate_type,
    arithmetic_type,
    find_function,
    is_of_items,
    number_type,
    type_of_field,
    walk,
)
from segmentkit.rules.linter.formulas import (
    ALWAYS,
    Applied,
    Computed,
    Constant,
    FieldOf,
    Formula,
    Items,
    Negated,
    Term,
    Total,
    every,
)
from segmentkit.rules.linter.marks import mark_of
from segmentkit.rules.linter.windows import row_in_window

Seen: TypeAlias = Term | Constant

_MICROSECONDS: Mapping[str, int] = {
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


class Values(ABC):
    """The values of bound conditions, and the items that totals are over."""

    def __init__(self, schema: Schema, segments: Mapping[str, Condition] | None = None) -> None:
        self.schema = schema
        self.segments = segments or {}
        self._open_segments: list[str] = []
        self.everywhere = Place(Scope(schema))

    @abstractmethod
    def condition(self, node: Condition, place: Place | None = None) -> Formula:
        """The formula of a condition that stands inside a value, as a filter does."""

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
                return self.field(node, place)
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

    def field(self, node: Path, place: Place) -> FieldOf | None:
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
        if collection is None or is_open(node.window):
            return None
        items = self.items_that_pass(
            collection, node.where, node.window, ALWAYS, within=place.about if own else None
        )
        if not names:
            return Total(node.function, None, None, items, INTEGER)
        of = self.field(Path((names[0],)), self.item_place(collection))
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
        if place.about is not None and here is not None and is_of_items(node, here):
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

    # --- items ----------------------------------------------------------------------------------

    def item_place(self, collection: Collection) -> Place:
        """Where a filter over the items of a collection stands."""
        return Place(self.everywhere.scope.items_of(collection))

    def totals_of(self, collection: Collection, items: Items) -> Place:
        """Where a `having` over items stands."""
        return Place(self.everywhere.scope.totals_of(collection), items)

    def items_that_pass(
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
            time = self.field(Path((collection.time,)), self.item_place(collection))
            if isinstance(time, FieldOf):
                happens = collection.verb == "did"
                parts.append(row_in_window(time, window, happens=happens))
        if within is not None:
            parts.append(within.filter)
        return Items(collection.name, every(*parts))


def is_open(window: Window | None) -> bool:
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
