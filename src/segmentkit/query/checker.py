"""
Does a condition make sense for a schema, and what do its names mean?

One walk finds every fault, resolves each name to its canonical one, each tag, group or segment name
to an id, each parameter to its value, and so turns a condition as it was written (in any language)
into the one that engines compute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model import Schema
from segmentkit.query.ast import Condition, Node, child_nodes
from segmentkit.query.builder import as_condition
from segmentkit.query.checking import Conditions
from segmentkit.query.circles import find_circle, segments_named
from segmentkit.query.diagnostics import Diagnostic, QueryError
from segmentkit.query.names import Names
from segmentkit.query.types import Scope


@frozen
class Checked:
    """
    What the checker found.

    Attributes:
        condition: with canonical names and ids; only worth compiling when `is_valid`.
        diagnostics: errors, warnings and hints, in the order of the text.
    """

    condition: Condition
    diagnostics: tuple[Diagnostic, ...]

    @property
    def is_valid(self) -> bool:
        return all(d.severity != "error" for d in self.diagnostics)


# The parser's own limit keeps what it reads well below; trees that a host builds may be deeper than
# Python can walk.
MOST_LEVELS = 220


@refuse_other_types
def check(
    condition: Condition,
    schema: Schema,
    *,
    names: Names | None = None,
    parameters: Mapping[str, object] | None = None,
    text: str = "",
    segments: Mapping[str, Condition] | None = None,
    segment: str | None = None,
) -> Checked:
    """
    Everything that is wrong or doubtful about *condition*, and its bound form.

    Args:
        condition: as parsed, built or loaded.
        schema: what the contacts and collections of the host look like.
        names: knows the ids of tags, groups, segments; without it their texts stand for themselves.
        parameters: a value for each `$name`, or a FieldType that promises one; None leaves
            parameters open and unchecked.
        text: what the condition was parsed from; spans and fixes speak of it.
        segments: bound conditions of the saved segments by id, to find circles among them.
        segment: the id under which this condition is to be saved as one of them.

    Raises:
        WrongTypeError: no condition was given, such as a text that was not parsed, or parameters
            that are no mapping of names.

    Examples:
        >>> from segmentkit.model import Field, FieldType
        >>> from segmentkit.query.ast import Compare, Number, Path
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER, aliases=("年龄",))])
        >>> check(Compare(">", Path(("年龄",)), Number(18)), schema).condition
        Compare(operator='>', left=Path(names=('age',)), right=Number(value=18), exactly=False)
    """
    condition = as_condition(condition)
    if _levels(condition) > MOST_LEVELS:
        deep = Diagnostic("too_deep", {"limit": MOST_LEVELS}, condition.span)
        return Checked(condition, (deep,))
    checker = Conditions(schema, names, parameters, text)
    bound = checker.condition(condition, Scope(schema))
    if segment is not None:
        found = find_circle([segment], _needs({**(segments or {}), segment: bound}))
        if found:
            path = (_segment_name(one, names) for one in found)
            checker.report("segment_cycle", condition, path=" > ".join(path))
    return Checked(bound, tuple(sorted(checker.found, key=lambda d: (d.span, d.code))))


def _needs(segments: Mapping[str, Condition]) -> Callable[[str], tuple[str, ...]]:
    return lambda one: segments_named(segments[one]) if one in segments else ()


def _segment_name(segment: str, names: Names | None) -> str:
    return segment if names is None else names.name_of("segment", segment) or segment


def _levels(condition: Condition) -> int:
    """How many nodes stand in one another, without recursion."""
    deepest = 0
    waiting: list[tuple[Node, int]] = [(condition, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(child, level + 1) for child in child_nodes(node)]
    return deepest


@refuse_other_types
def bind(
    condition: Condition,
    schema: Schema,
    *,
    names: Names | None = None,
    parameters: Mapping[str, object] | None = None,
    text: str = "",
) -> Condition:
    """
    The bound form of *condition*.

    Raises:
        QueryError: the checker found errors; it carries all of them.
    """
    checked = check(condition, schema, names=names, parameters=parameters, text=text)
    errors = tuple(d for d in checked.diagnostics if d.severity == "error")
    if errors:
        raise QueryError(text, errors)
    return checked.condition
