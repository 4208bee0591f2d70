"""Columns and cells of a file: what their words mean, and what nobody should guess."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.office import SCHEMA

from segmentkit.errors import (
    NaiveDatetimeError,
    SegmentkitError,
)
from segmentkit.model import (
    CellReading,
    Field,
    FieldType,
    IntakeTarget,
    read_cell,
    suggest_columns,
)

SHANGHAI = CellReading(zone=ZoneInfo("Asia/Shanghai"))
PLAIN = CellReading()


def field(kind, **more):
    return Field("f", kind, **more)


MONEY = field(FieldType.MONEY, currency="CNY")

# --- header words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "target"),
    [
        ("姓名", "name"),
        ("客户姓名*", "name"),
        ("Full Name", "name"),
        ("手机号码", "phone"),
        ("客户手机号（必填）", "phone"),
        ("Mobile Phone:", "phone"),
        ("E-Mail", "email"),
        ("电子邮箱", "email"),
        ("年龄(岁)", "age"),
        ("出生日期", "birthday"),
        ("累计消费", "spent"),
        ("兴趣爱好", "hobbies"),
        ("Brithday", "birthday"),
        ("标签", IntakeTarget.TAGS),
        ("Tags", IntakeTarget.TAGS),
        ("所属分组", IntakeTarget.GROUPS),
        ("是否关注", IntakeTarget.FOLLOWED),
        ("导购", IntakeTarget.ADDED_BY),
        ("录入时间", IntakeTarget.ADDED),
        ("来源", IntakeTarget.CHANNEL),
        ("客户编号", IntakeTarget.ID),
        ("id", IntakeTarget.ID),
        ("???", None),
        ("", None),
    ],
)
def test_header_words_of_both_languages_are_understood(column, target):
    (suggestion,) = suggest_columns(SCHEMA, [column])
    assert suggestion.target == target
    assert (suggestion.certainty == "none") == (target is None)


def test_the_surer_column_takes_the_target():
    suggested = suggest_columns(SCHEMA, ["家长电话 2", "phone", "联系电话"])
    assert [one.target for one in suggested] == [None, "phone", None]
    assert suggested[1].certainty == "exact"


@given(
    st.lists(st.sampled_from(["姓名", "name", "手机", "标签", "tag", "x", "年龄", ""]), max_size=8)
)
def test_no_target_is_suggested_twice(header):
    suggested = [one.target for one in suggest_columns(SCHEMA, header)]
    assert len(suggested) == len(header)
    found = [target for target in suggested if target is not None]
    assert len(found) == len(set(found))


# --- cells -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("into", "cell", "value"),
    [
        (field(FieldType.TEXT), "  王 小明 ", "王 小明"),
        (field(FieldType.TEXT), 13800001111, "13800001111"),
        (field(FieldType.TEXT), 13800001111.0, "13800001111"),
        (field(FieldType.INTEGER), " １，２３４ ", 1234),
        (field(FieldType.INTEGER), "5万", 50_000),
        (field(FieldType.INTEGER), "-3", -3),
        (field(FieldType.INTEGER), 3.0, 3),
        (MONEY, "￥1,234.50", Decimal("1234.50")),
        (MONEY, "1.5万元", Decimal(15_000)),
        (MONEY, "12.5", Decimal("12.5")),
        (MONEY, 12.5, Decimal("12.5")),
        (MONEY, 12, 12),
        (field(FieldType.MONEY, currency="USD"), "$3.20", Decimal("3.20")),
        (field(FieldType.DECIMAL), "60%", Decimal("0.60")),
        (field(FieldType.FLOAT), "0.5", 0.5),
        (field(FieldType.BOOLEAN), "是", True),
        (field(FieldType.BOOLEAN), "No", False),
        (field(FieldType.BOOLEAN), 1, True),
        (field(FieldType.DATE), "2026-01-31", date(2026, 1, 31)),
        (field(FieldType.DATE), "2026/1/3", date(2026, 1, 3)),
        (field(FieldType.DATE), "2026年1月31日", date(2026, 1, 31)),
        (field(FieldType.DATE), "20260131", date(2026, 1, 31)),
        (field(FieldType.DATE), "31/1/2026", date(2026, 1, 31)),
        (field(FieldType.DATE), "1/31/2026", date(2026, 1, 31)),
        (field(FieldType.DATE), "5/5/2026", date(2026, 5, 5)),
        (field(FieldType.DATE), "Jan 31, 2026", date(2026, 1, 31)),
        (field(FieldType.DATE), "31 January 2026", date(2026, 1, 31)),
        (field(FieldType.DATE), datetime(2026, 1, 31), date(2026, 1, 31)),
        (field(FieldType.INSTANT), "2026-01-31T08:00:00Z", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        (field(FieldType.INSTANT), "2026/1/31 8:30", datetime(2026, 1, 31, 0, 30, tzinfo=UTC)),
        (field(FieldType.INSTANT), "2026年1月31日", datetime(2026, 1, 30, 16, tzinfo=UTC)),
        (field(FieldType.DURATION), "90分钟", timedelta(minutes=90)),
        (field(FieldType.DURATION), "1.5 hours", timedelta(minutes=90)),
        (field(FieldType.DURATION), "1:30:05", timedelta(hours=1, minutes=30, seconds=5)),
        (field(FieldType.TEXT_LIST), "英语、足球; 音乐 ,", ("英语", "足球", "音乐")),
        (field(FieldType.TEXT_LIST), ["a", "b"], ("a", "b")),
    ],
)
def test_a_cell_is_read_as_its_field_takes_it(into, cell, value):
    read = read_cell(into, cell, SHANGHAI)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("into", "cell"),
    [
        (field(FieldType.INTEGER), "thirty"),
        (field(FieldType.INTEGER), "3.5"),
        (field(FieldType.INTEGER), "1,23"),
        (field(FieldType.INTEGER), "9" * 5_000),
        (field(FieldType.INTEGER), True),
        (MONEY, "12.345"),
        (MONEY, "$12"),
        (MONEY, 0.1 + 0.2),
        (MONEY, float("inf")),
        (field(FieldType.BOOLEAN), "maybe"),
        (field(FieldType.DATE), "3/4/2026"),
        (field(FieldType.DATE), "2026-02-30"),
        (field(FieldType.DATE), "31/31/2026"),
        (field(FieldType.DATE), "Foo 3, 2026"),
        (field(FieldType.DATE), "yesterday"),
        (field(FieldType.DATE), 45_000),
        (field(FieldType.INSTANT), "2026-01-31 24:01"),
        (field(FieldType.INSTANT), "2026-01-31 8"),
        (field(FieldType.DURATION), "3 parsecs"),
        (field(FieldType.DURATION), "9" * 30 + " days"),
        (field(FieldType.TEXT), 1.5),
    ],
)
def test_a_cell_that_cannot_be_read_or_in_two_ways_is_refused(into, cell):
    with pytest.raises(SegmentkitError) as caught:
        read_cell(into, cell, SHANGHAI)
    assert caught.value.remedy


def test_what_a_file_leaves_open_is_said_by_the_caller():
    day = field(FieldType.DATE)
    assert read_cell(day, "3/4/2026", CellReading(day_first=True)) == date(2026, 4, 3)
    assert read_cell(day, "3/4/2026", CellReading(day_first=False)) == date(2026, 3, 4)
    with pytest.raises(NaiveDatetimeError):
        read_cell(field(FieldType.INSTANT), "2026-01-31 08:30", PLAIN)


def test_amounts_do_not_depend_on_the_hosts_precision():
    with localcontext() as context:
        context.prec = 3
        assert read_cell(MONEY, "1234567.89", PLAIN) == Decimal("1234567.89")
        assert read_cell(MONEY, "123.4567万", PLAIN) == Decimal(1_234_567)


@given(
    st.sampled_from(FieldType), st.text() | st.integers() | st.floats() | st.booleans() | st.dates()
)
def test_any_cell_is_read_or_refused_and_nothing_else(kind, cell):
    into = field(kind, currency="CNY" if kind is FieldType.MONEY else None)
    try:
        value = read_cell(into, cell, SHANGHAI)
    except SegmentkitError:
        return
    assert value is None or read_cell(into, value, SHANGHAI) == value or kind is FieldType.FLOAT
