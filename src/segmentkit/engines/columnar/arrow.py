"""Arrow streams read into raw columns, without a copy where the bytes allow it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import Array, Mask
from segmentkit.engines.columnar.dictionary import MISSING
from segmentkit.engines.columnar.packed import Packed
from segmentkit.engines.columnar.raw import (
    RawCodes,
    RawColumn,
    RawDays,
    RawDurations,
    RawFloats,
    RawInstants,
    RawLists,
    RawNothing,
    RawTruths,
    RawWholes,
)
from segmentkit.errors import InvalidValueError, WrongTypeError

_INTEGERS: Mapping[str, type[np.generic]] = {
    "c": np.int8,
    "C": np.uint8,
    "s": np.int16,
    "S": np.uint16,
    "i": np.int32,
    "I": np.uint32,
    "l": np.int64,
    "L": np.uint64,
}
_FLOATS: Mapping[str, type[np.generic]] = {"e": np.float16, "f": np.float32, "g": np.float64}
_PER_SECOND: Mapping[str, int] = {"s": 1, "m": 10**3, "u": 10**6, "n": 10**9}
_MICROSECONDS = 10**6
# Proleptic ordinal of 1970-01-01.
_EPOCH_ORDINAL = 719_163
_VIEW = np.dtype([("length", "<i4"), ("start", "V4"), ("buffer", "<i4"), ("offset", "<i4")])


@runtime_checkable
class ArrowStream(Protocol):
    """Anything that gives an Arrow stream: tables of pyarrow, polars, pandas, duckdb ..."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


def chunks_of(table: ArrowStream) -> Iterator[dict[str, RawColumn]]:
    """
    The chunks of a table, each with its columns by name.

    Raises:
        WrongTypeError: a column of a type that no field takes.
        InvalidValueError: nanoarrow is not installed.
    """
    try:
        from nanoarrow import (  # pyright: ignore[reportMissingTypeStubs]
            c_array_stream,  # pyright: ignore[reportUnknownVariableType]
        )
    except ImportError:
        raise InvalidValueError(
            type(table).__name__, "an Arrow table", "Install segmentkit[frames], for nanoarrow"
        ) from None
    stream = cast("Any", c_array_stream(table))
    schema = stream.get_schema()
    fields = [(schema.child(i).name, schema.child(i)) for i in range(schema.n_children)]
    for chunk in stream:
        yield {
            str(name): _Reader(field, chunk.child(i), chunk.offset, chunk.length, name).column()
            for i, (name, field) in enumerate(fields)
        }


class _Reader:
    """One column of one chunk."""

    def __init__(self, schema: Any, array: Any, offset: int, length: int, name: str) -> None:
        self.schema = schema
        self.array = array
        self.view = array.view()
        self.first = array.offset + offset
        self.length = length
        self.name = name

    def column(self) -> RawColumn:
        form: str = self.schema.format
        if self.array.dictionary is not None:
            return self._dictionary(form)
        if form == "n":
            return RawNothing(self.length)
        if form == "b":
            return RawTruths(self._bits(1), self._known())
        if form in _INTEGERS:
            return RawWholes(self._values(1, _INTEGERS[form]), self._known())
        if form in _FLOATS:
            values = self._values(1, _FLOATS[form]).astype(np.float64, copy=False)
            return RawFloats(values, self._known())
        if form in ("u", "U"):
            return self._texts(np.int32 if form == "u" else np.int64)
        if form == "vu":
            return self._views()
        if form in ("+l", "+L"):
            return self._lists(np.int32 if form == "+l" else np.int64)
        if form.startswith("d:"):
            return self._decimals(form)
        if form.startswith("t"):
            return self._times(form)
        raise WrongTypeError(form, f"column {self.name!r}", "No field takes this Arrow type")

    def _values(self, buffer: int, kind: type[np.generic], more: int = 0) -> Array:
        held = self.view.buffer(buffer)
        every = np.frombuffer(held, kind) if len(held) else np.zeros(0, kind)
        return every[self.first : self.first + self.length + more]

    def _bits(self, buffer: int) -> Mask:
        held = np.frombuffer(self.view.buffer(buffer), np.uint8)
        bits = np.unpackbits(held, count=self.first + self.length, bitorder="little")
        return bits[self.first :].view(np.bool_)

    def _known(self) -> Mask | None:
        if self.array.null_count == 0 or not len(self.view.buffer(0)):
            return None
        return self._bits(0)

    def _texts(self, kind: type[np.generic]) -> Packed:
        ends = self._values(1, kind, 1).astype(np.int64)
        if not len(ends):
            ends = np.zeros(1, np.int64)
        held = self.view.buffer(2)
        data = np.frombuffer(held, np.uint8) if len(held) else np.zeros(0, np.uint8)
        return Packed(ends, data, self._known())

    def _views(self) -> Packed:
        """Texts of up to 12 bytes stand in their view; longer ones in one of several buffers."""
        held = self.view.buffer(1)
        views = np.frombuffer(held, _VIEW)[self.first : self.first + self.length]
        known = self._known()
        lengths = views["length"].astype(np.int64)
        if known is not None:
            lengths = np.where(known, lengths, 0)
        ends = np.zeros(len(views) + 1, np.int64)
        np.cumsum(lengths, out=ends[1:])
        data = np.empty(int(ends[-1]), np.uint8)
        inline = np.ascontiguousarray(views).view(np.uint8).reshape(-1, 16)
        short = np.flatnonzero(lengths <= 12)
        _copy(inline.ravel(), 16 * short + 4, lengths[short], data, ends[:-1][short])
        for number in range(self.view.n_buffers - 3):
            source = np.frombuffer(self.view.buffer(2 + number), np.uint8)
            rows = np.flatnonzero((lengths > 12) & (views["buffer"] == number))
            starts = views["offset"][rows].astype(np.int64)
            _copy(source, starts, lengths[rows], data, ends[:-1][rows])
        return Packed(ends, data, known)

    def _lists(self, kind: type[np.generic]) -> RawLists:
        ends = self._values(1, kind, 1).astype(np.int64)
        if not len(ends):
            ends = np.zeros(1, np.int64)
        first, last = int(ends[0]), int(ends[-1])
        child = self.array.child(0)
        inner = _Reader(self.schema.child(0), child, first, last - first, self.name).column()
        known = self._known()
        if isinstance(inner, RawNothing):
            inner = Packed(np.zeros(inner.size + 1, np.int64), np.zeros(0, np.uint8))
        if not isinstance(inner, Packed | RawCodes):
            raise WrongTypeError(
                self.schema.child(0).format, f"column {self.name!r}", "Only lists of texts"
            )
        return RawLists(ends - first, inner, known)

    def _dictionary(self, form: str) -> RawCodes:
        codes = self._values(1, _INTEGERS[form])
        known = self._known()
        if known is not None:
            codes = np.where(known, codes, MISSING)
        inner = self.array.dictionary
        column = _Reader(self.schema.dictionary, inner, 0, inner.length, self.name).column()
        if isinstance(column, RawNothing):
            return RawCodes(np.full(self.length, MISSING), ())
        if not isinstance(column, Packed):
            raise WrongTypeError(
                self.schema.dictionary.format, f"column {self.name!r}", "A dictionary of texts"
            )
        return RawCodes(codes, tuple(column.texts()))

    def _decimals(self, form: str) -> RawWholes:
        precision, scale, *bits = (int(part) for part in form[2:].split(","))
        width = (bits[0] if bits else 128) // 64
        words = self._values_of_width(width)
        known = self._known()
        low = words[:, 0].view(np.int64)
        # 64 bits hold it when every higher word only repeats the sign.
        fits = precision <= 18 or bool((words[:, 1:].view(np.int64) == (low >> 63)[:, None]).all())
        if fits:
            return RawWholes(low, known, scale)
        values = np.empty(self.length, object)
        values[:] = [int.from_bytes(row.tobytes(), "little", signed=True) for row in words]
        return RawWholes(values, known, scale)

    def _values_of_width(self, width: int) -> NDArray[np.uint64]:
        every = np.frombuffer(self.view.buffer(1), np.uint64).reshape(-1, width)
        return every[self.first : self.first + self.length]

    def _times(self, form: str) -> RawColumn:
        known = self._known()
        if form == "tdD":
            days = self._values(1, np.int32).astype(np.int64)
            return RawDays(days + _EPOCH_ORDINAL, known)
        if form == "tdm":
            return RawDays(self._values(1, np.int64) // 86_400_000 + _EPOCH_ORDINAL, known)
        if form.startswith(("ts", "tD")):
            values = self._microseconds(self._values(1, np.int64), form[2], known)
            if form.startswith("tD"):
                return RawDurations(values, known)
            return RawInstants(values, known, len(form) > 4)
        raise WrongTypeError(form, f"column {self.name!r}", "No field takes this Arrow type")

    def _microseconds(self, values: Array, unit: str, known: Mask | None) -> NDArray[np.int64]:
        return in_microseconds(values, _PER_SECOND[unit], known, f"column {self.name!r}")


def in_microseconds(
    values: Array, per_second: int, known: Mask | None, place: str
) -> NDArray[np.int64]:
    """
    Times of another unit in microseconds.

    Raises:
        InvalidValueError: one lies outside of 64 bits, or between two microseconds.
    """
    if per_second == _MICROSECONDS:
        return values
    if known is not None:
        values = np.where(known, values, 0)
    if per_second > _MICROSECONDS:
        held, rest = np.divmod(values, per_second // _MICROSECONDS)
        bad = np.flatnonzero(rest)
        if bad.size:
            raise InvalidValueError(
                int(values[bad[0]]), place, "Instants and durations are whole microseconds"
            )
        return held
    factor = _MICROSECONDS // per_second
    bad = np.flatnonzero(np.abs(values) > (2**63 - 1) // factor)
    if bad.size:
        raise InvalidValueError(int(values[bad[0]]), place, "Years 1 to 9999 are known")
    return values * factor


def _copy(
    source: NDArray[np.uint8], starts: Array, lengths: Array, target: Array, places: Array
) -> None:
    """Copy pieces of one array to places of another."""
    count = int(lengths.sum())
    before = np.cumsum(lengths) - lengths
    within = np.arange(count) - np.repeat(before, lengths)
    target[np.repeat(places, lengths) + within] = source[np.repeat(starts, lengths) + within]
