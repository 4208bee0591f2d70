"""What is true: schema, contacts, groups, tags, events, and every change to them."""

from segmentkit.model.event import Event
from segmentkit.model.schema import (
    MEMBERSHIPS,
    NUMERIC_TYPES,
    Collection,
    Field,
    FieldType,
    Schema,
)
from segmentkit.model.time import (
    EPOCH,
    FIRST_INSTANT,
    LAST_INSTANT,
    as_instant,
    as_zone,
    day_start,
    from_microseconds,
    local_date,
    local_instant,
    local_time,
    shift_days,
    shift_months,
    to_microseconds,
)

__all__ = [
    "EPOCH",
    "FIRST_INSTANT",
    "LAST_INSTANT",
    "MEMBERSHIPS",
    "NUMERIC_TYPES",
    "Collection",
    "Event",
    "Field",
    "FieldType",
    "Schema",
    "as_instant",
    "as_zone",
    "day_start",
    "from_microseconds",
    "local_date",
    "local_instant",
    "local_time",
    "shift_days",
    "shift_months",
    "to_microseconds",
]
