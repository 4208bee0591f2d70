"""Erasing a person on request, everywhere, with a receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from segmentkit.arguments import refuse_other_types
from segmentkit.model.access import Viewer
from segmentkit.model.change import Change, ChangeSet
from segmentkit.model.permission import Action, require
from segmentkit.model.state import State
from segmentkit.model.time import as_instant
from segmentkit.model.traces import Erasure, erasure_digest


@refuse_other_types
def erase_contact(state: State, contact: str, *, actor: Viewer, at: datetime) -> ChangeSet:
    """
    A person goes: the contact, everything that belongs to it, and the ids once merged into it.

    When the state applies the set it also scrubs its log, so that no earlier value is left there;
    the set itself still names the person, because the host has to delete the same in its own
    tables, events and backups: `erased_contacts(changes)` are the ids. After that the host lets go
    of the set and scrubs its stored log with `scrubbed`. There is no undo. What stays is the
    `Erasure`: a receipt with a digest of the id, the instant, and how much went.

    Raises:
        NotAllowedError: the actor is no admin.
        UnknownNameError: no such contact.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Contact, Schema
        >>> state = State.of(Schema(), [Contact("c-17")])
        >>> now = datetime(2026, 11, 20, tzinfo=UTC)
        >>> version = state.apply(erase_contact(state, "c-17", actor=SYSTEM, at=now))
        >>> len(state), state.was_erased("c-17"), list(state.erasures())[0].removed
        (0, True, FrozenMap({'contact': 1}))
    """
    require(actor, Action.ERASE_CONTACTS)
    at = as_instant(at, "at")
    present = state.contact(contact)
    aliases = [m for m in state.merged_contacts() if state.resolve_contact(m.id) == contact]
    gone = [Change(row, None) for row in state.rows_of(contact)]
    gone += [Change(alias, None) for alias in aliases]
    gone.append(Change(present, None))
    removed = Counter(change.entity.table for change in gone)
    receipts = [_receipt(contact, at, actor, removed)]
    receipts += [_receipt(alias.id, at, actor, {alias.table: 1}) for alias in aliases]
    changes = [*gone, *(Change(state.current(one), one) for one in receipts)]
    return ChangeSet(changes, actor.staff, at, state.version, "erase contact")


def _receipt(contact: str, at: datetime, actor: Viewer, removed: Mapping[str, int]) -> Erasure:
    return Erasure(erasure_digest(contact), at, actor.staff, dict(sorted(removed.items())))
