"""Many rules at once: the work has an end that no clock decides, and what was left out is said."""

import pytest

from segmentkit.model import standard_schema
from segmentkit.rules import Rule, lint_tiers
from segmentkit.rules.linter import logic

SHOP = standard_schema()
SHAPES = [
    "did purchase at least {n} times in last {days} days",
    "did purchase and did not purchase in last {days} days",
    "sum(purchase.amount in last {days} days) >= {n}000 and count(purchase in last {days} days) >= {n}",
    "did purchase where (category in ('鞋', '包')) in last {days} days having (max(amount) >= {n}00)",
    "did add_to_cart as c then did not purchase where (sku = c.sku) within {n} days",
    "did view_product where (duration >= 30 seconds) at least {n} times in last {days} days",
    "did send_message where (text contains any ('价格', '优惠')) at least {n} times in last {days} days",
    "has opportunity where (created in last {days} days and amount >= {n}万)",
    "anniversary(birthday) in next {days} days",
    "age(birthday) >= {n}0 and city in ('福州', '厦门')",
    "sum(purchase.amount in last {days} days) > {n} * sum(purchase.amount from 60 days ago to 30 days ago)",
    "has tag '等级/{n}' and did follow_up in last {days} days",
]
SIXTY = [shape.format(n=n, days=7 * n) for shape in SHAPES for n in range(2, 7)]


@pytest.fixture
def claims(monkeypatch):
    """How many claims each question was about that was looked at."""
    asked: list[int] = []
    solve = logic.solve

    def counted(laws, clauses, size, **steps):
        asked.append(size)
        return solve(laws, clauses, size, **steps)

    monkeypatch.setattr(logic, "solve", counted)
    return asked


def linted(queries):
    return lint_tiers([Rule(tag=f"{n}", when=query) for n, query in enumerate(queries)], SHOP)


def test_the_work_of_sixty_rules_has_an_end_and_what_was_left_out_is_said(claims):
    *found, hint = linted(SIXTY)
    assert sum(claims) < 700_000
    assert max(claims) < 1_000
    assert (hint.code, hint.severity) == ("too_many_tiers", "hint")
    assert hint.args["pairs"] == 60 * 59 // 2
    assert 60 * 59 // 2 - 300 <= hint.args["number"] < 60 * 59 // 2
    assert f"{hint.args['number']} of 1770 pairs" in hint.message()
    assert "1770 对" in hint.message("zh")
    assert "tiers_overlap" in {odd.code for odd in found}


def test_an_overlap_of_what_few_rules_speak_of_is_found_among_sixty():
    planted = ["income >= 10000", "income between 8000 and 10000"]
    *found, hint = linted([planted[0], *SIXTY[:56], planted[1]])
    assert ("0", "57") in {(odd.args.get("first"), odd.args.get("second")) for odd in found}
    assert hint.code == "too_many_tiers"


def test_rules_that_share_no_measure_are_not_said_to_overlap_where_there_are_many():
    *found, hint = linted(["income >= 10000", *SIXTY[:57]])
    assert "0" not in {odd.args.get("first") for odd in found}
    assert hint.args["number"] >= 57


def test_few_rules_are_looked_at_as_a_whole_and_have_no_such_hint():
    assert "too_many_tiers" not in {odd.code for odd in linted(SIXTY[:5])}
