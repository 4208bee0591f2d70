"""Segments: conditions that are saved under a name and may name one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import field, frozen

from segmentkit.arguments import explain_other_types, refuse_other_types
from segmentkit.errors import CycleError
from segmentkit.query.ast import Activity, Condition, Keys, Reference, Text, walk
from segmentkit.query.builder import as_condition
from segmentkit.text import text_key


@refuse_other_types
@frozen
class Segment:
    """
    A saved condition.

    Args:
        id: what `in segment` keeps when it is stored.
        name: what people write.
        condition: bound against the schema.

    Raises:
        WrongTypeError: the condition is none, such as a text that was not parsed.
    """

    id: str
    name: str
    condition: Condition = field(converter=as_condition)


@explain_other_types
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


@refuse_other_types
def refuse_cycles(segments: Iterable[Segment]) -> None:
    """
    Refuse segments that need each other, by id or, where a condition was not bound, by name.

    Raises:
        CycleError: with the path by name; `value` is it.

    Examples:
        >>> refuse_cycles([Segment("a", "甲", Activity("in", "segment", keys=Keys((Text("a"),))))])
        Traceback (most recent call last):
            ...
        segmentkit.errors.CycleError: circle '甲 > 甲' at segments. Take one of them out
    """
    by_id = {segment.id: segment for segment in segments}
    by_name = {text_key(segment.name): segment.id for segment in by_id.values()}

    def needed(segment_id: str) -> list[str]:
        named = segments_named(by_id[segment_id].condition)
        ids = (n if n in by_id else by_name.get(text_key(n), n) for n in named)
        return [n for n in ids if n in by_id]

    circle = find_circle(by_id, needed)
    if circle:
        path = " > ".join(by_id[segment_id].name for segment_id in circle)
        raise CycleError(path, "segments", "Take one of them out")


def find_circle(starts: Iterable[str], needed: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """
    A path from a node back to itself, first and last the same; empty when there is none.

    Examples:
        >>> find_circle("a", {"a": "b", "b": "cd", "c": "", "d": "b"}.__getitem__)
        ('b', 'd', 'b')
    """
    done: set[str] = set()
    for start in starts:
        path: list[str] = []
        # (node, whether what it needs is already being followed)
        waiting: list[tuple[str, bool]] = [(start, False)]
        while waiting:
            current, entered = waiting.pop()
            if entered:
                path.pop()
                done.add(current)
            elif current in path:
                return (*path[path.index(current) :], current)
            elif current not in done:
                path.append(current)
                waiting.append((current, True))
                waiting += [(each, False) for each in needed(current)]
    return ()
