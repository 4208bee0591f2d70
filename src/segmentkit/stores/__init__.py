"""What hosts implement, and the reference store in memory."""

from segmentkit.stores.directory import StateNames
from segmentkit.stores.memory import Applicable, MemoryStore
from segmentkit.stores.ports import CustomerSource, News, RevisedStore, Row, Store

__all__ = [
    "Applicable",
    "CustomerSource",
    "MemoryStore",
    "News",
    "RevisedStore",
    "Row",
    "StateNames",
    "Store",
]
