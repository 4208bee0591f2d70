"""Conditions bound for one run, and what the run knows besides the contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from attrs import evolve

from segmentkit.arguments import refuse_other_types
from segmentkit.engines.semantics import Moment
from segmentkit.engines.setting import Setting
from segmentkit.model import SYSTEM, Viewer, as_instant
from segmentkit.query import Condition, ConditionLike, Given, Reference, bind, segments_named
from segmentkit.stores import Store


@refuse_other_types
def setting_of(
    store: Store,
    *,
    at: datetime,
    zone: tzinfo | str | None = None,
    viewer: Viewer = SYSTEM,
) -> Setting:
    """What a run at an instant knows of a store besides its contacts; segments are as saved."""
    instant = as_instant(at, "argument 'at'")
    calendar = zone if zone is not None else at.tzinfo
    assert calendar is not None  # as_instant refuses a naive datetime
    return Setting(
        store.schema,
        Moment.of(instant, calendar, store.schema.week_starts),
        viewer,
        store.names,
        store.segments,
    )


@refuse_other_types
def bind_all(
    conditions: Sequence[str | ConditionLike],
    store: Store,
    *,
    at: datetime,
    zone: tzinfo | str | None = None,
    viewer: Viewer = SYSTEM,
    parameters: Mapping[str, object] | None = None,
) -> tuple[tuple[Condition, ...], Setting]:
    """
    Conditions bound for one run, and its setting with the segments that they need, bound alike.

    Args:
        parameters: a value for each `$name`, before what a rule brings along for its own; `$me` is
            the viewer unless given. Segments know these, and nothing of a rule's own.

    Raises:
        QueryError: a condition, or a segment that it needs, does not fit the store.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import Field, FieldType, Schema, State
        >>> from segmentkit.stores import MemoryStore
        >>> store = MemoryStore(State.of(Schema(fields=[Field("paid", FieldType.BOOLEAN)]), []))
        >>> bind_all(["paid"], store, at=datetime(2026, 11, 21, tzinfo=UTC))[0]
        (Path(names=('paid',)),)
    """
    setting = setting_of(store, at=at, zone=zone, viewer=viewer)
    # The viewer is meant by id, known as a member of staff or not: the host itself is not one.
    me = {"me": Reference("staff", viewer.staff)}
    values = {**me, **(parameters or {})}
    bound = tuple(
        bind(
            given.condition,
            setting.schema,
            names=setting.names,
            parameters={**me, **given.parameters, **(parameters or {})},
            text=given.text,
        )
        for given in map(Given.of, conditions)
    )
    return bound, evolve(setting, segments=_segments_needed(bound, setting, values))


def _segments_needed(
    conditions: Sequence[Condition], setting: Setting, parameters: Mapping[str, object]
) -> Mapping[str, Condition]:
    """
    The segments that conditions need, directly or through others, bound for this run.

    Raises:
        QueryError: one of them names what was deleted; it must not be silently true or false.
    """
    bound: dict[str, Condition] = {}
    waiting = list(conditions)
    while waiting:
        for segment in segments_named(waiting.pop()):
            saved = setting.segments.get(segment)
            if saved is not None and segment not in bound:
                bound[segment] = bind(
                    saved, setting.schema, names=setting.names, parameters=parameters
                )
                waiting.append(bound[segment])
    return bound
