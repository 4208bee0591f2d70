"""
What the phrases of the grammar become: nodes, made of the values of their parts.

Each function takes the values in the order of the phrase, and the span of the whole. The rest of a
comparison (`> 3`, `is missing`) becomes a `Tail`, which waits for its left side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from attrs import evolve

from segmentkit.query.ast import (
    Activity,
    Aggregate,
    AggregateFunction,
    Ago,
    Between,
    Call,
    Compare,
    ComparisonOperator,
    Condition,
    InList,
    InWindow,
    IsMissing,
    KeyPattern,
    Keys,
    Parameter,
    Path,
    Quantifier,
    Range,
    Span,
    Step,
    TextMatch,
    TextOperation,
    TimeUnit,
    Value,
    Verb,
    Window,
)

Tail: TypeAlias = Callable[[Value, Span], Condition]

_T = TypeVar("_T")

# What the ids of words mean in the fields of a node; the second is `negated` or `exactly`.
VERBS: Mapping[str, tuple[Verb, bool]] = {
    "did": ("did", False),
    "did_not": ("did", True),
    "has": ("has", False),
    "has_no": ("has", True),
    "in": ("in", False),
    "not_in": ("in", True),
}
IS: Mapping[str, tuple[ComparisonOperator, bool]] = {
    "is": ("=", False),
    "is_not": ("!=", False),
    "is_exactly": ("=", True),
    "is_not_exactly": ("!=", True),
}
TEXT_OPERATIONS: Mapping[str, tuple[TextOperation, bool]] = {
    "contains": ("contains", False),
    "not_contains": ("contains", True),
    "starts_with": ("starts_with", False),
    "not_starts_with": ("starts_with", True),
    "ends_with": ("ends_with", False),
    "not_ends_with": ("ends_with", True),
    "like": ("like", False),
    "not_like": ("like", True),
}


def only(value: _T, *, span: Span) -> _T:
    """A phrase of which one value matters."""
    return value


# --- statements about a collection --------------------------------------------------------------


def activity(
    verb: str,
    quantifier: Quantifier | None,
    collection: str,
    keys: Keys | KeyPattern | None,
    alias: str | None,
    clauses: Mapping[str, Any],
    steps: tuple[Step, ...],
    *,
    span: Span,
) -> Activity:
    kind, negated = VERBS[verb]
    return Activity(
        kind,
        collection,
        negated,
        quantifier or "any",
        keys,
        alias,
        steps=steps,
        span=span,
        **clauses,
    )


def activity_in(window: Window, *parts: Any, span: Span) -> Activity:
    """`in this month did purchase`: the window may stand first."""
    return evolve(activity(*parts, span=span), window=window)


def step(
    verb: str, collection: str, alias: str | None, clauses: Mapping[str, Any], *, span: Span
) -> Step:
    return Step(collection, VERBS[verb][1], alias, span=span, **clauses)


def keys(under: str | None, values: Value | tuple[Value, ...], *, span: Span) -> Keys:
    listed = values if isinstance(values, tuple) else (values,)
    return Keys(listed, under is not None, span=span)


def points_ago(one: int, other: int, unit: TimeUnit, *, span: Span) -> Range:
    """`60 to 30 days ago`, or `30 to 60 days ago`: the earlier point comes first."""
    earlier, later = max(one, other), min(one, other)
    return Range(Ago(earlier, unit, span=span), Ago(later, unit, span=span), span=span)


# --- values -------------------------------------------------------------------------------------


def item(path: Path, *, span: Span) -> tuple[None, Path]:
    return None, path


def transformed_item(function: str, path: Path, *, span: Span) -> tuple[str, Path]:
    return function, path


def aggregate(
    function: AggregateFunction,
    item: tuple[str | None, Path] | None,
    clauses: Mapping[str, Any],
    *,
    span: Span,
) -> Aggregate:
    if item is None:
        return Aggregate(function, span=span, **clauses)
    transform, path = item
    return Aggregate(function, path.names, transform, span=span, **clauses)


def call(function: str, arguments: tuple[Value, ...], *, span: Span) -> Call:
    return Call(function, arguments, span=span)


def no_arguments(*, span: Span) -> tuple[Value, ...]:
    return ()


# --- comparisons --------------------------------------------------------------------------------


def compare(operator: ComparisonOperator, right: Value, *, span: Span) -> Tail:
    return lambda left, whole: Compare(operator, left, right, span=whole)


def compare_with_word(word: str, right: Value, *, span: Span) -> Tail:
    operator, exactly = IS[word]
    return lambda left, whole: Compare(operator, left, right, exactly, span=whole)


def is_missing(word: str, *, span: Span) -> Tail:
    return lambda left, whole: IsMissing(left, word == "is_known", span=whole)


def between(word: str, low: Value, high: Value, *, span: Span) -> Tail:
    return lambda left, whole: Between(left, low, high, word == "not_between", span=whole)


def text_match(
    word: str, quantifier: Quantifier | None, patterns: Value | tuple[Value, ...], *, span: Span
) -> Tail:
    operation, negated = TEXT_OPERATIONS[word]
    listed = patterns if isinstance(patterns, (tuple, Parameter)) else (patterns,)
    return lambda left, whole: TextMatch(
        operation, left, listed, quantifier or "any", negated, span=whole
    )


def in_list_or_window(
    word: str, what: tuple[Value, ...] | Parameter | Window, *, span: Span
) -> Tail:
    negated = word.startswith("not_")
    if isinstance(what, (tuple, Parameter)):
        return lambda left, whole: InList(left, what, negated, span=whole)
    return lambda left, whole: InWindow(left, what, negated, span=whole)


def in_bound(bound: Window, *, span: Span) -> Tail:
    """`created since 2026-01-01`: a bound needs no `in`."""
    return lambda left, whole: InWindow(left, bound, span=whole)
