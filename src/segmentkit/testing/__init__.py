"""What hosts test with: random conditions and people for the laws of the language."""

from segmentkit.testing.checked import checked_conditions
from segmentkit.testing.people import people, stored
from segmentkit.testing.row_store import RowStore
from segmentkit.testing.strategies import conditions, names, values, windows

__all__ = [
    "RowStore",
    "checked_conditions",
    "conditions",
    "names",
    "people",
    "stored",
    "values",
    "windows",
]
