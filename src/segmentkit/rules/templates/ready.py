"""
The eight ready templates of automatic tags, each a function whose arguments are its form's fields.

As all behaviours they give ordinary conditions; a field that is not given, None or blank, is not
asked.
`TEMPLATES` lists them for a page that offers them.
"""

from __future__ import annotations

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.query import Activity, Condition, Quantifier, Window, builder
from segmentkit.rules.templates.behaviours import (
    CampaignKind,
    added_to_cart,
    has_opportunity,
    purchased,
    sent_message,
    viewed_material,
)
from segmentkit.rules.templates.clauses import Texts, filled_in
from segmentkit.rules.templates.quantities import Quantity, as_number, as_times


@refuse_other_types
def browsing_frequency(
    *,
    during: Window | None = None,
    times: Quantity | None = None,
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


@refuse_other_types
def material_preference(
    *,
    category: Texts | None = None,
    during: Window | None = None,
    times: Quantity | None = None,
    duration: Quantity | None = None,
) -> Condition:
    """
    素材偏好: content preference, from how often material of one class was looked at.

    Args:
        category: the class, or several of which any counts; where not given, all that was looked
            at in that time is of one class, whichever it is.
        during: when the material was looked at.
        times: how often.
        duration: of each single view; shorter ones are not counted.

    Examples:
        >>> from segmentkit.query import format
        >>> format(material_preference(times=3))
        'did view_material at least 3 times having (distinct(category) = 1)'
    """
    category = filled_in(category)
    views = viewed_material(category=category, during=during, times=times, duration=duration)
    return _of_one_class(views) if category is None else views


@refuse_other_types
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


@refuse_other_types
def customer_intent(
    *,
    keywords: Texts | None = None,
    messages: Quantity | None = None,
    cart: bool | None = None,
    cart_category: Texts | None = None,
    cart_quantity: Quantity | None = None,
    cart_amount: Quantity | None = None,
    during: Window | None = None,
    needs: Quantifier = "any",
) -> Condition:
    """
    客户意向: purchase intent, from words in messages and from what was put into the cart.

    What is not filled in is not asked: with keywords alone the cart tells nothing, with fields of
    the cart alone messages tell nothing.

    Args:
        keywords: one of them stands in a message; without, messages tell nothing.
        messages: how many such messages.
        cart: whether putting goods into the cart tells something. Where not given, it does when
            one of its fields is given, or no keywords are.
        cart_category: the classes of goods put into the cart; any where not given.
        cart_quantity: how many goods, all together.
        cart_amount: of all these goods together.
        during: when, of both behaviours.
        needs: "any" when one of two behaviours is enough, "all" when both are needed.

    Raises:
        InvalidValueError: *messages* without *keywords*; *cart* is false, and there are no keywords
            or something is said of the cart all the same.

    Examples:
        >>> from segmentkit.query import format
        >>> format(customer_intent(keywords=["价格", "优惠"]))
        "did send_message where (text contains any ('价格', '优惠'))"
        >>> format(customer_intent(keywords=["价格", "优惠"], cart=True))
        "did send_message where (text contains any ('价格', '优惠')) or did add_to_cart"
    """
    keywords, cart_category = filled_in(keywords), filled_in(cart_category)
    if keywords is None and messages is not None:
        raise InvalidValueError(messages, "messages", "Give the keywords that they contain")
    of_cart = (cart_category, cart_quantity, cart_amount)
    says_cart = any(each is not None for each in of_cart)
    if cart is False and (says_cart or keywords is None):
        remedy = "Say nothing of the cart" if says_cart else "Give keywords, or leave the cart in"
        raise InvalidValueError(cart, "cart", remedy)
    asked: list[Condition] = []
    if keywords is not None:
        asked.append(sent_message(keywords=keywords, times=messages, during=during))
    if cart or says_cart or keywords is None:
        asked.append(
            added_to_cart(
                category=cart_category, quantity=cart_quantity, amount=cart_amount, during=during
            )
        )
    return (builder.any_of if needs == "any" else builder.all_of)(asked).condition


@refuse_other_types
def purchase_preference(
    *,
    category: Texts | None = None,
    during: Window | None = None,
    times: Quantity | None = None,
    amount: Quantity | None = None,
    average_order_value: Quantity | None = None,
) -> Condition:
    """
    购买偏好: shopping preference, from purchases of one class of goods.

    Args:
        category: the class, or several of which any counts; where not given, all that was bought
            in that time is of one class, whichever it is.
        during: when the goods were bought.
        times: how often.
        amount: of all these purchases together.
        average_order_value: amount for each purchase (客单价).
    """
    category = filled_in(category)
    purchases = purchased(
        category=category,
        during=during,
        times=times,
        amount=amount,
        average_order_value=average_order_value,
    )
    return _of_one_class(purchases) if category is None else purchases


@refuse_other_types
def purchase_frequency(
    *,
    during: Window | None = None,
    times: Quantity | None = None,
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


@refuse_other_types
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
        orders: how many; 1 where no amount is given either.
        during: when; all time where not given.

    Examples:
        >>> from segmentkit.query import format
        >>> format(customer_value(amount=10_000, orders=10))
        'sum(purchase.amount) >= 10000 and count(purchase) >= 10'
    """
    if amount is None and orders is None:
        orders = 1
    wanted: list[builder.Built] = []
    if amount is not None:
        wanted.append(as_number(amount).on(_during(builder.total("purchase.amount"), during)))
    if orders is not None:
        wanted.append(as_times(orders).on(_during(builder.count("purchase"), during)))
    return builder.all_of(wanted).condition


@refuse_other_types
def referral_ability(
    *,
    invited: Quantity | None = None,
    during: Window | None = None,
    kind: CampaignKind | None = None,
) -> Condition:
    """
    拉新能力: influential customers, from the people they brought in by fission campaigns.

    Args:
        invited: people brought in by all campaigns together; 1 where not given.
        during: when the contact took part.
        kind: of campaign; task and group ones count where not given.

    Examples:
        >>> from segmentkit.query import format
        >>> from segmentkit.query.builder import last
        >>> format(referral_ability(invited=20, during=last(days=365)))
        'sum(join_campaign.invited in last 365 days) >= 20'
    """
    brought_in = builder.total("join_campaign.invited")
    if kind:
        brought_in = brought_in.where(builder.field("kind") == kind)
    return as_number(1 if invited is None else invited).on(_during(brought_in, during)).condition


def _during(measure: builder.AggregateExpression, window: Window | None) -> builder.Expression:
    return measure if window is None else measure.during(window)


def _of_one_class(condition: Condition) -> Condition:
    """A behaviour of those who kept to one class of things, whichever it is."""
    assert isinstance(condition, Activity)
    kept = builder.distinct("category") == 1
    return builder.ActivityBuilder(condition).having(kept).condition
