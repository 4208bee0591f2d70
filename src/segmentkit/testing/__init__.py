"""What hosts test with: random conditions for the laws of the language."""

from segmentkit.testing.strategies import conditions, names, values, windows

__all__ = ["conditions", "names", "values", "windows"]
