"""Simpler conditions are true of the same contacts."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations, product

import pytest
from attrs import evolve
from cases.schema import SHOP
from hypothesis import given
from hypothesis import strategies as st

from segmentkit.engines import members, setting_of
from segmentkit.query import Condition, Not, bind, parse, simplify
from segmentkit.query.builder import all_of, any_of
from segmentkit.stores import Row
from segmentkit.testing import RowStore, checked_conditions, people, stored

AT = datetime(2026, 11, 21, tzinfo=UTC)

# Parts that repeat, contradict, imply and bound one another, by what they are about: drawn from one
# theme, they give every rule work.
THEMES = """
age < 18 | age >= 18 | age > 18 | age <= 18 | 30 >= age | age > 30 | age between 18 and 30
| age not between 18 and 30 | age between 18 and 18 | subscribed

age = 18 | age != 18 | age = 30 | age != 30 | age in (18, 30) | age not in (18, 30)
| age not in (18) | age is missing | age is known | age < 18

score > 0.3 | score >= 0.3 | score < 0.3 | score <= 0.3 | score > 0.30000000000000000001
| score <= 0.30000000000000000001 | score >= 0.30000000000000000001 | score < 0.29

score = 0.3 | score != 0.3 | score = 0.30000000000000000001 | score is known | score < 0.4

city = '福州' | city != '福州' | city = '厦门' | city != '厦门' | city in ('福州', '北京')
| city not in ('福州', '北京') | city is missing | city is known

city = 'fu' | city in ('FU') | city is exactly 'fu' | city is exactly 'FU' | city = ''
| city is not exactly 'FU' | city != 'FU' | city is missing

name contains '王' | name not contains '王' | name contains all ('王', '小') | name is known
| name contains any ('王', '李') | name not contains all ('王', '李') | name contains '李'

interests contains '音乐' | interests not contains '音乐' | interests contains '运动'
| interests contains all ('运动', '音乐') | interests is missing

birthday >= 2000-01-01 | birthday < 2000-01-01 | birthday <= 1990-01-01
| birthday > 2000-01-01 | birthday = 2000-01-01 | birthday between 1990-01-01 and 2000-01-01

added >= 2026-11-20 | added <= 2026-11-20 | added = 2026-11-20 | added > 2026-11-20
| added < 2026-11-20 | added in last 7 days | added not in last 7 days | added is known

subscribed | not subscribed | subscribed is true | subscribed is not true | true | false
| 1 < 2 | age > 18

subscribed | age > 18 | city = '福州' | name is known

has tag 'a' | has tag 'b' | has no tag 'a' | has no tag 'b' | has tag ('a', 'b')
| has all tag ('a') | has all tag ('a', 'b') | has no all tag ('a', 'b')

has tag 'a' where (source = 'rule') | has tag 'b' where (source = 'rule') | has tag 'a'
| has no tag 'a' where (source = 'rule') | has no tag 'b' where (source = 'rule')

has tag 'a' in last 7 days | has tag 'b' in last 7 days | has tag 'a' at least 2 times
| has tag 'b' at least 2 times | has all tag ('a', 'b') exactly 0 times | has tag

did purchase | did not purchase | did purchase at least 1 times | did purchase at most 0 times
| did purchase more than 0 times | did purchase between 2 to 2 times
| did purchase at least 0 times | did purchase fewer than 1 times having (true)

did purchase where (category = '鞋') | did purchase where (category = '鞋' or category = '帽')
| did not purchase where (category = '鞋' and category != '鞋') | did purchase where (true)
| did purchase where (false) at most 0 times | did purchase where (amount >= 5 and amount <= 5)

did purchase having (sum(amount) >= 10 and sum(amount) >= 20) | did purchase having (true)
| did purchase exactly 0 times having (count() = 0) | did purchase having (count() = 0)
| did purchase exactly 0 times having (count() > 0) | did not purchase having (false)

avg(purchase.amount) >= 10 | avg(purchase.amount) <= 10 | avg(purchase.amount) is missing
| count(purchase where (true)) > 1 | sum(purchase.amount) >= 10 | sum(purchase.amount) <= 10

did add_to_cart then did purchase where (true) | did add_to_cart then did not purchase
| did add_to_cart
"""
themes = [[parse(part) for part in theme.split("|")] for theme in THEMES.strip().split("\n\n")]


# --- contacts, one for each value that a theme can tell from others -------------------------------

VALUES = {
    "age": [17, 18, 19, 30, 31],
    "score": [0.3, 0.30000000000000004, 0.29, 0.5, float("nan")],
    "city": ["", " ", "福州", "厦门", "北京", "fu", "FU", "Ｆｕ"],
    "name": ["王小", "小李", "王李", "王", "李", "x"],
    "interests": [(), ("音乐",), ("运动", "音乐"), ("运动",), ("x",)],
    "birthday": [date(1990, 1, 1), date(1995, 1, 1), date(2000, 1, 1), date(2010, 1, 1)],
    "added": [AT - timedelta(hours=hours) for hours in (1, 12, 24, 25, 30, 48, 24 * 8)],
}
PURCHASES = [("鞋", 5), ("鞋", 20), ("帽", 10), (None, None), ("x", 5)]
TAGS = [("a", "rule"), ("b", "rule"), ("a", "staff"), ("b", None), ("c", "rule")]
HOURS = (1, 30, 24 * 8)


def crowd():
    """Contacts by id, each with values by field and rows by collection."""
    fields = [{}, {"subscribed": True}, {"subscribed": False}]
    fields += [{name: value} for name, values in VALUES.items() for value in values]
    fields += [
        {"subscribed": subscribed, "age": age, "city": city, "name": name}
        for subscribed, age, city, name in product(
            (True, None), (18, 19), ("福州", None), ("x", None)
        )
    ]
    own = [(values, {}) for values in fields]
    for number in range(3):
        for some in combinations(PURCHASES, number):
            items = [rows(HOURS, category=[c for c, _ in some], amount=[a for _, a in some])]
            own += [({}, {"purchase": item}) for item in items]
        for some in combinations(TAGS, number):
            names, sources = [tag for tag, _ in some], [source for _, source in some]
            for hours in (HOURS, HOURS[::-1]):
                own.append(({}, {"tag": rows(hours, tag=names, source=sources)}))
    for cart, bought in product(HOURS, HOURS):
        one = {"add_to_cart": rows([cart], sku=["x"]), "purchase": rows([bought], category=["鞋"])}
        own.append(({}, one))
    return {f"c-{number}": person for number, person in enumerate(own)}


def rows(hours, **columns):
    values = [dict(zip(columns, some, strict=True)) for some in zip(*columns.values(), strict=True)]
    times = [AT - timedelta(hours=hour) for hour in hours]
    return [
        Row(f"r{n}", time, one) for n, (time, one) in enumerate(zip(times, values, strict=False))
    ]


CROWD = crowd()


def verdicts(conditions: list[Condition], crowd) -> list[list[str]]:
    """The members of each condition, by the interpreter."""
    own = {contact: values for contact, (values, _) in crowd.items()}
    store = RowStore(SHOP, own, stored(crowd))
    bound = {str(number): bind(one, SHOP) for number, one in enumerate(conditions)}
    found = members(bound, store, setting_of(store, at=AT), engine="interpreter")
    return list(found.values())


def assert_same_verdicts(conditions, crowd=CROWD):
    simpler = [simplify(condition) for condition in conditions]
    found = zip(verdicts(conditions, crowd), verdicts(simpler, crowd), strict=True)
    for before, after, (expected, got) in zip(conditions, simpler, found, strict=True):
        assert got == expected, (before, after)


def pairs(theme):
    """Every two parts of a theme, joined either way, each as it is and negated."""
    for one, other in product(theme, theme):
        for left, right in product((one, Not(one)), (other, Not(other))):
            yield all_of([left, right]).condition
            yield any_of([left, right]).condition


@pytest.mark.parametrize("theme", themes, ids=THEMES.strip().split("\n\n"))
def test_every_pair_of_parts_keeps_its_verdicts(theme):
    conditions = list(pairs(theme))
    assert_same_verdicts(conditions)
    assert_same_verdicts([Not(condition) for condition in conditions])


def test_every_nesting_of_three_unlike_parts_keeps_its_verdicts():
    parts = [parse(part) for part in ("subscribed", "age > 18", "city = '福州'")]
    literals = parts + [Not(part) for part in parts]
    triples = list(product(literals, repeat=3))
    assert_same_verdicts([any_of([a, all_of([b, c])]).condition for a, b, c in triples])
    assert_same_verdicts([all_of([a, any_of([b, c])]).condition for a, b, c in triples])
    nested = [
        any_of([all_of([a, b]), all_of([c, b, d])]).condition
        for (a, b, c), d in product(triples, parts)
    ]
    assert_same_verdicts(nested)


def test_the_crowd_tells_most_parts_of_a_theme_apart():
    """Else a wrong rule could hide. Some parts do mean the same, and numbers can be equal floats."""
    for theme in themes:
        distinct = {simplify(part) for part in theme}
        found = {tuple(ids) for ids in verdicts(list(distinct), CROWD)}
        assert len(found) > len(distinct) / 2


def joined(leaves):
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, min_size=2, max_size=4).map(lambda some: all_of(some).condition)
            | st.lists(inner, min_size=2, max_size=4).map(lambda some: any_of(some).condition)
            | inner.map(Not)
        ),
        max_leaves=8,
    )


about_one_thing = st.sampled_from(themes).flatmap(lambda theme: joined(st.sampled_from(theme)))


@given(st.lists(about_one_thing | joined(about_one_thing), min_size=1, max_size=10))
def test_any_tree_of_parts_keeps_its_verdicts(conditions):
    assert_same_verdicts(conditions)


@given(checked_conditions(SHOP, around=AT, depth=3), people(SHOP, around=AT))
def test_any_condition_of_a_schema_keeps_its_verdicts(condition, crowd):
    assert_same_verdicts([condition], crowd)


def test_a_rule_that_forgets_missing_values_would_be_seen():
    under_age = parse("not (age < 18)")
    wrong = evolve(under_age.operand, operator=">=")
    before, after = verdicts([under_age, wrong], CROWD)
    assert before != after
