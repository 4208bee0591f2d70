"""
Small domains, and everyone in them: what a claim about all contacts is checked on.

`EVERYONE` is each contact of a tiny domain, then a sample of a wider one, both the same every time;
`SOME` is a store of a few.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations_with_replacement, product
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from segmentkit.engines import Interpreter, Moment, Setting, Subject, SubjectReader
from segmentkit.model import SYSTEM, Collection, Field, FieldType, Schema
from segmentkit.query import Condition
from segmentkit.stores import Row
from segmentkit.testing import RowStore

SCHEMA = Schema(
    fields=[
        Field("age", FieldType.INTEGER),
        Field("level", FieldType.INTEGER),
        Field("city", FieldType.TEXT),
        Field("vip", FieldType.BOOLEAN),
        Field("score", FieldType.FLOAT),
        Field("labels", FieldType.TEXT_LIST),
        Field("birthday", FieldType.DATE),
        Field("added", FieldType.INSTANT),
    ],
    collections=[
        Collection(
            "purchase",
            fields=[
                Field("amount", FieldType.MONEY, currency="CNY"),
                Field("category", FieldType.TEXT),
                Field("paid", FieldType.BOOLEAN),
                Field("delivery", FieldType.DATE),
            ],
        ),
        Collection("view", fields=[Field("sku", FieldType.TEXT)]),
    ],
)
ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 31, 15, 30, tzinfo=ZONE)
MOMENT = Moment.of(AT, ZONE)
SETTING = Setting(SCHEMA, MOMENT)
TODAY = date(2026, 3, 31)


def ago(**units: float) -> datetime:
    return AT - timedelta(**units)


TIMES = [
    ago(microseconds=1),
    ago(hours=5),
    ago(days=1),
    ago(days=6, hours=15, minutes=30),
    ago(days=7),
    ago(days=30),
    ago(days=31),
    ago(days=95),
    AT,
    AT + timedelta(days=2),
]
TEXTS = [None, "", "a", "A", "b", "ab", "ba", "abc"]
AMOUNTS = [None, *map(Decimal, ("-1", "0", "1", "1.5", "2", "3"))]
DATES = [None, TODAY, TODAY - timedelta(days=7), TODAY + timedelta(days=3), date(2024, 2, 29)]


class Person(NamedTuple):
    fields: dict[str, object]
    purchases: list[Row]
    views: Sequence[Row] = ()
    tags: Sequence[Row] = ()


def purchase(when: datetime, amount=None, category=None, paid=None, delivery=None) -> Row:
    values = {"amount": amount, "category": category, "paid": paid, "delivery": delivery}
    return Row(None, when, values)


def _everyone_of_a_tiny_domain() -> Iterator[Person]:
    shapes = [
        purchase(when, amount, category)
        for when, amount, category in product(
            (ago(days=1), ago(days=31)), (None, Decimal(1), Decimal(2)), ("a", "b")
        )
    ]
    baskets = [list(b) for size in range(3) for b in combinations_with_replacement(shapes, size)]
    for age, city in product((None, 0, 1, 2, 3), (None, "a", "b")):
        for basket in baskets:
            yield Person({"age": age, "city": city}, basket)


def _some_of_a_wider_domain(size: int) -> Iterator[Person]:
    chance = random.Random(20260331)
    pick = chance.choice
    for _ in range(size):
        fields = {
            "age": pick([None, -1, 0, 1, 2, 3, 4, 30]),
            "level": pick([None, 0, 1, 2, 3]),
            "city": pick(TEXTS),
            "vip": pick([None, True, False]),
            "score": pick([None, float("nan"), -1.5, 0.0, 0.1, 1.0, 1e300]),
            "labels": pick([None, (), ("a",), ("b", "A"), ("ab", "c")]),
            "birthday": pick([*DATES, date(1990, 3, 31), date(1996, 4, 1)]),
            "added": pick([None, *TIMES]),
        }
        purchases = [
            purchase(
                pick(TIMES), pick(AMOUNTS), pick(TEXTS), pick([None, True, False]), pick(DATES)
            )
            for _ in range(pick([0, 0, 1, 1, 2, 3, 4, 6]))
        ]
        views = [Row(None, pick(TIMES), {"sku": pick(TEXTS)}) for _ in range(pick([0, 0, 1, 3]))]
        tags = [
            Row(None, pick(TIMES), {"tag": pick(["a", "b", "c"]), "source": "admin"})
            for _ in range(pick([0, 1, 1, 2]))
        ]
        yield Person(fields, purchases, views, tags)


def _subjects(people: Iterable[Person]) -> list[Subject]:
    reader = SubjectReader(SCHEMA, ["purchase", "view", "tag"], SYSTEM, MOMENT)
    return [
        reader.subject(
            f"c{number}",
            person.fields,
            {"purchase": person.purchases, "view": person.views, "tag": person.tags},
        )
        for number, person in enumerate(people)
    ]


def _store(people: Iterable[Person]) -> RowStore:
    named = {f"c{number:03}": person for number, person in enumerate(people)}
    rows = {
        "purchase": {name: person.purchases for name, person in named.items()},
        "view": {name: person.views for name, person in named.items()},
        "tag": {name: person.tags for name, person in named.items()},
    }
    return RowStore(SCHEMA, {name: person.fields for name, person in named.items()}, rows)


EVERYONE = _subjects([*_everyone_of_a_tiny_domain(), *_some_of_a_wider_domain(1500)])
SOME = _store(_some_of_a_wider_domain(60))


def verdicts(condition: Condition, setting: Setting = SETTING) -> list[bool]:
    """Of everyone, in order."""
    test = Interpreter(setting).compile(condition)
    found: list[bool] = []
    for subject in EVERYONE:
        found.append(test(subject))
        subject.found.clear()
    return found


# --- queries about them -----------------------------------------------------------------------------

_numbers = st.sampled_from(["0", "1", "2", "3", "1.5", "-1"])
_operators = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
_equality = st.sampled_from(["=", "!="])
_texts = st.sampled_from(["'a'", "'A'", "'b'", "'ab'", "'c'"])
_windows = st.sampled_from(
    """last 1 days; last 7 days; last 30 days; last 31 days; last 1 months; last 3 months; last 5 hours
    last 48 hours; this month; previous month; this week; this quarter; today; yesterday; next 3 days
    previous 7 days; since 30 days ago; before 7 days ago; from 31 days ago to 7 days ago
    since 2026-03-30; before 2026-04-01; on 2026-03-31; since 2026-03-01T12:00; since 2026-04-02
    next 2 hours; last 2 weeks""".replace("\n", ";").split(";")
).map(str.strip)


def _filled(template: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.fixed_dictionaries(parts).map(lambda filled: template.format(**filled))


def _numeric(value: str) -> st.SearchStrategy[str]:
    return _filled(value + " {op} {n}", op=_operators, n=_numbers) | _filled(
        value + " {negated}between {low} and {high}",
        negated=st.sampled_from(["", "not "]),
        low=_numbers,
        high=_numbers,
    )


def _textual(value: str) -> st.SearchStrategy[str]:
    return (
        _filled(value + " {op} {text}", op=_equality, text=_texts)
        | _filled(value + " {negated}in ({a}, {b})", negated=_negation, a=_texts, b=_texts)
        | _filled(
            value + " {negated}{how} {quantifier}({a}, {b})",
            negated=_negation,
            how=st.sampled_from(["contains", "starts with", "ends with"]),
            quantifier=st.sampled_from(["any ", "all "]),
            a=_texts,
            b=_texts,
        )
        | _filled(
            value + " {negated}like {glob}",
            negated=_negation,
            glob=st.sampled_from(["'a*'", "'*b'", "'a?c'", "'*'", "'ab'", "'*b*'"]),
        )
        | _filled(value + " is {negated}exactly {text}", negated=_negation, text=_texts)
        | _missing(value)
    )


def _missing(value: str) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{value} is missing", f"{value} is known"])


def _timed(value: str) -> st.SearchStrategy[str]:
    return (
        _filled(value + " in {window}", window=_windows)
        | _filled(
            value + " {op} {point}",
            op=_operators,
            point=st.sampled_from(
                ["2026-03-31", "2026-03-30", "2026-03-24", "7 days ago", "1 months ago"]
            ),
        )
        | _missing(value)
    )


_negation = st.sampled_from(["", "not "])
_item = st.one_of(
    _numeric("amount"),
    _numeric("amount"),
    _missing("amount"),
    _textual("category"),
    _timed("time"),
    _timed("delivery"),
    st.sampled_from(
        ["paid", "paid is false", "paid is not true", "contact.age > 1", "contact.city = 'a'"]
    ),
)
_total = st.one_of(
    _numeric("count()"),
    _numeric("sum(amount)"),
    _numeric("avg(amount)"),
    _numeric("max(amount)"),
    _numeric("min(amount)"),
    _numeric("first(amount)"),
    _numeric("distinct(category)"),
    _numeric("count(where (amount > 1))"),
    _numeric("sum(amount) / count()"),
    _numeric("count(view)"),
    _missing("max(amount)"),
)


def _joined(leaves: st.SearchStrategy[str], depth: int) -> st.SearchStrategy[str]:
    if depth == 0:
        return leaves
    inner = _joined(leaves, depth - 1)
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        leaves,
        several.map(lambda parts: "(" + " and ".join(parts) + ")"),
        several.map(lambda parts: "(" + " or ".join(parts) + ")"),
        inner.map(lambda part: f"not ({part})"),
    )


_frequency = st.sampled_from(
    """
    at least 1 times; at least 2 times; at least 3 times; at most 1 times; at most 0 times
    exactly 2 times; between 1 to 2 times; fewer than 3 times;
    """.replace("\n", ";").split(";")
).map(str.strip)


def _clause(template: str, inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | st.just("") | inner.map(lambda part: template.format(part))


_activity = _filled(
    "{verb} purchase {where}{frequency} {window}{having}",
    verb=st.sampled_from(["did", "did", "did not"]),
    where=_clause("where ({}) ", _joined(_item, 1)),
    frequency=_frequency,
    window=_clause("in {} ", _windows),
    having=_clause("having ({})", _joined(_total, 1)),
)
_aggregate = _filled(
    "{function}{where}{window})",
    function=st.sampled_from(["count(purchase"])
    | st.sampled_from(
        ["count", "sum", "avg", "min", "max", "first", "last", "distinct"],
    ).map(lambda name: f"{name}(purchase.amount"),
    where=_clause(" where ({})", _item),
    window=_clause(" in {}", _windows),
)
_contact = st.one_of(
    _numeric("age"),
    _numeric("age"),
    _missing("age"),
    _textual("city"),
    _numeric("score"),
    _numeric("-age"),
    _numeric("abs(age)"),
    _numeric("age(birthday)"),
    _numeric("month(birthday)"),
    _numeric("age + level"),
    _filled("age {op} level", op=_operators),
    _filled("level {op} age", op=_operators),
    _timed("birthday"),
    _timed("added"),
    st.sampled_from(["vip", "vip is true", "vip is false", "vip is not true", "vip is missing"]),
    st.sampled_from(["labels contains any ('a', 'b')", "labels contains all ('a', 'b')"]),
    st.sampled_from(["has tag 'a'", "has no tag", "has tag ('a', 'b')", "has all tag ('a', 'b')"]),
    _filled("last(purchase.time) {op} 2026-03-30", op=_operators),
)
_counted = st.one_of(
    _activity,
    st.tuples(_aggregate, _operators, _numbers).map(" ".join),
    st.tuples(_aggregate, _operators, _aggregate).map(" ".join),
    _aggregate.map(lambda aggregate: f"{aggregate} is missing"),
)

queries = st.one_of(
    _joined(_contact, 3),
    _joined(_counted, 2),
    _joined(_contact | _counted, 3),
    _joined(_activity, 2),
)
"""Texts of conditions over small numbers, so that clauses often have to do with one another."""
