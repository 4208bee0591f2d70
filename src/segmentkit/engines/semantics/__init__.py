"""
The law table: what every word of the language means.

Every engine takes its meaning from here and adds none of its own. Inside the engines a value is
plain and a missing one is None:

| kind | held as |
|---|---|
| TEXT | the text as stored; blank text is missing |
| INTEGER, DECIMAL, MONEY | an integer: the value times ten to the field's scale |
| a quotient of exact numbers | a Fraction, the value itself |
| FLOAT | a float; NaN is missing |
| BOOLEAN | a bool |
| DATE | proleptic ordinal of the day |
| INSTANT, DURATION | microseconds |
| TEXT_LIST | a tuple of non-blank texts; empty is missing |
"""

from segmentkit.engines.semantics.held import (
    Held,
    Holder,
    Scalar,
    held_decimal,
    holder,
    scaled_integer,
)
from segmentkit.engines.semantics.keys import key_test
from segmentkit.engines.semantics.laws import (
    COMPARISONS,
    OPERATIONS,
    distinct_count,
    glob_matches,
    mean,
    text_test,
    to_float,
    total,
)
from segmentkit.engines.semantics.moment import (
    MONTHS_IN,
    SECOND,
    UNIT_SECONDS,
    Moment,
    WeekStart,
    date_bounds,
    date_window,
    elapsed,
    point_instant,
    row_window,
    window_bounds,
)

__all__ = [
    "COMPARISONS",
    "MONTHS_IN",
    "OPERATIONS",
    "SECOND",
    "UNIT_SECONDS",
    "Held",
    "Holder",
    "Moment",
    "Scalar",
    "WeekStart",
    "date_bounds",
    "date_window",
    "distinct_count",
    "elapsed",
    "glob_matches",
    "held_decimal",
    "holder",
    "key_test",
    "mean",
    "point_instant",
    "row_window",
    "scaled_integer",
    "text_test",
    "to_float",
    "total",
    "window_bounds",
]
