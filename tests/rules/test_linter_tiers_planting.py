"""Tiers that overlap or leave gaps are found, over one measure or several, in every construct."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules.planting import NAMES, SEGMENTS, SHOP

from segmentkit.query import bind, parse
from segmentkit.rules import Rule, lint_tiers


def linted(tiers):
    rules = [Rule(tag=f"{number}", when=query) for number, query in enumerate(tiers, 1)]
    return lint_tiers(rules, SHOP, names=NAMES, segments=SEGMENTS)


MEASURES = {
    "age": "age",
    "income": "income",
    "how often": "count(purchase)",
    "how often lately": "count(purchase in last 30 days)",
    "how much": "sum(purchase.amount)",
    "how much lately": "sum(purchase.amount in last 3 months)",
    "average": "avg(purchase.amount)",
    "highest": "max(purchase.amount)",
    "lowest": "min(purchase.amount)",
    "latest": "last(purchase.amount)",
    "variety": "distinct(purchase.category)",
    "days": "distinct(date(purchase.time) in last 60 days)",
    "of a kind": "count(purchase where (category = '鞋'))",
    "years": "age(birthday)",
    "month": "month(birthday)",
    "share": "count(purchase where (category = '鞋')) / count(purchase) * 100",
    "per item": "sum(purchase.amount) / count(purchase)",
    "difference": "income - monthly_spending",
    "twice": "2 * income + 3",
    "growth": "sum(purchase.amount in last 30 days) - sum(purchase.amount in previous 30 days)",
}
BOUND = {"month": (2, 11), "share": (5, 95), "variety": (1, 12), "days": (1, 12)}


@st.composite
def bands(draw, measure, fault):
    """Bands of a measure from below, whole but for one fault; with who proves it, if anyone does."""
    low, high = BOUND.get(measure, (3, 40))
    edges = sorted(draw(st.lists(st.integers(low, high), min_size=2, max_size=4, unique=True)))
    value = MEASURES[measure]
    ends = [None, *edges, None]
    tiers = [
        " and ".join(
            [f"{value} >= {start}"] * (start is not None) + [f"{value} < {end}"] * (end is not None)
        )
        for start, end in pairwise(ends)
    ]
    place = draw(st.integers(1, len(tiers) - 2))
    start, end = ends[place], ends[place + 1]
    if fault == "overlap":
        tiers[place] = f"{value} between {start} and {end}"
    elif fault == "gap":
        tiers[place] = f"{value} > {start} and {value} < {end}"
    elif fault == "taken out":
        del tiers[place]
    return draw(st.permutations([*tiers, f"{value} is missing"]))


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=6)
@given(data=st.data())
def test_one_fault_in_bands_of_one_measure_is_the_one_that_is_found(measure, data):
    fault = data.draw(st.sampled_from(["none", "overlap", "gap", "taken out"]))
    found = [odd.code for odd in linted(data.draw(bands(measure, fault)))]
    expected = {"none": [], "overlap": ["tiers_overlap"]}.get(fault, ["tiers_gap"])
    assert found == expected


# --- boxes ------------------------------------------------------------------------------------------

RFM = {
    "recency": ["{m} in last 30 days", "{m} in 90 to 30 days ago", "{m} before 90 days ago"],
    "frequency": ["{m} >= 6", "{m} between 3 and 5", "{m} < 3"],
    "money": ["{m} >= 1000", "{m} >= 200 and {m} < 1000", "{m} < 200"],
}
AXES = {
    "recency": "last(purchase.time)",
    "frequency": "count(purchase)",
    "money": "sum(purchase.amount)",
}


def boxes(axes):
    """Everyone, each in one of the boxes of some measures."""
    whole = [""]
    for axis in axes:
        sides = [side.format(m=AXES[axis]) for side in RFM[axis]]
        if axis == "recency":
            sides.append(f"{AXES[axis]} is missing")
        whole = [f"{box} and ({side})".removeprefix(" and ") for box in whole for side in sides]
    return whole


@pytest.mark.parametrize(
    "axes", [("recency", "frequency"), ("frequency", "money"), ("recency", "money")], ids="-".join
)
@settings(max_examples=8)
@given(data=st.data())
def test_a_box_that_is_lacking_or_too_wide_is_found(axes, data):
    whole = boxes(axes)
    # Who never purchased has no recency, did so 0 times and spent nothing.
    real = [box for box in whole if "missing" not in box or box.endswith(("< 3)", "< 200)"))]
    fault = data.draw(st.sampled_from(["none", "lacking", "twice", "wider"]))
    place = data.draw(st.integers(0, len(real) - 1))
    box = real[place]
    tiers = list(real)
    if fault == "lacking":
        tiers.remove(box)
    elif fault == "twice":
        tiers.append(box)
    elif fault == "wider" and "missing" in box:
        return
    elif fault == "wider":
        tiers[place] = box.split(" and (")[0]
    codes = [odd.code for odd in linted(tiers)]
    if fault == "none":
        assert codes == []
    elif fault == "lacking":
        assert len(codes) == 1
        assert codes[0] in ("tiers_gap", "tiers_end")
    else:
        assert set(codes) == {"tiers_overlap"}


def test_boxes_of_three_measures_are_looked_at_whole():
    tiers = boxes(("frequency", "money", "recency"))
    assert [odd.code for odd in linted(tiers[1:])][:1] in (["tiers_gap"], ["tiers_end"])


# --- windows, texts, keys, sequences ------------------------------------------------------------------

FAMILIES = [
    (
        ["added in last 30 days", "added in 90 to 60 days ago", "added before 90 days ago"],
        ["tiers_end", "tiers_gap", "tiers_end"],
    ),
    (["added in last 30 days", "added in 90 to 20 days ago"], ["tiers_overlap"]),
    (["added in last 1 months", "added before 30 days ago"], ["tiers_overlap"]),
    (["added in last 31 days", "added in previous month"], ["tiers_overlap"]),
    (["added in this week", "added in previous week", "added in last 9 days"], ["tiers_overlap"]),
    (
        ["did purchase in last 30 days", "did purchase in last 90 days"],
        ["tiers_overlap", "tiers_end"],
    ),
    (
        [
            "did purchase in last 30 days",
            "did purchase in 90 to 60 days ago and did not purchase in last 60 days",
        ],
        ["tiers_end"],
    ),
    (["birthday < 1990-01-01", "birthday > 1990-01-01"], ["tiers_gap"]),
    (["birthday <= 1990-01-01", "birthday >= 1990-01-01"], ["tiers_overlap"]),
    (["month(birthday) in (1, 2, 3)", "quarter(birthday) in (1, 2)"], ["tiers_overlap"]),
    (["hour(added) >= 18", "hour(added) < 12"], ["tiers_gap"]),
    (
        ["did purchase having (max(amount) <= 100 and sum(amount) >= 1000)", "count(purchase) < 12"],
        ["tiers_overlap"],
    ),
    (["name like '王*明'", "name like '*小*'"], ["tiers_overlap"]),
    (["name like '王*'", "name not like '王*' and name like '*'"], ["tiers_end"]),
    (["name like 'a*b'", "name like 'b*a'", "name not like '?*'"], ["tiers_end"]),
    (["has tag under '等级'", "has tag '等级/VIP'"], ["tiers_overlap"]),
    (["has tag '等级/VIP'", "has tag '等级/普通'"], ["tiers_overlap", "tiers_end"]),
    (["in group under '客户'", "in group under '伙伴'"], ["tiers_overlap", "tiers_end"]),
    (["has tag like '等级*'", "has tag like '意向*'"], ["tiers_overlap"]),
    (["in segment '大叔'", "in segment '少年'"], ["tiers_end"]),
    (["in segment '大叔'", "age >= 50"], ["tiers_overlap"]),
    (["did add_to_cart then did purchase", "did add_to_cart"], ["tiers_overlap"]),
    (["length(name) >= 5", "length(name) between 2 and 5"], ["tiers_overlap"]),
    (["interests contains '茶'", "interests contains '酒'"], ["tiers_overlap"]),
    (["gender = '女'", "gender = '男'", "gender not in ('男', '女')"], []),
    (["income > monthly_spending", "income < monthly_spending"], ["tiers_end"]),
    (
        ["has opportunity where (amount >= 100) having (max(intent) >= 4)", "has opportunity"],
        ["tiers_overlap"],
    ),
    (["first(purchase.time) since 2026-01-01", "last(purchase.time) since 2026-01-01"], ["tiers_overlap"]),
    (["last(purchase.channel) = '直播'", "first(purchase.channel) = '门店'"], ["tiers_overlap"]),
    (["sum(view_material.duration) >= 5 minutes", "sum(view_material.duration) < 1 hours"], ["tiers_overlap"]),
    (["did purchase having (min(amount) < 5 and max(amount) > 10)", "avg(purchase.amount) > 100"], ["tiers_overlap"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [f for f in FAMILIES if f[1] is not None],
    ids=lambda part: "|".join(part)[:60],
)
def test_what_is_planted_in_a_family_is_found(tiers, expected):
    found = [odd.code for odd in linted(tiers)]
    assert set(expected) <= set(found) if expected else not found


# --- whoever is named proves it -----------------------------------------------------------------------


@given(
    st.lists(
        st.sampled_from([tier for family, _ in FAMILIES for tier in family]),
        min_size=2,
        max_size=3,
        unique=True,
    )
)
@settings(max_examples=40)
def test_tiers_and_all_the_others_fit_together(tiers):
    first = tiers[0]
    bind(parse(first), SHOP, names=NAMES)
    assert linted([first, f"not ({first})"]) == ()
