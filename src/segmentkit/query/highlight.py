"""
Coloured text for a host's editor: every token of a query, right or wrong, with its kind.

This looks at one token at a time, not at the grammar, so it colours a query that is still being
written.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, cast

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.query import literals
from segmentkit.query.ast import Span
from segmentkit.query.spelling import BLANK, NAME, NAME_AFTER_DOT, marks_pattern, spelling_pattern
from segmentkit.query.words import AGGREGATES, ARITHMETIC, COMPARISONS, UNITS, all_words

TokenKind = Literal[
    "word", "unit", "function", "name", "parameter", "number", "date", "text", "mark", "comment",
    "unknown",
]  # fmt: skip


@frozen
class Token:
    """
    A piece of a query.

    Attributes:
        span: (start, end) in code points.
        kind: what it looks like; "unknown" is what no query can hold, like an unclosed quote.
    """

    span: Span
    kind: TokenKind


@refuse_other_types
def highlight(text: str) -> tuple[Token, ...]:
    """
    The tokens of *text* in order, which together cover everything but the blanks.

    Examples:
        >>> text = "最近 30 天 did purchase"
        >>> [(text[slice(*token.span)], token.kind) for token in highlight(text)]
        [('最近', 'word'), ('30', 'number'), ('天', 'unit'), ('did', 'word'), ('purchase', 'name')]
    """
    tokens: list[Token] = []
    after_amount = False
    for found in _tokens().finditer(text):
        kind = cast(str, found.lastgroup)
        if kind == "soft_word":
            # `to`, `ago`, `times`, `days` are names unless something is counted before them.
            kind = "name"
            if after_amount:
                kind = "unit" if _units().fullmatch(found[0]) else "word"
        elif kind == "name_after_dot":
            kind = "name"
        tokens.append(Token(found.span(), cast(TokenKind, kind)))
        if kind != "comment":
            after_amount = kind in ("number", "parameter", "unit", "date") or found[0] in ")）"
    return tuple(tokens)


@cache
def _tokens() -> re.Pattern[str]:
    """The alternatives of one token, the more particular first."""
    hard = [word for word in all_words() if not word.is_name_too]
    soft = [word for word in all_words() if word.is_name_too and word not in AGGREGATES.values()]
    bracket = rf"(?={BLANK}*[(（])"
    alternatives = {
        "comment": r"#[^\n]*",
        "text": literals.TEXT,
        "date": literals.DATE,
        "number": literals.NUMBER,
        "parameter": literals.PARAMETER,
        "name_after_dot": rf"(?<=\.){NAME_AFTER_DOT}",
        "function": rf"{spelling_pattern(AGGREGATES.values())}{bracket}|{NAME}{bracket}",
        "word": spelling_pattern(hard),
        "soft_word": spelling_pattern(soft),
        "name": NAME_AFTER_DOT,
        "mark": marks_pattern([*COMPARISONS, *ARITHMETIC, *"()（）,，、."]),
        "unknown": rf"""[{"".join(literals.QUOTES)}`][^\n]*|(?:(?!{BLANK}).)""",
    }
    pattern = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in alternatives.items())
    return re.compile(pattern, re.DOTALL)


@cache
def _units() -> re.Pattern[str]:
    return re.compile(spelling_pattern(UNITS.values()))
