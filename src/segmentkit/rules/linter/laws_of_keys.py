"""What always holds between claims about the key of a row: ids, trees of things, their names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

from segmentkit.query import Names, tree_kind
from segmentkit.rules.linter.formulas import Atom, Holds, Is, IsExactly, IsNamedLike, IsUnder
from segmentkit.rules.linter.law import Law, law
from segmentkit.rules.linter.texts import Pattern, TooManyStates, text_that
from segmentkit.text import text_key


def laws_of_keys(claims: list[Atom], names: Names | None) -> Iterator[Law]:
    """Trees are as they stand today; without names a thing is under itself, and that is all."""
    unders = [claim for claim in claims if isinstance(claim, IsUnder)]
    likes = [claim for claim in claims if isinstance(claim, IsNamedLike)]
    for claim in claims:
        if isinstance(claim, IsExactly):
            for under in unders:
                yield from _placed(claim, under, names)
        if isinstance(claim, IsExactly) or (isinstance(claim, Is) and isinstance(claim.value, str)):
            for like in likes:
                yield from _named(claim, like, names)
    for one, other in combinations(unders, 2):
        yield from _trees(one, other, names)
    for one, other in permutations(likes, 2):
        if _is_within(one.pattern, other.pattern):
            yield law(one, then=other)


def is_meant(claim: IsUnder | IsNamedLike, key: str, names: Names | None) -> bool | None:
    """Whether an id is a key that is meant; None where only names could tell."""
    if names is None:
        return None
    if isinstance(claim, IsUnder):
        return key in names.below(claim.kind, claim.thing)
    if not names.knows(claim.kind):
        return None
    glob = Pattern.of("like", claim.pattern)
    return any(
        thing.id == key
        for name in names.all_names(claim.kind)
        if glob.passes(text_key(name))
        for thing in names.find(claim.kind, name)
    )


def _placed(key: IsExactly, under: IsUnder, names: Names | None) -> Iterator[Law]:
    meant = is_meant(under, key.text, names)
    if meant is not None:
        yield law(key, then=Holds(under, meant))
    elif key.text == under.thing and tree_kind(under.kind) == under.kind:
        yield law(key, then=under)


def _named(key: IsExactly | Is, like: IsNamedLike, names: Names | None) -> Iterator[Law]:
    meant = is_meant(like, key.text, names) if isinstance(key, IsExactly) else None
    if meant is not None:
        yield law(key, then=Holds(like, meant))
        return
    # A text is the thing's name, and other names it may have too.
    text = key.text if isinstance(key, IsExactly) else str(key.value)
    if Pattern.of("like", like.pattern).passes(text_key(text)):
        yield law(key, then=like)


def _trees(one: IsUnder, other: IsUnder, names: Names | None) -> Iterator[Law]:
    """Two trees are one in the other, or apart."""
    if names is None:
        return
    keys, others = (frozenset(names.below(each.kind, each.thing)) for each in (one, other))
    if keys <= others:
        yield law(one, then=other)
    if others <= keys:
        yield law(other, then=one)
    if not keys & others:
        yield (Holds(one, False), Holds(other, False))


def _is_within(narrow: str, wide: str) -> bool:
    """Whether every text that passes the one glob passes the other."""
    passing, failing = (frozenset({Pattern.of("like", glob)}) for glob in (narrow, wide))
    try:
        return text_that(passing, failing) is None
    except TooManyStates:
        return False
