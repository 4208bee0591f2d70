"""
The facts that decide a verdict, in one line, for very many contacts.

An explanation is a tree with the items that decided; this is its shadow for a change log: compiled
once per condition, then some microseconds per contact.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from segmentkit.arguments import refuse_other_types
from segmentkit.engines.asking import Engine
from segmentkit.engines.closures import NOTHING_NAMED
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.kept import PopulatedStore
from segmentkit.engines.noting import (
    AnswerNote,
    Finding,
    Leaf,
    Note,
    Notes,
    leaves_of,
    line_of,
)
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Subject, SubjectReader
from segmentkit.errors import NotPortableError
from segmentkit.query import Condition, Language, Scope
from segmentkit.stores import Store

# Of fewer contacts the facts are read one by one: to count everyone's takes longer.
_MANY = 200


@refuse_other_types
def reasons_of(
    condition: Condition,
    contacts: Collection[str],
    store: Store,
    setting: Setting,
    *,
    engine: Engine = "columnar",
    lang: Language = "en",
) -> dict[str, str]:
    """
    Why each of some contacts matches a bound condition, or does not.

    Args:
        engine: both say the same; the columnar one looks them up in the population that the store
            has at hand, where there is one and the contacts are many.

    Raises:
        UnknownNameError: the store has no such contact.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from segmentkit.engines import setting_of
        >>> from segmentkit.model import Contact, Field, FieldType, Schema, State
        >>> from segmentkit.query import bind, parse
        >>> from segmentkit.stores import MemoryStore
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER)])
        >>> store = MemoryStore(State.of(schema, [Contact("c-17", {"age": 20})]))
        >>> setting = setting_of(store, at=datetime(2026, 1, 1, tzinfo=UTC))
        >>> reasons_of(bind(parse("age >= 18"), schema), ["c-17"], store, setting)
        {'c-17': 'age = 20'}
    """
    if engine == "columnar" and len(contacts) >= _MANY and isinstance(store, PopulatedStore):
        from segmentkit.engines.columnar import ColumnReasons  # loads numpy

        try:
            columns = ColumnReasons(condition, setting, lang)
        except NotPortableError:
            population = None
        else:
            population = store.population(columns.collections)
            if population is not None:
                return columns.lines(population, contacts)
    reasons = Reasons(setting, lang)
    line = reasons.compile(condition)
    reader = reasons.reader()
    return {contact: line(reader.read(store, contact)) for contact in contacts}


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
        >>> from segmentkit.query import Compare, Number, Path
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
        self._notes = Notes(setting.schema, lang)

    @refuse_other_types
    def compile(self, condition: Condition) -> Callable[[Subject], str]:
        """The line for one bound condition, as a function of a subject."""
        part = self._notes.plan(condition)
        finders = {leaf: self._finder(leaf) for leaf in leaves_of(part)}
        lang: Language = self._lang
        return lambda subject: line_of(part, lambda leaf: finders[leaf](subject), lang)

    def reader(self) -> SubjectReader:
        """What reads the subjects that the conditions compiled so far ask for."""
        setting = self._setting
        collections = self._interpreter.collections
        return SubjectReader(setting.schema, collections, setting.viewer, setting.moment)

    def _finder(self, leaf: Leaf) -> Callable[[Subject], Finding]:
        test = self._interpreter.condition(leaf.condition, self._scope)
        says = [self._sayer(note) for note in leaf.notes]

        def found(subject: Subject) -> Finding:
            verdict = test(subject, None, NOTHING_NAMED)
            return verdict, [say(subject, verdict) for say in says]

        return found

    def _sayer(self, note: Note) -> Callable[[Subject, bool], str]:
        notes, zone = self._notes, self._setting.moment.zone
        if isinstance(note, AnswerNote):
            return lambda subject, verdict: notes.answered(note, holds=verdict)
        if note.within is None:
            own = self._interpreter.value(note.value, self._scope)
            return lambda subject, verdict: notes.said(
                note, own.get(subject, None, NOTHING_NAMED), own.type, zone
            )
        of = note.within
        collection = self._setting.schema.collection(of.collection)
        select = self._interpreter.selection(collection, None, of.where, of.window)
        total = self._interpreter.value(note.value, self._scope.totals_of(collection))
        return lambda subject, verdict: notes.said(
            note, total.get(subject, select(subject), NOTHING_NAMED), total.type, zone
        )
