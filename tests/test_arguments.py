"""The check of arguments: what it refuses, what it lets pass, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Literal, Protocol

import pytest
from attrs import field, frozen

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.errors import InvalidValueError, WrongTypeError

NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Named(Protocol):
    name: str

    def greet(self) -> str: ...


class Person:
    name = "Li Lei"

    def greet(self) -> str:
        return "hello"


class Colour(Enum):
    RED = "red"


@refuse_other_types
def asked(
    text: str,
    count: int = 1,
    *names: str,
    share: float = 0.5,
    opened: bool = True,
    at: datetime | None = None,
    several: Iterable[str] = (),
    pair: tuple[int, str] = (1, "a"),
    by_name: Mapping[str, int] | None = None,
    lang: Literal["en", "zh"] = "en",
    who: Named | None = None,
    make: Callable[[], str] | None = None,
    colour: Colour = Colour.RED,
    kind: type[Exception] = ValueError,
    anything: object = None,
    **more: str,
) -> str:
    return text


GOOD = [
    {},
    {"count": 3, "share": 3, "opened": False, "at": NOW},
    {"several": ["a", "b"], "pair": (2, "b"), "by_name": {"a": 1}},
    {"several": (name for name in "ab")},
    {"several": {"a": 1}, "lang": "zh", "who": Person(), "make": str, "kind": KeyError},
    {"anything": [None], "at": None, "by_name": None},
]
BAD = {
    "count": [None, "3", 3.0, True],
    "share": ["0.5", True],
    "opened": [1, None],
    "at": ["2026-11-21", 3],
    "several": ["ab", None, 3, ["a", None], [["a"]]],
    "pair": [(1,), (1, 2), [1, "a"], None],
    "by_name": [{"a": "1"}, {1: 1}, [("a", 1)]],
    "lang": [None, 3],
    "who": ["Li Lei", 3],
    "make": [3],
    "colour": ["red", None],
    "kind": ["ValueError", None],
}


@pytest.mark.parametrize("given", GOOD)
def test_what_fits_passes(given):
    assert asked("x", **given) == "x"


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in BAD.items() for v in values])
def test_what_does_not_fit_is_refused(name, value):
    with pytest.raises(WrongTypeError) as caught:
        asked("x", **{name: value})
    assert name in caught.value.place
    assert caught.value.remedy.startswith("Give ")


def test_positional_arguments_are_checked_by_their_places():
    with pytest.raises(WrongTypeError, match="argument 'text'"):
        asked(3)
    with pytest.raises(WrongTypeError, match="argument 'names'"):
        asked("x", 1, "a", 3)
    assert asked("x", 1, "a", "b") == "x"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"count": None}, "wrong type of value None at argument 'count'. Give an int"),
        ({"several": "ab"}, "wrong type of value 'ab' at argument 'several'. Give ['ab']"),
        (
            {"several": ["a", 3]},
            "wrong type of value 3 at items of argument 'several'. Give a list of texts",
        ),
        ({"lang": "fr"}, "invalid value 'fr' at argument 'lang'. Give 'en' or 'zh'"),
    ],
)
def test_the_error_names_value_place_and_remedy(given, says):
    with pytest.raises((WrongTypeError, InvalidValueError)) as caught:
        asked("x", **given)
    assert str(caught.value) == says


def test_pythons_own_errors_about_names_stay():
    with pytest.raises(TypeError, match="missing"):
        asked()
    with pytest.raises(TypeError, match="missing"):
        Card()


@refuse_other_types
@frozen
class Card:
    name: str
    words: tuple[str, ...] = field(default=(), converter=tuple)


def test_a_class_checks_what_its_constructor_is_given():
    with pytest.raises(WrongTypeError, match="argument 'name'"):
        Card(3)
    assert Card("x", ["a"]).words == ("a",)


@explain_other_types
def shout(name: str, times: int = 1) -> str:
    if times > 9:
        raise ValueError("too loud")
    return name.upper() * times


def test_a_failure_is_explained_by_the_argument_that_led_to_it():
    with pytest.raises(WrongTypeError, match="argument 'name'"):
        shout(None)
    with pytest.raises(WrongTypeError, match="argument 'times'"):
        shout("a", "b")


def test_a_failure_that_has_another_cause_stays():
    with pytest.raises(ValueError, match="too loud"):
        shout("a", 10)
    assert shout("a", 2) == "AA"
