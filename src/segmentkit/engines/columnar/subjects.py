"""Single contacts of a population, as the interpreter reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from segmentkit.engines.columnar.arrays import Array, Mask
from segmentkit.engines.columnar.partition import Partition
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.vectors import Texts, Wholes
from segmentkit.engines.semantics import Moment
from segmentkit.engines.subject import Item, Subject, visible
from segmentkit.model import Viewer


def subject_of(
    population: Population,
    code: int,
    collections: Iterable[str],
    sees: Callable[[Partition, Array], Mask | None],
) -> Subject:
    """
    One contact with its rows of some collections.

    Args:
        sees: which rows of a partition are visible; None means all.
    """
    items: dict[str, list[Item]] = {}
    for name in collections:
        partition = population.partition(name)
        rows = partition.index(len(population)).rows_of(code)
        seen = sees(partition, rows)
        if seen is not None:
            rows = rows[seen]
        items[name] = [_item(partition, row) for row in rows.tolist()]
    values = {name: column.held(code) for name, column in population.columns.items()}
    return Subject(population.ids.text(code), values, items)


def _item(partition: Partition, row: int) -> Item:
    values = {name: column.held(row) for name, column in partition.columns.items()}
    own_id = values["id"]
    sequences = partition.block.sequences
    sequence = 0 if sequences is None else int(sequences[row])
    # Rows stand in order already, so an id is wanted only to tell rows of one instant apart.
    return Item(
        int(partition.times[row]), sequence, own_id if isinstance(own_id, str) else str(row), values
    )


def visible_rows(
    population: Population,
    partition: Partition,
    viewer: Viewer,
    moment: Moment,
    rows: Array | slice,
) -> Mask | None:
    """
    Which rows exist for a viewer at a moment, by the law of `visible`; None means all.

    The law is asked once for each pair of source and staff; expiry is a comparison of instants.
    """
    name, columns = partition.collection.name, partition.columns
    if name == "tag":
        mask = None
        if not viewer.sees_all:
            mask = _by_pairs(partition, rows, viewer, moment)
        expires = columns["expires"].vector(rows) if "expires" in columns else None
        if isinstance(expires, Wholes):
            lives = np.asarray(expires.values > moment.at, np.bool_)
            if expires.known is not None:
                lives |= ~expires.known
            mask = lives if mask is None else mask & lives
        return mask
    if name == "list" and "staff" in columns:
        staff = columns["staff"].vector(rows)
        assert isinstance(staff, Texts)
        texts = staff.dictionary.values
        table = np.array(
            [visible(name, {"staff": one}, viewer, moment) for one in (*texts, None)],
            np.bool_,
        )
        return table[staff.codes]
    return None


def _by_pairs(partition: Partition, rows: Array | slice, viewer: Viewer, moment: Moment) -> Mask:
    staff, source = (partition.columns[name].vector(rows) for name in ("staff", "source"))
    assert isinstance(staff, Texts)
    assert isinstance(source, Texts)
    staff_texts = (*staff.dictionary.values, None)
    source_texts = (*source.dictionary.values, None)
    table = np.array(
        [
            [
                visible("tag", {"staff": member, "source": origin, "expires": None}, viewer, moment)
                for origin in source_texts
            ]
            for member in staff_texts
        ],
        np.bool_,
    )
    return table[staff.codes, source.codes]
