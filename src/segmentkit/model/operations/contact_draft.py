"""One contact with changes that are not made yet: each step sees what the steps before it did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from segmentkit.model.assignment import Hold, Pin, PinKind
from segmentkit.model.change import Change, ContactRow
from segmentkit.model.contact import Contact
from segmentkit.model.group import Membership
from segmentkit.model.state import State

_Row = TypeVar("_Row", Hold, Pin, Membership)


class ContactDraft:
    """
    A contact of a state, or a new one, and the changes planned for it.

    Args:
        contact: the contact as it is, or, with *is_new*, as it is to be.
    """

    __slots__ = ("_before", "_changes", "contact", "id", "state")

    def __init__(self, state: State, contact: Contact, *, is_new: bool = False) -> None:
        self.state = state
        self.id = contact.id
        self.contact = contact
        self._before = None if is_new else contact
        # By table and key; empty for most contacts of a large batch, which is the fast case.
        self._changes: dict[tuple[str, ...], Change] = {}

    def fork(self) -> ContactDraft:
        """A draft of its own with the same changes, for steps that may fail half-way."""
        copy = ContactDraft(self.state, self.contact, is_new=True)
        copy._before = self._before
        copy._changes = dict(self._changes)
        return copy

    def is_like(self, other: ContactDraft) -> bool:
        """Whether both plan the same."""
        return self.contact == other.contact and self._changes == other._changes

    def holds(self, tag: str) -> Sequence[Hold]:
        """Every hold of a tag."""
        return [hold for hold in self._now(Hold, self.state.holds_of(self.id)) if hold.tag == tag]

    def memberships(self) -> Sequence[Membership]:
        return self._now(Membership, self.state.memberships_of(self.id))

    def pin(self, kind: PinKind, target: str) -> Pin | None:
        """The pin of a tag or group."""
        for pin in self._now(Pin, self.state.pins_of(self.id)):
            if pin.kind == kind and pin.target == target:
                return pin
        return None

    def _now(self, kind: type[_Row], rows: tuple[_Row, ...]) -> Sequence[_Row]:
        if not self._changes:
            return rows
        replaced = [one for one in rows if (one.table, *one.key) not in self._changes]
        return [
            *replaced,
            *(one.after for one in self._changes.values() if isinstance(one.after, kind)),
        ]

    def put(self, before: ContactRow | None, after: ContactRow | None) -> None:
        """Plan that one row takes the place of another; None is nothing."""
        row = after if after is not None else before
        assert row is not None
        key = (row.table, *row.key)
        earlier = self._changes.get(key)
        if earlier is not None:
            before = earlier.before  # pyright: ignore[reportAssignmentType]
        if before == after:
            self._changes.pop(key, None)
        else:
            self._changes[key] = Change(before, after)

    def changes(self) -> Iterable[Change]:
        """What is planned, in an order in which it can be applied."""
        if self.contact != self._before:
            yield Change(self._before, self.contact)
        yield from self._changes.values()
