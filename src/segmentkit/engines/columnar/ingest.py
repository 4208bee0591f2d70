"""Populations from a host's objects: each value is read once, by the law table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from segmentkit.engines.columnar.arrays import Array, bounds_of
from segmentkit.engines.columnar.columns import Column, TextColumn, WholeColumn, column_of
from segmentkit.engines.columnar.dictionary import Dictionary
from segmentkit.engines.columnar.partition import Partition
from segmentkit.engines.semantics import Held, holder
from segmentkit.engines.subject import NO_TIME
from segmentkit.errors import ConflictingDuplicateError, DuplicateIdError
from segmentkit.model import Collection, Schema
from segmentkit.stores import Row


def contact_codes(contact_ids: Iterable[str]) -> Dictionary:
    """Contact ids numbered as they come."""
    ids = Dictionary()
    for count, contact_id in enumerate(contact_ids):
        if ids.add(contact_id) != count:
            raise DuplicateIdError(contact_id, "contacts", "Every contact comes once")
    return ids


def contact_columns(
    schema: Schema, ids: Dictionary, fields: Sequence[Mapping[str, object]]
) -> dict[str, Column]:
    """The fields of contacts, in the order of their codes."""
    columns: dict[str, Column] = {}
    for declared in schema.fields:
        if declared.name == "id":
            columns["id"] = TextColumn(np.arange(len(ids), dtype=np.int32), ids)
            continue
        hold = holder(declared)
        held = [hold(values.get(declared.name)) for values in fields]
        columns[declared.name] = column_of(declared, held, Dictionary())
    return columns


def partition_of(
    collection: Collection, scanned: Iterable[tuple[str, Row]], ids: Dictionary
) -> Partition:
    """The rows of a collection, each with the id of its contact, in any order."""
    owners: list[int] = []
    rows: list[Row] = []
    place = f"contacts of collection {collection.name!r}"
    for contact_id, row in scanned:
        owners.append(ids.code(contact_id, place))
        rows.append(row)
    held = _held_values(collection, rows)
    times = _times(collection, rows, held)
    keep = _kept(collection, owners, rows, times, held)
    order = _order([times[i] for i in keep], [rows[i] for i in keep], keep)
    sequences = np.array([rows[i].sequence for i in order], np.int64)
    instants = np.array([times[i] for i in order], np.int64)
    columns: dict[str, Column] = {}
    for declared in collection.fields:
        if declared.name == collection.time:
            columns[declared.name] = time_column(instants)
        else:
            values = held[declared.name]
            columns[declared.name] = column_of(declared, [values[i] for i in order], Dictionary())
    return Partition(
        collection,
        np.array([owners[i] for i in order], np.int32),
        instants,
        sequences if sequences.any() else None,
        columns,
    )


def time_column(times: Array) -> WholeColumn:
    """The field of a collection's time, over the times that order its rows."""
    known = times != NO_TIME
    return WholeColumn(times, None if known.all() else known, *bounds_of(times))


def _held_values(
    collection: Collection, rows: Sequence[Row]
) -> Mapping[str, Sequence[Held | None]]:
    held: dict[str, Sequence[Held | None]] = {}
    for declared in collection.fields:
        name, hold = declared.name, holder(declared)
        if name == "id":
            held[name] = [hold(row.fields.get("id")) if row.id is None else row.id for row in rows]
        elif name == collection.time:
            held[name] = [hold(row.time) for row in rows]
        else:
            held[name] = [hold(row.fields.get(name)) for row in rows]
    return held


def _times(
    collection: Collection, rows: Sequence[Row], held: Mapping[str, Sequence[Held | None]]
) -> list[int]:
    if collection.time is None:
        return [NO_TIME] * len(rows)
    return [time if isinstance(time, int) else NO_TIME for time in held[collection.time]]


def _kept(
    collection: Collection,
    owners: Sequence[int],
    rows: Sequence[Row],
    times: Sequence[int],
    held: Mapping[str, Sequence[Held | None]],
) -> list[int]:
    """The rows without those that came before, under the same id with the same content."""
    known: dict[str, int] = {}
    keep: list[int] = []
    for number, row in enumerate(rows):
        if row.id is not None:
            first = known.setdefault(row.id, number)
            if first != number:
                same = (
                    owners[first] == owners[number]
                    and times[first] == times[number]
                    and rows[first].sequence == row.sequence
                    and all(values[first] == values[number] for values in held.values())
                )
                if not same:
                    place = f"collection {collection.name!r}"
                    raise ConflictingDuplicateError(row.id, place, "One of the two is wrong")
                continue
        keep.append(number)
    return keep


def _order(times: Sequence[int], rows: Sequence[Row], numbers: Sequence[int]) -> list[int]:
    """Row numbers in order of (time, sequence, id)."""
    keyed = sorted(
        zip(times, rows, numbers, strict=True), key=lambda t: (t[0], t[1].sequence, t[1].id or "")
    )
    return [number for _, _, number in keyed]
