"""
Patterns of what is written: blanks, the words of the table, names, marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from segmentkit.query.diagnostics import Language
from segmentkit.query.words import KEYWORDS, UNITS, Word, all_words

# What may stand between two words: blanks of every script, the zero-width characters that pasted
# text brings along, and comments.
BLANK = r"[\s\u200b\ufeff]"
# Possessive, or a pattern that fails after a comment would look for its token inside it.
BLANKS = rf"{BLANK}*+(?:#[^\n]*+{BLANK}*+)*+"

_PLAIN_NAME = r"[^\W\d]\w*+"
_QUOTED_NAME = r"`(?:[^`\\\r\n]++|\\[^\r\n])++`"
# What may follow a Chinese unit without a blank: "3 天内", "30 天前".
_AFTER_UNIT = "|".join(KEYWORDS["within"].zh + KEYWORDS["ago"].zh)


def spelling_pattern(words: Iterable[Word], *, lang: Language | None = None) -> str:
    """
    A regular expression for every spelling of *words*, in one language or in both.

    An English word ends where its letters end. A Chinese word may be followed by a digit or a mark,
    and a unit also by 内 and 前, but by no other letter: 在 is a word, 在线 is a name.
    """
    chosen = tuple(words)
    parts: list[str] = []
    if lang != "zh":
        parts.append(_any_of(s for w in chosen for s in w.en) + r"(?!\w)")
    if lang != "en":
        units = [word for word in chosen if word in UNITS.values()]
        others = [word for word in chosen if word not in units]
        if others:
            parts.append(_any_of(s for w in others for s in w.zh) + r"(?![^\W\d])")
        if units:
            zh = _any_of(s for w in units for s in w.zh)
            parts.append(f"{zh}(?:(?![^\\W\\d])|(?={_AFTER_UNIT}))")
    return f"(?:{'|'.join(parts)})"


def _any_of(spellings: Iterable[str]) -> str:
    """The longest of *spellings* that matches, in any case; common beginnings are tried once."""
    ends = ""
    by_first: dict[str, list[str]] = {}
    for spelling in spellings:
        if spelling:
            by_first.setdefault(spelling[0], []).append(spelling[1:])
        else:
            ends = "?"
    ways = [_character(first) + _any_of(rest) for first, rest in by_first.items()]
    if not ways:
        return ""
    return f"(?:{'|'.join(ways)}){ends}" if ends or len(ways) > 1 else ways[0]


def _character(character: str) -> str:
    """Case is written out, because `(?i)` would take `ſ` for `s`."""
    if character == " ":
        return r"\s+"
    if character.isascii() and character.isalpha():
        return f"[{character}{character.upper()}]"
    return re.escape(character)


_RESERVED = spelling_pattern(word for word in all_words() if not word.is_name_too)
# A name in a place where words can stand too, and a name after a dot, where none can.
NAME = rf"(?:{_QUOTED_NAME}|(?!{_RESERVED}){_PLAIN_NAME})"
NAME_AFTER_DOT = rf"(?:{_QUOTED_NAME}|{_PLAIN_NAME})"


def normal_spelling(text: str) -> str:
    """
    One form for all ways to write a word: its case and the blanks inside do not matter.

    Examples:
        >>> normal_spelling("At  Least")
        'at least'
    """
    return " ".join(text.lower().split())


def by_spelling(words: Iterable[Word]) -> dict[str, Word]:
    """Each spelling of *words*, in normal form, and its word."""
    return {normal_spelling(spelling): word for word in words for spelling in word.spellings}


def marks_pattern(marks: Iterable[str]) -> str:
    """The longest of *marks* that matches."""
    return "|".join(map(re.escape, sorted(marks, key=len, reverse=True)))
