"""Which contacts are probably one person: the same phone, e-mail or external id."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.operations.intake_columns import is_called
from segmentkit.model.schema import Schema
from segmentkit.model.state import State
from segmentkit.model.values import FieldValue
from segmentkit.text import text_key

MatchKey: TypeAlias = tuple[str, object]


@frozen
class Matcher:
    """A field by which contacts are known again, and what of its texts counts."""

    field: str
    text: Callable[[str], str]

    def key(self, values: FrozenMap[FieldValue]) -> MatchKey | None:
        """What two contacts share when they are one; None when this value tells nothing."""
        value = values.get(self.field)
        if isinstance(value, str):
            value = self.text(value) or None
        return None if value is None else (self.field, value)


def matchers(schema: Schema, match_on: Iterable[str]) -> list[Matcher]:
    """
    One for each field; phone numbers are compared by their digits, other texts by their key.

    Raises:
        UnknownNameError: the schema has no such field.
    """
    fields = [schema.field(name) for name in match_on]
    return [Matcher(one.name, _phone if is_called(one, "phone") else text_key) for one in fields]


def match_keys(by: Iterable[Matcher], values: FrozenMap[FieldValue]) -> Iterator[MatchKey]:
    """What of a contact's values tells who it is."""
    keys = (matcher.key(values) for matcher in by)
    return (key for key in keys if key is not None)


@refuse_other_types
def find_duplicates(state: State, match_on: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """
    Ids of contacts that share a phone, e-mail or whatever *match_on* names, each set once.

    Contacts are put together when a chain of shared values joins them.

    Raises:
        UnknownNameError: the schema has no such field.

    Examples:
        >>> from segmentkit.model import Contact, Field, FieldType
        >>> schema = Schema(fields=[Field("phone", FieldType.TEXT)])
        >>> contacts = [
        ...     Contact("a", {"phone": "138-0000-1111"}),
        ...     Contact("b", {"phone": "+86 13800001111"}),
        ... ]
        >>> list(find_duplicates(State.of(schema, contacts), ["phone"]))
        [('a', 'b')]
    """
    by = matchers(state.schema, match_on)
    first: dict[MatchKey, str] = {}
    leader: dict[str, str] = {}

    def lead(contact: str) -> str:
        while (above := leader[contact]) != contact:
            leader[contact] = leader[above]
            contact = above
        return contact

    for contact in state.contacts():
        leader[contact.id] = contact.id
        for key in match_keys(by, contact.fields):
            leader[lead(contact.id)] = lead(first.setdefault(key, contact.id))
    together: dict[str, list[str]] = {}
    for contact in leader:
        together.setdefault(lead(contact), []).append(contact)
    yield from (tuple(sorted(ids)) for ids in together.values() if len(ids) > 1)


def _phone(text: str) -> str:
    """The digits alone, a mainland number without its country code."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", text) if c.isdigit())
    for code in ("0086", "86"):
        rest = digits.removeprefix(code)
        if rest != digits and len(rest) == 11 and rest.startswith("1"):
            return rest
    return digits
