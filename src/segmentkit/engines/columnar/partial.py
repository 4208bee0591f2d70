"""Partial chains of a sequence: what later steps can still know of them, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import Array, Codes, Mask
from segmentkit.engines.columnar.steps import RowsAt, StepPlace, StepRows

# Numbers are put side by side into one as long as they have no more bits together.
MOST_BITS = 63


@frozen(eq=False)
class Chains:
    """
    Partial chains.

    Attributes:
        rows: of the step taken last.
        last: places among them.
        named: rows that later filters speak of, by the names of their steps.
    """

    rows: StepRows
    last: Array
    named: Mapping[str, RowsAt]

    @classmethod
    def joined(cls, parts: Sequence[Chains]) -> Chains:
        """All of some; there is one at least, and they took the same steps."""
        if len(parts) == 1:
            return parts[0]
        last = np.concatenate([part.last for part in parts])
        named = {
            name: RowsAt(
                some.rows,
                last
                if some.places is parts[0].last
                else np.concatenate([part.named[name].places for part in parts]),
            )
            for name, some in parts[0].named.items()
        }
        return cls(parts[0].rows, last, named)

    def __len__(self) -> int:
        return len(self.last)

    @property
    def contacts(self) -> Codes:
        return self.rows.contacts.take(self.last)

    @property
    def times(self) -> NDArray[np.int64]:
        return self.rows.times.take(self.last)

    @property
    def place(self) -> StepPlace:
        """Where values of their rows are looked up."""
        return StepPlace(RowsAt(self.rows, self.last), self.named)

    def some(self, at: Array) -> Chains:
        """Some of them, by number."""
        last = self.last.take(at)
        named = {
            name: RowsAt(some.rows, last) if some.places is self.last else some.at(at)
            for name, some in self.named.items()
        }
        return Chains(self.rows, last, named)

    def where(self, mask: Mask) -> Chains:
        """Those where a mask holds."""
        return self if mask.all() else self.some(np.flatnonzero(mask))

    def different(self, asks: Mapping[str, frozenset[str]], size: int) -> tuple[Chains, Mask]:
        """
        Those that later steps can tell apart, and for each whether the next differs in time only.

        Args:
            asks: fields that later filters ask for, by the names of steps.
            size: how many contacts there are.
        """
        numbers: list[Array] = [self.contacts]
        bits = [size.bit_length()]
        # Where the last row is asked for what no other has, no chain is like another.
        is_each_its_own = False
        for name in sorted(asks):
            some = self.named[name]
            found = some.rows.classes(asks[name])
            if found is None and some.places is self.last:
                is_each_its_own = True
            elif found is None:
                numbers.append(some.places)
                bits.append(len(some.rows).bit_length())
            else:
                numbers.append(found[0].take(some.places))
                bits.append(found[1])
        place_bits = len(self.rows).bit_length()
        if sum(bits) + place_bits > MOST_BITS:
            chains, alike = self._sorted_by_each(numbers)
        else:
            packed = np.zeros(len(self), np.int64)
            for number, width in zip([*numbers, self.last], [*bits, place_bits], strict=True):
                packed <<= width
                packed |= number
            chains, alike = self._sorted_by(packed, place_bits)
        return chains, np.zeros(len(chains), np.bool_) if is_each_its_own else alike

    def _sorted_by(self, packed: Array, place_bits: int) -> tuple[Chains, Mask]:
        if all(some.places is self.last for some in self.named.values()):
            # What is left of a chain is its last row: its place stands in the number.
            packed.sort()
            packed = packed[_unlike([packed])]
            last = packed & ((1 << place_bits) - 1)
            chains = Chains(
                self.rows,
                last,
                {name: RowsAt(some.rows, last) for name, some in self.named.items()},
            )
        else:
            order = np.argsort(packed)
            packed = packed[order]
            fresh = _unlike([packed])
            packed = packed[fresh]
            chains = self.some(order[fresh])
        return chains, ~_unlike([packed >> place_bits], at_end=True)

    def _sorted_by_each(self, numbers: Sequence[Array]) -> tuple[Chains, Mask]:
        order = np.lexsort((self.last, *reversed(numbers)))
        order = order[_unlike([number[order] for number in (*numbers, self.last)])]
        return self.some(order), ~_unlike([number[order] for number in numbers], at_end=True)


def _unlike(columns: Sequence[Array], *, at_end: bool = False) -> Mask:
    """For each place whether it differs from the one before it, or *at_end* from the one behind."""
    unlike = np.ones(len(columns[0]), np.bool_)
    if len(unlike) > 1:
        inner = unlike[:-1] if at_end else unlike[1:]
        inner[:] = False
        for column in columns:
            inner |= column[1:] != column[:-1]
    return unlike
