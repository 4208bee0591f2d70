"""What hosts implement, and the reference store in memory."""

from segmentkit.stores.directory import StateNames
from segmentkit.stores.memory import Applicable, MemoryStore
from segmentkit.stores.ports import (
    CustomerSource,
    MergingStore,
    News,
    RevisedStore,
    Row,
    Store,
    contact_today,
)

__all__ = [
    "Applicable",
    "CustomerSource",
    "MemoryStore",
    "MergingStore",
    "News",
    "RevisedStore",
    "Row",
    "StateNames",
    "Store",
    "contact_today",
]
