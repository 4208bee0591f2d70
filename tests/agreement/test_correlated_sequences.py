"""Sequences that speak of earlier steps: the columnar engine takes the chains of the interpreter."""

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentkit.engines import Moment, Setting, members
from segmentkit.engines.columnar import candidates, chains
from segmentkit.engines.columnar.compile import Compiler
from segmentkit.model import Collection, Field, FieldType, Schema
from segmentkit.query import (
    Activity,
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Duration,
    InList,
    IsMissing,
    Negative,
    Not,
    Number,
    Or,
    Path,
    Rolling,
    Step,
    Text,
    TextMatch,
    bind,
)
from segmentkit.query import format as written
from segmentkit.stores import Row
from segmentkit.testing import RowStore
from segmentkit.testing.people import NOON

ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu"]


def fields(scale):
    return [
        Field("sku", FieldType.TEXT),
        Field("shop", FieldType.TEXT),
        Field("quantity", FieldType.INTEGER),
        Field("amount", FieldType.MONEY, currency="CNY"),
        Field("rate", FieldType.DECIMAL, scale=scale),
        Field("weight", FieldType.FLOAT),
        Field("gift", FieldType.BOOLEAN),
        Field("due", FieldType.DATE),
        Field("paid", FieldType.INSTANT),
        Field("length", FieldType.DURATION),
        Field("notes", FieldType.TEXT_LIST),
    ]


EVENTS = ("buy", "view", "tell")
WORLD = Schema(
    fields=[Field("city", FieldType.TEXT), Field("age", FieldType.INTEGER)],
    collections=[
        *(Collection(name, fields=fields(scale)) for scale, name in enumerate(EVENTS)),
        Collection("owns", "has", time="time", fields=fields(3)),
    ],
)
# Few of each, so that they are often equal: in another case or width, scale or zone, or nearly.
TEXTS = ["a", "A", "ａ ", "b", "", " ", None]
WHOLES = [None, -1, 0, 1, 2, 2**70]
AMOUNTS = [None, Decimal(0), Decimal(1), Decimal("1.00"), Decimal("1.01"), Decimal(2)]
RATES = [None, Decimal(0), Decimal(1), Decimal(2), Decimal(3)]
FLOATS = [None, 0.0, -0.0, 1.0, 1.01, 2.0, float("nan"), 1e308]
HALF_HOURS = st.integers(0, 16).map(lambda n: NOON - timedelta(minutes=30 * n))
VALUES = {
    "sku": st.sampled_from(TEXTS),
    "shop": st.sampled_from(TEXTS),
    "quantity": st.sampled_from(WHOLES),
    "amount": st.sampled_from(AMOUNTS),
    "rate": st.sampled_from(RATES),
    "weight": st.sampled_from(FLOATS),
    "gift": st.sampled_from([None, True, False]),
    "due": st.sampled_from([None, date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)]),
    "paid": st.none() | HALF_HOURS,
    "length": st.sampled_from([None, *(timedelta(seconds=n) for n in (0, 1, 2))]),
    "notes": st.sampled_from([None, (), ("a",), ("Ａ", "b")]),
}
NUMBERS = ("quantity", "amount", "rate", "weight")


# --- rows ---------------------------------------------------------------------------------------


@st.composite
def rows(draw, name, contact, most):
    made = []
    for number in range(draw(st.integers(0, most))):
        some = draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=8))
        has_time = name != "owns" or draw(st.integers(0, 3)) > 0
        made.append(
            Row(
                f"{contact} {name} {number}" if draw(st.booleans()) else None,
                draw(HALF_HOURS) if has_time else None,
                {field: draw(VALUES[field]) for field in some | {"sku", "amount"}},
                draw(st.integers(0, 2)),
            )
        )
    return made


@st.composite
def stores(draw, most=4):
    people = {f"c-{n}": {"city": draw(st.sampled_from(TEXTS)), "age": n} for n in range(3)}
    return RowStore(
        WORLD,
        people,
        {name: {one: draw(rows(name, one, most)) for one in people} for name in (*EVENTS, "owns")},
    )


# --- filters ------------------------------------------------------------------------------------


@st.composite
def owned(draw, name, aliases):
    """A field of the row or of an earlier step."""
    owner = draw(st.sampled_from(["", *aliases, *aliases]))
    return Path((owner, name) if owner else (name,))


@st.composite
def numbers(draw, aliases, depth=1):
    way = draw(st.integers(0, 5)) if depth else 0
    if way == 4:
        return Number(draw(st.sampled_from([0, 1, 2, Decimal("0.5")])))
    if way == 3:
        inner = draw(owned("quantity", aliases))
        return draw(st.sampled_from([Negative(inner), Call("abs", (inner,))]))
    if way == 5:
        # Of quantities and rates: money has no square.
        kinds = st.sampled_from(["quantity", "rate", "weight"])
        left, right = (draw(owned(draw(kinds), aliases)) for _ in range(2))
        return Arithmetic(draw(st.sampled_from("+-*/")), left, right)
    return draw(owned(draw(st.sampled_from(NUMBERS)), aliases))


@st.composite
def times(draw, aliases):
    path = draw(owned(draw(st.sampled_from(["time", "paid", "due"])), aliases))
    functions = ["date", "day", *([] if path.names[-1] == "due" else ["hour"])]
    function = draw(st.sampled_from([None, None, *functions]))
    return function or "time", path if function is None else Call(function, (path,))


@st.composite
def comparisons(draw, aliases):
    relation = draw(st.sampled_from(["=", "=", "=", "!=", "<", "<=", ">", ">="]))
    match draw(st.integers(0, 9)):
        case 0 | 1 | 2:
            kinds = st.sampled_from(["sku", "sku", "shop"])
            sides = [draw(owned(draw(kinds), aliases)) for _ in range(2)]
            exactly = draw(st.integers(0, 3)) == 0
            return Compare(draw(st.sampled_from(["=", "=", "!="])), *sides, exactly)
        case 3 | 4:
            return Compare(relation, draw(numbers(aliases)), draw(numbers(aliases)))
        case 5:
            found = [draw(times(aliases)) for _ in range(2)]
            kinds = {("number" if kind in ("day", "hour") else "time") for kind, _ in found}
            if len(kinds) > 1:
                found[1] = found[0]
            return Compare(relation, found[0][1], found[1][1])
        case 6:
            name = draw(st.sampled_from(["gift", "length"]))
            if name == "gift":
                relation = draw(st.sampled_from(["=", "!="]))
            return Compare(relation, *(draw(owned(name, aliases)) for _ in range(2)))
        case 7:
            return Between(draw(numbers(aliases)), *(draw(numbers(aliases, 0)) for _ in range(2)))
        case 8:
            items = (draw(owned("sku", aliases)), Text(draw(st.sampled_from("ab"))))
            return InList(draw(owned("shop", aliases)), items, draw(st.booleans()))
        case _:
            return draw(
                st.sampled_from(
                    [
                        IsMissing(draw(owned("sku", aliases)), draw(st.booleans())),
                        TextMatch("contains", draw(owned("sku", aliases)), (Text("A"),)),
                        TextMatch("contains", draw(owned("notes", aliases)), (Text("a"),)),
                        draw(owned("gift", aliases)),
                        Compare("=", draw(owned("sku", aliases)), Path(("contact", "city"))),
                    ]
                )
            )


def filters(aliases, depth=2):
    if not depth:
        return comparisons(aliases)
    inner = filters(aliases, depth - 1)
    return st.one_of(
        comparisons(aliases),
        st.lists(inner, min_size=2, max_size=3).map(lambda items: And(tuple(flat(And, items)))),
        st.lists(inner, min_size=2, max_size=3).map(lambda items: Or(tuple(flat(Or, items)))),
        inner.map(lambda one: one.operand if isinstance(one, Not) else Not(one)),
    )


def flat(kind, items):
    return [part for item in items for part in (item.items if isinstance(item, kind) else [item])]


@st.composite
def sequences(draw, most=4):
    hours = st.integers(0, 5).map(lambda n: Duration(n, "hour"))
    count = draw(st.integers(1, most))
    aliases = ["s"]
    drawn = []
    for number in range(count):
        negated = draw(st.integers(0, 2)) == 0
        within = None if negated and number < count - 1 else draw(st.none() | hours)
        where = draw(filters(tuple(aliases)) if draw(st.integers(0, 3)) else st.none())
        alias = None
        if not negated and draw(st.booleans()):
            alias = draw(st.sampled_from("stuv"))
            aliases = [*(a for a in aliases if a != alias), alias]
        name = draw(st.sampled_from((*EVENTS, *EVENTS, "owns")))
        drawn.append(Step(name, negated, alias, where, within))
    start = draw(st.sampled_from((*EVENTS, "owns")))
    window = draw(st.none() | st.integers(1, 9).map(lambda n: Rolling("last", Duration(n, "hour"))))
    ahead = Rolling("next", Duration(3, "hour"))
    window = ahead if draw(st.integers(0, 9)) == 0 else window
    verb = "has" if start == "owns" else "did"
    return bind(Activity(verb, start, alias="s", window=window, steps=tuple(drawn)), WORLD)


# --- laws ---------------------------------------------------------------------------------------


@pytest.fixture(params=["as it is", "in small portions", "in single pairs"])
def looking(request, monkeypatch):
    """The ways in which rows are looked at, none of which may matter."""
    if request.param != "as it is":
        size = 7 if request.param == "in small portions" else 1
        monkeypatch.setattr(chains, "PORTION", size)
        monkeypatch.setattr(chains, "HELD", size)
        monkeypatch.setattr(candidates, "MOST_KEY_BITS", 1)
        monkeypatch.setattr(chains, "FIRST_LOOK", 1)


@pytest.mark.usefixtures("looking")
@settings(max_examples=150)
@given(
    stores(),
    st.lists(sequences(), min_size=1, max_size=8),
    st.sampled_from(ZONES),
    st.sampled_from([timedelta(0), timedelta(hours=-3), timedelta(minutes=-30, microseconds=1)]),
)
def test_engines_agree_on_steps_that_speak_of_earlier_ones(store, drawn, zone, late):
    setting = Setting(WORLD, Moment.of(NOON + late, ZoneInfo(zone)))
    asked = {f"{number}: {written(one)}": one for number, one in enumerate(drawn)}
    right = members(asked, store, setting, engine="interpreter")
    assert members(asked, store, setting, engine="columnar") == right


@given(st.lists(sequences(), min_size=1, max_size=4))
def test_the_interpreter_is_asked_of_no_comparison(drawn):
    compiler = Compiler(Setting(WORLD, Moment.of(NOON, "UTC")))
    for one in drawn:
        compiler.compile(one)
    assert not compiler.asked
