"""
Text as people see it: the key that decides whether two texts are the same, the columns that a text
takes on a screen, and the nearest known word to a misspelt one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Literal

# Characters that join or split words without being seen: zero-width space and joiners, the word
# joiner, the byte-order mark and the soft hyphen.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
# A misspelt word is looked for among so many at most, and so many names are shown.
_MOST_COMPARED = 10_000
_MOST_SHOWN = 5


@lru_cache(maxsize=65_536)
def text_key(text: str) -> str:
    """
    The form under which two texts count as the same.

    NFKC, casefold, NFKC again (casefolding can leave compatibility forms behind), zero-width
    characters removed, runs of blanks collapsed to one space, outer blanks dropped.

    Examples:
        >>> text_key("  ＶＩＰ\\u3000客户 ") == text_key("vip 客户")
        True
    """
    if text.isascii():
        folded = text.casefold()
    else:
        # What is printable throughout has no invisible character; that is quick to know.
        visible = text if text.isprintable() else _INVISIBLE.sub("", text)
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    return " ".join(folded.split())


def plain_text(text: str) -> str:
    """
    A text as nothing but that: a member of an Enum of texts is written otherwise than it reads.

    Examples:
        >>> from enum import Enum
        >>> class City(str, Enum):
        ...     FUZHOU = "福州"
        >>> plain_text(City.FUZHOU)
        '福州'
    """
    return text if type(text) is str else str.__str__(text)


def display_width(text: str) -> int:
    """
    Columns that *text* takes in a terminal: two for wide characters, none for combining ones.

    Examples:
        >>> display_width("标签 VIP")
        8
    """
    return sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc") else 1


def pad(text: str, width: int, *, right: bool = False) -> str:
    """*text* filled with spaces to *width* columns, on its left when it is to stand *right*."""
    blanks = " " * max(0, width - display_width(text))
    return blanks + text if right else text + blanks


def plural(noun: str) -> str:
    """
    An English noun of which there are several; a name in another script stays as it is.

    Examples:
        >>> plural("opportunity"), plural("tag"), plural("标签")
        ('opportunities', 'tags', '标签')
    """
    if noun.endswith("staff") or not noun.isascii():
        return noun
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """
    The known word that *word* was most likely meant to be, or None when none is near.

    Near is what a few slips of the hand make of it: a character too many, too few or wrong, or two
    in each other's place. The shorter the words, the fewer: none up to two letters, one up to five,
    two up to eight, three in longer ones. A Chinese character says as much as several letters, so
    there it is one slip in two to four characters, two up to seven, three in more. The beginning of
    a known word, half of it at least, is near too.

    Examples:
        >>> nearest("purchse", ["purchase", "view_product"])
        'purchase'
        >>> nearest("年纪", ["年龄", "城市"])
        '年龄'
        >>> nearest("kind", ["id", "city"]) is None
        True
    """
    wanted = text_key(word)
    best, fewest = None, len(wanted) + 1
    for name in islice(known, _MOST_COMPARED):
        key = text_key(name)
        allowed = min(_slips_allowed(max(wanted, key, key=len)), fewest - 1)
        if key.startswith(wanted) and len(key) <= 2 * len(wanted) and len(wanted) > 1:
            allowed = fewest - 1
        slips = _slips(wanted, key, allowed)
        if slips <= allowed:
            best, fewest = name, slips
    return best


def _slips_allowed(longer: str) -> int:
    ends = (2, 5, 8) if longer.isascii() else (1, 4, 7)
    return sum(len(longer) > end for end in ends)


def _slips(one: str, other: str, most: int) -> int:
    """How many slips lead from one text to the other; any number above *most* when it is more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, mine in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, theirs in enumerate(other, 1):
            fewest = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (mine != theirs))
            if i > 1 and j > 1 and mine == other[j - 2] and one[i - 2] == theirs:
                fewest = min(fewest, above[j - 2] + 1)
            row.append(fewest)
        if min(row) > most:
            return most + 1
    return row[-1]


def some_of(known: Iterable[str], lang: Literal["en", "zh"] = "en") -> str:
    """
    The first few of some names, and how many more there are; "" for none.

    Examples:
        >>> some_of(["city", "age"])
        "'city', 'age'"
        >>> some_of("abcdefgh")
        "'a', 'b', 'c', 'd', 'e' and 3 more"
        >>> some_of("abcdefgh", "zh")
        '“a”、“b”、“c”、“d”、“e”等 8 个'
    """
    names = list(dict.fromkeys(known))
    more = len(names) - _MOST_SHOWN
    if lang == "zh":
        shown = "、".join(f"“{name}”" for name in names[:_MOST_SHOWN])
        return f"{shown}等 {len(names)} 个" if more > 0 else shown
    shown = ", ".join(map(repr, names[:_MOST_SHOWN]))
    return f"{shown} and {more} more" if more > 0 else shown


def suggestion(word: str, known: Iterable[str]) -> str:
    """
    What to say of a word that is not known: the one that was meant, or else what there is.

    Examples:
        >>> suggestion("purchse", ["purchase", "view_product"])
        "Did you mean 'purchase'?"
        >>> suggestion("refund", ["purchase", "view_product"])
        "There are 'purchase', 'view_product'"
        >>> suggestion("refund", [])
        'There are none'
    """
    names = list(known)
    near = nearest(word, names)
    if near is not None:
        return f"Did you mean {near!r}?"
    return f"There are {some_of(names) or 'none'}"
