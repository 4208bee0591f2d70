"""
Conditions written in Python, for those who would rather not write text; the tree is the same.

    from segmentkit.query.builder import did, field, last, total

    did("purchase").where(field("category") == "鞋").last(days=90).having(total("amount") >= 1000)

A name with a dot is a path: `field("c.sku")` is the field `sku` of the step named `c`. A name that
has dots itself is given as a tuple of names: `field(("odd.name",))`.
"""

from segmentkit.query.builder.activities import (
    ActivityBuilder,
    did,
    did_not,
    has,
    has_no,
    in_,
    not_in,
)
from segmentkit.query.builder.fields import (
    AggregateExpression,
    average,
    call,
    count,
    distinct,
    field,
    first_of,
    highest,
    last_of,
    lowest,
    parameter,
    total,
)
from segmentkit.query.builder.time import (
    ago,
    before,
    duration,
    from_to,
    last,
    next_,
    on,
    previous,
    since,
    this,
    today,
    yesterday,
)
from segmentkit.query.builder.values import (
    Built,
    Conditional,
    ConditionLike,
    Expression,
    all_of,
    any_of,
    as_condition,
)

__all__ = [
    "ActivityBuilder",
    "AggregateExpression",
    "Built",
    "ConditionLike",
    "Conditional",
    "Expression",
    "ago",
    "all_of",
    "any_of",
    "as_condition",
    "average",
    "before",
    "call",
    "count",
    "did",
    "did_not",
    "distinct",
    "duration",
    "field",
    "first_of",
    "from_to",
    "has",
    "has_no",
    "highest",
    "in_",
    "last",
    "last_of",
    "lowest",
    "next_",
    "not_in",
    "on",
    "parameter",
    "previous",
    "since",
    "this",
    "today",
    "total",
    "yesterday",
]
