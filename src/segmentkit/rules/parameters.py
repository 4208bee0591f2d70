"""The values that a rule brings along for the `$name`s of its condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from attrs import evolve

from segmentkit.errors import WrongTypeError
from segmentkit.model import FrozenMap, Schema
from segmentkit.query import (
    Condition,
    Names,
    Parameter,
    Reference,
    Span,
    Transformer,
    check,
    walk,
)


def frozen_parameters(given: Mapping[str, object]) -> FrozenMap[object]:
    """
    Values that cannot change under a rule: lists, sets and whatever else gives items as tuples.

    Raises:
        WrongTypeError: they are no mapping.
    """
    if not isinstance(cast("object", given), Mapping):
        raise WrongTypeError(given, "parameters of a rule", "Give a mapping of names to values")
    return FrozenMap({name: _frozen(value) for name, value in given.items()})


def _frozen(value: object) -> object:
    if isinstance(value, set | frozenset):  # it has no order; a rule does
        return tuple(sorted(cast("Iterable[object]", value), key=repr))
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        return tuple(cast("Iterable[object]", value))
    return cast("object", value)


def parameters_by_id(
    condition: Condition, parameters: Mapping[str, object], schema: Schema, names: Names | None
) -> dict[str, object]:
    """
    The same values, with references in the place of the names of tags, groups and the like.

    A parameter that stands both for a name and for a plain text stays as it is.

    Args:
        condition: as written; its parameters are open.
    """
    spans = {name: (-1 - place, -1) for place, name in enumerate(parameters)}
    open_condition = cast("Condition", _Marked(spans).transform(condition))
    places = [node.name for node in walk(open_condition) if isinstance(node, Parameter)]
    bound = check(open_condition, schema, names=names, parameters=parameters).condition
    found = [node for node in walk(bound) if isinstance(node, Reference)]
    resolved = dict(parameters)
    for name, value in parameters.items():
        texts = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)
        if all(isinstance(text, str | Reference) for text in texts):
            meant = tuple(evolve(ref, span=(0, 0)) for ref in found if ref.span == spans[name])
            once = meant[: len(texts)]
            if once and meant == once * places.count(name):
                resolved[name] = once if isinstance(value, tuple) else once[0]
    return resolved


class _Marked(Transformer):
    """
    Parameters at spans that no text has, by their names.

    What is bound to a parameter keeps its span, and so is found again.
    """

    def __init__(self, spans: Mapping[str, Span]) -> None:
        self._spans = spans

    def transform_parameter(self, node: Parameter) -> Parameter:
        return evolve(node, span=self._spans.get(node.name, node.span))
