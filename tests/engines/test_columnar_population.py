"""However the same rows come in, and in whatever portions, they make the same population."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentkit.engines import Moment, Setting
from segmentkit.engines.columnar import Population, Table, compile_batch
from segmentkit.engines.columnar.objects import FieldReader
from segmentkit.engines.semantics import holder
from segmentkit.errors import (
    ConflictingDuplicateError,
    DuplicateIdError,
    FloatMoneyError,
    InvalidValueError,
    NaiveDatetimeError,
    SegmentkitError,
    UnknownNameError,
    WrongTypeError,
)
from segmentkit.model import Collection, Field, FieldType, Schema
from segmentkit.query import bind, parse
from segmentkit.stores import Row
from segmentkit.testing import RowStore
from segmentkit.testing.people import known_values

FIELDS = (
    Field("sku", FieldType.TEXT),
    Field("quantity", FieldType.INTEGER),
    Field("amount", FieldType.MONEY, currency="CNY"),
    Field("weight", FieldType.FLOAT),
    Field("gift", FieldType.BOOLEAN),
    Field("delivery", FieldType.DATE),
    Field("paid_at", FieldType.INSTANT),
    Field("handling", FieldType.DURATION),
    Field("coupons", FieldType.TEXT_LIST),
)
SCHEMA = Schema(
    fields=[Field("city", FieldType.TEXT)], collections=[Collection("buy", fields=FIELDS)]
)
ARROW = {
    "sku": pa.string(),
    "quantity": pa.int32(),
    "amount": pa.decimal128(38, 2),
    "weight": pa.float64(),
    "gift": pa.bool_(),
    "delivery": pa.date32(),
    "paid_at": pa.timestamp("us", "UTC"),
    "handling": pa.duration("us"),
    "coupons": pa.list_(pa.string()),
}
PEOPLE = ("c-1", "c-2", "c-3")
START = datetime(2026, 11, 1, tzinfo=UTC)


@st.composite
def rows(draw):
    values = {}
    for declared in FIELDS:
        value = draw(st.none() | known_values(declared))
        if declared.name == "amount" and value is not None:
            value = Decimal(value).quantize(Decimal("0.01"))
        if value is not None:
            values[declared.name] = value
    time = START + timedelta(hours=draw(st.integers(0, 6)))
    return draw(st.sampled_from(PEOPLE)), Row(None, time, values, draw(st.integers(0, 1)))


def numbered(drawn):
    return [(one, row._replace(id=f"e{number}")) for number, (one, row) in enumerate(drawn)]


def source(pairs):
    by_contact = {one: [row for owner, row in pairs if owner == one] for one in PEOPLE}
    return RowStore(SCHEMA, {one: {"city": "福州"} for one in PEOPLE}, {"buy": by_contact})


def as_table(pairs, cut=None):
    columns = {
        "contact": pa.array([one for one, _ in pairs], pa.string()),
        "id": pa.array([row.id for _, row in pairs], pa.string()),
        "time": pa.array([row.time for _, row in pairs], pa.timestamp("us", "UTC")),
        "sequence": pa.array([row.sequence for _, row in pairs], pa.int64()),
    }
    for name, kind in ARROW.items():
        columns[name] = pa.array([row.fields.get(name) for _, row in pairs], kind)
    table = pa.table(columns)
    return table if cut is None else pa.concat_tables([table.slice(0, cut), table.slice(cut)])


CONTACTS = Table(pa.table({"id": list(PEOPLE), "city": ["福州"] * 3}))


def content(population):
    """The rows of the partition in order, as the interpreter would hold them."""
    partition = population.partition("buy")
    return [
        (
            population.ids.text(int(partition.contacts[row])),
            int(partition.times[row]),
            *(partition.columns[f.name].held(row) for f in partition.collection.fields),
        )
        for row in range(len(partition))
    ]


@given(st.lists(rows(), max_size=12).map(numbered), st.integers(0, 12))
def test_tables_and_objects_make_one_population(pairs, cut):
    right = content(Population.from_source(source(pairs)))
    table = as_table(pairs, min(cut, len(pairs)))
    assert content(Population.from_tables(SCHEMA, CONTACTS, {"buy": Table(table)})) == right


@given(st.lists(rows(), max_size=12).map(numbered), st.lists(st.integers(0, 12), max_size=3))
def test_rows_that_join_later_stand_where_they_would_have(pairs, cuts):
    right = content(Population.from_source(source(pairs)))
    ends = [0, *sorted(min(cut, len(pairs)) for cut in cuts), len(pairs)]
    population = Population.from_source(source([]))
    for start, end in pairwise(ends):
        # What was there already comes again and counts once.
        again = pairs[max(start - 2, 0) : end]
        as_rows = again if start % 2 else Table(as_table(again))
        population = population.with_rows({"buy": as_rows})
    assert content(population) == right


@given(st.lists(rows(), min_size=1, max_size=8).map(numbered))
def test_a_population_never_changes(pairs):
    half = len(pairs) // 2
    first = Population.from_source(source(pairs[:half]))
    before = content(first)
    first.with_rows({"buy": pairs[half:]}).with_rows({"buy": pairs[half:]})
    second = first.with_rows({"buy": pairs[half : half + 1]})
    assert content(first) == before
    assert content(second) == content(Population.from_source(source(pairs[: half + 1])))


@settings(max_examples=200)
@given(
    st.sampled_from(FIELDS).flatmap(
        lambda f: st.tuples(st.just(f), st.lists(st.none() | known_values(f)))
    )
)
def test_portions_are_read_as_the_holder_reads_each(given_values):
    declared, values = given_values
    hold = holder(declared)
    column = FieldReader(declared).column(values)
    assert [column.held(row) for row in range(len(values))] == [hold(value) for value in values]


@pytest.mark.parametrize("declared", FIELDS, ids=lambda f: f.name)
@pytest.mark.parametrize(
    "value", [True, 1.5, "a", b"a", 2**80, datetime(2026, 1, 1), ["a"], [1]], ids=repr
)
def test_portions_refuse_what_the_holder_refuses(declared, value):
    try:
        right = holder(declared)(value)
    except SegmentkitError as error:
        with pytest.raises(type(error)):
            FieldReader(declared).column([None, value])
    else:
        assert FieldReader(declared).column([None, value]).held(1) == right


def test_another_content_under_one_id_is_refused():
    first, second = Row("e1", START, {"quantity": 1}), Row("e1", START, {"quantity": 2})
    with pytest.raises(ConflictingDuplicateError, match="e1"):
        Population.from_source(source([("c-1", first), ("c-1", second)]))
    population = Population.from_source(source([("c-1", first)]))
    with pytest.raises(ConflictingDuplicateError, match="e1"):
        population.with_rows({"buy": [("c-1", second)]})
    assert len(population.with_rows({"buy": [("c-1", first)]}).partition("buy")) == 1


def test_an_id_tells_the_rows_of_one_contact_apart():
    """Two contacts' records may bear one id; the interpreter sees one contact at a time."""
    first, second = Row("e1", START, {"quantity": 1}), Row("e1", START, {"quantity": 2})
    population = Population.from_source(source([("c-1", first), ("c-2", second), ("c-2", second)]))
    assert len(population.partition("buy")) == 2
    again = population.with_rows({"buy": [("c-3", first), ("c-2", second), ("c-1", first)]})
    assert len(again.partition("buy")) == 3
    with pytest.raises(ConflictingDuplicateError, match="e1"):
        again.with_rows({"buy": [("c-3", second)]})


@pytest.mark.parametrize(
    ("column", "values", "error"),
    [
        ("amount", pa.array([1.5]), FloatMoneyError),
        ("amount", pa.array([Decimal("1.005")]), InvalidValueError),
        ("amount", pa.array(["1.5"]), WrongTypeError),
        ("quantity", pa.array([1.0]), WrongTypeError),
        ("weight", pa.array([float("inf")]), InvalidValueError),
        ("sku", pa.array([1]), WrongTypeError),
        ("gift", pa.array([1]), WrongTypeError),
        ("paid_at", pa.array([START.replace(tzinfo=None)]), NaiveDatetimeError),
        ("time", pa.array([START.replace(tzinfo=None)]), NaiveDatetimeError),
        ("delivery", pa.array([START]), WrongTypeError),
        ("contact", pa.array(["c-9"]), UnknownNameError),
        ("contact", pa.array([3]), UnknownNameError),
        ("contact", pa.array([1.0]), WrongTypeError),
    ],
    ids=str,
)
def test_a_column_of_another_type_is_refused(column, values, error):
    table = pa.table({"contact": pa.array(["c-1"]), column: values})
    with pytest.raises(error):
        Population.from_tables(SCHEMA, CONTACTS, {"buy": Table(table)})


def test_the_host_may_say_what_a_column_means():
    table = pa.table(
        {
            "who": pa.array([0, 2]),
            "cents": pa.array([150, 5]),
            "when": pa.array([START.replace(tzinfo=None)] * 2),
        }
    )
    names = {"amount": "cents", "time": "when"}
    given_table = Table(table, contact="who", columns=names, utc=["when"], minor=["cents"])
    population = Population.from_tables(SCHEMA, CONTACTS, {"buy": given_table})
    columns = population.partition("buy").columns
    assert [columns["amount"].held(row) for row in (0, 1)] == [150, 5]
    assert population.ids_of(population.partition("buy").contacts) == ["c-1", "c-3"]


def test_numpy_arrays_are_tables_too():
    arrays = {
        "contact": np.array(["c-1", "c-2"]),
        "quantity": np.ma.array([1, 2], mask=[False, True]),
        "time": np.array(["2026-11-01T00:00", "NaT"], "datetime64[s]"),
        "delivery": np.array(["2026-11-02", "2026-11-03"], "datetime64[D]"),
    }
    population = Population.from_tables(SCHEMA, CONTACTS, {"buy": Table(arrays, utc=["time"])})
    columns = population.partition("buy").columns
    # Rows without a time come first.
    assert [columns["quantity"].held(row) for row in (0, 1)] == [None, 1]
    assert columns["delivery"].held(1) == date(2026, 11, 2).toordinal()


def test_contacts_join_and_change():
    population = Population.from_tables(SCHEMA, CONTACTS, {}).with_contacts(
        {"c-9": {"city": "厦门"}, "c-1": {}}
    )
    moment = Moment.of(START, UTC)
    asked = {"known": bind(parse("city is known"), SCHEMA)}
    found = compile_batch(asked, Setting(SCHEMA, moment)).evaluate(population).ids()
    assert found == {"known": ["c-2", "c-3", "c-9"]}
    assert len(population) == 4
    with pytest.raises(DuplicateIdError):
        Population.from_tables(SCHEMA, Table(pa.table({"id": ["a", "a"]})), {})


def test_amounts_past_64_bits_stay_exact():
    huge = 2**62
    pairs = [("c-1", Row(f"e{i}", START, {"amount": huge, "quantity": huge})) for i in range(40)]
    population = Population.from_source(source(pairs))
    total = 40 * huge
    asked = {
        "is": bind(parse(f"sum(buy.amount) = {total} and sum(buy.quantity) = {total}"), SCHEMA),
        "is not": bind(parse(f"sum(buy.amount) > {total} or avg(buy.quantity) > {huge}"), SCHEMA),
    }
    setting = Setting(SCHEMA, Moment.of(START + timedelta(days=1), UTC))
    assert compile_batch(asked, setting).evaluate(population).ids() == {"is": ["c-1"], "is not": []}


@given(st.permutations(["c-1", "c-2", "客户三"]))
def test_codes_and_ids_lead_back_to_each_other_in_the_order_given(ids):
    store = RowStore(Schema(), {contact: {} for contact in ["c-1", "c-2", "客户三"]})
    population = Population.from_source(store)
    assert population.ids_of(population.codes_of(ids)) == list(ids)
    with pytest.raises(UnknownNameError):
        population.codes_of([*ids, "nobody"])
