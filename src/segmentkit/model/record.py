"""Records: rows of a collection that have no verb of their own, such as opportunities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import field, frozen

from segmentkit.arguments import explain_other_types
from segmentkit.model.checks import require_id, require_texts
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.schema import Schema
from segmentkit.model.values import FieldValue, read_fields


@frozen
class Record:
    """
    One row of a collection: an opportunity (商机), an order placed for the customer (代客订单).

    Args:
        contact: id of the contact.
        collection: name of the collection in the schema.
        id: unique within the collection of one contact.
        fields: values by canonical field name; `Record.read` checks them against a schema.
    """

    table: ClassVar[str] = "record"

    contact: str
    collection: str
    id: str
    fields: FrozenMap[FieldValue] = field(factory=FrozenMap, converter=FrozenMap[FieldValue])

    def __attrs_post_init__(self) -> None:
        require_texts(self, "contact", "collection")
        require_id(self.id, "id of a record")

    @property
    def key(self) -> tuple[str, ...]:
        return (self.contact, self.collection, self.id)

    @classmethod
    @explain_other_types
    def read(
        cls,
        schema: Schema,
        contact: str,
        collection: str,
        id: str,  # noqa: A002 - the field's name
        fields: Mapping[str, object],
    ) -> Record:
        """
        A record whose fields the schema has checked; names may be aliases.

        Raises:
            UnknownNameError: a collection or field that the schema does not have.
            WrongTypeError, InvalidValueError: a value that its field cannot take.
        """
        described = schema.collection(collection)
        return cls(contact, described.name, id, read_fields(described, fields))
