"""Fields, parameters, functions and totals, written in Python."""

from __future__ import annotations

from typing import TypeAlias

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.query import ast
from segmentkit.query.ast import Window
from segmentkit.query.builder.time import InTime
from segmentkit.query.builder.values import (
    ConditionLike,
    Expression,
    refuse_second,
    to_value,
    together,
)

Names: TypeAlias = str | tuple[str, ...]


@refuse_other_types
def field(name: Names) -> Expression:
    """
    A field of the contact; inside `where` and `having`, of the item.

    Examples:
        >>> from segmentkit.query.builder import field
        >>> (field("city") == "福州").condition
        Compare(operator='=', left=Path(names=('city',)), right=Text(value='福州'), exactly=False)
    """
    return Expression(_path(name))


def parameter(name: str) -> Expression:
    """`$name`: a value, or a list, that the host binds when the condition is used."""
    return Expression(ast.Parameter(name))


def call(function: str, *arguments: object) -> Expression:
    """A function applied to values: `call("age", field("birthday")) >= 18`."""
    return Expression(ast.Call(function, tuple(to_value(a) for a in arguments)))


def _path(name: Names) -> ast.Path:
    names = tuple(name.split(".")) if isinstance(name, str) else name
    if not names or not all(names):
        raise InvalidValueError(name, "a field", "Give a name, or names with a dot between")
    return ast.Path(names)


# --- aggregates -----------------------------------------------------------------------------------


@frozen(eq=False)
class AggregateExpression(Expression, InTime):
    """One number over the items of a collection, which can be narrowed first."""

    value: ast.Aggregate

    def where(self, *conditions: ConditionLike) -> AggregateExpression:
        """Only items for which all *conditions* hold."""
        return AggregateExpression(evolve(self.value, where=together(self.value.where, conditions)))

    @refuse_other_types
    def during(self, window: Window) -> AggregateExpression:
        refuse_second(self.value.window, "a window")
        return AggregateExpression(evolve(self.value, window=window))


def count(collection: Names | None = None) -> AggregateExpression:
    """How many items: `count("purchase") >= 10`; inside `having`, `count()`."""
    return _aggregate("count", collection)


def total(of: Names | Expression) -> AggregateExpression:
    """The sum: `total("purchase.amount")`; inside `having`, `total("amount")`."""
    return _aggregate("sum", of)


def average(of: Names | Expression) -> AggregateExpression:
    return _aggregate("avg", of)


def lowest(of: Names | Expression) -> AggregateExpression:
    return _aggregate("min", of)


def highest(of: Names | Expression) -> AggregateExpression:
    return _aggregate("max", of)


def distinct(of: Names | Expression) -> AggregateExpression:
    """How many different values: `distinct(call("date", field("purchase.time")))`."""
    return _aggregate("distinct", of)


def first_of(of: Names | Expression) -> AggregateExpression:
    """The value of the first item in time."""
    return _aggregate("first", of)


def last_of(of: Names | Expression) -> AggregateExpression:
    """The value of the last item in time."""
    return _aggregate("last", of)


def _aggregate(
    function: ast.AggregateFunction, of: Names | Expression | None
) -> AggregateExpression:
    match of:
        case None:
            return AggregateExpression(ast.Aggregate(function))
        case Expression(value=ast.Path(names)):
            return AggregateExpression(ast.Aggregate(function, names))
        case Expression(value=ast.Call(transform, (ast.Path(names),))):
            return AggregateExpression(ast.Aggregate(function, names, transform))
        case str() | tuple():
            return AggregateExpression(ast.Aggregate(function, _path(of).names))
        case _:
            remedy = "Give a field, or a function of one field"
            raise WrongTypeError(type(of).__name__, f"what to aggregate with {function}", remedy)
