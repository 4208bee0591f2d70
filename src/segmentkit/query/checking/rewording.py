"""A literal of the wrong type, written as one of the right type: `'30'` as `30`."""

from __future__ import annotations

import re
from datetime import date

from segmentkit.model import NUMERIC_TYPES, FieldType
from segmentkit.query import ast
from segmentkit.query.diagnostics import Language
from segmentkit.query.literals import print_text
from segmentkit.query.words import KEYWORDS, UNITS
from segmentkit.text import text_key

_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?")
_YES = frozenset({"true", "yes", "1", "是", "真", "有"})
_NO = frozenset({"false", "no", "0", "否", "假", "无"})


def literal_for(wanted: FieldType, node: ast.Value, written: str, lang: Language) -> str | None:
    """
    How *node* would be written where *wanted* is, or None where that cannot be told.

    Args:
        wanted: the type of what it is compared with.
        node: a literal.
        written: what the literal was read from; "" when it was not read from text.
        lang: of the words.

    Examples:
        >>> literal_for(FieldType.INTEGER, ast.Text("30"), "'30'", "en")
        '30'
        >>> literal_for(FieldType.TEXT, ast.Number(138), "138", "en")
        "'138'"
    """
    if not written:
        return None
    match node:
        case ast.Text():
            return _unquoted(wanted, node.value.strip(), lang)
        case ast.Number():
            if wanted is FieldType.TEXT:
                return print_text(written)
            if wanted is FieldType.DURATION and isinstance(node.value, int):
                return f"{written} {UNITS['second'].spelt(lang)}"
            return _truth(written, lang) if wanted is FieldType.BOOLEAN else None
        case _:
            return None


def _unquoted(wanted: FieldType, text: str, lang: Language) -> str | None:
    if wanted in NUMERIC_TYPES:
        return text if _NUMBER.fullmatch(text) else None
    if wanted in (FieldType.DATE, FieldType.INSTANT):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            return None
    return _truth(text, lang) if wanted is FieldType.BOOLEAN else None


def _truth(text: str, lang: Language) -> str | None:
    key = text_key(text)
    word = "true" if key in _YES else "false" if key in _NO else None
    return None if word is None else KEYWORDS[word].spelt(lang)
