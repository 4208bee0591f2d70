"""Tables of a host turned into rows of a collection, and into contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from segmentkit.engines.columnar.arrays import Array, Codes
from segmentkit.engines.columnar.codebook import Codebook
from segmentkit.engines.columnar.columns import Column, EmptyColumn, WholeColumn, dictionary_of
from segmentkit.engines.columnar.derived_columns import appended
from segmentkit.engines.columnar.dictionary import MISSING, Dictionary
from segmentkit.engines.columnar.packed import Packed, joined, pack
from segmentkit.engines.columnar.partition import RowBlock
from segmentkit.engines.columnar.raw import RawCodes, RawColumn, RawNothing, RawWholes, kind_of
from segmentkit.engines.columnar.room import Room
from segmentkit.engines.columnar.tables import Table
from segmentkit.engines.columnar.typed_columns import column_of_raw
from segmentkit.engines.subject import NO_TIME
from segmentkit.errors import InvalidValueError, UnknownNameError, WrongTypeError
from segmentkit.model import Collection, Field
from segmentkit.text import nearest


def block_of_table(
    collection: Collection, table: Table, contacts: Codebook, count: int, like: Mapping[str, Column]
) -> RowBlock:
    """
    The rows of a collection from a table.

    Args:
        contacts: knows the codes of contacts, of which there are *count*.
        like: columns whose dictionaries the texts join.

    Raises:
        UnknownNameError: a row belongs to no contact, or there is no column of contacts.
        WrongTypeError, FloatMoneyError, NaiveDatetimeError: a column is not of its field's type.
    """
    dictionaries = {f.name: dictionary_of(like.get(f.name)) for f in collection.fields}
    if not isinstance(dictionaries["id"], Codebook):
        dictionaries["id"] = Codebook()
    block: RowBlock | None = None
    room = Room(0)
    for raw in table.chunks():
        more = _block(collection, table, raw, contacts, count, dictionaries)
        block = more if block is None else block.followed_by(more, room)
        room.used = len(block)
    if block is not None:
        return block
    raw = {table.contact: RawWholes(np.zeros(0, np.int64), None)}
    return _block(collection, table, raw, contacts, count, dictionaries)


def contacts_of_table(
    fields: Iterable[Field], table: Table, like: Mapping[str, Column]
) -> tuple[Packed, dict[str, Column]]:
    """
    The ids and the other fields of contacts, in the order of the table.

    Raises:
        UnknownNameError: there is no column of ids.
        WrongTypeError, FloatMoneyError, NaiveDatetimeError: a column is not of its field's type.
    """
    name = table.column_name("id")
    others = [f for f in fields if f.name != "id"]
    dictionaries = {f.name: dictionary_of(like.get(f.name)) for f in others}
    ids: list[Packed] = []
    columns: dict[str, Column] = {f.name: EmptyColumn(f, 0) for f in others}
    room = Room(0)
    for raw in table.chunks():
        if name not in raw:
            raise UnknownNameError(name, "columns of contacts", _remedy(name, raw))
        ids.append(_contact_ids(raw[name]))
        size = len(ids[-1])
        for declared in others:
            given = raw.get(table.column_name(declared.name), RawNothing(size))
            more = column_of_raw(declared, given, table, dictionaries[declared.name])
            columns[declared.name] = appended(columns[declared.name], more, room)
        room.used += size
    return joined(ids), columns


def _contact_ids(raw: RawColumn) -> Packed:
    match raw:
        case Packed():
            ids = raw
        case RawCodes():
            codes: list[int] = raw.codes.tolist()
            texts = [raw.texts[code] if code >= 0 else None for code in codes]
            known = np.array([text is not None for text in texts], np.bool_)
            packed = pack([text or "" for text in texts])
            ids = Packed(packed.ends, packed.data, None if known.all() else known)
        case _:
            raise WrongTypeError(kind_of(raw), "ids of contacts", "Give ids as texts")
    if ids.known is not None and not ids.known.all():
        raise InvalidValueError(None, "ids of contacts", "Every contact has an id")
    return ids


def _block(
    collection: Collection,
    table: Table,
    raw: Mapping[str, RawColumn],
    contacts: Codebook,
    count: int,
    dictionaries: Mapping[str, Dictionary],
) -> RowBlock:
    if table.contact not in raw:
        raise UnknownNameError(
            table.contact, f"columns of {collection.name!r}", _remedy(table.contact, raw)
        )
    codes = _contact_codes(raw[table.contact], contacts, count, collection)
    size = len(codes)
    columns: dict[str, Column] = {}
    times = np.full(size, NO_TIME)
    for declared in collection.fields:
        given = raw.get(table.column_name(declared.name), RawNothing(size))
        column = column_of_raw(declared, given, table, dictionaries[declared.name])
        if declared.name != collection.time:
            columns[declared.name] = column
        elif not isinstance(column, EmptyColumn):
            assert isinstance(column, WholeColumn)
            times = column.values.astype(np.int64, copy=False)
            if column.known is not None:
                times = np.where(column.known, times, NO_TIME)
    return RowBlock(codes, times, _sequences(raw.get(table.column_name("sequence"))), columns)


def _sequences(raw: RawColumn | None) -> Array | None:
    if raw is None or isinstance(raw, RawNothing):
        return None
    if not isinstance(raw, RawWholes) or raw.scale:
        raise WrongTypeError(kind_of(raw), "column 'sequence'", "Give integers")
    values = raw.values if raw.known is None else np.where(raw.known, raw.values, 0)
    return values if values.any() else None


def _contact_codes(raw: RawColumn, contacts: Codebook, count: int, collection: Collection) -> Codes:
    place = f"contacts of collection {collection.name!r}"
    match raw:
        case Packed():
            codes = contacts.look_up(raw)
            bad = np.flatnonzero((codes < 0) | (codes >= count))
            if bad.size:
                raise UnknownNameError(_text_at(raw, int(bad[0])), place)
            return codes
        case RawCodes():
            table = np.append(contacts.look_up(pack([t or "" for t in raw.texts])), MISSING)
            codes = table.astype(np.int32)[raw.codes]
            bad = np.flatnonzero((codes < 0) | (codes >= count))
            if bad.size:
                code = int(raw.codes[bad[0]])
                raise UnknownNameError(raw.texts[code] if code >= 0 else None, place)
            return codes
        case RawWholes() if raw.scale == 0:
            values = raw.values
            bad = np.flatnonzero((values < 0) | (values >= count))
            if bad.size or raw.known is not None:
                wrong = int(values[bad[0]]) if bad.size else None
                raise UnknownNameError(wrong, place, f"Codes are 0 to {count - 1}")
            return values.astype(np.int32)
        case _:
            raise WrongTypeError(kind_of(raw), place, "Give ids as texts, or codes as integers")


def _text_at(texts: Packed, row: int) -> str | None:
    if texts.known is not None and not texts.known[row]:
        return None
    return texts.data[int(texts.ends[row]) : int(texts.ends[row + 1])].tobytes().decode()


def _remedy(name: str, known: Mapping[str, object]) -> str:
    near = nearest(name, known)
    return f"Did you mean {near!r}?" if near else ""
