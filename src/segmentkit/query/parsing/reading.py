"""
The state of one reading: the text, its limits, and how far reading came.

Reading never goes back over what it took, so the furthest place is where the text is wrong, and
everything that was looked for there is what could have stood there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeAlias

from attrs import asdict, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.query.ast import Span
from segmentkit.query.diagnostics import Diagnostic, Fix, Language, QueryError
from segmentkit.query.words import Word


@refuse_other_types
@frozen
class Limits:
    """
    How large a query may be.

    Args:
        characters: of the text.
        depth: of brackets, `not`, minus and sums standing in each other; `where (...)`,
            `having (...)`, arguments and lists count as two.
        nodes: of the tree, without the items of lists.
        list_items: of one list.

    Raises:
        InvalidValueError: a limit is less than 1.
    """

    characters: int = 20_000
    depth: int = 100
    nodes: int = 5_000
    list_items: int = 10_000

    def __attrs_post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < 1:
                raise InvalidValueError(value, f"limit {name!r}", "Give 1 or more")


USUAL_LIMITS = Limits()


@frozen
class Wanted:
    """
    One kind of token that could stand somewhere.

    Attributes:
        kind: "word", "unit", "calendar", "aggregate", "mark", or what is no fixed word: "number",
            "text", "field" ...
        words: the words it may be.
        marks: the marks it may be, as they are printed.
        lang: the one language whose spellings of the words fit; None when both do.
    """

    kind: str
    words: tuple[Word, ...] = ()
    marks: tuple[str, ...] = ()
    lang: Language | None = None

    @property
    def spellings(self) -> tuple[str, ...]:
        if self.lang is None:
            return tuple(spelling for word in self.words for spelling in word.spellings)
        return tuple(s for word in self.words for s in (word.zh if self.lang == "zh" else word.en))


class Starter(Protocol):
    """A part of the grammar, as far as messages and completion know it."""

    label: str

    def firsts(self) -> Iterator[Wanted]: ...

    def reach(self, text: Source, at: int, *, over: Over) -> tuple[int, Sequence[Starter]]: ...


# Which tokens a reach may pass over.
Over: TypeAlias = Callable[[Wanted], bool]


class Here:
    """
    What a place in a query is about.

    Attributes:
        verb: the last one: "did", "has_no" ...
        collection: the one named last.
        path: the field read last; empty right after the name of a collection.
        scopes: for each open `where` and `having`, the collection whose items it speaks of.
        aliases: collections named with `as`.
    """

    __slots__ = ("aliases", "collection", "path", "scopes", "verb")

    def __init__(self) -> None:
        self.verb = "did"
        self.collection = ""
        self.path: tuple[str, ...] = ()
        self.scopes: list[str] = []
        self.aliases: dict[str, str] = {}


class Stuck(Exception):
    """Nothing that could stand here does; the source knows where and what."""


class Source(str):
    """
    The text being read. Nothing else has state, so many threads can read at once.

    Attributes:
        furthest: where the last token that was understood ends.
        wanted: the parts of the grammar that were looked for there.
        passed_by: parts that began as the last choice did, and where that was.
        depth: how many brackets and the like are open.
        here: what the place reached is about, for completion.
        fast: simple comparisons are read in one step; that leaves out what could stand in them.
    """

    __slots__ = ("depth", "fast", "furthest", "here", "limits", "passed_by", "wanted")

    limits: Limits
    furthest: int
    wanted: list[Starter]
    passed_by: tuple[int, list[Starter]]
    depth: int
    here: Here
    fast: bool

    def __new__(cls, text: str, limits: Limits, *, fast: bool = False) -> Source:
        self = super().__new__(cls, text)
        self.limits = limits
        self.furthest = -1
        self.wanted = []
        self.passed_by = -1, []
        self.depth = 0
        self.here = Here()
        self.fast = fast
        return self

    def want(self, at: int, part: Starter) -> None:
        """*part* could have stood at *at*, and does not."""
        if at == self.furthest:
            self.wanted.append(part)
        elif at > self.furthest:
            self.furthest = at
            self.wanted = [part]

    def pass_by(self, at: int, parts: Iterable[Starter]) -> None:
        """A look ahead chose none of *parts*, but they may begin alike: `30` and `30 days`."""
        if at == self.passed_by[0]:
            self.passed_by[1].extend(parts)
        else:
            self.passed_by = at, list(parts)

    def stuck(self, at: int, part: Starter) -> Stuck:
        """*part* had to stand at *at*, and does not; raise it."""
        self.want(at, part)
        return Stuck()

    def enter(self, at: int, levels: int = 1) -> None:
        """Something opens; whoever opened it takes *levels* off `depth` again."""
        self.depth += levels
        if self.depth > self.limits.depth:
            raise self.refused("too_deep", (at, at + 1), limit=self.limits.depth)

    def refused(
        self, code: str, span: Span, fixes: tuple[Fix, ...] = (), **args: object
    ) -> QueryError:
        return refused(self, code, span, fixes, **args)


def refused(
    text: str, code: str, span: Span, fixes: tuple[Fix, ...] = (), **args: object
) -> QueryError:
    """The error for one finding; raise it."""
    return QueryError(str(text), (Diagnostic(code, args, span, fixes),))
