"""
The whole truth at one version, and the one place where it changes.

`State.apply` writes in place, because a copy of a million contacts for every click would cost more
than the click; and all or nothing, because each change knows what was before it and can be taken
back.
"""

from __future__ import annotations

from collections.abc import Iterable

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import SegmentkitError, StaleVersionError, WrongTypeError
from segmentkit.model.access import CollaborationTeam, Organisation, Staff
from segmentkit.model.assignment import Pin
from segmentkit.model.catalog import TagCatalog
from segmentkit.model.change import Change, ChangeSet, Entity
from segmentkit.model.change_log import erased_contacts, scrubbed
from segmentkit.model.checks import several
from segmentkit.model.facts import Facts
from segmentkit.model.group import ContactGroup, Membership
from segmentkit.model.group_tree import GroupTree
from segmentkit.model.integrity import check_added, check_families, check_removed
from segmentkit.model.schema import Schema
from segmentkit.model.settings import Settings
from segmentkit.model.tag import Tag, TagGroup

_CATALOG = frozenset({Settings, TagGroup, Tag})
_ORGANISATION = frozenset({Settings, Staff, CollaborationTeam})
_GROUPS = frozenset({ContactGroup})
_IN_GROUPS = frozenset({Membership, Pin})


_NO_ENTITY = "Give contacts, groups, tags, people and what joins them; a store takes the events"


class State(Facts):
    """
    Contacts, groups, tags, people and everything between them.

    Not for use by several threads at once while one of them applies changes.

    Args:
        schema: what the fields of contacts and records are checked against.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from segmentkit.model import Contact
        >>> state = State(Schema())
        >>> changes = ChangeSet(
        ...     [Change(None, Contact("c-17"))], "system", datetime(2026, 11, 20, tzinfo=UTC), 0
        ... )
        >>> state.apply(changes), state.apply(changes)
        (1, 1)
        >>> list(state.contact_ids())
        ['c-17']
    """

    def __init__(self, schema: Schema) -> None:
        if not isinstance(schema, Schema):
            raise WrongTypeError(schema, "schema of a state", "Give a Schema")
        super().__init__(schema)
        self._first_version = 0
        self._log: list[ChangeSet] = []

    @classmethod
    def of(cls, schema: Schema, entities: Iterable[Entity], *, version: int = 0) -> State:
        """
        A state that holds these things, in whatever order they are given, with an empty log.

        Raises:
            SegmentkitError: as `apply`; there is no state then.
        """
        state = cls(schema)
        rank = {kind: number for number, kind in enumerate(state._tables)}
        if not isinstance(entities, Iterable):
            raise WrongTypeError(entities, "a state", "Give a list")
        given = list(entities)
        for one in given:
            if type(one) not in rank:
                raise WrongTypeError(one, "a state", _NO_ENTITY)
        state._write([Change(None, one) for one in sorted(given, key=lambda e: rank[type(e)])])
        state._version = state._first_version = version
        return state

    @classmethod
    def replay(cls, schema: Schema, log: Iterable[ChangeSet]) -> State:
        """
        The state to which a log leads from nothing.

        Raises:
            StaleVersionError: a change set is missing, or stands in the wrong place.
            SegmentkitError: as `apply`.
        """
        state = cls(schema)
        for changes in several(ChangeSet)(log):
            if changes.base_version != state._version:
                raise StaleVersionError(
                    changes.base_version, f"log at version {state._version}", "A set is missing"
                )
            state._write(changes.changes)
            # A set emptied by an erasure keeps its place, though `apply` takes no empty one.
            state._record(changes)
        return state

    # --- writing -----------------------------------------------------------------------------

    @refuse_other_types
    def apply(self, changes: ChangeSet) -> int:
        """
        Make the changes, all or none, and give the version reached.

        The very set that led from its base version to the next is known again: applying it twice
        changes nothing. A set without changes is no version.

        Raises:
            StaleVersionError: made against another version; `changes_since` tells what changed.
            SegmentkitError: the result would break a rule of the model: a quota, a name taken
                twice, a circle, a reference to nothing.
        """
        if changes.base_version != self._version:
            if self._has_applied(changes):
                return self._version
            raise StaleVersionError(
                changes.base_version,
                f"version {self._version}",
                "See changes_since(that version), then plan again",
            )
        if changes.changes:
            self._write(changes.changes)
            self._record(changes)
        return self._version

    def _record(self, changes: ChangeSet) -> None:
        self._log.append(changes)
        self._version += 1
        if erased := erased_contacts(changes):
            self._log = list(scrubbed(self._log, erased))

    @refuse_other_types
    def refused(self, changes: Iterable[Change]) -> list[tuple[Change, SegmentkitError]]:
        """
        Which of these changes could not be applied now, one after the other, and why.

        None when they can be applied together. They are tried and taken back, so like `apply` this
        is not for a state that another thread reads meanwhile.
        """
        wanted = list(changes)
        whole = self._catalog, self._organisation, self._groups
        refused: list[tuple[Change, SegmentkitError]] = []
        done: list[Change] = []
        try:
            try:
                self._write(wanted)
                done = wanted
            except SegmentkitError:
                for change in wanted:
                    try:
                        self._write([change])
                        done.append(change)
                    except SegmentkitError as error:
                        refused.append((change, error))
        finally:
            self._take_back(done)
            self._catalog, self._organisation, self._groups = whole
        return refused

    def _has_applied(self, changes: ChangeSet) -> bool:
        place = changes.base_version - self._first_version
        if not 0 <= place < len(self._log):
            return False
        if erased := erased_contacts(changes):
            (changes,) = scrubbed([changes], erased)
        return self._log[place] == changes

    def _write(self, changes: Iterable[Change]) -> None:
        done: list[Change] = []
        touched: set[type[Entity]] = set()
        tables = self._tables
        whole = self._catalog, self._organisation, self._groups
        try:
            for change in changes:
                before, after = change.before, change.after
                entity = before if after is None else after
                assert entity is not None
                kind = type(entity)
                if after is not None:
                    check_added(self, after)
                tables[kind].replace(before, after)
                done.append(change)
                touched.add(kind)
                if after is None:
                    check_removed(self, entity)
            self._settle(touched, done)
        except BaseException:
            self._take_back(done)
            self._catalog, self._organisation, self._groups = whole
            raise

    def _take_back(self, done: list[Change]) -> None:
        for change in reversed(done):
            self._tables[type(change.entity)].replace(change.after, change.before)

    def _settle(self, touched: set[type[Entity]], done: Iterable[Change]) -> None:
        """Rebuild what is small and must hold as a whole; each refuses to be built wrong."""
        settings = self.settings
        if touched & _CATALOG:
            self._catalog = TagCatalog(
                tuple(self._tag_groups.values()), tuple(self._tags.values()), settings.quota
            )
        if touched & _ORGANISATION:
            self._organisation = Organisation(
                tuple(self._staff.values()),
                tuple(self._teams.values()),
                settings.sales_collaboration,
            )
        if touched & _GROUPS:
            self._groups = GroupTree(tuple(self._group_table.values()))
        families = [group for group in self._groups.groups if group.family is not None]
        if families and touched & _GROUPS:
            for group in families:
                check_families(self, self._memberships.contacts_with(group.id))
                check_families(self, (pin.contact for pin in self.pins_with("group", group.id)))
        elif families and touched & _IN_GROUPS:
            added = (change.after for change in done)
            check_families(
                self, {one.contact for one in added if isinstance(one, Membership | Pin)}
            )

    # --- the log -----------------------------------------------------------------------------

    @refuse_other_types
    def changes_since(self, version: int) -> tuple[ChangeSet, ...]:
        """
        The change sets that led from a version to the present one.

        Raises:
            StaleVersionError: the log does not reach back so far, or that version is yet to come.
        """
        if not self._first_version <= version <= self._version:
            raise StaleVersionError(
                version,
                "changes_since",
                f"The log goes from version {self._first_version} to {self._version}",
            )
        return tuple(self._log[version - self._first_version :])

    @refuse_other_types
    def forget_log(self, before_version: int) -> None:
        """Drop the change sets that led up to a version, once the host has stored them."""
        kept = self.changes_since(before_version)
        self._log = list(kept)
        self._first_version = before_version
