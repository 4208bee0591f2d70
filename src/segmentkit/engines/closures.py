"""
The closures that the interpreter is made of.

Every closure takes (subject, here, named). `here` is the item inside `where`, the list of items
inside `having`, and None elsewhere; `named` maps the aliases given with `as` to their items.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from attrs import evolve, frozen

from segmentkit.engines.semantics import Held, distinct_count, mean, to_float, total
from segmentkit.engines.subject import Item, Subject
from segmentkit.errors import InvalidValueError
from segmentkit.model import FieldType
from segmentkit.query import ValueType

Here: TypeAlias = Any
Named: TypeAlias = Mapping[str, Item]
Test: TypeAlias = Callable[[Subject, Here, Named], bool]
Get: TypeAlias = Callable[[Subject, Here, Named], Held | None]
Select: TypeAlias = Callable[[Subject], list[Item]]

NOTHING_NAMED: Named = {}


@frozen
class Computed:
    """A compiled value and its type; `constant` is its held value when it is a literal."""

    get: Get
    type: ValueType
    constant: Held | None = None


def all_of(tests: Sequence[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda subject, here, named: (
            first(subject, here, named) and second(subject, here, named)
        )

    def all_hold(subject: Subject, here: Here, named: Named) -> bool:
        for test in tests:  # noqa: SIM110  # all() over a generator takes twice as long
            if not test(subject, here, named):
                return False
        return True

    return all_hold


def any_of(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def any_holds(subject: Subject, here: Here, named: Named) -> bool:
        for test in tests:  # noqa: SIM110  # as above
            if test(subject, here, named):
                return True
        return False

    return any_holds


def complement(test: Test) -> Test:
    return lambda subject, here, named: not test(subject, here, named)


def literal(value: Held | None, kind: ValueType) -> Computed:
    return Computed(lambda subject, here, named: value, kind, value)


def mapped_value(value: Computed, change: Callable[[Any], Any]) -> Computed:
    """The same value in another form; missing stays missing."""
    if value.constant is not None:
        return literal(change(value.constant), value.type)
    get = value.get

    def mapped(subject: Subject, here: Here, named: Named) -> Held | None:
        held = get(subject, here, named)
        return None if held is None else change(held)

    return evolve(value, get=mapped)


def as_floats(left: Computed, right: Computed) -> tuple[Computed, Computed]:
    return mapped_value(left, _as_float(left.type)), mapped_value(right, _as_float(right.type))


def as_fractions(left: Computed, right: Computed) -> tuple[Computed, Computed]:
    """Exact numbers of any scale, of which one may be a quotient."""
    return (
        mapped_value(left, _as_fraction(left.type)),
        mapped_value(right, _as_fraction(right.type)),
    )


def same_scale(left: Computed, right: Computed) -> tuple[Computed, Computed]:
    scale = max(left.type.scale, right.type.scale)
    return _scaled(left, scale), _scaled(right, scale)


def _scaled(value: Computed, scale: int) -> Computed:
    factor = 10 ** (scale - value.type.scale)
    if factor == 1:
        return value
    return mapped_value(value, lambda number: number * factor)


def _as_float(kind: ValueType) -> Callable[[Any], float]:
    if kind.kind is FieldType.FLOAT or kind.rational:
        return to_float
    unit = 10**kind.scale
    return lambda number: to_float(Fraction(number, unit))


def _as_fraction(kind: ValueType) -> Callable[[Any], Fraction]:
    unit = 10**kind.scale
    if kind.rational or unit == 1:
        return Fraction
    return lambda number: Fraction(number, unit)


def summary(function: str, kind: ValueType) -> Callable[[list[Any]], Held | None]:
    """What sums up the known values of some items, each of type *kind*."""
    match function:
        case "count":
            return len
        case "distinct":
            return distinct_count
        case "sum":
            return total
        case "avg":
            return lambda values: mean(values, kind.scale)
        case "min":
            return lambda values: min(values, default=None)
        case "max":
            return lambda values: max(values, default=None)
        case _:
            raise InvalidValueError(function, "aggregate")
