"""Value nodes compiled to functions of a place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, assert_never

import numpy as np
from attrs import evolve, frozen

from segmentkit.engines.columnar.arrays import Array, python_values
from segmentkit.engines.columnar.exact import (
    Number,
    added,
    as_floats,
    as_ratio,
    float_computed,
    multiplied,
    negated,
    ratio_added,
    ratio_divided,
    ratio_multiplied,
    ratio_negated,
    ratio_subtracted,
    scaled,
    subtracted,
)
from segmentkit.engines.columnar.places import Place
from segmentkit.engines.columnar.selections import Measure, Selection
from segmentkit.engines.columnar.vectors import (
    Floats,
    Lists,
    Ratios,
    Texts,
    Truths,
    Vector,
    Wholes,
    constant,
    wholes_of,
)
from segmentkit.engines.semantics import Held, elapsed, point_instant, scaled_integer
from segmentkit.engines.setting import Setting
from segmentkit.errors import InvalidValueError, NotPortableError, UnknownNameError
from segmentkit.model import FieldType
from segmentkit.query import (
    BOOLEAN,
    DATE,
    DURATION,
    INSTANT,
    TEXT,
    Aggregate,
    Ago,
    Arithmetic,
    Call,
    Date,
    Duration,
    LocalTime,
    Negative,
    Parameter,
    Path,
    Reference,
    Scope,
    Text,
    Truth,
    Value,
    ValueType,
    arithmetic_type,
    find_function,
    number_type,
    type_of_field,
)
from segmentkit.query import (
    Number as NumberNode,
)
from segmentkit.text import text_key

Get: TypeAlias = Callable[[Place], Vector]
NO_MEASURES: frozenset[Measure] = frozenset()
_INTEGERS = frozenset({FieldType.INTEGER, FieldType.DATE, FieldType.INSTANT, FieldType.DURATION})


@frozen(eq=False)
class Site:
    """
    Where in a condition a node stands.

    Attributes:
        scope: how its names are looked up.
        totals: inside `having`, the rows that the activity selected.
    """

    scope: Scope
    totals: Selection | None = None

    @property
    def is_row(self) -> bool:
        """Whether the node speaks of one row at a time."""
        return self.scope.collection is not None and not self.scope.in_having


@frozen(eq=False)
class Computed:
    """
    A compiled value.

    Attributes:
        measures: what it needs to be counted before.
        personal: whether it looks at fields of the contact.
        constant: of a literal.
        field: of the row, where the value is that and nothing else.
    """

    get: Get
    type: ValueType
    measures: frozenset[Measure] = NO_MEASURES
    personal: bool = False
    constant: Held | None = None
    field: str | None = None


class Values:
    """
    Compiles values for one setting.

    Args:
        measure_of: compiles an aggregate, for the site where it stands.
    """

    def __init__(self, setting: Setting, measure_of: Callable[[Aggregate, Site], Measure]) -> None:
        self._setting = setting
        self._measure_of = measure_of

    def value(self, node: Value, site: Site) -> Computed:
        match node:
            case NumberNode():
                kind = number_type(node.value)
                return _literal(scaled_integer(node.value, kind.scale), kind)
            case Text():
                return _literal(node.value if text_key(node.value) else None, TEXT)
            case Reference():
                return _literal(node.id, TEXT)
            case Truth():
                return _literal(node.value, BOOLEAN)
            case Date():
                return _literal(node.value.toordinal(), DATE)
            case LocalTime() | Ago():
                return _literal(point_instant(node, self._setting.moment), INSTANT)
            case Duration():
                return _literal(elapsed(node), DURATION)
            case Parameter():
                raise InvalidValueError(
                    node.name, "parameters", "Bind every parameter before a run"
                )
            case Path():
                return self._path(node, site)
            case Call():
                return self.called(node.function, self.value(node.arguments[0], site))
            case Aggregate():
                if site.is_row:
                    raise NotPortableError("columnar", "a total inside where")
                measure = self._measure_of(node, site)
                return Computed(
                    lambda place: place.measure(measure), measure.result, frozenset({measure})
                )
            case Negative():
                operand = self.value(node.operand, site)
                return mapped(operand, _negative)
            case Arithmetic():
                return self._arithmetic(node, site)
            case _:
                assert_never(node)

    def _path(self, node: Path, site: Site) -> Computed:
        scope = site.scope
        resolved = scope.resolve(node)
        if resolved is None:
            raise UnknownNameError(".".join(node.names), "fields", "Check the condition first")
        path, declared = resolved
        name, kind = declared.name, type_of_field(declared)
        if len(path.names) == 1 and scope.collection is not None:
            return Computed(lambda place: place.field(name), kind, field=name)
        if len(path.names) == 2 and path.names[0] in scope.aliases:
            raise NotPortableError("columnar", f"a field of the step {path.names[0]!r}")
        return Computed(lambda place: place.field_of_contact(name), kind, personal=True)

    def called(self, name: str, argument: Computed) -> Computed:
        """A function of one value, asked once for each different value."""
        function = find_function(name)
        if function is None:
            raise UnknownNameError(name, "functions", "Check the condition first")
        kind = argument.type
        result = function.result or kind
        if function.name == "abs":
            return mapped(argument, _absolute)
        if result.kind not in _INTEGERS:
            raise NotPortableError("columnar", f"the function {function.name!r}")
        frame = self._setting.moment.frame

        def law(value: Any) -> int | None:
            found = function.apply(value, kind.kind, frame)
            assert found is None or isinstance(found, int)
            return found

        return evolve(mapped(argument, lambda vector: _by_value(vector, law)), type=result)

    def _arithmetic(self, node: Arithmetic, site: Site) -> Computed:
        left, right = self.value(node.left, site), self.value(node.right, site)
        result = arithmetic_type(node.operator, left.type, right.type)
        if result is None:
            raise InvalidValueError(node.operator, "arithmetic", "Check the condition first")
        operator = node.operator
        if result.kind is FieldType.FLOAT:
            left, right = in_floats(left), in_floats(right)
            return combined(
                left, right, result, lambda a, b: float_computed(operator, _floats(a), _floats(b))
            )
        if result.rational:
            left, right = in_ratios(left), in_ratios(right)
            on_ratios = _RATIO_OPERATIONS[operator]
            return combined(left, right, result, lambda a, b: on_ratios(_ratios(a), _ratios(b)))
        if operator != "*":
            left, right = in_scale(left, result.scale), in_scale(right, result.scale)
        on_wholes = _WHOLE_OPERATIONS[operator]
        return combined(left, right, result, lambda a, b: on_wholes(_wholes(a), _wholes(b)))

    def as_date(self, value: Computed) -> Computed:
        """An instant as its local date, so that it can stand beside dates."""
        return value if value.type.kind is FieldType.DATE else self.called("date", value)


# --- forms --------------------------------------------------------------------------------------


def _literal(value: Held | None, kind: ValueType) -> Computed:
    vector = constant(value, kind)
    return Computed(lambda place: vector, kind, constant=value)


def mapped(value: Computed, change: Callable[[Vector], Vector]) -> Computed:
    get = value.get

    def changed(place: Place) -> Vector:
        return change(get(place))

    return evolve(value, get=changed, constant=None, field=None)


def combined(
    left: Computed, right: Computed, kind: ValueType, compute: Callable[[Vector, Vector], Vector]
) -> Computed:
    first, second = left.get, right.get
    return Computed(
        lambda place: compute(first(place), second(place)),
        kind,
        left.measures | right.measures,
        left.personal or right.personal,
    )


def in_floats(value: Computed) -> Computed:
    unit = 1 if value.type.rational else 10**value.type.scale
    return mapped(value, lambda vector: as_floats(_number(vector), unit))


def in_ratios(value: Computed) -> Computed:
    if value.type.rational:
        return value
    unit = 10**value.type.scale
    return mapped(value, lambda vector: as_ratio(_number(vector), unit))


def in_scale(value: Computed, scale: int) -> Computed:
    factor = 10 ** (scale - value.type.scale)
    if factor == 1:
        return value
    return mapped(value, lambda vector: scaled(_wholes(vector), factor))


def _by_value(vector: Vector, law: Callable[[Any], int | None]) -> Vector:
    """The whole number that *law* gives for each value, asked once for each different one."""
    match vector:
        case Texts():
            used, places = np.unique(vector.codes, return_inverse=True)
            texts = vector.dictionary.values
            found: list[int | None] = [
                None if code < 0 else law(texts[code]) for code in python_values(used)
            ]
        case Wholes() | Floats():
            values = vector.values if vector.known is None else vector.values[vector.known]
            used, places = np.unique(values, return_inverse=True)
            found = [law(value) for value in python_values(used)]
            if vector.known is not None:
                everywhere = np.full(np.shape(vector.values), len(found), np.intp)
                everywhere[vector.known] = places.ravel()
                found.append(None)
                places = everywhere
        case Ratios() | Lists() | Truths():
            raise NotPortableError("columnar", f"a function of {type(vector).__name__}")
    if not found:
        found = [None]
    by_value = wholes_of(found)
    at = np.reshape(places, np.shape(_values(vector)))
    known = None if by_value.known is None else np.asarray(by_value.known[at], np.bool_)
    return Wholes(np.asarray(by_value.values[at]), known, by_value.low, by_value.high)


def _values(vector: Vector) -> Array:
    if isinstance(vector, Texts):
        return vector.codes
    assert isinstance(vector, Wholes | Floats)
    return vector.values


def _absolute(vector: Vector) -> Vector:
    match vector:
        case Wholes():
            values = vector.values
            if values.dtype != object:
                # The narrowest of a width has no counterpart in it.
                values = values.astype(np.int64 if vector.low > -(2**63) else object)
            most = max(abs(vector.low), abs(vector.high))
            return Wholes(np.asarray(np.abs(values)), vector.known, 0, most)
        case Ratios():
            top = _absolute(vector.top)
            assert isinstance(top, Wholes)
            return Ratios(top, vector.bottom)
        case Floats():
            return Floats(np.abs(vector.values), vector.known)
        case Texts() | Truths() | Lists():
            raise InvalidValueError("abs", "functions", "Check the condition first")


def _negative(vector: Vector) -> Vector:
    match vector:
        case Wholes():
            return negated(vector)
        case Ratios():
            return ratio_negated(vector)
        case Floats():
            return Floats(-vector.values, vector.known)
        case Texts() | Truths() | Lists():
            raise InvalidValueError("-", "arithmetic", "Check the condition first")


_RATIO_OPERATIONS: dict[str, Callable[[Ratios, Ratios], Ratios]] = {
    "+": ratio_added,
    "-": ratio_subtracted,
    "*": ratio_multiplied,
    "/": ratio_divided,
}
_WHOLE_OPERATIONS: dict[str, Callable[[Wholes, Wholes], Wholes]] = {
    "+": added,
    "-": subtracted,
    "*": multiplied,
}


def _number(vector: Vector) -> Number:
    if not isinstance(vector, Wholes | Ratios | Floats):
        raise InvalidValueError(type(vector).__name__, "a number", "Check the condition first")
    return vector


def _wholes(vector: Vector) -> Wholes:
    assert isinstance(vector, Wholes)
    return vector


def _ratios(vector: Vector) -> Ratios:
    assert isinstance(vector, Ratios)
    return vector


def _floats(vector: Vector) -> Floats:
    assert isinstance(vector, Floats)
    return vector
