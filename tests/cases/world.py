"""The people of a case as a memory store: holds, memberships, chats, records, events."""

from datetime import UTC, datetime

from cases.reading import Case, Row, Someone
from cases.schema import SHOP

from segmentkit.model import (
    ChatMember,
    CollaborationTeam,
    Contact,
    ContactGroup,
    ContactList,
    Event,
    GroupChat,
    GroupType,
    Hold,
    ListEntry,
    Membership,
    Record,
    Role,
    Staff,
    StaffLink,
    State,
    Tag,
    TagGroup,
)
from segmentkit.query import Segment, bind, parse
from segmentkit.stores import MemoryStore, StateNames

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TAGS = {
    "消费": ["高消费", "高频", "VIP"],
    "状态": ["流失", "需要回访", "意向强"],
    "渠道": ["VIP客户", "双11高消费", "双11新客"],
}
GROUPS = [
    ContactGroup("g-customer", "客户", GroupType.CUSTOMER),
    ContactGroup("g-old", "老客户", GroupType.CUSTOMER, parent="g-customer"),
    ContactGroup("g-prospect", "潜在客户"),
]
SEGMENTS = {"高价值": "sum(purchase.amount) >= 1000", "已流失": "did not purchase in last 90 days"}
PARAMETERS = {"vip_amount": 5_000, "staff_ids": ["li.lei", "han.mm"]}
DIRECTORY = [
    *(TagGroup(f"tg-{group}", group) for group in TAGS),
    *(Tag(f"t-{tag}", tag, f"tg-{group}") for group, tags in TAGS.items() for tag in tags),
    *GROUPS,
    *(GroupChat(f"chat-{name}", name) for name in ("福州一群", "福州二群", "厦门群")),
    Staff("li.lei", "李雷"),
    Staff("han.mm", "韩梅梅"),
    Staff("boss", "老板", Role.ADMIN),
    CollaborationTeam("team", "销售一组", {"li.lei"}),
    ContactList("l-1", "双十一名单"),
]


def store_of(case: Case) -> MemoryStore:
    names = StateNames(State.of(SHOP, DIRECTORY))
    entities, events = [], []
    for someone in case.people:
        entities += entities_of(someone, names)
        events += events_of(someone, names)
    state = State.of(SHOP, [*DIRECTORY, *entities])
    segments = [Segment(f"s-{n}", n, bind(parse(text), SHOP)) for n, text in SEGMENTS.items()]
    return MemoryStore(state, events, segments=segments)


def entities_of(someone: Someone, names: StateNames):
    fields = dict(someone.fields)
    followed = {r.fields["staff"] for r in someone.rows if r.key == "我关注的"}
    attributes = {n: fields.pop(n) for n in ("added_by", "added", "channel") if n in fields}
    yield Contact.read(SHOP, someone.name, fields, followed_by=frozenset(followed), **attributes)
    for number, row in enumerate(someone.rows):
        entity = _entity(someone.name, number, row, names)
        if entity is not None:
            yield entity


def _entity(contact: str, number: int, row: Row, names: StateNames):
    when = row.time or LONG_AGO
    match row.collection:
        case "tag":
            source = str(row.fields.get("source", "admin"))
            holder = str(row.fields.get("staff", "boss"))
            expires = row.fields.get("expires")
            return Hold(contact, _id(names, "tag", row), source, holder, when, expires)
        case "group":
            return Membership(contact, _id(names, "group", row), "admin", "boss", when)
        case "chat":
            return ChatMember(contact, _id(names, "chat", row), when)
        case "staff":
            return StaffLink(contact, _id(names, "staff", row), when)
        case "list" if row.key != "我关注的":
            return ListEntry(contact, _id(names, "list", row), when)
        case "opportunity" | "assisted_order" | "address":
            created = {} if row.time is None else {"created": row.time}
            return Record.read(
                SHOP, contact, row.collection, f"{contact}-{number}", {**created, **row.fields}
            )
        case _:
            return None


def events_of(someone: Someone, names: StateNames):
    for number, row in enumerate(someone.rows):
        collection = SHOP.collection(row.collection)
        if collection.verb == "did":
            fields = {
                name: _named(names, collection.field(name).references, value)
                for name, value in row.fields.items()
            }
            id_ = f"{someone.name}-{number}"
            yield Event(someone.name, row.collection, row.time, fields, id_)


def _named(names: StateNames, kind: str | None, value):
    return names.find(kind, value)[0].id if kind else value


def _id(names: StateNames, kind: str, row: Row) -> str:
    (found,) = names.find(kind, row.key)
    return found.id
