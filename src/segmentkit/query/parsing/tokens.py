"""
The tokens of the grammar: words, marks, names and literals, each with the value it gives.

Names also leave a trace in `Source.here`, from which completion knows whose fields to offer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from segmentkit.query import literals
from segmentkit.query.ast import Calendar, Path, Span, TimeUnit, Truth
from segmentkit.query.diagnostics import Fix, Language
from segmentkit.query.parsing.assembly import VERBS
from segmentkit.query.parsing.elements import OPEN, Token
from segmentkit.query.parsing.reading import Source, Wanted
from segmentkit.query.spelling import (
    BLANKS,
    NAME,
    by_spelling,
    marks_pattern,
    normal_spelling,
    spelling_pattern,
)
from segmentkit.query.words import AGGREGATES, CALENDARS, COMPARISONS, KEYWORDS, UNITS, Word

# --- words --------------------------------------------------------------------------------------


def keyword(*ids: str, lang: Language | None = None) -> Token:
    """One of these words has to be there, and says no more."""
    words = tuple(KEYWORDS[name] for name in ids)
    return Token(spelling_pattern(words, lang=lang), Wanted("word", words, lang=lang))


def named(*ids: str) -> Token:
    """One of these words; the value is its id."""
    return _one_of({name: KEYWORDS[name] for name in ids}, lambda text, word, span: word)


def _one_of(
    words: Mapping[Any, Word],
    make: Callable[[Source, str, Span], Any],
    *,
    kind: str = "word",
    before: str = "",
) -> Token:
    """One of *words*, standing before the pattern *before*; *make* gets its id."""
    ids = {spelling: word.id for spelling, word in by_spelling(words.values()).items()}

    def read(text: Source, span: Span) -> Any:
        return make(text, ids[normal_spelling(text[slice(*span)])], span)

    wanted = Wanted(kind, tuple(words.values()))
    return Token(spelling_pattern(words.values()) + before, wanted, read)


def _read_verb(text: Source, word: str, span: Span) -> str:
    text.here.verb = word
    return word


def _read_calendar(text: Source, word: str, span: Span) -> Calendar:
    which, unit = word.split()
    return Calendar(cast(Any, which), cast(TimeUnit, unit), span=span)


_BEFORE_BRACKET = f"(?={BLANKS}{OPEN.starts})"

verb = _one_of({name: KEYWORDS[name] for name in VERBS}, _read_verb)
truth = _one_of(
    {name: KEYWORDS[name] for name in ("true", "false")},
    lambda text, word, span: Truth(word == "true", span=span),
)
unit = _one_of(UNITS, lambda text, word, span: word, kind="unit").called("unit")
calendar = _one_of(CALENDARS, _read_calendar, kind="calendar")
aggregate_name = _one_of(
    AGGREGATES, lambda text, word, span: word, kind="aggregate", before=_BEFORE_BRACKET
)
comparison = Token(
    marks_pattern(COMPARISONS),
    Wanted("comparison", marks=tuple(dict.fromkeys(COMPARISONS.values()))),
    lambda text, span: COMPARISONS[text[slice(*span)]],
)

# --- literals -----------------------------------------------------------------------------------


def _literal(pattern: str, kind: str, read: Callable[[Source, Span], Any]) -> Token:
    return Token(pattern, Wanted(kind), read)


number = _literal(literals.NUMBER, "number", literals.read_number)
whole = _literal(literals.WHOLE, "whole", literals.read_whole)
text = _literal(literals.TEXT, "text", literals.read_text)
date = _literal(literals.DATE, "date", literals.read_date)
parameter = _literal(literals.PARAMETER, "parameter", literals.read_parameter)

# --- names --------------------------------------------------------------------------------------


def _read_field(text: Source, span: Span) -> Path:
    path = literals.read_path(text, span)
    text.here.path = path.names
    return path


def _read_item(text: Source, span: Span) -> Path:
    """In `sum(purchase.amount where (...))` the first name is a collection."""
    path = _read_field(text, span)
    if not text.here.scopes:
        text.here.collection = path.names[0]
    return path


def _read_collection(text: Source, span: Span) -> str:
    text.here.collection = literals.read_name(text, span)
    text.here.path = ()
    return text.here.collection


def _read_alias(text: Source, span: Span) -> str:
    alias = literals.read_name(text, span)
    text.here.aliases[alias] = text.here.collection
    return alias


path = _literal(literals.PATH, "field", _read_field)
item_path = _literal(literals.PATH, "item", _read_item)
collection = _literal(NAME, "collection", _read_collection)
alias_name = _literal(NAME, "alias", _read_alias)
function = _literal(NAME + _BEFORE_BRACKET, "function", literals.read_name)

# --- what is refused ----------------------------------------------------------------------------

_unit_at_end = re.compile(rf"(?:{unit.starts})\Z").search


def _refuse_last_unit(text: Source, span: Span) -> None:
    """`last month`: the month before this one, or the time up to now?"""
    found = text[slice(*span)]
    spelt = _unit_at_end(found)
    assert spelt is not None
    of_unit = by_spelling(UNITS.values())[normal_spelling(spelt[0])]
    previous = CALENDARS[f"previous {of_unit.id}"]
    last = KEYWORDS["last"]
    lang: Language = "en" if found.isascii() else "zh"
    fixes = (previous.spelt(lang), f"{last.spelt(lang)} 1 {of_unit.spelt(lang, one=True)}")
    raise text.refused(
        "last_calendar_unit",
        span,
        tuple(Fix(fix, fix, span) for fix in fixes),
        found=found,
        unit=of_unit.spelt("en", one=True),
        previous_zh=previous.spelt("zh"),
        last_zh=f"{last.spelt('zh')} 1 {of_unit.spelt('zh')}",
    )


last_unit = Token(
    # In Chinese the two run together: 最近月.
    f"(?:{spelling_pattern([KEYWORDS['last']])}|{'|'.join(KEYWORDS['last'].zh)})"
    f"{BLANKS}(?:{unit.starts})",
    Wanted("word", (KEYWORDS["last"],)),
    _refuse_last_unit,
)
