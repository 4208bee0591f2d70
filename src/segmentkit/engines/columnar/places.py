"""
Where values are looked up: at contacts, at rows of a collection, or at the contact who has nothing.

Compiled values and tests are functions of a place; the place says which vectors stand there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from attrs import field, frozen

from segmentkit.engines.columnar.arrays import Array, Rows, length_of
from segmentkit.engines.columnar.partition import Partition
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.selections import Measure
from segmentkit.engines.columnar.vectors import Vector
from segmentkit.errors import InvalidValueError


class Place(Protocol):
    """Some contacts, or some rows."""

    @property
    def size(self) -> int:
        """How many they are: the length of each vector that is no constant."""
        ...

    def field(self, name: str) -> Vector:
        """A field of the contacts, or of the rows."""
        ...

    def field_of_contact(self, name: str) -> Vector:
        """A field of the contacts to whom the rows belong; of contacts, their own."""
        ...

    def measure(self, measure: Measure) -> Vector:
        """A measure of the contacts."""
        ...


@frozen(eq=False)
class ContactPlace:
    """
    Some contacts of a population.

    Attributes:
        codes: ascending; None means everyone.
        count: what gives a measure of contacts with some codes, or of everyone.
    """

    population: Population
    codes: Array | None
    count: Callable[[Measure, Array | None], Vector]

    @property
    def size(self) -> int:
        return len(self.population) if self.codes is None else len(self.codes)

    def field(self, name: str) -> Vector:
        rows = slice(0, len(self.population)) if self.codes is None else self.codes
        return self.population.columns[name].vector(rows)

    def field_of_contact(self, name: str) -> Vector:
        return self.field(name)

    def measure(self, measure: Measure) -> Vector:
        return self.count(measure, self.codes)


@frozen(eq=False)
class RowPlace:
    """Some rows of a partition."""

    population: Population
    partition: Partition
    rows: Rows
    _met: dict[str, Vector] = field(factory=dict[str, Vector], init=False)

    @property
    def size(self) -> int:
        return length_of(self.rows)

    def field(self, name: str) -> Vector:
        known = self._met.get(name)
        if known is None:
            known = self._met[name] = self.partition.columns[name].vector(self.rows)
        return known

    def field_of_contact(self, name: str) -> Vector:
        return self.population.columns[name].vector(self.partition.contacts[self.rows])

    def measure(self, measure: Measure) -> Vector:
        raise InvalidValueError(measure.function, "where", "Totals stand in having, not in where")


@frozen(eq=False)
class NobodyPlace:
    """A contact to whom nothing belongs and whose fields no one asks for."""

    @property
    def size(self) -> int:
        return 1

    def field(self, name: str) -> Vector:
        raise InvalidValueError(name, "totals", "Fields of a contact differ between contacts")

    def field_of_contact(self, name: str) -> Vector:
        return self.field(name)

    def measure(self, measure: Measure) -> Vector:
        return measure.of_none
