"""One plain sentence for each condition, which says all of it."""

import re
import sys
from decimal import Decimal
from pathlib import Path as FilePath

import pytest
from cases.schema import SHOP
from hypothesis import example, given
from hypothesis import strategies as st

from segmentkit.query import (
    And,
    Arithmetic,
    Compare,
    Not,
    Number,
    Or,
    Parameter,
    Reference,
    Text,
    describe,
    parse,
    walk,
)
from segmentkit.query.ast import Activity, Duration, Keys, Path, Truth
from segmentkit.query.builder import did
from segmentkit.testing.strategies import conditions

# A query, its English and its Chinese sentence, and an empty line.
CASES = FilePath(__file__).resolve().parents[1] / "cases" / "describe.txt"


def described(query):
    condition = parse(query)
    return [describe(condition, lang, schema=SHOP) for lang in ("en", "zh")]


def cases():
    blocks = CASES.read_text("utf-8").strip().split("\n\n")
    return [[line.strip() for line in block.splitlines()] for block in blocks]


@pytest.mark.parametrize(
    ("query", "english", "chinese"), cases(), ids=[query for query, *_ in cases()]
)
def test_a_query_is_described_as_it_was_reviewed(query, english, chinese):
    assert described(query) == [english, chinese]


@given(conditions())
def test_the_sentence_says_every_text_and_parameter_of_the_condition(condition):
    english, chinese = describe(condition), describe(condition, "zh")
    for node in walk(condition):
        match node:
            case Text(value):
                said = f"“{value}”"
            case Parameter(name):
                said = f"${name}"
            case Duration(count, _) if count != 1:
                said = str(count)
            case _:
                continue
        assert said in english
        # Blanks between scripts are put outside of quotes, and a text may have quotes inside.
        assert said.replace(" ", "") in chinese.replace(" ", "")


@given(conditions())
def test_a_complement_is_described_in_other_words(condition):
    for lang in ("en", "zh"):
        assert describe(Not(condition), lang) != describe(condition, lang)
        assert describe(Not(Not(condition)), lang)


def plain(condition):
    """Without what changes nothing: two complements, one after the other."""
    match condition:
        case Not(Not(inner)):
            return plain(inner)
        case Not(inner):
            return Not(plain(inner))
        case And(items) | Or(items):
            return type(condition)(tuple(map(plain, items)))
        case _:
            return condition


leaves = st.sampled_from(
    [
        *(parse(f"{name} > 3") for name in "ab"),
        parse("did buy"),
        parse("did buy having (count() >= 3)"),
        parse("did view then did buy"),
    ]
)
nests = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(
            lambda kind, items: kind(tuple(items)),
            st.sampled_from([And, Or]),
            st.lists(inner, min_size=2, max_size=3),
        )
    ),
    max_leaves=5,
)


@given(nests, nests)
@example(parse("not (a > 3 and b > 3)"), parse("not a > 3 and b > 3"))
@example(parse("not did buy having (count() >= 3) and a > 3"), parse("not (did buy and a > 3)"))
def test_other_nests_are_described_in_other_words(one, other):
    for lang in ("en", "zh"):
        same = describe(one, lang) == describe(other, lang)
        assert same == (plain(one) == plain(other)), describe(one, lang)


def regrouped(condition):
    """The trees that the same words would be, were they grouped otherwise."""
    match condition:
        case Not(And((first, *rest)) | Or((first, *rest)) as inner):
            yield type(inner)((Not(first), *rest))
        case And((Not(first), *rest)) | Or((Not(first), *rest)):
            yield Not(type(condition)((first, *rest)))
        case And((first, Or((second, *rest)))):
            yield Or((And((first, second)), *rest))
        case Or((first, And((second, *rest)))):
            yield And((Or((first, second)), *rest))
        case And((first, And(rest))) | Or((first, Or(rest))):
            yield type(condition)((first, *rest))
        case _:
            return


@given(nests)
def test_words_grouped_otherwise_are_other_words(condition):
    for other in regrouped(condition):
        for lang in ("en", "zh"):
            assert describe(condition, lang) != describe(other, lang)


simple = st.sampled_from([parse(f"{name} > 3") for name in "abc"])
simple_nests = st.recursive(
    simple,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.tuples(inner, inner))
        | st.builds(Or, st.tuples(inner, inner))
    ),
    max_leaves=6,
)
JOINTS = {"en": (" and ", " or "), "zh": ("，且", "，或")}


@given(simple_nests)
@example(parse("not (a > 3 or b > 3) and c > 3"))
def test_outside_of_brackets_stands_one_kind_of_joint_at_most(condition):
    match plain(condition):
        case And():
            allowed = 0
        case Or():
            allowed = 1
        case _:
            allowed = None
    for lang, joints in JOINTS.items():
        text = describe(condition, lang)
        while "(" in text or "（" in text:
            text = re.sub(r"\([^()]*\)|（[^（）]*）", "", text)
        found = {place for place, joint in enumerate(joints) if joint in text}
        assert found <= {allowed}, describe(condition, lang)


def test_names_of_the_schema_are_shown_in_the_language():
    condition = parse("做过 购买 满足 (类目 = '鞋')")
    assert describe(condition, schema=SHOP) == "customers who purchased where category is “鞋”"
    assert describe(condition, "zh", schema=SHOP) == "曾购买（类目为“鞋”）的客户"
    assert describe(parse("did app_open")) == "customers who did “app open”"
    assert describe(parse("did not app_open"), "zh") == "没有“app_open”行为的客户"


def test_a_reference_is_shown_by_its_name():
    named = Activity("has", "tag", keys=Keys((Reference("tag", "t-1", "VIP"),)))
    unnamed = Activity("has", "tag", keys=Keys((Reference("tag", "t-1"),)))
    assert describe(named) == "customers who have the tag “VIP”"
    assert describe(unnamed, "zh") == "有标签“t-1”的客户"


def test_everyone_and_no_one():
    assert describe(Truth(True)) == "all customers"
    assert describe(Truth(False), "zh") == "没有客户"


def test_a_share_is_compared_with_a_percentage():
    share = Arithmetic("/", Path(("a",)), Path(("b",)))
    half = Compare(">=", share, Number(Decimal("0.5")))
    assert describe(half) == "customers for whom their a divided by their b is at least 50%"


def test_what_the_builder_made_is_described_too():
    assert describe(did("purchase").last(days=1)) == "customers who purchased in the last day"


if __name__ == "__main__":  # writes the sentences of today; read them before they are committed
    queries = [query for query, *_ in cases()] + sys.argv[1:]
    blocks = ["\n    ".join([query, *described(query)]) for query in queries]
    CASES.write_text("\n\n".join(blocks) + "\n", "utf-8")
