"""What is odd about a rule that can be read: contradictions, dead branches, gaps between tiers."""

from segmentkit.rules.linter.lint import lint
from segmentkit.rules.linter.tiers import lint_tiers

__all__ = ["lint", "lint_tiers"]
