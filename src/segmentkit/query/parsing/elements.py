"""
What the grammar is made of; the one file that knows pyparsing.

The elements are pyparsing elements that never go back: one look at what stands next picks the way,
so reading takes time in proportion to the text, and what was looked for where reading stopped is
what should have stood there. In three more points they differ from pyparsing's own:

- a value comes with its span, since a diagnostic must point at it;
- switches that the host may have thrown for the whole process (packrat, left recursion, other
  default blanks) do not reach them, because they call one another directly;
- what recurses (brackets, `not`, sums) is one element that climbs by precedence, with a limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Self, TypeAlias

import pyparsing as pp

from segmentkit.query.ast import Span
from segmentkit.query.parsing.mistakes import given_twice
from segmentkit.query.parsing.reading import USUAL_LIMITS, Over, Source, Stuck, Wanted
from segmentkit.query.spelling import BLANKS

Look: TypeAlias = Callable[[str, int], re.Match[str] | None]

_SILENT = object()
_skip_blanks = re.compile(BLANKS).match


class Element(pp.ParserElement):
    """
    A part of the grammar.

    Attributes:
        starts: a pattern, without groups, of what it starts with; "" when that can be anything.
        label: what a message calls it; "" when its first tokens speak for it.
        looks_ahead: whether one token is not enough to choose it.
        alternatives: parts that one look chooses from.
    """

    starts: str = ""
    label: str = ""
    looks_ahead: bool = False
    alternatives: tuple[Element, ...] = ()

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        """The end of what was read, and its value."""
        raise AssertionError(type(self))

    def firsts(self) -> Iterator[Wanted]:
        """The tokens it may start with."""
        for alternative in self.alternatives:
            yield from alternative.firsts()

    def reach(self, text: Source, at: int, *, over: Over) -> tuple[int, list[Element]]:
        """How far the tokens of a look ahead go, and what is missing there."""
        return at, [self]

    def called(self, label: str) -> Self:
        self.label = label
        return self

    def parseImpl(  # noqa: N802 - pyparsing's name
        self, instring: str, loc: int, do_actions: bool = True
    ) -> tuple[int, pp.ParseResults]:
        """What pyparsing calls, so that any part can be tried by itself with `parse_string`."""
        text = instring if isinstance(instring, Source) else Source(instring, USUAL_LIMITS)
        try:
            end, value = self.read(text, loc)
        except Stuck:
            raise pp.ParseException(instring, text.furthest, self.errmsg, self) from None
        return end, pp.ParseResults([value])

    def _generateDefaultName(self) -> str:  # noqa: N802 - pyparsing's name
        return self.label or type(self).__name__

    @cached_property
    def _look(self) -> Look:
        """
        What `alternatives` start with, each in a group of its own.

        Compiled when it is first needed: all of them take longer than pyparsing to import.
        """
        ways = "|".join(f"({way.starts})" for way in self.alternatives)
        return re.compile(f"{BLANKS}(?:{ways})").match


class Token(Element):
    """
    A word, mark or literal, after any blanks.

    Args:
        pattern: without groups.
        wanted: what messages and completion know of it.
        make: gives its value; without it the token is silent.
    """

    def __init__(
        self, pattern: str, wanted: Wanted, make: Callable[[Source, Span], Any] | None = None
    ) -> None:
        super().__init__()
        self.starts = pattern
        self.wanted = wanted
        self._regex = pp.Regex(f"{BLANKS}({pattern})")
        self._make = make

    @cached_property
    def match(self) -> Look:
        """Group 1 is the token without the blanks."""
        return self._regex.re_match

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        found = self.match(text, at)
        if found is None:
            raise text.stuck(at, self)
        value = _SILENT if self._make is None else self._make(text, found.span(1))
        return found.end(), value

    def firsts(self) -> Iterator[Wanted]:
        yield self.wanted


class Phrase(Element):
    """
    Parts one after the other.

    Args:
        make: gives its value, from those of its parts and the span of the whole.
        ahead: how many parts to look at before choosing this phrase.
    """

    def __init__(self, make: Callable[..., Any], *parts: Element, ahead: int = 1) -> None:
        super().__init__()
        self.starts = _starts(parts, ahead)
        self.looks_ahead = ahead > 1 or parts[0].looks_ahead
        self._make = make
        self._parts = parts
        self._ahead = ahead

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        values: list[Any] = []
        end = at
        for part in self._parts:
            end, value = part.read(text, end)
            if value is not _SILENT:
                values.append(value)
        blanks = _skip_blanks(text, at)
        assert blanks is not None
        return end, self._make(*values, span=(blanks.end(), end))

    def firsts(self) -> Iterator[Wanted]:
        for part in self._parts:
            yield from part.firsts()
            if not isinstance(part, Maybe):
                return

    def reach(self, text: Source, at: int, *, over: Over) -> tuple[int, list[Element]]:
        """`in lst 30 days` is wrong at `lst`, although `in` alone opens no window."""
        *before, part = self._parts[: self._ahead]
        end = at
        for earlier in before:
            passed = earlier.match(text, end) if isinstance(earlier, Token) else None
            if passed is None or not (isinstance(earlier, Token) and over(earlier.wanted)):
                part = earlier
                break
            end = passed.end()
        end, missing = part.reach(text, end, over=over)
        return end, [self] if end == at else missing


def _starts(parts: tuple[Element, ...], ahead: int) -> str:
    first, *others = parts
    if isinstance(first, Maybe):
        return f"(?:{first.starts}|{_starts(tuple(others), ahead)})"
    if ahead == 1:
        return first.starts
    return f"(?:{first.starts}){BLANKS}(?:{_starts(tuple(others), ahead - 1)})"


class Choice(Element):
    """The first of *ways* that starts as the text goes on; there is no second try."""

    def __init__(self, *ways: Element) -> None:
        super().__init__()
        ahead = [way for way in ways if way.looks_ahead]
        self.starts = "|".join(f"(?:{way.starts})" for way in ways)
        self.looks_ahead = bool(ahead)
        self.alternatives = ways
        self._passed_by = [[other for other in ahead if other is not way] for way in ways]

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        found = self._look(text, at)
        if found is None or found.lastindex is None:
            raise text.stuck(at, self)
        chosen = found.lastindex - 1
        if self._passed_by[chosen]:
            text.pass_by(at, self._passed_by[chosen])
        return self.alternatives[chosen].read(text, at)

    def reach(self, text: Source, at: int, *, over: Over) -> tuple[int, list[Element]]:
        reached = [way.reach(text, at, over=over) for way in self.alternatives]
        furthest = max(end for end, _ in reached)
        if furthest == at and self.label:
            return at, [self]
        return furthest, [part for end, parts in reached if end == furthest for part in parts]


class Maybe(Element):
    """A part that may be absent; its value is then None."""

    def __init__(self, part: Element) -> None:
        super().__init__()
        self.starts = part.starts
        self.looks_ahead = part.looks_ahead
        self.alternatives = (part,)
        self._part = part

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        if self._look(text, at) is None:
            text.want(at, self._part)
            return at, None
        return self._part.read(text, at)


class Many(Maybe):
    """A part that may be absent or stand many times; its value is a tuple."""

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        values: list[Any] = []
        while self._look(text, at) is not None:
            at, value = self._part.read(text, at)
            values.append(value)
        text.want(at, self._part)
        return at, tuple(values)


class Clauses(Element):
    """Named parts in any order, each at most once; the value is a dict of those that stand."""

    def __init__(self, **parts: Element) -> None:
        super().__init__()
        self.alternatives = tuple(parts.values())
        self._parts = parts
        self._names = tuple(parts)
        self._taken: frozenset[str] = frozenset()

    def without(self, name: str) -> Clauses:
        """The same, where *name* was given already, before these."""
        others = Clauses(**self._parts)
        others._taken = frozenset({name})
        return others

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        values: dict[str, Any] = {}
        while (found := self._look(text, at)) is not None and found.lastindex is not None:
            name = self._names[found.lastindex - 1]
            if name in values or name in self._taken:
                raise given_twice(text, name, found.span(found.lastindex))
            at, values[name] = self._parts[name].read(text, at)
        for name, part in self._parts.items():
            if name not in values and name not in self._taken:
                text.want(at, part)
        return at, values


class Listed(Element):
    """`(a, b, c)`, as a tuple."""

    def __init__(self, item: Element) -> None:
        super().__init__()
        self.starts = OPEN.starts
        self.alternatives = (OPEN,)
        self._item = item

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        at, _ = OPEN.read(text, at)
        items: list[Any] = []
        more = True
        while more:
            at, item = self._item.read(text, at)
            items.append(item)
            if len(items) > text.limits.list_items:
                limit = text.limits.list_items
                raise text.refused("list_too_long", (at, at + 1), limit=limit)
            comma = COMMA.match(text, at)
            more = comma is not None
            at = at if comma is None else comma.end()
        text.want(at, COMMA)
        at, _ = CLOSE.read(text, at)
        return at, tuple(items)


class OfItems(Element):
    """A condition on the items of the collection named last."""

    def __init__(self, condition: Element) -> None:
        super().__init__()
        self.alternatives = (condition,)
        self._condition = condition

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        here = text.here
        collection = here.collection
        here.scopes.append(collection)
        at, value = self._condition.read(text, at)
        here.scopes.pop()
        here.collection = collection
        return at, value


OPEN = Token("[(（]", Wanted("mark", marks=("(",)))
CLOSE = Token("[)）]", Wanted("mark", marks=(")",)))
COMMA = Token("[,，、]", Wanted("mark", marks=(",",)))
