"""
The grammar of the language, from the smallest part to the whole.

Importing this module builds it, and loads pyparsing; `parser.py` does so at the first query.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from attrs import evolve

from segmentkit.query import ast, literals
from segmentkit.query.ast import Parameter, Span, TimeUnit, Value, Window
from segmentkit.query.diagnostics import Fix
from segmentkit.query.elements import (
    CLOSE,
    OPEN,
    Choice,
    Clauses,
    Listed,
    Many,
    Maybe,
    OfItems,
    Phrase,
    Token,
)
from segmentkit.query.precedence import COMPARISONS, Precedence, Tail, marks_pattern
from segmentkit.query.reading import Source, Wanted
from segmentkit.query.words import (
    AGGREGATES,
    BLANKS,
    CALENDARS,
    KEYWORDS,
    NAME,
    UNITS,
    Language,
    Word,
    by_spelling,
    normal_spelling,
    spelling_pattern,
)

_T = TypeVar("_T")

VERBS: dict[str, tuple[ast.Verb, bool]] = {
    "did": ("did", False),
    "did_not": ("did", True),
    "has": ("has", False),
    "has_no": ("has", True),
    "in": ("in", False),
    "not_in": ("in", True),
}

# --- words and literals -------------------------------------------------------------------------


def _keyword(*ids: str, lang: Language | None = None) -> Token:
    """A word that only has to be there."""
    words = tuple(KEYWORDS[id] for id in ids)
    return Token(spelling_pattern(words, lang=lang), Wanted("word", words, lang=lang))


def _one_of(
    words: dict[str, Word], make: Callable[[str, Span], Any], *, kind: str = "word", before: str = ""
) -> Token:
    """One of *words*; *make* gets its key in the table."""
    ids = {spelling: word.id for spelling, word in by_spelling(words.values()).items()}

    def read(text: Source, span: Span) -> Any:
        return make(ids[normal_spelling(text[slice(*span)])], span)

    return Token(spelling_pattern(words.values()) + before, Wanted(kind, tuple(words.values())), read)


def _named(*ids: str) -> Token:
    """A word whose id is wanted."""
    return _one_of({id: KEYWORDS[id] for id in ids}, _id)


def _id(id: str, span: Span) -> str:
    return id


def _literal(pattern: str, kind: str, read: Callable[[str, Span], Any]) -> Token:
    return Token(pattern, Wanted(kind), read)


def _only(value: _T, *, span: Span) -> _T:
    return value


def _read_field(text: Source, span: Span) -> ast.Path:
    path = literals.read_path(text, span)
    text.here.path = path.names
    return path


def _read_item(text: Source, span: Span) -> ast.Path:
    """In `sum(purchase.amount where (...))` the first name is a collection."""
    path = _read_field(text, span)
    if not text.here.scopes:
        text.here.collection = path.names[0]
    return path


def _read_collection(text: Source, span: Span) -> str:
    here = text.here
    here.collection, here.path = literals.read_name(text, span), ()
    return here.collection


def _read_alias(text: Source, span: Span) -> str:
    alias = literals.read_name(text, span)
    text.here.aliases[alias] = text.here.collection
    return alias


def _read_verb(text: Source, span: Span) -> str:
    text.here.verb = _verb_ids[normal_spelling(text[slice(*span)])]
    return text.here.verb


_verb_ids = {s: word.id for s, word in by_spelling(KEYWORDS[id] for id in VERBS).items()}
_before_bracket = f"(?={BLANKS}{OPEN.starts})"

number = _literal(literals.NUMBER, "number", literals.read_number)
whole = _literal(literals.WHOLE, "whole", literals.read_whole)
text = _literal(literals.TEXT, "text", literals.read_text)
date = _literal(literals.DATE, "date", literals.read_date)
parameter = _literal(literals.PARAMETER, "parameter", literals.read_parameter)
path = _literal(literals.PATH, "field", _read_field)
item_path = _literal(literals.PATH, "item", _read_item)
collection = _literal(NAME, "collection", _read_collection)
alias_name = _literal(NAME, "alias", _read_alias)
function = _literal(NAME + _before_bracket, "function", literals.read_name)
verb = Token(
    spelling_pattern(KEYWORDS[id] for id in VERBS),
    Wanted("word", tuple(KEYWORDS[id] for id in VERBS)),
    _read_verb,
)
truth = _one_of(
    {id: KEYWORDS[id] for id in ("true", "false")},
    lambda id, span: ast.Truth(id == "true", span=span),
)
comparison = Token(
    marks_pattern(COMPARISONS),
    Wanted("comparison", marks=("=", "!=", "<", "<=", ">", ">=")),
    lambda text, span: COMPARISONS[text[slice(*span)]],
)
unit = _one_of(dict(UNITS), _id, kind="unit").called("unit")
aggregate_name = _one_of(dict(AGGREGATES), _id, kind="aggregate", before=_before_bracket)

conditions = Precedence()
condition, value = conditions.condition, conditions.value
items_condition = Phrase(_only, OPEN, OfItems(condition), CLOSE)
items = Listed(conditions.inner_value)

# --- windows ------------------------------------------------------------------------------------


def _days_apart(more: int, less: int, unit: TimeUnit, *, span: Span) -> ast.Range:
    """`60 to 30 days ago`, or `30 to 60 days ago`: the earlier point comes first."""
    first, last = max(more, less), min(more, less)
    return ast.Range(ast.Ago(first, unit, span=span), ast.Ago(last, unit, span=span), span=span)


def _calendar(id: str, span: Span) -> ast.Calendar:
    which, unit = id.split()
    return ast.Calendar(which, unit, span=span)


duration = Phrase(ast.Duration, whole, unit, ahead=2)
ago = Phrase(ast.Ago, whole, unit, _keyword("ago"), ahead=3)
point = Choice(date, ago, parameter).called("point")

def _refuse_last_unit(text: Source, span: Span) -> None:
    """`last month`: the month before this one, or the time up to now?"""
    found = text[slice(*span)]
    spelt = _unit_at_end(found)
    assert spelt is not None
    unit = UNITS[_unit_ids[normal_spelling(spelt[0])]]
    lang: Language = "en" if found.isascii() else "zh"
    one = f"{KEYWORDS['last'].spelt(lang)} 1 {unit.spelt(lang, one=True)}"
    fixes = CALENDARS[f"previous {unit.id}"].spelt(lang), one
    raise text.refused(
        "last_calendar_unit",
        span,
        tuple(Fix(fix, fix, span) for fix in fixes),
        found=found,
        unit=unit.spelt("en", one=True),
        previous_zh=CALENDARS[f"previous {unit.id}"].spelt("zh"),
        last_zh=f"{KEYWORDS['last'].spelt('zh')} 1 {unit.spelt('zh')}",
    )


_unit_ids = {spelling: word.id for spelling, word in by_spelling(UNITS.values()).items()}
_unit_at_end = re.compile(unit.starts + r"\Z").search
calendar = _one_of(dict(CALENDARS), _calendar, kind="calendar")
last_unit = Token(
    f"(?:{spelling_pattern([KEYWORDS['last']])}|{'|'.join(KEYWORDS['last'].zh)}){BLANKS}{unit.starts}",
    Wanted("word", (KEYWORDS["last"],)),
    _refuse_last_unit,
)
rolling = Phrase(ast.Rolling, _named("last", "next", "previous"), duration)
between_agos = Phrase(
    _days_apart, whole, _keyword("to"), whole, unit, _keyword("ago"), ahead=2
)
bound = Choice(
    Phrase(ast.Since, _keyword("since"), point),
    Phrase(ast.Before, _keyword("before"), point),
    Phrase(ast.Range, _keyword("from"), point, _keyword("to"), point),
    Phrase(ast.On, _keyword("on"), Choice(date, parameter).called("date")),
)
bare_window = Choice(calendar, last_unit, rolling, between_agos, bound).called("window")
in_window = Phrase(_only, _keyword("in_time"), bare_window, ahead=2)
window = Choice(in_window, bare_window).called("window")

# --- statements about a collection --------------------------------------------------------------

def _step(
    verb: str, name: str, alias: str | None, clauses: dict[str, Any], *, span: Span
) -> ast.Step:
    return ast.Step(name, VERBS[verb][1], alias, span=span, **clauses)


def _activity(
    verb: str,
    quantifier: ast.Quantifier | None,
    name: str,
    keys: ast.Keys | ast.KeyPattern | None,
    alias: str | None,
    clauses: dict[str, Any],
    steps: tuple[ast.Step, ...],
    *,
    span: Span,
) -> ast.Activity:
    kind, negated = VERBS[verb]
    quantifier = quantifier or "any"
    return ast.Activity(
        kind, name, negated, quantifier, keys, alias, steps=steps, span=span, **clauses
    )


def _activity_in(window: Window, *subject: Any, span: Span) -> ast.Activity:
    """`in this month did purchase`: the window may stand first."""
    return evolve(_activity(*subject, span=span), window=window)


def _keys(under: str | None, values: Any, *, span: Span) -> ast.Keys:
    return ast.Keys(values if isinstance(values, tuple) else (values,), under is not None, span=span)


where = Phrase(_only, _keyword("where"), items_condition)
having = Phrase(_only, _keyword("having"), items_condition)
frequency = Choice(
    Phrase(
        ast.Frequency,
        _named("at_least", "at_most", "exactly", "more_than", "fewer_than"),
        value,
        _keyword("times"),
    ),
    Phrase(ast.Frequency, _named("between"), value, _keyword("to", "and"), value, _keyword("times")),
).called("frequency")
within = Choice(
    Phrase(_only, _keyword("within", lang="en"), duration),
    Phrase(_only, duration, _keyword("within", lang="zh")),
)
alias = Phrase(_only, _keyword("as"), alias_name)
keys = Choice(
    Phrase(ast.KeyPattern, _keyword("like"), text),
    Phrase(_keys, Maybe(_named("under")), Choice(text, parameter, items)),
)
step = Phrase(
    _step,
    _keyword("then"),
    _named("did", "did_not"),
    collection,
    Maybe(alias),
    Clauses({"where": where, "within": within}),
)
subject = (
    verb,
    Maybe(_named("any", "all")),
    collection,
    Maybe(keys),
    Maybe(alias),
)
clauses = {"where": where, "having": having, "frequency": frequency, "window": window}
activity = Choice(
    Phrase(_activity_in, window, *subject, Clauses(clauses, taken="window"), Many(step)),
    Phrase(_activity, *subject, Clauses(clauses), Many(step)),
).called("activity")

# --- values -------------------------------------------------------------------------------------


def _aggregate(
    name: ast.AggregateFunction,
    item: tuple[str | None, ast.Path] | None,
    clauses: dict[str, Any],
    *,
    span: Span,
) -> ast.Aggregate:
    transform, path = item or (None, None)
    names = path.names if path is not None else ()
    return ast.Aggregate(name, names, transform, span=span, **clauses)


def _call(name: str, arguments: tuple[Value, ...], *, span: Span) -> ast.Call:
    return ast.Call(name, arguments, span=span)


item = Choice(
    Phrase(lambda name, path, span: (name, path), function, OPEN, item_path, CLOSE),
    Phrase(lambda path, span: (None, path), item_path),
)
aggregate = Phrase(
    _aggregate, aggregate_name, OPEN, Maybe(item), Clauses({"where": where, "window": window}), CLOSE
)
call = Phrase(_call, function, Choice(Phrase(lambda span: (), OPEN, CLOSE, ahead=2), items))
literal = Choice(date, ago, duration, number, text, truth, parameter)
atom = Choice(aggregate, call, literal, path).called("value")

# --- what makes a condition of the value before it ----------------------------------------------

IS: dict[str, tuple[ast.ComparisonOperator, bool]] = {
    "is": ("=", False),
    "is_not": ("!=", False),
    "is_exactly": ("=", True),
    "is_not_exactly": ("!=", True),
}
TEXT_OPERATIONS: dict[str, tuple[ast.TextOperation, bool]] = {
    "contains": ("contains", False),
    "not_contains": ("contains", True),
    "starts_with": ("starts_with", False),
    "not_starts_with": ("starts_with", True),
    "ends_with": ("ends_with", False),
    "not_ends_with": ("ends_with", True),
    "like": ("like", False),
    "not_like": ("like", True),
}


def _compare(operator: ast.ComparisonOperator, right: Value, *, span: Span) -> Tail:
    return lambda left, whole: ast.Compare(operator, left, right, span=whole)


def _is(word: str, right: Value, *, span: Span) -> Tail:
    operator, exactly = IS[word]
    return lambda left, whole: ast.Compare(operator, left, right, exactly, span=whole)


def _is_missing(word: str, *, span: Span) -> Tail:
    return lambda left, whole: ast.IsMissing(left, word == "is_known", span=whole)


def _between(word: str, low: Value, high: Value, *, span: Span) -> Tail:
    return lambda left, whole: ast.Between(left, low, high, word == "not_between", span=whole)


def _text_match(
    word: str, quantifier: ast.Quantifier | None, patterns: Any, *, span: Span
) -> Tail:
    operation, negated = TEXT_OPERATIONS[word]
    if not isinstance(patterns, (tuple, Parameter)):
        patterns = (patterns,)
    return lambda left, whole: ast.TextMatch(
        operation, left, patterns, quantifier or "any", negated, span=whole
    )


def _in(word: str, what: Any, *, span: Span) -> Tail:
    negated = word.startswith("not_in")
    if isinstance(what, (tuple, Parameter)):
        return lambda left, whole: ast.InList(left, what, negated, span=whole)
    return lambda left, whole: ast.InWindow(left, what, negated, span=whole)


def _in_bound(bound: Window, *, span: Span) -> Tail:
    return lambda left, whole: ast.InWindow(left, bound, span=whole)


tail = Choice(
    Phrase(_compare, comparison, value),
    Phrase(_is_missing, _named("is_missing", "is_known")),
    Phrase(_is, _named(*IS), value),
    Phrase(_between, _named("between", "not_between"), value, _keyword("and", "to"), value),
    Phrase(_text_match, _named(*TEXT_OPERATIONS), Maybe(_named("any", "all")), Choice(items, value)),
    Phrase(_in, _named("in", "in_time", "not_in", "not_in_time"), Choice(items, parameter, bare_window)),
    Phrase(_in_bound, bound),
).called("tail")

conditions.define(
    activity_or_atom=Choice(aggregate, call, activity, literal, path).called("condition"),
    atom=atom,
    tail=tail,
    window_starts=bare_window.starts,
)
