"""Rules that set tags: what each night changes, and why."""

from segmentkit.rules import templates
from segmentkit.rules.edits import Difference, Edit, difference
from segmentkit.rules.linter import lint
from segmentkit.rules.night import plan_night
from segmentkit.rules.plan import ByTag, Outcome, Plan
from segmentkit.rules.ports import RuleStore
from segmentkit.rules.preview import Comparison, compare
from segmentkit.rules.rule import BoundRule, InvalidRule, Mode, Rule, bind_rule

__all__ = [
    "BoundRule",
    "ByTag",
    "Comparison",
    "Difference",
    "Edit",
    "InvalidRule",
    "Mode",
    "Outcome",
    "Plan",
    "Rule",
    "RuleStore",
    "bind_rule",
    "compare",
    "difference",
    "lint",
    "plan_night",
    "templates",
]
