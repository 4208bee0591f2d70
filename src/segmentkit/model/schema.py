"""
What a host's data looks like: the fields of a contact and the collections that belong to it.

A schema is plain data. Names are free text in any script; each may have aliases, so that `tag` and
`标签` are the same collection. The checker of the language and every engine read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Literal, TypeVar

from attrs import field, frozen

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.errors import DuplicateNameError, InvalidValueError, UnknownNameError
from segmentkit.model.checks import several, texts
from segmentkit.text import suggestion, text_key

_Named = TypeVar("_Named", "Field", "Collection")


class FieldType(Enum):
    """
    What a field holds, and so which operators may follow it.

    | type | Python value | notes |
    |---|---|---|
    | TEXT | str | compared by text key |
    | INTEGER | int | exact |
    | DECIMAL | Decimal or int | exact, at most `scale` digits after the point |
    | MONEY | Decimal or int | as DECIMAL, in one `currency` |
    | FLOAT | float or int | only where inexactness is meant |
    | BOOLEAN | bool | |
    | DATE | date | a calendar day, no zone |
    | INSTANT | aware datetime | compared in UTC |
    | DURATION | timedelta | exact elapsed time |
    | TEXT_LIST | tuple of str | `contains any`, `contains all` |
    """

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    DURATION = "duration"
    TEXT_LIST = "text_list"


NUMERIC_TYPES = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.FLOAT})


def _field_type(given: FieldType | str) -> FieldType:
    try:
        return FieldType(given)
    except ValueError:
        words = ", ".join(each.value for each in FieldType)
        raise InvalidValueError(given, "type of a field", f"Known are {words}") from None


@refuse_other_types
@frozen
class Field:
    """
    One named, typed value of a contact or of an item.

    Args:
        name: canonical name, as stored.
        type: what it holds.
        aliases: other names that mean this field; the first Chinese one is what Chinese text prints.
        currency: of MONEY, as the host writes it ("CNY").
        scale: digits after the point of MONEY and DECIMAL.
        values: the values that completion offers; others are allowed.
        always_known: never missing, so that a negation over it needs no hint.
        references: the kind of thing whose id this TEXT field holds ("tag", "staff"), if any.
    """

    name: str
    type: FieldType = field(converter=_field_type)
    aliases: tuple[str, ...] = field(default=(), converter=texts)
    currency: str | None = None
    scale: int = 2
    values: tuple[str, ...] = field(default=(), converter=texts)
    always_known: bool = False
    references: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.type is not FieldType.MONEY and self.currency is not None:
            place = f"currency of field {self.name!r}"
            raise InvalidValueError(self.currency, place, "Only MONEY has a currency")
        if not 0 <= self.scale <= 9:
            raise InvalidValueError(self.scale, f"scale of field {self.name!r}", "Give 0 to 9")


@refuse_other_types
@frozen
class Collection:
    """
    Anything that belongs to a contact and comes in rows.

    Args:
        name: canonical name.
        verb: `did` for events, `has` for records and tags, `in` for the other memberships.
        fields: typed fields of a row. INSTANT `time` and TEXT `id` are added where absent.
        key: the field that `has tag 'VIP'` names; None when rows are told apart by `where` only.
        time: the INSTANT field that windows after the activity speak of; None when rows have none.
        tree: keys stand in a tree, so that `under` makes sense.
    """

    name: str
    verb: Literal["did", "has", "in"] = "did"
    fields: tuple[Field, ...] = field(default=(), converter=several(Field))
    aliases: tuple[str, ...] = field(default=(), converter=texts)
    key: str | None = None
    time: str | None = "time"
    tree: bool = False
    _by_name: Mapping[str, Field] = field(init=False, repr=False, eq=False, hash=False)

    def __attrs_post_init__(self) -> None:
        if self.verb not in ("did", "has", "in"):
            place = f"verb of collection {self.name!r}"
            raise InvalidValueError(self.verb, place, "Give 'did', 'has' or 'in'")
        fields = list(self.fields)
        present = {f.name for f in fields}
        if self.time is not None and self.time not in present:
            fields.append(Field(self.time, FieldType.INSTANT, aliases=("时间",), always_known=True))
        if "id" not in present:
            fields.append(Field("id", FieldType.TEXT, aliases=("编号",)))
        object.__setattr__(self, "fields", tuple(fields))
        place = f"fields of collection {self.name!r}"
        object.__setattr__(self, "_by_name", _names_of(fields, place))
        for role, name in (("key", self.key), ("time", self.time)):
            if name is not None and name not in {f.name for f in fields}:
                raise UnknownNameError(name, f"{role} of collection {self.name!r}")

    @explain_other_types
    def find_field(self, name: str) -> Field | None:
        """The field of that name or alias, or None."""
        return self._by_name.get(text_key(name))

    @explain_other_types
    def field(self, name: str) -> Field:
        """
        The field of that name or alias.

        Raises:
            UnknownNameError: there is none; the remedy names the nearest, or those there are.
        """
        found = self.find_field(name)
        if found is None:
            raise UnknownNameError(
                name, f"collection {self.name!r}", suggestion(name, self.field_names())
            )
        return found

    def field_names(self) -> list[str]:
        """Every name and alias of every field."""
        return [n for f in self.fields for n in (f.name, *f.aliases)]


@refuse_other_types
@frozen
class Schema:
    """
    The fields of a contact and the collections that belong to it.

    The memberships that every host has (tag, group, chat, staff, list, segment) are added where the
    host does not give its own.

    Args:
        fields: of a contact. TEXT `id` is added where absent.
        collections: events, records and memberships.
        week_starts: the first day of a week in `this week` and `previous week`.

    Raises:
        DuplicateNameError: two things answer to one name.

    Examples:
        >>> schema = Schema(
        ...     fields=[Field("city", FieldType.TEXT, aliases=("城市",))],
        ...     collections=[
        ...         Collection(
        ...             "purchase", fields=[Field("amount", FieldType.MONEY, currency="CNY")]
        ...         )
        ...     ],
        ... )
        >>> schema.field("城市").name
        'city'
    """

    fields: tuple[Field, ...] = field(default=(), converter=several(Field))
    collections: tuple[Collection, ...] = field(default=(), converter=several(Collection))
    week_starts: Literal["monday", "sunday"] = "monday"
    _fields_by_name: Mapping[str, Field] = field(init=False, repr=False, eq=False, hash=False)
    _collections_by_name: Mapping[str, Collection] = field(
        init=False, repr=False, eq=False, hash=False
    )

    def __attrs_post_init__(self) -> None:
        if self.week_starts not in ("monday", "sunday"):
            raise InvalidValueError(self.week_starts, "week_starts", "Give 'monday' or 'sunday'")
        for collection in self.collections:
            for name in PRIVATE_COLLECTIONS.get(collection.name, ()):
                if collection.find_field(name) is None:
                    place = f"fields of collection {collection.name!r}"
                    raise UnknownNameError(name, place, "It decides who may see a row: add it")
        fields = self.fields
        if "id" not in {f.name for f in fields}:
            fields = (Field("id", FieldType.TEXT, aliases=("编号",), always_known=True), *fields)
        given = {c.name for c in self.collections}
        collections = self.collections + tuple(c for c in MEMBERSHIPS if c.name not in given)
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "collections", collections)
        object.__setattr__(self, "_fields_by_name", _names_of(fields, "fields of a contact"))
        object.__setattr__(self, "_collections_by_name", _names_of(collections, "collections"))

    @explain_other_types
    def find_field(self, name: str) -> Field | None:
        """The contact field of that name or alias, or None."""
        return self._fields_by_name.get(text_key(name))

    @explain_other_types
    def field(self, name: str) -> Field:
        """
        The contact field of that name or alias.

        Raises:
            UnknownNameError: there is none; the remedy names the nearest, or those there are.
        """
        found = self.find_field(name)
        if found is None:
            raise UnknownNameError(
                name, "fields of a contact", suggestion(name, self.field_names())
            )
        return found

    @explain_other_types
    def find_collection(self, name: str) -> Collection | None:
        """The collection of that name or alias, or None."""
        return self._collections_by_name.get(text_key(name))

    @explain_other_types
    def collection(self, name: str) -> Collection:
        """
        The collection of that name or alias.

        Raises:
            UnknownNameError: there is none; the remedy names the nearest, or those there are.
        """
        found = self.find_collection(name)
        if found is None:
            raise UnknownNameError(name, "collections", suggestion(name, self.collection_names()))
        return found

    def field_names(self) -> list[str]:
        """Every name and alias of every contact field."""
        return [n for f in self.fields for n in (f.name, *f.aliases)]

    def collection_names(self) -> list[str]:
        """Every name and alias of every collection."""
        return [n for c in self.collections for n in (c.name, *c.aliases)]


def _names_of(things: Iterable[_Named], place: str) -> dict[str, _Named]:
    by_name: dict[str, _Named] = {}
    for thing in things:
        for name in (thing.name, *thing.aliases):
            key = text_key(name)
            if not key:
                raise InvalidValueError(name, place, "A name needs at least one visible character")
            if by_name.setdefault(key, thing) is not thing:
                raise DuplicateNameError(name, place, "Give one of the two another name or alias")
    return by_name


def _membership(
    name: str, alias: str, *more: Field, verb: Literal["has", "in"] = "in", tree: bool = False
) -> Collection:
    """A membership's key field bears the collection's own name and holds the other side's id."""
    key = Field(name, FieldType.TEXT, aliases=(alias,), always_known=True, references=name)
    return Collection(
        name, verb, (key, *more), aliases=(alias,), key=name, time="assigned", tree=tree
    )


# Collections some of whose rows do not exist for some viewers or at some instants, with the fields
# that decide it.
PRIVATE_COLLECTIONS: Mapping[str, tuple[str, ...]] = {
    "tag": ("expires", "source", "staff"),
    "list": ("staff",),
    "follow_up": ("staff",),
}

_ASSIGNED = Field("assigned", FieldType.INSTANT, aliases=("打标时间", "加入时间"))
_STAFF = Field("staff", FieldType.TEXT, aliases=("员工",), references="staff")
_KIND = Field("kind", FieldType.TEXT, aliases=("类型",), references="group_type")

MEMBERSHIPS: tuple[Collection, ...] = (
    _membership(
        "tag",
        "标签",
        _STAFF,
        Field(
            "source",
            FieldType.TEXT,
            aliases=("来源",),
            values=("staff", "admin", "rule", "import", "sync"),
            references="source",
        ),
        Field("tag_group", FieldType.TEXT, aliases=("标签组",), references="tag_group"),
        Field("expires", FieldType.INSTANT, aliases=("到期时间",)),
        _ASSIGNED,
        verb="has",
        tree=True,
    ),
    _membership("group", "群组", _KIND, _ASSIGNED, tree=True),
    _membership(
        "chat",
        "群聊",
        Field("owner", FieldType.TEXT, aliases=("群主",), references="staff"),
        _ASSIGNED,
    ),
    _membership("staff", "员工", _ASSIGNED, verb="has"),
    _membership("list", "列表", _STAFF, _ASSIGNED),
    _membership("segment", "分群", _ASSIGNED),
)
