"""Which keys `has tag 'VIP'`, `in group under '客户'` and `has tag like '双11*'` mean."""

from __future__ import annotations

from collections.abc import Callable, Collection

from segmentkit.engines.semantics.laws import glob_matches
from segmentkit.errors import InvalidValueError, NotPortableError
from segmentkit.query import KeyPattern, Keys, Names, Reference, Text, tree_kind
from segmentkit.text import text_key


def key_test(keys: Keys | KeyPattern, kind: str, names: Names | None) -> Callable[[str], bool]:
    """
    Whether a key of a row is one of those that are meant.

    Ids are meant as they are stored; texts, where names do not know the kind, by their text key. A
    glob is asked of every name that a thing answers to, of a tag both 'VIP' and '等级/VIP'.

    Args:
        keys: of the activity, bound.
        kind: of things that the keys are ids of.
        names: of the run.

    Examples:
        >>> test = key_test(Keys((Text("VIP"),)), "tag", None)
        >>> test("ｖｉｐ"), test("普通")
        (True, False)
    """
    if isinstance(keys, KeyPattern):
        return _like(keys.pattern.value, kind, names)
    ids: set[str] = set()
    texts: set[str] = set()
    for value in keys.values:
        match value:
            case Reference():
                ids.update(_below(value, names) if keys.under else (value.id,))
            case Text():
                if keys.under and names is not None:
                    ids.update(names.below(tree_kind(kind), value.value))
                texts.add(text_key(value.value))
            case _:
                raise NotPortableError("any", f"a key that is no text: {value!r}", "Name the keys")
    texts.discard("")
    if not texts:
        return ids.__contains__
    return lambda key: key in ids or text_key(key) in texts


def _like(pattern: str, kind: str, names: Names | None) -> Callable[[str], bool]:
    glob = text_key(pattern)
    if not glob:
        return lambda key: False
    if names is None or not names.knows(kind):
        return lambda key: glob_matches(glob, text_key(key))
    ids = {
        thing.id
        for name in set(names.all_names(kind))
        if glob_matches(glob, text_key(name))
        for thing in names.find(kind, name)
    }
    return ids.__contains__


def _below(reference: Reference, names: Names | None) -> Collection[str]:
    if names is None:
        raise InvalidValueError(reference.id, "under", "Give the run the names it needs")
    # Keys of a tag group are tags: `below` of a tag group answers with ids of tags.
    return names.below(reference.kind, reference.id)
