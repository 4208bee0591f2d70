"""An explanation says the verdict, what decided it, and nothing that did not."""

from datetime import UTC, datetime, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from cases.schema import SHOP
from hypothesis import example, given
from hypothesis import strategies as st
from laws.worlds import instant, row

from segmentkit.engines import evaluate, explain
from segmentkit.engines.explanation import Citation, Explanation
from segmentkit.engines.showing import show_number
from segmentkit.query import And, NameTable, Not, Or, parse
from segmentkit.testing import RowStore, checked_conditions, people, stored

AT = datetime(2026, 11, 21, 4, tzinfo=UTC)
ASKED = {"at": AT, "zone": "Asia/Shanghai"}


def one(fields=None, names=None, **rows):
    return RowStore(SHOP, {"c": fields or {}}, {n: {"c": r} for n, r in rows.items()}, names)


def why(query, fields=None, names=None, **rows):
    return explain(query, "c", one(fields, names, **rows), **ASKED)


# --- laws ---------------------------------------------------------------------------------------


def with_ids(crowd):
    """Every row with an id of its own, so that a citation names one row."""
    return {
        name: (
            fields,
            {
                collection: [
                    r._replace(id=r.id or f"{name}-{collection}-n{number}")
                    for number, r in enumerate(rows)
                ]
                for collection, rows in own.items()
            },
        )
        for name, (fields, own) in crowd.items()
    }


def kept_only(store, contact, citations):
    """The store with no rows of the contact but those that are cited."""
    cited = {(c.collection, c.id) for c in citations}
    collections = {
        name: {contact: [r for r in rows.get(contact, ()) if (name, r.id) in cited]}
        for name, rows in store.collections.items()
    }
    return evolve(store, collections=collections)


@example(
    condition=parse("in group where (group = 'a') at least count(group) times"),
    crowd={"c-0": ({}, {"group": [row(group="b")]})},
)
@given(condition=checked_conditions(SHOP), crowd=people(SHOP, max_size=1))
def test_deleting_every_item_that_is_not_cited_leaves_the_verdict(condition, crowd):
    crowd = with_ids(crowd)
    store = RowStore(SHOP, {n: f for n, (f, _) in crowd.items()}, stored(crowd))
    explanation = explain(condition, "c-0", store, **ASKED)
    assert bool(explanation) == evaluate(condition, "c-0", store, **ASKED)
    less = kept_only(store, "c-0", explanation.all_citations())
    assert evaluate(condition, "c-0", less, **ASKED) == explanation.verdict


@given(condition=checked_conditions(SHOP), crowd=people(SHOP, max_size=1))
def test_every_part_says_its_own_verdict_and_is_minimal(condition, crowd):
    crowd = with_ids(crowd)
    store = RowStore(SHOP, {n: f for n, (f, _) in crowd.items()}, stored(crowd))
    waiting = [explain(condition, "c-0", store, **ASKED)]
    while waiting:
        part = waiting.pop()
        waiting += part.because
        assert part.verdict == evaluate(part.condition, "c-0", store, **ASKED)
        match part.condition:
            case Or() if part.verdict:
                (only,) = part.because
                assert only.verdict
            case And() if not part.verdict:
                (only,) = part.because
                assert not only.verdict
            case And(items) | Or(items):
                assert len(part.because) == len(items)
            case Not():
                (only,) = part.because
                assert only.verdict != part.verdict
            case _:
                pass


@given(condition=checked_conditions(SHOP), crowd=people(SHOP, max_size=1))
def test_every_explanation_can_be_shown_in_both_languages(condition, crowd):
    store = RowStore(SHOP, {n: f for n, (f, _) in crowd.items()}, stored(crowd))
    explanation = explain(condition, "c-0", store, **ASKED)
    for lang in ("en", "zh"):
        assert explanation.text(lang).startswith("✓" if explanation else "✗")
        assert explanation.html(lang).startswith("<div>")


FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
DAY = timedelta(days=1)
EDGES = st.sampled_from(
    [FIRST, FIRST + DAY, FIRST + 400 * DAY, AT, LAST - 400 * DAY, LAST - DAY, LAST]
)
EAST_AND_WEST = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"])


def moved(crowd, times):
    """The rows of a crowd, each at one of other times, so that no two of them are one."""
    following = cycle(times)
    return {
        name: (
            fields,
            {c: [r._replace(id="", time=next(following)) for r in rows] for c, rows in own.items()},
        )
        for name, (fields, own) in crowd.items()
    }


@example(
    parse("did purchase"), {"c-0": ({}, {"purchase": [row()]})}, [FIRST], AT, "America/New_York"
)
@example(
    parse("did purchase"), {"c-0": ({}, {"purchase": [row()]})}, [LAST - DAY], LAST, "Asia/Shanghai"
)
@example(parse("count(purchase) = 2"), {"c-0": ({}, {})}, [FIRST], LAST - DAY, "UTC")
@given(
    condition=checked_conditions(SHOP),
    crowd=people(SHOP, max_size=1),
    times=st.lists(EDGES, min_size=1, max_size=4),
    at=EDGES,
    zone=EAST_AND_WEST,
)
def test_the_first_and_the_last_years_are_explained_like_all_others(
    condition, crowd, times, at, zone
):
    crowd = with_ids(moved(crowd, times))
    store = RowStore(SHOP, {n: f for n, (f, _) in crowd.items()}, stored(crowd))
    explanation = explain(condition, "c-0", store, at=at, zone=zone)
    assert bool(explanation) == evaluate(condition, "c-0", store, at=at, zone=zone)
    for lang in ("en", "zh"):
        assert explanation.text(lang).startswith("✓" if explanation else "✗")
        assert explanation.html(lang).startswith("<div>")


# --- what is cited ------------------------------------------------------------------------------

BOUGHT = [row(f"2026-11-{n:02}T10:00", id=f"e{n}", amount=n, sku=f"s{n}") for n in (3, 1, 2)]


def cited(query, **rows):
    return [c.id for c in why(query, **rows).all_citations()]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("did purchase", ["e1"]),
        ("did not purchase", ["e1"]),
        ("did purchase at least 2 times", ["e1", "e2"]),
        ("did purchase fewer than 2 times", ["e1", "e2"]),
        ("did purchase at most 2 times", ["e1", "e2", "e3"]),
        ("did purchase at most 1 time", ["e1", "e2"]),
        ("did purchase exactly 3 times", ["e1", "e2", "e3"]),
        ("did purchase exactly 1 time", ["e1", "e2"]),
        ("did purchase at least 5 times", ["e1", "e2", "e3"]),
        ("did purchase where (amount >= 2) having (sum(amount) >= 5)", ["e2", "e3"]),
        ("did purchase where (sku = 's9')", []),
        ("first(purchase.sku) = 's1'", ["e1"]),
        ("last(purchase.sku) = 's1'", ["e3"]),
        ("max(purchase.amount) >= 3", ["e3"]),
        ("min(purchase.amount where (amount > 1)) = 2", ["e2"]),
        ("sum(purchase.amount) >= 6", ["e1", "e2", "e3"]),
        ("did purchase then did purchase where (sku = 's3')", ["e1", "e3"]),
        ("did purchase where (amount >= 2) having (count() < count(purchase))", ["e2", "e3", "e1"]),
        ("did view_product then did not purchase where (sku = 's1')", ["v", "e1", "e2", "e3"]),
    ],
)
def test_the_fewest_items_that_decide_are_cited(query, ids):
    assert cited(query, purchase=BOUGHT, view_product=[row("2026-10-01T10:00", id="v")]) == ids


def test_of_several_tags_that_are_lacking_one_is_told():
    explanation = why("has all tag ('a', 'b', 'c')", tag=[row(tag="b")])
    (only,) = explanation.because
    assert not only.verdict
    assert str(only.condition.keys.values[0].value) == "a"


def test_of_an_or_the_part_that_costs_least_is_told():
    explanation = why("count(purchase) >= 1 or age > 3 or subscribed", {"age": 5}, purchase=BOUGHT)
    (part,) = explanation.because
    assert part.facts[0].value == "5"
    assert not explanation.all_citations()


def test_a_citation_names_the_event_its_time_and_its_key():
    names = NameTable({"tag": {"t1": "VIP"}})
    (found,) = why(
        "has tag 'VIP'", None, names, tag=[row("2026-11-01T08:00", id=None, tag="t1")]
    ).all_citations()
    assert found == Citation("tag", "", instant("2026-11-01T08:00").astimezone(UTC), "VIP")


# --- as text ------------------------------------------------------------------------------------


def test_a_yes_reads_like_this():
    query = "did purchase in last 90 days having (count() >= 3 and avg(amount) >= 2) and age >= 18"
    assert why(query, {"age": 20}, purchase=BOUGHT).text() == (
        "✓ did purchase in last 90 days having (count() >= 3 and avg(amount) >= 2) and age >= 18\n"
        "├─ ✓ did purchase in last 90 days having (count() >= 3 and avg(amount) >= 2)\n"
        "│    count() = 3\n"
        "│    avg(purchase.amount) = 2\n"
        "│    from 3 items: e1 (2026-11-01 10:00), e2 (2026-11-02 10:00), e3 (2026-11-03 10:00)\n"
        "└─ ✓ age >= 18\n"
        "     age = 20"
    )


def test_a_no_reads_like_this_in_chinese():
    query = "did purchase at least 5 times in last 30 days or city = '福州' or has tag 'VIP'"
    assert why(query, purchase=BOUGHT).text("zh") == (
        "✗ 做过 购买 至少 5 次 最近 30 天 或 城市 = '福州' 或 有 标签 'VIP'\n"
        "├─ ✗ 做过 购买 至少 5 次 最近 30 天\n"
        "│    次数() = 3\n"
        "│    依据 3 条记录:e1 (2026-11-01 10:00)、e2 (2026-11-02 10:00)、e3 (2026-11-03 10:00)\n"
        "├─ ✗ 城市 = '福州'\n"
        "│    城市 = 缺失\n"
        "└─ ✗ 有 标签 'VIP'\n"
        "     没有记录\n"
        "→ 再购买 2 次,不晚于 2026-11-30"
    )


def test_what_was_passed_over_is_counted():
    assert (
        "there are 3, none passes" in why("did purchase where (sku = 'x')", purchase=BOUGHT).text()
    )
    assert "there are none" in why("did purchase").text()
    assert (
        "there is one, which does not pass" in why("did purchase today", purchase=BOUGHT[:1]).text()
    )


def test_times_are_those_of_the_run():
    events = [row("2026-11-20T17:30Z", id="e1")]
    asked = {"at": AT, "zone": "America/New_York"}
    told = explain("did purchase", "c", one(purchase=events), **asked)
    assert "e1 (2026-11-20 12:30)" in told.text()


@pytest.mark.parametrize(
    ("time", "zone", "shown"),
    [
        (FIRST, "UTC", "e1 (0001-01-01)"),
        (FIRST, "America/New_York", "e1 (0001-01-01)"),
        (FIRST, "Asia/Shanghai", "e1 (0001-01-01 08:05)"),
        (LAST - DAY, "Asia/Shanghai", "e1 (9999-12-31 07:59)"),
        (LAST - DAY, "America/New_York", "e1 (9999-12-30 18:59)"),
    ],
)
def test_years_have_four_digits_and_stay_in_the_calendar(time, zone, shown):
    events = [row(time, id="e1")]
    assert shown in explain("did purchase", "c", one(purchase=events), at=LAST, zone=zone).text()
    added = f"added = {shown[4:-1]}"
    known = explain("added is known", "c", one({"added": time}), at=LAST, zone=zone)
    assert added in known.text()


def test_an_explanation_without_a_zone_speaks_in_utc():
    told = Explanation(parse("did purchase"), True, citations=(Citation("purchase", "e1", AT),))
    assert "e1 (2026-11-21 04:00)" in told.text()


def test_more_than_three_items_are_summed_up():
    events = [row(f"2026-11-{n:02}", id=f"e{n}") for n in range(1, 8)]
    assert "e3 (2026-11-03) and 4 more" in why("count(purchase) = 7", purchase=events).text()
    assert "等,另有 4 条" in why("count(purchase) = 7", purchase=events).text("zh")


@pytest.mark.parametrize(
    ("value", "shown"), [("1/3", "0.3333"), ("5", "5"), ("1/4", "0.25"), ("-200/3", "-66.6667")]
)
def test_quotients_are_shown_with_four_digits_at_most(value, shown):
    from fractions import Fraction

    assert show_number(Fraction(value)) == shown


# --- as HTML ------------------------------------------------------------------------------------


def test_every_text_in_the_html_is_escaped():
    nasty = "<script>alert('x') & \"y\"</script>"
    names = NameTable({"tag": {"t1": nasty}})
    store = one({"city": nasty}, names, tag=[row("2026-11-01", id=nasty, tag="t1")])
    told = explain("city = $x and has tag $x", "c", store, parameters={"x": nasty}, **ASKED)
    assert told.verdict
    for page in (told.html(), told.html("zh"), told._repr_html_()):
        assert "<script>" not in page
        assert page.count("<div") == page.count("</div>")
        assert "&lt;script&gt;" in page


def test_the_html_says_what_the_text_says():
    told = why("did purchase at least 5 times in last 30 days", purchase=BOUGHT)
    for line in ("count() = 3", "purchase 2 more times, by 2026-11-30", "✗"):
        assert line in told.html()


def test_the_kinds_of_values_are_shown_as_people_write_them():
    person = {
        "birthday": datetime(1996, 2, 29).date(),
        "added": datetime(2026, 1, 1, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
        "interests": ("茶", "咖啡"),
        "balance": 12,
        "subscribed": True,
    }
    for query, shown in {
        "birthday is known": "birthday = 1996-02-29",
        "added is known": "added = 2026-01-01 08:30",
        "interests is known": "interests = 茶, 咖啡",
        "balance is known": "balance = 12.00",
        "subscribed": "subscribed = True",
        "city is missing": "city = missing",
    }.items():
        assert shown in why(query, person).text()
