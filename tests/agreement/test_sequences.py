"""Sequences: the columnar engine takes every chain of steps that the interpreter takes."""

from datetime import timedelta

from cases.schema import SHOP
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentkit.engines import Moment, Setting, members
from segmentkit.query import Activity, Compare, Duration, Path, Rolling, Step, Text, bind
from segmentkit.query import format as written
from segmentkit.stores import Row
from segmentkit.testing import RowStore
from segmentkit.testing.people import NOON

EVENTS = ("purchase", "view_product", "add_to_cart")
SKU = st.none() | st.sampled_from("ab").map(lambda sku: Compare("=", Path(("sku",)), Text(sku)))
# Few hours, so that rows meet at one instant and at the very end of `within`.
HOURS = st.integers(0, 8)


@st.composite
def steps(draw):
    """Some steps, of which those that must not happen have a `within` only at the end."""
    drawn = []
    count = draw(st.integers(1, 4))
    for number in range(count):
        negated = draw(st.booleans())
        hours = draw(st.none() | st.integers(0, 4))
        within = None if hours is None or (negated and number < count - 1) else hours
        duration = None if within is None else Duration(within, "hour")
        drawn.append(Step(draw(st.sampled_from(EVENTS)), negated, None, draw(SKU), duration))
    return tuple(drawn)


@st.composite
def sequences(draw):
    window = draw(st.none() | st.integers(1, 8).map(lambda n: Rolling("last", Duration(n, "hour"))))
    start = draw(st.sampled_from(EVENTS))
    return Activity("did", start, where=draw(SKU), window=window, steps=draw(steps()))


@st.composite
def stores(draw):
    rows = {
        name: {
            one: [
                Row(f"{one}{name}{i}", NOON - timedelta(hours=hours), {"sku": sku})
                for i, (hours, sku) in enumerate(
                    draw(st.lists(st.tuples(HOURS, st.sampled_from("ab")), max_size=4))
                )
            ]
            for one in ("c-1", "c-2")
        }
        for name in EVENTS
    }
    return RowStore(SHOP, {"c-1": {}, "c-2": {}, "c-3": {}}, rows)


@settings(max_examples=150)
@given(stores(), st.lists(sequences(), min_size=1, max_size=6))
def test_engines_agree_on_sequences(store, drawn):
    setting = Setting(SHOP, Moment.of(NOON, "UTC"))
    asked = {written(one): bind(one, SHOP) for one in drawn}
    right = members(asked, store, setting, engine="interpreter")
    assert members(asked, store, setting, engine="columnar") == right
