"""A condition as somebody gave it: its tree, its text, and the values that it brings along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.query.ast import Condition
from segmentkit.query.builder import ConditionLike, as_condition
from segmentkit.query.parser import parse


@runtime_checkable
class Parametrised(Protocol):
    """A condition that brings values along for its own `$name`s: a rule."""

    @property
    def condition(self) -> Condition: ...

    @property
    def text(self) -> str:
        """What it was written as; empty when it was built."""
        ...

    @property
    def parameters(self) -> Mapping[str, object]:
        """A value for each `$name`."""
        ...


@refuse_other_types
@frozen
class Given:
    """
    A condition, whatever it was given as.

    Attributes:
        condition: its tree.
        text: what it was read from, for the places that errors show; empty when it was built.
        parameters: the values that it brings along.
    """

    condition: Condition
    text: str = ""
    parameters: Mapping[str, object] = field(factory=dict[str, object])

    @classmethod
    @refuse_other_types
    def of(cls, thing: str | ConditionLike) -> Given:
        """
        Read off a text, a tree, what the builder made, a segment or a rule.

        Raises:
            QueryError: the text cannot be read.
            WrongTypeError: it is no condition.

        Examples:
            >>> Given.of("paid")
            Given(condition=Path(names=('paid',)), text='paid', parameters={})
        """
        if isinstance(thing, str):
            return cls(parse(thing), thing)
        condition = as_condition(thing)
        if isinstance(thing, Parametrised):
            return cls(condition, thing.text, thing.parameters)
        return cls(condition)
