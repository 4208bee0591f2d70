"""Closed lists of words, each with its English value and its Chinese name."""

from __future__ import annotations

from enum import Enum
from typing import Self

from segmentkit.errors import UnknownNameError, WrongTypeError
from segmentkit.text import nearest, text_key


class Term(Enum):
    """
    Base of the enumerations that people read: `value` is English and stored, `chinese` is shown.
    """

    chinese: str

    def __new__(cls, english: str, chinese: str) -> Self:
        term = object.__new__(cls)
        term._value_ = english
        term.chinese = chinese
        return term

    @classmethod
    def read(cls, word: str | Self) -> Self:
        """
        The term of that English or Chinese word; a term is itself.

        Raises:
            UnknownNameError: there is none; the remedy lists them all, the nearest first.
            WrongTypeError: it is neither a word nor a term of this list.
        """
        if isinstance(word, cls):
            return word
        if not isinstance(word, str):
            raise WrongTypeError(word, cls.__name__, f"Give a {cls.__name__} or its word")
        by_word = {text_key(name): term for term in cls for name in (term.value, term.chinese)}
        found = by_word.get(text_key(word))
        if found is None:
            near = nearest(word, by_word)
            hint = f"Did you mean {near!r}? " if near else ""
            words = ", ".join(f"{term.value} ({term.chinese})" for term in cls)
            raise UnknownNameError(word, cls.__name__, f"{hint}Known are {words}")
        return found
