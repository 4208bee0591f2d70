"""A small office for the tests of the model: people, groups, tags and contacts, written short."""

from datetime import UTC, datetime, timedelta

from segmentkit.model import (
    FOLLOW_UP,
    OPPORTUNITY,
    SYSTEM,
    CollaborationTeam,
    Contact,
    ContactGroup,
    Field,
    FieldType,
    GroupChat,
    GroupType,
    Origin,
    Role,
    Schema,
    Settings,
    Staff,
    State,
    Tag,
    TagGroup,
    Viewer,
)

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)

SCHEMA = Schema(
    fields=[
        Field("name", FieldType.TEXT, aliases=("姓名",)),
        Field("phone", FieldType.TEXT, aliases=("手机",)),
        Field("email", FieldType.TEXT, aliases=("邮箱",)),
        Field("age", FieldType.INTEGER, aliases=("年龄",)),
        Field("birthday", FieldType.DATE, aliases=("生日",)),
        Field("spent", FieldType.MONEY, aliases=("消费金额",), currency="CNY"),
        Field("vip", FieldType.BOOLEAN),
        Field("seen", FieldType.INSTANT),
        Field("hobbies", FieldType.TEXT_LIST, aliases=("爱好",)),
    ],
    collections=[FOLLOW_UP, OPPORTUNITY],
)

BOSS = Viewer("boss", Role.ADMIN)
LEADER = Viewer("lead", Role.LEADER)
LI = Viewer("li", Role.STAFF)
HAN = Viewer("han", Role.STAFF)
PEOPLE = (SYSTEM, BOSS, LEADER, LI, HAN)

STAFF = (
    Staff("boss", "老板", Role.ADMIN),
    Staff("lead", "组长", Role.LEADER),
    Staff("li", "李雷"),
    Staff("han", "韩梅梅"),
)
TAGS = (
    TagGroup("level", "等级", order=0),
    TagGroup("intent", "意向", order=1),
    Tag("vip", "VIP", "level", order=0),
    Tag("plain", "普通", "level", order=1),
    Tag("strong", "强", "intent", order=0),
    Tag("weak", "弱", "intent", order=1),
    Tag("auto", "高频", "level", Origin.AUTOMATIC, order=2),
)
GROUPS = (
    ContactGroup("customers", "客户", GroupType.CUSTOMER),
    ContactGroup("prospects", "潜在客户", GroupType.CUSTOMER, parent="customers"),
    ContactGroup("high", "高", GroupType.CUSTOMER, parent="customers", family="value"),
    ContactGroup("low", "低", GroupType.CUSTOMER, parent="customers", family="value"),
    ContactGroup("partners", "合作伙伴", GroupType.PARTNER),
)
CONTACTS = tuple(Contact(one) for one in ("c1", "c2", "c3"))


PLAIN = Settings()


def office(*more, settings: Settings = PLAIN) -> State:
    """The office with whatever a test adds."""
    things = (*STAFF, *TAGS, *GROUPS, *CONTACTS, settings, CollaborationTeam("t", "", {"li"}))
    given = {(type(one), one.key): one for one in (*things, *more)}
    return State.of(SCHEMA, given.values())


def shared_office(*more) -> State:
    """The office with sales collaboration on, li and han in one team."""
    team = CollaborationTeam("t", "", {"li", "han"})
    return office(team, *more, settings=Settings(sales_collaboration=True))


CHATS = (
    GroupChat("f1", "福州一群", "li", {"重点"}),
    GroupChat("f2", "福州二群", "han", {"重点", "新客"}),
    GroupChat("x1", "厦门群", "li"),
)
