"""Rules that set tags: what each night changes, and why."""

from segmentkit.rules import templates
from segmentkit.rules.dependants import used_by
from segmentkit.rules.edits import Difference, Edit, difference
from segmentkit.rules.incremental import plan_next_night
from segmentkit.rules.kept import KeptStore
from segmentkit.rules.linter import lint, lint_tiers
from segmentkit.rules.night import night_end, plan_night
from segmentkit.rules.plan import ByTag, NightRecord, Outcome, Plan
from segmentkit.rules.ports import RuleStore, TimedStore
from segmentkit.rules.preview import Comparison, compare
from segmentkit.rules.retire import retire_rule
from segmentkit.rules.rule import BoundRule, InvalidRule, Mode, Rule, bind_rule
from segmentkit.rules.schedule import LateEffect, due_nights, landing_night, late_effects
from segmentkit.rules.stored import from_json, to_json
from segmentkit.rules.turning import Turn, next_change
from segmentkit.stores import MergingStore

__all__ = [
    "BoundRule",
    "ByTag",
    "Comparison",
    "Difference",
    "Edit",
    "InvalidRule",
    "KeptStore",
    "LateEffect",
    "MergingStore",
    "Mode",
    "NightRecord",
    "Outcome",
    "Plan",
    "Rule",
    "RuleStore",
    "TimedStore",
    "Turn",
    "bind_rule",
    "compare",
    "difference",
    "due_nights",
    "from_json",
    "landing_night",
    "late_effects",
    "lint",
    "lint_tiers",
    "next_change",
    "night_end",
    "plan_next_night",
    "plan_night",
    "retire_rule",
    "templates",
    "to_json",
    "used_by",
]
