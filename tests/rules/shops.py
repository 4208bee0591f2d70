"""A small shop, written short: contacts, purchases, holds, pins and the nights over them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from segmentkit.model import (
    FOLLOW_UP,
    Collection,
    Contact,
    Event,
    Field,
    FieldType,
    Hold,
    Origin,
    Pin,
    Role,
    Schema,
    Staff,
    State,
    Tag,
    TagGroup,
)
from segmentkit.rules import Plan, Rule, plan_night
from segmentkit.stores import MemoryStore

DAY = date(2026, 11, 20)
ZONE = "Asia/Shanghai"
# 24:00 of that day in Shanghai.
AT = datetime(2026, 11, 20, 16, tzinfo=UTC)

SCHEMA = Schema(
    fields=[
        Field("city", FieldType.TEXT, aliases=["城市"]),
        Field("level", FieldType.INTEGER),
        Field("birthday", FieldType.DATE),
    ],
    collections=[
        Collection(
            "purchase",
            aliases=["购买"],
            fields=[
                Field("amount", FieldType.MONEY, currency="CNY", aliases=["金额"]),
                Field("category", FieldType.TEXT),
            ],
        ),
        Collection("view", fields=[Field("dwell", FieldType.DURATION)]),
        Collection(
            "opportunity",
            verb="has",
            time="created",
            fields=[
                Field("stage", FieldType.TEXT),
                Field("amount", FieldType.MONEY, currency="CNY"),
                Field("expected_close", FieldType.DATE),
            ],
        ),
        FOLLOW_UP,
    ],
)

AUTOMATIC = ("VIP", "新客", "流失", "活跃", "待挽回", "一", "二", "三")
CATALOG = [
    TagGroup("level", "等级"),
    TagGroup("hand", "手工"),
    *(Tag(f"t-{name}", name, "level", origin=Origin.AUTOMATIC) for name in AUTOMATIC),
    Tag("t-重点", "重点", "hand"),
]
PEOPLE = [Staff("li.lei"), Staff("boss", role=Role.ADMIN)]


def bought(contact: str, days_ago: float = 1, amount: int | str = 100, **more) -> Event:
    """A purchase so many days before 24:00 of the day, with an id that its content makes."""
    moment = AT - timedelta(days=days_ago)
    fields = {"amount": Decimal(amount), "category": "鞋", **more}
    return Event(contact, "purchase", moment, fields, f"{contact}:{moment}:{amount}")


def shop(
    events: Iterable[Event] = (),
    *,
    contacts: Iterable[Contact | str] = (),
    holds: Iterable[Hold] = (),
    pins: Iterable[Pin] = (),
    more: Iterable = (),
) -> MemoryStore:
    """A store; whoever did something is a contact."""
    events = list(events)
    people = {c if isinstance(c, str) else c.id: c for c in contacts}
    for event in events:
        people.setdefault(event.contact, event.contact)
    known = [Contact(c) if isinstance(c, str) else c for c in people.values()]
    state = State.of(SCHEMA, [*CATALOG, *PEOPLE, *known, *holds, *pins, *more])
    return MemoryStore(state, events)


def rule(tag: str, when: str, **more) -> Rule:
    """A rule for a tag of 等级; its id is the tag's name unless given."""
    return Rule(tag=f"等级/{tag}", when=when, **{"id": tag, **more})


def night(rules: Iterable[Rule] | Rule, store: MemoryStore, day: date = DAY, **more) -> Plan:
    """The plan of a night in Shanghai, by the interpreter unless told otherwise."""
    listed = [rules] if isinstance(rules, Rule) else list(rules)
    return plan_night(listed, store, **{"day": day, "zone": ZONE, "engine": "interpreter", **more})


def tagged(store: MemoryStore, tag: str) -> dict[str, set[str]]:
    """Who carries a tag of 等级, by what holds it: `rule:VIP`, `admin:boss`."""
    found: dict[str, set[str]] = {}
    for hold in store.state.holds_with(f"t-{tag}"):
        found.setdefault(f"{hold.source}:{hold.holder}", set()).add(hold.contact)
    return found


def held(contact: str, tag: str, source: str = "rule", holder: str | None = None, **more) -> Hold:
    """A hold of a tag of 等级 since long ago."""
    since = datetime.combine(DAY - timedelta(days=30), time(), UTC)
    return Hold(contact, f"t-{tag}", source, holder or tag, since, **more)


def pinned(contact: str, tag: str, direction: str) -> Pin:
    """A pin by the boss."""
    since = datetime.combine(DAY - timedelta(days=3), time(), UTC)
    return Pin(contact, "tag", f"t-{tag}", direction, "boss", since)


def sizes(plan: Plan) -> Mapping[str, tuple[int, int, int]]:
    """Entered, left and stayed by rule."""
    return {o.rule.id: (len(o.entered), len(o.left), len(o.stayed)) for o in plan.outcomes}
