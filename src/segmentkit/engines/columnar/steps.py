"""Rows that may take the steps of a sequence, and filters that speak of earlier steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never, cast

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import Array, Codes, Mask, kept
from segmentkit.engines.columnar.partition import Partition
from segmentkit.engines.columnar.places import Place, RowPlace
from segmentkit.engines.columnar.plain import PlainTests, Test, complement, every, some
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.selections import Measure
from segmentkit.engines.columnar.values import (
    Computed,
    Get,
    Site,
    Values,
    in_floats,
    in_scale,
)
from segmentkit.engines.columnar.vectors import (
    Floats,
    Lists,
    Ratios,
    Texts,
    Truths,
    Vector,
    Wholes,
    take,
)
from segmentkit.errors import InvalidValueError, NotPortableError
from segmentkit.model import FieldType
from segmentkit.query import (
    Activity,
    And,
    Call,
    Compare,
    Condition,
    Not,
    Or,
    Parameter,
    Path,
    Scope,
    Value,
    walk,
)

_MANY_BITS = 64
# Whose fields a value is made of, besides those of earlier steps.
_OWN, _CONTACT = "", "contact"


# --- rows ---------------------------------------------------------------------------------------


@frozen(eq=False)
class StepRows:
    """
    Rows of a selection in order of time; the place of a row is its number among them.

    Attributes:
        numbers: of the rows in their partition.
    """

    population: Population
    partition: Partition
    numbers: Array
    contacts: Codes
    times: NDArray[np.int64]
    _whole: list[RowPlace] = field(factory=list[RowPlace], init=False)
    _once: dict[Get, Vector] = field(factory=dict[Get, Vector], init=False)
    _classes: dict[frozenset[str], tuple[Array, int] | None] = field(
        factory=dict[frozenset[str], "tuple[Array, int] | None"], init=False
    )

    def __len__(self) -> int:
        return len(self.numbers)

    def some(self, mask: Mask) -> StepRows:
        """Those where a mask holds."""
        return evolve(
            self,
            numbers=kept(self.numbers, mask),
            contacts=kept(self.contacts, mask),
            times=kept(self.times, mask),
        )

    def field(self, name: str) -> Vector:
        """A field of all rows; looked up once."""
        if not self._whole:
            self._whole.append(RowPlace(self.population, self.partition, self.numbers))
        return self._whole[0].field(name)

    def classes(self, names: frozenset[str]) -> tuple[Array, int] | None:
        """
        For each row a number that only rows of equal fields share, and how many bits it has.

        None where there are so many different values that places tell rows apart as well.
        """
        if names not in self._classes:
            self._classes[names] = self._new_classes(names)
        return self._classes[names]

    def _new_classes(self, names: frozenset[str]) -> tuple[Array, int] | None:
        classes, bits = np.zeros(len(self), np.int64), 0
        for name in sorted(names):
            vector = self.field(name)
            width = _bits_of(vector)
            bits += width
            if bits > len(self).bit_length():
                return None
            classes = (classes << width) | _small_numbers(vector)
        return classes, bits

    def once(self, get: Get, alias: str) -> Vector:
        """A value made of fields of these rows, of all of them; computed once."""
        known = self._once.get(get)
        if known is None:
            whole = RowsAt.all(self)
            known = self._once[get] = get(StepPlace(whole, {alias: whole}))
        return known


def _bits_of(vector: Vector) -> int:
    """How many bits the numbers of `_small_numbers` have; more than places where there are none."""
    match vector:
        case Texts():
            return len(vector.dictionary).bit_length()
        case Truths():
            return 2
        case Wholes():
            return (vector.high - vector.low + 1).bit_length()
        case Floats() | Ratios() | Lists():
            return _MANY_BITS
        case _:
            assert_never(vector)


def _small_numbers(vector: Vector) -> Array:
    """Values as numbers, equal for equal ones; 0 is a missing one."""
    match vector:
        case Texts():
            return np.asarray(vector.codes, np.int64) + 1
        case Truths():
            numbers = vector.values + np.int64(1)
        case Wholes():
            numbers = (vector.values.astype(np.int64) - vector.low) + 1
        case Floats() | Ratios() | Lists():
            raise TypeError(f"no numbers are made of {type(vector).__name__}")
        case _:
            assert_never(vector)
    return np.asarray(numbers) if vector.known is None else np.where(vector.known, numbers, 0)


@frozen(eq=False)
class RowsAt:
    """Some rows of a step by their places; one may stand there more than once."""

    rows: StepRows
    places: Array

    @classmethod
    def all(cls, rows: StepRows) -> RowsAt:
        return cls(rows, np.arange(len(rows)))

    def at(self, numbers: Array) -> RowsAt:
        """Some of them, by number."""
        return RowsAt(self.rows, self.places.take(numbers))

    def take(self, vector: Vector) -> Vector:
        """The values of these rows, given those of all."""
        if isinstance(vector, Lists) and vector.starts.ndim == 0:
            return vector
        return take(vector, self.places)


@frozen(eq=False)
class StepPlace:
    """
    Rows that may take a step, each beside the rows that earlier steps took.

    Attributes:
        earlier: by the name of the step.
    """

    own: RowsAt
    earlier: Mapping[str, RowsAt]

    @property
    def size(self) -> int:
        return len(self.own.places)

    def field(self, name: str) -> Vector:
        return self.own.take(self.own.rows.field(name))

    def field_of_step(self, alias: str, name: str) -> Vector:
        taken = self.earlier[alias]
        return taken.take(taken.rows.field(name))

    def field_of_contact(self, name: str) -> Vector:
        rows = self.own.rows
        return rows.population.columns[name].vector(rows.contacts.take(self.own.places))

    def measure(self, measure: Measure) -> Vector:
        raise InvalidValueError(measure.function, "where", "Totals stand in having, not in where")

    def once(self, owner: str, get: Get) -> Vector:
        """A value made of fields of one row alone."""
        rows = self.own if owner == _OWN else self.earlier[owner]
        return rows.take(rows.rows.once(get, owner))


# --- filters ------------------------------------------------------------------------------------


@frozen(eq=False)
class Key:
    """
    Two values that a filter wants to be equal: one of the row, one of rows of earlier steps.

    Attributes:
        exactly: texts are meant as they are written.
    """

    own: Get
    earlier: Get
    exactly: bool


@frozen(eq=False)
class StepFilter:
    """
    What a step asks of a row beside the rows of earlier steps.

    Attributes:
        keys: what must be equal for the test to hold.
        asks: (name of the step, field) of earlier rows.
    """

    test: Test
    keys: tuple[Key, ...]
    asks: frozenset[tuple[str, str]]


def row_test(plain: PlainTests, node: Condition, site: Site) -> Test:
    """A condition on a row."""
    match node:
        case And():
            return every([row_test(plain, item, site) for item in node.items])
        case Or():
            return some([row_test(plain, item, site) for item in node.items])
        case Not():
            return complement(row_test(plain, node.operand, site))
        case Activity():
            raise NotPortableError("columnar", "an activity inside where or having")
        case Parameter():
            raise InvalidValueError(node.name, "parameters", "Bind every parameter before a run")
        case _:
            return plain.plain(node, site)


def step_filter(
    parts: Iterable[Condition], scope: Scope, values: StepValues, plain: PlainTests
) -> StepFilter:
    """
    Conditions that must all hold of a row beside earlier ones.

    Args:
        scope: of the step, with the names of those before it.
        plain: made of *values*.

    Raises:
        NotPortableError: something that only the interpreter can decide.
    """
    site = Site(scope)
    wanted = list(parts)
    keys = [
        key
        for part in wanted
        if isinstance(part, Compare) and (key := values.key(part, site)) is not None
    ]
    asks = {
        (resolved[0].names[0], resolved[1].name)
        for part in wanted
        for path in _paths(part)
        if path.names[0] in scope.aliases and (resolved := scope.resolve(path)) is not None
    }
    tests = [row_test(plain, part, site) for part in wanted]
    return StepFilter(every(tests), tuple(keys), frozenset(asks))


class StepValues(Values):
    """Values of a row beside the rows of earlier steps."""

    def value(self, node: Value, site: Site) -> Computed:
        computed = super().value(node, site)
        owners = _owners(node, site.scope)
        if not isinstance(node, Call) or len(owners) != 1 or _CONTACT in owners:
            return computed
        # A function is asked for each different value, so rather of rows than of pairs of rows.
        (owner,) = owners
        get = computed.get

        def looked_up(place: Place) -> Vector:
            return _beside(place).once(owner, get)

        return evolve(computed, get=looked_up)

    def _path(self, node: Path, site: Site) -> Computed:
        if len(node.names) < 2 or node.names[0] not in site.scope.aliases:
            return super()._path(node, site)
        alias = node.names[0]
        beyond = evolve(site.scope, collection=site.scope.aliases[alias], aliases={})
        inner = super()._path(Path(node.names[1:]), evolve(site, scope=beyond))
        name = cast("str", inner.field)

        def looked_up(place: Place) -> Vector:
            return _beside(place).field_of_step(alias, name)

        return evolve(inner, get=looked_up, field=None)

    def key(self, node: Compare, site: Site) -> Key | None:
        """What a comparison wants to be equal of the row and of earlier ones, if it is that."""
        if node.operator != "=":
            return None
        owners = [_owners(side, site.scope) for side in (node.left, node.right)]
        sides = [node.left, node.right]
        if owners[1] == {_OWN}:
            owners.reverse()
            sides.reverse()
        if owners[0] != {_OWN} or not owners[1] or owners[1] & {_OWN, _CONTACT}:
            return None
        own, earlier = (self.value(side, site) for side in sides)
        kinds = {own.type.kind, earlier.type.kind}
        if own.type.is_measured and earlier.type.is_measured:
            if FieldType.FLOAT in kinds:
                own, earlier = in_floats(own), in_floats(earlier)
            elif own.type.rational or earlier.type.rational:
                return None
            else:
                scale = max(own.type.scale, earlier.type.scale)
                own, earlier = in_scale(own, scale), in_scale(earlier, scale)
        elif kinds == {FieldType.DATE, FieldType.INSTANT}:
            own, earlier = self.as_date(own), self.as_date(earlier)
        return Key(own.get, earlier.get, node.exactly)


def _beside(place: Place) -> StepPlace:
    assert isinstance(place, StepPlace)
    return place


def _owners(node: Value, scope: Scope) -> set[str]:
    """Whose fields a value is made of."""
    return {_owner(path, scope) for path in _paths(node)}


def _owner(path: Path, scope: Scope) -> str:
    if len(path.names) == 1:
        return _OWN
    return path.names[0] if path.names[0] in scope.aliases else _CONTACT


def _paths(node: Condition | Value) -> list[Path]:
    return [part for part in walk(node) if isinstance(part, Path)]
