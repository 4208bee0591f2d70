"""Follow-ups (跟进): what was said with a contact, and when to speak again."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from segmentkit.errors import InvalidValueError
from segmentkit.model.checks import optional_instant, require_id, require_texts
from segmentkit.model.terms import Term
from segmentkit.model.time import as_instant


class Channel(Term):
    """The way by which a contact is reached."""

    PHONE = ("phone", "电话")
    WECHAT = ("wechat", "微信")
    EMAIL = ("email", "邮件")
    SMS = ("sms", "短信")
    VISIT = ("visit", "拜访")
    OTHER = ("other", "其他")


@frozen
class FollowUp:
    """
    One contact taken with a contact, as its collection `follow_up` shows it to the language.

    A follow-up is private to its staff member as an assignment is.

    Args:
        contact: id of the contact.
        id: unique among the staff member's follow-ups with this contact.
        staff: who spoke.
        channel: by which way; its word in either language will do.
        time: when; kept in UTC.
        need: what the contact needs.
        problem: what went wrong.
        solution: what was offered.
        next_time: when to speak again; None is no date.
    """

    table: ClassVar[str] = "follow_up"

    contact: str
    id: str
    staff: str
    channel: Channel = field(converter=Channel.read)
    time: datetime = field(converter=as_instant)
    need: str = ""
    problem: str = ""
    solution: str = ""
    next_time: datetime | None = field(default=None, converter=optional_instant)

    def __attrs_post_init__(self) -> None:
        require_texts(self, "contact", "staff", "need", "problem", "solution")
        require_id(self.id, "id of a follow-up")
        if self.next_time is not None and self.next_time <= self.time:
            raise InvalidValueError(
                self.next_time, "next time of a follow-up", "It must be later than `time`"
            )

    @property
    def key(self) -> tuple[str, ...]:
        return (self.contact, self.staff, self.id)
