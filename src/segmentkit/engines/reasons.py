"""
The facts that decide a verdict, in one line, for very many contacts.

An explanation is a tree with the items that decided; this is its shadow for a change log: compiled
once per condition, then some microseconds per contact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, assert_never

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.engines.closures import NOTHING_NAMED, Test
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.semantics import Held
from segmentkit.engines.setting import Setting
from segmentkit.engines.showing import show_held
from segmentkit.engines.subject import Subject, SubjectReader
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
    Scope,
    TextMatch,
    Truth,
    ValueType,
    child_nodes,
    format,  # noqa: A004
)

Note: TypeAlias = Callable[[Subject], str]
MISSING = {"en": "missing", "zh": "缺失"}
YES_NO = {"en": ("no", "yes"), "zh": ("否", "是")}
SEPARATOR = {"en": "; ", "zh": ";"}


@frozen
class _Leaf:
    """A part that decides by itself."""

    test: Test
    notes: tuple[Note, ...]


@frozen
class _Joined:
    """An `or`, which one part that holds decides, or an `and`, which one that fails decides."""

    deciding: bool
    parts: tuple[_Leaf | _Joined, ...]


@refuse_other_types
class Reasons:
    """
    Why contacts match conditions, or do not, each in one line.

    Args:
        setting: of the run.
        lang: of the lines.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from segmentkit.engines import Moment
        >>> from segmentkit.model import Field, FieldType, Schema
        >>> from segmentkit.query import Number
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER)])
        >>> moment = Moment.of(datetime(2026, 1, 1, tzinfo=UTC), UTC)
        >>> reasons = Reasons(Setting(schema, moment))
        >>> why = reasons.compile(Compare(">=", Path(("age",)), Number(18)))
        >>> why(reasons.reader().subject("c-17", {"age": 20}, {}))
        'age = 20'
    """

    def __init__(self, setting: Setting, lang: Language = "en") -> None:
        self._interpreter = Interpreter(setting)
        self._setting = setting
        self._lang: Language = lang
        self._scope = Scope(setting.schema)

    @refuse_other_types
    def compile(self, condition: Condition) -> Callable[[Subject], str]:
        """The line for one bound condition, as a function of a subject."""
        part = self._part(condition)
        separator = SEPARATOR[self._lang]

        def line(subject: Subject) -> str:
            notes: list[str] = []
            _verdict(part, subject, notes)
            return separator.join(dict.fromkeys(notes))

        return line

    def reader(self) -> SubjectReader:
        """What reads the subjects that the conditions compiled so far ask for."""
        setting = self._setting
        collections = self._interpreter.collections
        return SubjectReader(setting.schema, collections, setting.viewer, setting.moment)

    def _part(self, node: Condition) -> _Leaf | _Joined:
        match node:
            case And() | Or():
                return _Joined(isinstance(node, Or), tuple(self._part(one) for one in node.items))
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

    def _leaf(self, node: Condition, notes: Sequence[Note]) -> _Leaf:
        test = self._interpreter.condition(node, self._scope)
        if notes:
            return _Leaf(test, tuple(notes))
        negated = isinstance(node, Activity) and node.negated
        asked = evolve(node, negated=False) if isinstance(node, Activity) else node
        label = format(asked, self._lang, schema=self._setting.schema)
        words = YES_NO[self._lang]

        def answered(subject: Subject) -> str:
            return f"{label}: {words[test(subject, None, NOTHING_NAMED) is not negated]}"

        return _Leaf(test, (answered,))

    def _values(self, node: Node) -> list[Note]:
        """A note for each field and aggregate that is compared, wherever it stands."""
        if isinstance(node, Path | Aggregate):
            return [self._value_note(node)]
        if isinstance(node, Activity):
            return self._totals(node)
        return [note for child in child_nodes(node) for note in self._values(child)]

    def _value_note(self, node: Path | Aggregate) -> Note:
        computed = self._interpreter.value(node, self._scope)
        get: Callable[[Subject], Held | None] = lambda subject: computed.get(  # noqa: E731
            subject, None, NOTHING_NAMED
        )
        return self._note(node, get, computed.type)

    def _totals(self, node: Activity) -> list[Note]:
        """Notes for the count and the totals of an activity; none where only yes or no tells."""
        if node.keys is not None or node.steps or node.collection == "segment":
            return []
        collection = self._setting.schema.collection(node.collection)
        select = self._interpreter.selection(collection, None, node.where, node.window)
        counted = Aggregate("count", (node.collection,), where=node.where, window=node.window)
        kind = self._interpreter.value(counted, self._scope).type
        notes = [self._note(counted, lambda subject: len(select(subject)), kind)]
        scope = self._scope.totals_of(collection)
        for inner in _aggregates(node.having):
            if inner.path in ((), (node.collection,)) and inner.function == "count":
                continue
            computed = self._interpreter.value(inner, scope)

            def total(subject: Subject, get: Any = computed.get) -> Held | None:
                return get(subject, select(subject), NOTHING_NAMED)

            notes.append(self._note(_standing_alone(inner, node), total, computed.type))
        return notes

    def _note(
        self, node: Path | Aggregate, get: Callable[[Subject], Held | None], kind: ValueType
    ) -> Note:
        label = format(node, self._lang, schema=self._setting.schema)
        missing = MISSING[self._lang]
        zone = self._setting.moment.zone

        def note(subject: Subject) -> str:
            value = get(subject)
            return f"{label} = {missing if value is None else show_held(value, kind, zone)}"

        return note


def _verdict(part: _Leaf | _Joined, subject: Subject, notes: list[str]) -> bool:
    """The part's verdict; the notes of what decides it are added to *notes*."""
    if isinstance(part, _Leaf):
        notes += [note(subject) for note in part.notes]
        return part.test(subject, None, NOTHING_NAMED)
    start = len(notes)
    for one in part.parts:
        before = len(notes)
        if _verdict(one, subject, notes) is part.deciding:
            del notes[start:before]
            return part.deciding
    return not part.deciding


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
