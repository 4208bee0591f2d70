"""What is odd about a rule that can be read: contradictions, dead branches, gaps between tiers."""

from segmentkit.rules.linter.lint import lint

__all__ = ["lint"]
