"""
What the grammar is made of; the one file that knows pyparsing.

The elements are pyparsing elements that never go back: one look at what stands next picks the way,
so reading takes time in proportion to the text, and what was looked for where reading stopped is
what should have stood there. In three more points they differ from those they derive from:

- a value comes with its span, since a diagnostic must point at it;
- switches that the host may have thrown for the whole process (packrat, left recursion, other
  default blanks) do not reach them, because they call one another directly;
- what recurses (brackets, `not`, sums) is one element that climbs by precedence, with a limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Self

import pyparsing as pp

from segmentkit.query.ast import Span
from segmentkit.query.mistakes import given_twice
from segmentkit.query.reading import Limits, Over, Source, Stuck, Wanted
from segmentkit.query.words import BLANKS

_SILENT = object()
_skip_blanks = re.compile(BLANKS).match


class Element(pp.ParserElement):
    """
    A part of the grammar.

    Attributes:
        starts: a pattern, without groups, of what it starts with.
        label: what a message calls it; "" when its first tokens speak for it.
        looks_ahead: whether one token is not enough to choose it.
        alternatives: parts that one look chooses from.
    """

    starts: str
    label = ""
    looks_ahead = False
    alternatives: tuple[Element, ...] = ()

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        """The end of what was read, and its value."""
        raise AssertionError(type(self))

    def firsts(self) -> Iterator[Wanted]:
        """The tokens it may start with."""
        raise AssertionError(type(self))

    @cached_property
    def _look(self) -> Callable[[str, int], re.Match[str] | None]:
        """
        What `alternatives` start with, each in a group of its own.

        Compiled when it is first needed: all of them take longer than pyparsing to import.
        """
        ways = "|".join(f"({way.starts})" for way in self.alternatives)
        return re.compile(f"{BLANKS}(?:{ways})").match

    def reach(self, text: Source, at: int, *, over: Over) -> tuple[int, list[Element]]:
        """How far the tokens of a look ahead go, and what is missing there."""
        return at, [self]

    @property
    def mayReturnEmpty(self) -> bool:  # noqa: N802
        # pyparsing would compile every pattern to find out.
        return not self.starts

    def called(self, label: str) -> Self:
        self.label = label
        return self

    def parseImpl(  # noqa: N802
        self, instring: str, loc: int, do_actions: bool = True
    ) -> tuple[int, pp.ParseResults]:
        text = instring if isinstance(instring, Source) else Source(instring, Limits())
        try:
            end, value = self.read(text, loc)
        except Stuck:
            raise pp.ParseException(instring, text.furthest, self.errmsg, self) from None
        return end, pp.ParseResults([value])

    def _generateDefaultName(self) -> str:  # noqa: N802
        return self.label or type(self).__name__


class Token(Element, pp.Regex):
    """A word, mark or literal, after any blanks; *make* turns it into a value, or it is silent."""

    def __init__(
        self,
        pattern: str,
        wanted: Wanted,
        make: Callable[[Source, Span], Any] | None = None,
    ) -> None:
        super().__init__(f"{BLANKS}({pattern})")
        self.starts = pattern
        self.wanted = wanted
        self.make = make

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        found = self.re_match(text, at)
        if found is None:
            raise text.stuck(at, self)
        value = _SILENT if self.make is None else self.make(text, found.span(1))
        return found.end(), value

    def firsts(self) -> Iterator[Wanted]:
        yield self.wanted


class Phrase(Element, pp.And):
    """
    Parts one after the other; *make* gets their values and the span of the whole.

    Args:
        ahead: how many parts to look at before choosing this phrase.
    """

    def __init__(self, make: Callable[..., Any], *parts: Element, ahead: int = 1) -> None:
        super().__init__(parts)
        self.make = make
        self.parts = parts
        self.ahead = ahead
        self.starts = _starts(parts, ahead)
        self.looks_ahead = ahead > 1 or parts[0].looks_ahead

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        values: list[Any] = []
        end = at
        for part in self.parts:
            end, value = part.read(text, end)
            if value is not _SILENT:
                values.append(value)
        found = _skip_blanks(text, at)
        assert found is not None
        return end, self.make(*values, span=(found.end(), end))

    def reach(self, text: Source, at: int, *, over: Over) -> tuple[int, list[Element]]:
        """`in lst 30 days` is wrong at `lst`, although `in` alone opens no window."""
        *before, part = self.parts[: self.ahead]
        end = at
        for earlier in before:
            passed = earlier.re_match(text, end) if isinstance(earlier, Token) else None
            if passed is None or not over(earlier.wanted):
                part = earlier
                break
            end = passed.end()
        end, missing = part.reach(text, end, over=over)
        return end, [self] if end == at else missing

    def firsts(self) -> Iterator[Wanted]:
        for part in self.parts:
            yield from part.firsts()
            if not isinstance(part, Maybe):
                return


def _starts(parts: tuple[Element, ...], ahead: int) -> str:
    first, *others = parts
    if isinstance(first, Maybe):
        return f"(?:{first.starts}|{_starts(tuple(others), ahead)})"
    if ahead == 1:
        return first.starts
    return f"(?:{first.starts}){BLANKS}(?:{_starts(tuple(others), ahead - 1)})"


class Choice(Element, pp.MatchFirst):
    """The first of the *ways* that starts as the text goes on; there is no second try."""

    def __init__(self, *ways: Element) -> None:
        super().__init__(ways)
        self.alternatives = ways
        self.starts = "|".join(f"(?:{way.starts})" for way in ways)
        ahead = [way for way in ways if way.looks_ahead]
        self.looks_ahead = bool(ahead)
        self._passed_by = [tuple(other for other in ahead if other is not way) for way in ways]

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        found = self._look(text, at)
        if found is None:
            raise text.stuck(at, self)
        assert found.lastindex is not None
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

    def firsts(self) -> Iterator[Wanted]:
        for way in self.alternatives:
            yield from way.firsts()


class Maybe(Element, pp.Opt):
    """A part that may be absent; its value is then None."""

    def __init__(self, part: Element) -> None:
        super().__init__(part)
        self.part = part
        self.alternatives = (part,)
        self.starts = part.starts
        self.looks_ahead = part.looks_ahead

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        if self._look(text, at) is None:
            text.want(at, self.part)
            return at, None
        return self.part.read(text, at)

    def firsts(self) -> Iterator[Wanted]:
        return self.part.firsts()


class Many(Maybe):
    """A part that may be absent or stand many times; its value is a tuple."""

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        values: list[Any] = []
        while self._look(text, at) is not None:
            at, value = self.part.read(text, at)
            values.append(value)
        text.want(at, self.part)
        return at, tuple(values)


class OfItems(Element):
    """A condition on the items of the collection named last."""

    starts = ""

    def __init__(self, condition: Element) -> None:
        super().__init__()
        self.condition = condition

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        here = text.here
        collection = here.collection
        here.scopes.append(collection)
        at, value = self.condition.read(text, at)
        here.scopes.pop()
        here.collection = collection
        return at, value

    def firsts(self) -> Iterator[Wanted]:
        return self.condition.firsts()


class Clauses(Element, pp.ParseExpression):
    """
    Named parts in any order, each at most once; the value is a dict of those that stand.

    Args:
        taken: a part that stood already, before these.
    """

    def __init__(self, parts: dict[str, Element], *, taken: str | None = None) -> None:
        super().__init__(parts.values())
        self.parts = parts
        self.taken = taken
        self.alternatives = tuple(parts.values())
        self.starts = ""
        self._names = tuple(parts)

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        values: dict[str, Any] = {}
        while found := self._look(text, at):
            assert found.lastindex is not None
            name = self._names[found.lastindex - 1]
            if name in values or name == self.taken:
                raise given_twice(text, name, found.span(found.lastindex))
            at, values[name] = self.parts[name].read(text, at)
        for name, part in self.parts.items():
            if name not in values and name != self.taken:
                text.want(at, part)
        return at, values

    def firsts(self) -> Iterator[Wanted]:
        for part in self.parts.values():
            yield from part.firsts()


class Listed(Element):
    """`(a, b, c)`, as a tuple."""

    def __init__(self, item: Element) -> None:
        super().__init__()
        self.item = item
        self.starts = OPEN.starts

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        at, _ = OPEN.read(text, at)
        items: list[Any] = []
        found = None
        while found is not None or not items:
            at, item = self.item.read(text, at)
            items.append(item)
            if len(items) > text.limits.list_items:
                limit = text.limits.list_items
                raise text.refused("list_too_long", (at, at + 1), limit=limit)
            found = COMMA.re_match(text, at)
            if found is not None:
                at = found.end()
        text.want(at, COMMA)
        at, _ = CLOSE.read(text, at)
        return at, tuple(items)

    def firsts(self) -> Iterator[Wanted]:
        return OPEN.firsts()


def _mark(pattern: str, *printed: str, kind: str = "mark", make: Any = None) -> Token:
    return Token(pattern, Wanted(kind, marks=printed), make)


OPEN, CLOSE, COMMA = _mark("[(（]", "("), _mark("[)）]", ")"), _mark("[,，、]", ",")


