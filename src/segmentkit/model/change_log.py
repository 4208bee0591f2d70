"""What a log of change sets needs beside its order: the erasing of one person from all of it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from attrs import evolve

from segmentkit.arguments import refuse_other_types
from segmentkit.model.change import ChangeSet
from segmentkit.model.contact import Contact
from segmentkit.model.traces import Erasure, MergedContact, erasure_digest


@refuse_other_types
def scrubbed(log: Iterable[ChangeSet], contacts: AbstractSet[str]) -> tuple[ChangeSet, ...]:
    """
    The log without any change that is about these contacts.

    Each set keeps its place and version, even when nothing is left in it, so the log still replays
    to the same state: all that came with such a contact went with it. A state scrubs its own log
    when it applies an erasure; a host does this with the log that it has stored.

    Args:
        contacts: ids; `erased_contacts` of the erasing set gives them.
    """
    return tuple(
        evolve(changes, changes=tuple(c for c in changes if c.contact not in contacts))
        for changes in log
    )


@refuse_other_types
def erased_contacts(changes: ChangeSet) -> frozenset[str]:
    """
    The ids of the contacts that a change set erases, with the ids once merged into them.

    Empty for nearly every set: removing a contact is not yet erasing it.
    """
    digests = {change.after.digest for change in changes if isinstance(change.after, Erasure)}
    if not digests:
        return frozenset()
    gone = (change.before for change in changes if change.after is None)
    ids = (one.id for one in gone if isinstance(one, Contact | MergedContact))
    return frozenset(one for one in ids if erasure_digest(one) in digests)
