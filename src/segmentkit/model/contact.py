"""A contact: one person or firm that the host knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.model.checks import optional_instant, require_id, require_texts, text_set
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.schema import Schema
from segmentkit.model.values import FieldValue, read_fields

# Fields of a schema that a contact holds as attributes, because every host has them.
ATTRIBUTES = ("id", "added_by", "added", "channel")


@frozen
class Contact:
    """
    One contact at one moment of its life. Identity is the id.

    Args:
        id: the host's id.
        fields: values by canonical field name; `Contact.read` checks them against a schema.
        added_by: the staff member who added it first; every one who added it is in `StaffLink`.
        added: when it came in; kept in UTC.
        channel: where it came from: "form", "import", "live stream".
        followed_by: staff members who starred it.
    """

    table: ClassVar[str] = "contact"

    id: str
    fields: FrozenMap[FieldValue] = field(factory=FrozenMap, converter=FrozenMap[FieldValue])
    added_by: str | None = None
    added: datetime | None = field(default=None, converter=optional_instant)
    channel: str | None = None
    followed_by: frozenset[str] = field(default=frozenset(), converter=text_set)

    def __attrs_post_init__(self) -> None:
        require_id(self.id, "id of a contact")
        for name in ("added_by", "channel"):
            if getattr(self, name) is not None:
                require_texts(self, name)
        for name in ATTRIBUTES:
            if name in self.fields:
                place = f"fields of contact {self.id!r}"
                raise InvalidValueError(name, place, "It is an attribute: give it by keyword")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.id,)

    @refuse_other_types
    def value(self, name: str) -> FieldValue | None:
        """The value of a field by its canonical name; None is missing."""
        return getattr(self, name) if name in ATTRIBUTES else self.fields.get(name)

    @classmethod
    @explain_other_types
    def read(
        cls,
        schema: Schema,
        id: str,  # noqa: A002 - the field's name
        fields: Mapping[str, object] | None = None,
        *,
        added_by: str | None = None,
        added: datetime | None = None,
        channel: str | None = None,
        followed_by: frozenset[str] = frozenset(),
    ) -> Contact:
        """
        A contact whose fields the schema has checked; names may be aliases.

        Raises:
            UnknownNameError: a field that the schema does not have.
            WrongTypeError, InvalidValueError: a value that its field cannot take.

        Examples:
            >>> from segmentkit.model.schema import Field, FieldType
            >>> schema = Schema(fields=[Field("city", FieldType.TEXT, aliases=("城市",))])
            >>> Contact.read(schema, "c-17", {"城市": "福州"}).value("city")
            '福州'
        """
        values = read_fields(schema, fields or {})
        for name in ATTRIBUTES:
            if name in values:
                raise InvalidValueError(
                    values[name], f"field {name!r}", f"Give it as the argument {name}="
                )
        return cls(id, values, added_by, added, channel, followed_by)
