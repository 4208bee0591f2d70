"""Statements about the rows of a collection, written in Python."""

from __future__ import annotations

from typing import Any, Self

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.query import ast
from segmentkit.query.ast import Window
from segmentkit.query.builder.time import InTime, to_duration
from segmentkit.query.builder.values import (
    ConditionLike,
    Logic,
    refuse_second,
    to_list,
    to_value,
    together,
)


@frozen
class ActivityBuilder(Logic, InTime):
    """
    A statement about the rows of a collection. Each method gives a new one; order does not matter.

    Examples:
        >>> from segmentkit.query.builder import did, field
        >>> built = did("purchase").where(field("category") == "鞋").last(days=90).at_least(3)
        >>> built.condition.frequency
        Frequency(kind='at_least', count=Number(value=3), upper=None)
    """

    condition: ast.Activity

    def where(self, *conditions: ConditionLike) -> Self:
        """Only rows for which all *conditions* hold."""
        return self._with(where=together(self.condition.where, conditions))

    def having(self, *conditions: ConditionLike) -> Self:
        """All *conditions* over the totals of the rows that are left hold."""
        return self._with(having=together(self.condition.having, conditions))

    @refuse_other_types
    def during(self, window: Window) -> Self:
        refuse_second(self.condition.window, "a window")
        return self._with(window=window)

    def at_least(self, times: object) -> Self:
        return self._times("at_least", times)

    def at_most(self, times: object) -> Self:
        """0 times is at most any number of times."""
        return self._times("at_most", times)

    def exactly(self, times: object) -> Self:
        return self._times("exactly", times)

    def more_than(self, times: object) -> Self:
        return self._times("more_than", times)

    def fewer_than(self, times: object) -> Self:
        return self._times("fewer_than", times)

    def between(self, low: object, high: object) -> Self:
        """Both ends are included."""
        return self._times("between", low, to_value(high))

    def _times(
        self, kind: ast.FrequencyKind, times: object, upper: ast.Value | None = None
    ) -> Self:
        refuse_second(self.condition.frequency, "how often")
        return self._with(frequency=ast.Frequency(kind, to_value(times), upper))

    def as_(self, alias: str) -> Self:
        """A name by which the steps after can speak of this row: `field("c.sku")`."""
        refuse_second(self.condition.alias, "a name")
        return self._with(alias=alias)

    @refuse_other_types
    def then(self, step: ActivityBuilder, **within: int) -> Self:
        """
        A strictly later step: `did("a").then(did("b"), days=3).then(did_not("c"), days=7)`.

        Raises:
            InvalidValueError: the step says more than `where` and `as_`.
        """
        said = step.condition
        plain = ast.Activity(
            "did", said.collection, said.negated, alias=said.alias, where=said.where
        )
        if said != plain:
            remedy = "A step has did or did_not, where and as_; give its time as days=3"
            raise InvalidValueError(said.collection, "a step", remedy)
        length = to_duration(within) if within else None
        made = ast.Step(said.collection, said.negated, said.alias, said.where, length)
        return self._with(steps=(*self.condition.steps, made))

    def _with(self, **changes: Any) -> Self:
        return evolve(self, condition=evolve(self.condition, **changes))


def did(collection: str) -> ActivityBuilder:
    return ActivityBuilder(ast.Activity("did", collection))


def did_not(collection: str) -> ActivityBuilder:
    return ActivityBuilder(ast.Activity("did", collection, negated=True))


def has(
    collection: str,
    *keys: object,
    under: object = None,
    like: str | None = None,
    quantifier: ast.Quantifier = "any",
) -> ActivityBuilder:
    """
    `has("tag", "VIP")`, `has("tag", "a", "b", quantifier="all")`, `has("tag", like="VIP*")`.

    Args:
        keys: values, one list of values, or one parameter that is bound to a list.
        under: like *keys*, and takes in everything below them in their tree.
        like: a glob over the names of the keys.
        quantifier: whether any key is enough or all are wanted.
    """
    return _keyed("has", collection, False, keys, under, like, quantifier)


def has_no(
    collection: str,
    *keys: object,
    under: object = None,
    like: str | None = None,
    quantifier: ast.Quantifier = "any",
) -> ActivityBuilder:
    """The complement of `has`."""
    return _keyed("has", collection, True, keys, under, like, quantifier)


def in_(
    collection: str,
    *keys: object,
    under: object = None,
    like: str | None = None,
    quantifier: ast.Quantifier = "any",
) -> ActivityBuilder:
    """`in_("segment", "高价值")`, `in_("group", under="客户")`; as `has`, for other memberships."""
    return _keyed("in", collection, False, keys, under, like, quantifier)


def not_in(
    collection: str,
    *keys: object,
    under: object = None,
    like: str | None = None,
    quantifier: ast.Quantifier = "any",
) -> ActivityBuilder:
    """The complement of `in_`."""
    return _keyed("in", collection, True, keys, under, like, quantifier)


def _keyed(
    verb: ast.Verb,
    collection: str,
    negated: bool,
    keys: tuple[object, ...],
    under: object,
    like: str | None,
    quantifier: ast.Quantifier,
) -> ActivityBuilder:
    given = [way for way in (keys or None, under, like) if way is not None]
    if len(given) > 1:
        raise InvalidValueError(
            collection, "keys of", "Give keys, or under=, or like=, one of them"
        )
    named: ast.Keys | ast.KeyPattern | None = None
    if like is not None:
        named = ast.KeyPattern(ast.Text(like))
    elif given:
        values = to_list(keys or (under,))
        named = ast.Keys(values if isinstance(values, tuple) else (values,), under is not None)
    return ActivityBuilder(ast.Activity(verb, collection, negated, quantifier, named))
