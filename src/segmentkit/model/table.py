"""Where a state keeps its things: by id, or in rows by contact."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from segmentkit.errors import DuplicateIdError, StaleVersionError


class Keyed(Protocol):
    @property
    def key(self) -> tuple[str, ...]: ...


class OfContact(Keyed, Protocol):
    @property
    def contact(self) -> str: ...


T = TypeVar("T", bound=Keyed)
R = TypeVar("R", bound=OfContact)


class Things(Generic[T]):
    """Things by id."""

    __slots__ = ("_by_id", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._by_id: dict[str, T] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, thing_id: object) -> bool:
        return thing_id in self._by_id

    def get(self, thing_id: str) -> T | None:
        return self._by_id.get(thing_id)

    def ids(self) -> KeysView[str]:
        return self._by_id.keys()

    def values(self) -> ValuesView[T]:
        return self._by_id.values()

    def current(self, thing: T) -> T | None:
        """The thing that stands under the key of another."""
        return self._by_id.get(thing.key[0])

    def replace(self, before: T | None, after: T | None) -> None:
        """Put one thing in the place of another; None is nothing."""
        thing = after if after is not None else before
        assert thing is not None
        thing_id = thing.key[0]
        refuse_other(self._name, before, self._by_id.get(thing_id))
        if after is None:
            del self._by_id[thing_id]
        else:
            self._by_id[thing_id] = after


class Rows(Generic[R]):
    """Rows by contact, in the order of their keys, with an index by their other side."""

    __slots__ = ("_by_contact", "_by_target", "_name", "_target")

    def __init__(self, name: str, target: Callable[[R], str]) -> None:
        self._name = name
        self._target = target
        self._by_contact: dict[str, tuple[R, ...]] = {}
        # Values are never read: a dict is a set that keeps its order.
        self._by_target: dict[str, dict[str, None]] = {}

    def of(self, contact: str) -> tuple[R, ...]:
        return self._by_contact.get(contact, ())

    def items(self) -> ItemsView[str, tuple[R, ...]]:
        return self._by_contact.items()

    def values(self) -> Iterator[R]:
        for rows in self._by_contact.values():
            yield from rows

    def contacts_with(self, target: str) -> KeysView[str]:
        return self._by_target.get(target, {}).keys()

    def with_target(self, target: str) -> Iterator[R]:
        for contact in self._by_target.get(target, {}):
            for row in self._by_contact[contact]:
                if self._target(row) == target:
                    yield row

    def current(self, row: R) -> R | None:
        """The row that stands under the key of another."""
        key = row.key
        for one in self._by_contact.get(row.contact, ()):
            if one.key == key:
                return one
        return None

    def replace(self, before: R | None, after: R | None) -> None:
        """Put one row in the place of another; None is nothing."""
        row = after if after is not None else before
        assert row is not None
        contact = row.contact
        rows = self._by_contact.get(contact)
        if rows is None:
            refuse_other(self._name, before, None)
            assert after is not None
            self._by_contact[contact] = (after,)
            self._by_target.setdefault(self._target(after), {})[contact] = None
            return
        key = row.key
        present = next((one for one in rows if one.key == key), None)
        refuse_other(self._name, before, present)
        others = rows if present is None else tuple(one for one in rows if one is not present)
        target = self._target(row)
        if after is not None:
            self._by_contact[contact] = tuple(sorted((*others, after), key=_key))
            self._by_target.setdefault(target, {})[contact] = None
            return
        if others:
            self._by_contact[contact] = others
        else:
            del self._by_contact[contact]
        if all(self._target(one) != target for one in others):
            del self._by_target[target][contact]
            if not self._by_target[target]:
                del self._by_target[target]


_key = attrgetter("key")


def refuse_other(name: str, expected: Keyed | None, present: Keyed | None) -> None:
    """Refuse a change whose `before` is not what stands there."""
    if expected is present or expected == present:
        return
    if expected is None:
        assert present is not None
        first, *others = present.key
        taken = present.key if others else first
        raise DuplicateIdError(taken, name, "It is there already: change it instead")
    if present is None:
        raise StaleVersionError(expected.key, name, "It is not there any more: plan again")
    raise StaleVersionError(expected.key, name, "It has changed since: plan again")
