"""
Conditions as the JSON of react-querybuilder 8, the visual builder that most web hosts use.

A contact's field is a rule, a collection a rule with `match` and a nested group over its rows, a
membership's keys a rule with a list. What the builder has no place for of its own (windows, totals,
steps) stands in the rule's `meta`, which it keeps; `docs/query-builder.md` shows all of it.
"""

from __future__ import annotations

from segmentkit.arguments import refuse_other_types
from segmentkit.model import Schema
from segmentkit.query.ast import Condition
from segmentkit.query.builder import ConditionLike, as_condition
from segmentkit.query.json_coding.parts import Json
from segmentkit.query.query_building.fields import fields_for_query_builder
from segmentkit.query.query_building.reading import Reader
from segmentkit.query.query_building.writing import write_root

__all__ = ["fields_for_query_builder", "from_query_builder", "to_query_builder"]


def to_query_builder(node: ConditionLike) -> dict[str, Json]:
    """
    *node* as a rule group of react-querybuilder.

    `from_query_builder` gives an equal condition back.

    Raises:
        NotExpressibleError: a part that the builder cannot hold; `value` says what, `place` where.

    Examples:
        >>> from segmentkit.query import parse
        >>> group = to_query_builder(parse("city = '福州' and age >= 18"))
        >>> group["combinator"], group["rules"][1]
        ('and', {'field': 'age', 'operator': '>=', 'valueSource': 'value', 'value': 18})
    """
    return write_root(as_condition(node))


@refuse_other_types
def from_query_builder(data: object, *, schema: Schema | None = None) -> Condition:
    """
    The condition that a rule group of react-querybuilder means.

    Args:
        data: decoded JSON. Ids, paths and muted rules play no part.
        schema: reads what a builder's editors leave open: that a text is a date or a number because
            of its field, and the verb of a collection. Without it values are taken as they are.

    Raises:
        InvalidValueError: what cannot be read, with its place.

    Examples:
        >>> from_query_builder(
        ...     {
        ...         "combinator": "and",
        ...         "rules": [{"field": "city", "operator": "=", "value": "福州"}],
        ...     }
        ... )
        Compare(operator='=', left=Path(names=('city',)), right=Text(value='福州'), exactly=False)
    """
    return Reader(schema).root(data)
