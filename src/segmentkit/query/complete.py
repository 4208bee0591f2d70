"""
What can stand at the cursor, from the same grammar that reads the text.

The text before the cursor is read up to where it breaks off; whatever was looked for there is
offered. So each candidate, put in, lets the text be read further.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.model import Schema
from segmentkit.query.diagnostics import Language, QueryError
from segmentkit.query.highlight import Token, highlight
from segmentkit.query.literals import QUOTES, read_name
from segmentkit.query.offers import Candidate, CandidateKind, Known, refused_after
from segmentkit.query.parsing.mistakes import stopped
from segmentkit.query.parsing.reading import USUAL_LIMITS, Here, Source, Stuck, Wanted
from segmentkit.query.spelling import normal_spelling
from segmentkit.query.words import Word


@frozen
class Completions:
    """
    Attributes:
        start: where the prefix begins; a candidate replaces text[start:cursor].
        prefix: what is typed already.
        candidates: values first, then names, then words, each in the order of schema and grammar.
    """

    start: int
    prefix: str
    candidates: tuple[Candidate, ...]


@refuse_other_types
def complete(
    text: str,
    cursor: int,
    schema: Schema | None = None,
    *,
    lang: Language = "en",
    values: Mapping[str, Iterable[str]] | None = None,
    parameters: Iterable[str] = (),
) -> Completions:
    """
    What can stand at *cursor*: words of the language, and names that begin as what is typed.

    Args:
        text: a query that is being written; only what stands before the cursor is looked at.
        cursor: 0 to len(text).
        schema: whose fields and collections to offer.
        lang: of the words and names; those of the other language are offered once they are typed.
        values: known names of each kind that a field refers to ("tag", "group", "staff" ...).
        parameters: names that the host binds.

    Raises:
        InvalidValueError: the cursor is not in the text.

    Examples:
        >>> found = complete("did purchase at l", 17)
        >>> found.prefix, [candidate.text for candidate in found.candidates]
        ('l', ['least'])
        >>> found = complete("has ", 4, Schema())
        >>> [each.text for each in found.candidates if each.kind == "collection"]
        ['tag', 'staff']
    """
    if not 0 <= cursor <= len(text):
        raise InvalidValueError(cursor, "cursor", f"Give 0 to {len(text)}")
    head = text[:cursor]
    tokens = highlight(head)
    if tokens and tokens[-1].kind == "comment" and tokens[-1].span[1] == cursor:
        return Completions(cursor, "", ())
    typed = _Typed.of(head, tokens)
    wanted, here = _wanted_at(typed.head, typed.reads_from)
    refused = refused_after(typed.word_before_number)
    known = Known(schema, lang, values or {}, tuple(parameters), here, refused)
    options = [option for token in wanted for option in known.options(token, typed.owners)]
    found = [*(option.begun(typed.prefix) for option in options), *_rest_of_words(typed, refused)]
    candidates = dict.fromkeys(typed.apart(each) for each in found if each is not None)
    ordered = sorted(candidates, key=lambda candidate: _ORDER.index(candidate.kind))
    return Completions(typed.start, typed.prefix, tuple(ordered))


_ORDER = get_args(CandidateKind)
_MOST_WORDS = 3  # of one word of the language: `is not exactly`


def _wanted_at(head: str, at: int) -> tuple[list[Wanted], Here]:
    """What the grammar looks for at *at*; nothing when the text before it is wrong."""
    from segmentkit.query.parsing.grammar import conditions

    source = Source(head[:at] + "\0", USUAL_LIMITS)  # a character that no token begins with
    try:
        conditions.read_all(source)
    except Stuck:
        stopped_at, parts = stopped(source, over=lambda wanted: True)
        if stopped_at == at:
            return [token for part in parts for token in part.firsts()], source.here
    except QueryError:
        pass
    return [], source.here


def _rest_of_words(typed: _Typed, refused: tuple[Word, ...]) -> Iterator[Candidate]:
    """`least` after `at`: words of the language that are written as several, once begun."""
    for token in typed.tokens[-_MOST_WORDS:]:
        if token.kind not in ("word", "name"):
            continue
        begun = normal_spelling(typed.head[token.span[0] : typed.start]) + " "
        for wanted in _wanted_at(typed.head, token.span[0])[0]:
            fitting = evolve(wanted, words=tuple(w for w in wanted.words if w not in refused))
            for spelling in fitting.spellings:
                if spelling.startswith(begun + typed.prefix.lower()):
                    yield Candidate(spelling.removeprefix(begun), "word", spelling)


# --- what is typed ------------------------------------------------------------------------------

_BEGUN = frozenset({"word", "unit", "function", "name", "parameter", "unknown"})
_CLOSING = frozenset({*QUOTES.values(), ")", "）", "`"})


@frozen
class _Typed:
    """
    The text before the cursor, and the token that is being typed at its end.

    Attributes:
        tokens: those before it.
        start: where it begins.
        owners: the names before a dot, as in `purchase.am`.
        reads_from: where the first of them begins; without any, the token itself.
    """

    head: str
    tokens: tuple[Token, ...]
    start: int
    owners: tuple[str, ...]
    reads_from: int

    @classmethod
    def of(cls, head: str, highlighted: Iterable[Token]) -> _Typed:
        tokens = [token for token in highlighted if token.kind != "comment"]
        start = len(head)
        if tokens and tokens[-1].span[1] == start and tokens[-1].kind in _BEGUN:
            start = tokens.pop().span[0]
        owners: list[str] = []
        reads_from = start
        while len(tokens) > 1 and tokens[-1].span == (reads_from - 1, reads_from):
            if head[reads_from - 1] != ".":
                break
            owner = tokens[-2].span
            owners.insert(0, read_name(head, owner))
            reads_from = owner[0]
            del tokens[-2:]
        return cls(head, tuple(tokens), start, tuple(owners), reads_from)

    @property
    def prefix(self) -> str:
        return self.head[self.start :]

    @property
    def word_before_number(self) -> str:
        """`within` of `within 3`; empty where no number stands before what is being typed."""
        if len(self.tokens) < 2 or self.tokens[-1].kind != "number":
            return ""
        start, end = self.tokens[-2].span
        return normal_spelling(self.head[start:end])

    def apart(self, candidate: Candidate) -> Candidate:
        """The candidate, with a blank where it would stick to what stands before it."""
        last = self.head[-1:]
        if self.prefix or self.owners or candidate.kind == "mark":
            return candidate
        if last.isalnum() or last in _CLOSING:
            return evolve(candidate, text=f" {candidate.text}")
        return candidate
