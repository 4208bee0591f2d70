"""Starting campaigns: freezing an audience and handing it over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import DuplicateIdError, InvalidValueError, UnknownNameError
from segmentkit.model.access import Viewer
from segmentkit.model.campaign import AudienceMember, Campaign, CampaignKind
from segmentkit.model.change import Change, ChangeSet
from segmentkit.model.follow_up import Channel
from segmentkit.model.operations.ids import fresh_ids
from segmentkit.model.permission import Action, require
from segmentkit.model.state import State
from segmentkit.text import suggestion


@refuse_other_types
def start_campaign(
    state: State,
    name: str,
    channel: Channel,
    audience: Iterable[str] = (),
    *,
    actor: Viewer,
    at: datetime,
    kind: CampaignKind = CampaignKind.PUSH,
    variants: Mapping[str, Iterable[str]] | None = None,
    copy: str = "",
    copies: Mapping[str, str] | None = None,
    id: str | None = None,  # noqa: A002 - the field's name
) -> ChangeSet:
    """
    A campaign whose audience is frozen as it is now, so that its effect can be measured later.

    Args:
        audience: ids of the contacts that get the common words.
        variants: ids of those that get words of their own, by variant. A contact that is given
            several times stays where it is given first, variants before the audience.
        copy: the words for whoever gets no words of their own.
        copies: the words by variant.
        id: by default a fresh one.

    Raises:
        NotAllowedError: the actor is neither admin nor leader.
        UnknownNameError: an unknown contact, or words for a variant that the audience has not.
        InvalidValueError: nobody is in the audience.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Contact, Schema
        >>> state = State.of(Schema(), [Contact("a"), Contact("b")])
        >>> now = datetime(2026, 11, 20, tzinfo=UTC)
        >>> parts = {"高频": ["a"], "低频": ["b"]}
        >>> words = {"高频": "新品上市", "低频": "好久不见"}
        >>> changes = start_campaign(
        ...     state, "双11", Channel.SMS, variants=parts, copies=words, actor=SYSTEM, at=now
        ... )
        >>> version = state.apply(changes)
        >>> [(one.contact, one.words) for one in deliveries(state, "campaign-1-0")]
        [('a', '新品上市'), ('b', '好久不见')]
    """
    require(actor, Action.START_CAMPAIGN)
    taken = {one.id for one in state.campaigns()}
    if id is not None and id in taken:
        raise DuplicateIdError(id, "campaigns", "Every id stands once")
    campaign = Campaign(
        next(fresh_ids("campaign", state.version, taken.__contains__)) if id is None else id,
        name,
        kind,
        channel,
        at,
        copy,
        copies or {},
    )
    parts = {**(variants or {}), "": audience}
    for variant in campaign.copies:
        if variant not in parts:
            remedy = suggestion(variant, variants or ())
            raise UnknownNameError(variant, "variants of the audience", remedy)
    members: dict[str, AudienceMember] = {}
    for variant, contacts in parts.items():
        for contact in contacts:
            state.contact(contact)
            members.setdefault(contact, AudienceMember(contact, campaign.id, at, variant))
    if not members:
        raise InvalidValueError(name, "campaign", "Give an audience of at least one contact")
    changes = [Change(None, campaign), *(Change(None, one) for one in members.values())]
    return ChangeSet(changes, actor.staff, at, state.version, "start campaign")


@frozen
class Delivery:
    """What the host is to send: to whom, with which words."""

    contact: str
    channel: Channel
    words: str


@refuse_other_types
def deliveries(state: State, campaign: str) -> Iterator[Delivery]:
    """
    One delivery for each contact in a campaign's audience that is still there.

    Raises:
        UnknownNameError: no such campaign.
    """
    found = state.campaign(campaign)
    for member in state.audience_of(found.id):
        yield Delivery(member.contact, found.channel, found.words_for(member))
