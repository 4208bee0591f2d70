"""
Does a condition make sense for a schema, and what do its names mean?

One walk finds every fault, resolves each name to its canonical one, each tag, group or segment name
to an id, each parameter to its value, and so turns a condition as it was written (in any language)
into the one that engines compute.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from segmentkit.model import Schema
from segmentkit.query.ast import Condition
from segmentkit.query.checking import Conditions
from segmentkit.query.diagnostics import Diagnostic, QueryError
from segmentkit.query.names import Names
from segmentkit.query.types import (
    Scope,
)


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


def check(
    condition: Condition,
    schema: Schema,
    *,
    names: Names | None = None,
    parameters: Mapping[str, object] | None = None,
    text: str = "",
) -> Checked:
    """
    Everything that is wrong or doubtful about *condition*, and its bound form.

    Args:
        condition: as parsed, built or loaded.
        schema: what the contacts and collections of the host look like.
        names: knows the ids of tags, groups, segments; without it their texts stand for themselves.
        parameters: a value for each `$name`, or a FieldType that promises one; None leaves
            parameters open and unchecked.
        text: what the condition was parsed from; fixes quote it.

    Examples:
        >>> from segmentkit.model import Field, FieldType
        >>> from segmentkit.query import format, parse
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER, aliases=("年龄",))])
        >>> format(check(parse("年龄 > 18"), schema).condition)
        'age > 18'
    """
    checker = Conditions(schema, names, parameters, text)
    bound = checker.condition(condition, Scope(schema))
    found = sorted(checker.found, key=lambda d: (d.span, d.code))
    return Checked(bound, tuple(found))


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
