"""The search for what decides: a bound condition explained for one contact."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from attrs import evolve

from segmentkit.arguments import refuse_other_types
from segmentkit.engines.closures import NOTHING_NAMED
from segmentkit.engines.explanation import Citation, Explanation, Fact
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.mending import smallest_repair
from segmentkit.engines.semantics import Held
from segmentkit.engines.setting import Setting
from segmentkit.engines.showing import show_held
from segmentkit.engines.subject import NO_TIME, Item, Subject, SubjectReader
from segmentkit.model import Collection, from_microseconds
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
    Node,
    Not,
    Number,
    Or,
    Parameter,
    Path,
    Scope,
    TextMatch,
    Truth,
    ValueType,
    is_of_items,
    segments_named,
    walk,
)
from segmentkit.stores import CustomerSource


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
    # With every field of theirs, since what is lacking is tried on the contact.
    collections = tuple(interpreter.collections)
    subject = read(SubjectReader(setting.schema, collections, setting.viewer, setting.moment))
    explanation = _Explainer(interpreter, subject).explain(condition)
    if explanation.verdict:
        return explanation
    return evolve(explanation, repair=smallest_repair(condition, setting, subject))


@refuse_other_types
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
        passed_over: int | None = None,
    ) -> Explanation:
        return Explanation(
            node,
            verdict,
            because,
            facts,
            citations,
            passed_over,
            zone=self.setting.moment.zone,
            schema=self.setting.schema,
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
        collection = self.setting.schema.collection(node.collection)
        select = self.interpreter.selection(collection, node.keys, node.where, node.window)
        items = select(self.subject)
        cited = items
        enough = self._enough(node.frequency, len(items)) if node.having is None else None
        if enough is not None:
            cited = items[:enough]
        facts: list[Fact] = []
        if node.frequency is not None or node.having is not None:
            facts = [Fact(Aggregate("count"), str(len(items))), *self._totals(node, items)]
        passed_over = None
        if not items:
            passed_over = len(
                self.interpreter.selection(collection, None, None, None)(self.subject)
            )
        return self._leaf(
            node,
            verdict,
            facts=tuple(facts),
            citations=(*self._cite(collection, cited), *self._outside(node, collection)),
            passed_over=passed_over,
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

    def _outside(self, node: Activity, collection: Collection) -> tuple[Citation, ...]:
        """Items that `having` and the frequency compare with, besides those of the activity."""
        beside: list[Aggregate] = []
        if node.frequency is not None:
            beside += _aggregates(node.frequency)
        if node.having is not None:
            beside += [a for a in _aggregates(node.having) if not is_of_items(a, collection)]
        cited = [citation for aggregate in beside for citation in self._aggregated(aggregate)]
        return tuple(dict.fromkeys(cited))

    def _segments(self, node: Activity) -> tuple[Explanation, ...]:
        parts = [self.explain(self.setting.segments[name]) for name in segments_named(node)]
        holding = [part for part in parts if part.verdict]
        return tuple(holding[:1] or parts)

    def _sequence(self, node: Activity) -> tuple[Citation, ...]:
        """The chain that was found; where there is none, every item it could have been made of."""
        schema = self.setting.schema
        chain = self.interpreter.chain(node)(self.subject)
        if chain is not None:
            taken = [node.collection, *(s.collection for s in node.steps if not s.negated)]
            pairs = zip(taken, chain, strict=True)
            return tuple(
                c for name, item in pairs for c in self._cite(schema.collection(name), [item])
            )
        names = dict.fromkeys([node.collection, *(step.collection for step in node.steps)])
        return tuple(
            citation
            for name in names
            for citation in self._cite(schema.collection(name), self.subject.items[name])
        )

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
        """The items behind a total; of a first, last, least or greatest value the one that has it."""
        collection = self.setting.schema.collection(node.path[0])
        items = self.interpreter.selection(collection, None, node.where, node.window)(self.subject)
        if node.function in ("first", "last"):
            items = items[:1] if node.function == "first" else items[-1:]
        elif node.function in ("min", "max"):
            scope = self.scope.items_of(collection)
            field = Path((node.path[1],))
            value = Call(node.transform, (field,)) if node.transform else field
            get = self.interpreter.value(value, scope).get
            known = [
                (v, i) for i in items if (v := get(self.subject, i, NOTHING_NAMED)) is not None
            ]
            choose = min if node.function == "min" else max
            items = [choose(known, key=lambda pair: pair[0])[1]] if known else []
        return list(self._cite(collection, items))

    def _cite(self, collection: Collection, items: list[Item]) -> tuple[Citation, ...]:
        return tuple(
            Citation(
                collection.name,
                item.id,
                None if item.time == NO_TIME else from_microseconds(item.time),
                self._key_name(collection, item),
            )
            for item in items
        )

    def _key_name(self, collection: Collection, item: Item) -> str:
        key = collection.key
        value = None if key is None else item.values.get(key)
        if not isinstance(value, str) or key is None:
            return ""
        names = self.setting.names
        kind = collection.field(key).references or collection.name
        return value if names is None else names.name_of(kind, value) or value

    def _shown(self, value: Held | None, kind: ValueType) -> str | None:
        return None if value is None else show_held(value, kind, self.setting.moment.zone)


def _aggregates(node: Node) -> list[Aggregate]:
    return [part for part in walk(node) if isinstance(part, Aggregate)]
