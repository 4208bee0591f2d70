"""What every error of the library has in common: its message."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentkit.errors import InvalidValueError, WrongTypeError, shown
from segmentkit.model import Contact, Schema, State, fill_groups


@given(st.text() | st.lists(st.integers()) | st.integers())
def test_a_short_value_is_shown_whole_and_a_long_one_by_its_beginning(value):
    whole = repr(value)
    if len(whole) <= 200:
        assert shown(value) == whole
    else:
        assert shown(value) == f"{whole[:200]}... ({len(whole)} characters)"


@given(st.integers(0, 5_000))
def test_no_message_is_endless_and_the_error_keeps_the_whole_value(length):
    value = ["x"] * length
    error = InvalidValueError(value, "a place", "A remedy")
    assert len(str(error)) < 300
    assert error.value is value
    assert str(error).endswith("at a place. A remedy")


def test_a_wrong_item_among_very_many_gives_a_message_for_a_screen():
    state = State.of(Schema(), [Contact("c-17")])
    wrong = {"g": list(range(100_000))}
    with pytest.raises(WrongTypeError) as caught:
        fill_groups(state, wrong, rule="r", at=datetime(2026, 11, 21, tzinfo=UTC))
    assert len(str(caught.value)) < 400
