"""The ready templates as a list: what a page shows that offers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from segmentkit.query import Condition, Language
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

Family: TypeAlias = Literal["content", "trading", "intent", "referral"]
FieldKind: TypeAlias = Literal["window", "times", "number", "amount", "duration", "texts", "choice"]


@frozen
class TemplateField:
    """
    One field of a template's form.

    Attributes:
        name: of the function's argument.
        kind: what the form asks for.
        en: its label.
        zh: its label.
        required: whether the template needs it.
    """

    name: str
    kind: FieldKind
    en: str
    zh: str
    required: bool = False

    def label(self, lang: Language = "en") -> str:
        return self.zh if lang == "zh" else self.en


@frozen
class Template:
    """
    One ready template.

    Attributes:
        make: the function; its arguments are the fields' names.
        family: which kind of behaviour it looks at.
        en: its title.
        zh: its title.
        fields: of its form, in order.
    """

    make: Callable[..., Condition]
    family: Family
    en: str
    zh: str
    fields: tuple[TemplateField, ...]

    @property
    def name(self) -> str:
        """Of the function, for a form to send back."""
        return self.make.__name__

    def title(self, lang: Language = "en") -> str:
        return self.zh if lang == "zh" else self.en


FAMILIES: Mapping[Family, Mapping[Language, str]] = {
    "content": {"en": "content browsing", "zh": "内容浏览"},
    "trading": {"en": "trading", "zh": "交易"},
    "intent": {"en": "intent", "zh": "意向"},
    "referral": {"en": "referral", "zh": "拉新"},
}
"""Titles of the families."""

_DURING = TemplateField("during", "window", "time", "时间")
_TIMES = TemplateField("times", "times", "count", "次数")
_DURATION = TemplateField("duration", "duration", "duration of each view", "每次浏览时长")
_AMOUNT = TemplateField("amount", "amount", "amount", "金额")
_AVERAGE = TemplateField("average_order_value", "amount", "average order value", "客单价")

TEMPLATES: tuple[Template, ...] = (
    Template(
        browsing_frequency,
        "content",
        "material browsing frequency",
        "素材浏览频次",
        (_DURING, _TIMES, _DURATION),
    ),
    Template(
        material_preference,
        "content",
        "material preference",
        "素材偏好",
        (
            TemplateField("category", "texts", "class of material", "素材类目", required=True),
            _DURING,
            _TIMES,
            _DURATION,
        ),
    ),
    Template(
        follow_up_priority,
        "intent",
        "follow-up priority",
        "跟进优先级",
        (
            TemplateField("intent", "number", "intent level", "意向度"),
            TemplateField("expected_close", "window", "expected close", "预计成交时间"),
            TemplateField("stage", "texts", "stage", "阶段"),
            TemplateField("amount", "amount", "amount", "商机金额"),
            TemplateField("priority", "texts", "priority", "优先级"),
            TemplateField("created", "window", "created", "创建时间"),
        ),
    ),
    Template(
        customer_intent,
        "intent",
        "customer intent",
        "客户意向",
        (
            TemplateField("keywords", "texts", "keywords in messages", "消息关键词"),
            TemplateField("messages", "times", "number of messages", "消息条数"),
            TemplateField("cart_category", "texts", "class of goods in the cart", "加购商品类目"),
            TemplateField("cart_quantity", "number", "number of goods in the cart", "加购商品数量"),
            TemplateField("cart_amount", "amount", "amount in the cart", "加购商品总额"),
            _DURING,
            TemplateField("needs", "choice", "any or all of the two", "满足任一或全部"),
        ),
    ),
    Template(
        purchase_preference,
        "trading",
        "purchase preference",
        "购买偏好",
        (
            TemplateField("category", "texts", "class of goods", "商品类目", required=True),
            _DURING,
            _TIMES,
            _AMOUNT,
            _AVERAGE,
        ),
    ),
    Template(
        purchase_frequency,
        "trading",
        "purchase frequency",
        "购买频次",
        (_DURING, _TIMES, _AMOUNT, _AVERAGE),
    ),
    Template(
        customer_value,
        "trading",
        "customer value",
        "客户价值",
        (
            TemplateField("amount", "amount", "total amount of orders", "订单总额"),
            TemplateField("orders", "times", "number of orders", "订单总数"),
            _DURING,
        ),
    ),
    Template(
        referral_ability,
        "referral",
        "referral ability",
        "拉新能力",
        (
            TemplateField("invited", "number", "people brought in", "拉新人数"),
            _DURING,
            TemplateField("kind", "choice", "kind of campaign", "活动类型"),
        ),
    ),
)
"""The eight, in the order of a page."""
