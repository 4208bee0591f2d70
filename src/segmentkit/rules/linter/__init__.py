"""What is odd about a rule that can be read: contradictions, dead branches, gaps between tiers."""
