"""
What is wrong with a query, where, and how to mend it, in English and Chinese.

Every message of the language stands in the catalogue, once; parser and checker only name its code
and give its arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from unicodedata import category

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError, SegmentkitError
from segmentkit.query.ast import Span
from segmentkit.query.catalogue import CATALOGUE, Severity
from segmentkit.text import display_width

Language = Literal["en", "zh"]

# Each that may stand about a text in a query.
_QUOTES = "'\"“”‘’「」＇＂"


def require_language(lang: object) -> None:
    """Refuse what is no language of these texts."""
    if lang not in ("en", "zh"):
        raise InvalidValueError(lang, "lang", "Give 'en' or 'zh'")


@frozen
class Fix:
    """A mend that an editor can apply: put `replacement` where `span` stands in the text."""

    label: str
    replacement: str
    span: Span


@frozen
class Diagnostic:
    """
    One finding about a query.

    Attributes:
        code: stable name; a key of `CATALOGUE`.
        args: what fills the message's places.
        span: (start, end) in code points of the text.
        fixes: mends, best first.
    """

    code: str
    args: Mapping[str, object] = field(factory=dict[str, object], hash=False)
    span: Span = (0, 0)
    fixes: tuple[Fix, ...] = ()

    @property
    def severity(self) -> Severity:
        return CATALOGUE[self.code].severity

    def message(self, lang: Language = "en") -> str:
        """The finding in words."""
        require_language(lang)
        entry = CATALOGUE[self.code]
        return (entry.zh if lang == "zh" else entry.en).format_map(dict(self.args))


def _remedy(diagnostic: Diagnostic, text: str) -> str:
    if diagnostic.fixes:
        fix = diagnostic.fixes[0]
        meant = fix.replacement if _only_quotes(fix, text) else repr(fix.label)
        return f"Did you mean {meant}?"
    return f"There are {diagnostic.args['known']}" if "known" in diagnostic.args else ""


class QueryError(SegmentkitError, ValueError):
    """
    A query that cannot be read, or that its schema refuses.

    Attributes:
        text: the query ("" when it did not come from text).
        diagnostics: every finding that made it an error; one from the parser, all from the checker.
        value: of the first of them, the piece of the query; `place` and `remedy` are its too.
    """

    code = "query"

    def __init__(self, text: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        first = diagnostics[0]
        wrong = text[slice(*first.span)]
        remedy = _remedy(first, text)
        super().__init__(wrong, _place(first.span, text) if text else "", remedy)
        # Exception pickles through args, which must be those of this signature.
        self.args = (text, diagnostics)
        self.text = text
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return self.render()

    def render(self, lang: Language = "en") -> str:
        """Each finding with its line of the query and a caret under the place."""
        return "\n".join(render(diagnostic, self.text, lang) for diagnostic in self.diagnostics)


@refuse_other_types
def render(diagnostic: Diagnostic, text: str, lang: Language = "en") -> str:
    """
    The message, the line it speaks of, a caret line in display columns, and the first fix, or the
    names that there are; without a text only the message and what was meant.

    Examples:
        >>> bad = Diagnostic(
        ...     "unknown_field", {"name": "年纪"}, (3, 5), (Fix("年龄", "年龄", (3, 5)),)
        ... )
        >>> print(render(bad, "且  年纪 > 30"))
        unknown field '年纪' at column 4
            且  年纪 > 30
                ^^^^  did you mean '年龄'?
    """
    message = diagnostic.message(lang)
    hint = _hint(diagnostic, text, lang)
    if not text:
        return f"{message}{';' if lang == 'zh' else '; '}{hint}" if hint else message
    before, marked, after = _excerpt(diagnostic.span, text)
    carets = "^" * max(1, display_width(marked))
    if lang == "zh":
        headline = f"{message}({_place(diagnostic.span, text, lang)})"
    else:
        headline = f"{message} at {_place(diagnostic.span, text)}"
    under = " " * display_width(before) + carets
    return f"{headline}\n    {before}{marked}{after}\n    {under}{'  ' * bool(hint)}{hint}"


def _hint(diagnostic: Diagnostic, text: str, lang: Language) -> str:
    """What was meant, or else the names that there are."""
    if diagnostic.fixes:
        fix = diagnostic.fixes[0]
        if _only_quotes(fix, text):
            return (
                f"是不是 {fix.replacement}?" if lang == "zh" else f"did you mean {fix.replacement}?"
            )
        return f"是不是“{fix.label}”?" if lang == "zh" else f"did you mean '{fix.label}'?"
    if "known" in diagnostic.args:
        args = diagnostic.args
        return f"现有{args['known_zh']}" if lang == "zh" else f"there are {args['known']}"
    return ""


def _only_quotes(fix: Fix, text: str) -> bool:
    """Whether a mend is but the quotes of what stands there, which quotes about it would hide."""
    written = text[slice(*fix.span)]
    return bool(written) and fix.label == written.strip(_QUOTES) and fix.replacement != written


def _place(span: Span, text: str, lang: Language = "en") -> str:
    """The column, and the line where there are several; both count from 1."""
    start = span[0]
    column = start - text.rfind("\n", 0, start)
    line = text.count("\n", 0, start) + 1
    if lang == "zh":
        return f"第 {line} 行第 {column} 列" if "\n" in text else f"第 {column} 列"
    return f"line {line}, column {column}" if "\n" in text else f"column {column}"


# A line is shown whole up to this many characters; of a longer one, what stands around the place.
_MOST_SHOWN = 160
_MOST_BEFORE = 60


def _excerpt(span: Span, text: str) -> tuple[str, str, str]:
    """The line of a span, in three pieces: before it, in it and after it."""
    start, end = span
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    first, last = line_start, line_end
    if line_end - line_start > _MOST_SHOWN:
        first = max(line_start, start - _MOST_BEFORE)
        last = min(line_end, first + _MOST_SHOWN)
    stop = min(max(end, start + 1), last)
    before = "…" * (first > line_start) + _printable(text[first:start])
    after = _printable(text[stop:last]) + "…" * (last < line_end)
    return before, _printable(text[start:stop]), after


def _printable(text: str) -> str:
    """
    What a terminal can show: a blank for a tab, and U+FFFD for what would move its cursor, or what
    no encoding takes.
    """
    if text.isprintable():
        return text
    shown = text.removesuffix("\r").replace("\t", " ")
    return "".join("\ufffd" if category(c) in ("Cc", "Cs") else c for c in shown)
