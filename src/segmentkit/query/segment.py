"""Segments: conditions that are saved under a name and may name one another."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve, field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import CycleError
from segmentkit.model import Schema
from segmentkit.query.ast import Condition
from segmentkit.query.builder import as_condition
from segmentkit.query.checker import check
from segmentkit.query.circles import find_circle, segments_named
from segmentkit.query.names import Names
from segmentkit.text import text_key


@refuse_other_types
@frozen
class Segment:
    """
    A saved condition.

    Args:
        id: what `in segment` keeps when it is stored.
        name: what people write.
        condition: as written, built or resolved.

    Raises:
        WrongTypeError: the condition is none, such as a text that was not parsed.
    """

    id: str
    name: str
    condition: Condition = field(converter=as_condition)

    @refuse_other_types
    def resolved(self, schema: Schema, *, names: Names | None = None) -> Segment:
        """
        The segment as it should be stored: names turned into ids, so that a rename never breaks it.

        A name that means nothing, or several things, stays as it is written; whoever asks the
        segment is told. Parameters stay open.

        Examples:
            >>> from segmentkit.query import NameTable, parse
            >>> names = NameTable({"segment": {"s-1": "高价值"}})
            >>> lately = Segment("s-2", "近期", parse("in segment '高价值'"))
            >>> segments_named(lately.resolved(Schema(), names=names).condition)
            ('s-1',)
        """
        return evolve(self, condition=check(self.condition, schema, names=names).condition)


@refuse_other_types
def segments_needed(segments: Iterable[Segment]) -> dict[str, tuple[str, ...]]:
    """
    By id, the ids of those among some segments that each names: by id, or by name, however spelt.

    Examples:
        >>> from segmentkit.query import parse
        >>> adults = Segment("a", "Adults", parse("age >= 18"))
        >>> others = Segment("o", "Others", parse("not in segment 'ADULTS'"))
        >>> segments_needed([adults, others])
        {'a': (), 'o': ('a',)}
    """
    by_id = {segment.id: segment for segment in segments}
    by_name = {text_key(segment.name): segment.id for segment in by_id.values()}

    def known(named: str) -> str | None:
        return named if named in by_id else by_name.get(text_key(named))

    return {
        segment.id: tuple(
            dict.fromkeys(
                found
                for named in segments_named(segment.condition)
                if (found := known(named)) is not None
            )
        )
        for segment in by_id.values()
    }


@refuse_other_types
def refuse_cycles(segments: Iterable[Segment]) -> None:
    """
    Refuse segments that need each other, by id or, where a condition was not bound, by name.

    Raises:
        CycleError: with the path by name; `value` is it.

    Examples:
        >>> from segmentkit.query import parse
        >>> refuse_cycles([Segment("a", "甲", parse("in segment 'a'"))])
        Traceback (most recent call last):
            ...
        segmentkit.errors.CycleError: circle '甲 > 甲' at segments. Take one of them out
    """
    by_id = {segment.id: segment for segment in segments}
    circle = find_circle(by_id, segments_needed(by_id.values()).__getitem__)
    if circle:
        path = " > ".join(by_id[segment_id].name for segment_id in circle)
        raise CycleError(path, "segments", "Take one of them out")
