"""Filters of steps that speak of rows of earlier steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from attrs import evolve, frozen

from segmentkit.engines.columnar.places import Place
from segmentkit.engines.columnar.plain import PlainTests, Test, complement, every, some
from segmentkit.engines.columnar.steps import OWN, StepPlace
from segmentkit.engines.columnar.values import (
    Computed,
    Get,
    Site,
    Values,
    in_floats,
    in_scale,
)
from segmentkit.engines.columnar.vectors import Vector
from segmentkit.errors import InvalidValueError, NotPortableError
from segmentkit.model import FieldType
from segmentkit.query import (
    Activity,
    And,
    Call,
    Compare,
    Condition,
    Not,
    Or,
    Parameter,
    Path,
    Scope,
    Value,
    walk,
)

# The owner of fields of the contact.
_CONTACT = "contact"


@frozen(eq=False)
class Key:
    """
    Two values that a filter wants to be equal: one of the row, one of rows of earlier steps.

    Attributes:
        exactly: texts are meant as they are written.
    """

    own: Get
    earlier: Get
    exactly: bool


@frozen(eq=False)
class StepFilter:
    """
    What a step asks of a row beside the rows of earlier steps.

    Attributes:
        keys: what must be equal for the test to hold.
        asks: (name of the step, field) of earlier rows.
    """

    test: Test
    keys: tuple[Key, ...]
    asks: frozenset[tuple[str, str]]


def row_test(plain: PlainTests, node: Condition, site: Site) -> Test:
    """A condition on a row."""
    match node:
        case And():
            return every([row_test(plain, item, site) for item in node.items])
        case Or():
            return some([row_test(plain, item, site) for item in node.items])
        case Not():
            return complement(row_test(plain, node.operand, site))
        case Activity():
            raise NotPortableError("columnar", "an activity inside where or having")
        case Parameter():
            raise InvalidValueError(node.name, "parameters", "Bind every parameter before a run")
        case _:
            return plain.plain(node, site)


def step_filter(
    parts: Iterable[Condition], scope: Scope, values: StepValues, plain: PlainTests
) -> StepFilter:
    """
    Conditions that must all hold of a row beside earlier ones.

    Args:
        scope: of the step, with the names of those before it.
        plain: made of *values*.

    Raises:
        NotPortableError: something that only the interpreter can decide.
    """
    site = Site(scope)
    wanted = list(parts)
    keys = [
        key
        for part in wanted
        if isinstance(part, Compare) and (key := values.key(part, site)) is not None
    ]
    asks = {
        (resolved[0].names[0], resolved[1].name)
        for part in wanted
        for path in _paths(part)
        if _owner(path, scope) in scope.aliases and (resolved := scope.resolve(path)) is not None
    }
    tests = [row_test(plain, part, site) for part in wanted]
    return StepFilter(every(tests), tuple(keys), frozenset(asks))


class StepValues(Values):
    """Values of a row beside the rows of earlier steps."""

    def value(self, node: Value, site: Site) -> Computed:
        computed = super().value(node, site)
        owners = _owners(node, site.scope)
        if not isinstance(node, Call) or len(owners) != 1 or _CONTACT in owners:
            return computed
        # A function is asked for each different value, so rather of rows than of pairs of rows.
        (owner,) = owners
        get = computed.get

        def looked_up(place: Place) -> Vector:
            return _beside(place).once(owner, get)

        return evolve(computed, get=looked_up)

    def _path(self, node: Path, site: Site) -> Computed:
        if len(node.names) < 2 or node.names[0] not in site.scope.aliases:
            return super()._path(node, site)
        alias = node.names[0]
        beyond = evolve(site.scope, collection=site.scope.aliases[alias], aliases={})
        inner = super()._path(Path(node.names[1:]), evolve(site, scope=beyond))
        name = cast("str", inner.field)

        def looked_up(place: Place) -> Vector:
            return _beside(place).field_of_step(alias, name)

        return evolve(inner, get=looked_up, field=None)

    def key(self, node: Compare, site: Site) -> Key | None:
        """What a comparison wants to be equal of the row and of earlier ones, if it is that."""
        if node.operator != "=":
            return None
        owners = [_owners(side, site.scope) for side in (node.left, node.right)]
        sides = [node.left, node.right]
        if owners[1] == {OWN}:
            owners.reverse()
            sides.reverse()
        if owners[0] != {OWN} or not owners[1] or owners[1] & {OWN, _CONTACT}:
            return None
        own, earlier = (self.value(side, site) for side in sides)
        kinds = {own.type.kind, earlier.type.kind}
        if own.type.is_measured and earlier.type.is_measured:
            if FieldType.FLOAT in kinds:
                own, earlier = in_floats(own), in_floats(earlier)
            elif own.type.rational or earlier.type.rational:
                return None
            else:
                scale = max(own.type.scale, earlier.type.scale)
                own, earlier = in_scale(own, scale), in_scale(earlier, scale)
        elif kinds == {FieldType.DATE, FieldType.INSTANT}:
            own, earlier = self.as_date(own), self.as_date(earlier)
        return Key(own.get, earlier.get, node.exactly)


def _beside(place: Place) -> StepPlace:
    assert isinstance(place, StepPlace)
    return place


def _owners(node: Value, scope: Scope) -> set[str]:
    """Whose fields a value is made of."""
    return {_owner(path, scope) for path in _paths(node)}


def _owner(path: Path, scope: Scope) -> str:
    if len(path.names) == 1:
        return OWN
    return path.names[0] if path.names[0] in scope.aliases else _CONTACT


def _paths(node: Condition | Value) -> list[Path]:
    return [part for part in walk(node) if isinstance(part, Path)]
