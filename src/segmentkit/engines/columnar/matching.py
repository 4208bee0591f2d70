"""Texts against patterns that are computed too: a pattern for each place."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from segmentkit.engines.columnar.arrays import Array, Mask
from segmentkit.engines.columnar.dictionary import Dictionary
from segmentkit.engines.columnar.vectors import Lists, Texts
from segmentkit.engines.semantics import text_test
from segmentkit.text import text_key


def passes(operation: str, texts: Texts, patterns: Texts) -> Mask:
    """
    Where a text passes `contains`, `starts_with`, `ends_with` or `like` with the pattern beside it.

    Each different pair is asked once. A missing side passes nothing.
    """

    @cache
    def law(pattern: int) -> Callable[[str], bool]:
        return text_test(operation, patterns.dictionary.text(pattern))

    known = (texts.codes >= 0) & (patterns.codes >= 0)
    width = len(patterns.dictionary) + 1
    # One number for each pair; -1 where a side is missing.
    pairs: Array = np.where(known, texts.codes.astype(np.int64) * width + patterns.codes, -1)
    found, places = np.unique(pairs, return_inverse=True)
    verdicts = [
        pair >= 0 and law(pair % width)(texts.dictionary.text(pair // width))
        for pair in map(int, found)
    ]
    return np.array(verdicts, np.bool_)[places].reshape(pairs.shape)


def has_item(lists: Lists, texts: Texts) -> Mask:
    """Where a list holds a text of the same key as the text beside it."""
    starts, stops, codes = np.broadcast_arrays(lists.starts, lists.stops, texts.codes)
    lengths = (stops - starts).ravel()
    # Each item of each list, beside the place of its list.
    owners = np.repeat(np.arange(lengths.size), lengths)
    before = np.cumsum(lengths) - lengths
    at = np.arange(owners.size) - before[owners] + starts.ravel()[owners]
    wanted = texts.dictionary.key_codes()[codes.ravel()[owners]]
    same = lists.dictionary
    if same is texts.dictionary:
        items = same.key_codes()[lists.items[at]]
    else:
        items = same.common_codes(texts.dictionary, exactly=False)[lists.items[at]]
    found: Mask = np.zeros(lengths.size, np.bool_)
    found[owners[(items == wanted) & (wanted >= 0)]] = True
    return found.reshape(starts.shape)


def any_item(lists: Lists, dictionary: Dictionary, key: str) -> Mask:
    """Where a list holds a text of one key."""
    table = dictionary.table(lambda text: text_key(text) == key, ("keys", frozenset({key})))
    before: Array = np.zeros(len(lists.items) + 1, np.int64)
    np.cumsum(table[lists.items], out=before[1:])
    return np.asarray(before[lists.stops] > before[lists.starts], np.bool_)
