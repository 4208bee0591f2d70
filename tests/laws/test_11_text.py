"""Promise 11: one text key for comparisons; `exactly` compares raw text; `like` is a glob."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from laws.worlds import row

from segmentkit.engines.semantics import glob_matches
from segmentkit.query import Compare, NameTable, Path, Text, TextMatch
from segmentkit.text import text_key

SAME = [
    ("VIP", "vip"),
    ("VIP", "ＶＩＰ"),
    ("VIP 客户", " vip\u3000\t客户 "),
    ("福州", "福\u200b州\ufeff"),
    ("straße", "STRASSE"),
    ("ﬁne", "FINE"),
    ("é", "e\u0301"),
    ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ("①", "1"),
    ("ｶﾞ", "ガ"),
    ("a  b", "A\nB"),
    ("10\u00a0000", "10 000"),
]
DIFFERENT = [("VIP", "V I P"), ("福州", "福洲"), ("a", "á"), ("0", "O"), ("国", "國")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_texts_of_one_key_are_equal_everywhere(holds, one, other):
    for value, literal in ((one, other), (other, one)):
        person = {"city": value, "interests": (value, "茶")}
        given_ = {"parameters": {"x": literal}}
        assert holds("city = $x and not city != $x", person, **given_)
        assert holds("city in ($x, '茶')", person, **given_)
        assert holds("city contains $x and city starts with $x", person, **given_)
        assert holds("city ends with $x", person, **given_)
        assert holds("interests contains $x", person, **given_)
        assert holds("has tag $x", person, tag=[row(tag=value)], **given_)
        assert holds(
            "distinct(purchase.sku) = 1",
            purchase=[row("2026-11-01", sku=value), row("2026-11-02", sku=literal)],
        )


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_texts_of_other_keys_are_not(holds, one, other):
    assert not holds("city = $x", {"city": one}, parameters={"x": other})
    assert holds("city != $x", {"city": one}, parameters={"x": other})


@pytest.mark.parametrize(("one", "other"), SAME)
def test_exactly_compares_raw_text(holds, one, other):
    assert holds("city is exactly $x", {"city": one}, parameters={"x": one})
    assert not holds("city is exactly $x", {"city": one}, parameters={"x": other})
    assert holds("city is not exactly $x", {"city": one}, parameters={"x": other})


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("福*", "福州", True),
        ("*州", "福州", True),
        ("福", "福州", False),
        ("?州", "福州", True),
        ("?", "福州", False),
        ("*", "福州", True),
        ("VIP*", "ｖｉｐ客户", True),
        ("v?p", "VIP", True),
        ("[a-z]*", "a", False),
        ("a.c", "abc", False),
        ("a\\d", "a1", False),
        ("100%", "100%", True),
        ("*x*", "福州", False),
    ],
)
def test_like_is_a_glob_and_no_regular_expression(holds, pattern, text, found):
    assert holds("city like $p", {"city": text}, parameters={"p": pattern}) == found
    assert holds("city not like $p", {"city": text}, parameters={"p": pattern}) != found
    assert holds("has tag like '*" + "a'", tag=[row(tag="xa")])


def test_contains_any_and_all_of_words(holds):
    person = {"city": "福州 价格 优惠"}
    assert holds("city contains any ('价格', '没有')", person)
    assert not holds("city contains all ('价格', '没有')", person)
    assert holds("city contains all ('价格', '优惠')", person)
    assert holds("city not contains any ('没有', '也没有')", person)
    assert holds("city not contains all ('价格', '没有')", person)


def test_a_pattern_may_be_a_value(holds):
    rows = [row("2026-11-01", channel="来自福州"), row("2026-11-02", channel="线上")]
    query = "did purchase where (channel contains contact.city) exactly 1 time"
    assert holds(query, {"city": "福州"}, purchase=rows)
    assert not holds(query, {}, purchase=rows)


def test_ids_are_compared_as_they_are_stored(holds):
    """Names are compared by key; what they stand for is not."""
    names = NameTable({"tag": {"T1": "VIP", "t1": "普通"}})
    assert holds("has tag 'ｖｉｐ'", tag=[row(tag="T1")], names=names)
    assert not holds("has tag 'ｖｉｐ'", tag=[row(tag="t1")], names=names)
    assert holds("has tag where (tag = 'vip')", tag=[row(tag="T1")], names=names)
    assert not holds("has tag where (tag = 'vip')", tag=[row(tag="t1")], names=names)


def test_like_over_keys_is_asked_of_their_names(holds):
    names = NameTable({"tag": {"t1": "双11 高消费", "t2": "618"}})
    assert holds("has tag like '双11*'", tag=[row(tag="t1")], names=names)
    assert not holds("has tag like '双11*'", tag=[row(tag="t2")], names=names)
    assert not holds("has tag like 't*'", tag=[row(tag="t1")], names=names)
    assert holds("has no tag like '*x*'", tag=[row(tag="t1")], names=names)


# --- laws ---------------------------------------------------------------------------------------


@given(st.text())
@example("ΐ")
@example("\u200b \u200b")
def test_the_key_of_a_key_is_itself(text):
    assert text_key(text_key(text)) == text_key(text)


@given(st.text(max_size=6), st.text(max_size=6))
def test_equality_is_that_of_keys(holds, one, other):
    node = Compare("=", Path(("city",)), Text(other))
    same = bool(text_key(one)) and text_key(one) == text_key(other)
    assert holds(node, {"city": one}) == same


@given(st.text("ab ", max_size=8), st.text("ab ", max_size=4))
def test_contains_starts_and_ends_are_those_of_keys(holds, text, pattern):
    key, part = text_key(text), text_key(pattern)
    for operation, found in {
        "contains": part in key,
        "starts_with": key.startswith(part),
        "ends_with": key.endswith(part),
    }.items():
        node = TextMatch(operation, Path(("city",)), (Text(pattern),))
        assert holds(node, {"city": text}) == (bool(key) and bool(part) and found)


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=10))
def test_a_glob_matches_as_its_regular_expression_would(pattern, text):
    wanted = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    assert glob_matches(pattern, text) == bool(re.fullmatch(wanted, text, re.DOTALL))


def test_a_hostile_glob_takes_no_exponential_time():
    started = time.perf_counter()
    assert not glob_matches("*a" * 50 + "b", "a" * 2_000)
    assert time.perf_counter() - started < 2
