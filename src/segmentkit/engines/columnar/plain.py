"""Comparisons and other simple conditions compiled to tests of a place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import reduce
from typing import TypeAlias

import numpy as np
from attrs import evolve, frozen

from segmentkit.engines.columnar.arrays import Mask, both
from segmentkit.engines.columnar.dictionary import Dictionary
from segmentkit.engines.columnar.exact import RELATIONS, related
from segmentkit.engines.columnar.matching import any_item, has_item, passes
from segmentkit.engines.columnar.places import Place
from segmentkit.engines.columnar.selections import Measure
from segmentkit.engines.columnar.values import (
    NO_MEASURES,
    Computed,
    Site,
    Values,
    in_floats,
    in_ratios,
    in_scale,
)
from segmentkit.engines.columnar.vectors import (
    Lists,
    Texts,
    Truths,
    Vector,
    Wholes,
)
from segmentkit.engines.semantics import date_bounds, date_window, text_test, window_bounds
from segmentkit.engines.setting import Setting
from segmentkit.errors import InvalidValueError
from segmentkit.model import Field, FieldType
from segmentkit.query import (
    Aggregate,
    Between,
    Call,
    Compare,
    Date,
    InList,
    InWindow,
    IsMissing,
    Parameter,
    Path,
    Reference,
    Text,
    TextMatch,
    Truth,
    Value,
)
from segmentkit.text import text_key

Plain: TypeAlias = (
    Compare | TextMatch | Between | InList | InWindow | IsMissing | Path | Truth | Call | Aggregate
)
_TURNED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@frozen(eq=False)
class Words:
    """
    A law of texts, asked of one field of a row; it does not hold of a missing text.

    Attributes:
        token: equal tokens mean equal laws; None is equal to none.
        only: the one text of which the law holds, where it asks for that.
    """

    field: str | None
    law: Callable[[str], bool]
    token: Hashable
    only: str | None = None

    def table(self, dictionary: Dictionary) -> Mask:
        """For each text of a dictionary whether the law holds of it."""
        if self.only is not None:
            return dictionary.one(self.only)
        return dictionary.table(self.law, self.token)

    def holds(self, texts: Vector) -> Mask:
        """Where the law holds of some texts."""
        assert isinstance(texts, Texts)
        return self.table(texts.dictionary).take(texts.codes)


@frozen(eq=False)
class Test:
    """
    A compiled condition on a place.

    Attributes:
        mask: where it holds; of no dimension when it holds everywhere or nowhere.
        measures: what it needs to be counted before.
        personal: whether it looks at fields of the contact.
        words: what it asks of the text of one field, where that is all it asks.
    """

    mask: Callable[[Place], Mask]
    measures: frozenset[Measure] = NO_MEASURES
    personal: bool = False
    words: Words | None = None


def test_of(mask: Callable[[Place], Mask], *values: Computed) -> Test:
    return Test(
        mask,
        frozenset[Measure]().union(*(v.measures for v in values)),
        any(v.personal for v in values),
    )


def every(tests: Sequence[Test]) -> Test:
    """All of them; each is asked of the whole place."""
    return _joined(tests, np.logical_and, True)


def some(tests: Sequence[Test]) -> Test:
    """At least one of them."""
    return _joined(tests, np.logical_or, False)


def _joined(tests: Sequence[Test], operation: Callable[[Mask, Mask], Mask], of_none: bool) -> Test:
    masks = [test.mask for test in tests]

    def mask(place: Place) -> Mask:
        return reduce(operation, (one(place) for one in masks), np.array(of_none))

    return Test(
        mask,
        frozenset[Measure]().union(*(t.measures for t in tests)),
        any(t.personal for t in tests),
    )


def complement(test: Test) -> Test:
    mask = test.mask

    def inverted(place: Place) -> Mask:
        return np.logical_not(mask(place))

    return evolve(test, mask=inverted, words=None)


class PlainTests:
    """Compiles the conditions that hold of values, at one contact or one row."""

    def __init__(self, setting: Setting, values: Values) -> None:
        self._setting = setting
        self._values = values

    def plain(self, node: Plain, site: Site) -> Test:
        match node:
            case Compare():
                return self._compare(node, site)
            case TextMatch():
                return _unless(node.negated, self._text_match(node, site))
            case Between():
                low = Compare(">=", node.left, node.low)
                high = Compare("<=", node.left, node.high)
                return _unless(
                    node.negated, every([self._compare(low, site), self._compare(high, site)])
                )
            case InList():
                return _unless(node.negated, self._in_list(node, site))
            case InWindow():
                return _unless(node.negated, self._in_window(node, site))
            case IsMissing():
                value = self._values.value(node.operand, site)
                get = value.get
                present = test_of(lambda place: _known(get(place)), value)
                return present if node.negated else complement(present)
            case Path() | Truth() | Call() | Aggregate():
                value = self._values.value(node, site)
                get = value.get
                return test_of(lambda place: _true(get(place)), value)

    # --- comparisons ----------------------------------------------------------------------------

    def _compare(self, node: Compare, site: Site) -> Test:
        if node.operator == "!=":
            return complement(self._compare(evolve(node, operator="="), site))
        values = self._values
        left, right = values.value(node.left, site), values.value(node.right, site)
        if left.type.kind is not right.type.kind:
            if isinstance(node.right, Date) and left.type.kind is FieldType.INSTANT:
                return self._compare_with_day(node.operator, left, node.right)
            if isinstance(node.left, Date) and right.type.kind is FieldType.INSTANT:
                return self._compare_with_day(_TURNED[node.operator], right, node.left)
        exactly = (
            node.exactly or isinstance(node.left, Reference) or isinstance(node.right, Reference)
        )
        return self.related(node.operator, left, right, exactly=exactly)

    def _compare_with_day(self, operator: str, value: Computed, day: Date) -> Test:
        """An instant against a date: the instant's local date is what is compared."""
        start, end = date_bounds(day.value, self._setting.moment)
        get = value.get
        match operator:
            case "=":
                return test_of(lambda place: _within(get(place), start, end), value)
            case "<":
                return test_of(lambda place: _within(get(place), None, start), value)
            case "<=":
                return test_of(lambda place: _within(get(place), None, end), value)
            case ">":
                return test_of(lambda place: _within(get(place), end, None), value)
            case ">=":
                return test_of(lambda place: _within(get(place), start, None), value)
            case _:
                raise InvalidValueError(operator, "comparison", "Check the condition first")

    def related(
        self, operator: str, left: Computed, right: Computed, *, exactly: bool = False
    ) -> Test:
        """Both sides in one form: one scale, one kind of time, text keys unless raw text counts."""
        kinds = {left.type.kind, right.type.kind}
        if left.type.is_measured and right.type.is_measured:
            if FieldType.FLOAT in kinds:
                left, right = in_floats(left), in_floats(right)
            elif left.type.rational or right.type.rational:
                left, right = in_ratios(left), in_ratios(right)
            else:
                scale = max(left.type.scale, right.type.scale)
                left, right = in_scale(left, scale), in_scale(right, scale)
        elif kinds == {FieldType.TEXT} and operator == "=":
            if right.constant is not None or left.constant is not None:
                value, text = (left, right) if right.constant is not None else (right, left)
                return _same_as(value, str(text.constant), exactly)
            first, second = left.get, right.get
            return test_of(
                lambda place: _same_text(first(place), second(place), exactly), left, right
            )
        elif kinds == {FieldType.BOOLEAN} and operator == "=":
            first, second = left.get, right.get
            return test_of(lambda place: _same_truth(first(place), second(place)), left, right)
        elif kinds == {FieldType.DATE, FieldType.INSTANT}:
            left, right = self._values.as_date(left), self._values.as_date(right)
        elif len(kinds) > 1 or kinds & {FieldType.TEXT, FieldType.BOOLEAN, FieldType.TEXT_LIST}:
            raise InvalidValueError(operator, "comparison", "Check the condition first")
        a, b = left.get, right.get
        return test_of(lambda place: related(operator, a(place), b(place)), left, right)

    def _in_list(self, node: InList, site: Site) -> Test:
        items = _items(node.items)
        texts = [item for item in items if isinstance(item, Text)]
        left = self._values.value(node.left, site)
        if left.type.kind is not FieldType.TEXT or len(texts) < len(items):
            return some([self._compare(Compare("=", node.left, item), site) for item in items])
        return _keyed(left, frozenset(text_key(item.value) for item in texts) - {""})

    # --- texts, windows -------------------------------------------------------------------------

    def _text_match(self, node: TextMatch, site: Site) -> Test:
        value = self._values.value(node.left, site)
        items = _items(node.patterns)
        # An empty list is missing, so nothing passes it.
        join = every if node.quantifier == "all" and items else some
        patterns = [item.value for item in items if isinstance(item, Text)]
        if len(patterns) < len(items):
            computed = [self._values.value(item, site) for item in items]
            return join([_matched(node.operation, value, pattern) for pattern in computed])
        if value.type.kind is FieldType.TEXT_LIST:
            keys = frozenset(text_key(pattern) for pattern in patterns)
            tests = [_list_test(value, key) for key in sorted(keys)]
            return every([test_of(lambda place: _known(value.get(place)), value), join(tests)])
        laws = [text_test(node.operation, pattern) for pattern in patterns]
        keys = frozenset(text_key(pattern) for pattern in patterns)
        combine = all if node.quantifier == "all" and laws else any
        words = Words(
            value.field,
            lambda text: combine(law(text) for law in laws),
            (node.operation, node.quantifier, keys),
        )
        return _worded(value, words)

    def text_test(self, declared: Field, law: Callable[[str], bool], token: Hashable) -> Test:
        """Whether the text of a row's field passes a law, which is asked of each text once."""
        name = declared.name
        words = Words(name, law, token)
        return Test(lambda place: words.holds(place.field(name)), words=words)

    def _in_window(self, node: InWindow, site: Site) -> Test:
        value = self._values.value(node.left, site)
        moment = self._setting.moment
        if value.type.kind is FieldType.DATE:
            start, end = date_window(node.window, moment)
        else:
            start, end = window_bounds(node.window, moment)
        get = value.get
        return test_of(lambda place: _within(get(place), start, end), value)


def _unless(negated: bool, test: Test) -> Test:
    return complement(test) if negated else test


def _items(items: tuple[Value, ...] | Parameter) -> tuple[Value, ...]:
    if isinstance(items, Parameter):
        raise InvalidValueError(items.name, "parameters", "Bind every parameter before a run")
    return items


# --- masks --------------------------------------------------------------------------------------


def _known(vector: Vector) -> Mask:
    known = vector.known
    return np.array(True) if known is None else known


def _true(vector: Vector) -> Mask:
    if not isinstance(vector, Truths):
        return np.array(False)
    return vector.values if vector.known is None else vector.values & vector.known


def _within(vector: Vector, start: int | None, end: int | None) -> Mask:
    """Where a value is known and lies in [start, end)."""
    assert isinstance(vector, Wholes)
    mask = _known(vector)
    if start is not None:
        mask = mask & np.asarray(vector.values >= start, np.bool_)
    if end is not None:
        mask = mask & np.asarray(vector.values < end, np.bool_)
    return mask


def _matched(operation: str, value: Computed, pattern: Computed) -> Test:
    """Whether a text passes a pattern that is computed, or a list of texts holds it."""
    get, get_pattern = value.get, pattern.get

    def mask(place: Place) -> Mask:
        texts, patterns = get(place), get_pattern(place)
        assert isinstance(patterns, Texts)
        if isinstance(texts, Lists):
            return has_item(texts, patterns)
        assert isinstance(texts, Texts)
        return passes(operation, texts, patterns)

    return test_of(mask, value, pattern)


def _same_truth(a: Vector, b: Vector) -> Mask:
    assert isinstance(a, Truths)
    assert isinstance(b, Truths)
    known = both(a.known, b.known)
    same = np.asarray(RELATIONS["="](a.values, b.values), np.bool_)
    return same if known is None else same & known


def _same_text(a: Vector, b: Vector, exactly: bool) -> Mask:
    assert isinstance(a, Texts)
    assert isinstance(b, Texts)
    if a.dictionary is b.dictionary:
        first, second = a.codes, b.codes
        if not exactly:
            numbers = a.dictionary.key_codes()
            first, second = numbers[first], numbers[second]
    else:
        second = b.codes if exactly else b.dictionary.key_codes()[b.codes]
        first = a.dictionary.common_codes(b.dictionary, exactly=exactly)[a.codes]
    return (first == second) & (first >= 0)


def _worded(value: Computed, words: Words) -> Test:
    """Whether a text passes a law, which is asked once of each different text."""
    get = value.get
    return evolve(test_of(lambda place: words.holds(get(place)), value), words=words)


def _keyed(value: Computed, keys: frozenset[str]) -> Test:
    law = Words(value.field, lambda text: text_key(text) in keys, ("keys", keys))
    return _worded(value, law)


def _same_as(value: Computed, text: str, exactly: bool) -> Test:
    if not exactly:
        return _keyed(value, frozenset({text_key(text)}))
    return _worded(value, Words(value.field, lambda other: other == text, None, text))


def _list_test(value: Computed, key: str) -> Test:
    """Whether a text of that key is in the list."""
    get = value.get

    def mask(place: Place) -> Mask:
        lists = get(place)
        assert isinstance(lists, Lists)
        return any_item(lists, lists.dictionary, key)

    return test_of(mask, value)
