"""
Who holds a tag on a contact.

A tag stands on a contact while any source holds it and no pin is against it, or when a pin is for
it. Each source answers for its own hold only: a rule that lets go never takes away what a person
gave.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Literal, TypeAlias, get_args

from attrs import evolve, field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.model.checks import optional_instant, require_texts
from segmentkit.model.time import as_instant

Source: TypeAlias = Literal["staff", "admin", "rule", "import", "sync"]
PinDirection: TypeAlias = Literal["for", "against"]
PinKind: TypeAlias = Literal["tag", "group"]

SOURCES: tuple[Source, ...] = get_args(Source)
_SOURCES = frozenset(SOURCES)


def require_source(source: str) -> None:
    """Refuse what is no source."""
    if not isinstance(source, str) or source not in _SOURCES:
        raise InvalidValueError(source, "source", f"Known sources are {', '.join(SOURCES)}")


@frozen
class Hold:
    """
    One source's word that a tag is on a contact. Identity is (contact, tag, source, holder).

    Args:
        contact: id of the contact.
        tag: id of the tag.
        source: what kind of source holds it; `staff` holds are private to their holder.
        holder: the staff member, rule, import batch or remote system.
        assigned: since when; kept in UTC.
        expires: the first instant at which it holds no more; None is never.
    """

    table: ClassVar[str] = "hold"

    contact: str
    tag: str
    source: Source
    holder: str
    assigned: datetime = field(converter=as_instant)
    expires: datetime | None = field(default=None, converter=optional_instant)

    def __attrs_post_init__(self) -> None:
        require_source(self.source)
        if not type(self.contact) is type(self.tag) is type(self.holder) is str:
            require_texts(self, "contact", "tag", "holder")
        if self.expires is not None and self.expires <= self.assigned:
            raise InvalidValueError(
                self.expires, "expires of a hold", "It must be later than `assigned`"
            )

    @property
    def key(self) -> tuple[str, ...]:
        return (self.contact, self.tag, self.source, self.holder)

    def lives(self, at: datetime) -> bool:
        """Whether it has not expired at an instant."""
        return self.expires is None or at < self.expires


def joined_holds(one: Hold, other: Hold) -> Hold:
    """One hold for two of the same key: the older one, lasting as long as the longer one."""
    older = min(one, other, key=lambda hold: hold.assigned)
    if one.expires is None or other.expires is None:
        return evolve(older, expires=None)
    return evolve(older, expires=max(one.expires, other.expires))


@frozen
class Pin:
    """
    A person's last word on a tag or group of a contact: it beats every rule and every hold.

    Identity is (contact, kind, target). Pins are set by admins and leaders and seen by everyone.

    Args:
        contact: id of the contact.
        kind: what is pinned.
        target: id of the tag or group.
        direction: `for` makes it stand, `against` keeps it off.
        by: the staff member who pinned it.
        assigned: when; kept in UTC.
    """

    table: ClassVar[str] = "pin"

    contact: str
    kind: PinKind
    target: str
    direction: PinDirection
    by: str
    assigned: datetime = field(converter=as_instant)

    def __attrs_post_init__(self) -> None:
        require_texts(self, "contact", "target", "by")
        if self.kind not in get_args(PinKind):
            raise InvalidValueError(self.kind, "kind of a pin", "Give 'tag' or 'group'")
        if self.direction not in get_args(PinDirection):
            raise InvalidValueError(self.direction, "direction of a pin", "Give 'for' or 'against'")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.contact, self.kind, self.target)


@refuse_other_types
def standing_holds(
    holds: Iterable[Hold], pins: Iterable[Pin] = (), *, at: datetime | None = None
) -> tuple[Hold, ...]:
    """
    The holds of one contact by which its tags stand.

    Expired holds and holds of tags pinned against are left out; a tag pinned for stands by a hold
    of source `admin` in the name of the person who pinned it. Filter *holds* by viewer before.

    Args:
        holds: of one contact.
        pins: of the same contact; those of groups are passed over.
        at: the instant at which expiry is read; None reads no expiry.

    Examples:
        >>> from datetime import UTC
        >>> day = datetime(2026, 11, 20, tzinfo=UTC)
        >>> hold = Hold("c-17", "vip", "rule", "r-1", day)
        >>> standing_holds([hold], [Pin("c-17", "tag", "vip", "against", "han.mm", day)])
        ()
    """
    standing = tuple(holds) if at is None else tuple(h for h in holds if h.lives(at))
    tag_pins = [pin for pin in pins if pin.kind == "tag"]
    if not tag_pins:
        return standing
    against = {pin.target for pin in tag_pins if pin.direction == "against"}
    pinned = [
        Hold(pin.contact, pin.target, "admin", pin.by, pin.assigned)
        for pin in tag_pins
        if pin.direction == "for"
    ]
    taken = {hold.key for hold in pinned}
    kept = [hold for hold in standing if hold.tag not in against and hold.key not in taken]
    return tuple(sorted([*kept, *pinned], key=lambda hold: hold.key))
