"""The parts of the grammar are pyparsing elements, and can be tried one by one."""

import pyparsing as pp
import pytest

from segmentkit.query import Ago, Duration, Keys, Range, Text
from segmentkit.query.parsing import grammar
from segmentkit.query.parsing.elements import Element

PARTS = {name: part for name, part in vars(grammar).items() if isinstance(part, Element)}


def read(part, text):
    return part.parse_string(text)[0]


def test_a_part_reads_its_own_text():
    assert read(grammar.duration, "30 days") == Duration(30, "day")
    assert read(grammar.keys, "('a', 'b')") == Keys((Text("a"), Text("b")))
    assert read(grammar.window, "from 2 days ago to 1 days ago") == Range(
        Ago(2, "day"), Ago(1, "day")
    )


def test_a_part_fails_as_pyparsing_does():
    with pytest.raises(pp.ParseException):
        grammar.duration.parse_string("30 dogs")


@pytest.mark.parametrize("name", PARTS)
def test_every_part_can_say_what_it_starts_with(name):
    assert all(wanted.kind for wanted in PARTS[name].firsts())
