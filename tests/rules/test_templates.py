"""Templates and behaviours: every field of their forms counts, and each gives plain text."""

import inspect
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws.worlds import Asker, row

from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.model import standard_schema
from segmentkit.query import check, format, parse  # noqa: A004
from segmentkit.query.builder import all_of, field, last, next_, parameter
from segmentkit.rules import Rule, templates
from segmentkit.rules.templates import TEMPLATES, at_least, at_most, below, between, purchased
from segmentkit.stores import Row

SCHEMA = standard_schema()
RECENT, LONG_AGO = "2026-11-20T12:00", "2026-01-01T12:00"
TODAY = date(2026, 11, 20)
SECONDS = timedelta(seconds=1)
asked = Asker("interpreter")


def holds(condition, /, fields=None, **rows: Iterable[Row]) -> bool:
    return asked(condition, fields, schema=SCHEMA, **rows)


def view(when=RECENT, seconds=40, **fields):
    return row(
        when, **{"category": "产品手册", "kind": "video", **fields}, duration=seconds * SECONDS
    )


def sale(when=RECENT, amount=500, **fields):
    return row(when, **{"category": "鞋", **fields}, amount=Decimal(amount))


def cart(when=RECENT, quantity=1, amount=300, **fields):
    return row(when, **{"category": "鞋", **fields}, quantity=quantity, amount=Decimal(amount))


def campaign(when=RECENT, **fields):
    return row(
        when, **{"kind": "task", "campaign": "双11", "invited": 5, "completed": True, **fields}
    )


def opportunity(created=RECENT, **fields):
    expected = {
        "stage": "谈判",
        "amount": Decimal(60_000),
        "expected_close": TODAY + timedelta(days=9),
        "intent": 4,
        "priority": "高",
    }
    return row(created, **{**expected, **fields})


def order(created=RECENT, amount=6_000, paid=True, paid_amount=3_000):
    return row(created, amount=Decimal(amount), paid=paid, paid_amount=Decimal(paid_amount))


# Every function with all its fields; the items of someone who meets them all; and for each field
# the items of someone who fails in that one alone.
FORMS = {
    "joined_chat": (
        {"chats": ["福州一群", "福州二群"], "during": last(days=7), "times": 2},
        "join_chat",
        [row(RECENT, chat="福州一群"), row(RECENT, chat="福州二群")],
        {
            "chats": [row(RECENT, chat="厦门群"), row(RECENT, chat="福州二群")],
            "during": [row(LONG_AGO, chat="福州一群"), row(RECENT, chat="福州二群")],
            "times": [row(RECENT, chat="福州一群")],
        },
    ),
    "added_staff": (
        {"staff": "li.lei", "during": last(days=7), "times": at_least(2)},
        "add_staff",
        [row(RECENT, staff="li.lei"), row(RECENT, staff="li.lei")],
        {
            "staff": [row(RECENT, staff="han.mm") for _ in range(2)],
            "during": [row(LONG_AGO, staff="li.lei") for _ in range(2)],
            "times": [row(RECENT, staff="li.lei")],
        },
    ),
    "viewed_material": (
        {
            "category": "产品手册",
            "kind": ["video", "file"],
            "duration": 30 * SECONDS,
            "during": last(days=14),
            "times": 2,
        },
        "view_material",
        [view(), view()],
        {
            "category": [view(), view(category="案例")],
            "kind": [view(), view(kind="page")],
            "duration": [view(), view(seconds=29)],
            "during": [view(), view(LONG_AGO)],
            "times": [view()],
        },
    ),
    "joined_campaign": (
        {
            "kind": "task",
            "campaign": "双11",
            "invited": 5,
            "completed": True,
            "during": last(days=7),
            "times": 2,
        },
        "join_campaign",
        [campaign(), campaign()],
        {
            "kind": [campaign(), campaign(kind="group")],
            "campaign": [campaign(), campaign(campaign="春节")],
            "invited": [campaign(), campaign(invited=4)],
            "completed": [campaign(), campaign(completed=False)],
            "during": [campaign(), campaign(LONG_AGO)],
            "times": [campaign()],
        },
    ),
    "sent_message": (
        {"keywords": ["价格", "优惠"], "during": last(days=7), "times": 2},
        "send_message",
        [row(RECENT, text="什么价格？"), row(RECENT, text="有优惠吗")],
        {
            "keywords": [row(RECENT, text="什么价格？"), row(RECENT, text="你好")],
            "during": [row(RECENT, text="什么价格？"), row(LONG_AGO, text="有优惠吗")],
            "times": [row(RECENT, text="价格优惠")],
        },
    ),
    "purchased": (
        {
            "category": "鞋",
            "amount": 1000,
            "average_order_value": 300,
            "during": last(days=90),
            "times": 3,
        },
        "purchase",
        [sale(), sale(), sale(amount=100)],
        {
            "category": [sale(), sale(), sale(amount=100, category="袜")],
            "amount": [sale(amount=333) for _ in range(3)],
            "average_order_value": [sale(), sale(), sale(amount=0), sale(amount=0)],
            "during": [sale(), sale(), sale(LONG_AGO)],
            "times": [sale(), sale()],
        },
    ),
    "added_to_cart": (
        {
            "category": "鞋",
            "quantity": 3,
            "amount": 500,
            "during": last(days=7),
            "times": 2,
        },
        "add_to_cart",
        [cart(quantity=2), cart()],
        {
            "category": [cart(quantity=2), cart(category="袜")],
            "quantity": [cart(), cart()],
            "amount": [cart(quantity=2, amount=199), cart()],
            "during": [cart(quantity=2), cart(LONG_AGO)],
            "times": [cart(quantity=3, amount=600)],
        },
    ),
    "viewed_product": (
        {"category": "鞋", "duration": 30 * SECONDS, "during": last(days=7), "times": 2},
        "view_product",
        [row(RECENT, category="鞋", duration=40 * SECONDS) for _ in range(2)],
        {
            "category": [row(RECENT, category="袜", duration=40 * SECONDS) for _ in range(2)],
            "duration": [row(RECENT, category="鞋", duration=20 * SECONDS) for _ in range(2)],
            "during": [row(LONG_AGO, category="鞋", duration=40 * SECONDS) for _ in range(2)],
            "times": [row(RECENT, category="鞋", duration=40 * SECONDS)],
        },
    ),
    "has_opportunity": (
        {
            "created": last(days=90),
            "stage": ["谈判", "报价"],
            "amount": 50_000,
            "expected_close": next_(days=30),
            "intent": 4,
            "priority": "高",
        },
        "opportunity",
        [opportunity()],
        {
            "created": [opportunity(LONG_AGO)],
            "stage": [opportunity(stage="线索")],
            "amount": [opportunity(amount=Decimal(49_999))],
            "expected_close": [opportunity(expected_close=TODAY + timedelta(days=31))],
            "intent": [opportunity(intent=3)],
            "priority": [opportunity(priority="中")],
        },
    ),
    "has_assisted_order": (
        {
            "created": last(days=180),
            "total_amount": 10_000,
            "orders": 2,
            "paid": True,
            "paid_amount": 5_000,
        },
        "assisted_order",
        [order(), order()],
        {
            "created": [order(), order(LONG_AGO)],
            "total_amount": [order(), order(amount=3_999)],
            "orders": [order(amount=12_000, paid_amount=6_000)],
            "paid": [order(), order(paid=False)],
            "paid_amount": [order(), order(paid_amount=1_999)],
        },
    ),
}
# A marketer's form has no more fields than these; `where` is for what it does not have.
CASES = [(name, field) for name, (_, _, _, failing) in FORMS.items() for field in failing]


@pytest.mark.parametrize("name", FORMS)
def test_someone_who_meets_every_field_is_found(name):
    given_fields, collection, items, _ = FORMS[name]
    condition = getattr(templates, name)(**given_fields)
    assert holds(condition, **{collection: items})
    assert not holds(condition)


@pytest.mark.parametrize(("name", "failing"), CASES)
def test_who_fails_in_one_field_alone_is_not_found(name, failing):
    given_fields, collection, _, without = FORMS[name]
    make = getattr(templates, name)
    others = {field: value for field, value in given_fields.items() if field != failing}
    assert not holds(make(**given_fields), **{collection: without[failing]})
    assert holds(make(**others), **{collection: without[failing]}), "and fails in no other"


@pytest.mark.parametrize("name", FORMS)
def test_the_test_above_tries_every_field_of_a_form(name):
    fields = set(inspect.signature(getattr(templates, name)).parameters) - {"where"}
    assert fields == set(FORMS[name][0]) == set(FORMS[name][3])


@pytest.mark.parametrize("name", FORMS)
def test_any_thing_counts_where_no_field_is_given(name):
    _, collection, items, _ = FORMS[name]
    assert holds(getattr(templates, name)(), **{collection: items[:1]})


def test_the_conditions_of_one_behaviour_hold_of_the_same_items():
    shoes_for_much = purchased(category="鞋", amount=1000)
    assert not holds(shoes_for_much, purchase=[sale(amount=10), sale(amount=5000, category="袜")])
    long_view = templates.viewed_material(category="案例", duration=30 * SECONDS)
    assert not holds(long_view, view_material=[view(), view(category="案例", seconds=1)])


def test_what_a_form_does_not_have_goes_into_where():
    by_stream = purchased(where=field("channel") == "直播", times=1)
    assert holds(by_stream, purchase=[sale(channel="直播")])
    assert not holds(by_stream, purchase=[sale(channel="门店")])


# --- the eight --------------------------------------------------------------------------------------

EXAMPLES = {
    "browsing_frequency": {"during": last(days=14), "times": 3, "duration": 30 * SECONDS},
    "material_preference": {
        "category": "案例",
        "during": last(days=14),
        "times": between(3, 5),
        "duration": 30 * SECONDS,
    },
    "follow_up_priority": {
        "intent": 4,
        "expected_close": next_(days=30),
        "stage": "谈判",
        "amount": 50_000,
        "priority": ["高", "中"],
        "created": last(days=90),
    },
    "customer_intent": {
        "keywords": ["价格", "优惠"],
        "messages": 2,
        "cart": True,
        "cart_category": "鞋",
        "cart_quantity": 2,
        "cart_amount": 500,
        "during": last(days=7),
        "needs": "all",
    },
    "purchase_preference": {
        "category": "鞋",
        "during": last(days=90),
        "times": 3,
        "amount": 1000,
        "average_order_value": 200,
    },
    "purchase_frequency": {
        "during": last(days=90),
        "times": 6,
        "amount": below(1000),
        "average_order_value": at_most(Decimal("99.50")),
    },
    "customer_value": {"amount": parameter("vip"), "orders": 10, "during": last(days=365)},
    "referral_ability": {"invited": 20, "during": last(days=365), "kind": "group"},
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_the_examples_fill_in_every_field(template):
    assert set(EXAMPLES[template.name]) == {f.name for f in template.fields}


@pytest.mark.parametrize("name", [*EXAMPLES, *FORMS])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_template_can_be_edited_as_text(name, lang):
    arguments = EXAMPLES[name] if name in EXAMPLES else FORMS[name][0]
    condition = getattr(templates, name)(**arguments)
    text = format(condition, lang, schema=SCHEMA)
    bound = check(parse(text), SCHEMA, parameters={"vip": 10_000}, text=text)
    assert bound.diagnostics == ()
    assert bound.condition == check(condition, SCHEMA, parameters={"vip": 10_000}).condition
    assert Rule(tag="t", when=text).condition == parse(text)


def test_value_is_a_total_over_all_goods_and_0_for_who_bought_none():
    small = templates.customer_value(amount=below(1000))
    assert holds(small)
    assert holds(small, purchase=[sale(amount=999)])
    assert not holds(small, purchase=[sale(amount=999), sale(amount=1, category="袜")])
    assert holds(templates.customer_value(), purchase=[sale(amount=0)])
    assert not holds(templates.customer_value())


def test_referral_adds_up_what_every_campaign_brought():
    influential = templates.referral_ability(invited=10)
    assert holds(influential, join_campaign=[campaign(), campaign(kind="group")])
    assert not holds(influential, join_campaign=[campaign()])
    grouped = templates.referral_ability(invited=10, kind="group")
    assert not holds(grouped, join_campaign=[campaign(), campaign(kind="group")])


def test_two_behaviours_are_joined_by_whoever_writes_the_rule():
    both = all_of([purchased(times=2), templates.sent_message(keywords="价格")]).condition
    assert holds(both, purchase=[sale(), sale()], send_message=[row(RECENT, text="价格")])
    assert not holds(both, purchase=[sale(), sale()])


# --- how much ---------------------------------------------------------------------------------------


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))
def test_a_quantity_means_its_range_for_times_and_for_values(done, low, high):
    low, high = sorted((low, high))
    meanings = [
        (low, done >= low),
        (at_least(low), done >= low),
        (at_most(high), done <= high),
        (between(low, high), low <= done <= high),
        (below(high), done < high),
        (templates.Bounds(low=low, below=high + 1), low <= done <= high),
    ]
    purchases = [sale() for _ in range(done)]
    for quantity, expected in meanings:
        # Times: 0 of them satisfies `at most`, and `at least 0`.
        assert holds(purchased(times=quantity), purchase=purchases) is expected
        assert holds(templates.customer_value(orders=quantity), purchase=purchases) is expected


def test_bounds_without_an_end_are_refused():
    with pytest.raises(InvalidValueError, match="at_least"):
        templates.Bounds()
    with pytest.raises(InvalidValueError, match="at_least"):
        templates.Bounds(high=1, below=2)


@pytest.mark.parametrize(
    ("ends", "error"),
    [
        ({"low": 5, "high": 3}, InvalidValueError),
        ({"low": 5, "below": Decimal(3)}, InvalidValueError),
        ({"low": Decimal("NaN")}, InvalidValueError),
        ({"low": 1, "high": float("inf")}, InvalidValueError),
        ({"low": 1, "high": SECONDS}, WrongTypeError),
        ({"low": "1"}, WrongTypeError),
        ({"high": False}, WrongTypeError),
        ({"high": [3]}, WrongTypeError),
    ],
)
def test_ends_that_make_no_range_are_refused(ends, error):
    with pytest.raises(error):
        templates.Bounds(**ends)


def test_times_that_are_no_whole_number_are_refused():
    with pytest.raises(InvalidValueError, match="Give a whole number, 0 or more"):
        purchased(times=Decimal("1.5"))


def test_a_count_can_be_a_parameter():
    wanted = purchased(times=parameter("n"), amount=parameter("yuan"))
    assert asked(wanted, schema=SCHEMA, parameters={"n": 1, "yuan": 500}, purchase=[sale()])
    assert not asked(wanted, schema=SCHEMA, parameters={"n": 2, "yuan": 500}, purchase=[sale()])
