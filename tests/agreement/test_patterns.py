"""A pattern may be any value; both engines compute it, wherever it stands."""

from datetime import timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from segmentkit.engines import Moment, Setting, members
from segmentkit.engines.columnar import matching, plain
from segmentkit.engines.columnar.compile import Compiler
from segmentkit.model import Collection, Field, FieldType, Schema
from segmentkit.query import bind, parse
from segmentkit.stores import Row
from segmentkit.testing import RowStore
from segmentkit.testing.people import NOON

WORLD = Schema(
    fields=[
        Field("name", FieldType.TEXT),
        Field("city", FieldType.TEXT),
        Field("likes", FieldType.TEXT_LIST),
    ],
    collections=[
        Collection(
            "buy",
            fields=[
                Field("sku", FieldType.TEXT),
                Field("note", FieldType.TEXT),
                Field("coupons", FieldType.TEXT_LIST),
            ],
        )
    ],
)
SETTING = Setting(WORLD, Moment.of(NOON, "UTC"))
# Widths and cases of one key, a glob, and one that is missing.
texts = st.sampled_from(["a", "A", "ａ", "ab", "ba", "a*", "?b", "*", " ", None])
lists = st.lists(texts.filter(bool), max_size=3).map(tuple)
people = st.fixed_dictionaries({"name": texts, "city": texts, "likes": lists})
rows = st.builds(
    Row,
    st.none(),
    st.integers(1, 60).map(lambda hours: NOON - timedelta(hours=hours)),
    st.fixed_dictionaries({"sku": texts, "note": texts, "coupons": lists}),
)


@st.composite
def stores(draw):
    crowd = dict(enumerate(draw(st.lists(people, min_size=1, max_size=4))))
    fields = {f"c{number}": values for number, values in crowd.items()}
    return RowStore(
        WORLD, fields, {"buy": {one: draw(st.lists(rows, max_size=4)) for one in fields}}
    )


LEFT = {"": ["name", "likes", "last(buy.note)"], "where": ["sku", "coupons"]}
PATTERNS = {
    "": ["city", "name", "first(buy.sku)", "'a'", "'*b'"],
    "where": ["note", "sku", "contact.city", "'a'"],
}


@st.composite
def questions(draw):
    place = draw(st.sampled_from(sorted(LEFT)))
    left = draw(st.sampled_from(LEFT[place]))
    patterns = draw(st.lists(st.sampled_from(PATTERNS[place]), min_size=1, max_size=3))
    words = ["contains"]
    if left not in ("likes", "coupons"):
        words += ["starts with", "ends with", "like"]
    denied = draw(st.sampled_from(["", "not "]))
    quantifier = draw(st.sampled_from(["any", "all"]))
    test = f"{left} {draw(st.sampled_from(words))} {quantifier} ({', '.join(patterns)})"
    test = f"not ({test})" if denied else test
    return f"did buy where ({test})" if place else test


BESIDE = """
name not contains city
likes contains city
did buy where (contact.name contains sku) at least 2 times
did buy having (last(sku) starts with first(note))
did buy as b then did buy where (sku contains b.note)
did buy as b then did buy where (coupons contains b.sku or sku like b.note)
""".strip().splitlines()


def asked_of(texts_of_questions):
    return {text: bind(parse(text), WORLD) for text in (*texts_of_questions, *BESIDE)}


@settings(max_examples=60)
@given(stores(), st.lists(questions(), min_size=1, max_size=6))
def test_engines_agree_on_patterns_that_are_computed(store, drawn):
    asked = asked_of(drawn)
    right = members(asked, store, SETTING, engine="interpreter")
    assert members(asked, store, SETTING, engine="columnar") == right


@given(st.lists(questions(), min_size=1, max_size=6))
def test_no_pattern_is_left_to_the_interpreter(drawn):
    compiler = Compiler(SETTING)
    for condition in asked_of(drawn).values():
        compiler.compile(condition)
    assert not compiler.asked


FAULTS = {
    "each pattern is contained": (matching, "text_test", lambda f: lambda o, p: f("contains", p)),
    "raw texts are compared": (
        matching,
        "text_test",
        lambda f: lambda o, p: lambda text: p in text,
    ),
    "no list holds anything": (plain, "has_item", lambda f: lambda *given: f(*given) & False),
}


@pytest.mark.parametrize(("owner", "name", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(owner, name, fault):
    @settings(max_examples=100, database=None, phases=[Phase.generate])
    @given(stores(), st.lists(questions(), min_size=3, max_size=6))
    def agree(store, drawn):
        asked = asked_of(drawn)
        right = members(asked, store, SETTING, engine="interpreter")
        assert members(asked, store, SETTING, engine="columnar") == right

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, fault(getattr(owner, name)))
        with pytest.raises(AssertionError):
            agree()
