"""The checker's walk, from names over values and activities to conditions."""

from segmentkit.query.checking.conditions import Conditions

__all__ = ["Conditions"]
