"""Highlighting: every visible character once, right or wrong."""

import re

from hypothesis import given
from hypothesis import strategies as st

from segmentkit.query import (
    Date,
    LocalTime,
    Number,
    Parameter,
    Path,
    Text,
    format,  # noqa: A004
    highlight,
    parse,
    walk,
)
from segmentkit.query.spelling import BLANK
from segmentkit.testing.strategies import conditions

KINDS = {Number: "number", Text: "text", Date: "date", LocalTime: "date", Parameter: "parameter"}


def kinds_of(text):
    return [(text[slice(*token.span)], token.kind) for token in highlight(text)]


def covers_once(text):
    end = 0
    for token in highlight(text):
        start, stop = token.span
        assert end <= start < stop
        assert re.fullmatch(f"{BLANK}*", text[end:start])
        end = stop
    return re.fullmatch(f"{BLANK}*", text[end:]) is not None


@given(st.text())
def test_any_text_is_covered_once(text):
    assert covers_once(text)


@given(conditions(), st.sampled_from(["en", "zh"]), st.data())
def test_any_part_of_a_query_is_covered_once(condition, lang, data):
    text = format(condition, lang)
    assert covers_once(text[: data.draw(st.integers(0, len(text)))])


@given(conditions(), st.sampled_from(["en", "zh"]))
def test_a_right_query_has_the_kinds_that_the_grammar_gives_it(condition, lang):
    text = format(condition, lang)
    at = {token.span: token.kind for token in highlight(text)}
    assert "unknown" not in at.values()
    for node in walk(parse(text)):
        if type(node) in KINDS:
            assert at[node.span] == KINDS[type(node)]
        if isinstance(node, Path):
            start, end = node.span
            inside = {kind for span, kind in at.items() if start <= span[0] < end}
            assert inside <= {"name", "mark"}


def test_a_broken_query_is_coloured_as_far_as_it_goes():
    assert kinds_of("做过 购买 至少3次 and (a = 'x") == [
        ("做过", "word"), ("购买", "name"), ("至少", "word"), ("3", "number"), ("次", "word"),
        ("and", "word"), ("(", "mark"), ("a", "name"), ("=", "mark"), ("'x", "unknown"),
    ]  # fmt: skip


def test_soft_words_are_names_unless_something_is_counted():
    assert kinds_of("day >= 3 days and time = to") == [
        ("day", "name"), (">=", "mark"), ("3", "number"), ("days", "unit"), ("and", "word"),
        ("time", "name"), ("=", "mark"), ("to", "name"),
    ]  # fmt: skip


def test_functions_and_totals_stand_before_a_bracket():
    assert kinds_of("age(b) > count and count (x) > 1 # now")[::3] == [
        ("age", "function"), (")", "mark"), ("and", "word"), ("x", "name"), ("1", "number"),
    ]  # fmt: skip
