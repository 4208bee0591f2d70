"""Values of numpy and pandas, given where a value of Python is wanted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentkit.errors import InvalidValueError, SegmentkitError
from segmentkit.model import Field, FieldType, Schema, as_instant
from segmentkit.query import QueryError, as_literal, ast, bind, parse
from segmentkit.query.builder import field

SCHEMA = Schema(
    fields=[
        Field("city", FieldType.TEXT),
        Field("age", FieldType.INTEGER),
        Field("share", FieldType.FLOAT),
        Field("seen", FieldType.INSTANT),
        Field("born", FieldType.DATE),
        Field("vip", FieldType.BOOLEAN),
    ]
)


class NotATime(datetime):
    """As pandas' NaT: a datetime by its class, and equal to nothing."""

    def utcoffset(self):
        raise ValueError("NaTType does not support utcoffset")

    def __eq__(self, other):
        return False

    def __ne__(self, other):
        return True

    __hash__ = None


NAT = NotATime(2026, 1, 1)


def bound(text, value):
    return bind(parse(text), SCHEMA, parameters={"v": value})


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_integer_of_numpy_is_the_int(number):
    assert as_literal(np.int64(number)) == as_literal(number)
    assert (field("age") >= np.int64(number)) == (field("age") >= number)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9))
def test_a_float_of_numpy_is_the_float(number):
    assert as_literal(np.float64(number)) == as_literal(number)


def test_numbers_and_texts_of_numpy_can_be_parameters_and_built():
    assert bound("share >= $v", np.float64(0.1)) == bound("share >= $v", 0.1)
    assert bound("age >= $v", np.uint8(3)) == bound("age >= $v", 3)
    assert bound("age in $v", np.array([3, 4])) == bound("age in $v", [3, 4])
    assert bound("city = $v", np.str_("福州")) == bound("city = $v", "福州")
    assert (field("share") >= np.float64(0.5)) == (field("share") >= Decimal("0.5"))
    assert type(as_literal(np.int64(3)).value) is int


def test_an_inexact_float_of_numpy_is_refused_where_a_float_is():
    with pytest.raises(QueryError, match="a float is not exact"):
        bound("age >= $v", np.float64(3))


@pytest.mark.parametrize(
    ("text", "value", "named"),
    [
        ("vip = $v", np.bool_(True), r"numpy\.bool"),
        ("born = $v", np.datetime64("2026-01-01"), r"numpy\.datetime64"),
        ("seen >= $v", np.datetime64("NaT"), r"numpy\.datetime64"),
        ("seen >= $v", np.timedelta64(1, "D"), r"numpy\.timedelta64"),
        ("share >= $v", np.float64("nan"), r"numpy\.float64"),
        ("share >= $v", np.float32(1), r"numpy\.float32"),
        ("seen >= $v", NAT, "NotATime"),
        ("age in $v", [NAT], "NotATime"),
    ],
)
def test_what_is_no_value_of_python_is_refused_by_its_full_type(text, value, named):
    with pytest.raises(QueryError, match=f"cannot be of type .*{named}"):
        bound(text, value)


@pytest.mark.parametrize(
    "value",
    [np.bool_(True), np.timedelta64(1, "D"), np.float64("nan"), np.float64("inf"), NAT],
)
def test_the_builder_refuses_what_is_no_value_of_python(value):
    with pytest.raises(SegmentkitError):
        field("age") == value  # noqa: B015


def test_a_datetime_that_is_none_is_refused_as_an_instant():
    with pytest.raises(InvalidValueError, match="Give None where no time is known"):
        as_instant(NAT)


def test_dates_and_times_stay_what_they_are():
    assert as_literal(date(2026, 1, 1)) == ast.Date(date(2026, 1, 1))
    assert as_literal(datetime(2026, 1, 1, 8)) == ast.LocalTime(datetime(2026, 1, 1, 8))
    assert as_literal(NAT) is None
    assert as_instant(datetime(2026, 1, 1, tzinfo=UTC))
