"""Small worlds, written short, for the laws: instants, rows, one contact or a few."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.util import find_spec
from itertools import count
from typing import NamedTuple
from zoneinfo import ZoneInfo

from attrs import frozen
from cases.schema import SHOP

from segmentkit.engines import select
from segmentkit.model import SYSTEM, Schema, Viewer
from segmentkit.query import Condition, Names, bind, parse
from segmentkit.stores import Row
from segmentkit.testing import RowStore

ZONE = "Asia/Shanghai"
# Saturday, the first instant of 21 November: the night that looks back on the 20th.
AT = "2026-11-21T00:00"

ENGINES = ["interpreter"]
if find_spec("segmentkit.engines.columnar") is not None:
    ENGINES.append("columnar")


def instant(text: str | datetime, zone: str = ZONE, *, fold: int = 0) -> datetime:
    """A local time; one that ends with Z is UTC."""
    if isinstance(text, datetime):
        return text
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone), fold=fold)


_numbers = count(1)


def row(when=None, /, *, zone=ZONE, id="", sequence=0, **fields) -> Row:  # noqa: A002
    """A row; its id is a fresh one unless given."""
    time = None if when is None else instant(when, zone)
    return Row(f"r{next(_numbers)}" if id == "" else id, time, fields, sequence)


class Person(NamedTuple):
    fields: Mapping[str, object] = {}
    rows: Mapping[str, Iterable[Row]] = {}


@frozen
class Asker:
    """Asks one engine."""

    engine: str

    def members(
        self,
        query: str | Condition,
        people: Mapping[str, Person],
        *,
        at: str | datetime = AT,
        zone: str = ZONE,
        viewer: Viewer = SYSTEM,
        parameters: Mapping[str, object] | None = None,
        names: Names | None = None,
        segments: Mapping[str, str] | None = None,
        schema: Schema = SHOP,
    ) -> set[str]:
        """Ids of those who match."""
        collections: dict[str, dict[str, Iterable[Row]]] = {}
        for contact_id, person in people.items():
            for name, rows in person.rows.items():
                collections.setdefault(name, {})[contact_id] = rows
        saved = {
            name: bind(parse(text), schema, names=names) for name, text in (segments or {}).items()
        }
        store = RowStore(
            schema, {i: p.fields for i, p in people.items()}, collections, names, saved
        )
        found = select(
            query,
            store,
            at=instant(at, zone),
            zone=zone,
            viewer=viewer,
            parameters=parameters,
            engine=self.engine,
        )
        assert found == sorted(set(found))
        return set(found)

    def __call__(
        self,
        query: str | Condition,
        fields: Mapping[str, object] | None = None,
        *,
        at: str | datetime = AT,
        zone: str = ZONE,
        viewer: Viewer = SYSTEM,
        parameters: Mapping[str, object] | None = None,
        names: Names | None = None,
        segments: Mapping[str, str] | None = None,
        schema: Schema = SHOP,
        **rows: Iterable[Row],
    ) -> bool:
        """Whether the one contact there is matches: `holds("did purchase", purchase=[...])`."""
        found = self.members(
            query,
            {"c": Person(fields or {}, rows)},
            at=at,
            zone=zone,
            viewer=viewer,
            parameters=parameters,
            names=names,
            segments=segments,
            schema=schema,
        )
        return found == {"c"}
