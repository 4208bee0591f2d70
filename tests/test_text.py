"""The text key, the width on a screen, and the nearest word."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentkit.text import display_width, nearest, pad, some_of, suggestion, text_key

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text(
    "ab AＡßİ\u3000\u00a0\u200b\u00ad中文ﬁ①\n\t", max_size=12
)


def plainly(text):
    """The key, said step by step."""
    visible = re.sub("[\u00ad\u200b-\u200d\u2060\ufeff]", "", text)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    return re.sub(r"\s+", " ", folded).strip()


@given(texts)
def test_the_key_is_what_its_definition_says(text):
    assert text_key(text) == plainly(text)


def test_every_character_has_the_key_of_the_definition():
    wrong = [
        hex(point)
        for point in range(sys.maxunicode + 1)
        if not 0xD800 <= point <= 0xDFFF
        and text_key.__wrapped__(f"a{chr(point)}中") != plainly(f"a{chr(point)}中")
    ]
    assert not wrong


@given(texts)
def test_width_blanks_and_case_never_tell_texts_apart(text):
    assert text_key(f" \u3000{text}\u200b ") == text_key(text)


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("VIP", 3), ("标签", 4), ("（标签）", 8), ("e\u0301", 1), ("a\u200bb", 2)],
)
def test_display_width(text, width):
    assert display_width(text) == width


@given(texts, st.integers(0, 40))
def test_padding_fills_to_the_width_and_never_cuts(text, width):
    assert display_width(pad(text, width)) == max(width, display_width(text))
    assert pad(text, width, right=True).endswith(text)


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("purchse", ["purchase", "view_product"], "purchase"),
        ("年纪", ["年龄", "城市"], "年龄"),
        ("ＣＩＴＹ", ["city"], "city"),
        ("zzz", ["purchase"], None),
        ("x", [], None),
    ],
)
def test_the_nearest_word(word, known, found):
    assert nearest(word, known) == found


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("kind", ["id", "city"], None),
        ("id", ["it", "kind"], None),
        ("cty", ["city"], "city"),
        ("adn", ["and", "any"], "and"),
        ("amount", ["account", "count"], "account"),
        ("purch", ["purchase"], "purchase"),
        ("pur", ["purchase"], None),
        ("expected_closing", ["expected_close"], "expected_close"),
        ("城", ["市"], None),
        ("城市", ["北京"], None),
        ("购卖", ["购买", "浏览"], "购买"),
        ("高价直", ["高价值", "高消费"], "高价值"),
        ("高级客户", ["普通客户"], None),
        ("消费", ["消费金额"], "消费金额"),
    ],
)
def test_the_shorter_a_word_the_closer_its_match(word, known, found):
    assert nearest(word, known) == found


words = st.text("abc中文字", min_size=1, max_size=9)


@given(words, st.lists(words, max_size=5))
def test_what_is_near_is_the_nearest_there_is(word, known):
    found = nearest(word, known)
    if word in known:
        assert found == word
    if found is not None:
        assert found in known
        assert set(found) & set(word) or found == word
    assert nearest(word, []) is None


@given(st.text("abcdefgh", min_size=3, max_size=12), st.data())
def test_two_letters_in_each_others_place_are_one_slip(word, data):
    at = data.draw(st.integers(0, len(word) - 2))
    slipped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    assert nearest(slipped, [word]) == word


@given(st.lists(words, unique=True, max_size=9))
def test_a_few_names_are_shown_and_the_rest_counted(names):
    said = some_of(names)
    assert said.count("'") == 2 * min(len(names), 5)
    assert said.endswith(f"and {len(names) - 5} more") == (len(names) > 5)
    assert some_of(names, "zh").endswith(f"等 {len(names)} 个") == (len(names) > 5)
    assert suggestion("zzzzzz", names) == (f"There are {said}" if names else "There are none")
