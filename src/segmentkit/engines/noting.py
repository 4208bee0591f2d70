"""Which facts a reason names: planned once per condition, asked by either engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TypeAlias, assert_never

from attrs import evolve, frozen

from segmentkit.engines.semantics import Held
from segmentkit.engines.showing import show_held
from segmentkit.model import Schema
from segmentkit.query import (
    Activity,
    Aggregate,
    And,
    Between,
    Call,
    Compare,
    Condition,
    InList,
    InWindow,
    IsMissing,
    Language,
    Node,
    Not,
    Or,
    Parameter,
    Path,
    TextMatch,
    Truth,
    ValueType,
    child_nodes,
    format,  # noqa: A004  # the printer of the language
)

_MISSING = {"en": "missing", "zh": "缺失"}
_YES_NO = {"en": ("no", "yes"), "zh": ("否", "是")}
_SEPARATOR = {"en": "; ", "zh": ";"}


@frozen(eq=False)
class ValueNote:
    """
    The value of a field or total: `count(purchase in last 7 days) = 1`.

    Attributes:
        within: the activity among whose items a total of its `having` is taken.
    """

    label: str
    value: Path | Aggregate
    within: Activity | None = None


@frozen(eq=False)
class AnswerNote:
    """Whether a part holds, where only yes or no tells: `has tag 'VIP': yes`."""

    label: str
    negated: bool


Note: TypeAlias = ValueNote | AnswerNote


@frozen(eq=False)
class Leaf:
    """A part that decides by itself."""

    condition: Condition
    notes: tuple[Note, ...]


@frozen(eq=False)
class Joined:
    """An `or`, which one part that holds decides, or an `and`, which one that fails decides."""

    deciding: bool
    parts: tuple[Part, ...]


Part: TypeAlias = Leaf | Joined
# Whether a leaf holds, and what its notes say.
Finding: TypeAlias = tuple[bool, Sequence[str]]


def leaves_of(part: Part) -> list[Leaf]:
    if isinstance(part, Leaf):
        return [part]
    return [leaf for one in part.parts for leaf in leaves_of(one)]


def line_of(part: Part, find: Callable[[Leaf], Finding], lang: Language) -> str:
    """What decides a verdict, in one line; only what leads to it is asked."""
    notes: list[str] = []
    _verdict(part, find, notes)
    return _SEPARATOR[lang].join(dict.fromkeys(notes))


def _verdict(part: Part, find: Callable[[Leaf], Finding], notes: list[str]) -> bool:
    """The part's verdict; the notes of what decides it are added to *notes*."""
    if isinstance(part, Leaf):
        verdict, said = find(part)
        notes += said
        return verdict
    start = len(notes)
    for one in part.parts:
        before = len(notes)
        if _verdict(one, find, notes) is part.deciding:
            del notes[start:before]
            return part.deciding
    return not part.deciding


class Notes:
    """Plans what is noted about conditions, and says it."""

    def __init__(self, schema: Schema, lang: Language) -> None:
        self._schema = schema
        self._lang: Language = lang

    def plan(self, node: Condition) -> Part:
        """The parts of a bound condition that can decide, and what is noted of each."""
        match node:
            case And() | Or():
                return Joined(isinstance(node, Or), tuple(map(self.plan, node.items)))
            case Activity():
                return self._leaf(node, self._totals(node))
            case (
                Not()
                | Compare()
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
                return self._leaf(node, self._values(node))
            case _:
                assert_never(node)

    def said(self, note: ValueNote, value: Held | None, kind: ValueType, zone: tzinfo) -> str:
        shown = _MISSING[self._lang] if value is None else show_held(value, kind, zone)
        return f"{note.label} = {shown}"

    def answered(self, note: AnswerNote, *, holds: bool) -> str:
        return f"{note.label}: {_YES_NO[self._lang][holds is not note.negated]}"

    def _leaf(self, node: Condition, notes: Sequence[Note]) -> Leaf:
        if notes:
            return Leaf(node, tuple(notes))
        negated = isinstance(node, Activity) and node.negated
        asked = evolve(node, negated=False) if isinstance(node, Activity) else node
        return Leaf(node, (AnswerNote(self._written(asked), negated),))

    def _values(self, node: Node) -> list[Note]:
        """A note for each field and aggregate that is compared, wherever it stands."""
        if isinstance(node, Path | Aggregate):
            return [ValueNote(self._written(node), node)]
        if isinstance(node, Activity):
            return self._totals(node)
        return [note for child in child_nodes(node) for note in self._values(child)]

    def _totals(self, node: Activity) -> list[Note]:
        """Notes for the count and the totals of an activity; none where only yes or no tells."""
        if node.keys is not None or node.steps or node.collection == "segment":
            return []
        counted = Aggregate("count", (node.collection,), where=node.where, window=node.window)
        notes: list[Note] = [ValueNote(self._written(counted), counted)]
        for inner in _aggregates(node.having):
            if inner.path in ((), (node.collection,)) and inner.function == "count":
                continue
            label = self._written(_standing_alone(inner, node))
            notes.append(ValueNote(label, inner, within=node))
        return notes

    def _written(self, node: Condition) -> str:
        return format(node, self._lang, schema=self._schema)


def _aggregates(node: Node | None) -> list[Aggregate]:
    if node is None:
        return []
    if isinstance(node, Aggregate):
        return [node]
    return [found for child in child_nodes(node) for found in _aggregates(child)]


def _standing_alone(inner: Aggregate, of: Activity) -> Aggregate:
    """A total of `having` as it would be asked outside: `sum(purchase.amount in last 90 days)`."""
    if len(inner.path) > 1 or inner.where is not None or inner.window is not None:
        return inner
    return evolve(inner, path=(of.collection, *inner.path), where=of.where, window=of.window)
