"""What is counted: filters over the rows of a collection, windows on them, and measures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from attrs import define, field, frozen

from segmentkit.engines.columnar.vectors import Vector, missing, zero
from segmentkit.query import ValueType

if TYPE_CHECKING:
    from segmentkit.engines.columnar.places import RowPlace
    from segmentkit.engines.columnar.plain import Test

Bounds: TypeAlias = tuple[int, int]


@define(eq=False)
class RowFilter:
    """
    Rows of a collection that pass all tests, whatever their time.

    Attributes:
        hull: the bounds that hold every window asked of it; None once all times are wanted.
    """

    collection: str
    tests: tuple[Test, ...]
    hull: Bounds | None = (0, 0)
    _is_asked: bool = field(default=False, init=False)

    def widen(self, bounds: Bounds | None) -> None:
        """Take in one more window."""
        if bounds is None or (self._is_asked and self.hull is None):
            self.hull = None
        elif not self._is_asked or self.hull is None:
            self.hull = bounds
        else:
            self.hull = min(self.hull[0], bounds[0]), max(self.hull[1], bounds[1])
        self._is_asked = True


@frozen(eq=False)
class Selection:
    """Rows of a filter inside [start, end); all of them where the bounds are None."""

    filter: RowFilter
    bounds: Bounds | None


@define(eq=False)
class Family:
    """Measures that differ in their windows only, which makes a wider one out of a narrower."""

    measures: list[Measure] = field(factory=list["Measure"])


@frozen(eq=False)
class Measure:
    """
    One value per contact over the rows of a selection.

    Attributes:
        family: measures of one family differ in their windows only.
        item: the value of each row; None when rows are counted.
        item_type: of that value.
        result: type of the measure.
        parts: of an average the sum and the count of known values; of such a count that of rows.
    """

    selection: Selection
    family: Family
    function: str
    item: Callable[[RowPlace], Vector] | None
    item_type: ValueType | None
    result: ValueType
    parts: tuple[Measure, ...] = ()

    @property
    def of_none(self) -> Vector:
        """The measure of a contact without rows."""
        if self.function in ("count", "sum", "distinct"):
            return zero(self.result)
        return missing(self.result)
