"""
Why a contact matches, or does not: the smallest part of a condition that decides it, with the items
that decided.

Of an `and` that fails one failing part is enough, of an `or` that holds one holding part; the rest
is left out. Deleting every item that an explanation does not cite leaves the verdict as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from html import escape
from typing import assert_never

from attrs import evolve, field, frozen

from segmentkit.engines.closures import NOTHING_NAMED
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.reasons import show_held
from segmentkit.engines.semantics import Held
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import NO_TIME, Item, Subject, SubjectReader
from segmentkit.model import Schema, from_microseconds
from segmentkit.query import (
    Activity,
    Aggregate,
    And,
    Between,
    Call,
    Compare,
    Condition,
    Frequency,
    InList,
    InWindow,
    IsMissing,
    Keys,
    Language,
    Not,
    Number,
    Or,
    Parameter,
    Path,
    Scope,
    TextMatch,
    Truth,
    ValueType,
    format,  # noqa: A004
    segments_named,
    walk,
)
from segmentkit.stores import CustomerSource


@frozen
class Citation:
    """
    An item that decided.

    Attributes:
        collection: name of its collection.
        id: of the event or record, "" when it has none.
        time: when, in UTC; None when the item has no time.
    """

    collection: str
    id: str
    time: datetime | None


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
        zone: whose clock the texts use.
        schema: whose names they print in their language.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.engines import Moment
        >>> from segmentkit.model import Field, FieldType, Schema
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

    def text(self, lang: Language = "en") -> str:
        """The tree as lines of text, one part a line, the deciding parts indented below it."""
        return "\n".join(self._lines(lang, "", ""))

    def __str__(self) -> str:
        return self.text()

    def _lines(self, lang: Language, lead: str, below: str) -> Iterator[str]:
        mark = "✓" if self.verdict else "✗"
        yield f"{lead}{mark} {format(self.condition, lang, schema=self.schema)}"
        notes = self.notes(lang)
        for note in notes:
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
        return notes

    def _spelt_out(self, node: Path | Aggregate) -> Path | Aggregate:
        """A total of `having` with the collection that it belongs to: `avg(purchase.amount)`."""
        if isinstance(node, Aggregate) and isinstance(self.condition, Activity):
            return (
                node
                if len(node.path) != 1
                else evolve(node, path=(self.condition.collection, *node.path))
            )
        return node

    def _cited(self, lang: Language) -> str:
        shown = [_shown(citation, self.zone) for citation in self.citations[:3]]
        more = len(self.citations) - len(shown)
        listed = ("、" if lang == "zh" else ", ").join(shown)
        if lang == "zh":
            return f"依据 {len(self.citations)} 条记录:{listed}" + (
                f" 等,另有 {more} 条" if more else ""
            )
        noun = "item" if len(self.citations) == 1 else "items"
        return f"from {len(self.citations)} {noun}: {listed}" + (
            f" and {more} more" if more else ""
        )

    def _repr_html_(self) -> str:
        """The tree for a notebook; every text in it is escaped."""
        colour = "#1a7f37" if self.verdict else "#cf222e"
        mark = "✓" if self.verdict else "✗"
        notes = "".join(
            f'<div style="color:#656d76;margin-left:1.4em">{escape(note)}</div>'
            for note in self.notes()
        )
        parts = "".join(f"<li>{part._repr_html_()}</li>" for part in self.because)
        tree = (
            f'<ul style="list-style:none;margin:0 0 0 1.2em;padding:0">{parts}</ul>'
            if parts
            else ""
        )
        return (
            f'<div><span style="color:{colour};font-weight:600">{mark}</span> '
            f"<code>{escape(format(self.condition))}</code>{notes}{tree}</div>"
        )


def _shown(citation: Citation, zone: tzinfo | None) -> str:
    if citation.time is None:
        return citation.id or citation.collection
    local = citation.time.astimezone(zone) if zone is not None else citation.time
    when = local.strftime("%Y-%m-%d" if local.hour == local.minute == 0 else "%Y-%m-%d %H:%M")
    return f"{citation.id} ({when})" if citation.id else when


def explain_subject(
    condition: Condition, setting: Setting, read: Callable[[SubjectReader], Subject]
) -> Explanation:
    """
    Why a bound condition holds for a subject, or not.

    Args:
        condition: bound against the setting's schema.
        setting: of the run.
        read: fetches the subject with the reader that knows which collections are wanted.
    """
    interpreter = Interpreter(setting)
    interpreter.compile(condition)  # learns which collections the condition speaks of
    reader = SubjectReader(setting.schema, interpreter.collections, setting.viewer, setting.moment)
    return _Explainer(interpreter, read(reader)).explain(condition)


def explain_contact(
    condition: Condition, contact_id: str, source: CustomerSource, setting: Setting
) -> Explanation:
    """`explain_subject` for a contact of a store."""
    return explain_subject(condition, setting, lambda reader: reader.read(source, contact_id))


class _Explainer:
    def __init__(self, interpreter: Interpreter, subject: Subject) -> None:
        self.interpreter = interpreter
        self.setting = interpreter.setting
        self.subject = subject
        self.scope = Scope(interpreter.setting.schema)

    def holds(self, node: Condition) -> bool:
        return self.interpreter.condition(node, self.scope)(self.subject, None, NOTHING_NAMED)

    def explain(self, node: Condition) -> Explanation:
        match node:
            case And() | Or():
                return self._joined(node)
            case Not():
                part = self.explain(node.operand)
                return self._leaf(node, not part.verdict, because=(part,))
            case Activity():
                return self._activity(node)
            case (
                Compare()
                | TextMatch()
                | Between()
                | InList()
                | InWindow()
                | IsMissing()
                | Path()
                | Truth()
                | Parameter()
                | Call()
                | Aggregate()
            ):
                facts, citations = self._values(node)
                return self._leaf(node, self.holds(node), facts=facts, citations=citations)
            case _:
                assert_never(node)

    def _leaf(
        self,
        node: Condition,
        verdict: bool,
        *,
        because: tuple[Explanation, ...] = (),
        facts: tuple[Fact, ...] = (),
        citations: tuple[Citation, ...] = (),
    ) -> Explanation:
        setting = self.setting
        return Explanation(
            node, verdict, because, facts, citations, setting.moment.zone, setting.schema
        )

    def _joined(self, node: And | Or) -> Explanation:
        """All parts where all were needed, else the one that costs the fewest citations."""
        parts = [self.explain(item) for item in node.items]
        deciding = isinstance(node, Or)
        deciders = [part for part in parts if part.verdict == deciding]
        if not deciders:
            return self._leaf(node, not deciding, because=tuple(parts))
        least = min(deciders, key=lambda part: len(part.all_citations()))
        return self._leaf(node, deciding, because=(least,))

    # --- activities -----------------------------------------------------------------------------

    def _activity(self, node: Activity) -> Explanation:
        verdict = self.holds(node)
        plain = evolve(node, negated=False)
        if node.quantifier == "all" and isinstance(node.keys, Keys):
            parts = [
                self._activity(
                    evolve(plain, quantifier="any", keys=evolve(node.keys, values=(key,)))
                )
                for key in node.keys.values
            ]
            failing = [part for part in parts if not part.verdict]
            return self._leaf(node, verdict, because=tuple(failing[:1] or parts))
        if node.collection == "segment":
            return self._leaf(node, verdict, because=self._segments(plain))
        if node.steps:
            return self._leaf(node, verdict, citations=self._sequence(plain))
        select = self.interpreter.selection(
            self.setting.schema.collection(node.collection), node.keys, node.where, node.window
        )
        items = select(self.subject)
        facts = (Fact(Aggregate("count"), str(len(items))), *self._totals(node, items))
        cited = items
        if node.having is None and (enough := self._enough(node.frequency, len(items))) is not None:
            cited = items[:enough]
        outside = self._outside(node)
        if len(facts) == 1 and node.frequency is None:
            facts = ()
        return self._leaf(
            node, verdict, facts=facts, citations=(*self._cite(node.collection, cited), *outside)
        )

    def _enough(self, frequency: Frequency | None, count: int) -> int | None:
        """How many of *count* items decide already; None when all of them are needed."""
        if frequency is None:
            return 1
        if not isinstance(frequency.count, Number):
            return None
        wanted = int(frequency.count.value)
        match frequency.kind:
            case "at_least" | "fewer_than":
                return wanted if count >= wanted else None
            case "more_than" | "at_most":
                return wanted + 1 if count > wanted else None
            case "exactly":
                return wanted + 1 if count > wanted else None
            case "between":
                return None

    def _totals(self, node: Activity, items: list[Item]) -> list[Fact]:
        """What each aggregate of `having` came to."""
        if node.having is None:
            return []
        collection = self.setting.schema.collection(node.collection)
        scope = self.scope.totals_of(collection)
        facts: list[Fact] = []
        for part in walk(node.having):
            if isinstance(part, Aggregate) and (part.path or part.function != "count"):
                computed = self.interpreter.value(part, scope)
                value = computed.get(self.subject, items, NOTHING_NAMED)
                facts.append(Fact(part, self._shown(value, computed.type)))
        return facts

    def _outside(self, node: Activity) -> tuple[Citation, ...]:
        """Items of other collections that `having` and the frequency compare with."""
        cited: list[Citation] = []
        for clause in (node.having, node.frequency):
            for part in walk(clause) if clause is not None else ():
                if isinstance(part, Aggregate) and part.path:
                    named = self.setting.schema.find_collection(part.path[0])
                    if named is not None and named.name != node.collection:
                        cited += self._aggregated(part)
        return tuple(cited)

    def _segments(self, node: Activity) -> tuple[Explanation, ...]:
        parts = [self.explain(self.setting.segments[name]) for name in segments_named(node)]
        holding = [part for part in parts if part.verdict]
        return tuple(holding[:1] or parts)

    def _sequence(self, node: Activity) -> tuple[Citation, ...]:
        """The chain that was found; where there is none, every item it could have been made of."""
        collections = [node.collection, *(step.collection for step in node.steps)]
        chain = self.interpreter.chain(node)(self.subject)
        if chain is not None:
            positive = [node.collection, *(s.collection for s in node.steps if not s.negated)]
            return tuple(
                citation
                for name, item in zip(positive, chain, strict=True)
                for citation in self._cite(name, [item])
            )
        cited: list[Citation] = []
        for name in dict.fromkeys(collections):
            cited += self._cite(name, self.subject.items[name])
        return tuple(cited)

    # --- values ---------------------------------------------------------------------------------

    def _values(self, node: Condition) -> tuple[tuple[Fact, ...], tuple[Citation, ...]]:
        """Fields and aggregates that a comparison reads, and the items behind them."""
        facts: list[Fact] = []
        cited: list[Citation] = []
        inside: set[int] = set()
        for part in walk(node):
            if id(part) in inside:
                continue
            if isinstance(part, Aggregate):
                inside |= {id(below) for below in walk(part)}
                cited += self._aggregated(part)
                facts.append(self._fact(part))
            elif isinstance(part, Path):
                facts.append(self._fact(part))
        return tuple(facts), tuple(dict.fromkeys(cited))

    def _fact(self, node: Path | Aggregate) -> Fact:
        computed = self.interpreter.value(node, self.scope)
        value = computed.get(self.subject, None, NOTHING_NAMED)
        return Fact(node, self._shown(value, computed.type))

    def _aggregated(self, node: Aggregate) -> list[Citation]:
        collection = self.setting.schema.collection(node.path[0])
        select = self.interpreter.selection(collection, None, node.where, node.window)
        return list(self._cite(collection.name, select(self.subject)))

    def _cite(self, collection: str, items: list[Item]) -> tuple[Citation, ...]:
        return tuple(
            Citation(
                collection, item.id, None if item.time == NO_TIME else from_microseconds(item.time)
            )
            for item in items
        )

    def _shown(self, value: Held | None, kind: ValueType) -> str | None:
        return None if value is None else show_held(value, kind, self.setting.moment.zone)
