"""The Python builder says the same trees as text."""

from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentkit.errors import InvalidValueError, SegmentkitError, WrongTypeError
from segmentkit.query import And, Not, Or, Path, Text, parse, to_json
from segmentkit.query.ast import Arithmetic, Compare, Duration, LocalTime, Negative, Number
from segmentkit.query.builder import (
    ago,
    all_of,
    any_of,
    average,
    before,
    call,
    count,
    did,
    did_not,
    distinct,
    duration,
    field,
    first_of,
    has,
    has_no,
    highest,
    in_,
    last,
    last_of,
    lowest,
    next_,
    not_in,
    on,
    parameter,
    previous,
    since,
    this,
    today,
    total,
    yesterday,
)

# Every query of the language's list of what it must say.
SECTION_6 = [
    ("did join_chat", did("join_chat")),
    (
        "did join_chat where (chat = '福州一群') in last 7 days",
        did("join_chat").where(field("chat") == "福州一群").last(days=7),
    ),
    ("in chat ('福州一群','福州二群')", in_("chat", "福州一群", "福州二群")),
    ("did add_staff in last 30 days", did("add_staff").last(days=30)),
    ("has staff ('li.lei','han.mm')", has("staff", ["li.lei", "han.mm"])),
    (
        (
            "did view_material where (category = '产品手册' and duration >= 30 seconds)"
            " at least 3 times in last 14 days"
        ),
        did("view_material")
        .where(field("category") == "产品手册", field("duration") >= timedelta(seconds=30))
        .at_least(3)
        .last(days=14),
    ),
    (
        (
            "count(view_material where (category = '案例') in last 30 days)"
            " / count(view_material in last 30 days) >= 60%"
        ),
        count("view_material").where(field("category") == "案例").last(days=30)
        / count("view_material").last(days=30)
        >= 0.6,
    ),
    (
        "in this month did join_campaign where (kind in ('task','group') and invited >= 5)",
        did("join_campaign")
        .where(field("kind").is_in("task", "group") & (field("invited") >= 5))
        .this("month"),
    ),
    (
        "sum(join_campaign.invited in last 365 days) >= 20",
        total("join_campaign.invited").last(days=365) >= 20,
    ),
    (
        (
            "did send_message where (text contains any ('价格','优惠')) at least 2 times"
            " in last 7 days"
        ),
        did("send_message").where(field("text").contains("价格", "优惠")).at_least(2).last(days=7),
    ),
    (
        (
            "did purchase where (category = '鞋') in last 90 days"
            " having (count() >= 3 and sum(amount) >= 1000 and avg(amount) >= 200)"
        ),
        did("purchase")
        .where(field("category") == "鞋")
        .last(days=90)
        .having(count() >= 3, total("amount") >= 1000, average("amount") >= 200),
    ),
    (
        "did add_to_cart in last 7 days having (sum(quantity) >= 2 and sum(amount) >= 500)",
        did("add_to_cart")
        .last(days=7)
        .having(total("quantity") >= 2)
        .having(total("amount") >= 500),
    ),
    ("did purchase at least 6 times in last 90 days", did("purchase").at_least(6).last(days=90)),
    (
        "did purchase between 3 to 5 times in last 90 days",
        did("purchase").between(3, 5).last(days=90),
    ),
    (
        "sum(purchase.amount) >= $vip_amount and count(purchase) >= 10",
        (total("purchase.amount") >= parameter("vip_amount")) & (count("purchase") >= 10),
    ),
    (
        (
            "has opportunity where (created in last 90 days and stage in ('谈判','报价')"
            " and amount >= 5万 and expected_close in next 30 days and intent >= 4"
            " and priority = '高')"
        ),
        has("opportunity").where(
            field("created").falls_in(last(days=90)),
            field("stage").is_in("谈判", "报价"),
            field("amount") >= 50_000,
            field("expected_close").falls_in(next_(days=30)),
            field("intent") >= 4,
            field("priority") == "高",
        ),
    ),
    (
        (
            "has assisted_order where (created in last 180 days and paid is true)"
            " having (sum(amount) >= 10000 and count() >= 2)"
        ),
        has("assisted_order")
        .where(field("created").falls_in(last(days=180)), field("paid") == True)  # noqa: E712
        .having(total("amount") >= 10_000, count() >= 2),
    ),
    (
        "in group '潜在客户' and has tag '需要回访'",
        in_("group", "潜在客户") & has("tag", "需要回访"),
    ),
    ("has no group", has_no("group")),
    ("has no tag", has_no("tag")),
    (
        "in list '我关注的' and in group where (kind = '客户')",
        in_("list", "我关注的") & in_("group").where(field("kind") == "客户"),
    ),
    (
        "has all tag ('高消费','高频') and has no tag '流失'",
        has("tag", "高消费", "高频", quantifier="all") & has_no("tag", "流失"),
    ),
    (
        "has tag '意向强' where (staff = $me and source = 'staff')",
        has("tag", "意向强").where(field("staff") == parameter("me"), field("source") == "staff"),
    ),
    (
        "name contains '王' and phone starts with '138' and added_by in $staff_ids",
        all_of(
            [
                field("name").contains("王"),
                field("phone").starts_with("138"),
                field("added_by").is_in(parameter("staff_ids")),
            ]
        ),
    ),
    (
        "did purchase and did not purchase in last 90 days",
        did("purchase") & did_not("purchase").last(days=90),
    ),
    (
        "anniversary(birthday) in next 7 days",
        call("anniversary", field("birthday")).falls_in(next_(days=7)),
    ),
    (
        "did add_to_cart as c then did not purchase where (sku = c.sku) within 1 days",
        did("add_to_cart")
        .as_("c")
        .then(did_not("purchase").where(field("sku") == field("c.sku")), days=1),
    ),
    (
        (
            "did join_campaign where (campaign = '双11') in last 60 days"
            " then did view_product within 3 days then did purchase within 7 days"
        ),
        did("join_campaign")
        .where(field("campaign") == "双11")
        .last(days=60)
        .then(did("view_product"), days=3)
        .then(did("purchase"), days=7),
    ),
    (
        (
            "sum(purchase.amount in last 30 days)"
            " > 1.5 * sum(purchase.amount from 60 days ago to 30 days ago)"
        ),
        total("purchase.amount").last(days=30)
        > Decimal("1.5") * total("purchase.amount").from_to(ago(days=60), ago(days=30)),
    ),
    (
        "in segment '高价值' and not in segment '已流失'",
        in_("segment", "高价值") & not_in("segment", "已流失"),
    ),
    (
        "first(purchase.time) since 2026-01-01 and last(purchase.channel) = '直播'",
        first_of("purchase.time").falls_in(since(date(2026, 1, 1)))
        & (last_of("purchase.channel") == "直播"),
    ),
    (
        "distinct(purchase.category in this quarter) >= 3",
        distinct("purchase.category").this("quarter") >= 3,
    ),
    (
        "distinct(date(purchase.time) in last 30 days) >= 5",
        distinct(call("date", field("purchase.time"))).last(days=30) >= 5,
    ),
]

MORE = [
    ("in group under '客户'", in_("group", under="客户")),
    ("not in group under ('客户', '同事')", not_in("group", under=("客户", "同事"))),
    ("has tag like 'VIP*'", has("tag", like="VIP*")),
    ("has tag $tags", has("tag", parameter("tags"))),
    ("city not in ('北京')", field("city").not_in("北京")),
    ("age not between 18 and 30", field("age").not_between(18, 30)),
    ("age between 18 and 30", field("age").between(18, 30)),
    ("name not contains 'x'", field("name").not_contains("x")),
    ("interests contains all ('a', 'b')", field("interests").contains_all("a", "b")),
    ("name not starts with 'x'", field("name").not_starts_with("x")),
    ("name ends with 'x'", field("name").ends_with("x")),
    ("name not ends with 'x'", field("name").not_ends_with("x")),
    ("name like 'x*'", field("name").like("x*")),
    ("name not like 'x*'", field("name").not_like("x*")),
    ("name is exactly 'VIP'", field("name").is_exactly("VIP")),
    ("name is not exactly 'VIP'", field("name").is_not_exactly("VIP")),
    ("city is missing", field("city").is_missing()),
    ("city is known", field("city").is_known()),
    ("not in last 7 days did purchase", ~did("purchase").last(days=7)),
    ("created not in today", field("created").not_falls_in(today())),
    ("created in yesterday", field("created").falls_in(yesterday())),
    ("created in previous month", field("created").falls_in(previous("month"))),
    ("created in previous 2 weeks", field("created").falls_in(previous(weeks=2))),
    ("created in this year", field("created").falls_in(this("year"))),
    ("created before 2026-01-01T08:30", field("created").falls_in(before(datetime(2026, 1, 1, 8, 30)))),
    ("created on 2026-01-01", field("created").falls_in(on(date(2026, 1, 1)))),
    ("did purchase on $day", did("purchase").on(parameter("day"))),
    ("did purchase since 3 months ago", did("purchase").since(ago(months=3))),
    ("did purchase before 3 months ago", did("purchase").before(ago(months=3))),
    ("did purchase in previous quarter", did("purchase").previous("quarter")),
    (
        "did purchase from 2026-01-01 to 2026-02-01",
        did("purchase").from_to(date(2026, 1, 1), date(2026, 2, 1)),
    ),
    ("has opportunity in next 7 days", has("opportunity").next(days=7)),
    ("did purchase at most 2 times", did("purchase").at_most(2)),
    ("did purchase exactly 2 times", did("purchase").exactly(2)),
    ("did purchase more than $n times", did("purchase").more_than(parameter("n"))),
    ("did purchase fewer than 2 times", did("purchase").fewer_than(2)),
    ("min(purchase.amount) > max(purchase.amount) - 1", lowest("purchase.amount") > highest("purchase.amount") - 1),
    ("-score < 5 + age / 2", -field("score") < 5 + field("age") / 2),
    ("10 - age > 2", 10 - field("age") > 2),
    ("10 / age > 2 * age", 10 / field("age") > 2 * field("age")),
    ("age > -5", field("age") > -5),
    ("a = 1 and b = 2 and (c = 3 or d = 4 or e = 5)",
     (field("a") == 1) & ((field("b") == 2) & any_of([field("c") == 3, field("d") == 4, field("e") == 5]))),
    ("paid and not vip", field("paid") & ~field("vip")),
    ("`odd.name` = 1", field(("odd.name",)) == 1),
    ("duration >= 2 hours", field("duration") >= duration(hours=2)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "built"), SECTION_6 + MORE, ids=[t for t, _ in SECTION_6 + MORE])
def test_what_is_built_equals_what_is_parsed(text, built):
    assert built.condition == parse(text)


def test_every_section_6_query_is_here():
    assert len(SECTION_6) == 33


def test_the_order_of_calls_does_not_matter():
    one = did("purchase").last(days=7).at_least(2).where(field("a") == 1).having(count() > 1)
    two = did("purchase").having(count() > 1).where(field("a") == 1).at_least(2).last(days=7)
    assert one == two


def test_a_builder_is_a_value_and_is_not_changed_by_its_methods():
    start = did("purchase")
    start.last(days=7)
    assert start == did("purchase")
    assert hash(start) == hash(did("purchase"))


TRUTHS = {
    "and": lambda: field("a") > 1 and field("b") > 1,
    "or": lambda: did("x") or did("y"),
    "not": lambda: not (field("a") > 1),
    "chained": lambda: 18 <= field("age") <= 30,
    "if": lambda: 1 if field("paid") else 2,
    "in": lambda: "x" in field("tags"),
    "in a list": lambda: field("a") in [field("b")],  # noqa: FURB171
    "bool": lambda: bool(in_("group", "x")),
}


@pytest.mark.parametrize("name", TRUTHS)
def test_python_truth_is_refused(name):
    with pytest.raises(WrongTypeError) as caught:
        TRUTHS[name]()
    assert "&" in caught.value.remedy or ".contains" in caught.value.remedy


REFUSED = {
    "aware datetime": lambda: field("a") > datetime(2026, 1, 1, tzinfo=UTC),
    "none": lambda: field("a") == None,  # noqa: E711
    "nan": lambda: field("a") == float("nan"),
    "decimal nan": lambda: field("a") == Decimal("sNaN"),
    "infinity": lambda: field("a") == Decimal("inf"),
    "huge": lambda: field("a") == Decimal("1e1000000"),
    "tiny": lambda: field("a") == Decimal("1e-1000000"),
    "bytes": lambda: field("a") == b"x",
    "set": lambda: field("a") == {1},
    "list": lambda: field("a") == [1],
    "no item": lambda: field("a").is_in(),
    "empty list": lambda: field("a").is_in([]),
    "negative timedelta": lambda: field("a") > timedelta(seconds=-1),
    "microseconds": lambda: field("a") > timedelta(microseconds=1),
    "two units": lambda: last(days=1, hours=2),
    "no unit": lambda: last(),
    "unknown unit": lambda: last(day=1),
    "half a unit": lambda: last(days=1.5),
    "negative unit": lambda: last(days=-1),
    "true days": lambda: last(days=True),
    "unknown calendar unit": lambda: this("days"),
    "unit and number": lambda: previous("month", days=1),
    "text as point": lambda: since("2026-01-01"),
    "local time as day": lambda: on(datetime(2026, 1, 1)),
    "second window": lambda: did("x").last(days=1).last(days=2),
    "second frequency": lambda: did("x").at_least(1).at_most(2),
    "second alias": lambda: did("x").as_("a").as_("b"),
    "second aggregate window": lambda: count("x").last(days=1).last(days=2),
    "step with a window": lambda: did("x").then(did("y").last(days=1)),
    "step of a membership": lambda: did("x").then(has("tag")),
    "step with steps": lambda: did("x").then(did("y").then(did("z"))),
    "keys and under": lambda: in_("group", "a", under="b"),
    "empty where": lambda: did("x").where(),
    "empty any": lambda: any_of([]),
    "empty name": lambda: field(""),
    "empty part": lambda: field("a..b"),
    "text as condition": lambda: did("x").where("a = 1"),
    "number as condition": lambda: (field("a") + 1) & did("x"),
    "bool as condition": lambda: did("x") & True,
    "aggregate of a number": lambda: total(field("a") + 1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_said_is_refused_with_a_remedy(name):
    with pytest.raises(SegmentkitError) as caught:
        REFUSED[name]()
    assert caught.value.remedy
    assert str(caught.value)


def test_python_values_become_their_exact_nodes():
    def right(given):
        return (field("a") == given).condition.right

    assert right(0.1) == Number(Decimal("0.1"))
    assert right(3.0) == Number(3)
    assert right(-0.5) == Negative(Number(Decimal("0.5")))
    assert right(Decimal("1.50")) == Number(Decimal("1.5"))
    assert right(datetime(2026, 1, 1)) == LocalTime(datetime(2026, 1, 1))
    assert right(timedelta(minutes=1)) == Duration(60, "second")
    assert right("3") == Text("3")


@pytest.mark.parametrize("window", ["last 30 days", timedelta(days=30), None, date(2026, 1, 1)])
@pytest.mark.parametrize(
    "narrow",
    [
        did("purchase").during,
        count("purchase").during,
        field("t").falls_in,
        field("t").not_falls_in,
    ],
    ids=["did", "count", "falls_in", "not_falls_in"],
)
def test_what_is_no_window_is_refused_at_once(narrow, window):
    with pytest.raises(WrongTypeError, match=r"a window of time such as last\(days=30\)"):
        narrow(window)


@given(st.integers(-(10**30) + 1, 10**30 - 1), st.integers(0, 30), st.integers(1, 40))
def test_a_decimal_keeps_every_digit_whatever_precision_the_host_has(digits, places, precision):
    number = Decimal(f"{digits}E-{places}")
    with localcontext(Context(prec=precision)):
        right = (field("x") >= number).condition.right
    held = right.operand.value.as_integer_ratio() if number < 0 else right.value.as_integer_ratio()
    assert held == (abs(number.as_integer_ratio()[0]), number.as_integer_ratio()[1])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_its_shortest_text_or_refused_as_too_long(number):
    try:
        right = (field("a") == number).condition.right
    except InvalidValueError:
        assert len(f"{Decimal(repr(number)):f}".replace(".", "").lstrip("-")) > 30
        return
    value = -right.operand.value if isinstance(right, Negative) else right.value
    assert float(value) == number


operands = st.sampled_from([did("x"), field("paid"), field("a") == 1, has("tag", "VIP")])
built = st.recursive(
    operands,
    lambda inner: (
        st.builds(lambda a, b: a & b, inner, inner)
        | st.builds(lambda a, b: a | b, inner, inner)
        | st.builds(lambda a: ~a, inner)
    ),
)


@given(built)
def test_and_and_or_are_flat(condition):
    def check(node):
        for kind in (And, Or):
            if isinstance(node, kind):
                assert len(node.items) >= 2
                assert not any(isinstance(item, kind) for item in node.items)
        if isinstance(node, And | Or):
            for item in node.items:
                check(item)
        elif isinstance(node, Not):
            check(node.operand)

    check(condition.condition)


def test_nodes_and_builders_mix():
    node = Compare("=", Path(("a",)), Number(1))
    assert (did("x") & node).condition == And((did("x").condition, node))
    assert (did("x") | node | field("paid")).condition.items[2] == Path(("paid",))
    assert (field("a") + Number(1)).value == Arithmetic("+", Path(("a",)), Number(1))
    assert to_json(did("x")) == to_json(did("x").condition)
