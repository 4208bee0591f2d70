"""Segments: conditions that are saved under a name and may name one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from segmentkit.errors import CycleError
from segmentkit.query.ast import Activity, Condition, Keys, Reference, Text, walk


@frozen
class Segment:
    """
    A saved condition.

    Args:
        id: what `in segment` keeps when it is stored.
        name: what people write.
        condition: bound against the schema.
    """

    id: str
    name: str
    condition: Condition


def segments_named(condition: Condition) -> tuple[str, ...]:
    """
    Ids of the segments that a condition names, in reading order.

    Examples:
        >>> segments_named(Activity("in", "segment", keys=Keys((Text("vip"),))))
        ('vip',)
    """
    named: list[str] = []
    for node in walk(condition):
        if isinstance(node, Activity) and node.collection == "segment":
            for value in node.keys.values if isinstance(node.keys, Keys) else ():
                if isinstance(value, Reference):
                    named.append(value.id)
                elif isinstance(value, Text):
                    named.append(value.value)
    return tuple(dict.fromkeys(named))


def refuse_cycles(segments: Iterable[Segment]) -> None:
    """
    Refuse segments that need each other.

    Raises:
        CycleError: with the path by name; `value` is it.

    Examples:
        >>> refuse_cycles([Segment("a", "甲", Activity("in", "segment", keys=Keys((Text("a"),))))])
        Traceback (most recent call last):
            ...
        segmentkit.errors.CycleError: circle '甲 > 甲' at segments. Take one of them out
    """
    by_id: Mapping[str, Segment] = {segment.id: segment for segment in segments}
    done: set[str] = set()
    for start in by_id:
        path: list[str] = []
        # (id, whether its own segments are already being followed)
        waiting: list[tuple[str, bool]] = [(start, False)]
        while waiting:
            current, entered = waiting.pop()
            if entered:
                path.pop()
                done.add(current)
                continue
            if current in path:
                names = [by_id[i].name for i in [*path[path.index(current) :], current]]
                raise CycleError(" > ".join(names), "segments", "Take one of them out")
            if current in done or current not in by_id:
                continue
            path.append(current)
            waiting.append((current, True))
            waiting += [(i, False) for i in segments_named(by_id[current].condition)]
