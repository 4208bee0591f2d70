"""The words of react-querybuilder, and of ours that its rules can bear, for writer and reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from segmentkit.errors import InvalidValueError
from segmentkit.query import ast

# operator: (operation, negated)
TEXT_OPERATORS: Mapping[str, tuple[ast.TextOperation, bool]] = {
    "contains": ("contains", False),
    "doesNotContain": ("contains", True),
    "beginsWith": ("starts_with", False),
    "doesNotBeginWith": ("starts_with", True),
    "endsWith": ("ends_with", False),
    "doesNotEndWith": ("ends_with", True),
    "like": ("like", False),
    "notLike": ("like", True),
}
# operator: (quantifier, negated)
KEY_OPERATORS: Mapping[str, tuple[ast.Quantifier, bool]] = {
    "has": ("any", False),
    "hasAll": ("all", False),
    "hasNo": ("any", True),
    "hasNotAll": ("all", True),
}
COMPARISONS: tuple[ast.ComparisonOperator, ...] = ("=", "!=", "<", "<=", ">", ">=")
# operator: negated
BETWEEN = {"between": False, "notBetween": True}
IN_LIST = {"in": False, "notIn": True}
IN_WINDOW = {"inWindow": False, "notInWindow": True}
MISSING = {"null": False, "notNull": True}
IS_TRUE = "isTrue"

MATCH_MODES: Mapping[str, ast.FrequencyKind] = {
    "atLeast": "at_least",
    "atMost": "at_most",
    "exactly": "exactly",
}
# Names of functions in an expression that are no functions of ours.
ARITHMETIC: tuple[ast.ArithmeticOperator, ...] = ("+", "-", "*", "/")
AGGREGATES: tuple[ast.AggregateFunction, ...] = (
    "count", "sum", "avg", "min", "max", "distinct", "first", "last",
)  # fmt: skip
NEGATIVE = "negative"
LIST = "list"
RESERVED = frozenset({*ARITHMETIC, *AGGREGATES, NEGATIVE, LIST})

Names: TypeAlias = tuple[str, ...]
_NAME = re.compile(r"(?:`((?:[^`\\]|\\.)+)`|([^.`]+))(\.|$)", re.DOTALL)


def join_names(names: Names) -> str:
    """
    A dotted name; a part that has dots itself stands in backticks.

    Examples:
        >>> join_names(("c", "sku")), join_names(("odd.name",))
        ('c.sku', '`odd.name`')
    """
    return ".".join(map(_written, names))


def _written(name: str) -> str:
    if "." not in name and "`" not in name:
        return name
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def split_names(text: str, place: str) -> Names:
    """The parts of a dotted name."""
    names: list[str] = []
    at = 0
    while at < len(text) or not names:
        found = _NAME.match(text, at)
        if found is None or (found[3] and found.end() == len(text)):
            raise InvalidValueError(text[:60], place, "Give names with dots between them")
        quoted, plain, _ = found.groups()
        names.append(plain or re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))
        at = found.end()
    return tuple(names)
