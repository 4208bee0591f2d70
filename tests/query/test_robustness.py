"""Whatever text comes in, a condition or a QueryError comes out, and soon."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segmentkit.query import Limits, QueryError, complete, format, highlight, parse  # noqa: A004
from segmentkit.query.words import all_words

FUZZ = Path(__file__).parent.parent / "fuzz.py"
WORDS = [spelling for word in all_words() for spelling in word.spellings]
PIECES = [
    *"()，,.+-*/=<>!$#'\"`“ \t\n",
    "a",
    "城市",
    "1",
    "5万",
    "'x'",
    "2026-01-01",
    "count(",
    "天",
]

# Texts that are too much for a careless reader, and what is wrong with them but their length.
HEAVY = {
    "200,000 brackets": ("(" * 200_000, "too_deep"),
    "200,000 closing brackets": (")" * 200_000, "unexpected"),
    "1 MB of conditions": ("a = 1 and " * 100_000 + "b", None),
    "1 MB of blanks": (" " * 1_000_000 + "a", None),
    "1 MB of comments": ("# x\n" * 250_000 + "a", None),
    "1 MB of one name": ("a" * 1_000_000, None),
    "1 MB of one text": ("a = '" + "x" * 1_000_000 + "'", None),
    "1 MB without a closing quote": ("a = '" + "x" * 1_000_000, "unclosed_text"),
    "1 MB of quotes": ("'" * 1_000_000, "unexpected"),
    "1 MB of one number": ("a = " + "1" * 1_000_000, "number_too_long"),
    "1 MB of one list": ("a in (" + "1," * 500_000 + "1)", "list_too_long"),
    "1 MB of sums": ("a = " + "1 + " * 250_000 + "1", "too_deep"),
    "500 nested where": ("did x where (" * 500 + "a" + ")" * 500, "too_deep"),
    "5,000 nested not": ("not " * 5_000 + "a", "too_deep"),
    "500 nested lists": ("a contains (sum(x where (" * 500, "too_deep"),
}


def code_of(text, limits):
    try:
        parse(text, limits=limits)
    except QueryError as error:
        return error.diagnostics[0].code
    return None


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_texts_are_refused_at_once(name):
    text, _ = HEAVY[name]
    begun = time.process_time()
    code = code_of(text, Limits())
    assert time.process_time() - begun < 1
    assert code == ("too_long" if len(text) > 20_000 else "too_deep")


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_texts_take_time_in_proportion_when_the_host_lets_them_in(name):
    text, code = HEAVY[name]
    limits = Limits(characters=2_000_000, nodes=2_000_000)
    begun = time.process_time()
    assert code_of(text, limits) == code
    assert time.process_time() - begun < (10 if code is None else 1)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\x85", "\ud800"])
@pytest.mark.parametrize("text", ["{}", "a = 1{}", "a = '{}'", "`{}`", "a # {}"])
def test_control_characters_and_lone_surrogates_are_refused_in_their_place(text, character):
    with pytest.raises(QueryError) as caught:
        parse(text.format(character))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "bad_character"
    assert diagnostic.span[0] == text.index("{}")
    caught.value.render("en").encode(errors="backslashreplace")


@example("a = '")
@example("did x where (did y where (")
@given(st.lists(st.sampled_from(WORDS + PIECES), max_size=15).map(" ".join) | st.text())
def test_any_text_ends_in_a_condition_or_a_query_error(text):
    try:
        condition = parse(text)
    except QueryError:
        condition = None
    if condition is not None:
        assert parse(format(condition, "zh")) == condition
    highlight(text)
    complete(text, len(text))


def test_a_bounded_run_of_the_fuzzer():
    found = subprocess.run(
        [sys.executable, FUZZ, "--seconds", "3"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
