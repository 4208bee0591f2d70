"""What hosts implement, and the reference store in memory."""

from segmentkit.stores.ports import CustomerSource, Row

__all__ = ["CustomerSource", "Row"]
