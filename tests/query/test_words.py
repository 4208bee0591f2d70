"""The table of words: each of them is read, in every spelling, and printed in one."""

import os
from pathlib import Path

import pytest

from segmentkit.query import format, parse  # noqa: A004
from segmentkit.query.spelling import by_spelling
from segmentkit.query.words import AGGREGATES, CALENDARS, KEYWORDS, UNITS, all_words

# A query for each word, with a place for it.
PLACES = {
    "and": "a {} b", "or": "a {} b", "not": "{} a", "did": "{} x", "did_not": "{} x",
    "has": "{} x", "has_no": "{} x", "in": "{} x", "not_in": "{} x",
    "in_time": "a {} today", "not_in_time": "a {} today",
    "any": "a contains {} ('b', 'c')", "all": "has {} x 'k'", "under": "in x {} 'k'", "like": "has x {} 'k'",
    "as": "did x {} c", "where": "did x {} (a)", "having": "did x {} (a)",
    "at_least": "did x {} 3 times", "at_most": "did x {} 3 times", "exactly": "did x {} 3 times",
    "more_than": "did x {} 3 times", "fewer_than": "did x {} 3 times", "times": "did x at least 3 {}",
    "then": "did x {} did y", "last": "did x {} 3 days", "next": "did x {} 3 days",
    "previous": "did x {} 3 days", "since": "did x {} 2026-01-01", "before": "did x {} 2026-01-01",
    "from": "did x {} $a to $b", "to": "did x from $a {} $b", "ago": "did x since 3 days {}",
    "on": "did x {} 2026-01-01", "between": "a {} 1 and 2", "not_between": "a {} 1 and 2",
    "is": "a {} 1", "is_not": "a {} 1", "is_exactly": "a {} 'b'", "is_not_exactly": "a {} 'b'",
    "is_missing": "a {}", "is_known": "a {}", "true": "a = {}", "false": "a = {}",
} | {f"{sign}{word}": "a {} 'b'" for sign in ("", "not_") for word in
     ("contains", "starts_with", "ends_with", "like") if sign + word != "like"}  # fmt: skip
TABLES = {
    "keyword": (KEYWORDS, PLACES.get),
    "unit": (UNITS, lambda word: "a >= 3 {}"),
    "aggregate": (AGGREGATES, lambda word: "{}(x.y) > 3"),
    "calendar": (CALENDARS, lambda word: "did x {}"),
}
EVERY = [
    pytest.param(word, place(word.id), id=f"{kind} {word.id}")
    for kind, (table, place) in TABLES.items()
    for word in table.values()
    if word.id != "within"
]


@pytest.mark.parametrize(("word", "place"), EVERY)
def test_all_spellings_of_a_word_mean_the_same(word, place):
    meaning = parse(place.format(word.en[0]))
    for spelling in word.spellings:
        assert parse(place.format(spelling)) == meaning, spelling
        assert parse(place.format(spelling.upper())) == meaning, spelling


def test_within_stands_before_its_duration_in_english_and_after_it_in_chinese():
    meaning = parse("did x then did y within 3 days")
    for spelling in KEYWORDS["within"].zh:
        assert parse(f"做过 x 然后 做过 y 3天{spelling}") == meaning
        assert parse(f"做过 x 然后 做过 y 3 天 {spelling}") == meaning
    assert format(meaning) == "did x then did y within 3 days"
    assert format(meaning, "zh") == "做过 x 然后 做过 y 3 天内"


@pytest.mark.parametrize(("word", "place"), EVERY)
def test_the_first_spelling_is_printed(word, place):
    condition = parse(place.format(word.en[0]))
    shown = {"is": "=", "is_not": "!="}
    for lang in ("en", "zh"):
        assert shown.get(word.id, word.spelt(lang)) in format(condition, lang)


@pytest.mark.parametrize("table", [KEYWORDS, UNITS, AGGREGATES, CALENDARS])
def test_no_spelling_belongs_to_two_words_that_can_stand_in_one_place(table):
    # 前 comes before a duration or after one; the others are one word in two roles.
    allowed = {"前", "in", "not in", "在", "属于", "不在", "不属于"}
    owners = {}
    for word in table.values():
        for spelling in word.spellings:
            owners.setdefault(spelling, set()).add(word.id)
    assert {spelling for spelling, ids in owners.items() if len(ids) > 1} <= allowed


@pytest.mark.parametrize(
    "spelling", sorted(by_spelling(word for word in all_words() if not word.is_name_too))
)
def test_a_word_in_backticks_is_a_name(spelling):
    condition = parse(f"`{spelling}` = 1")
    assert condition.left.names == (spelling,)
    assert format(condition) == f"`{spelling}` = 1"


@pytest.mark.parametrize(
    "name",
    ["time", "day", "month", "count", "first", "to", "at", "source", "date", "在线", "有效期",
     "是否会员", "最近购买时间", "次数", "天", "标签", "A类", "或有负债"],
)  # fmt: skip
def test_common_names_need_no_backticks(name):
    condition = parse(f"{name} = 1 and did {name} and sum({name}.{name}) > 1")
    assert format(condition) == f"{name} = 1 and did {name} and sum({name}.{name}) > 1"


def test_a_chinese_word_needs_no_blank_beside_digits_and_marks():
    dense = "做过 购买 满足(金额>=5万 且 类目='鞋')至少3次 最近30天"
    loose = "做过 购买 满足 ( 金额 >= 5万 且 类目 = '鞋' ) 至少 3 次 最近 30 天"
    assert parse(dense) == parse(loose)


# --- the page of the documentation --------------------------------------------------------------

PAGE = Path(__file__).parent.parent.parent / "docs" / "words.md"
TITLES = {
    "Words": KEYWORDS,
    "Units of time": UNITS,
    "Totals": AGGREGATES,
    "Parts of the calendar": CALENDARS,
}
INTRODUCTION = """# Every word

The words of the language and their spellings; the first of each language is the one that `format` prints. English words
are read in any case. Chinese words need a blank before a name or another word, but none beside digits and marks:
`做过 购买 至少3次 最近30天`.

A name that is spelt like a word stands in backticks, as in `` `last` = 1 ``; but units, totals, `to`, `times` and `ago`
are names too.
"""


def page():
    parts = [INTRODUCTION]
    for title, table in TITLES.items():
        rows = [
            f"| {', '.join(word.en)} | {', '.join(word.zh)} |"
            for word in table.values()
            if not word.id.endswith("_time")  # `in` and `not in` once more
        ]
        parts.append("\n".join([f"## {title}\n", "| English | Chinese |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


def test_the_page_of_words_is_the_table():
    if os.environ.get("SEGMENTKIT_WRITE"):
        PAGE.write_text(page(), "utf-8")
    assert PAGE.read_text("utf-8") == page(), "SEGMENTKIT_WRITE=1 pytest writes it anew"
