"""Single contacts of a population, as the interpreter reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product

import numpy as np

from segmentkit.engines.columnar.arrays import Array, Mask, length_of
from segmentkit.engines.columnar.columns import WholeColumn
from segmentkit.engines.columnar.dictionary import MISSING, TextDictionary
from segmentkit.engines.columnar.partition import Partition
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.vectors import Texts
from segmentkit.engines.semantics import Held, Moment
from segmentkit.engines.subject import PRIVATE_COLLECTIONS, Item, Subject, visible
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
    partition: Partition, viewer: Viewer, moment: Moment, rows: Array | slice
) -> Mask | None:
    """
    Which rows exist for a viewer at a moment, by the law of `visible`; None means all.

    The law is asked once for each pair of source and staff; expiry is a comparison of instants.
    """
    name = partition.collection.name
    if name not in PRIVATE_COLLECTIONS:
        return None
    found: Mask | None = None
    if name == "list" or not viewer.sees_all:
        found = _by_texts(partition, viewer, moment, rows)
    expires = partition.columns.get("expires")
    if name == "tag" and isinstance(expires, WholeColumn):
        vector = expires.vector(rows)
        lives = np.asarray(vector.values > moment.at, np.bool_)
        if vector.known is not None:
            lives |= ~vector.known
        found = lives if found is None else found & lives
    if found is None or found.all():
        return None
    return np.broadcast_to(found, length_of(rows))


def _by_texts(partition: Partition, viewer: Viewer, moment: Moment, rows: Array | slice) -> Mask:
    """What the law says of each row's texts, its expiry aside."""
    name = partition.collection.name
    fields = [field for field in PRIVATE_COLLECTIONS[name] if field != "expires"]
    texts = [_texts(partition, field, rows) for field in fields]
    table = np.zeros([len(one.dictionary) + 1 for one in texts], np.bool_)
    choices = [(*one.dictionary.values, None) for one in texts]
    for place, texts_here in zip(np.ndindex(table.shape), product(*choices), strict=True):
        values: dict[str, Held | None] = dict(zip(fields, texts_here, strict=True))
        table[place] = visible(name, {**values, "expires": None}, viewer, moment)
    return np.asarray(table[tuple(one.codes for one in texts)], np.bool_)


def _texts(partition: Partition, field: str, rows: Array | slice) -> Texts:
    column = partition.columns.get(field)
    vector = None if column is None else column.vector(rows)
    return vector if isinstance(vector, Texts) else Texts(np.array(MISSING), TextDictionary())
