"""Comparisons: values beside values, texts beside patterns, times in windows."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from segmentkit.engines.closures import (
    Computed,
    Get,
    Here,
    Named,
    Test,
    all_of,
    any_of,
    as_floats,
    as_fractions,
    complement,
    mapped_value,
    same_scale,
)
from segmentkit.engines.compiling.values import Values, open_parameter
from segmentkit.engines.semantics import (
    COMPARISONS,
    date_bounds,
    date_window,
    text_test,
    window_bounds,
)
from segmentkit.engines.subject import Subject
from segmentkit.model import FieldType
from segmentkit.query import (
    Between,
    Compare,
    Date,
    InList,
    InWindow,
    IsMissing,
    Parameter,
    Reference,
    Scope,
    Text,
    TextMatch,
    Value,
)
from segmentkit.text import text_key

_TURNED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Comparisons(Values):
    """Each method returns the positive form; a negation is its complement, taken by the caller."""

    def compare(self, node: Compare, scope: Scope) -> Test:
        if node.operator == "!=":
            return complement(self.compare(evolve(node, operator="="), scope))
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if isinstance(node.right, Date) and left.type.kind is FieldType.INSTANT:
            return self._beside_day(node.operator, left.get, node.right)
        if isinstance(node.left, Date) and right.type.kind is FieldType.INSTANT:
            return self._beside_day(_TURNED[node.operator], right.get, node.left)
        return self.related(node.operator, left, right, exactly=node.exactly or _is_id(node))

    def related(
        self, operator: str, left: Computed, right: Computed, *, exactly: bool = False
    ) -> Test:
        """Whether two values stand in a relation; a missing one stands in none."""
        left, right = self._alike(left, right, exactly=exactly)
        holds = COMPARISONS[operator]
        get, other, constant = left.get, right.get, right.constant
        if constant is not None:

            def against_constant(subject: Subject, here: Here, named: Named) -> bool:
                value: Any = get(subject, here, named)
                return value is not None and holds(value, constant)

            return against_constant

        def compared(subject: Subject, here: Here, named: Named) -> bool:
            value: Any = get(subject, here, named)
            against: Any = other(subject, here, named)
            return value is not None and against is not None and holds(value, against)

        return compared

    def _beside_day(self, operator: str, get: Get, day: Date) -> Test:
        """An instant against a date: its local date is what is compared, found by bounds."""
        start, end = date_bounds(day.value, self.setting.moment)
        low, high = {
            "=": (start, end),
            "<": (None, start),
            "<=": (None, end),
            ">": (end, None),
            ">=": (start, None),
        }[operator]

        def beside(subject: Subject, here: Here, named: Named) -> bool:
            value: Any = get(subject, here, named)
            return (
                value is not None
                and (low is None or value >= low)
                and (high is None or value < high)
            )

        return beside

    def _alike(
        self, left: Computed, right: Computed, *, exactly: bool
    ) -> tuple[Computed, Computed]:
        """Both sides in one form: one scale, one kind of time, text keys unless raw text counts."""
        kinds = {left.type.kind, right.type.kind}
        if left.type.is_measured and right.type.is_measured:
            if FieldType.FLOAT in kinds:
                return as_floats(left, right)
            if left.type.rational or right.type.rational:
                return as_fractions(left, right)
            return same_scale(left, right)
        if kinds == {FieldType.TEXT} and not exactly:
            return mapped_value(left, text_key), mapped_value(right, text_key)
        if kinds == {FieldType.DATE, FieldType.INSTANT}:
            return self._as_date(left), self._as_date(right)
        return left, right

    def _as_date(self, value: Computed) -> Computed:
        """An instant as its local date, so that it can stand beside dates."""
        return value if value.type.kind is FieldType.DATE else self.called("date", value)

    def between(self, node: Between, scope: Scope) -> Test:
        return all_of(
            [
                self.compare(Compare(">=", node.left, node.low), scope),
                self.compare(Compare("<=", node.left, node.high), scope),
            ]
        )

    def is_missing(self, node: IsMissing, scope: Scope) -> Test:
        get = self.value(node.operand, scope).get
        return lambda subject, here, named: get(subject, here, named) is None

    # --- lists and texts ------------------------------------------------------------------------

    def in_list(self, node: InList, scope: Scope) -> Test:
        items = _items(node.items)
        texts = [item.value for item in items if isinstance(item, Text)]
        if len(texts) < len(items) or not texts:
            return any_of([self.compare(Compare("=", node.left, item), scope) for item in items])
        # A list of texts may be long, and is one look into a set.
        get = self.value(node.left, scope).get
        keys = frozenset(map(text_key, texts)) - {""}

        def listed(subject: Subject, here: Here, named: Named) -> bool:
            value: Any = get(subject, here, named)
            return value is not None and text_key(value) in keys

        return listed

    def text_match(self, node: TextMatch, scope: Scope) -> Test:
        left = self.value(node.left, scope)
        patterns = [self.value(pattern, scope) for pattern in _items(node.patterns)]
        # An empty list is missing, so nothing passes it, with `all` as with `any`.
        combine = all_of if node.quantifier == "all" and patterns else any_of
        if left.type.kind is FieldType.TEXT_LIST:
            return combine([_is_among(left.get, pattern.get) for pattern in patterns])
        return combine([_matches(node.operation, left.get, pattern) for pattern in patterns])

    def in_window(self, node: InWindow, scope: Scope) -> Test:
        left = self.value(node.left, scope)
        bounds = date_window if left.type.kind is FieldType.DATE else window_bounds
        start, end = bounds(node.window, self.setting.moment)
        get = left.get

        def within(subject: Subject, here: Here, named: Named) -> bool:
            value: Any = get(subject, here, named)
            return value is not None and start <= value < end

        return within


def _is_among(get: Get, get_wanted: Get) -> Test:
    """Whether a list of texts has one of the wanted text key."""

    def is_among(subject: Subject, here: Here, named: Named) -> bool:
        texts: Any = get(subject, here, named)
        wanted: Any = get_wanted(subject, here, named)
        if texts is None or wanted is None:
            return False
        key = text_key(wanted)
        return any(text_key(text) == key for text in texts)

    return is_among


def _matches(operation: str, get: Get, pattern: Computed) -> Test:
    if isinstance(pattern.constant, str):
        passes = text_test(operation, pattern.constant)

        def matches(subject: Subject, here: Here, named: Named) -> bool:
            value: Any = get(subject, here, named)
            return value is not None and passes(value)

        return matches
    get_pattern = pattern.get

    def matches_another(subject: Subject, here: Here, named: Named) -> bool:
        value: Any = get(subject, here, named)
        wanted: Any = get_pattern(subject, here, named)
        return value is not None and wanted is not None and text_test(operation, wanted)(value)

    return matches_another


def _items(items: tuple[Value, ...] | Parameter) -> tuple[Value, ...]:
    if isinstance(items, Parameter):
        raise open_parameter(items)
    return items


def _is_id(node: Compare) -> bool:
    """Ids are compared as they are stored, not by text key."""
    return isinstance(node.left, Reference) or isinstance(node.right, Reference)
