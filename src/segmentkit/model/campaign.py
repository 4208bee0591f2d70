"""Campaigns: who was to be reached, by which way, with which words. The audience is frozen."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model.checks import require_id, require_name, require_texts
from segmentkit.model.follow_up import Channel
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.terms import Term
from segmentkit.model.time import as_instant


class CampaignKind(Term):
    """What a campaign does: it sends something, or asks contacts to bring others in (裂变)."""

    PUSH = ("push", "群发")
    TASK_FISSION = ("task", "任务裂变")
    GROUP_FISSION = ("group", "群裂变")


@refuse_other_types
@frozen
class Campaign:
    """
    One campaign.

    Args:
        id: the host's id.
        name: as shown.
        kind: what it does.
        channel: by which way contacts are reached.
        started: when its audience was frozen; kept in UTC.
        copy: the words for whoever gets no words of their own.
        copies: the words by variant, where parts of the audience get different ones.
    """

    table: ClassVar[str] = "campaign"

    id: str
    name: str
    kind: CampaignKind
    channel: Channel
    started: datetime = field(converter=as_instant)
    copy: str = ""
    copies: FrozenMap[str] = field(factory=FrozenMap, converter=FrozenMap[str])

    def __attrs_post_init__(self) -> None:
        require_id(self.id, "id of a campaign")
        require_name(self.name, f"name of campaign {self.id!r}")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.id,)

    @refuse_other_types
    def words_for(self, member: AudienceMember) -> str:
        """The copy that one member of the audience gets."""
        return self.copies.get(member.variant, self.copy)


@frozen
class AudienceMember:
    """
    A contact in the frozen audience of a campaign.

    Args:
        variant: which words it gets, often the group it was chosen from; "" for the common ones.
    """

    table: ClassVar[str] = "audience_member"

    contact: str
    campaign: str
    assigned: datetime = field(converter=as_instant)
    variant: str = ""

    def __attrs_post_init__(self) -> None:
        require_texts(self, "contact", "campaign", "variant")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.contact, self.campaign)
