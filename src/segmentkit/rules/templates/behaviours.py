"""
What customers do, one function for each behaviour, with every field that a marketer's form has.

Within one behaviour all conditions hold together, of the same items: `purchased(category="鞋",
amount=1000)` means shoes for 1000, not shoes and, apart from that, 1000. Several behaviours are
joined by whoever writes the rule: `all_of([...])`, `any_of([...])`.

Every function gives an ordinary condition: print it, edit the text, parse it again. What a form has
beyond these fields goes into `where`, a condition on the single item, as text or as a tree. A field
that is None, a blank text or a list of none but blank ones is not filled in, and is not asked.

Raises:
    WrongTypeError, InvalidValueError: an argument is not what its field takes: a number where a
        length of time is wanted, a number of times that is not whole or below 0.
    QueryError: the text of a `where` cannot be read.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from segmentkit.arguments import refuse_other_types
from segmentkit.query import Condition, ConditionLike, Window, builder
from segmentkit.rules.templates.clauses import (
    Texts,
    counted,
    falls_in,
    filled_in,
    is_,
    lasts,
    narrowed,
    one_of,
    spread,
    within,
)
from segmentkit.rules.templates.quantities import Quantity

CampaignKind: TypeAlias = Literal["task", "group", ""]
"""A kind of campaign; "", as a page sends a choice that was not made, is none in particular."""


@refuse_other_types
def joined_chat(
    *,
    chats: Texts | None = None,
    during: Window | None = None,
    times: Quantity | None = None,
    where: str | ConditionLike | None = None,
) -> Condition:
    """
    Joined a group chat (加入群聊).

    Args:
        chats: the chats that count; any chat where not given.
        during: when.
        times: how often.
        where: more about the single joining.

    Examples:
        >>> from segmentkit.query import format
        >>> from segmentkit.query.builder import last
        >>> format(joined_chat(chats="福州一群", during=last(days=7)))
        "did join_chat where (chat = '福州一群') in last 7 days"
    """
    activity = narrowed(builder.did("join_chat"), one_of("chat", chats), where)
    return counted(activity, during, times)


@refuse_other_types
def added_staff(
    *,
    staff: Texts | None = None,
    during: Window | None = None,
    times: Quantity | None = None,
    where: str | ConditionLike | None = None,
) -> Condition:
    """
    Added a staff member as a friend (添加员工).

    Args:
        staff: the staff members who count; anyone where not given.
        during: when.
        times: how often.
        where: more about the single adding.
    """
    activity = narrowed(builder.did("add_staff"), one_of("staff", staff), where)
    return counted(activity, during, times)


@refuse_other_types
def viewed_material(
    *,
    category: Texts | None = None,
    kind: Texts | None = None,
    duration: Quantity | None = None,
    during: Window | None = None,
    times: Quantity | None = None,
    where: str | ConditionLike | None = None,
) -> Condition:
    """
    Looked at material: articles, web pages, videos, files (浏览素材).

    Args:
        category: the classes that count; any where not given.
        kind: article, page, video or file; any where not given.
        duration: of each single view; shorter ones are not counted.
        during: when.
        times: how often.
        where: more about the single view.

    Examples:
        >>> from datetime import timedelta
        >>> from segmentkit.query import format
        >>> print(
        ...     format(
        ...         viewed_material(category="产品手册", duration=timedelta(seconds=30), times=3)
        ...     )
        ... )
        did view_material where (category = '产品手册' and duration >= 30 seconds) at least 3 times
    """
    activity = narrowed(
        builder.did("view_material"),
        one_of("kind", kind),
        one_of("category", category),
        lasts(duration),
        where,
    )
    return counted(activity, during, times)


@refuse_other_types
def joined_campaign(
    *,
    kind: CampaignKind | None = None,
    campaign: Texts | None = None,
    invited: Quantity | None = None,
    completed: bool | None = None,
    during: Window | None = None,
    times: Quantity | None = None,
    where: str | ConditionLike | None = None,
) -> Condition:
    """
    Took part in a fission campaign (参加裂变活动).

    Args:
        kind: of campaign; a task or a group one counts where not given.
        campaign: the campaigns that count; any where not given.
        invited: people brought in by one participation.
        completed: whether the recruiting task was reached.
        during: when the contact took part.
        times: how often.
        where: more about the single participation.

    Examples:
        >>> from segmentkit.query import format
        >>> format(joined_campaign(invited=5))
        "did join_campaign where (kind in ('task', 'group') and invited >= 5)"
    """
    activity = narrowed(
        builder.did("join_campaign"),
        one_of("kind", kind or ("task", "group")),
        one_of("campaign", campaign),
        within(builder.field("invited"), invited),
        is_("completed", completed),
        where,
    )
    return counted(activity, during, times)


@refuse_other_types
def sent_message(
    *,
    keywords: Texts | None = None,
    during: Window | None = None,
    times: Quantity | None = None,
    where: str | ConditionLike | None = None,
) -> Condition:
    """
    Sent a message (发消息).

    Args:
        keywords: one of them stands in the message; any message counts where not given.
        during: when.
        times: how many messages.
        where: more about the single message.

    Examples:
        >>> from segmentkit.query import format
        >>> format(sent_message(keywords=["价格", "优惠"], times=2))
        "did send_message where (text contains any ('价格', '优惠')) at least 2 times"
    """
    words = filled_in(keywords)
    contains = None if words is None else builder.field("text").contains(*spread(words))
    return counted(narrowed(builder.did("send_message"), contains, where), during, times)


@refuse_other_types
def purchased(
    *,
    category: Texts | None = None,
    amount: Quantity | None = None,
    average_order_value: Quantity | None = None,
    during: Window | None = None,
    times: Quantity | None = None,
    where: str | ConditionLike | None = None,
) -> Condition:
    """
    Bought goods (购买商品).

    Args:
        category: the classes of goods that count; any where not given.
        amount: of all these purchases together.
        average_order_value: amount for each purchase (客单价).
        during: when.
        times: how often.
        where: more about the single purchase.

    Examples:
        >>> from segmentkit.query import format
        >>> format(purchased(category="鞋", times=3, amount=1000, average_order_value=200))
        "did purchase where (category = '鞋') at least 3 times having (sum(amount) >= 1000 and avg(amount) >= 200)"
    """
    activity = narrowed(builder.did("purchase"), one_of("category", category), where)
    return counted(
        activity,
        during,
        times,
        within(builder.total("amount"), amount),
        within(builder.average("amount"), average_order_value),
    )


@refuse_other_types
def added_to_cart(
    *,
    category: Texts | None = None,
    quantity: Quantity | None = None,
    amount: Quantity | None = None,
    during: Window | None = None,
    times: Quantity | None = None,
    where: str | ConditionLike | None = None,
) -> Condition:
    """
    Put goods into the cart (加入购物车).

    Args:
        category: the classes of goods that count; any where not given.
        quantity: how many goods, all together.
        amount: of all these goods together.
        during: when.
        times: how often something was put in.
        where: more about the single time.

    Examples:
        >>> from segmentkit.query import format
        >>> format(added_to_cart(quantity=2, amount=500))
        'did add_to_cart having (sum(quantity) >= 2 and sum(amount) >= 500)'
    """
    activity = narrowed(builder.did("add_to_cart"), one_of("category", category), where)
    return counted(
        activity,
        during,
        times,
        within(builder.total("quantity"), quantity),
        within(builder.total("amount"), amount),
    )


@refuse_other_types
def viewed_product(
    *,
    category: Texts | None = None,
    duration: Quantity | None = None,
    during: Window | None = None,
    times: Quantity | None = None,
    where: str | ConditionLike | None = None,
) -> Condition:
    """
    Looked at goods (浏览商品).

    Args:
        category: the classes of goods that count; any where not given.
        duration: of each single view; shorter ones are not counted.
        during: when.
        times: how often.
        where: more about the single view.
    """
    activity = narrowed(
        builder.did("view_product"),
        one_of("category", category),
        lasts(duration),
        where,
    )
    return counted(activity, during, times)


@refuse_other_types
def has_opportunity(
    *,
    created: Window | None = None,
    stage: Texts | None = None,
    amount: Quantity | None = None,
    expected_close: Window | None = None,
    intent: Quantity | None = None,
    priority: Texts | None = None,
    where: str | ConditionLike | None = None,
) -> Condition:
    """
    Has a business opportunity that a staff member pursues (有商机).

    Args:
        created: when it was opened.
        stage: where it stands; any of these.
        amount: what it is worth.
        expected_close: when it is expected to be won.
        intent: level of intent.
        priority: any of these.
        where: more about the single opportunity.

    Examples:
        >>> from segmentkit.query import format
        >>> from segmentkit.query.builder import next_
        >>> format(has_opportunity(intent=4, expected_close=next_(days=30)))
        'has opportunity where (expected_close in next 30 days and intent >= 4)'
    """
    activity = narrowed(
        builder.has("opportunity"),
        falls_in("created", created),
        one_of("stage", stage),
        within(builder.field("amount"), amount),
        falls_in("expected_close", expected_close),
        within(builder.field("intent"), intent),
        one_of("priority", priority),
        where,
    )
    return activity.condition


@refuse_other_types
def has_assisted_order(
    *,
    created: Window | None = None,
    total_amount: Quantity | None = None,
    orders: Quantity | None = None,
    paid: bool | None = None,
    paid_amount: Quantity | None = None,
    where: str | ConditionLike | None = None,
) -> Condition:
    """
    Has orders that a staff member placed for the customer (有代客订单).

    Args:
        created: when the order was placed.
        total_amount: of these orders together.
        orders: how many.
        paid: whether the single order is paid (回款).
        paid_amount: what has been paid for these orders together.
        where: more about the single order.

    Examples:
        >>> from segmentkit.query import format
        >>> format(has_assisted_order(paid=True, total_amount=10_000, orders=2))
        'has assisted_order where (paid = true) at least 2 times having (sum(amount) >= 10000)'
    """
    activity = narrowed(
        builder.has("assisted_order"), falls_in("created", created), is_("paid", paid), where
    )
    return counted(
        activity,
        None,
        orders,
        within(builder.total("amount"), total_amount),
        within(builder.total("paid_amount"), paid_amount),
    )
