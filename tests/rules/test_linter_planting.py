"""What is planted is found, whatever it is made of and wherever it stands; nothing else is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules.planting import KINDS, NAMES, PAIRS, SEGMENTS, SHOP, healthy, planted

from segmentkit.rules import lint


def linted(text):
    return lint(text, SHOP, names=NAMES, segments=SEGMENTS)


@pytest.mark.parametrize("construct", PAIRS)
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(data=st.data())
def test_what_is_planted_is_found_where_it_stands(construct, kind, data):
    sown = data.draw(planted(construct, kind))
    found = linted(sown.text)
    assert [odd.code for odd in found] != []
    assert {odd.code for odd in found} & sown.codes, [odd.message() for odd in found]
    for start, end in sown.spans:
        assert any(start <= odd.span[0] and odd.span[1] <= end for odd in found)


@pytest.mark.parametrize("construct", PAIRS)
@settings(max_examples=25)
@given(data=st.data())
def test_what_is_healthy_is_let_alone(construct, data):
    assert [odd.message() for odd in linted(data.draw(healthy(construct)))] == []
