"""Rows that may take the steps of a sequence, and where values of several such rows are found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import Array, Codes, Mask, kept
from segmentkit.engines.columnar.partition import Partition
from segmentkit.engines.columnar.places import RowPlace
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.selections import Measure
from segmentkit.engines.columnar.values import Get
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
from segmentkit.errors import InvalidValueError

# The owner of the fields of the row itself, where those of earlier steps have names.
OWN = ""
# More bits than any number of rows has.
_MANY_BITS = 64


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
        rows = self.own if owner == OWN else self.earlier[owner]
        return rows.take(rows.rows.once(get, owner))
