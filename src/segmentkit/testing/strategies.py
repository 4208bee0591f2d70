"""
Hypothesis strategies over the condition tree.

`conditions()` draws any condition that a text can say, of any shape and over any names: for laws
of syntax, like the round trips. It knows no schema, so most of what it draws fails the checker.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from segmentkit.query import (
    Activity,
    Aggregate,
    AggregateFunction,
    Ago,
    And,
    Arithmetic,
    ArithmeticOperator,
    Before,
    Between,
    Calendar,
    Call,
    Compare,
    ComparisonOperator,
    Condition,
    Date,
    Duration,
    Frequency,
    FrequencyKind,
    InList,
    InWindow,
    IsMissing,
    KeyPattern,
    Keys,
    LocalTime,
    Negative,
    Not,
    Number,
    On,
    Or,
    Parameter,
    Path,
    Point,
    Quantifier,
    Range,
    Rolling,
    Since,
    Step,
    Text,
    TextMatch,
    TextOperation,
    TimeUnit,
    Truth,
    Value,
    Verb,
    Window,
)

__all__ = ["conditions", "names", "values", "windows"]

_T = TypeVar("_T")

# Names that a careless printer or reader would take for something else.
_TRICKY_NAMES = (
    "and", "OR", "not", "in", "did", "has", "last", "first", "count", "at", "least", "time", "to",
    "true", "missing", "any", "under", "contact", "today", "month", "where", "the", "isn",
    "且", "或者", "做过", "有", "在", "在线", "最近", "最近30天", "次", "次数", "前", "内", "天", "本月",
    "是", "是否会员", "真", "真名", "或者2", "自2026", "标签", "年龄", "first name", "a.b", "a-b",
    "2nd", "`", "\\", "'", "#", "$", "(", "（", "，", "，、", "\n", "\t", "\u3000", "\u200b", "é", "ﬁ",
)  # fmt: skip


# Each strategy is built once for each depth, because building is the slow part of drawing; and the
# public ones are composites, because the repr of trees within trees is longer than anyone reads.


@st.composite
def names(draw: st.DrawFn) -> str:
    """Names of anything: plain ones, words of the language, and whatever needs backticks."""
    return draw(_names())


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Every kind of window."""
    return draw(_windows())


@st.composite
def values(draw: st.DrawFn, depth: int = 2) -> Value:
    """Values of any shape; at most *depth* of them stand in one another."""
    return draw(_values(depth))


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> Condition:
    """
    Conditions of any shape, each of which some text says.

    Args:
        depth: how many may stand in one another.

    Examples:
        >>> from hypothesis import given
        >>> from segmentkit.query import format, parse
        >>> @given(conditions())
        ... def test_a_condition_reads_as_it_was_printed(condition):
        ...     assert parse(format(condition)) == condition
    """
    return draw(_conditions(depth))


def _maybe(strategy: SearchStrategy[_T]) -> SearchStrategy[_T | None]:
    return st.none() | strategy


def _tuples(
    strategy: SearchStrategy[_T], *, least: int, most: int
) -> SearchStrategy[tuple[_T, ...]]:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


# --- leaves -------------------------------------------------------------------------------------


@cache
def _names() -> SearchStrategy[str]:
    return (
        st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
        | st.sampled_from(_TRICKY_NAMES)
        | st.text(min_size=1, max_size=6)
    )


def _paths() -> SearchStrategy[Path]:
    return st.builds(Path, _tuples(names(), least=1, most=3))


def _parameters() -> SearchStrategy[Parameter]:
    return st.builds(Parameter, names())


def _numbers() -> SearchStrategy[Number]:
    """A text says no negative number: minus is a node of its own."""
    decimals = st.decimals(0, 10**12, allow_nan=False, allow_infinity=False, places=6)
    return st.builds(Number, st.integers(0, 10**15) | decimals.map(abs))


def _counts() -> SearchStrategy[int]:
    return st.integers(0, 10**6)


def _units() -> SearchStrategy[TimeUnit]:
    return st.sampled_from(get_args(TimeUnit))


def _durations() -> SearchStrategy[Duration]:
    return st.builds(Duration, _counts(), _units())


@cache
def _points() -> SearchStrategy[Point]:
    return (
        st.builds(Date, st.dates())
        | st.builds(LocalTime, st.datetimes())
        | st.builds(Ago, _counts(), _units())
        | _parameters()
    )


@cache
def _windows() -> SearchStrategy[Window]:
    return (
        st.builds(Rolling, st.sampled_from(["last", "next", "previous"]), _durations())
        | st.builds(Calendar, st.sampled_from(["this", "previous"]), _units())
        | st.builds(Since, _points())
        | st.builds(Before, _points())
        | st.builds(Range, _points(), _points())
        | st.builds(On, st.builds(Date, st.dates()) | _parameters())
    )


# --- trees --------------------------------------------------------------------------------------


@cache
def _values(depth: int) -> SearchStrategy[Value]:
    leaves = (
        _numbers()
        | st.builds(Text, st.text(max_size=8))
        | st.builds(Truth, st.booleans())
        | _points()
        | _durations()
        | _paths()
    )
    if depth == 0:
        return leaves
    inner = values(depth - 1)
    return (
        leaves
        | _aggregates(depth - 1)
        | st.builds(Negative, inner)
        | st.builds(Call, names(), _tuples(inner, least=0, most=2))
        | st.builds(Arithmetic, st.sampled_from(get_args(ArithmeticOperator)), inner, inner)
    )


@cache
def _conditions(depth: int) -> SearchStrategy[Condition]:
    if depth == 0:
        return _comparisons(0) | _paths() | _parameters()
    return (
        _comparisons(min(depth, 2))
        | _activities(depth - 1)
        | _aggregates(depth - 1)
        | st.builds(Truth, st.booleans())
        | st.builds(And, _operands(And, depth - 1))
        | st.builds(Or, _operands(Or, depth - 1))
        | st.builds(Not, conditions(depth - 1))
    )


def _operands(kind: type[And | Or], depth: int) -> SearchStrategy[tuple[Condition, ...]]:
    others = conditions(depth).filter(lambda condition: not isinstance(condition, kind))
    return _tuples(others, least=2, most=3)


@cache
def _comparisons(depth: int) -> SearchStrategy[Condition]:
    value = values(depth)
    some = _tuples(value, least=1, most=3) | _parameters()
    equality = st.sampled_from(["=", "!="])
    operation = st.sampled_from(get_args(TextOperation))
    quantifier = st.sampled_from(get_args(Quantifier))
    return (
        st.builds(Compare, st.sampled_from(get_args(ComparisonOperator)), value, value)
        | st.builds(Compare, equality, value, value, exactly=st.just(True))
        | st.builds(TextMatch, operation, value, some, quantifier, st.booleans())
        | st.builds(Between, value, value, value, st.booleans())
        | st.builds(InList, value, some, st.booleans())
        | st.builds(InWindow, value, windows(), st.booleans())
        | st.builds(IsMissing, value, st.booleans())
    )


@cache
def _aggregates(depth: int) -> SearchStrategy[Aggregate]:
    function = st.sampled_from(get_args(AggregateFunction))
    where, window = _maybe(conditions(depth)), _maybe(windows())
    path = _tuples(names(), least=1, most=2)
    of_totals = st.builds(Aggregate, function, where=where, window=window)
    return of_totals | st.builds(Aggregate, function, path, _maybe(names()), where, window)


def _frequencies() -> SearchStrategy[Frequency]:
    one_sided = [kind for kind in get_args(FrequencyKind) if kind != "between"]
    return st.builds(Frequency, st.sampled_from(one_sided), values(1)) | st.builds(
        Frequency, st.just("between"), values(1), values(1)
    )


@cache
def _activities(depth: int) -> SearchStrategy[Activity]:
    some_keys = st.builds(Keys, _tuples(values(1), least=1, most=3), st.booleans())
    pattern = st.builds(KeyPattern, st.builds(Text, st.text(max_size=6)))
    step = st.builds(
        Step,
        names(),
        st.booleans(),
        _maybe(names()),
        _maybe(conditions(depth)),
        _maybe(_durations()),
    )
    return st.builds(
        Activity,
        st.sampled_from(get_args(Verb)),
        names(),
        negated=st.booleans(),
        quantifier=st.sampled_from(get_args(Quantifier)),
        keys=_maybe(some_keys | pattern),
        alias=_maybe(names()),
        where=_maybe(conditions(depth)),
        frequency=_maybe(_frequencies()),
        window=_maybe(windows()),
        having=_maybe(conditions(depth)),
        steps=_tuples(step, least=0, most=2),
    )
