"""
The eight ready templates of automatic tags, each a function whose arguments are its form's fields.

As all behaviours they give ordinary conditions. `TEMPLATES` lists them for a page that offers them.
"""

from __future__ import annotations

from segmentkit.errors import InvalidValueError
from segmentkit.query import Condition, Quantifier, Window, builder
from segmentkit.rules.templates.behaviours import (
    CampaignKind,
    Texts,
    added_to_cart,
    has_opportunity,
    purchased,
    sent_message,
    viewed_material,
)
from segmentkit.rules.templates.quantities import Quantity, as_bounds


def browsing_frequency(
    *,
    during: Window | None = None,
    times: Quantity = 1,
    duration: Quantity | None = None,
) -> Condition:
    """
    素材浏览频次: interest in content, from how often any material was looked at.

    Args:
        during: when the material was looked at.
        times: how often.
        duration: of each single view; shorter ones are not counted.

    Examples:
        >>> from segmentkit.query import format
        >>> from segmentkit.query.builder import last
        >>> format(browsing_frequency(during=last(days=14), times=3))
        'did view_material at least 3 times in last 14 days'
    """
    return viewed_material(during=during, times=times, duration=duration)


def material_preference(
    *,
    category: Texts,
    during: Window | None = None,
    times: Quantity = 1,
    duration: Quantity | None = None,
) -> Condition:
    """
    素材偏好: content preference, from how often material of one class was looked at.

    Args:
        category: the class, or several of which any counts.
        during: when the material was looked at.
        times: how often.
        duration: of each single view; shorter ones are not counted.
    """
    return viewed_material(category=category, during=during, times=times, duration=duration)


def follow_up_priority(
    *,
    intent: Quantity | None = None,
    expected_close: Window | None = None,
    stage: Texts | None = None,
    amount: Quantity | None = None,
    priority: Texts | None = None,
    created: Window | None = None,
) -> Condition:
    """
    跟进优先级: whom to follow up first, from the opportunities that are open.

    Args:
        intent: level of intent.
        expected_close: when the opportunity is expected to be won.
        stage: where it stands; any of these.
        amount: what it is worth.
        priority: any of these.
        created: when it was opened.
    """
    return has_opportunity(
        intent=intent,
        expected_close=expected_close,
        stage=stage,
        amount=amount,
        priority=priority,
        created=created,
    )


def customer_intent(
    *,
    keywords: Texts | None = None,
    messages: Quantity | None = None,
    cart_category: Texts | None = None,
    cart_quantity: Quantity | None = None,
    cart_amount: Quantity | None = None,
    during: Window | None = None,
    needs: Quantifier = "any",
) -> Condition:
    """
    客户意向: purchase intent, from words in messages and from what was put into the cart.

    Args:
        keywords: one of them stands in a message; without, messages tell nothing.
        messages: how many such messages.
        cart_category: the classes of goods put into the cart; any where not given.
        cart_quantity: how many goods, all together.
        cart_amount: of all these goods together.
        during: when, of both behaviours.
        needs: "any" when one of the two behaviours is enough, "all" when both are needed.

    Raises:
        InvalidValueError: *messages* without *keywords*.

    Examples:
        >>> from segmentkit.query import format
        >>> format(customer_intent(keywords=["价格", "优惠"]))
        "did send_message where (text contains any ('价格', '优惠')) or did add_to_cart"
    """
    cart = added_to_cart(
        category=cart_category, quantity=cart_quantity, amount=cart_amount, during=during
    )
    if keywords is None:
        if messages is not None:
            raise InvalidValueError(messages, "messages", "Give the keywords that they contain")
        return cart
    said = sent_message(keywords=keywords, times=messages, during=during)
    return (builder.any_of if needs == "any" else builder.all_of)([said, cart]).condition


def purchase_preference(
    *,
    category: Texts,
    during: Window | None = None,
    times: Quantity = 1,
    amount: Quantity | None = None,
    average_order_value: Quantity | None = None,
) -> Condition:
    """
    购买偏好: shopping preference, from purchases of one class of goods.

    Args:
        category: the class, or several of which any counts.
        during: when the goods were bought.
        times: how often.
        amount: of all these purchases together.
        average_order_value: amount for each purchase (客单价).
    """
    return purchased(
        category=category,
        during=during,
        times=times,
        amount=amount,
        average_order_value=average_order_value,
    )


def purchase_frequency(
    *,
    during: Window | None = None,
    times: Quantity = 1,
    amount: Quantity | None = None,
    average_order_value: Quantity | None = None,
) -> Condition:
    """
    购买频次: frequent buyers, from purchases of any goods.

    Args:
        during: when the goods were bought.
        times: how often.
        amount: of all these purchases together.
        average_order_value: amount for each purchase (客单价).
    """
    return purchased(
        during=during, times=times, amount=amount, average_order_value=average_order_value
    )


def customer_value(
    *,
    amount: Quantity | None = None,
    orders: Quantity | None = None,
    during: Window | None = None,
) -> Condition:
    """
    客户价值: high-value customers, from what they have bought in all.

    Who has bought nothing has an amount of 0 and 0 orders, and so is below any limit.

    Args:
        amount: of all orders together.
        orders: how many.
        during: when; all time where not given.

    Raises:
        InvalidValueError: neither amount nor orders.

    Examples:
        >>> from segmentkit.query import format
        >>> format(customer_value(amount=10_000, orders=10))
        'sum(purchase.amount) >= 10000 and count(purchase) >= 10'
    """
    limits = (("purchase.amount", builder.total, amount), ("purchase", builder.count, orders))
    wanted: list[builder.Built] = [
        as_bounds(limit).on(_during(measure(of), during))
        for of, measure, limit in limits
        if limit is not None
    ]
    if not wanted:
        raise InvalidValueError(None, "amount and orders", "Give at least one of them")
    return builder.all_of(wanted).condition


def referral_ability(
    *,
    invited: Quantity = 1,
    during: Window | None = None,
    kind: CampaignKind | None = None,
) -> Condition:
    """
    拉新能力: influential customers, from the people they brought in by fission campaigns.

    Args:
        invited: people brought in by all campaigns together.
        during: when the contact took part.
        kind: of campaign; task and group ones count where not given.

    Examples:
        >>> from segmentkit.query import format
        >>> from segmentkit.query.builder import last
        >>> format(referral_ability(invited=20, during=last(days=365)))
        'sum(join_campaign.invited in last 365 days) >= 20'
    """
    brought_in = builder.total("join_campaign.invited")
    if kind is not None:
        brought_in = brought_in.where(builder.field("kind") == kind)
    return as_bounds(invited).on(_during(brought_in, during)).condition


def _during(measure: builder.AggregateExpression, window: Window | None) -> builder.Expression:
    return measure if window is None else measure.during(window)
