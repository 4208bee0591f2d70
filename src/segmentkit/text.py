"""
Text as people see it: the key that decides whether two texts are the same, the columns that a text
takes on a screen, and the nearest known word to a misspelt one.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# Characters that join or split words without being seen: zero-width space and joiners, the word
# joiner, the byte-order mark and the soft hyphen.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
# Pinyin or stroke similarity would need a table; for short Chinese names one changed character out
# of two or three already falls under difflib's usual cutoff.
_CUTOFF = 0.6
_CUTOFF_SHORT = 0.4


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


def nearest(word: str, known: Iterable[str]) -> str | None:
    """
    The known word most like *word*, or None when none is near.

    Examples:
        >>> nearest("purchse", ["purchase", "view_product"])
        'purchase'
        >>> nearest("年纪", ["年龄", "城市"])
        '年龄'
    """
    by_key: dict[str, str] = {}
    for name in known:
        by_key.setdefault(text_key(name), name)
    wanted = text_key(word)
    cutoff = _CUTOFF_SHORT if len(wanted) <= 3 and not wanted.isascii() else _CUTOFF
    found = difflib.get_close_matches(wanted, by_key, n=1, cutoff=cutoff)
    return by_key[found[0]] if found else None
