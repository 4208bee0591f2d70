"""The saved segments of a store: each name once, no circles, ids for what they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attrs import field, frozen

from segmentkit.errors import DuplicateNameError, StillInUseError, UnknownNameError
from segmentkit.model import FrozenMap, Schema
from segmentkit.query import Condition, Names, Segment, refuse_cycles, segments_needed
from segmentkit.text import text_key


@frozen
class SavedSegments:
    """
    Segments by id.

    Examples:
        >>> SavedSegments().names
        {}
    """

    _by_id: FrozenMap[Segment] = field(factory=FrozenMap[Segment], converter=FrozenMap[Segment])

    @property
    def names(self) -> dict[str, str]:
        """By id, as people write them."""
        return {segment.id: segment.name for segment in self._by_id.values()}

    @property
    def conditions(self) -> dict[str, Condition]:
        """By id."""
        return {segment.id: segment.condition for segment in self._by_id.values()}

    def saving(
        self,
        segments: Iterable[Segment],
        schema: Schema,
        names_with: Callable[[Mapping[str, str]], Names],
    ) -> SavedSegments:
        """
        With more segments, each in place of an earlier one of its id.

        Args:
            names_with: the names of the store, given those of its segments.

        Raises:
            DuplicateNameError: two would answer to one name.
            CycleError: one would need itself, directly or through others.
        """
        after = {**self._by_id, **{segment.id: segment for segment in segments}}
        new = [one for one in after.values() if one is not self._by_id.get(one.id)]
        named: dict[str, str] = {}
        for segment in after.values():
            if named.setdefault(text_key(segment.name), segment.id) != segment.id:
                raise DuplicateNameError(segment.name, "segments", "Give each a name of its own")
        names = names_with({segment.id: segment.name for segment in after.values()})
        after |= {segment.id: segment.resolved(schema, names=names) for segment in new}
        refuse_cycles(after.values())
        return SavedSegments(after)

    def removing(
        self, segment_id: str, *, used_by: Iterable[str] = (), force: bool = False
    ) -> SavedSegments:
        """
        Without one of them.

        Raises:
            UnknownNameError: there is no such segment.
            StillInUseError: rules or other segments need it.
        """
        gone = self._by_id.get(segment_id)
        if gone is None:
            raise UnknownNameError(segment_id, "segments")
        needed = segments_needed(self._by_id.values())
        needy = [
            f"segment {other.name!r}"
            for other in self._by_id.values()
            if other.id != segment_id and segment_id in needed[other.id]
        ]
        dependants = tuple(dict.fromkeys([*used_by, *needy]))
        if dependants and not force:
            raise StillInUseError(f"segment {gone.name!r}", "deletion", dependants)
        return SavedSegments(self._by_id.drop(segment_id))
