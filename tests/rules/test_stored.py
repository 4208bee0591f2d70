"""Rules and the records of nights come back from JSON as they were, and names become ids."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from rules.shops import AT, bought, held, night, rule, shop

from segmentkit.errors import InvalidValueError, SegmentkitError, UnknownNameError, WrongTypeError
from segmentkit.model import SYSTEM, EditTag, FrozenMap, Role, Viewer, edit_catalog
from segmentkit.query import QueryError, Reference, parse
from segmentkit.rules import NightRecord, Rule, from_json, to_json, used_by
from segmentkit.testing import conditions

instants = st.datetimes(timezones=st.just(UTC))
words = st.text(min_size=1, max_size=6)
scalars = (
    st.text(max_size=6)
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.floats(allow_nan=False)
    | st.dates()
    | instants
    | st.timedeltas()
    | st.builds(Reference, words, words, st.text(max_size=3))
)
rules = st.builds(
    Rule,
    words,
    conditions() | st.sampled_from(["did purchase", "做过 购买", "age > $n  # 成年"]),
    mode=st.sampled_from(["sync", "add_only"]),
    id=st.text(max_size=6),
    version=st.integers(1, 9),
    parameters=st.dictionaries(words, scalars | st.lists(scalars, max_size=3), max_size=3),
    saved=st.none() | instants,
)
records = st.builds(
    NightRecord,
    instants,
    words,
    words,
    st.integers(0),
    st.dictionaries(words, words, max_size=3),
    st.just(SYSTEM)
    | st.builds(Viewer, words, st.sampled_from(Role), st.frozensets(words, max_size=2)),
)


def there_and_back(value):
    text = json.dumps(to_json(value), ensure_ascii=False, allow_nan=False)
    return from_json(type(value), json.loads(text))


@given(rules)
def test_a_rule_comes_back_as_it_was(given_rule):
    back = there_and_back(given_rule)
    assert back == given_rule
    assert back.text == given_rule.text
    assert to_json(back) == to_json(given_rule)  # the name in a reference too
    for name, value in given_rule.parameters.items():
        assert type(back.parameters[name]) is type(value)


@given(records)
def test_the_record_of_a_night_comes_back_as_it_was(record):
    assert there_and_back(record) == record


WRONG = {
    "another document": (lambda d: d | {"segmentkit": "contacts"}, UnknownNameError),
    "a form of the future": (lambda d: d | {"form": 2}, InvalidValueError),
    "a key too many": (lambda d: d | {"tags": []}, UnknownNameError),
    "no tag": (lambda d: {k: v for k, v in d.items() if k != "tag"}, InvalidValueError),
    "a version as text": (lambda d: d | {"version": "2"}, WrongTypeError),
    "a mode there is not": (lambda d: d | {"mode": "snyc"}, UnknownNameError),
    "a local time": (lambda d: d | {"saved": "2026-11-20T08:30"}, InvalidValueError),
    "a text of no sense": (lambda d: d | {"when": "did did"}, QueryError),
    "no condition": (lambda d: d | {"when": {"version": 1}}, InvalidValueError),
    "a value of no type": (lambda d: d | {"parameters": {"n": {"n": 1}}}, UnknownNameError),
    "a list in a list": (lambda d: d | {"parameters": {"n": [["x"]]}}, WrongTypeError),
    "half a reference": (
        lambda d: d | {"parameters": {"n": {"reference": {"id": "x"}}}},
        WrongTypeError,
    ),
    "a list": (lambda d: [d], WrongTypeError),
}


@pytest.mark.parametrize(("spoil", "error"), WRONG.values(), ids=WRONG)
def test_nothing_is_coerced_and_no_key_is_passed_over(spoil, error):
    good = to_json(rule("VIP", "sum(purchase.amount) >= $n", parameters={"n": 5}))
    with pytest.raises(error) as caught:
        from_json(Rule, spoil(good))
    assert isinstance(caught.value, SegmentkitError)


@pytest.mark.parametrize(
    "value",
    [None, object(), ((1,),), datetime(2026, 1, 1)],
    ids=["none", "object", "nested", "naive"],
)
def test_a_parameter_that_no_condition_takes_is_not_stored(value):
    with pytest.raises(SegmentkitError, match="parameter 'n' of rule"):
        to_json(rule("VIP", "age > $n", parameters={"n": value}))


def test_only_rules_and_records_are_stored_here():
    with pytest.raises(WrongTypeError):
        to_json("did purchase")
    with pytest.raises(WrongTypeError):
        from_json(str, {})


# --- what is resolved ---------------------------------------------------------------------------


def renamed(store, tag, name):
    store.apply(edit_catalog(store.state, EditTag(tag, name=name), actor=SYSTEM, at=AT))


@pytest.mark.parametrize(
    ("when", "value"),
    [
        ("has tag $t", "等级/VIP"),
        ("has any tag $t", ["等级/VIP", "手工/重点"]),
        ("has any tag $t and not has all tag $t", ("等级/VIP", "等级/流失")),
        ("has tag where (tag = $t)", "等级/VIP"),
        ("has tag where (tag in $t)", {"等级/VIP", "等级/流失"}),
    ],
)
def test_a_rename_breaks_no_resolved_rule_that_names_by_parameters(when, value):
    store = shop([bought("a")], holds=[held("a", "VIP")])
    open_rule = rule("一", when, parameters={"t": value})
    before = night(open_rule, store).entered["一"]
    stored = there_and_back(open_rule.resolved(store))
    renamed(store, "等级/VIP", "贵宾")
    assert night(stored, store).entered["一"] == before == ("a",)
    with pytest.raises(QueryError):
        night(open_rule, store)


@pytest.mark.parametrize("is_resolved", [False, True])
def test_what_a_rule_names_by_a_parameter_is_used_by_it(is_resolved):
    store = shop(contacts=["a"])
    needy = rule("一", "has any tag $t", parameters={"t": ["等级/VIP", "手工/重点"]})
    needed = used_by([needy.resolved(store) if is_resolved else needy], store, "tag")
    assert needed == dict.fromkeys(["t-VIP", "t-重点", "t-一"], ("rule '一'",))


def test_a_resolved_rule_takes_another_value_later():
    store = shop(contacts=["a", "b"], holds=[held("a", "VIP"), held("b", "流失")])
    resolved = rule("一", "has tag $t", parameters={"t": "等级/VIP"}).resolved(store)
    other = evolve(resolved, parameters={"t": "等级/流失"})
    assert night(other, store).entered["一"] == ("b",)


def test_parameters_that_name_nothing_stay_as_they_are():
    store = shop([bought("a")])
    given_values = {"n": Decimal(5), "kind": "鞋", "days": date(2026, 1, 1), "d": timedelta(1)}
    when = "did purchase where (amount > $n and category = $kind)"
    resolved = rule("一", when, parameters=given_values).resolved(store)
    assert resolved.parameters == FrozenMap(given_values)


def test_a_parameter_that_means_a_tag_here_and_a_text_there_stays_as_it_is():
    store = shop([bought("a")])
    both = rule("一", "has tag $t or did purchase where (category = $t)", parameters={"t": "VIP"})
    assert both.resolved(store).parameters == {"t": "VIP"}


def test_what_gives_its_items_once_is_kept_as_it_gave_them():
    once = rule("一", "city in $c", parameters={"c": (city for city in ["福州", "厦门"])})
    assert once.parameters["c"] == ("福州", "厦门")
    assert once == rule("一", parse("city in $c"), parameters={"c": ["福州", "厦门"]})
