"""Texts as numbers: each different text is kept once and known by its code."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable

import numpy as np

from segmentkit.engines.columnar.arrays import Codes, Mask
from segmentkit.text import text_key

MISSING = -1
# What remembered tables of one dictionary may hold together, in texts.
_REMEMBERED = 32_000_000


class Dictionary(ABC):
    """
    Different texts, numbered from 0 as they come; it only grows.

    A code of -1 is a missing text. Tables made here have one place more than there are texts, the
    last one, which answers for -1.
    """

    __slots__ = ("_common", "_key_codes", "_keys", "_tables")

    def __init__(self) -> None:
        self._keys: dict[str, int] = {}
        self._key_codes: Codes = np.full(1, MISSING, np.int32)
        self._tables: dict[Hashable, Mask] = {}
        self._common: dict[tuple[int, bool], tuple[Dictionary, int, Codes]] = {}

    @abstractmethod
    def __len__(self) -> int: ...

    @property
    @abstractmethod
    def values(self) -> list[str]:
        """Every text, in the order of the codes; not to be changed."""
        ...

    @abstractmethod
    def text(self, code: int) -> str:
        """The text of a code."""
        ...

    @abstractmethod
    def find(self, value: str) -> int:
        """The code of a text, -1 when there is none."""
        ...

    @abstractmethod
    def encode(self, values: Iterable[str | None]) -> Codes:
        """Codes of texts, new ones if need be; -1 for None."""
        ...

    @abstractmethod
    def memory(self) -> int:
        """Bytes of the texts and of what finds them, about."""
        ...

    def table(self, law: Callable[[str], bool], token: Hashable = None) -> Mask:
        """
        For each text, whether *law* holds of it; false of a missing one.

        Args:
            law: asked once for each text.
            token: equal tokens mean equal laws; the answers are then remembered.
        """
        known = None if token is None else self._tables.get(token)
        done = 0 if known is None else len(known) - 1
        size = len(self)
        if known is not None and done == size:
            return known
        table = np.zeros(size + 1, np.bool_)
        if known is not None:
            table[:done] = known[:done]
        table[done:-1] = [law(text) for text in self.values[done:]]
        if token is not None:
            self._remember(token, table)
        return table

    def _remember(self, token: Hashable, table: Mask) -> None:
        self._tables.pop(token, None)
        while self._tables and (len(self._tables) + 1) * len(table) > _REMEMBERED:
            self._tables.pop(next(iter(self._tables)))
        self._tables[token] = table

    def one(self, value: str) -> Mask:
        """The table that holds of one text exactly as it is written."""
        table = np.zeros(len(self) + 1, np.bool_)
        code = self.find(value)
        if code != MISSING:
            table[code] = True
        return table

    def key_codes(self) -> Codes:
        """For each text a number that it shares with the texts of the same key; -1 for missing."""
        done = len(self._key_codes) - 1
        if done < len(self):
            keys = self._keys
            more = [keys.setdefault(text_key(v), len(keys)) for v in self.values[done:]]
            self._key_codes = np.append(self._key_codes[:done], [*more, MISSING]).astype(np.int32)
        return self._key_codes

    def common_codes(self, other: Dictionary, *, exactly: bool) -> Codes:
        """
        For each text of this dictionary the code (the key code unless *exactly*) that the same text
        has in *other*; -1 where it has none and for missing.
        """
        if not len(self) or not len(other):
            return np.full(len(self) + 1, MISSING, np.int32)
        sizes = len(self) + len(other)
        beside = self._common.get((id(other), exactly))
        if beside is not None and beside[1] == sizes:
            return beside[2]
        if exactly:
            found = [other.find(value) for value in self.values]
        else:
            other.key_codes()
            keys = other._keys
            found = [keys.get(text_key(value), MISSING) for value in self.values]
        common = np.array([*found, MISSING], np.int32)
        # What is kept keeps the other dictionary, so that no third one can have its identity.
        self._common[id(other), exactly] = other, sizes, common
        return common


class TextDictionary(Dictionary):
    """Texts as Python objects: for fields with few different values."""

    __slots__ = ("_codes", "_values")

    def __init__(self, values: Iterable[str] = ()) -> None:
        super().__init__()
        self._values = list(values)
        self._codes = {value: code for code, value in enumerate(self._values)}

    def __len__(self) -> int:
        return len(self._values)

    @property
    def values(self) -> list[str]:
        return self._values

    def text(self, code: int) -> str:
        return self._values[code]

    def find(self, value: str) -> int:
        return self._codes.get(value, MISSING)

    def add(self, value: str) -> int:
        """The code of a text, a new one if need be."""
        code = self._codes.setdefault(value, len(self._values))
        if code == len(self._values):
            self._values.append(value)
        return code

    def encode(self, values: Iterable[str | None]) -> Codes:
        add = self.add
        return np.array([MISSING if v is None else add(v) for v in values], np.int32)

    def memory(self) -> int:
        texts = sum(value.__sizeof__() for value in self._values)
        return texts + self._values.__sizeof__() + self._codes.__sizeof__()
