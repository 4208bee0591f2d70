"""Asking a store: who matches, does this one, and why."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, tzinfo
from typing import Literal, TypeAlias

from segmentkit.arguments import refuse_other_types
from segmentkit.engines.binding import bind_all
from segmentkit.engines.explaining import explain_contact
from segmentkit.engines.explanation import Explanation
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.kept import PopulatedStore
from segmentkit.engines.setting import Setting
from segmentkit.engines.some_contacts import SomeContacts
from segmentkit.engines.subject import SubjectReader
from segmentkit.errors import InvalidValueError
from segmentkit.model import SYSTEM, Viewer
from segmentkit.query import Condition, ConditionLike
from segmentkit.stores import Store, contact_today

Engine: TypeAlias = Literal["columnar", "interpreter"]


@refuse_other_types
def select(
    condition: str | ConditionLike,
    store: Store,
    *,
    at: datetime,
    zone: tzinfo | str | None = None,
    viewer: Viewer = SYSTEM,
    parameters: Mapping[str, object] | None = None,
    engine: Engine = "columnar",
) -> list[str]:
    """
    Ids of the contacts that match, sorted.

    Args:
        condition: text of the language, its tree, what the Python builder made, or a rule.
        store: whom to ask.
        at: aware datetime; what happened at it or later is not seen.
        zone: whose calendar counts; that of *at* when not given.
        viewer: who looks.
        parameters: a value for each `$name`, before those that a rule has itself; `$me` is the
            viewer unless given.
        engine: both give the same answer; the columnar one is for many contacts.

    Raises:
        QueryError: the condition cannot be read or does not fit the store's schema.
        NaiveDatetimeError: *at* has no zone.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import Contact, Field, FieldType, Schema, State
        >>> from segmentkit.stores import MemoryStore
        >>> schema = Schema(fields=[Field("city", FieldType.TEXT, aliases=("城市",))])
        >>> store = MemoryStore(State.of(schema, [Contact("c-17", {"city": "福州"})]))
        >>> select("城市 = '福州'", store, at=datetime(2026, 11, 21, tzinfo=UTC))
        ['c-17']
    """
    (bound,), setting = bind_all(
        [condition], store, at=at, zone=zone, viewer=viewer, parameters=parameters
    )
    return members({"": bound}, store, setting, engine=engine)[""]


@refuse_other_types
def members(
    conditions: Mapping[str, Condition],
    store: Store,
    setting: Setting,
    *,
    engine: Engine = "columnar",
    among: AbstractSet[str] | None = None,
) -> dict[str, list[str]]:
    """
    Ids of the contacts that match each of many bound conditions, sorted; computed together.

    Args:
        among: only these contacts are asked; ids that the store does not know match nothing.

    Raises:
        NotPortableError: the columnar engine cannot compute one of them right.
    """
    if engine == "columnar":
        return _columnar_members(conditions, store, setting, among)
    if engine != "interpreter":
        raise InvalidValueError(engine, "engine", "Give 'columnar' or 'interpreter'")
    interpreter = Interpreter(setting)
    tests = {name: interpreter.compile(condition) for name, condition in conditions.items()}
    reader = SubjectReader(setting.schema, interpreter.collections, setting.viewer, setting.moment)
    source = store if among is None else SomeContacts(store, among)
    found: dict[str, list[str]] = {name: [] for name in conditions}
    for contact_id in sorted(source.contact_ids()):
        subject = reader.read(source, contact_id)
        for name, test in tests.items():
            if test(subject):
                found[name].append(contact_id)
    return found


def _columnar_members(
    conditions: Mapping[str, Condition],
    store: Store,
    setting: Setting,
    among: AbstractSet[str] | None,
) -> dict[str, list[str]]:
    from segmentkit.engines.columnar import Population, compile_batch  # loads numpy

    batch = compile_batch(conditions, setting)
    ready = store.population(batch.collections) if isinstance(store, PopulatedStore) else None
    if ready is None:
        source = store if among is None else SomeContacts(store, among)
        return batch.evaluate(Population.from_source(source, batch.collections)).ids()
    answers = batch.evaluate(ready)
    if among is None:
        return answers.ids()
    # To ask everyone who is in memory already is quicker than to read a few from the store.
    some = ready.marks_of(among)
    return {name: sorted(ready.ids_of(codes, some)) for name, codes in answers.codes.items()}


@refuse_other_types
def evaluate(
    condition: str | ConditionLike,
    contact: str,
    store: Store,
    *,
    at: datetime,
    zone: tzinfo | str | None = None,
    viewer: Viewer = SYSTEM,
    parameters: Mapping[str, object] | None = None,
) -> bool:
    """
    Whether one contact matches; arguments and errors as of `select`.

    The id of a contact that was merged into another means that one.

    Raises:
        UnknownNameError: the store has no such contact.
    """
    (bound,), setting = bind_all(
        [condition], store, at=at, zone=zone, viewer=viewer, parameters=parameters
    )
    interpreter = Interpreter(setting)
    test = interpreter.compile(bound)
    reader = SubjectReader(setting.schema, interpreter.collections, setting.viewer, setting.moment)
    return test(reader.read(store, contact_today(store, contact)))


@refuse_other_types
def explain(
    condition: str | ConditionLike,
    contact: str,
    store: Store,
    *,
    at: datetime,
    zone: tzinfo | str | None = None,
    viewer: Viewer = SYSTEM,
    parameters: Mapping[str, object] | None = None,
) -> Explanation:
    """
    Why one contact matches, or not: the deciding part with the items that decided.

    Arguments and errors as of `evaluate`.
    """
    (bound,), setting = bind_all(
        [condition], store, at=at, zone=zone, viewer=viewer, parameters=parameters
    )
    return explain_contact(bound, contact_today(store, contact), store, setting)
