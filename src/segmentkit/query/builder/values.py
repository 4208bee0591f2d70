"""
Values and conditions written in Python: what the builder's operators make.

They hold nothing but a node of the tree, so a condition that was built equals the one that was
parsed. None of them has a truth: Python's `and`, `or`, `not`, `if` and `18 <= x <= 30` would throw
half of a condition away without a word, so they raise.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NoReturn, Protocol, TypeAlias, cast, get_args

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Node, Value, Window
from segmentkit.query.from_python import as_int, as_literal, is_itself, type_of

_VALUES = get_args(ast.Value)
_CONDITIONS = get_args(ast.Condition)
_DIGITS = 30
_REMEDY = "Join conditions with & | ~, each in brackets: (field('age') >= 18) & did('purchase')"


class Conditional(Protocol):
    """Anything that holds a condition: what the builder makes, a segment, what a check gave."""

    @property
    def condition(self) -> Condition: ...


ConditionLike: TypeAlias = Condition | Conditional


def as_condition(thing: ConditionLike) -> Condition:
    """
    The tree of a condition, however it is held.

    Raises:
        WrongTypeError: it holds none; a text has to be parsed first.

    Examples:
        >>> from segmentkit.query.builder import as_condition, field
        >>> as_condition(field("paid"))
        Path(names=('paid',))
    """
    node = thing if isinstance(thing, Node) else getattr(thing, "condition", None)
    if not isinstance(node, _CONDITIONS):
        raise WrongTypeError(
            type(thing).__name__, "a condition", "Give a condition, parsed or built"
        )
    return cast("Condition", node)


class Logic:
    """`&`, `|` and `~`, and no truth."""

    def __and__(self: Conditional, other: ConditionLike) -> Built:
        return Built(joined(ast.And, (self, other)))

    def __rand__(self: Conditional, other: ConditionLike) -> Built:
        return Built(joined(ast.And, (other, self)))

    def __or__(self: Conditional, other: ConditionLike) -> Built:
        return Built(joined(ast.Or, (self, other)))

    def __ror__(self: Conditional, other: ConditionLike) -> Built:
        return Built(joined(ast.Or, (other, self)))

    def __invert__(self: Conditional) -> Built:
        return Built(ast.Not(as_condition(self)))

    def __bool__(self) -> NoReturn:
        raise WrongTypeError("a condition", "and, or, not, if or a chained comparison", _REMEDY)


def joined(kind: type[ast.And | ast.Or], conditions: Iterable[ConditionLike]) -> Condition:
    """One `And` or `Or` of all, flat; a single condition stays itself."""
    nodes = [as_condition(condition) for condition in conditions]
    items = tuple(i for n in nodes for i in (n.items if isinstance(n, kind) else (n,)))
    return items[0] if len(items) == 1 else kind(items)


@frozen
class Built(Logic):
    """A condition made with the builder."""

    condition: Condition


@frozen(eq=False)
class Expression(Logic):
    """
    A value made with the builder.

    Comparing it gives a condition, computing with it another expression. A boolean one is a
    condition by itself.

    Examples:
        >>> from segmentkit.query.builder import field
        >>> (field("age") >= 18).condition
        Compare(operator='>=', left=Path(names=('age',)), right=Number(value=18), exactly=False)
    """

    value: Value

    @property
    def condition(self) -> Condition:
        if isinstance(self.value, _CONDITIONS):
            return cast("Condition", self.value)
        raise WrongTypeError(type(self.value).__name__, "a condition", "Compare the value first")

    # --- comparing ------------------------------------------------------------------------------

    # `==` builds a condition, so it says nothing about equality: a type checker cannot know.
    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __eq__(self, other: object) -> Built:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._compared("=", other)

    def __ne__(self, other: object) -> Built:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._compared("!=", other)

    def __lt__(self, other: object) -> Built:
        return self._compared("<", other)

    def __le__(self, other: object) -> Built:
        return self._compared("<=", other)

    def __gt__(self, other: object) -> Built:
        return self._compared(">", other)

    def __ge__(self, other: object) -> Built:
        return self._compared(">=", other)

    def __contains__(self, other: object) -> NoReturn:
        raise WrongTypeError("a condition", "Python's `in`", "Use .contains(...) or .is_in(...)")

    def _compared(self, operator: ast.ComparisonOperator, other: object) -> Built:
        return Built(ast.Compare(operator, self.value, to_value(other)))

    def is_exactly(self, text: object) -> Built:
        """The same text, code point by code point."""
        return Built(ast.Compare("=", self.value, to_value(text), exactly=True))

    def is_not_exactly(self, text: object) -> Built:
        return Built(ast.Compare("!=", self.value, to_value(text), exactly=True))

    def between(self, low: object, high: object) -> Built:
        """Both ends are included."""
        return Built(ast.Between(self.value, to_value(low), to_value(high)))

    def not_between(self, low: object, high: object) -> Built:
        return Built(ast.Between(self.value, to_value(low), to_value(high), negated=True))

    def is_in(self, *items: object) -> Built:
        """One of *items*: values, one list of values, or one parameter that is bound to a list."""
        return Built(ast.InList(self.value, to_list(items)))

    def not_in(self, *items: object) -> Built:
        return Built(ast.InList(self.value, to_list(items), negated=True))

    def is_missing(self) -> Built:
        return Built(ast.IsMissing(self.value))

    def is_known(self) -> Built:
        return Built(ast.IsMissing(self.value, negated=True))

    # --- texts ----------------------------------------------------------------------------------

    def contains(self, *patterns: object) -> Built:
        """Any of *patterns*; of a list field, any of these items."""
        return Built(ast.TextMatch("contains", self.value, to_list(patterns)))

    def contains_all(self, *patterns: object) -> Built:
        return Built(ast.TextMatch("contains", self.value, to_list(patterns), "all"))

    def not_contains(self, *patterns: object) -> Built:
        return Built(ast.TextMatch("contains", self.value, to_list(patterns), negated=True))

    def starts_with(self, *patterns: object) -> Built:
        return Built(ast.TextMatch("starts_with", self.value, to_list(patterns)))

    def not_starts_with(self, *patterns: object) -> Built:
        return Built(ast.TextMatch("starts_with", self.value, to_list(patterns), negated=True))

    def ends_with(self, *patterns: object) -> Built:
        return Built(ast.TextMatch("ends_with", self.value, to_list(patterns)))

    def not_ends_with(self, *patterns: object) -> Built:
        return Built(ast.TextMatch("ends_with", self.value, to_list(patterns), negated=True))

    def like(self, *patterns: object) -> Built:
        """A glob: `*` is any text, `?` one character."""
        return Built(ast.TextMatch("like", self.value, to_list(patterns)))

    def not_like(self, *patterns: object) -> Built:
        return Built(ast.TextMatch("like", self.value, to_list(patterns), negated=True))

    # --- time -----------------------------------------------------------------------------------

    @refuse_other_types
    def falls_in(self, window: Window) -> Built:
        """In a window of time: `field("created").falls_in(last(days=30))`."""
        return Built(ast.InWindow(self.value, window))

    @refuse_other_types
    def not_falls_in(self, window: Window) -> Built:
        return Built(ast.InWindow(self.value, window, negated=True))

    # --- computing ------------------------------------------------------------------------------

    def __add__(self, other: object) -> Expression:
        return _computed("+", self, other)

    def __radd__(self, other: object) -> Expression:
        return _computed("+", other, self)

    def __sub__(self, other: object) -> Expression:
        return _computed("-", self, other)

    def __rsub__(self, other: object) -> Expression:
        return _computed("-", other, self)

    def __mul__(self, other: object) -> Expression:
        return _computed("*", self, other)

    def __rmul__(self, other: object) -> Expression:
        return _computed("*", other, self)

    def __truediv__(self, other: object) -> Expression:
        return _computed("/", self, other)

    def __rtruediv__(self, other: object) -> Expression:
        return _computed("/", other, self)

    def __neg__(self) -> Expression:
        return Expression(ast.Negative(self.value))


def _computed(operator: ast.ArithmeticOperator, left: object, right: object) -> Expression:
    return Expression(ast.Arithmetic(operator, to_value(left), to_value(right)))


@refuse_other_types
def all_of(conditions: Iterable[ConditionLike]) -> Built:
    """Every one of *conditions*; the same as `a & b & c`."""
    return Built(together(None, tuple(conditions)))


@refuse_other_types
def any_of(conditions: Iterable[ConditionLike]) -> Built:
    """At least one of *conditions*; the same as `a | b | c`."""
    given = tuple(conditions)
    if not given:
        raise InvalidValueError(None, "any_of", "Give at least one condition")
    return Built(joined(ast.Or, given))


def together(present: Condition | None, more: tuple[ConditionLike, ...]) -> Condition:
    """What a clause holds after it was given once more: all of it."""
    if not more:
        raise InvalidValueError(None, "where, having or all_of", "Give at least one condition")
    return joined(ast.And, more if present is None else (present, *more))


def refuse_second(present: object, clause: str) -> None:
    if present is not None:
        raise InvalidValueError(clause, "a second time in one statement", "Give it once")


# --- from Python values -----------------------------------------------------------------------------


def to_value(given: object) -> Value:
    """
    The node of a Python value: int, Decimal, float by its shortest text, str, bool, date, naive
    datetime (a local time of the run's zone), timedelta; or what the builder made.

    Raises:
        WrongTypeError: no value of the language.
        InvalidValueError: an aware datetime, NaN, a negative or broken duration, over 30 digits.

    Examples:
        >>> from segmentkit.query.builder.values import to_value
        >>> to_value(0.1)
        Number(value=Decimal('0.1'))
        >>> to_value(-5)
        Negative(operand=Number(value=5))
    """
    if isinstance(given, Expression):
        return given.value
    if isinstance(given, _VALUES):
        return cast("Value", given)
    number = given if isinstance(given, int | float | Decimal) else as_int(given)
    if number is not None and not isinstance(number, bool):
        return _number(number)
    if isinstance(given, datetime) and is_itself(given) and given.tzinfo is not None:
        remedy = "Give a naive datetime: a rule speaks of local times of the zone that a run names"
        raise InvalidValueError(given, "a datetime with a zone", remedy)
    literal = as_literal(given)
    if literal is not None:
        return literal
    if isinstance(given, timedelta):
        raise InvalidValueError(given, "a duration", "Give whole seconds, 0 or more")
    remedy = "Use .is_missing() for None, .is_in(...) for a list, a str, number, date or duration"
    raise WrongTypeError(type_of(given), "a value", remedy)


def _number(given: float | Decimal) -> Value:
    exact = Decimal(repr(float(given)) if isinstance(given, float) else given)
    if not exact.is_finite():
        raise InvalidValueError(
            given, "a number", "Ask .is_missing() for values that are not there"
        )
    _, digits, exponent = exact.as_tuple()
    places = max(-int(exponent), 0)
    if max(len(digits) + int(exponent), 0) + places > _DIGITS:
        raise InvalidValueError(given, "a number", f"Give at most {_DIGITS} digits")
    number = ast.Number(exact.copy_abs())  # abs() rounds to the precision of the host
    return ast.Negative(number) if exact < 0 else number


def to_list(given: tuple[object, ...]) -> tuple[Value, ...] | ast.Parameter:
    """Items given one by one, as one list, or as one parameter that is bound to a list."""
    if len(given) == 1:
        only = given[0]
        if isinstance(only, list | tuple):
            given = tuple(cast("list[object]", only))
        elif isinstance(only, Expression) and isinstance(only.value, ast.Parameter):
            return only.value
    if not given:
        raise InvalidValueError(None, "a list", "Give at least one item")
    return tuple(to_value(item) for item in given)
