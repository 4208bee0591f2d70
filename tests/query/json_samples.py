"""A condition for each kind of node, as samples of what is stored."""

from datetime import date, datetime
from decimal import Decimal

from segmentkit.query import ast
from segmentkit.query.ast import (
    Activity,
    Aggregate,
    Ago,
    And,
    Arithmetic,
    Before,
    Between,
    Calendar,
    Call,
    Compare,
    Date,
    Duration,
    Frequency,
    InList,
    InWindow,
    IsMissing,
    KeyPattern,
    Keys,
    LocalTime,
    Negative,
    Not,
    Number,
    On,
    Or,
    Parameter,
    Path,
    Range,
    Reference,
    Rolling,
    Since,
    Step,
    Text,
    TextMatch,
    Truth,
)

AMOUNT = Path(("amount",))
CITY = Path(("city",))
BOUGHT = Activity("did", "purchase")
SAMPLES: dict[str, ast.Condition] = {
    "number": Compare(">=", AMOUNT, Number(30)),
    "number_decimal": Compare(">=", AMOUNT, Number(Decimal("0.60"))),
    "number_large": Compare(">=", AMOUNT, Number(12345678901234567890)),
    "text": Compare("=", CITY, Text("福州 'O''Neil'")),
    "truth": Compare("=", Path(("paid",)), Truth(True)),
    "date": Compare(">=", Path(("birthday",)), Date(date(1997, 6, 30))),
    "local_time": Compare("<", Path(("created",)), LocalTime(datetime(2026, 1, 1, 8, 30))),
    "duration": Compare(">=", Path(("duration",)), Duration(30, "second")),
    "ago": Compare("<", Path(("created",)), Ago(3, "month")),
    "parameter": Compare(">=", AMOUNT, Parameter("vip_amount")),
    "reference": Activity("has", "tag", keys=Keys((Reference("tag", "t-17", "等级/VIP"),))),
    "path": Path(("contact", "已回款")),
    "call": Compare(">=", Call("age", (Path(("birthday",)),)), Number(18)),
    "aggregate": Compare(
        ">=",
        Aggregate(
            "distinct",
            ("purchase", "time"),
            "date",
            Compare("=", Path(("category",)), Text("鞋")),
            Rolling("last", Duration(30, "day")),
        ),
        Number(5),
    ),
    "arithmetic": Compare(">", AMOUNT, Arithmetic("*", Number(Decimal("1.5")), Path(("base",)))),
    "negative": Compare(">", AMOUNT, Negative(Path(("base",)))),
    "rolling": Activity("did", "purchase", window=Rolling("previous", Duration(3, "month"))),
    "calendar": Activity("did", "purchase", window=Calendar("this", "quarter")),
    "since": Activity("did", "purchase", window=Since(Date(date(2026, 1, 1)))),
    "before": Activity("did", "purchase", window=Before(LocalTime(datetime(2026, 1, 1, 8)))),
    "range": Activity("did", "purchase", window=Range(Ago(60, "day"), Ago(30, "day"))),
    "on": Activity("did", "purchase", window=On(Parameter("day"))),
    "compare": Compare("!=", Path(("name",)), Text("VIP"), exactly=True),
    "text_match": TextMatch(
        "contains", Path(("text",)), (Text("价格"), Text("优惠")), "all", negated=True
    ),
    "between": Between(Path(("age",)), Number(18), Number(30), negated=True),
    "in_list": InList(CITY, (Text("北京"), Text("上海")), negated=True),
    "in_list_parameter": InList(Path(("added_by",)), Parameter("staff_ids")),
    "in_window": InWindow(Path(("created",)), Rolling("next", Duration(7, "day")), negated=True),
    "is_missing": IsMissing(CITY, negated=True),
    "keys": Activity("in", "group", keys=Keys((Text("客户"),), under=True)),
    "key_pattern": Activity("has", "tag", keys=KeyPattern(Text("VIP*"))),
    "frequency": Activity("did", "purchase", frequency=Frequency("between", Number(3), Number(5))),
    "step": Activity(
        "did",
        "add_to_cart",
        alias="c",
        steps=(
            Step(
                "purchase",
                negated=True,
                alias="p",
                where=Compare("=", Path(("sku",)), Path(("c", "sku"))),
                within=Duration(1, "day"),
            ),
        ),
    ),
    "activity": Activity(
        "did",
        "purchase",
        negated=True,
        quantifier="all",
        where=Compare("=", Path(("category",)), Text("鞋")),
        frequency=Frequency("at_least", Number(3)),
        window=Rolling("last", Duration(90, "day")),
        having=Compare(">=", Aggregate("sum", ("amount",)), Number(1000)),
    ),
    "and": And((BOUGHT, Or((Path(("paid",)), Truth(False))))),
    "or": Or((BOUGHT, Path(("paid",)))),
    "not": Not(BOUGHT),
}


def document(condition):
    """A stored condition."""
    return {"version": 1, "condition": condition}
