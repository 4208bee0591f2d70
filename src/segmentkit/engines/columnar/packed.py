"""Texts as bytes: many at once, without a Python object for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import Array, Mask, python_values

_WORD = 8
# For n bytes of a word, the mask that keeps the first n (little endian).
_KEEP = np.array([(1 << 8 * n) - 1 for n in range(8)] + [2**64 - 1], np.uint64)


@frozen(eq=False)
class Packed:
    """
    UTF-8 texts one after the other: text i is `data[ends[i]:ends[i + 1]]`.

    Attributes:
        known: where there is a text at all; None is everywhere.
    """

    ends: NDArray[np.int64]
    data: NDArray[np.uint8]
    known: Mask | None = None

    def __len__(self) -> int:
        return len(self.ends) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.ends)

    def words(self, first: int, last: int, width: int) -> NDArray[np.uint64]:
        """Texts *first* to *last* as rows of *width* words, filled up with zero bytes."""
        ends = self.ends[first : last + 1]
        lengths = np.diff(ends)
        size = width * _WORD
        if len(lengths) and lengths[0] == size and (lengths == size).all():
            rows = self.data[ends[0] : ends[-1]].view(np.uint64)
            return rows.reshape(-1, width)
        # Every word is read whole, whatever follows the text, and cut to the text afterwards.
        padded = np.concatenate([self.data[ends[0] : ends[-1]], np.zeros(size, np.uint8)])
        every = np.ndarray((len(padded) - _WORD + 1,), np.uint64, padded, strides=(1,))
        rows = np.empty((len(lengths), width), np.uint64)
        starts = ends[:-1] - ends[0]
        for word in range(width):
            held = np.clip(lengths - word * _WORD, 0, _WORD)
            at = np.minimum(starts + word * _WORD, len(every) - 1)
            rows[:, word] = every[at] & _KEEP[held]
        return rows

    def texts(self) -> list[str | None]:
        """Every text as a Python object."""
        data = self.data.tobytes()
        ends: list[int] = python_values(self.ends)
        known = self.known
        return [
            None if known is not None and not known[i] else data[ends[i] : ends[i + 1]].decode()
            for i in range(len(self))
        ]


def pack(texts: Sequence[str]) -> Packed:
    """Python texts as bytes."""
    joined = "".join(texts)
    if joined.isascii():
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        data = joined.encode()
    else:
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        lengths = np.fromiter(map(len, encoded), np.int64, len(texts))
        data = b"".join(encoded)
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(lengths, out=ends[1:])
    return Packed(ends, np.frombuffer(data, np.uint8))


def unpack(rows: Array, lengths: Array) -> list[str]:
    """Texts from rows of words."""
    size = rows.shape[1] * _WORD
    data = np.ascontiguousarray(rows).tobytes()
    ends = range(0, size * len(rows), size)
    return [
        data[start : start + length].decode("utf-8", "surrogatepass")
        for start, length in zip(ends, python_values(lengths), strict=True)
    ]


def joined(parts: Sequence[Packed]) -> Packed:
    """Texts of several parts, one after the other; all are known."""
    if len(parts) == 1:
        return parts[0]
    data = [part.data[part.ends[0] : part.ends[-1]] for part in parts]
    lengths = [part.lengths for part in parts]
    ends = np.zeros(sum(map(len, parts)) + 1, np.int64)
    np.cumsum(np.concatenate([np.zeros(0, np.int64), *lengths]), out=ends[1:])
    return Packed(ends, np.concatenate([np.zeros(0, np.uint8), *data]))
