"""
segmentkit: which customers?

One condition, said in English or Chinese text, JSON or Python, gives the same answer for one
customer in real time, for a million in memory and in a warehouse, with the reason why.

The names below are what a newcomer needs; each is loaded when it is first used, so that importing
the package costs next to nothing. The rest lives in the rooms: `segmentkit.model`, `.query`,
`.stores`, `.engines`, `.rules`, `.testing`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segmentkit.engines import Explanation, evaluate, explain, select
    from segmentkit.errors import SegmentkitError
    from segmentkit.model import (
        SYSTEM,
        ChangeSet,
        Collection,
        Contact,
        ContactGroup,
        Event,
        Field,
        FieldType,
        Hold,
        Schema,
        State,
        Tag,
        TagCatalog,
        TagGroup,
        Viewer,
    )
    from segmentkit.query import (
        QueryError,
        Segment,
        check,
        complete,
        describe,
        format,  # noqa: A004
        parse,
    )
    from segmentkit.rules import Rule, plan_night
    from segmentkit.stores import MemoryStore

__version__ = "0.1.0"

__all__ = [
    "SYSTEM",
    "ChangeSet",
    "Collection",
    "Contact",
    "ContactGroup",
    "Event",
    "Explanation",
    "Field",
    "FieldType",
    "Hold",
    "MemoryStore",
    "QueryError",
    "Rule",
    "Schema",
    "Segment",
    "SegmentkitError",
    "State",
    "Tag",
    "TagCatalog",
    "TagGroup",
    "Viewer",
    "check",
    "complete",
    "describe",
    "evaluate",
    "explain",
    "format",
    "parse",
    "plan_night",
    "select",
]

_ROOMS = {
    "errors": ["SegmentkitError"],
    "model": [
        "SYSTEM",
        "ChangeSet",
        "Collection",
        "Contact",
        "ContactGroup",
        "Event",
        "Field",
        "FieldType",
        "Hold",
        "Schema",
        "State",
        "Tag",
        "TagCatalog",
        "TagGroup",
        "Viewer",
    ],
    "query": ["QueryError", "Segment", "check", "complete", "describe", "format", "parse"],
    "stores": ["MemoryStore"],
    "engines": ["Explanation", "evaluate", "explain", "select"],
    "rules": ["Rule", "plan_night"],
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    room = _ROOM_OF.get(name)
    if room is None:
        raise AttributeError(f"module 'segmentkit' has no attribute {name!r}")
    value: object = getattr(import_module(f"segmentkit.{room}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
