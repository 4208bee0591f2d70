"""
Why a contact matches, or does not: the smallest part of a condition that decides it, with the items
that decided.

Of an `and` that fails one failing part is enough, of an `or` that holds one holding part; the rest
is left out. Deleting every item that an explanation does not cite leaves the verdict as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from html import escape

from attrs import evolve, field, frozen

from segmentkit.engines.repair import Repair
from segmentkit.engines.showing import on_the_clock, show_instant
from segmentkit.model import Schema
from segmentkit.query import (
    Activity,
    Aggregate,
    Condition,
    Language,
    Path,
    format,  # noqa: A004
)

_SHOWN_CITATIONS = 3
_GREEN, _RED, _GREY = "#1a7f37", "#cf222e", "#656d76"


@frozen
class Citation:
    """
    An item that decided.

    Attributes:
        collection: name of its collection.
        id: of the event or record, "" when it has none.
        time: when, in UTC; None when the item has no time.
        name: what its key is called: the tag, the group, the chat; "" when it has no key.
    """

    collection: str
    id: str
    time: datetime | None
    name: str = ""


@frozen
class Fact:
    """What a field or an aggregate came to; None is missing."""

    node: Path | Aggregate
    value: str | None


@frozen
class Explanation:
    """
    A verdict and what it rests on.

    Attributes:
        condition: the part of the condition that this speaks of.
        verdict: what it came to.
        because: the parts that decide it; empty for a part that decides by itself.
        facts: values that were compared.
        citations: items that decided, in order of time.
        passed_over: of an activity that found nothing, how many items there are that do not pass;
            None where that says nothing.
        repair: of a no as a whole, the smallest addition that would make it a yes, if any would.
        zone: whose clock the texts use.
        schema: whose names they print in their language.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.engines import Moment, Setting
        >>> from segmentkit.engines.explaining import explain_subject
        >>> from segmentkit.model import Field, FieldType
        >>> from segmentkit.query import Compare, Number
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER)])
        >>> setting = Setting(schema, Moment.of(datetime(2026, 1, 1, tzinfo=UTC), UTC))
        >>> print(
        ...     explain_subject(
        ...         Compare(">=", Path(("age",)), Number(18)),
        ...         setting,
        ...         lambda reader: reader.subject("c-17", {"age": 20}, {}),
        ...     )
        ... )
        ✓ age >= 18
          age = 20
    """

    condition: Condition
    verdict: bool
    because: tuple[Explanation, ...] = ()
    facts: tuple[Fact, ...] = ()
    citations: tuple[Citation, ...] = ()
    passed_over: int | None = None
    repair: Repair | None = None
    zone: tzinfo | None = field(default=None, eq=False, repr=False)
    schema: Schema | None = field(default=None, eq=False, repr=False)

    def __bool__(self) -> bool:
        return self.verdict

    def all_citations(self) -> tuple[Citation, ...]:
        """Every item that this explanation and its parts cite, once."""
        own = list(self.citations)
        for part in self.because:
            own += part.all_citations()
        return tuple(dict.fromkeys(own))

    # --- as text --------------------------------------------------------------------------------

    def text(self, lang: Language = "en") -> str:
        """The tree as lines of text, one part a line, the deciding parts indented below it."""
        lines = list(self._lines(lang, "", ""))
        if self.repair is not None:
            lines.append(f"→ {self.repair.text(lang)}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()

    def _lines(self, lang: Language, lead: str, below: str) -> Iterator[str]:
        yield f"{lead}{self._mark} {self._said(lang)}"
        for note in self.notes(lang):
            yield f"{below}{'│ ' if self.because else '  '}{note}"
        for number, part in enumerate(self.because):
            last = number == len(self.because) - 1
            yield from part._lines(
                lang, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  ")
            )

    def notes(self, lang: Language = "en") -> list[str]:
        """What the part rests on, in words: values and items."""
        missing = "缺失" if lang == "zh" else "missing"
        notes = [
            f"{format(self._spelt_out(fact.node), lang, schema=self.schema)} = "
            f"{missing if fact.value is None else fact.value}"
            for fact in self.facts
        ]
        if self.citations:
            notes.append(self._cited(lang))
        elif self.passed_over is not None:
            notes.append(_none_of(self.passed_over, lang))
        return notes

    @property
    def _mark(self) -> str:
        return "✓" if self.verdict else "✗"

    def _said(self, lang: Language) -> str:
        return format(self.condition, lang, schema=self.schema)

    def _spelt_out(self, node: Path | Aggregate) -> Path | Aggregate:
        """A total of `having` with the collection that it belongs to: `avg(purchase.amount)`."""
        if not isinstance(node, Aggregate) or not isinstance(self.condition, Activity):
            return node
        if len(node.path) != 1:
            return node
        return evolve(node, path=(self.condition.collection, *node.path))

    def _cited(self, lang: Language) -> str:
        count = len(self.citations)
        shown = [_shown(citation, self.zone) for citation in self.citations[:_SHOWN_CITATIONS]]
        more = count - len(shown)
        if lang == "zh":
            rest = f" 等,另有 {more} 条" if more else ""
            return f"依据 {count} 条记录:{'、'.join(shown)}{rest}"
        rest = f" and {more} more" if more else ""
        return f"from {count} {'item' if count == 1 else 'items'}: {', '.join(shown)}{rest}"

    # --- as HTML --------------------------------------------------------------------------------

    def html(self, lang: Language = "en") -> str:
        """The tree for a page; every text in it is escaped."""
        repair = ""
        if self.repair is not None:
            repair = f"<div>→ {escape(self.repair.text(lang))}</div>"
        return self._html(lang) + repair

    def _repr_html_(self) -> str:
        return self.html()

    def _html(self, lang: Language) -> str:
        notes = "".join(
            f'<div style="color:{_GREY};margin-left:1.4em">{escape(note)}</div>'
            for note in self.notes(lang)
        )
        parts = "".join(f"<li>{part._html(lang)}</li>" for part in self.because)
        style = "list-style:none;margin:0 0 0 1.2em;padding:0"
        tree = f'<ul style="{style}">{parts}</ul>' if parts else ""
        return (
            f'<div><span style="color:{_GREEN if self.verdict else _RED};font-weight:600">'
            f"{self._mark}</span> <code>{escape(self._said(lang))}</code>{notes}{tree}</div>"
        )


def _shown(citation: Citation, zone: tzinfo | None) -> str:
    name = citation.name or citation.id
    if citation.time is None:
        return name or citation.collection
    when = show_instant(on_the_clock(citation.time, zone))
    return f"{name} ({when})" if name else when


def _none_of(count: int, lang: Language) -> str:
    if lang == "zh":
        return f"{count} 条记录都不符合" if count else "没有记录"
    if count == 0:
        return "there are none"
    return "there is one, which does not pass" if count == 1 else f"there are {count}, none passes"
