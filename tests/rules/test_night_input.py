"""What cannot be planned is refused with value, place and remedy."""

import pytest
from rules.shops import AT, DAY, bought, night, rule, shop

from segmentkit.errors import (
    InvalidValueError,
    UnknownKeyError,
    UnknownNameError,
    UnknownZoneError,
    WrongTypeError,
)
from segmentkit.query import Activity, And, QueryError
from segmentkit.rules import Rule, plan_night

VIP = rule("VIP", "sum(purchase.amount in last 90 days) >= 100")


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("did purchse", "unknown_collection"),
        ("agee > 3", "unknown_field"),
        ("has tag '无'", "unknown_thing"),
        ("city > 3", "type_mismatch"),
        ("level = '3'", "type_mismatch"),
        ("sum(purchase.amount) >= $least", "unbound_parameter"),
    ],
)
def test_a_new_rule_that_does_not_fit_raises_with_the_place(when, code):
    with pytest.raises(QueryError) as refused:
        night(rule("VIP", when), shop())
    assert refused.value.diagnostics[0].code == code
    assert "^" in str(refused.value)


def test_a_condition_that_could_not_be_stored_is_refused_before_anyone_is_asked():
    view = Activity("did", "view")
    asked = []
    nested = rule("VIP", And((And((view, view)), view)))
    with pytest.raises(InvalidValueError, match="outer 'and'"):
        night(nested, shop([bought("a")]), progress=lambda *told: asked.append(told))
    assert asked == []


@pytest.mark.parametrize("key", [3, None, ("a",)])
def test_a_plan_has_nothing_under_a_key_that_is_no_text(key):
    entered = night(VIP, shop([bought("a")])).entered
    with pytest.raises(UnknownKeyError, match="Give a tag's path or a rule's id"):
        entered[key]
    assert key not in entered


def test_text_that_cannot_be_read_raises_where_the_rule_is_made():
    with pytest.raises(QueryError, match=r"column 14"):
        rule("VIP", "did purchase adn did view")


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: Rule(tag="", when="did purchase"), InvalidValueError, "Name the tag"),
        (lambda: rule("VIP", "did purchase", mode="both"), InvalidValueError, "add_only"),
        (lambda: rule("VIP", "did purchase", version=0), InvalidValueError, "start at 1"),
        (lambda: rule("VIP", "did purchase", version="2"), WrongTypeError, "Give an int"),
        (lambda: rule("VIP", "did purchase", version=True), WrongTypeError, "True"),
        (lambda: rule("VIP", "did purchase", id=7), WrongTypeError, "id of a rule"),
        (lambda: Rule(tag=7, when="did purchase"), WrongTypeError, "tag of a rule"),
        (lambda: rule("VIP", "did purchase", parameters=["x"]), WrongTypeError, "mapping"),
        (lambda: night(rule("VPI", "did purchase"), shop()), UnknownNameError, "VPI"),
        (
            lambda: night(Rule(tag="手工/重点", when="did purchase"), shop()),
            InvalidValueError,
            "Origin.AUTOMATIC",
        ),
        (lambda: night(VIP, shop(), zone="Asia/Fuzhou"), UnknownZoneError, "IANA"),
        (lambda: night(VIP, shop(), day=AT), WrongTypeError, "run's label"),
        (lambda: night(VIP, shop(), engine="abacus"), InvalidValueError, "abacus"),
        (lambda: night(VIP, shop(), lang="fr"), InvalidValueError, "'zh'"),
        (lambda: plan_night(VIP, shop(), day=DAY, zone="UTC"), WrongTypeError, "list of rules"),
        (lambda: night(["did purchase"], shop()), WrongTypeError, "Make it a rule"),
    ],
)
def test_wrong_input_says_value_place_and_remedy(make, error, says):
    with pytest.raises(error, match=says):
        make()


def test_no_rules_and_no_contacts_make_an_empty_plan():
    assert len(night([], shop([bought("a")]))) == 0
    assert len(night(VIP, shop())) == 0
    assert plan_night([], shop(), day=DAY, zone="UTC").outcomes == ()
