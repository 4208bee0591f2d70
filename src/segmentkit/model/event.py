"""What a contact did, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.model.checks import require_texts
from segmentkit.model.time import as_instant


def _instant(value: datetime) -> datetime:
    return as_instant(value, "time of an event")


@frozen
class Event:
    """
    One thing that one contact did at one instant.

    Args:
        contact: id of the contact.
        type: name of the collection in the schema: "purchase".
        time: aware datetime; kept in UTC.
        fields: values by field name, as the schema names them. Not to be changed afterwards.
        id: the same id with the same content is the same event and counts once; without an id
            every event counts.
        sequence: order among events of one instant, where the source knows it.

    Raises:
        NaiveDatetimeError: the time has no zone.
        WrongTypeError: the time is no datetime, the fields are no mapping, contact, type or id is
            no text, or the sequence is no whole number.

    Examples:
        >>> from datetime import UTC
        >>> Event("c-17", "purchase", datetime(2026, 11, 20, tzinfo=UTC), {"sku": "A1"}).type
        'purchase'
    """

    contact: str
    type: str
    time: datetime = field(converter=_instant)
    fields: Mapping[str, object] = field(factory=dict[str, object], hash=False)
    id: str | None = None
    sequence: int = 0

    def __attrs_post_init__(self) -> None:
        contact, event_id = self.contact, self.id
        if not contact:
            raise InvalidValueError(contact, "contact of an event", "Give the contact's id")
        # Events are made by the million; what is usual is asked for in the way that costs least.
        if not (
            self.fields.__class__ is dict
            and contact.__class__ is str
            and self.type.__class__ is str
            and self.sequence.__class__ is int
            and (event_id is None or event_id.__class__ is str)
        ):
            self._refuse_other_types()

    def _refuse_other_types(self) -> None:
        if not isinstance(self.fields, Mapping):
            raise WrongTypeError(self.fields, "fields of an event", "Give {name: value}")
        require_texts(self, "contact", "type", *(() if self.id is None else ("id",)))
        if not isinstance(self.sequence, int) or isinstance(self.sequence, bool):
            raise WrongTypeError(self.sequence, "sequence of an event", "Give an int")
