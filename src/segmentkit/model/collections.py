"""Collections that a CRM usually has, ready to be put into a schema or copied and changed."""

from __future__ import annotations

from segmentkit.arguments import refuse_other_types
from segmentkit.model.follow_up import Channel, FollowUp
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.schema import Collection, Field, FieldType
from segmentkit.model.values import FieldValue

FOLLOW_UP = Collection(
    "follow_up",
    "did",
    fields=[
        Field("staff", FieldType.TEXT, aliases=("员工",), references="staff", always_known=True),
        Field(
            "channel",
            FieldType.TEXT,
            aliases=("方式",),
            values=tuple(channel.value for channel in Channel),
            always_known=True,
        ),
        Field("need", FieldType.TEXT, aliases=("需求",)),
        Field("problem", FieldType.TEXT, aliases=("问题",)),
        Field("solution", FieldType.TEXT, aliases=("方案",)),
        Field("next_time", FieldType.INSTANT, aliases=("下次跟进",)),
    ],
    aliases=("跟进",),
)
"""The follow-ups of a state: `did not follow_up in last 30 days`."""

OPPORTUNITY = Collection(
    "opportunity",
    "has",
    fields=[
        Field("name", FieldType.TEXT, aliases=("名称",)),
        Field("created", FieldType.INSTANT, aliases=("创建时间",)),
        Field("stage", FieldType.TEXT, aliases=("阶段",), values=("线索", "谈判", "报价", "成交")),
        Field("amount", FieldType.MONEY, aliases=("金额",), currency="CNY"),
        Field("expected_close", FieldType.DATE, aliases=("预计成交日期",)),
        Field("intent", FieldType.INTEGER, aliases=("意向度",)),
        Field("priority", FieldType.TEXT, aliases=("优先级",), values=("高", "中", "低")),
        Field("staff", FieldType.TEXT, aliases=("员工",), references="staff"),
    ],
    aliases=("商机",),
    time="created",
)
"""Business opportunities that a staff member pursues."""

ASSISTED_ORDER = Collection(
    "assisted_order",
    "has",
    fields=[
        Field("created", FieldType.INSTANT, aliases=("创建时间",)),
        Field("amount", FieldType.MONEY, aliases=("金额",), currency="CNY"),
        Field("paid", FieldType.BOOLEAN, aliases=("回款",)),
        Field("paid_amount", FieldType.MONEY, aliases=("回款金额",), currency="CNY"),
        Field("staff", FieldType.TEXT, aliases=("员工",), references="staff"),
    ],
    aliases=("代客订单",),
    time="created",
)
"""Orders that a staff member placed for the customer."""


@refuse_other_types
def follow_up_fields(follow_up: FollowUp) -> FrozenMap[FieldValue]:
    """
    A follow-up as a row of `FOLLOW_UP`; its `time` and `id` are those of the row.

    Blank texts are missing, and so is a next time that was not agreed.
    """
    texts = {
        "staff": follow_up.staff,
        "channel": follow_up.channel.value,
        "need": follow_up.need,
        "problem": follow_up.problem,
        "solution": follow_up.solution,
    }
    fields: dict[str, FieldValue] = {name: text for name, text in texts.items() if text.strip()}
    if follow_up.next_time is not None:
        fields["next_time"] = follow_up.next_time
    return FrozenMap(fields)
