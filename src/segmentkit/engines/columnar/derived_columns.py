"""Columns out of columns: in another order, one behind the other, held against each other."""

from __future__ import annotations

from typing import TypeVar, assert_never

import numpy as np

from segmentkit.engines.columnar.arrays import Array, Mask, python_values
from segmentkit.engines.columnar.columns import (
    Column,
    EmptyColumn,
    FloatColumn,
    ListColumn,
    RunColumn,
    TextColumn,
    TruthColumn,
    WholeColumn,
    text_column,
)
from segmentkit.engines.columnar.dictionary import MISSING
from segmentkit.engines.columnar.room import Room

_T = TypeVar("_T")


def reordered(column: Column, order: Array) -> Column:
    """The rows of a column in another order, or some of them."""
    match column:
        case WholeColumn():
            known = None if column.known is None else column.known[order]
            return WholeColumn(column.values[order], known, column.low, column.high)
        case FloatColumn():
            return FloatColumn(column.values[order])
        case TruthColumn():
            return TruthColumn(column.values[order])
        case TextColumn():
            return TextColumn(column.codes[order], column.dictionary)
        case RunColumn():
            return text_column(column.vector(order).codes, column.dictionary)
        case ListColumn():
            return _reordered_lists(column, order)
        case EmptyColumn():
            return EmptyColumn(column.declared, len(order))
        case _:
            assert_never(column)


def _reordered_lists(column: ListColumn, order: Array) -> ListColumn:
    starts, stops = column.ends[:-1][order], column.ends[1:][order]
    ends = np.zeros(len(order) + 1, np.int64)
    np.cumsum(stops - starts, out=ends[1:])
    # Item number i of the result stands as far behind its list's start as i does behind its end.
    items: Array = np.arange(int(ends[-1])) + np.repeat(starts - ends[:-1], stops - starts)
    return ListColumn(ends, column.items[items], column.dictionary)


def appended(column: Column, more: Column, room: Room) -> Column:
    """
    The rows of a column and behind them those of another of the same field.

    Texts of both have one dictionary, unless a column is empty.
    """
    if isinstance(column, EmptyColumn):
        if not column.size:
            return _spelt_out(more)
        if isinstance(more, EmptyColumn):
            return EmptyColumn(column.declared, column.size + more.size)
        column = _blank(more, len(column))
    elif isinstance(more, EmptyColumn):
        more = _blank(column, len(more))
    column, more = _spelt_out(column), _spelt_out(more)
    match column:
        case WholeColumn():
            other = _of_kind(WholeColumn, more)
            known = None
            if column.known is not None or other.known is not None:
                known = room.extend(_known(column), _known(other))
            return WholeColumn(
                room.extend(column.values, other.values),
                known,
                min(column.low, other.low),
                max(column.high, other.high),
            )
        case FloatColumn():
            return FloatColumn(room.extend(column.values, _of_kind(FloatColumn, more).values))
        case TruthColumn():
            return TruthColumn(room.extend(column.values, _of_kind(TruthColumn, more).values))
        case TextColumn():
            codes = room.extend(column.codes, _of_kind(TextColumn, more).codes)
            return TextColumn(codes, column.dictionary)
        case ListColumn():
            other = _of_kind(ListColumn, more)
            ends = np.concatenate([column.ends, other.ends[1:] + column.ends[-1]])
            return ListColumn(ends, np.concatenate([column.items, other.items]), column.dictionary)
        case EmptyColumn() | RunColumn():
            raise TypeError(f"a column to append to, not {column!r}")
        case _:
            assert_never(column)


def _spelt_out(column: Column) -> Column:
    if isinstance(column, RunColumn):
        codes = column.vector(slice(0, len(column))).codes
        return text_column(codes, column.dictionary)
    return column


def _of_kind(kind: type[_T], column: object) -> _T:
    assert isinstance(column, kind)
    return column


def _known(column: WholeColumn) -> Mask:
    return np.ones(len(column), np.bool_) if column.known is None else column.known


def _blank(like: Column, size: int) -> Column:
    """A column of missing values that another can be joined to."""
    match like:
        case WholeColumn():
            values = np.zeros(size, like.values.dtype)
            return WholeColumn(values, np.zeros(size, np.bool_), 0, 0)
        case FloatColumn():
            return FloatColumn(np.full(size, np.nan))
        case TruthColumn():
            return TruthColumn(np.full(size, -1, np.int8))
        case TextColumn():
            return TextColumn(np.full(size, MISSING, like.codes.dtype), like.dictionary)
        case RunColumn():
            return TextColumn(np.full(size, MISSING, np.int8), like.dictionary)
        case ListColumn():
            nothing = np.zeros(0, like.items.dtype)
            return ListColumn(np.zeros(size + 1, np.int64), nothing, like.dictionary)
        case EmptyColumn():
            return EmptyColumn(like.declared, size)
        case _:
            assert_never(like)


def same_content(column: Column, first: Array, second: Array) -> Mask:
    """For pairs of rows, whether both hold the same value or none."""
    match column:
        case WholeColumn():
            same = np.asarray(column.values[first] == column.values[second], np.bool_)
            if column.known is None:
                return same
            return same & (column.known[first] == column.known[second])
        case FloatColumn():
            a, b = column.values[first], column.values[second]
            return (a == b) | (np.isnan(a) & np.isnan(b))
        case TruthColumn():
            return column.values[first] == column.values[second]
        case TextColumn():
            return column.codes[first] == column.codes[second]
        case RunColumn():
            return column.vector(first).codes == column.vector(second).codes
        case ListColumn():
            pairs = zip(python_values(first), python_values(second), strict=True)
            return np.array([column.held(a) == column.held(b) for a, b in pairs], np.bool_)
        case EmptyColumn():
            return np.ones(len(first), np.bool_)
        case _:
            assert_never(column)
