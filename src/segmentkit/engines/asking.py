"""Asking a store: who matches, does this one, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Literal, TypeAlias

from segmentkit.engines.explanation import Explanation, explain_contact
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.semantics import Moment
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import SubjectReader
from segmentkit.errors import InvalidValueError
from segmentkit.model import SYSTEM, Viewer, as_instant
from segmentkit.query import Condition, bind, parse
from segmentkit.stores import Store

Engine: TypeAlias = Literal["columnar", "interpreter"]


def select(
    condition: str | Condition,
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
        condition: text of the language or its tree.
        store: whom to ask.
        at: aware datetime; what happened at it or later is not seen.
        zone: whose calendar counts; that of *at* when not given.
        viewer: who looks.
        parameters: a value for each `$name`; `$me` is the viewer unless given.
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
    bound = _bound(condition, store, viewer, parameters)
    setting = setting_of(store, at=at, zone=zone, viewer=viewer)
    return members({"": bound}, store, setting, engine=engine)[""]


def members(
    conditions: Mapping[str, Condition],
    store: Store,
    setting: Setting,
    *,
    engine: Engine = "columnar",
) -> dict[str, list[str]]:
    """
    Ids of the contacts that match each of many bound conditions, sorted; computed together.

    Raises:
        NotPortableError: the columnar engine cannot compute one of them right.
    """
    if engine == "columnar":
        from segmentkit.engines.columnar import Population, compile_batch  # loads numpy

        batch = compile_batch(conditions, setting)
        return batch.evaluate(Population.from_source(store, batch.collections)).ids()
    if engine != "interpreter":
        raise InvalidValueError(engine, "engine", "Give 'columnar' or 'interpreter'")
    interpreter = Interpreter(setting)
    tests = {name: interpreter.compile(condition) for name, condition in conditions.items()}
    reader = SubjectReader(setting.schema, interpreter.collections, setting.viewer, setting.moment)
    found: dict[str, list[str]] = {name: [] for name in conditions}
    for contact_id in sorted(store.contact_ids()):
        subject = reader.read(store, contact_id)
        for name, test in tests.items():
            if test(subject):
                found[name].append(contact_id)
    return found


def evaluate(
    condition: str | Condition,
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

    Raises:
        UnknownNameError: the store has no such contact.
    """
    bound = _bound(condition, store, viewer, parameters)
    setting = setting_of(store, at=at, zone=zone, viewer=viewer)
    interpreter = Interpreter(setting)
    test = interpreter.compile(bound)
    reader = SubjectReader(setting.schema, interpreter.collections, setting.viewer, setting.moment)
    return test(reader.read(store, contact))


def explain(
    condition: str | Condition,
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
    bound = _bound(condition, store, viewer, parameters)
    setting = setting_of(store, at=at, zone=zone, viewer=viewer)
    return explain_contact(bound, contact, store, setting)


def setting_of(
    store: Store,
    *,
    at: datetime,
    zone: tzinfo | str | None = None,
    viewer: Viewer = SYSTEM,
) -> Setting:
    """What a run at an instant knows of a store besides its contacts."""
    instant = as_instant(at, "at")
    calendar = zone if zone is not None else at.tzinfo
    assert calendar is not None  # as_instant refuses a naive datetime
    return Setting(
        store.schema,
        Moment.of(instant, calendar, store.schema.week_starts),
        viewer,
        store.names,
        store.segments,
    )


def _bound(
    condition: str | Condition,
    store: Store,
    viewer: Viewer,
    parameters: Mapping[str, object] | None,
) -> Condition:
    text = condition if isinstance(condition, str) else ""
    tree = parse(condition) if isinstance(condition, str) else condition
    values = {"me": viewer.staff, **(parameters or {})}
    return bind(tree, store.schema, names=store.names, parameters=values, text=text)
