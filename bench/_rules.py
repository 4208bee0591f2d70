"""
The two sets of a hundred rules over W, said once for all rivals.

Each rival turns these specifications into what it runs: a condition of the language, SQL written as
a person would, Polars expressions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from _workload import CATEGORIES, CITIES, KEYWORDS, TAGS

from segmentkit.query import (
    Activity,
    Aggregate,
    And,
    Compare,
    Condition,
    Duration,
    Frequency,
    InList,
    Keys,
    Not,
    Number,
    Or,
    Path,
    Rolling,
    Text,
    TextMatch,
    Value,
    Window,
)


@dataclass(frozen=True)
class Measure:
    """A count or a sum over the events of one type."""

    function: str
    type: str
    field: str | None = None
    category: int | None = None
    least_seconds: int | None = None
    least_amount: int | None = None
    keyword: str | None = None
    days: int | None = None

    @property
    def filter(self) -> tuple[object, ...]:
        """What rows it takes, whatever their time."""
        return (
            self.type, self.category, self.least_seconds, self.least_amount, self.keyword,
        )  # fmt: skip


@dataclass(frozen=True)
class Total:
    """A measure against a number."""

    measure: Measure
    operator: str
    value: int


@dataclass(frozen=True)
class Mean:
    """At least one event, with an average of at least so much."""

    type: str
    field: str
    days: int | None
    value: int

    @property
    def count(self) -> Measure:
        return Measure("count", self.type, days=self.days)

    @property
    def sum(self) -> Measure:
        return Measure("sum", self.type, self.field, days=self.days)


@dataclass(frozen=True)
class Attribute:
    name: str
    operator: str
    value: int | tuple[int, ...]


@dataclass(frozen=True)
class Tag:
    number: int


@dataclass(frozen=True)
class All:
    parts: tuple[Rule, ...]


@dataclass(frozen=True)
class Either:
    parts: tuple[Rule, ...]


@dataclass(frozen=True)
class No:
    part: Rule


Rule: TypeAlias = Total | Mean | Attribute | Tag | All | Either | No


def _count(type_: str, least: int, **more: object) -> Total:
    return Total(Measure("count", type_, **more), ">=", least)  # pyright: ignore[reportArgumentType]


def _sum(type_: str, field: str, least: int, **more: object) -> Total:
    return Total(Measure("sum", type_, field, **more), ">=", least)  # pyright: ignore[reportArgumentType]


def _all(*parts: Rule) -> All:
    return All(parts)


def narrow() -> list[Rule]:
    """Rules as the templates make them: some thousands of members each."""
    rules: list[Rule] = []
    for days in (7, 30, 90):
        for count, seconds in ((2, 60), (3, 120), (5, 300), (8, 300), (10, 600)):
            rules.append(
                _all(_count("view", count, days=days), _sum("view", "seconds", seconds, days=days))
            )
    rules += [
        _count(
            "view", 1 + i % 3, category=(i * 7) % 60, least_seconds=10, days=(30, 90, 180)[i % 3]
        )
        for i in range(15)
    ]
    rules += [
        _count("opportunity", 1, least_amount=amount, days=90)
        for amount in (5_000, 10_000, 20_000, 50_000, 100_000)
    ]
    rules += [
        Either((_count("message", 1, keyword=word, days=days), _count("add_to_cart", 2, days=days)))
        for word in KEYWORDS
        for days in (7, 30, 90)
    ]
    for i in range(20):
        some = {"category": (i * 9) % 80, "days": (30, 90, 180, 365)[i % 4]}
        rules.append(
            _all(
                _count("purchase", 1 + (i % 4) // 2, **some),
                _sum("purchase", "amount", 10_000 + 5_000 * (i % 4), **some),
            )
        )
    for days in (14, 30, 60, 90, 180):
        for count, amount in ((2, 10_000), (4, 20_000)):
            rules.append(
                _all(_count("purchase", count, days=days), Mean("purchase", "amount", days, amount))
            )
    for count, amount in ((1, 50_000), (2, 100_000), (3, 100_000), (5, 200_000), (8, 500_000)):
        rules.append(_all(_sum("purchase", "amount", amount), _count("purchase", count)))
    for days, count in ((30, 1), (90, 1), (90, 2), (180, 2), (180, 3)):
        rules.append(_count("fission", count, days=days))
    for days in (30, 60, 90, 120, 180):
        none = Total(Measure("count", "purchase", days=days), "=", 0)
        rules.append(_all(none, _count("purchase", 1)))
    for type_, days in (
        ("join_chat", 7), ("join_chat", 30), ("add_staff", 7), ("add_staff", 30), ("share", 30),
    ):  # fmt: skip
        rules.append(_count(type_, 1, days=days))
    return _among_some(rules)


def broad() -> list[Rule]:
    """Rules of low thresholds: tens of thousands of members each."""
    rules: list[Rule] = []
    for type_ in ("message", "view", "add_to_cart", "purchase", "click"):
        for days in (30, 90, 180, None):
            for k in (1, 2, 3, 5, 8):
                if type_ == "view" and k in (3, 8):
                    rules.append(
                        _all(_sum("view", "seconds", 30 * k, days=days),
                             _count("view", 1, days=days))
                    )  # fmt: skip
                elif type_ in ("purchase", "add_to_cart") and k >= 3:
                    rules.append(
                        _all(_sum(type_, "amount", 5_000 * k, days=days),
                             _count(type_, 1, days=days))
                    )  # fmt: skip
                else:
                    rules.append(_count(type_, k, days=days))
    return _among_some(rules)


def _among_some(rules: list[Rule]) -> list[Rule]:
    """Every third of some cities and levels, every third by tag and age, every third of all."""
    found: list[Rule] = []
    for i, rule in enumerate(rules):
        if i % 3 == 0:
            cities = tuple((i + j) % 40 for j in range(8))
            rule = _all(rule, Attribute("city", "in", cities), Attribute("level", ">=", 2 + i % 3))
        elif i % 3 == 1:
            tags = Either((Tag(i % 60), Tag((i * 5 + 3) % 300))) if i % 2 else No(Tag(i % 30))
            rule = _all(rule, tags, Attribute("age", ">=", 18 + i % 10))
        found.append(rule)
    assert len(found) == 100
    return found


def with_other_windows(rule: Rule, more: int) -> Rule:
    """The rule with windows longer by some days: another rule of the same kind."""
    match rule:
        case Total():
            days = rule.measure.days
            longer = None if days is None else days + more
            return replace(rule, measure=replace(rule.measure, days=longer))
        case Mean():
            return replace(rule, days=None if rule.days is None else rule.days + more)
        case All() | Either():
            return replace(rule, parts=tuple(with_other_windows(p, more) for p in rule.parts))
        case No():
            return No(with_other_windows(rule.part, more))
        case Attribute() | Tag():
            return rule


# --- in the language ----------------------------------------------------------------------------


def condition(rule: Rule) -> Condition:
    """The rule as a bound condition."""
    match rule:
        case Total():
            return _total(rule)
        case Mean():
            least = Compare(">=", Aggregate("avg", (rule.field,)), _amount(rule.value))
            return Activity("did", rule.type, window=_window(rule.days), having=least)
        case Attribute("city", "in", value):
            assert isinstance(value, tuple)
            return InList(Path(("city",)), tuple(Text(CITIES[code]) for code in value))
        case Attribute():
            assert isinstance(rule.value, int)
            return Compare(">=", Path((rule.name,)), Number(rule.value))
        case Tag():
            return Activity("has", "tag", keys=Keys((Text(TAGS[rule.number]),)))
        case All():
            return And(tuple(condition(part) for part in rule.parts))
        case Either():
            return Or(tuple(condition(part) for part in rule.parts))
        case No():
            return Not(condition(rule.part))


def _total(rule: Total) -> Condition:
    measure = rule.measure
    if measure.function == "count":
        times = {">=": "at_least", "=": "exactly"}[rule.operator]
        return Activity(
            "did",
            measure.type,
            where=_where(measure),
            window=_window(measure.days),
            frequency=Frequency(times, Number(rule.value)),  # pyright: ignore[reportArgumentType]
        )
    field = "duration" if measure.field == "seconds" else "amount"
    value: Value = Duration(rule.value, "second") if field == "duration" else _amount(rule.value)
    path = (measure.type, field)
    total = Aggregate("sum", path, where=_where(measure), window=_window(measure.days))
    return Compare(">=", total, value)


def _amount(cents: int) -> Number:
    assert cents % 100 == 0
    return Number(cents // 100)


def _window(days: int | None) -> Window | None:
    return None if days is None else Rolling("last", Duration(days, "day"))


def _where(measure: Measure) -> Condition | None:
    parts: list[Condition] = []
    if measure.category is not None:
        parts.append(Compare("=", Path(("category",)), Text(CATEGORIES[measure.category])))
    if measure.least_seconds is not None:
        parts.append(Compare(">=", Path(("duration",)), Duration(measure.least_seconds, "second")))
    if measure.least_amount is not None:
        parts.append(Compare(">=", Path(("amount",)), _amount(measure.least_amount)))
    if measure.keyword is not None:
        parts.append(TextMatch("contains", Path(("text",)), (Text(measure.keyword),)))
    if len(parts) > 1:
        return And(tuple(parts))
    return parts[0] if parts else None


def measures_of(rule: Rule) -> list[Measure]:
    """Every measure of a rule, without repetitions."""
    match rule:
        case Total():
            return [rule.measure]
        case Mean():
            return [rule.sum, rule.count]
        case All() | Either():
            return list(dict.fromkeys(m for part in rule.parts for m in measures_of(part)))
        case No():
            return measures_of(rule.part)
        case Attribute() | Tag():
            return []
