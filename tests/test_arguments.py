"""The check of arguments: what it refuses, what it lets pass, and what it says."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum, StrEnum
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import pytest
from attrs import field, frozen

import segmentkit
from segmentkit.arguments import _WORDS, explain_other_types, refuse_other_types
from segmentkit.engines import select
from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.model import Contact, Schema, State
from segmentkit.query import describe, parse
from segmentkit.rules import plan_next_night, plan_night
from segmentkit.stores import MemoryStore

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


class Kind(StrEnum):
    ZH = "zh"


class OldKind(str, Enum):  # noqa: UP042 - as many hosts write it
    ZH = "zh"


@pytest.mark.parametrize(
    "lang", [Kind.ZH, OldKind.ZH, np.str_("zh")], ids=["StrEnum", "Enum", "numpy"]
)
def test_a_word_is_taken_whatever_kind_of_text_it_is(lang):
    assert asked("x", lang=lang) == "x"
    assert describe(parse("age > 3"), lang=lang) == describe(parse("age > 3"), lang="zh")


def test_an_engine_is_named_by_any_kind_of_text():
    class Engine(StrEnum):
        COLUMNAR = "columnar"

    store = MemoryStore(State.of(Schema(), [Contact("c-17")]))
    assert select("true", store, at=NOW, engine=Engine.COLUMNAR) == ["c-17"]


def annotations():
    """How each parameter and attribute of the library is annotated, as it is written."""
    for path in (Path(segmentkit.__file__).parent).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
                yield ast.unparse(node.annotation).replace("'", "").removesuffix(" | None")


def test_every_annotation_that_has_words_is_still_written_so():
    assert set(_WORDS) <= set(annotations())


def test_remedies_speak_in_words_and_not_in_types():
    for words in _WORDS.values():
        assert not re.search(r"Mapping|Iterable|Sequence|\[str|Some[A-Z]|Customer", words)


def test_a_plan_is_not_its_record():
    store = MemoryStore(State.of(Schema(), [Contact("c-17")]))
    plan = plan_night([], store, day=NOW.date(), zone="UTC")
    with pytest.raises(WrongTypeError, match=r"Give what plan\.record\(\) gave"):
        plan_next_night([], store, day=NOW.date(), zone="UTC", last=plan)


def test_the_wrong_value_of_a_mapping_is_named_by_its_key():
    with pytest.raises(WrongTypeError) as caught:
        asked("x", by_name={"a": 1, "b": "2"})
    assert (caught.value.value, caught.value.place) == ("2", "'b' of argument 'by_name'")
