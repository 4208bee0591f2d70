"""An immutable, hashable mapping from text to values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar, cast

from segmentkit.errors import WrongTypeError

V = TypeVar("V")


class FrozenMap(Mapping[str, V], Generic[V]):
    """
    A mapping that cannot change after it is made, so that values can hold it.

    It equals every mapping that holds the same pairs, in whatever order.

    Examples:
        >>> fields = FrozenMap({"city": "福州"})
        >>> fields.put(level=3)
        FrozenMap({'city': '福州', 'level': 3})
        >>> fields
        FrozenMap({'city': '福州'})
    """

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Mapping[str, V] | Iterable[tuple[str, V]] = ()) -> None:
        try:
            self._pairs: dict[str, V] = dict(pairs)
        except (TypeError, ValueError):
            raise WrongTypeError(pairs, "pairs of a mapping", "Give {name: value}") from None

    def __getitem__(self, name: str) -> V:
        return self._pairs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __contains__(self, name: object) -> bool:
        return name in self._pairs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return self._pairs == dict(cast("Mapping[object, object]", other))

    def __hash__(self) -> int:
        return hash(frozenset(self._pairs.items()))

    def __repr__(self) -> str:
        return f"FrozenMap({self._pairs!r})"

    def put(self, pairs: Mapping[str, V] | None = None, /, **named: V) -> FrozenMap[V]:
        """A copy in which these names have these values."""
        return FrozenMap({**self._pairs, **FrozenMap(pairs or {}), **named})

    def drop(self, *names: str) -> FrozenMap[V]:
        """A copy without these names."""
        return FrozenMap({name: v for name, v in self._pairs.items() if name not in names})
