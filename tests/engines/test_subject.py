"""A contact read for some questions answers them as one that was read whole."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segmentkit.engines import Interpreter, Moment, Setting, SubjectReader
from segmentkit.errors import NaiveDatetimeError, WrongTypeError
from segmentkit.model import SYSTEM, Collection, Field, FieldType, Schema
from segmentkit.query import bind, parse
from segmentkit.stores import Row

SCHEMA = Schema(
    collections=[
        Collection("buy", fields=[Field("sku", FieldType.TEXT), Field("n", FieldType.INTEGER)]),
        Collection(
            "visit", verb="has", fields=[Field("planned", FieldType.INSTANT)], time="planned"
        ),
    ]
)
AT = datetime(2026, 11, 21, tzinfo=UTC)
MOMENT = Moment.of(AT, UTC)
QUESTIONS = """
did buy in last 7 days
did buy in last 7 days having (sum(n) > 3)
did buy where (sku = 'a') at least 2 times
did buy in last 7 days or did buy where (n = 1) in last 30 days
last(buy.time) >= 2026-11-20
first(buy.id) = 'e1'
did buy as b in last 7 days then did buy where (sku = b.sku) within 1 day
has visit in next 7 days
has visit
has visit where (planned in next 7 days)
count(visit in last 7 days) = 0
""".strip().splitlines()

times = st.sampled_from(
    [
        None,
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=8))),
        *(AT + timedelta(microseconds=tick) for tick in (-1, 0, 1)),
        *(AT + timedelta(days=day) for day in (-400, -30, -8, -7, -1, 6, 7, 8)),
        (AT - timedelta(days=7)).astimezone(timezone(timedelta(hours=-9))),
        AT - timedelta(days=7, microseconds=1),
    ]
)


@st.composite
def rows(draw, *names: str) -> list[Row]:
    number = draw(st.integers(0, 5))
    values = st.fixed_dictionaries(
        {}, optional={"sku": st.sampled_from(["a", "b"]), "n": st.integers(0, 3)}
    )
    return [
        Row(f"e{i}", draw(times), draw(values) if names else {}, draw(st.integers(0, 1)))
        for i in range(number)
    ]


@example([], [Row("e0", datetime.max.replace(tzinfo=UTC), {})], ["has visit"])
@given(rows("sku", "n"), rows(), st.lists(st.sampled_from(QUESTIONS), min_size=1, max_size=3))
def test_only_what_no_question_looks_at_is_left_out(bought, visits, questions):
    interpreter = Interpreter(Setting(SCHEMA, MOMENT))
    tests = [interpreter.compile(bind(parse(text), SCHEMA)) for text in questions]
    given_rows = {"buy": bought, "visit": visits}
    wanted = SubjectReader(SCHEMA, interpreter.collections, SYSTEM, MOMENT)
    whole = SubjectReader(SCHEMA, ("buy", "visit"), SYSTEM, MOMENT)
    part = wanted.subject("c", {}, given_rows)
    everything = whole.subject("c", {}, given_rows)
    assert [test(part) for test in tests] == [test(everything) for test in tests]


def test_rows_that_no_window_reaches_are_not_held():
    interpreter = Interpreter(Setting(SCHEMA, MOMENT))
    interpreter.compile(bind(parse("did buy in last 7 days"), SCHEMA))
    reader = SubjectReader(SCHEMA, interpreter.collections, SYSTEM, MOMENT)
    old, new = (Row(str(day), AT - timedelta(days=day), {}) for day in (8, 1))
    assert [item.id for item in reader.subject("c", {}, {"buy": [old, new]}).items["buy"]] == ["1"]


@pytest.mark.parametrize(
    ("time", "error"), [(datetime(2026, 11, 20), NaiveDatetimeError), ("today", WrongTypeError)]
)
def test_a_time_that_is_none_is_told(time, error):
    interpreter = Interpreter(Setting(SCHEMA, MOMENT))
    interpreter.compile(bind(parse("did buy in last 7 days"), SCHEMA))
    reader = SubjectReader(SCHEMA, interpreter.collections, SYSTEM, MOMENT)
    with pytest.raises(error):
        reader.subject("c", {}, {"buy": [Row("1", time, {})]})
