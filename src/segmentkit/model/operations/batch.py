"""
The same edit for many contacts: previewed first, then one change set.

Ids may come from anywhere: typed in, a query, chats. A contact to which the edit cannot be done is
left wholly as it is and listed with the reason; whether the others go ahead is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from attrs import evolve, field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError, SegmentkitError
from segmentkit.model.access import Viewer
from segmentkit.model.change import Change, ChangeSet
from segmentkit.model.chat import GroupChat
from segmentkit.model.checks import texts
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.operations.contact_draft import ContactDraft
from segmentkit.model.operations.grouping import add_group, move_group, remove_group
from segmentkit.model.operations.tagging import hold_tag, remove_tag
from segmentkit.model.permission import Action, require, source_of
from segmentkit.model.state import State
from segmentkit.model.time import as_instant
from segmentkit.text import text_key

Step = Callable[[ContactDraft], object]  # what it gives back is not looked at


@refuse_other_types
@frozen
class BatchEdit:
    """
    What is to be done to each contact; tags and groups by id, name or path.

    Args:
        add_tags: set in the actor's name.
        remove_tags: taken where the contact carries them.
        replace_tags: old tag to new one; only contacts that carry the old one get the new one.
        add_groups: joined, beside the groups a contact is in.
        remove_groups: left where the contact is in them.
        move_groups: from one group to another; a contact that is not in the first is refused.
        follow: True stars each contact for the actor, False takes the star; None leaves it.
    """

    add_tags: tuple[str, ...] = field(default=(), converter=texts)
    remove_tags: tuple[str, ...] = field(default=(), converter=texts)
    replace_tags: FrozenMap[str] = field(factory=FrozenMap, converter=FrozenMap[str])
    add_groups: tuple[str, ...] = field(default=(), converter=texts)
    remove_groups: tuple[str, ...] = field(default=(), converter=texts)
    move_groups: FrozenMap[str] = field(factory=FrozenMap, converter=FrozenMap[str])
    follow: bool | None = None


@frozen
class BatchRefusal:
    """Contacts that a batch leaves as they are, for one reason; `error` is that of the first."""

    error: SegmentkitError
    contacts: tuple[str, ...]


@frozen
class BatchPlan:
    """
    What a batch would do.

    Attributes:
        changed: how many contacts it changes.
        unchanged: how many are as wanted already.
        refusals: the contacts that it cannot be done to, by reason.
        summary: how many changes of each kind there are.
    """

    changed: int
    unchanged: int
    refusals: tuple[BatchRefusal, ...]
    _changes: ChangeSet = field(repr=False, alias="changes")

    @property
    def summary(self) -> Mapping[str, int]:
        return self._changes.summary()

    def good_only(self) -> ChangeSet:
        """The change set for all contacts that are not refused."""
        return self._changes

    def all_or_nothing(self) -> ChangeSet:
        """
        The change set, if it is for all contacts.

        Raises:
            SegmentkitError: the first refusal's.
        """
        if self.refusals:
            raise self.refusals[0].error
        return self._changes


@refuse_other_types
def plan_batch(
    state: State, contacts: Iterable[str], edit: BatchEdit, *, actor: Viewer, at: datetime
) -> BatchPlan:
    """
    What an edit would do to many contacts. An id that is given twice counts once.

    Raises:
        UnknownNameError: a tag or group that is not there; an unknown contact is a refusal.
        NotAllowedError: the actor may set one of the tags on nobody.
        InvalidValueError: the edit gives and takes the same tag or group.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Contact, Schema, Tag, TagGroup
        >>> things = [TagGroup("g", "等级"), Tag("vip", "VIP", "g"), Contact("a"), Contact("b")]
        >>> state, now = State.of(Schema(), things), datetime(2026, 11, 20, tzinfo=UTC)
        >>> edit = BatchEdit(add_tags=["VIP"])
        >>> plan = plan_batch(state, ["a", "b", "x"], edit, actor=SYSTEM, at=now)
        >>> plan.changed, plan.refusals[0].contacts, plan.summary
        (2, ('x',), {'hold_added': 2})
    """
    at = as_instant(at, "at")
    steps = list(_steps(state, edit, actor, at))
    changes: list[Change] = []
    refused: dict[tuple[type[SegmentkitError], str], tuple[SegmentkitError, list[str]]] = {}
    changed = unchanged = 0
    for contact_id in dict.fromkeys(contacts):
        try:
            draft = ContactDraft(state, state.contact(contact_id))
            for step in steps:
                step(draft)
        except SegmentkitError as error:
            # The traceback would keep every draft alive.
            same = refused.setdefault((type(error), error.remedy), (error.with_traceback(None), []))
            same[1].append(contact_id)
            continue
        before = len(changes)
        changes.extend(draft.changes())
        if len(changes) > before:
            changed += 1
        else:
            unchanged += 1
    return BatchPlan(
        changed,
        unchanged,
        tuple(BatchRefusal(error, tuple(ids)) for error, ids in refused.values()),
        ChangeSet(changes, actor.staff, at, state.version, "batch edit"),
    )


def _steps(state: State, edit: BatchEdit, actor: Viewer, at: datetime) -> Iterator[Step]:
    """The edit with every name resolved once; a step that has nothing to do does nothing."""
    tag, group = state.catalog.tag, state.groups.group
    removed = [tag(one) for one in edit.remove_tags]
    replaced = [(tag(old), tag(new)) for old, new in edit.replace_tags.items()]
    added = [tag(one) for one in edit.add_tags]
    _refuse_overlap(
        [one.id for one in (*removed, *(old for old, _ in replaced))],
        [one.id for one in (*added, *(new for _, new in replaced))],
        "tags",
    )
    for one in (*added, *(new for _, new in replaced)):
        require(actor, Action.ASSIGN_TAG, one)
    own = source_of(actor)
    left = [group(one) for one in edit.remove_groups]
    moved = [(group(source), group(target)) for source, target in edit.move_groups.items()]
    joined = [group(one) for one in edit.add_groups]
    _refuse_overlap(
        [one.id for one in (*left, *(source for source, _ in moved))],
        [one.id for one in (*joined, *(target for _, target in moved))],
        "groups",
    )
    for one in removed:
        yield lambda draft, one=one: remove_tag(draft, one, actor)
    for old, new in replaced:
        yield (
            lambda draft, old=old, new=new: (
                remove_tag(draft, old, actor) and hold_tag(draft, new, own, actor.staff, at)
            )
        )
    for one in added:
        yield lambda draft, one=one: hold_tag(draft, one, own, actor.staff, at)
    for one in left:
        yield lambda draft, one=one: remove_group(draft, one, actor, at)
    for source, target in moved:
        yield lambda draft, source=source, target=target: move_group(
            draft, source, target, actor, at
        )
    for one in joined:
        yield lambda draft, one=one: add_group(draft, one, actor, at)
    if edit.follow is not None:
        star = frozenset({actor.staff})
        follow = edit.follow
        yield lambda draft: _star(draft, star, follow=follow)


def _star(draft: ContactDraft, star: frozenset[str], *, follow: bool) -> None:
    stars = draft.contact.followed_by | star if follow else draft.contact.followed_by - star
    draft.contact = evolve(draft.contact, followed_by=stars)


def _refuse_overlap(taken: Iterable[str], given: Iterable[str], what: str) -> None:
    for both in sorted(set(taken) & set(given)):
        raise InvalidValueError(both, f"{what} of a batch", "It is both given and taken")


# --- where ids come from -------------------------------------------------------------------------


@refuse_other_types
def find_chats(
    state: State, *, name: str | None = None, tag: str | None = None, owner: str | None = None
) -> list[GroupChat]:
    """
    Group chats by part of their name, by a chat tag, and by their owner; all that is given holds.

    Names and chat tags are compared under the text key.
    """
    return [
        chat
        for chat in state.chats()
        if (name is None or text_key(name) in text_key(chat.name))
        and (tag is None or text_key(tag) in map(text_key, chat.tags))
        and (owner is None or chat.owner == owner)
    ]


@refuse_other_types
def contacts_in_chats(state: State, chats: Iterable[str]) -> Iterator[str]:
    """
    Ids of the contacts in any of these chats, each once; any number of chats.

    Raises:
        UnknownNameError: no such chat.
    """
    seen: set[str] = set()
    for chat in texts(chats):
        for member in state.members_of_chat(state.chat(chat).id):
            if member.contact not in seen:
                seen.add(member.contact)
                yield member.contact
