"""
What can stand at the cursor, from the same grammar that reads the text.

The text before the cursor is read up to where it breaks off; whatever was looked for there is
offered. So each candidate, put in, lets the text be read further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, get_args

from attrs import evolve, frozen

from segmentkit.errors import InvalidValueError
from segmentkit.model import Collection, Field, Schema
from segmentkit.query.diagnostics import QueryError
from segmentkit.query.functions import FUNCTIONS
from segmentkit.query.highlight import Token, highlight
from segmentkit.query.literals import (
    QUOTES,
    print_function,
    print_name,
    print_text,
    read_name,
)
from segmentkit.query.mistakes import stopped
from segmentkit.query.printer import shown_name
from segmentkit.query.reading import Here, Limits, Source, Stuck, Wanted
from segmentkit.query.types import CONTACT_WORDS
from segmentkit.query.words import Language, normal_spelling
from segmentkit.text import text_key

CandidateKind = Literal[
    "tag", "value", "field", "collection", "function", "parameter", "word", "mark"
]


@frozen
class Candidate:
    """
    One thing that can stand at the cursor.

    Attributes:
        text: what to put in the place of the prefix.
        kind: what it is; "value" is a known one of a field, "tag" a known name of a tag, group,
            segment or whatever else a field refers to.
        label: what to show in a list: all its names.
    """

    text: str
    kind: CandidateKind
    label: str


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
    if _in_comment(head):
        return Completions(cursor, "", ())
    typed = _Typed.of(head)
    wanted, here = _wanted_at(typed.head, typed.reads_from)
    known = _Known(schema, lang, values or {}, tuple(parameters), here)
    options = known.fields_of(typed.owners) if typed.owners else map(known.options, wanted)
    found = [
        *(option.begun(typed.prefix) for several in options for option in several),
        *_rest_of_words(typed),
    ]
    candidates = dict.fromkeys(typed.apart(each) for each in found if each is not None)
    ordered = sorted(candidates, key=lambda candidate: _ORDER.index(candidate.kind))
    return Completions(typed.start, typed.prefix, tuple(ordered))


_ORDER = get_args(CandidateKind)
_MOST_WORDS = 3  # of one word of the language: `is not exactly`


def _wanted_at(head: str, at: int) -> tuple[list[Wanted], Here]:
    """What the grammar looks for at *at*; nothing when the text before it is wrong."""
    from segmentkit.query.grammar import conditions  # noqa: PLC0415

    source = Source(head[:at] + "\0", Limits())  # a character that no token begins with
    try:
        conditions.read_all(source)
    except Stuck:
        stopped_at, parts = stopped(source, over=lambda wanted: True)
        if stopped_at == at:
            return [token for part in parts for token in part.firsts()], source.here
    except QueryError:
        pass
    return [], source.here


def _rest_of_words(typed: _Typed) -> Iterator[Candidate]:
    """`least` after `at`: words of the language that are written as several, once begun."""
    for token in typed.tokens[-_MOST_WORDS:]:
        if token.kind not in ("word", "name"):
            continue
        begun = normal_spelling(typed.head[token.span[0] : typed.start]) + " "
        for wanted in _wanted_at(typed.head, token.span[0])[0]:
            for spelling in wanted.spellings:
                if spelling.startswith(begun + typed.prefix.lower()):
                    yield Candidate(spelling.removeprefix(begun), "word", spelling)


def _in_comment(head: str) -> bool:
    tokens = highlight(head)
    return bool(tokens) and tokens[-1].kind == "comment" and tokens[-1].span[1] == len(head)


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
    def of(cls, head: str) -> _Typed:
        tokens = [token for token in highlight(head) if token.kind != "comment"]
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

    def apart(self, candidate: Candidate) -> Candidate:
        """The candidate, with a blank where it would stick to what stands before it."""
        last = self.head[-1:]
        if self.prefix or self.owners or candidate.kind == "mark":
            return candidate
        if last.isalnum() or last in _CLOSING:
            return evolve(candidate, text=f" {candidate.text}")
        return candidate


# --- what is known ------------------------------------------------------------------------------


@frozen
class _Option:
    """One thing under all its names, of which the first that begins as typed is offered."""

    kind: CandidateKind
    names: tuple[str, ...]
    write: Callable[[str], str] = str

    def begun(self, prefix: str) -> Candidate | None:
        opening = prefix[:1]
        if opening in QUOTES and self.kind not in ("tag", "value"):
            return None
        if opening == "`" and self.kind not in ("field", "collection"):
            return None
        if opening in ("$", "＄") and self.kind != "parameter":
            return None
        key = text_key(prefix.lstrip(_OPENING))
        for name in self.names:
            if text_key(name).startswith(key):
                return Candidate(self.write(name), self.kind, " · ".join(self.names))
        return None


_OPENING = "".join(QUOTES) + "`$＄"


@frozen
class _Known:
    """Everything that has a name *here*."""

    schema: Schema | None
    lang: Language
    values: Mapping[str, Iterable[str]]
    parameters: tuple[str, ...]
    here: Here

    def options(self, wanted: Wanted) -> Iterator[_Option]:
        """What *wanted* may be."""
        match wanted.kind:
            case "field":
                yield from map(self._field, self._fields())
                yield from self._fields_of_aliases()
            case "item":
                yield from self._items()
            case "collection":
                yield from map(self._collection, self._collections())
            case "text":
                yield from self._known_values()
            case "parameter":
                for name in self.parameters:
                    yield _Option("parameter", (name,), _write_parameter)
            case "function":
                for function in FUNCTIONS:
                    names = self._in_order((function.name,), (function.chinese,))
                    yield _Option("function", names, lambda name: f"{print_function(name)}(")
            case "aggregate":
                for word in wanted.words:
                    names = self._in_order(word.en, word.zh)
                    yield _Option("function", names, lambda name: f"{name}(")
            case _:
                for word in wanted.words:
                    en = word.en if wanted.lang != "zh" else ()
                    zh = word.zh if wanted.lang != "en" else ()
                    yield _Option("word", self._in_order(en, zh))
                for mark in wanted.marks:
                    yield _Option("mark", (mark,))

    def fields_of(self, owners: tuple[str, ...]) -> Iterator[list[_Option]]:
        """Fields behind a dot: of a step named with `as`, of the contact, of a collection."""
        if self.schema is None or len(owners) != 1:
            return
        owner = self.here.aliases.get(owners[0], owners[0])
        collection = self.schema.find_collection(owner)
        if collection is not None:
            yield [self._field(each, after_dot=True) for each in collection.fields]
        elif text_key(owner) in CONTACT_WORDS:
            yield [self._field(each, after_dot=True) for each in self.schema.fields]

    def _fields(self) -> tuple[Field, ...]:
        if self.schema is None:
            return ()
        if not self.here.scopes:
            return self.schema.fields
        collection = self.schema.find_collection(self.here.scopes[-1])
        return () if collection is None else collection.fields

    def _fields_of_aliases(self) -> Iterator[_Option]:
        """`c.sku`, in the `where` of a later step."""
        if self.schema is None or not self.here.scopes:
            return
        for alias, name in self.here.aliases.items():
            collection = self.schema.find_collection(name)
            for each in () if collection is None else collection.fields:
                names = tuple(f"{print_name(alias)}.{name}" for name in self._field(each).names)
                yield _Option("field", names)

    def _items(self) -> Iterator[_Option]:
        """In `having` a total is of a field; elsewhere of a collection, or of a field of one."""
        if self.here.scopes:
            yield from map(self._field, self._fields())
        elif self.schema is not None:
            yield from map(self._collection, self.schema.collections)

    def _collections(self) -> Iterable[Collection]:
        """Those that the verb goes with, or all."""
        everything = () if self.schema is None else self.schema.collections
        verb = self.here.verb.removesuffix("_not").removesuffix("_no").removeprefix("not_")
        return [each for each in everything if each.verb == verb] or everything

    def _known_values(self) -> Iterator[_Option]:
        """Of the field that is compared, or the keys of the collection just named."""
        field = self._field_in_question()
        if field is None:
            return
        for value in field.values:
            yield _Option("value", (value,), print_text)
        for name in self.values.get(field.references or field.name, ()):
            kind = "value" if field.references is None else "tag"
            yield _Option(kind, (name,), print_text)

    def _field_in_question(self) -> Field | None:
        if self.schema is None:
            return None
        path = self.here.path
        if not path:
            collection = self.schema.find_collection(self.here.collection)
            return None if collection is None or not collection.key else collection.field(collection.key)
        *owners, name = path
        owner = owners[-1] if owners else (self.here.scopes[-1] if self.here.scopes else None)
        if owner is None or text_key(owner) in CONTACT_WORDS:
            return self.schema.find_field(name)
        collection = self.schema.find_collection(self.here.aliases.get(owner, owner))
        return None if collection is None else collection.find_field(name)

    def _field(self, field: Field, *, after_dot: bool = False) -> _Option:
        write = _write_after_dot if after_dot else print_name
        return _Option("field", self._names_of(field), write)

    def _collection(self, collection: Collection) -> _Option:
        return _Option("collection", self._names_of(collection), print_name)

    def _names_of(self, thing: Field | Collection) -> tuple[str, ...]:
        shown = shown_name(thing, self.lang)
        return tuple(dict.fromkeys((shown, thing.name, *thing.aliases)))

    def _in_order(self, en: tuple[str, ...], zh: tuple[str, ...]) -> tuple[str, ...]:
        return zh + en if self.lang == "zh" else en + zh


def _write_parameter(name: str) -> str:
    return f"${print_name(name, after_dot=True)}"


def _write_after_dot(name: str) -> str:
    return print_name(name, after_dot=True)
