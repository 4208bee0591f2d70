"""JSON data that is being read: what it may be, where in it something stands, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias, cast

from segmentkit.errors import UnknownNameError, WrongTypeError
from segmentkit.text import nearest

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
# Where a value stands, innermost last: ((None, "changes"), 3). Written out only in an error.
Place: TypeAlias = "tuple[Place | None, str | int]"
Writer: TypeAlias = Callable[[Any], Json]
Reader: TypeAlias = Callable[[Any, Place], Any]


def members_of(data: Any, place: Place) -> dict[str, Any]:
    if not isinstance(data, dict):
        refuse_type(data, place, "Give an object")
    members = cast("dict[Any, Any]", data)
    for name in members:
        if not isinstance(name, str):
            refuse_type(name, place, "The keys of an object are texts")
    return members


def written(place: Place | None) -> str:
    """`changes[3].after.tag`"""
    parts: list[str] = []
    while place is not None:
        place, last = place
        parts.append(f"[{last}]" if isinstance(last, int) else f".{last}")
    return "".join(reversed(parts)).removeprefix(".")


def refuse_type(data: Any, place: Place, remedy: str) -> NoReturn:
    raise WrongTypeError(data, written(place), remedy)


def refuse_word(word: Any, place: Place, known: Any) -> NoReturn:
    near = nearest(word, known) if isinstance(word, str) else None
    remedy = f"Did you mean {near!r}?" if near else f"Known are {', '.join(map(str, known))}"
    raise UnknownNameError(word, written(place), remedy)
