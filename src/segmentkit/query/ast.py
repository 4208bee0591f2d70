"""
The condition tree: what a query means once its words are gone.

Every face of the language (text, JSON, the Python builder) makes these frozen values, and every
engine reads them. Two nodes are equal when they say the same thing; the span, which only remembers
where a node stood in a text, takes no part in that.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias, cast

import attrs
from attrs import field, frozen

from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.text import plain_text

Span: TypeAlias = tuple[int, int]

ComparisonOperator = Literal["=", "!=", "<", "<=", ">", ">="]
TextOperation = Literal["contains", "starts_with", "ends_with", "like"]
Quantifier = Literal["any", "all"]
Verb = Literal["did", "has", "in"]
AggregateFunction = Literal["count", "sum", "avg", "min", "max", "distinct", "first", "last"]
FrequencyKind = Literal["at_least", "at_most", "exactly", "more_than", "fewer_than", "between"]
TimeUnit = Literal["second", "minute", "hour", "day", "week", "month", "quarter", "year"]
ArithmeticOperator = Literal["+", "-", "*", "/"]

EXACT_UNITS: tuple[TimeUnit, ...] = ("second", "minute", "hour")
CALENDAR_UNITS: tuple[TimeUnit, ...] = ("day", "week", "month", "quarter", "year")


def _as_text(value: str) -> str:
    # What is no text at all is refused where a condition is checked.
    return plain_text(value) if isinstance(value, str) else value


@frozen
class Node:
    """Base of every node. `span` is (start, end) in code points of the text it was read from."""

    span: Span = field(default=(0, 0), eq=False, repr=False, kw_only=True)


# Nobody counts that far, and a Decimal can ask for more digits than there is memory: 1E+999999999.
_MOST_DIGITS = 400


def _plain_number(value: int | Decimal) -> int | Decimal:
    """
    One spelling per number: 3.0 and 3 are the integer 3, 0.50 is 0.5.

    Nothing here rounds: `normalize()` would, to the precision that the host's context has.
    """
    if type(value) is int:
        return value
    if not isinstance(value, Decimal) or not value.is_finite():
        raise WrongTypeError(value, "a Number", "Give an int or a finite Decimal")
    if value and not -_MOST_DIGITS < value.adjusted() < _MOST_DIGITS:
        raise InvalidValueError(value, "a Number", f"At most {_MOST_DIGITS} digits can be held")
    if value == value.to_integral_value():
        return int(value)
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    kept = len(digits)
    while digits[kept - 1] == 0:
        kept -= 1
    return Decimal((sign, digits[:kept], exponent + len(digits) - kept))


# --- values -------------------------------------------------------------------------------------


@frozen
class Number(Node):
    """An exact number: `3`, `0.5`, `5万` (50000), `60%` (0.6)."""

    value: int | Decimal = field(converter=_plain_number)


@frozen
class Text(Node):
    value: str = field(converter=_as_text)


@frozen
class Truth(Node):
    value: bool


@frozen
class Date(Node):
    """A calendar date; its first instant in the run's zone when an instant is wanted."""

    value: date


@frozen
class LocalTime(Node):
    """A naive local time, `2026-01-01T08:30`, read in the run's zone."""

    value: datetime


@frozen
class Duration(Node):
    count: int
    unit: TimeUnit


@frozen
class Ago(Node):
    """`30 days ago`, as a point in time: the start of `last 30 days`."""

    count: int
    unit: TimeUnit


@frozen
class Parameter(Node):
    """`$name`: a value, or a list where a list may stand, that the host binds."""

    name: str


@frozen
class Reference(Node):
    """A tag, group, segment ... by id. `name` is what a reader sees and is no part of equality."""

    kind: str
    id: str
    name: str = field(default="", eq=False)


@frozen
class Path(Node):
    """
    A dotted name.

    Of a contact: `("city",)`. Inside `where` or `having`: a field of the item, or `("c", "sku")`,
    a field of the step that was named `c`, or `("contact", "city")`, the contact's own field.
    """

    names: tuple[str, ...]


@frozen
class Call(Node):
    """A function of the registry in `functions.py` applied to values: `age(birthday)`."""

    function: str
    arguments: tuple[Value, ...]


@frozen
class Aggregate(Node):
    """
    One number (or first/last/min/max value) over the items of a collection.

    `path` is `(collection,)` or `(collection, field)`; inside `having` it is `()` or `(field,)`, of
    the items already filtered. `transform` names a function of one value applied to the field of
    each item first: `distinct(date(purchase.time))`.
    """

    function: AggregateFunction
    path: tuple[str, ...] = ()
    transform: str | None = None
    where: Condition | None = None
    window: Window | None = None


@frozen
class Arithmetic(Node):
    operator: ArithmeticOperator
    left: Value
    right: Value


@frozen
class Negative(Node):
    operand: Value


# --- windows ------------------------------------------------------------------------------------


@frozen
class Rolling(Node):
    """`last 30 days`, `next 7 days`, `previous 3 months`."""

    direction: Literal["last", "next", "previous"]
    duration: Duration


@frozen
class Calendar(Node):
    """`this month`, `previous week`; today is `this day`, yesterday is `previous day`."""

    which: Literal["this", "previous"]
    unit: TimeUnit


@frozen
class Since(Node):
    point: Point


@frozen
class Before(Node):
    point: Point


@frozen
class Range(Node):
    """From one point up to, and without, another; `60 to 30 days ago` is one too."""

    start: Point
    end: Point


@frozen
class On(Node):
    """The whole local date."""

    day: Date | Parameter


# --- conditions ---------------------------------------------------------------------------------


@frozen
class Compare(Node):
    """`exactly` compares raw text instead of text keys: `name is exactly 'VIP'`."""

    operator: ComparisonOperator
    left: Value
    right: Value
    exactly: bool = False


@frozen
class TextMatch(Node):
    """`contains`, `starts with`, `ends with`, `like`; on a list field `contains` means membership."""

    operation: TextOperation
    left: Value
    patterns: tuple[Value, ...] | Parameter
    quantifier: Quantifier = "any"
    negated: bool = False


@frozen
class Between(Node):
    """Both ends are included."""

    left: Value
    low: Value
    high: Value
    negated: bool = False


@frozen
class InList(Node):
    left: Value
    items: tuple[Value, ...] | Parameter
    negated: bool = False


@frozen
class InWindow(Node):
    left: Value
    window: Window
    negated: bool = False


@frozen
class IsMissing(Node):
    """`is missing`; negated, `is known`."""

    operand: Value
    negated: bool = False


@frozen
class Keys(Node):
    """
    Which rows of a collection, by key: `has tag ('a', 'b')`.

    `under` takes in everything below a key in its tree. A single Parameter may be bound to a list.
    """

    values: tuple[Value, ...]
    under: bool = False


@frozen
class KeyPattern(Node):
    """`has tag like 'VIP*'`: a glob over the names of the keys."""

    pattern: Text


@frozen
class Frequency(Node):
    """`at least 3 times`; `upper` is given for `between` only."""

    kind: FrequencyKind
    count: Value
    upper: Value | None = None


@frozen
class Step(Node):
    """`then did view_product where (...) within 3 days`, strictly later than the step before."""

    collection: str
    negated: bool = False
    alias: str | None = None
    where: Condition | None = None
    within: Duration | None = None


@frozen
class Activity(Node):
    """
    A statement about the rows of one collection: events, records and memberships alike.

    Rows are filtered first (`keys`, `where`, `window`), then counted (`frequency`) and aggregated
    (`having`). `negated` is the complement of the whole.
    """

    verb: Verb
    collection: str
    negated: bool = False
    quantifier: Quantifier = "any"
    keys: Keys | KeyPattern | None = None
    alias: str | None = None
    where: Condition | None = None
    frequency: Frequency | None = None
    window: Window | None = None
    having: Condition | None = None
    steps: tuple[Step, ...] = ()


@frozen
class And(Node):
    """Two conditions or more, none of them an And itself."""

    items: tuple[Condition, ...]


@frozen
class Or(Node):
    """Two conditions or more, none of them an Or itself."""

    items: tuple[Condition, ...]


@frozen
class Not(Node):
    operand: Condition


Point: TypeAlias = Date | LocalTime | Ago | Parameter
Window: TypeAlias = Rolling | Calendar | Since | Before | Range | On
Value: TypeAlias = (
    Number
    | Text
    | Truth
    | Date
    | LocalTime
    | Duration
    | Ago
    | Parameter
    | Reference
    | Path
    | Call
    | Aggregate
    | Arithmetic
    | Negative
)
# A value that is a boolean (`paid`) stands as a condition by itself.
Condition: TypeAlias = (
    Compare
    | TextMatch
    | Between
    | InList
    | InWindow
    | IsMissing
    | Activity
    | And
    | Or
    | Not
    | Path
    | Truth
    | Parameter
    | Call
    | Aggregate
)


def _require_node(value: object) -> None:
    if not isinstance(value, Node):
        raise WrongTypeError(value, "a node", "Give a condition or a part of one")


def child_nodes(node: Node) -> Iterator[Node]:
    """The nodes directly below *node*, in reading order of the class's fields."""
    _require_node(node)
    for attribute in attrs.fields(type(node)):
        value: object = getattr(node, attribute.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            parts = cast("tuple[object, ...]", value)
            yield from (part for part in parts if isinstance(part, Node))


def walk(node: Node) -> Iterator[Node]:
    """
    *node* and every node below it, parents first.

    Examples:
        >>> from segmentkit.query.ast import Compare, Number, Path, walk
        >>> [type(part).__name__ for part in walk(Compare(">", Path(("age",)), Number(18)))]
        ['Compare', 'Path', 'Number']
    """
    _require_node(node)
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(child_nodes(current))))
