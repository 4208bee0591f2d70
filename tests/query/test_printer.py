"""What is printed reads back as the same condition."""

from hypothesis import given
from hypothesis import strategies as st

from segmentkit.query import format, parse  # noqa: A004
from segmentkit.testing.strategies import conditions

languages = st.sampled_from(["en", "zh"])


@given(conditions(), languages)
def test_a_condition_reads_as_it_was_printed(condition, lang):
    assert parse(format(condition, lang)) == condition


@given(conditions(), languages)
def test_printing_twice_changes_nothing(condition, lang):
    text = format(condition, lang)
    assert format(parse(text), lang) == text
