"""Text to condition."""

from __future__ import annotations

import re

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import WrongTypeError
from segmentkit.query.ast import Condition, InList, Keys, TextMatch, walk
from segmentkit.query.parsing.mistakes import explain
from segmentkit.query.parsing.reading import USUAL_LIMITS, Limits, Source, Stuck, refused

# Control characters and halves of surrogate pairs have no place in text of any language.
_bad_character = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]").search


@refuse_other_types
def parse(text: str, *, limits: Limits = USUAL_LIMITS) -> Condition:
    """
    The condition that *text* says, in English words, Chinese words or both.

    Args:
        text: a query.
        limits: how large it may be.

    Raises:
        QueryError: the text is no condition; its one diagnostic says what is wrong and where.
        WrongTypeError: *text* is no str.

    Examples:
        >>> parse("did purchase in last 90 days").collection
        'purchase'
        >>> parse("年龄 >= 18 且 城市 = '福州'") == parse("年龄 >= 18 and 城市 = '福州'")
        True
    """
    if not isinstance(text, str):
        raise WrongTypeError(text, "query", "Give the query as a str")
    if len(text) > limits.characters:
        raise refused(text, "too_long", (0, 1), size=len(text), limit=limits.characters)
    bad = _bad_character(text)
    if bad is not None:
        raise refused(text, "bad_character", bad.span(), found=f"U+{ord(bad[0]):04X}")
    condition = _read(text, limits)
    # A node takes at least one character, so a short text needs no counting.
    if len(text) > limits.nodes and _size(condition) > limits.nodes:
        raise refused(text, "too_many_nodes", (0, 1), limit=limits.nodes)
    return condition


def _size(condition: Condition) -> int:
    """How many nodes, without the items of lists, which have their own limit."""
    size = 0
    for node in walk(condition):
        match node:
            case InList(items=tuple(items)) | TextMatch(patterns=tuple(items)) | Keys(values=items):
                size += 1 - len(items)
            case _:
                size += 1
    return size


def _read(text: str, limits: Limits) -> Condition:
    # Here, because the grammar takes 0.1 s to build; the import lock lets one thread do it.
    from segmentkit.query.parsing.grammar import conditions

    source = Source(text, limits, fast=True)
    try:
        return conditions.read_all(source)
    except RecursionError:
        raise refused(text, "too_deep", (0, 1), limit=limits.depth) from None
    except Stuck:
        plain = Source(text, limits)
    try:
        return conditions.read_all(plain)
    except Stuck:
        raise explain(plain) from None
