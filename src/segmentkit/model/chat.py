"""Group chats (群聊), the staff who added a contact, and fixed lists of contacts."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model.checks import require_id, require_texts, text_set
from segmentkit.model.time import as_instant


@refuse_other_types
@frozen
class GroupChat:
    """
    A group chat.

    Args:
        id: the host's id.
        name: as shown; need not be unique.
        owner: the staff member who owns it (群主).
        tags: chat tags (群标签): plain words, not tags of the catalog.
    """

    table: ClassVar[str] = "chat"

    id: str
    name: str = ""
    owner: str | None = None
    tags: frozenset[str] = field(default=frozenset(), converter=text_set)

    def __attrs_post_init__(self) -> None:
        require_id(self.id, "id of a group chat")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.id,)


@frozen
class ChatMember:
    """A contact in a group chat since `assigned`."""

    table: ClassVar[str] = "chat_member"

    contact: str
    chat: str
    assigned: datetime = field(converter=as_instant)

    def __attrs_post_init__(self) -> None:
        require_texts(self, "contact", "chat")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.contact, self.chat)


@frozen
class StaffLink:
    """A contact that a staff member added (添加人) at `assigned`."""

    table: ClassVar[str] = "staff_link"

    contact: str
    staff: str
    assigned: datetime = field(converter=as_instant)

    def __attrs_post_init__(self) -> None:
        require_texts(self, "contact", "staff")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.contact, self.staff)


@refuse_other_types
@frozen
class ContactList:
    """A fixed list of contacts that somebody put together; default lists are computed."""

    table: ClassVar[str] = "contact_list"

    id: str
    name: str

    def __attrs_post_init__(self) -> None:
        require_id(self.id, "id of a contact list")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.id,)


@frozen
class ListEntry:
    """A contact on a fixed list since `assigned`."""

    table: ClassVar[str] = "list_entry"

    contact: str
    contact_list: str
    assigned: datetime = field(converter=as_instant)

    def __attrs_post_init__(self) -> None:
        require_texts(self, "contact", "contact_list")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.contact, self.contact_list)
