"""Ready-made conditions: templates, behaviours and banded families."""
