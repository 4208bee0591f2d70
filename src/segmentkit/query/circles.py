"""Which segments a condition names, and circles among things that need one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from segmentkit.arguments import explain_other_types
from segmentkit.query.ast import Activity, Condition, Keys, Reference, Text, walk


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


@explain_other_types
def segments_opened(
    condition: Condition, segments: Mapping[str, Condition]
) -> dict[str, Condition]:
    """
    The saved segments that a condition stands on, directly or through others, each once.

    Args:
        segments: conditions by segment id; a segment that is not there is passed over.

    Examples:
        >>> def named(segment):
        ...     return Activity("in", "segment", keys=Keys((Text(segment),)))
        >>> list(segments_opened(named("a"), {"a": named("b"), "b": named("gone")}))
        ['a', 'b']
    """
    opened: dict[str, Condition] = {}
    waiting = [condition]
    while waiting:
        for name in segments_named(waiting.pop()):
            if name in segments and name not in opened:
                opened[name] = segments[name]
                waiting.append(segments[name])
    return opened


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
