"""Stored documents: each says what it is and in which version of its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar, cast

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError, UnknownNameError, WrongTypeError
from segmentkit.model.codec import reader, writer
from segmentkit.model.codec_places import Json

Upgrade: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
T = TypeVar("T")


@refuse_other_types
@frozen
class Documents:
    """
    The kinds of documents that one module stores.

    Args:
        kinds: the word for each class of value.
        upgrades: by that word how an older form becomes the next one, the first from version 1.
    """

    kinds: Mapping[type, str]
    upgrades: Mapping[str, tuple[Upgrade, ...]] = field(factory=dict[str, "tuple[Upgrade, ...]"])

    def to_json(self, value: object) -> dict[str, Json]:
        """
        A value as JSON data that says what it is.

        Raises:
            WrongTypeError: no value of that type is stored by itself.
        """
        kind = self.kinds.get(type(value))
        if kind is None:
            known = ", ".join(self.kinds.values())
            raise WrongTypeError(value, "to_json", f"Give one of {known}")
        members = cast("dict[str, Json]", writer(type(value))(value))
        return {"segmentkit": kind, "form": self._form(kind), **members}

    @refuse_other_types
    def from_json(self, kind: type[T], data: object) -> T:
        """
        The value that JSON data of any form up to the present one stands for.

        Raises:
            WrongTypeError: a value of another type than its place takes; nothing is coerced.
            UnknownNameError: another kind of document, a key or word that is not known.
            InvalidValueError: a form of the future, or a value that its place cannot take.
        """
        name = self.kinds.get(kind)
        if name is None:
            known = ", ".join(self.kinds.values())
            raise WrongTypeError(kind, "from_json", f"Give the class of a {known}")
        if not isinstance(data, dict):
            raise WrongTypeError(data, name, "Give an object")
        members = dict(cast("dict[str, Any]", data))
        found = members.pop("segmentkit", None)
        if found != name:
            raise UnknownNameError(found, "segmentkit", f"This document must be a {name!r}")
        form = members.pop("form", None)
        if type(form) is not int or not 1 <= form <= self._form(name):
            remedy = f"Forms 1 to {self._form(name)} of {name!r} are known"
            raise InvalidValueError(form, "form", remedy)
        for upgrade in self.upgrades.get(name, ())[form - 1 :]:
            members = upgrade(members)
        return cast(T, reader(kind)(members, (None, name)))

    def _form(self, kind: str) -> int:
        return 1 + len(self.upgrades.get(kind, ()))
