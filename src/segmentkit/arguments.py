"""
One check of the types of arguments, for every public function and constructor that wants it.

A host calls from untyped code too. `refuse_other_types` reads the annotations that a function has
anyway, so that `assign_tags(None, ...)` says which argument is wrong and what would be right,
instead of failing somewhere inside. What is made or called by the million checks by hand instead.
"""

from __future__ import annotations

import collections.abc
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from types import FunctionType
from typing import Literal, Protocol, TypeAlias, TypeVar, Union, cast

import attrs

from segmentkit.errors import InvalidValueError, SegmentkitError, WrongTypeError, shown

_Checkable = TypeVar("_Checkable", bound=Callable[..., object])
_Function = TypeVar("_Function", bound=Callable[..., object])
_Fits: TypeAlias = Callable[[object], bool]

# How an annotation is said to people; any other is said as it is written.
_WORDS: Mapping[str, str] = {
    "str": "a text",
    "int": "an int",
    "bool": "True or False",
    "date": "a date",
    "datetime": "a datetime with a zone",
    "tzinfo | str": "a tzinfo or the name of a zone",
    "timedelta": "a timedelta",
    "Iterable[str]": "a list of texts",
    "Texts": "a text or a list of texts",
    "Quantity": "a number, a timedelta, a parameter, or at_least, at_most, between or below of one",
    "Measure": "a number, a timedelta or a parameter",
    "Window": "a window of time such as last(days=30)",
    "CampaignKind": "'task' or 'group'",
    "builder.Expression": "a field, a total or what is computed from them",
    "Mapping[str, Start | None]": "{tag: where its band begins}, a number, a date or a timedelta",
    "Mapping[str, object]": "{name: value}, each name a text",
    "Viewer": "a Viewer, such as store.state.organisation.viewer(staff id)",
    "Condition": "a condition, parsed or built",
    "ConditionLike": "a condition, parsed or built",
    "str | ConditionLike": "a text, or a condition, parsed or built",
    "Sequence[str | ConditionLike]": "a list of texts or conditions",
    "Mapping[str, Condition]": "{name: condition}, each condition parsed or built",
    "Mapping[str, Iterable[str]]": "{name: list of texts}",
    "Mapping[str, Sequence[str]]": "{name: list of texts}",
    "Mapping[str, str]": "{name: text}, both texts",
    "Mapping[str, Target]": "{name: target}, each a field or what else intake can fill",
    "Iterable[CatalogOperation]": "a list of operations such as NewTag or EditTag",
    "AbstractSet[str]": "a set of texts",
    "frozenset[str]": "a frozenset of texts",
    "Collection[str]": "a list or set of texts",
    "SomeRows": "a list of (contact id, Row) pairs, or a Table",
    "Mapping[str, SomeRows]": "{collection: list of (contact id, Row) pairs, or a Table}",
    "Mapping[str, Table]": "{collection: Table}",
    "SomeContacts": "{contact id: fields}, or a Table",
    "CustomerSource": "a store, such as MemoryStore",
    "Store": "a store, such as MemoryStore",
    "RuleStore": "a store that rules can write to, such as MemoryStore",
    "NightRecord": "what plan.record() gave",
    "ChangeSet | Applicable": "a change set, or a plan",
    "Progress": "a function of two numbers: how much is done, and of how much",
}


def refuse_other_types(thing: _Checkable) -> _Checkable:
    """
    Let a function, or the constructor of a class, check its arguments.

    Arguments are held against their annotations, the items of lists and mappings too; what has no
    annotation, or one that says nothing (`object`), is left to the function itself. A field of an
    attrs class that has a converter is left to that.

    Raises:
        WrongTypeError: when called with an argument of another type.

    Examples:
        >>> from collections.abc import Iterable
        >>> @refuse_other_types
        ... def greeting(names: Iterable[str], times: int = 1) -> str:
        ...     return "hello " * times + ", ".join(names)
        >>> greeting(["Li Lei"], times=None)
        Traceback (most recent call last):
        segmentkit.errors.WrongTypeError: wrong type of value None at argument 'times'. Give an int
    """
    if isinstance(thing, type):
        made: Callable[..., object] = vars(thing)["__init__"]
        type.__setattr__(thing, "__init__", _checked(made, _Check(made, thing)))
        return cast(_Checkable, thing)
    return cast(_Checkable, _checked(thing, _Check(thing)))


def _checked(function: Callable[..., object], check: _Check) -> Callable[..., object]:
    @wraps(function)
    def checked(*args: object, **named: object) -> object:
        check.refuse_wrong(args, named)
        return function(*args, **named)

    return checked


def explain_other_types(function: _Function) -> _Function:
    """
    Let a function check its arguments only when it has failed: for what is called by the million.

    It must do nothing before it fails, and an argument that it never looks at is not checked.

    Raises:
        WrongTypeError, InvalidValueError: as `refuse_other_types`, in place of the error that an
            argument of another type has led to. Any other error passes.

    Examples:
        >>> @explain_other_types
        ... def shout(name: str) -> str:
        ...     return name.upper()
        >>> shout(None)
        Traceback (most recent call last):
        segmentkit.errors.WrongTypeError: wrong type of value None at argument 'name'. Give a text
    """
    check = _Check(function)

    @wraps(function)
    def explained(*args: object, **named: object) -> object:
        try:
            return function(*args, **named)
        except SegmentkitError:
            raise
        except (AssertionError, AttributeError, LookupError, TypeError, ValueError):
            check.refuse_wrong(args, named)
            raise

    return cast(_Function, explained)


@attrs.frozen
class _Expected:
    """What one parameter takes: a test, tests of each item or of each key and value, and words."""

    fits: _Fits
    fits_item: _Fits | None
    fits_value: _Fits | None
    is_word: bool
    words: str

    def refusal(self, name: str, value: object) -> SegmentkitError:
        """The error for a value that does not fit, about the item that does not where it can be."""
        place = f"argument {name!r}"
        remedy = f"Give {self.words}"
        if self.fits_item is not None and isinstance(value, str) and self.fits_item(value):
            return WrongTypeError(value, place, f"Give [{shown(value)}]")
        if self.fits_item is not None and isinstance(value, list | tuple | set | frozenset | dict):
            items = cast(Collection[object], value)
            for item in items:
                if not self.fits_item(item):
                    return WrongTypeError(item, f"items of {place}", remedy)
            if self.fits_value is not None and isinstance(value, dict):
                for key, one in cast(dict[object, object], value).items():
                    if not self.fits_value(one):
                        return WrongTypeError(one, f"{shown(key)} of {place}", remedy)
            return WrongTypeError(items, place, remedy)
        if self.is_word and isinstance(value, str):
            return InvalidValueError(value, place, remedy)
        return WrongTypeError(value, place, remedy)


class _Check:
    """The check of one function; what its annotations mean is worked out when it first matters."""

    def __init__(self, function: Callable[..., object], owner: type | None = None) -> None:
        parameters = inspect.signature(function).parameters.values()
        self._names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        self._rest = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "")
        self._function = function
        self._owner = owner
        self._expected: Mapping[str, _Expected] | None = None
        self._placed: list[tuple[str, _Expected | None]] = []

    def refuse_wrong(self, args: tuple[object, ...], named: Mapping[str, object]) -> None:
        """
        Refuse the first argument of a call that is of another type.

        Raises:
            WrongTypeError, InvalidValueError: there is one.
        """
        if self._expected is None:
            self._expected = _expected_by(self._function, self._owner)
            self._placed = [(name, self._expected.get(name)) for name in self._names]
        # The loops are spelt out, for this is what every call of a public function pays.
        for (name, expected), value in zip(self._placed, args, strict=False):
            if expected is not None and not expected.fits(value):
                raise expected.refusal(name, value)
        for name, value in named.items():
            # A name that is no parameter is Python's own to refuse.
            expected = self._expected.get(name)
            if expected is not None and not expected.fits(value):
                raise expected.refusal(name, value)
        if self._rest and (expected := self._expected.get(self._rest)) is not None:
            for value in args[len(self._names) :]:
                if not expected.fits(value):
                    raise expected.refusal(self._rest, value)


def _expected_by(function: Callable[..., object], owner: type | None) -> dict[str, _Expected]:
    """What each annotated parameter takes."""
    written = {
        p.name: p.annotation
        for p in inspect.signature(function).parameters.values()
        if p.annotation is not p.empty
    }
    if owner is not None and attrs.has(owner):
        written = {a.alias: a.type for a in attrs.fields(owner) if a.converter is None}
    # The constructor that attrs makes has globals of its own.
    own = cast(FunctionType, inspect.unwrap(function)).__globals__
    known = own if owner is None else vars(sys.modules[owner.__module__])
    hints = typing.get_type_hints(types.SimpleNamespace(__annotations__=written), known)
    return {name: _expected(hint, written[name]) for name, hint in hints.items()}


def _expected(hint: object, annotation: object) -> _Expected:
    is_word = typing.get_origin(hint) is Literal
    written = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    required = written.removesuffix(" | None")
    words = _WORDS.get(required, required.replace(" | ", " or "))
    if words == required and (listed := re.fullmatch(r"Iterable\[(.*)\]", required)):
        words = f"a list of {listed[1]}"
    if is_word:
        words = " or ".join(map(repr, typing.get_args(hint)))
    fits_item = _part_test_of(hint, collections.abc.Iterable)
    fits_value = _part_test_of(hint, Mapping, 1)
    return _Expected(_test_of(hint), fits_item, fits_value, is_word, words)


def _test_of(hint: object) -> _Fits:
    """Whether a value is of an annotated type, its items included."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Union or origin is types.UnionType:
        return _test_of_any(arguments)
    if origin is Literal:
        return _test_of_words(arguments)
    if origin is type:
        return lambda value: isinstance(value, type)
    if isinstance(origin, type):
        return _test_of_items(origin, arguments)
    if not isinstance(hint, type) or hint is object:
        return lambda _: True  # a type variable, Self, Any: nothing to hold against
    if getattr(hint, "_is_protocol", False):
        return _test_of_protocol(hint)
    if hint is int:  # a bool is an int to Python, not to a person
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    if hint is float:  # and whoever takes 3.0 takes 3
        return lambda value: isinstance(value, int | float) and not isinstance(value, bool)
    return lambda value: isinstance(value, hint)


def _test_of_words(words: tuple[object, ...]) -> _Fits:
    """Whether a value is one of some words; a text that is more than a text, too."""
    return lambda value: any(isinstance(value, type(word)) and value == word for word in words)


def _test_of_any(hints: tuple[object, ...]) -> _Fits:
    """Whether a value is of one of several types; the plain ones are asked for at once."""
    plain: list[type] = []
    others: list[_Fits] = []
    for hint in hints:
        if isinstance(hint, type) and hint not in (int, float) and _is_plain(hint):
            plain.append(hint)
        else:
            others.append(_test_of(hint))
    classes = tuple(plain)
    if not others:
        return lambda value: isinstance(value, classes)
    if len(others) == 1:
        other = others[0]
        return lambda value: isinstance(value, classes) or other(value)
    return lambda value: isinstance(value, classes) or any(fits(value) for fits in others)


def _is_plain(kind: type) -> bool:
    return typing.get_origin(kind) is None and not getattr(kind, "_is_protocol", False)


def _part_test_of(hint: object, container: type, place: int = 0) -> _Fits | None:
    """The test of the items of a list, the keys or the values of a mapping; None for no such."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Union or origin is types.UnionType:
        tests = [_part_test_of(one, container, place) for one in arguments]
        return next((test for test in tests if test is not None), None)
    if not isinstance(origin, type) or not issubclass(origin, container):
        return None
    return _test_of(arguments[place])


def _test_of_items(container: type, arguments: tuple[object, ...]) -> _Fits:
    """Whether a value is such a container; its items are looked at where that keeps them."""
    if not issubclass(container, collections.abc.Iterable):
        return lambda value: isinstance(value, container)  # a function that can be called, say
    if issubclass(container, Mapping) and len(arguments) == 2:
        fits_key, fits_value = map(_test_of, arguments)
        return lambda value: (
            isinstance(value, container)
            and all(
                fits_key(key) and fits_value(one)
                for key, one in cast(Mapping[object, object], value).items()
            )
        )
    if container is tuple and len(arguments) == 2 and arguments[1] is not Ellipsis:
        pair = tuple(map(_test_of, arguments))
        return lambda value: (
            isinstance(value, tuple)
            and len(cast(tuple[object, ...], value)) == len(pair)
            and all(
                fits(one) for fits, one in zip(pair, cast(tuple[object, ...], value), strict=True)
            )
        )
    fits_item = _test_of(arguments[0])

    def fits(value: object) -> bool:
        # A text would fall into its characters.
        if not isinstance(value, container) or isinstance(value, str):
            return False
        return not isinstance(value, Collection) or all(
            map(fits_item, cast(Collection[object], value))
        )

    return fits


def _test_of_protocol(protocol: type) -> _Fits:
    """Whether a value has all that a protocol speaks of."""
    names = [
        name
        for base in protocol.__mro__
        if getattr(base, "_is_protocol", False) and base is not Protocol
        for name in vars(base)
        if not name.startswith("_")
    ]

    def fits(value: object) -> bool:
        # The class first: asking the value itself would compute its properties.
        cls = type(value)
        return all(hasattr(cls, name) or hasattr(value, name) for name in names)

    return fits
