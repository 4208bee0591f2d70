"""
A schema to start from: the contact fields and the behaviours that shops and sales teams know.

Everything here answers to an English and a Chinese name. A host that outgrows it declares its own
`Schema`; nothing in the library depends on this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from attrs import evolve

from segmentkit.arguments import refuse_other_types
from segmentkit.model.collections import ASSISTED_ORDER, FOLLOW_UP, OPPORTUNITY
from segmentkit.model.schema import Collection, Field, FieldType, Schema

_CATEGORY = Field("category", FieldType.TEXT, aliases=("类目",))
_DURATION = Field("duration", FieldType.DURATION, aliases=("时长",))
_SKU = Field("sku", FieldType.TEXT, aliases=("商品",))
_QUANTITY = Field("quantity", FieldType.INTEGER, aliases=("数量",))
_AMOUNT = Field("amount", FieldType.MONEY, aliases=("金额",), currency="CNY")
_CHANNEL = Field("channel", FieldType.TEXT, aliases=("渠道",))

_CONTACT_FIELDS = (
    Field("name", FieldType.TEXT, aliases=("姓名",)),
    Field("phone", FieldType.TEXT, aliases=("手机",)),
    Field("email", FieldType.TEXT, aliases=("邮箱",)),
    Field("gender", FieldType.TEXT, aliases=("性别",), values=("男", "女")),
    Field("birthday", FieldType.DATE, aliases=("生日",)),
    Field("age", FieldType.INTEGER, aliases=("年龄",)),
    Field("occupation", FieldType.TEXT, aliases=("职业",)),
    Field("industry", FieldType.TEXT, aliases=("行业",)),
    Field("city", FieldType.TEXT, aliases=("城市",)),
    Field("district", FieldType.TEXT, aliases=("商圈",)),
    Field("income", FieldType.MONEY, aliases=("收入",), currency="CNY"),
    Field("monthly_spending", FieldType.MONEY, aliases=("月消费",), currency="CNY"),
    Field("interests", FieldType.TEXT_LIST, aliases=("兴趣",)),
    Field("added_by", FieldType.TEXT, aliases=("添加人",), references="staff"),
    Field("added", FieldType.INSTANT, aliases=("添加时间",)),
    _CHANNEL,
)

_COLLECTIONS = (
    Collection(
        "join_chat",
        fields=[Field("chat", FieldType.TEXT, aliases=("群聊",), references="chat")],
        aliases=("入群", "加入群聊"),
    ),
    Collection(
        "add_staff",
        fields=[Field("staff", FieldType.TEXT, aliases=("员工",), references="staff")],
        aliases=("添加员工",),
    ),
    Collection(
        "view_material",
        fields=[
            Field("material", FieldType.TEXT, aliases=("素材",)),
            Field(
                "kind",
                FieldType.TEXT,
                aliases=("类型",),
                values=("article", "page", "video", "file"),
            ),
            _CATEGORY,
            _DURATION,
        ],
        aliases=("浏览素材",),
    ),
    Collection(
        "join_campaign",
        fields=[
            Field("campaign", FieldType.TEXT, aliases=("活动",)),
            Field("kind", FieldType.TEXT, aliases=("类型",), values=("task", "group")),
            Field("invited", FieldType.INTEGER, aliases=("邀请人数",)),
            Field("completed", FieldType.BOOLEAN, aliases=("完成任务",)),
        ],
        aliases=("参加活动", "参加裂变活动"),
    ),
    Collection(
        "send_message",
        fields=[Field("text", FieldType.TEXT, aliases=("内容",))],
        aliases=("发消息",),
    ),
    Collection(
        "purchase",
        fields=[_SKU, _CATEGORY, _QUANTITY, _AMOUNT, _CHANNEL],
        aliases=("购买", "购买商品"),
    ),
    Collection(
        "add_to_cart",
        fields=[_SKU, _CATEGORY, _QUANTITY, _AMOUNT],
        aliases=("加购", "加入购物车"),
    ),
    Collection("view_product", fields=[_SKU, _CATEGORY, _DURATION], aliases=("浏览商品",)),
    OPPORTUNITY,
    ASSISTED_ORDER,
    FOLLOW_UP,
)


@refuse_other_types
def standard_schema(
    *,
    fields: Iterable[Field] = (),
    collections: Iterable[Collection] = (),
    currency: str = "CNY",
    week_starts: Literal["monday", "sunday"] = "monday",
) -> Schema:
    """
    The fields of a contact and the behaviours that most hosts have, with Chinese aliases.

    Behaviours: join_chat, add_staff, view_material, join_campaign, send_message, purchase,
    add_to_cart, view_product, follow_up. Records: opportunity, assisted_order. Memberships: tag,
    group, chat, staff, list, segment.

    Args:
        fields: of the host's own; one with a standard name takes the standard one's place.
        collections: likewise.
        currency: of every amount.
        week_starts: the first day of a week.

    Raises:
        DuplicateNameError: two things answer to one name.

    Examples:
        >>> schema = standard_schema(fields=[Field("level", FieldType.TEXT, aliases=("等级",))])
        >>> schema.field("等级").name, schema.collection("购买").name
        ('level', 'purchase')
        >>> schema.collection("purchase").field("金额").currency
        'CNY'
    """
    own_fields, own_collections = tuple(fields), tuple(collections)
    taken = {declared.name for declared in own_fields}
    replaced = {collection.name for collection in own_collections}
    return Schema(
        fields=(
            *(_in(currency, each) for each in _CONTACT_FIELDS if each.name not in taken),
            *own_fields,
        ),
        collections=(
            *(
                evolve(each, fields=[_in(currency, declared) for declared in each.fields])
                for each in _COLLECTIONS
                if each.name not in replaced
            ),
            *own_collections,
        ),
        week_starts=week_starts,
    )


def _in(currency: str, declared: Field) -> Field:
    return evolve(declared, currency=currency) if declared.type is FieldType.MONEY else declared
