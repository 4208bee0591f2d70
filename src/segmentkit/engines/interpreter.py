"""
The interpreter: a condition compiled once to closures, then asked of one contact at a time.

It is the plain reading of the law table and the oracle of every other engine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.engines.closures import NOTHING_NAMED, Test, all_of, any_of, complement
from segmentkit.engines.compiling import Activities
from segmentkit.engines.subject import Subject
from segmentkit.query import (
    Activity,
    Aggregate,
    And,
    Between,
    Call,
    Compare,
    Condition,
    InList,
    InWindow,
    IsMissing,
    Not,
    Or,
    Parameter,
    Path,
    Scope,
    TextMatch,
    Truth,
)


class Interpreter(Activities):
    """
    Compiles bound conditions for one setting; conditions share what they have in common.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from segmentkit.engines import Moment, Setting, SubjectReader
        >>> from segmentkit.model import SYSTEM, Field, FieldType, Schema
        >>> from segmentkit.query import Number
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER)])
        >>> moment = Moment.of(datetime(2026, 1, 1, tzinfo=UTC), UTC)
        >>> adult = Interpreter(Setting(schema, moment)).compile(
        ...     Compare(">=", Path(("age",)), Number(18))
        ... )
        >>> reader = SubjectReader(schema, (), SYSTEM, moment)
        >>> adult(reader.subject("c-17", {"age": 20}, {}))
        True
    """

    @refuse_other_types
    def compile(self, condition: Condition) -> Callable[[Subject], bool]:
        """The condition as a function of a subject."""
        test = self.condition(condition, Scope(self.setting.schema))
        return lambda subject: test(subject, None, NOTHING_NAMED)

    @explain_other_types
    def condition(self, node: Condition, scope: Scope) -> Test:
        match node:
            case And():
                return all_of([self.condition(item, scope) for item in node.items])
            case Or():
                return any_of([self.condition(item, scope) for item in node.items])
            case Not():
                return complement(self.condition(node.operand, scope))
            case Compare():
                return self.compare(node, scope)
            case TextMatch():
                return _unless(node.negated, self.text_match(node, scope))
            case Between():
                return _unless(node.negated, self.between(node, scope))
            case InList():
                return _unless(node.negated, self.in_list(node, scope))
            case InWindow():
                return _unless(node.negated, self.in_window(node, scope))
            case IsMissing():
                return _unless(node.negated, self.is_missing(node, scope))
            case Activity():
                return _unless(node.negated, self.activity(node, scope))
            case Path() | Truth() | Parameter() | Call() | Aggregate():
                get = self.value(node, scope).get
                return lambda subject, here, named: get(subject, here, named) is True
            case _:
                assert_never(node)


def _unless(negated: bool, test: Test) -> Test:
    """A negative form is exactly NOT of the positive one."""
    return complement(test) if negated else test
