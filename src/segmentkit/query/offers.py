"""
Everything that can be offered at a place of a query: words, and the names of schema and host.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from attrs import frozen

from segmentkit.model import Collection, Field, Schema
from segmentkit.query.ast import EXACT_UNITS
from segmentkit.query.diagnostics import Language
from segmentkit.query.functions import FUNCTIONS
from segmentkit.query.literals import QUOTES, print_function, print_name, print_text
from segmentkit.query.parsing.reading import Here, Wanted
from segmentkit.query.shown_names import shown_name
from segmentkit.query.types import CONTACT_WORDS
from segmentkit.query.words import CALENDARS, KEYWORDS, UNITS, Word
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
class Option:
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
# They are read, so that the checker can say what is meant, and refused by it.
_NO_CALENDAR = tuple(word for name, word in CALENDARS.items() if name.split()[1] in EXACT_UNITS)
# Likewise the units of a length that stands right after some words.
_NO_UNITS: Mapping[str, tuple[Word, ...]] = {
    **dict.fromkeys(KEYWORDS["previous"].spellings, tuple(UNITS[unit] for unit in EXACT_UNITS)),
    **dict.fromkeys(
        KEYWORDS["within"].spellings, (UNITS["month"], UNITS["quarter"], UNITS["year"])
    ),
}


def refused_after(word: str) -> tuple[Word, ...]:
    """
    The words that the grammar takes and the checker refuses, after a word and a number.

    Examples:
        >>> [word.id for word in refused_after("within") if word.id in UNITS]
        ['month', 'quarter', 'year']
    """
    return _NO_CALENDAR + _NO_UNITS.get(word, ())


@frozen
class Known:
    """Everything that has a name *here*."""

    schema: Schema | None
    lang: Language
    values: Mapping[str, Iterable[str]]
    parameters: tuple[str, ...]
    here: Here
    refused: tuple[Word, ...] = _NO_CALENDAR

    def options(self, wanted: Wanted, owners: tuple[str, ...] = ()) -> Iterator[Option]:
        """What *wanted* may be, after the names *owners* and a dot."""
        if owners:
            if wanted.kind in ("field", "item") and len(owners) == 1:
                yield from self._fields_of(owners[0])
            return
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
                    yield Option("parameter", (name,), lambda name: f"${_after_dot(name)}")
            case "function":
                for function in FUNCTIONS:
                    names = self._in_order((function.name,), (function.chinese,))
                    yield Option("function", names, lambda name: f"{print_function(name)}(")
            case "aggregate":
                for word in wanted.words:
                    names = self._in_order(word.en, word.zh)
                    yield Option("function", names, lambda name: f"{name}(")
            case _:
                for word in wanted.words:
                    if word in self.refused:
                        continue
                    en = word.en if wanted.lang != "zh" else ()
                    zh = word.zh if wanted.lang != "en" else ()
                    yield Option("word", self._in_order(en, zh))
                for mark in wanted.marks:
                    yield Option("mark", (mark,))

    def _fields_of(self, owner: str) -> Iterator[Option]:
        """Fields behind a dot: of a step named with `as`, of a collection, of the contact."""
        if self.schema is None:
            return
        collection = self.schema.find_collection(self.here.aliases.get(owner, owner))
        fields: tuple[Field, ...] = ()
        if collection is not None:
            fields = collection.fields
        elif text_key(owner) in CONTACT_WORDS:
            fields = self.schema.fields
        for field in fields:
            yield Option("field", self._names_of(field), _after_dot)

    def _fields(self) -> tuple[Field, ...]:
        if self.schema is None:
            return ()
        if not self.here.scopes:
            return self.schema.fields
        collection = self.schema.find_collection(self.here.scopes[-1])
        return () if collection is None else collection.fields

    def _fields_of_aliases(self) -> Iterator[Option]:
        """`c.sku`, in the `where` of a later step."""
        if self.schema is None or not self.here.scopes:
            return
        for alias, name in self.here.aliases.items():
            collection = self.schema.find_collection(name)
            for field in () if collection is None else collection.fields:
                names = self._names_of(field)
                dotted = tuple(f"{print_name(alias)}.{_after_dot(name)}" for name in names)
                yield Option("field", dotted)

    def _items(self) -> Iterator[Option]:
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

    def _known_values(self) -> Iterator[Option]:
        """Of the field that is compared, or the keys of the collection just named."""
        field = self._field_in_question()
        if field is None:
            return
        for value in field.values:
            yield Option("value", (value,), print_text)
        for name in self.values.get(field.references or field.name, ()):
            kind = "value" if field.references is None else "tag"
            yield Option(kind, (name,), print_text)

    def _field_in_question(self) -> Field | None:
        if self.schema is None:
            return None
        if not self.here.path:
            collection = self.schema.find_collection(self.here.collection)
            key = None if collection is None else collection.key
            return None if collection is None or key is None else collection.find_field(key)
        *owners, name = self.here.path
        owner = owners[-1] if owners else (self.here.scopes[-1] if self.here.scopes else None)
        if owner is None or text_key(owner) in CONTACT_WORDS:
            return self.schema.find_field(name)
        collection = self.schema.find_collection(self.here.aliases.get(owner, owner))
        return None if collection is None else collection.find_field(name)

    def _field(self, field: Field) -> Option:
        return Option("field", self._names_of(field), print_name)

    def _collection(self, collection: Collection) -> Option:
        return Option("collection", self._names_of(collection), print_name)

    def _names_of(self, thing: Field | Collection) -> tuple[str, ...]:
        shown = shown_name(thing, self.lang)
        return tuple(dict.fromkeys((shown, thing.name, *thing.aliases)))

    def _in_order(self, en: tuple[str, ...], zh: tuple[str, ...]) -> tuple[str, ...]:
        return zh + en if self.lang == "zh" else en + zh


def _after_dot(name: str) -> str:
    return print_name(name, after_dot=True)
