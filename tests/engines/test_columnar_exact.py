"""Arithmetic of whole columns is Python's, whatever the widths and bounds."""

import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentkit.engines.columnar.arrays import whole_array
from segmentkit.engines.columnar.exact import added, multiplied, negated, related, subtracted
from segmentkit.engines.columnar.vectors import Wholes, constant, wholes, wholes_of
from segmentkit.model import FieldType
from segmentkit.query import ValueType

EDGES = [0, 1, 2, 127, 128, -128, -129, 2**15, 2**31 - 1, 2**31, 2**32, 2**62, 2**63 - 1, -(2**63)]
numbers = st.sampled_from(EDGES) | st.integers(-3, 3) | st.integers(-(2**70), 2**70)
OPERATIONS = {operator.add: added, operator.sub: subtracted, operator.mul: multiplied}


def held(vector: Wholes, size: int) -> list[int | None]:
    """Python's integers, None where missing."""
    known = np.broadcast_to(True if vector.known is None else vector.known, size)
    values = np.broadcast_to(vector.values, size)
    return [int(value) if there else None for value, there in zip(values, known, strict=True)]


@pytest.mark.parametrize(("right", "operation"), OPERATIONS.items())
@given(st.lists(st.tuples(st.none() | numbers, st.none() | numbers), min_size=1, max_size=5))
def test_columns_are_computed_as_python_computes(right, operation, pairs):
    ours = operation(wholes_of([a for a, _ in pairs]), wholes_of([b for _, b in pairs]))
    expected = [None if None in pair else right(*pair) for pair in pairs]
    assert held(ours, len(pairs)) == expected
    for value in filter(lambda value: value is not None, expected):
        assert ours.low <= value <= ours.high


@pytest.mark.parametrize(("right", "operation"), OPERATIONS.items())
@given(st.lists(numbers, min_size=1, max_size=5), numbers)
def test_a_constant_meets_every_row(right, operation, column, other):
    single = constant(other, ValueType(FieldType.INTEGER))
    assert isinstance(single, Wholes)
    ours = operation(wholes(whole_array(column)), single)
    assert held(ours, len(column)) == [right(value, other) for value in column]


@given(st.lists(numbers, min_size=1, max_size=5), numbers)
def test_signs_and_order_are_pythons(column, other):
    single = constant(other, ValueType(FieldType.INTEGER))
    vector = wholes(whole_array(column))
    assert held(negated(vector), len(column)) == [-value for value in column]
    assert related("<", vector, single).tolist() == [value < other for value in column]
