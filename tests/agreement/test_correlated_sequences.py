"""Sequences that speak of earlier steps: the columnar engine takes the chains of the interpreter."""

import tracemalloc
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentkit.engines import Moment, Setting, members
from segmentkit.engines.columnar import (
    Population,
    candidates,
    chain_search,
    compile_batch,
    partial,
    run,
)
from segmentkit.engines.columnar.compile import Compiler
from segmentkit.engines.columnar.dictionary import TextDictionary
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
    parse,
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
        Field("serial", FieldType.INTEGER),
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
        Collection("see", fields=[Field("seen", FieldType.BOOLEAN), *fields(0)]),
    ],
)
# Few of each, so that they are often equal: in another case or width, scale or zone, or nearly.
TEXTS = ["a", "A", "ａ ", "b", "", " ", None]
WHOLES = [None, -1, 0, 1, 2]
AMOUNTS = [None, Decimal(0), Decimal(1), Decimal("1.00"), Decimal("1.01"), Decimal(2)]
RATES = [None, Decimal(0), Decimal(1), Decimal(2), Decimal(3)]
FLOATS = [None, 0.0, -0.0, 1.0, 1.01, 2.0, float("nan"), 1e308]
HALF_HOURS = st.integers(0, 16).map(lambda n: NOON - timedelta(minutes=30 * n))
VALUES = {
    "sku": st.sampled_from(TEXTS),
    "shop": st.sampled_from(TEXTS),
    "quantity": st.sampled_from(WHOLES),
    "serial": st.sampled_from([0, 1, 2**70, -(2**70)]),
    "amount": st.sampled_from(AMOUNTS),
    "rate": st.sampled_from(RATES),
    "weight": st.sampled_from(FLOATS),
    "gift": st.sampled_from([None, True, False]),
    "due": st.sampled_from([None, date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)]),
    "paid": st.none() | HALF_HOURS,
    "length": st.sampled_from([None, *(timedelta(seconds=n) for n in (0, 1, 2))]),
    "notes": st.sampled_from([None, (), ("a",), ("Ａ", "b")]),
}
NUMBERS = ("quantity", "serial", "amount", "rate", "weight")


# --- rows ---------------------------------------------------------------------------------------


@st.composite
def rows(draw, name, contact):
    made = []
    for number in range(draw(st.integers(0, 5))):
        some = draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=6))
        has_time = name != "owns" or draw(st.integers(0, 3)) > 0
        made.append(
            Row(
                f"{contact} {name} {number}" if draw(st.booleans()) else None,
                draw(HALF_HOURS) if has_time else None,
                {field: draw(VALUES[field]) for field in sorted(some | {"sku", "amount"})},
                draw(st.integers(0, 2)),
            )
        )
    return made


@st.composite
def stores(draw):
    people = {f"c-{n}": {"city": draw(st.sampled_from(TEXTS)), "age": n} for n in range(4)}
    names = (*EVENTS, "owns")
    crowd = {name: {one: draw(rows(name, one)) for one in people} for name in names}
    return RowStore(WORLD, people, crowd)


# --- filters ------------------------------------------------------------------------------------


@st.composite
def owned(draw, name, aliases):
    """A field of the row or of an earlier step."""
    owner = draw(st.sampled_from(["", *aliases]))
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
def wheres(draw, aliases):
    """No filter, one that is often fulfilled, or any."""
    way = draw(st.integers(0, 4))
    if way == 0:
        return None
    if way > 2:
        return draw(filters(aliases, 0 if way == 3 else 2))
    # What is equal, nearly, of one or two fields: the steps that the engine joins by keys.
    pairs = [("sku", "sku"), ("gift", "gift"), ("quantity", "quantity"), ("amount", "rate")]
    pairs += [("weight", "weight"), ("rate", "rate"), ("sku", "shop"), ("quantity", "weight")]
    some = [
        Compare(
            draw(st.sampled_from(["=", "=", "!="])),
            Path((own,)),
            Path((draw(st.sampled_from(aliases)), other)),
        )
        for own, other in draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=2))
    ]
    if draw(st.integers(0, 5)) == 0:
        some.append(Compare("=", Path(("sku",)), Path(("contact", "city"))))
        return Or(tuple(some))
    return some[0] if len(some) == 1 else And(tuple(some))


@st.composite
def sequences(draw):
    hours = st.integers(1, 3).map(lambda n: Duration(n, "hour"))
    count = draw(st.integers(1, 4))
    aliases = ["s"]
    drawn = []
    for number in range(count):
        negated = draw(st.integers(0, 3)) == 0
        within = None if negated and number < count - 1 else draw(st.none() | hours)
        where = draw(wheres(aliases))
        alias = None
        if not negated and draw(st.booleans()):
            alias = draw(st.sampled_from("stuv"))
            aliases = [*(a for a in aliases if a != alias), alias]
        name = draw(st.sampled_from((*EVENTS, *EVENTS, "owns")))
        drawn.append(Step(name, negated, alias, where, within))
    start = draw(st.sampled_from((*EVENTS, "owns")))
    window = draw(st.none() | st.integers(3, 9).map(lambda n: Rolling("last", Duration(n, "hour"))))
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
        monkeypatch.setattr(chain_search, "PORTION", size)
        monkeypatch.setattr(chain_search, "HELD", size)
        monkeypatch.setattr(candidates, "MOST_KEY_BITS", 1)
        monkeypatch.setattr(chain_search, "FIRST_LOOK", 1)
        monkeypatch.setattr(partial, "MOST_BITS", 0)


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


@pytest.mark.parametrize("sparse", [run.SPARSE, 0], ids=["as it is", "always few"])
@settings(max_examples=60)
@given(stores(), st.lists(sequences(), min_size=1, max_size=4))
def test_engines_agree_on_a_sequence_of_few(sparse, store, drawn):
    setting = Setting(WORLD, Moment.of(NOON, "UTC"))
    asked = {
        f"{number} {age}": And((Compare("=", Path(("age",)), Number(age)), one))
        for number, one in enumerate(drawn)
        for age in range(2)
    }
    right = members(asked, store, setting, engine="interpreter")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "SPARSE", sparse)
        assert members(asked, store, setting, engine="columnar") == right


@given(st.lists(sequences(), min_size=1, max_size=4))
def test_the_interpreter_is_asked_of_no_comparison(drawn):
    compiler = Compiler(Setting(WORLD, Moment.of(NOON, "UTC")))
    for one in drawn:
        compiler.compile(one)
    assert not compiler.asked


TEXT_BESIDE_TEXT = """
did buy as s then did view where (sku contains s.sku)
did buy as s then did not view where (sku like s.sku and amount = s.amount) then did tell
did buy as s then did view as v where (sku = s.sku) then did tell where (s.notes contains v.sku)
""".strip().splitlines()


@settings(max_examples=100)
@given(stores())
def test_engines_agree_on_texts_in_texts_of_earlier_steps(store):
    setting = Setting(WORLD, Moment.of(NOON, "UTC"))
    asked = {text: bind(parse(text), WORLD) for text in TEXT_BESIDE_TEXT}
    right = members(asked, store, setting, engine="interpreter")
    assert members(asked, store, setting, engine="columnar") == right


# --- examples that chance seldom finds ----------------------------------------------------------


def found(text, *events):
    """Whether both engines find the one contact there is; events come an hour apart."""
    rows = {name: {"c": []} for name in (*EVENTS, "see")}
    for hours, (name, values) in enumerate(events):
        rows[name]["c"].append(Row(None, NOON - timedelta(hours=9 - hours), values))
    store = RowStore(WORLD, {"c": {}}, rows)
    setting = Setting(WORLD, Moment.of(NOON, "UTC"))
    asked = {"q": bind(parse(text), WORLD)}
    right = members(asked, store, setting, engine="interpreter")
    assert members(asked, store, setting, engine="columnar") == right
    return right["q"] == ["c"]


def test_the_two_zeros_are_one_key():
    text = "did buy as s then did view where (weight = s.weight)"
    assert found(text, ("buy", {"weight": -0.0}), ("view", {"weight": 0.0}))


def test_a_missing_value_is_not_taken_for_the_least_one():
    text = "did buy as s then did view where (quantity <= s.quantity)"
    bought = [("buy", {"quantity": 0}), ("buy", {}), ("buy", {"quantity": -1})]
    assert found(text, *bought, ("view", {"quantity": 0}))
    assert not found(text, *bought[1:], ("view", {"quantity": 0}))
    least = [("buy", {"quantity": -1}), ("buy", {}), ("view", {"quantity": -1})]
    assert found(text, *least)


def test_a_function_is_of_the_row_that_it_speaks_of():
    rows = [("buy", {"due": date(2026, 11, 20)}), ("view", {"due": date(2026, 11, 21)})]
    text = "did buy as s then did view where ({})"
    assert found(text.format("hour(time) = hour(s.time) + 1 and date(due) > date(s.due)"), *rows)
    assert not found(text.format("hour(time) = hour(s.time)"), *rows)
    assert not found(text.format("date(due) = date(s.due)"), *rows)


def test_a_step_may_be_named_like_a_field_that_it_has_not():
    text = "did buy as seen then did see where (seen or sku = seen.sku)"
    assert found(text, ("buy", {"sku": "a"}), ("see", {"sku": "A", "seen": False}))
    assert found(text, ("buy", {"sku": "a"}), ("see", {"seen": True}))
    assert not found(text, ("buy", {"sku": "a"}), ("see", {"sku": "b", "seen": False}))


def test_a_later_chain_decides_only_of_those_that_it_equals():
    text = "did buy as s then did view where (sku = s.sku and amount > s.amount) within 3 hours"
    rows = [("buy", {"sku": "a", "amount": 1}), ("buy", {"sku": "a", "amount": 9})]
    assert found(text, *rows, ("view", {"sku": "A", "amount": 2}))
    assert not found(text, *rows[1:], ("view", {"sku": "A", "amount": 2}))
    assert not found(text, *rows, *[("tell", {})] * 2, ("view", {"sku": "a", "amount": 2}))


def test_what_is_still_to_come_is_not_absent_yet():
    rows = {"buy": {"c": [Row(None, NOON + timedelta(hours=1), {})]}, "view": {}}
    store = RowStore(WORLD, {"c": {}}, rows)
    asked = {"q": bind(parse("did buy in next 3 hours then did not view"), WORLD)}
    for engine in ("interpreter", "columnar"):
        setting = Setting(WORLD, Moment.of(NOON, "UTC"))
        assert members(asked, store, setting, engine=engine) == {"q": []}


def test_a_crowded_contact_takes_the_memory_of_a_portion_of_pairs():
    """Sixteen million pairs, none of which will do."""
    rows = {
        name: {"c": [Row(None, NOON - timedelta(minutes=n), {"amount": n}) for n in some]}
        for name, some in (("buy", range(4_000, 8_000)), ("view", range(1, 4_000)))
    }
    population = Population.from_source(RowStore(WORLD, {"c": {}}, rows))
    text = "did buy as s then did view where (amount > s.amount)"
    batch = compile_batch({"q": bind(parse(text), WORLD)}, Setting(WORLD, Moment.of(NOON, "UTC")))
    tracemalloc.start()
    try:
        assert batch.evaluate(population)["q"].ids() == []
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 30 * 2**20  # two bytes for each pair


def test_codes_that_two_dictionaries_share_follow_their_growth():
    one, other = TextDictionary(["a"]), TextDictionary(["b"])
    assert one.common_codes(other, exactly=True).tolist() == [-1, -1]
    other.add("a")
    assert one.common_codes(other, exactly=True).tolist() == [1, -1]
    one.add("B")
    assert one.common_codes(other, exactly=True).tolist() == [1, -1, -1]
    assert one.common_codes(other, exactly=False).tolist() == [1, 0, -1]
