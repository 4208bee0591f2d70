"""
Ids as codes: a hash table over packed texts, looked up for many ids at once.

A Python dict of a million ids costs some 150 bytes an entry and a cache miss a look-up; this one
holds the bytes of the ids and little more, and looks up a million in forty milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from segmentkit.engines.columnar.arrays import Array, Codes, Mask, python_values
from segmentkit.engines.columnar.dictionary import MISSING, Dictionary
from segmentkit.engines.columnar.packed import Packed, pack, unpack
from segmentkit.errors import UnknownNameError

# Texts are looked up in portions that fit a cache.
_PORTION = 32_768
# Longer ones, in bytes, are kept as Python texts.
_LONGEST = 64
_FACTORS = np.array(
    [
        0x9E3779B97F4A7C15,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0xD6E8FEB86659FD93,
        0xA0761D6478BD642F,
        0xE7037ED1A0B428DB,
        0x8EBC6AF09C88C6E3,
        0x589965CC75374CC3,
    ],
    np.uint64,
)
_HALF = np.uint64(32)
_THIRD = np.uint64(29)


class Codebook(Dictionary):
    """Different ids, numbered from 0 as they come; it only grows."""

    __slots__ = ("_count", "_lengths", "_long", "_slots", "_words")

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._words: NDArray[np.uint64] = np.zeros((0, 1), np.uint64)
        self._lengths: NDArray[np.int32] = np.zeros(0, np.int32)
        self._slots: NDArray[np.int32] = np.full(16, MISSING, np.int32)
        # Texts too long for words; their code bears the length -1.
        self._long: dict[str, int] = {}

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> list[str]:
        """Every id, as Python texts; made anew at each call."""
        return self.decode(np.arange(self._count))

    def text(self, code: int) -> str:
        return self.decode(np.array([code]))[0]

    def find(self, value: str) -> int:
        return int(self.look_up(pack([value]))[0])

    def codes(self, ids: Iterable[str], count: int, place: str) -> Codes:
        """
        Codes of ids, in the order given.

        Raises:
            UnknownNameError: one is not among the first *count*.
        """
        given = list(ids)
        found = self.look_up(pack(given))
        absent = np.flatnonzero((found < 0) | (found >= count))
        if absent.size:
            raise UnknownNameError(given[int(absent[0])], place)
        return found

    def first(self, count: int) -> Codebook:
        """A codebook of the first ids only, which grows by itself."""
        book = Codebook()
        book.encode(self.decode(np.arange(count)))
        return book

    def decode(self, codes: Array) -> list[str]:
        """Ids of codes, in the order given."""
        texts = unpack(self._words[codes], np.maximum(self._lengths[codes], 0))
        if self._long:
            by_code = {code: text for text, code in self._long.items()}
            texts = [by_code.get(c, t) for c, t in zip(python_values(codes), texts, strict=True)]
        return texts

    def memory(self) -> int:
        """Bytes of ids and hash table."""
        longs = sum(text.__sizeof__() for text in self._long)
        return self._words.nbytes + self._lengths.nbytes + self._slots.nbytes + longs

    # --- many at once ---------------------------------------------------------------------------

    def look_up(self, ids: Packed) -> Codes:
        """Codes of ids; -1 for those that are not here, and for missing ones."""
        found = np.full(len(ids), MISSING, np.int32)
        for first in range(0, len(ids), _PORTION):
            last = min(first + _PORTION, len(ids))
            words, lengths = self._rows(ids, first, last)
            found[first:last], _ = self._search(words, lengths, _hashes(words, lengths))
        for number in np.flatnonzero(ids.lengths > _LONGEST).tolist():
            found[number] = self._long.get(_text_at(ids, number), MISSING)
        if ids.known is not None:
            found[~ids.known] = MISSING
        return found

    def encode_packed(self, ids: Packed) -> Codes:
        """Codes of ids, new ones in their order if need be; -1 for missing ones."""
        lengths = ids.lengths
        self._widen(-(-int(lengths[lengths <= _LONGEST].max(initial=1)) // 8))
        found = np.full(len(ids), MISSING, np.int32)
        done = 0
        for number in np.flatnonzero(lengths > _LONGEST).tolist():
            self._encode_stretch(ids, done, number, found)
            found[number] = self._encode_long(ids, number)
            done = number + 1
        self._encode_stretch(ids, done, len(ids), found)
        return found

    def _encode_stretch(self, ids: Packed, start: int, end: int, found: Codes) -> None:
        for first in range(start, end, _PORTION):
            last = min(first + _PORTION, end)
            known = None if ids.known is None else ids.known[first:last]
            found[first:last] = self._encode_portion(ids, first, last, known)

    def encode(self, values: Iterable[str | None]) -> Codes:
        waiting = iter(values)
        parts: list[Codes] = []
        while portion := list(islice(waiting, _PORTION)):
            packed = pack([value or "" for value in portion])
            if None in portion:
                known = np.array([value is not None for value in portion], np.bool_)
                packed = Packed(packed.ends, packed.data, known)
            parts.append(self.encode_packed(packed))
        return np.concatenate(parts) if parts else np.zeros(0, np.int32)

    def _encode_portion(self, ids: Packed, first: int, last: int, known: Mask | None) -> Codes:
        words, lengths = self._rows(ids, first, last)
        hashes = _hashes(words, lengths)
        self._make_room(last - first)
        found, places = self._search(words, lengths, hashes)
        wanted = (found == MISSING) & (lengths >= 0)
        if known is not None:
            found[~known] = MISSING
            wanted &= known
        fresh = np.flatnonzero(wanted)
        if fresh.size:
            self._settle(fresh, words, lengths, places, found)
        return found

    def _settle(
        self,
        fresh: NDArray[np.intp],
        words: NDArray[np.uint64],
        lengths: Array,
        places: NDArray[np.intp],
        found: Codes,
    ) -> None:
        """Give codes to rows that the table does not have, in their order; equal rows share one."""
        mask = len(self._slots) - 1
        waiting, claims = fresh, places[fresh]
        owner = np.full(len(words), MISSING, np.intp)
        claimed: list[tuple[Array, Array]] = []
        while waiting.size:
            empty = self._slots[claims] == MISSING
            # Written backwards, so that the first of several stays.
            self._slots[claims[empty][::-1]] = -2 - waiting[empty][::-1].astype(np.int32)
            holders = self._slots[claims]
            provisional = holders < MISSING
            row = np.where(provisional, -2 - holders, 0)
            alike = provisional & (lengths[row] == lengths[waiting])
            alike &= _equal_rows(words[row], words[waiting])
            owner[waiting[alike]] = row[alike]
            own = alike & (row == waiting)
            claimed.append((waiting[own], claims[own]))
            waiting, claims = waiting[~alike], (claims[~alike] + 1) & mask
        news = np.flatnonzero(owner == np.arange(len(words)))
        numbers = np.zeros(len(words), np.int32)
        numbers[news] = np.arange(self._count, self._count + len(news), dtype=np.int32)
        for rows, slots in claimed:
            self._slots[slots] = numbers[rows]
        found[fresh] = numbers[owner[fresh]]
        self._store(words[news], lengths[news])

    def _store(self, words: NDArray[np.uint64], lengths: Array) -> None:
        start, end = self._count, self._count + len(words)
        if end > len(self._lengths):
            capacity = max(end, len(self._lengths) * 3 // 2, 1_024)
            self._words = _grown(self._words, capacity, start)
            self._lengths = _grown(self._lengths, capacity, start)
        self._words[start:end] = words
        self._lengths[start:end] = lengths
        self._count = end

    def _search(
        self, words: NDArray[np.uint64], lengths: Array, hashes: NDArray[np.uint64]
    ) -> tuple[Codes, NDArray[np.intp]]:
        """For each row its code, or -1, and the slot where the search ended."""
        mask = len(self._slots) - 1
        places = (hashes & np.uint64(mask)).astype(np.intp)
        codes = self._slots[places]
        if not self._count:
            return codes, places
        bad = np.flatnonzero(~self._are(codes, words, lengths) & (codes != MISSING))
        while bad.size:
            places[bad] = (places[bad] + 1) & mask
            met = self._slots[places[bad]]
            codes[bad] = met
            bad = bad[~self._are(met, words[bad], lengths[bad]) & (met != MISSING)]
        return codes, places

    def _are(self, codes: Codes, words: NDArray[np.uint64], lengths: Array) -> Mask:
        """Whether each code is that of the row beside it."""
        same = np.take(self._lengths, codes, mode="wrap") == lengths
        return same & _equal_rows(np.take(self._words, codes, axis=0, mode="wrap"), words)

    def _rows(self, ids: Packed, first: int, last: int) -> tuple[NDArray[np.uint64], Array]:
        """Words and lengths of some ids; the length -1 for those that words cannot hold."""
        lengths = np.diff(ids.ends[first : last + 1])
        width = self._words.shape[1]
        words = ids.words(first, last, width)
        return words, np.where(lengths <= width * 8, lengths, MISSING).astype(np.int32)

    def _encode_long(self, ids: Packed, number: int) -> int:
        if ids.known is not None and not ids.known[number]:
            return MISSING
        text = _text_at(ids, number)
        if text not in self._long:
            self._long[text] = self._count
            width = self._words.shape[1]
            self._store(np.zeros((1, width), np.uint64), np.full(1, MISSING, np.int32))
        return self._long[text]

    def _widen(self, width: int) -> None:
        if width > self._words.shape[1]:
            wider = np.zeros((len(self._lengths), width), np.uint64)
            wider[:, : self._words.shape[1]] = self._words
            self._words = wider

    def _make_room(self, more: int) -> None:
        """Keep the table at most half full."""
        wanted = 2 * (self._count + more)
        if wanted <= len(self._slots):
            return
        self._slots = np.full(1 << (wanted * 3 // 2).bit_length(), MISSING, np.int32)
        mask = np.uint64(len(self._slots) - 1)
        words, lengths = self._words[: self._count], self._lengths[: self._count]
        waiting = np.flatnonzero(lengths >= 0).astype(np.int32)
        places = (_hashes(words[waiting], lengths[waiting]) & mask).astype(np.intp)
        while waiting.size:
            empty = self._slots[places] == MISSING
            self._slots[places[empty]] = waiting[empty]
            left = self._slots[places] != waiting
            waiting, places = waiting[left], (places[left] + 1) & int(mask)


def _text_at(ids: Packed, number: int) -> str:
    data = ids.data[int(ids.ends[number]) : int(ids.ends[number + 1])]
    return data.tobytes().decode("utf-8", "surrogatepass")


def _hashes(words: NDArray[np.uint64], lengths: Array) -> NDArray[np.uint64]:
    """One number a row; words of zero add nothing, so that the width does not matter."""
    mixed = lengths.astype(np.uint64) * _FACTORS[0]
    for number in range(words.shape[1]):
        word = words[:, number]
        mixed += (word ^ (word >> _HALF)) * _FACTORS[number]
    mixed ^= mixed >> _HALF
    mixed *= _FACTORS[1]
    mixed ^= mixed >> _THIRD
    return mixed


def _equal_rows(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> Mask:
    equal = first == second
    same = equal[:, 0]
    for number in range(1, equal.shape[1]):
        same = same & equal[:, number]
    return same


def _grown(array: Array, capacity: int, used: int) -> Array:
    grown = np.zeros((capacity, *array.shape[1:]), array.dtype)
    grown[:used] = array[:used]
    return grown


def codes_of_texts(texts: Packed, dictionary: Dictionary) -> Codes:
    """Codes of packed texts, new ones if need be; each different text is made an object once."""
    if isinstance(dictionary, Codebook):
        return dictionary.encode_packed(texts)
    book = Codebook()
    local = book.encode_packed(texts)
    return np.append(dictionary.encode(book.values), np.int32(MISSING))[local]
