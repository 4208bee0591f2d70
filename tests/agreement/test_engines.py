"""The columnar engine gives what the interpreter gives: for anyone, at any instant, to anyone."""

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from attrs import evolve, frozen
from cases.schema import SHOP
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from segmentkit.engines import Moment, Setting, members
from segmentkit.engines.columnar import (
    Population,
    compile_batch,
    exact,
    finder,
    measures,
    plain,
    run,
    tallies,
    values,
)
from segmentkit.engines.columnar import members as sets
from segmentkit.engines.columnar.compile import Compiler
from segmentkit.engines.columnar.members import Every
from segmentkit.engines.columnar.partition import Partition
from segmentkit.engines.columnar.places import NobodyPlace
from segmentkit.engines.columnar.tallies import Counter
from segmentkit.engines.columnar.vectors import missing
from segmentkit.model import SYSTEM, Role, Viewer
from segmentkit.query import Condition, bind, parse
from segmentkit.query import format as written
from segmentkit.testing import RowStore, checked_conditions, people, stored
from segmentkit.testing.people import NOON

ZONES = [
    "Asia/Shanghai",
    "UTC",
    "America/New_York",  # days of 23 and 25 hours
    "Pacific/Apia",  # a date that never was
    "America/Sao_Paulo",  # days that begin at one
    "Asia/Kathmandu",
]
VIEWERS = [
    SYSTEM,
    Viewer("li.lei", Role.STAFF),
    Viewer("li.lei", Role.STAFF, frozenset({"han.mm"})),
    Viewer("boss", Role.LEADER),
]
SEGMENTS = ("s1", "s2")
# Collections that have rows; the fewer there are, the more each has.
CROWDED = ("purchase", "view_product", "tag", "list", "opportunity", "address")
# Asked in every case, besides what is drawn.
POINTED = """
sum(purchase.amount) > 1
sum(purchase.amount in last 30 days) = 1
avg(purchase.amount) > 0.5
sum(purchase.quantity) / count(purchase) > 1
min(purchase.amount) < 1
max(purchase.amount) > 1
min(purchase.weight) < 0.2
sum(purchase.weight) >= 0.3
first(purchase.category) = 'a'
last(purchase.category) = 'a'
first(purchase.gift)
distinct(purchase.category) = 1
distinct(purchase.amount) = 1
distinct(purchase.coupons) = 2
distinct(date(purchase.time)) = 1
has tag
has tag 'a'
has no tag where (source = 'staff')
in list
did purchase as p then did view_product where (category = p.category)
did purchase then did not view_product within 7 days
did view_product then did not purchase then did view_product
avg(purchase.handling) > 29 seconds
abs(age) = 1
-age > 0
-sum(purchase.quantity) > 0
""".strip().splitlines()
# How few is few: as it is, never, always. The two ways of counting must not differ.
FEW = {"as it is": None, "all counted densely": 10**9, "all counted sparsely": 0}


@frozen(repr=False)
class Case:
    """People, questions about them, and the run in which they are asked."""

    store: RowStore
    conditions: Mapping[str, Condition]
    setting: Setting


@st.composite
def cases(draw, count: int = 7) -> Case:
    at = NOON + draw(st.sampled_from([timedelta(0), timedelta(hours=12), timedelta(days=-200)]))
    moment = Moment.of(at, ZoneInfo(draw(st.sampled_from(ZONES))), SHOP.week_starts)
    segments = {name: draw(checked_conditions(SHOP, depth=1)) for name in SEGMENTS}
    setting = Setting(SHOP, moment, draw(st.sampled_from(VIEWERS)), segments=segments)
    asked = checked_conditions(SHOP, depth=2, segments=SEGMENTS)
    conditions = {f"q{i}": draw(asked) for i in range(count)}
    conditions |= {text: bind(parse(text), SHOP) for text in POINTED}
    crowd = draw(people(SHOP, max_size=4, collections=CROWDED))
    fields = {one: values for one, (values, _) in crowd.items()}
    return Case(RowStore(SHOP, fields, stored(crowd)), conditions, setting)


def disagreements(case: Case) -> dict[str, str]:
    """The conditions about which the two engines differ, whichever way rows are counted."""
    conditions, setting, store = case.conditions, case.setting, case.store
    right = members(conditions, store, setting, engine="interpreter")
    population = Population.from_source(store)
    batch = compile_batch(conditions, setting)
    wrong = {}
    with pytest.MonkeyPatch.context() as patch:
        for few in FEW.values():
            if few is not None:
                patch.setattr(tallies, "SPARSE", few)
                patch.setattr(sets, "SPARSE", few)
            found = batch.evaluate(population).ids()
            for name in right:
                if right[name] != found[name]:
                    wrong[written(conditions[name])] = f"{right[name]} are right, not {found[name]}"
    return wrong


@settings(max_examples=60)
@given(cases())
def test_engines_agree(case):
    wrong = disagreements(case)
    assert not wrong, "\n".join(f"{text}: {verdicts}" for text, verdicts in wrong.items())


@pytest.mark.slow
@settings(max_examples=3_400)
@given(cases())
def test_engines_agree_on_a_hundred_thousand_questions(case):
    wrong = disagreements(case)
    assert not wrong, "\n".join(f"{text}: {verdicts}" for text, verdicts in wrong.items())


# --- planted faults -----------------------------------------------------------------------------


FAULTS = {
    "more than means at least": (exact, "RELATIONS", lambda r: {**r, ">": np.greater_equal}),
    "at least means more than": (exact, "RELATIONS", lambda r: {**r, ">=": np.greater}),
    "at most means less than": (exact, "RELATIONS", lambda r: {**r, "<=": np.less}),
    "scales are not evened out": (exact, "scaled", lambda f: lambda number, factor: number),
    "quotients are rounded down": (
        values, "_RATIO_OPERATIONS",
        lambda r: {**r, "/": lambda a, b: _floored(r["/"](a, b))},
    ),
    "what is missing is zero": (plain, "_known", lambda f: lambda vector: np.array(True)),
    "a test of false texts": (plain.Words, "holds", lambda f: lambda self, texts: ~f(self, texts)),
    "windows end a row late": (
        Partition, "between",
        lambda f: lambda self, start, end: slice(
            f(self, start, end).start, min(len(self), f(self, start, end).stop + 1)
        ),
    ),
    "windows begin a row late": (
        Partition, "between",
        lambda f: lambda self, start, end: slice(
            min(f(self, start, end).start + 1, f(self, start, end).stop), f(self, start, end).stop
        ),
    ),
    "private rows are seen": (finder, "visible_rows", lambda f: lambda *given: None),
    "the first is the last": (
        measures, "_edges",
        lambda f: lambda groups, values, measure: f(
            groups, values, evolve(measure, function="last")
        ),
    ),
    "each value is distinct": (
        measures, "_distinct", lambda f: lambda groups, values: measures._counts(groups)
    ),
    "the least is the greatest": (
        measures, "_extremes", lambda f: lambda groups, values, function: f(groups, values, "max")
    ),
    "sums are counts": (
        measures, "_sums", lambda f: lambda groups, values: measures._counts(groups)
    ),
    "averages count missing values": (
        Counter, "_mean", lambda f: lambda self, measure: self.tally(measure.parts[0])
    ),
    "a complement is itself": (run, "inverse", lambda f: lambda members, scratch: members),
    "a union is its first": (run, "union", lambda f: lambda sets, size: sets[0]),
    "nobody outside of a measure passes": (
        NobodyPlace, "measure", lambda f: lambda self, measure: missing(measure.result)
    ),
    "between leaves out its ends": (
        plain, "every",
        lambda f: lambda tests: plain.some(tests) if len(tests) == 2 else f(tests),
    ),
    "absolute values keep their sign": (values, "_absolute", lambda f: lambda vector: vector),
    "minus is plus": (values, "_negative", lambda f: lambda vector: vector),
    "segments are everyone": (Compiler, "_one_segment", lambda f: lambda self, value: Every(())),
    "keys are not looked at": (
        Compiler, "_key_test", lambda f: lambda self, collection, keys: plain.every([])
    ),
}  # fmt: skip


def _floored(ratio):
    whole = ratio.top.values // np.where(ratio.bottom.values == 0, 1, ratio.bottom.values)
    top = evolve(ratio.top, values=np.asarray(whole))
    return evolve(ratio, top=top, bottom=evolve(ratio.bottom, values=np.array(1)))


@pytest.fixture(scope="module")
def pool():
    """Some hundred cases with the right answers."""
    found = []

    @settings(max_examples=400, phases=[Phase.generate], database=None, derandomize=True)
    @given(cases())
    def draw(case):
        right = members(case.conditions, case.store, case.setting, engine="interpreter")
        found.append((case, Population.from_source(case.store), right))

    draw()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault, pool, monkeypatch):
    place, name, change = FAULTS[fault]
    original = getattr(place, name)
    changed = change(original)
    monkeypatch.setattr(place, name, changed)
    for other in (exact, plain, values):  # functions that were imported by name
        if getattr(other, name, None) is original:
            monkeypatch.setattr(other, name, changed)
    assert any(_is_wrong(*one) for one in pool)


def _is_wrong(case, population, right) -> bool:
    try:
        return compile_batch(case.conditions, case.setting).evaluate(population).ids() != right
    except (AssertionError, IndexError, TypeError, ValueError, AttributeError):
        return True
