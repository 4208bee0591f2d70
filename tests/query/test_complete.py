"""Completion: whatever is offered can be read, and whatever can be read is offered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentkit.errors import InvalidValueError
from segmentkit.model import Collection, Field, FieldType, Schema
from segmentkit.query import QueryError, check, complete, format, highlight, parse  # noqa: A004
from segmentkit.query.ast import EXACT_UNITS, Rolling, Step, walk
from segmentkit.query.parsing.grammar import conditions as grammar
from segmentkit.query.parsing.mistakes import stopped
from segmentkit.query.parsing.reading import Limits, Source, Stuck
from segmentkit.query.spelling import normal_spelling
from segmentkit.query.words import CALENDARS, UNITS
from segmentkit.testing.strategies import conditions

SCHEMA = Schema(
    fields=[
        Field("city", FieldType.TEXT, aliases=["城市"], values=["福州", "厦门"]),
        Field("age", FieldType.INTEGER, aliases=["年龄"]),
        Field("first name", FieldType.TEXT, aliases=["and"]),
        Field("added_by", FieldType.TEXT, references="staff"),
    ],
    collections=[
        Collection(
            "purchase",
            fields=[
                Field("amount", FieldType.MONEY, aliases=["金额"]),
                Field("channel", FieldType.TEXT, aliases=["渠道"], values=["直播", "门店"]),
            ],
            aliases=["购买"],
        ),
        Collection("opportunity", "has", aliases=["商机"]),
    ],
)
VALUES = {"tag": ["VIP", "老客户", "it's"], "staff": ["li.lei"]}
languages = st.sampled_from(["en", "zh"])
# What the checker refuses is read, so that it can say why, and never offered.
REFUSED = [
    spelling
    for name, word in CALENDARS.items()
    if name.split()[1] in EXACT_UNITS
    for spelling in (*word.en, *word.zh)
]


def offered(text, lang="en"):
    found = complete(text, len(text), SCHEMA, lang=lang, values=VALUES, parameters=["me", "a b"])
    return [(each.kind, each.text) for each in found.candidates]


def texts_of(kind, text, lang="en"):
    return [written for each, written in offered(text, lang) if each == kind]


def reading_stops_at(text):
    source = Source(text, Limits())
    try:
        grammar.read_all(source)
    except Stuck:
        return stopped(source, over=lambda wanted: True)[0]
    return len(text)


@given(conditions(), languages, languages, st.data())
def test_each_candidate_extends_the_text(condition, lang, offer_lang, data):
    text = format(condition, lang)
    cursor = data.draw(st.integers(0, len(text)))
    found = complete(text, cursor, SCHEMA, lang=offer_lang, values=VALUES, parameters=["me", "a b"])
    assert text[found.start : cursor] == found.prefix
    for candidate in found.candidates:
        extended = text[: found.start] + candidate.text
        assert reading_stops_at(extended) >= len(extended), candidate


@given(conditions(), languages)
def test_each_word_and_mark_is_offered_where_it_stands(condition, lang):
    text = format(condition, lang)
    units_refused = {
        spelling
        for node in walk(condition)
        for duration in (
            node.duration if isinstance(node, Rolling) and node.direction == "previous" else None,
            node.within if isinstance(node, Step) else None,
        )
        if duration is not None
        for spelling in UNITS[duration.unit].spellings
    }
    before = None
    for token in highlight(text):
        start, end = token.span
        written = text[start:end]
        called = before == "function" and written == "("
        before = token.kind
        if token.kind not in ("word", "unit", "mark") or written == "." or called:
            continue
        begun = text[:start] + " "
        candidates = complete(begun, len(begun), lang=lang).candidates
        if normal_spelling(written) in (*REFUSED, *units_refused):
            continue
        spellings = {spelling for each in candidates for spelling in each.label.split(" · ")}
        assert normal_spelling(written) in spellings, begun


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_the_checker_refuses_is_not_offered(lang):
    windows = set(texts_of("word", "did purchase in ", lang))
    assert windows.isdisjoint(REFUSED)
    assert windows & {"this week", "本周"}


@pytest.mark.parametrize(
    ("begun", "end"),
    [
        ("did purchase in previous 3 ", ""),
        ("did purchase the previous 3 ", ""),
        ("做过 购买 此前 3 ", ""),
        ("did purchase then did purchase within 3 ", ""),
        ("did purchase in this ", ""),
        ("did purchase in last 3 ", ""),
        ("did purchase in next 3 ", ""),
        ("did purchase 3 to 5 ", " ago"),
        ("did purchase since 3 ", " ago"),
    ],
)
def test_a_unit_is_offered_where_the_checker_takes_it(begun, end):
    found = {text for _, text in offered(begun)}
    for unit in UNITS.values():
        words = unit.en[-1:] if begun.endswith("this ") else unit.en
        for word in words:
            checked = check(parse(begun + word + end), SCHEMA)
            assert (word in found) <= checked.is_valid, word
        assert bool(found.intersection(words)) is checked.is_valid, unit.id


@given(st.text(max_size=20), st.data())
def test_any_text_can_be_completed(text, data):
    cursor = data.draw(st.integers(0, len(text)))
    try:
        found = complete(text, cursor, SCHEMA)
    except QueryError:
        pytest.fail("completion never refuses a text")
    assert 0 <= found.start <= cursor


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("", "field", ["id", "city", "age", "`first name`", "added_by"]),
        ("c", "field", ["city"]),
        ("城", "field", ["城市"]),
        ("a = 1 and `f", "field", ["`first name`"]),
        ("did ", "collection", ["purchase"]),
        ("did not pur", "collection", ["purchase"]),
        ("has ", "collection", ["opportunity", "tag", "staff"]),
        ("not in ", "collection", ["group", "chat", "list", "segment"]),
        ("did purchase where (", "field", ["amount", "channel", "time", "id"]),
        ("did purchase having (sum(", "field", ["amount", "channel", "time", "id"]),
        ("did purchase where (a) having (count() > 1) and ci", "field", ["city"]),
        ("sum(", "collection", ["purchase", "opportunity", "tag", "group", "chat", "staff", "list",
                                "segment"]),
        ("sum(purchase.am", "field", ["amount"]),
        ("sum(purchase.amount where (ch", "field", ["channel"]),
        ("did purchase as c then has", "field", []),
        ("did purchase as c then did purchase where (c.", "field", ["amount", "channel", "time", "id"]),
        ("did purchase where (contact.ci", "field", ["city"]),
        ("city = ", "value", ["'福州'", "'厦门'"]),
        ("city in ('福州', '", "value", ["'福州'", "'厦门'"]),
        ("city = '福", "value", ["'福州'"]),
        ("did purchase where (channel is ", "value", ["'直播'", "'门店'"]),
        ("last(purchase.channel) = ", "value", ["'直播'", "'门店'"]),
        ("did purchase having (last(channel) = ", "value", ["'直播'", "'门店'"]),
        ("has tag ", "tag", ["'VIP'", "'老客户'", r"'it\'s'"]),
        ("has tag ('VIP', '老", "tag", ["'老客户'"]),
        ("added_by = ", "tag", ["'li.lei'"]),
        ("has tag '意向强' where (staff = ", "tag", ["'li.lei'"]),
        ("age > ", "value", []),
        ("age > $", "parameter", ["$me", "$`a b`"]),
        ("a", "function", ["avg(", "anniversary(", "age(", "abs("]),
        ("did purchase at ", "word", ["least", "most"]),
        ("did purchase at l", "word", ["least"]),
        ("did purchase in last 30", "word", [" seconds", " minutes", " hours", " days", " weeks",
                                             " months", " quarters", " years"]),
        ("did purchase at least 3 t", "word", ["times"]),
        ("did purchase then did purchase wi", "word", ["within"]),
        ("做过 购买 然后 做过 购买 3 天 ", "word", ["内"]),
        ("city is not ", "word", ["true", "false", "known", "missing", "exactly"]),
        ("a = 1 # an", "word", []),
        ("a = 1 adn ", "word", []),
        ("did purchase in last 3 days in next 3 ", "word", []),
    ],
)  # fmt: skip
def test_what_is_offered(text, kind, expected):
    assert texts_of(kind, text) == expected


def test_chinese_is_offered_in_chinese():
    assert texts_of("collection", "做过 ", "zh") == ["购买"]
    assert texts_of("field", "做过 购买 满足 (", "zh") == ["金额", "渠道", "时间", "编号"]
    assert ("word", "至少") in offered("做过 购买 ", "zh")


def test_a_label_has_all_names():
    (city,) = complete("ci", 2, SCHEMA).candidates
    assert city.label == "city · 城市"


@pytest.mark.parametrize("cursor", [-1, 6])
def test_the_cursor_stands_in_the_text(cursor):
    with pytest.raises(InvalidValueError):
        complete("a = 1", cursor)
