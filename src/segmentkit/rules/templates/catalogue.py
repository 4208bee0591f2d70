"""The forms as lists, for a page that offers them: the eight templates, and the ten behaviours."""

from __future__ import annotations

from attrs import evolve

from segmentkit.query import builder
from segmentkit.rules.templates.behaviours import (
    added_staff,
    added_to_cart,
    has_assisted_order,
    has_opportunity,
    joined_campaign,
    joined_chat,
    purchased,
    sent_message,
    viewed_material,
    viewed_product,
)
from segmentkit.rules.templates.forms import Choice, Template, TemplateField
from segmentkit.rules.templates.ready import (
    browsing_frequency,
    customer_intent,
    customer_value,
    follow_up_priority,
    material_preference,
    purchase_frequency,
    purchase_preference,
    referral_ability,
)

_MONTH, _QUARTER = builder.last(days=30), builder.last(days=90)
_CAMPAIGN_KINDS = (
    Choice("task", "task campaign", "任务裂变"),
    Choice("group", "group campaign", "群裂变"),
)
_MATERIAL_KINDS = (
    Choice("article", "article", "文章"),
    Choice("page", "web page", "网页"),
    Choice("video", "video", "视频"),
    Choice("file", "file", "文件"),
)
_ANY_OR_ALL = (
    Choice("any", "one is enough", "满足任一"),
    Choice("all", "both are needed", "全部满足"),
)

_DURING = TemplateField("during", "window", "time", "时间")
_TIMES = TemplateField("times", "times", "count", "次数")
_DURATION = TemplateField("duration", "duration", "duration of each view", "每次浏览时长")
_AMOUNT = TemplateField("amount", "amount", "amount", "金额")
_AVERAGE = TemplateField("average_order_value", "amount", "average order value", "客单价")
_MATERIAL = TemplateField("category", "texts", "class of material", "素材类目")
_GOODS = TemplateField("category", "texts", "class of goods", "商品类目")
_KEYWORDS = TemplateField("keywords", "texts", "keywords in messages", "消息关键词")
_CAMPAIGN = TemplateField("kind", "choice", "kind of campaign", "活动类型", _CAMPAIGN_KINDS)
_CREATED = TemplateField("created", "window", "created", "创建时间")
_STAGE = TemplateField("stage", "texts", "stage", "阶段")
_WORTH = TemplateField("amount", "amount", "amount", "商机金额")
_CLOSE = TemplateField("expected_close", "window", "expected close", "预计成交时间")
_INTENT = TemplateField("intent", "number", "intent level", "意向度")
_PRIORITY = TemplateField("priority", "texts", "priority", "优先级")

TEMPLATES: tuple[Template, ...] = (
    Template(
        browsing_frequency,
        "content",
        "material browsing frequency",
        "素材浏览频次",
        (evolve(_DURING, default=_MONTH), evolve(_TIMES, default=3), _DURATION),
    ),
    Template(
        material_preference,
        "content",
        "material preference",
        "素材偏好",
        (_MATERIAL, evolve(_DURING, default=_MONTH), evolve(_TIMES, default=3), _DURATION),
    ),
    Template(
        follow_up_priority,
        "intent",
        "follow-up priority",
        "跟进优先级",
        (
            evolve(_INTENT, default=4),
            evolve(_CLOSE, default=builder.next_(days=30)),
            _STAGE,
            _WORTH,
            _PRIORITY,
            _CREATED,
        ),
    ),
    Template(
        customer_intent,
        "intent",
        "customer intent",
        "客户意向",
        (
            evolve(_KEYWORDS, default=("价格", "优惠", "price", "discount")),
            TemplateField("messages", "times", "number of messages", "消息条数"),
            TemplateField("cart", "yes_no", "the cart counts", "加入购物车也算", default=True),
            TemplateField("cart_category", "texts", "class of goods in the cart", "加购商品类目"),
            TemplateField("cart_quantity", "number", "number of goods in the cart", "加购商品数量"),
            TemplateField("cart_amount", "amount", "amount in the cart", "加购商品总额"),
            evolve(_DURING, default=_MONTH),
            TemplateField(
                "needs", "choice", "any or all of the two", "满足任一或全部", _ANY_OR_ALL, "any"
            ),
        ),
    ),
    Template(
        purchase_preference,
        "trading",
        "purchase preference",
        "购买偏好",
        (
            _GOODS,
            evolve(_DURING, default=_QUARTER),
            evolve(_TIMES, default=3),
            _AMOUNT,
            _AVERAGE,
        ),
    ),
    Template(
        purchase_frequency,
        "trading",
        "purchase frequency",
        "购买频次",
        (evolve(_DURING, default=_QUARTER), evolve(_TIMES, default=6), _AMOUNT, _AVERAGE),
    ),
    Template(
        customer_value,
        "trading",
        "customer value",
        "客户价值",
        (
            TemplateField("amount", "amount", "total amount of orders", "订单总额", default=10_000),
            TemplateField("orders", "times", "number of orders", "订单总数", default=10),
            _DURING,
        ),
    ),
    Template(
        referral_ability,
        "referral",
        "referral ability",
        "拉新能力",
        (
            TemplateField("invited", "number", "people brought in", "拉新人数", default=10),
            _DURING,
            _CAMPAIGN,
        ),
    ),
)
"""The eight, in the order of a page; `ready()` of each can be used as it is."""

BEHAVIOURS: tuple[Template, ...] = (
    Template(
        joined_chat,
        "conversation",
        "joined a group chat",
        "加入群聊",
        (TemplateField("chats", "texts", "group chats", "群聊"), _DURING, _TIMES),
    ),
    Template(
        added_staff,
        "conversation",
        "added a staff member",
        "添加员工",
        (TemplateField("staff", "texts", "staff members", "员工"), _DURING, _TIMES),
    ),
    Template(
        viewed_material,
        "content",
        "viewed material",
        "浏览素材",
        (
            _MATERIAL,
            TemplateField("kind", "texts", "kind of material", "素材类型", _MATERIAL_KINDS),
            _DURATION,
            _DURING,
            _TIMES,
        ),
    ),
    Template(
        joined_campaign,
        "referral",
        "joined a fission campaign",
        "参加裂变活动",
        (
            _CAMPAIGN,
            TemplateField("campaign", "texts", "campaigns", "活动"),
            TemplateField("invited", "number", "people brought in", "邀请人数"),
            TemplateField("completed", "yes_no", "recruiting task reached", "完成拉新任务"),
            _DURING,
            _TIMES,
        ),
    ),
    Template(
        sent_message,
        "conversation",
        "sent a message",
        "发消息",
        (_KEYWORDS, _DURING, evolve(_TIMES, en="number of messages", zh="消息条数")),
    ),
    Template(
        purchased,
        "mall",
        "purchased goods",
        "购买商品",
        (_GOODS, _AMOUNT, _AVERAGE, _DURING, _TIMES),
    ),
    Template(
        added_to_cart,
        "mall",
        "added to the cart",
        "加入购物车",
        (
            _GOODS,
            TemplateField("quantity", "number", "number of goods", "商品数量"),
            TemplateField("amount", "amount", "total amount of goods", "商品总额"),
            _DURING,
            _TIMES,
        ),
    ),
    Template(
        viewed_product, "mall", "viewed goods", "浏览商品", (_GOODS, _DURATION, _DURING, _TIMES)
    ),
    Template(
        has_opportunity,
        "sales",
        "has an opportunity",
        "有商机",
        (_CREATED, _STAGE, _WORTH, _CLOSE, _INTENT, _PRIORITY),
    ),
    Template(
        has_assisted_order,
        "sales",
        "has an order placed by staff",
        "有代客订单",
        (
            _CREATED,
            TemplateField("total_amount", "amount", "total amount of orders", "订单总额"),
            TemplateField("orders", "times", "number of orders", "订单总数"),
            TemplateField("paid", "yes_no", "paid", "已回款"),
            TemplateField("paid_amount", "amount", "amount paid", "回款金额"),
        ),
    ),
)
"""What a custom rule is made of, in the order of a page; each `make` also takes a `where`."""
