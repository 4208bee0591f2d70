"""Long conditions: what is planted in them is found alone and in pairs, and what is not seen is said."""

import pytest
from rules.planting import SHOP

from segmentkit.query import bind, parse
from segmentkit.rules import lint
from segmentkit.rules.linter.findings import find


def long_condition(clauses):
    """Clauses that have nothing to do with one another, more than are looked at as a whole."""
    return [f"interests contains '{n}'" for n in range(clauses)]


PLANTS = [
    ("age > 30", "age < 20", "and", "never_together"),
    ("age > 30", "age > 20", "and", "implied_clause"),
    ("age > 30", "age > 20", "or", "absorbed_clause"),
    ("age is missing", "age is known", "or", "always_one"),
    ("age > 30", "(age < 20 or city = '福州')", "and", "dead_branch"),
    ("age = 1.5", "city = '福州'", "or", "never_true"),
]


@pytest.mark.parametrize(("one", "other", "word", "code"), PLANTS)
@pytest.mark.parametrize("places", [(0, 0), (3, 190), (150, 7)])
def test_what_is_planted_in_a_long_condition_is_found(one, other, word, code, places):
    clauses = long_condition(210)
    for clause, place in zip((one, other), places, strict=True):
        clauses.insert(place, clause)
    text = f" {word} ".join(clauses)
    found = [odd for odd in lint(text, SHOP) if odd.code != "too_long_to_lint"]
    assert [odd.code for odd in found] == [code]


def test_a_claim_about_a_long_condition_leaves_the_rest_as_it_is():
    clauses = [*long_condition(210), "age > 30", "age > 20"]
    condition = bind(parse(" and ".join(clauses)), SHOP)
    odd = next(odd for odd in find(condition, SHOP) if odd.code == "implied_clause")
    assert set(odd.lighter.items) == set(condition.items) - set(odd.clauses)


def test_what_was_not_looked_at_is_said():
    clauses = [f"(age > {n} or city = 'c{n}')" for n in range(300)]
    (*_, odd) = sorted(lint(" and ".join(clauses), SHOP), key=lambda odd: odd.code)
    assert (odd.code, odd.severity) == ("too_long_to_lint", "hint")
    assert odd.args["number"] == 300 * 299 // 2 - 300
    assert str(odd.args["number"]) in odd.message()
    assert str(odd.args["number"]) in odd.message("zh")


def test_what_is_looked_at_as_a_whole_has_no_such_hint():
    assert lint(" and ".join(long_condition(20)), SHOP) == ()
