"""One contact with changes that are not made yet: each step sees what the steps before it did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar, cast

from segmentkit.model.assignment import Hold, Pin, PinKind
from segmentkit.model.change import Change, ContactRow
from segmentkit.model.contact import Contact
from segmentkit.model.group import Membership
from segmentkit.model.state import State

_Row = TypeVar("_Row", Hold, Pin, Membership)


class ContactDraft:
    """
    A contact of a state, or a new one, and the changes planned for it.

    In a batch there is one for each of a million contacts, most of which have no pins, few rows and
    one or two changes; so rows are looked through and never indexed.

    Args:
        contact: the contact as it is, or, with *is_new*, as it is to be.
    """

    __slots__ = ("_before", "_changes", "contact", "id", "state")

    def __init__(self, state: State, contact: Contact, *, is_new: bool = False) -> None:
        self.state = state
        self.id = contact.id
        self.contact = contact
        self._before = None if is_new else contact
        self._changes: list[Change] = []

    def fork(self) -> ContactDraft:
        """A draft of its own with the same changes, for steps that may fail half-way."""
        copy = ContactDraft(self.state, self.contact, is_new=True)
        copy._before = self._before
        copy._changes = list(self._changes)
        return copy

    def is_like(self, other: ContactDraft) -> bool:
        """Whether both plan the same."""
        return self.contact == other.contact and self._changes == other._changes

    def holds(self) -> Sequence[Hold]:
        return self._now(Hold, self.state.holds_of(self.id))

    def memberships(self) -> Sequence[Membership]:
        return self._now(Membership, self.state.memberships_of(self.id))

    def pin(self, kind: PinKind, target: str) -> Pin | None:
        """The pin of a tag or group."""
        for pin in self._now(Pin, self.state.pins_of(self.id)):
            if pin.target == target and pin.kind == kind:
                return pin
        return None

    def _now(self, kind: type[_Row], rows: tuple[_Row, ...]) -> Sequence[_Row]:
        changes = self._changes and [one for one in self._changes if type(one.entity) is kind]
        if not changes:
            return rows
        replaced = {one.before for one in changes}
        return [
            *(row for row in rows if row not in replaced),
            *(cast(_Row, one.after) for one in changes if one.after is not None),
        ]

    def put(self, before: ContactRow | None, after: ContactRow | None) -> None:
        """Plan that one row takes the place of another; None is nothing."""
        row = before if after is None else after
        assert row is not None
        # One change for each key, or taking the set back would trip over its own steps.
        for number, earlier in enumerate(self._changes):
            planned = earlier.entity
            if type(planned) is type(row) and planned.key == row.key:
                before = cast("ContactRow | None", earlier.before)
                del self._changes[number]
                break
        if before is None or before != after:
            self._changes.append(Change(before, after))

    def changes(self) -> Iterable[Change]:
        """What is planned, in an order in which it can be applied."""
        if self.contact is not self._before and self.contact != self._before:
            yield Change(self._before, self.contact)
        yield from self._changes
