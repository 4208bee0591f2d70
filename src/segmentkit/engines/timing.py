"""What the passing of time can change: which rows cross the ends of windows between two moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.engines.semantics import (
    Moment,
    elapsed,
    point_instant,
    row_window,
    window_bounds,
)
from segmentkit.model import FIRST_INSTANT, LAST_INSTANT, Collection, Schema
from segmentkit.query import (
    Activity,
    Aggregate,
    Ago,
    And,
    Call,
    Compare,
    Condition,
    InWindow,
    Node,
    Not,
    Or,
    Path,
    Step,
    Value,
    Window,
    child_nodes,
    is_of_items,
    segments_named,
)

Range: TypeAlias = tuple[int, int]

# Functions of a value alone. Any other is taken to read the calendar.
_TIMELESS = frozenset(
    {
        "date",
        "week_start",
        "month_start",
        "week",
        "month",
        "quarter",
        "year",
        "day",
        "weekday",
        "hour",
        "abs",
        "length",
    }
)
_EDGES = ("first", "last", "min", "max")


@frozen
class Crossing:
    """Rows of a collection whose time lies in [start, end), microseconds."""

    collection: str
    start: int
    end: int


@frozen
class Passage:
    """
    What the passing of time can change about a condition between two moments.

    Attributes:
        crossings: whoever has such a row may have turned.
        leaves: parts that read the calendar in another way; whoever they answer differently at the
            two moments may have turned.
        reads_tags: whoever has a tag that expired in between may have turned too.
    """

    crossings: tuple[Crossing, ...]
    leaves: tuple[Condition, ...]
    reads_tags: bool


@refuse_other_types
def passage(
    condition: Condition,
    schema: Schema,
    before: Moment,
    after: Moment,
    segments: Mapping[str, Condition] | None = None,
) -> Passage:
    """
    What can turn the verdict of a bound condition between two moments, while nothing else happens.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from segmentkit.query import Duration, Rolling
        >>> schema = Schema(collections=[Collection("purchase")])
        >>> nights = [Moment.of(datetime(2026, 11, day, tzinfo=UTC), UTC) for day in (20, 21)]
        >>> lately = Activity("did", "purchase", window=Rolling("last", Duration(7, "day")))
        >>> [(c.end - c.start) // 3_600_000_000 for c in passage(lately, schema, *nights).crossings]
        [24, 24]
    """
    crossings: dict[Crossing, None] = {}
    leaves: dict[Condition, None] = {}
    reads_tags = False
    for leaf in _leaves(condition, segments or {}):
        walk = _Walk(schema, before, after)
        try:
            walk.visit(leaf, None)
        except _ReadsCalendarError:
            leaves[leaf] = None
        crossings.update(dict.fromkeys(walk.crossings))
        reads_tags = reads_tags or walk.reads_tags
    # A row that crosses two ranges is looked up twice at worst; ranges rarely touch.
    return Passage(tuple(crossings), tuple(leaves), reads_tags)


def _leaves(condition: Condition, segments: Mapping[str, Condition]) -> Iterator[Condition]:
    """The parts of a condition that are no and, or, not; segments are looked into."""
    waiting = [condition]
    opened: set[str] = set()
    while waiting:
        node = waiting.pop()
        match node:
            case And() | Or():
                waiting += reversed(node.items)
            case Not():
                waiting.append(node.operand)
            case Activity(collection="segment"):
                for name in segments_named(node):
                    if name in segments and name not in opened:
                        opened.add(name)
                        waiting.append(segments[name])
            case _:
                yield node


class _ReadsCalendarError(Exception):
    """Time works on this leaf in a way that crossings cannot tell."""


@frozen
class _Walk:
    schema: Schema
    before: Moment
    after: Moment
    crossings: list[Crossing] = field(factory=list[Crossing])
    tags: list[bool] = field(factory=list[bool])

    @property
    def reads_tags(self) -> bool:
        return bool(self.tags)

    def visit(self, node: Node, here: Collection | None) -> None:
        match node:
            case Activity():
                self._activity(node)
            case Aggregate():
                self._aggregate(node, here)
            case InWindow(left=left, window=window):
                timeline = _timeline(left, here, self.schema)
                if timeline is None:
                    raise _ReadsCalendarError
                self.visit(left, here)
                self._between(
                    timeline, window_bounds(window, self.before), window_bounds(window, self.after)
                )
            case Compare(left=left, right=Ago() as point):
                self._compare(left, point, here)
            case Compare(left=Ago() as point, right=right):
                self._compare(right, point, here)
            case Ago():
                raise _ReadsCalendarError
            case Call(function=function) if function not in _TIMELESS:
                raise _ReadsCalendarError
            case _:
                for child in child_nodes(node):
                    self.visit(child, here)

    def _activity(self, node: Activity) -> None:
        collection = self.schema.collection(node.collection)
        self._rows(collection, node.window)
        for part in (node.where, node.having, node.frequency):
            if part is not None:
                self.visit(part, collection)
        behind = [collection]
        for number, step in enumerate(node.steps):
            stepped = self.schema.collection(step.collection)
            self._rows(stepped, None)
            if node.window is not None:
                self._rows(stepped, node.window)
            if step.where is not None:
                self.visit(step.where, stepped)
            if not step.negated:
                behind.append(stepped)
            elif step.within is not None and _ends(node.steps, number):
                # It becomes true once the time after the step before it is over.
                patience = elapsed(step.within)
                start = max(self.before.at - patience, FIRST_INSTANT)
                end = max(self.after.at - patience, FIRST_INSTANT)
                for earlier in behind:
                    self.crossings.append(Crossing(earlier.name, start, end))

    def _aggregate(self, node: Aggregate, here: Collection | None) -> None:
        own = _own_collection(node, here)
        collection = own or self.schema.collection(node.path[0])
        if own is None or node.window is not None:
            self._rows(collection, node.window)
        if node.transform is not None and node.transform not in _TIMELESS:
            raise _ReadsCalendarError
        if node.where is not None:
            self.visit(node.where, collection)

    def _compare(self, left: Value, point: Ago, here: Collection | None) -> None:
        timeline = _timeline(left, here, self.schema)
        if timeline is None:
            raise _ReadsCalendarError
        self.visit(left, here)
        first, second = point_instant(point, self.before), point_instant(point, self.after)
        if first != second:
            # The later point itself too: `=` and `<=` tell it from what lies before it.
            self.crossings.append(Crossing(timeline, min(first, second), max(first, second) + 1))

    def _rows(self, collection: Collection, window: Window | None) -> None:
        if collection.name == "tag":
            self.tags.append(True)
        happens = collection.verb == "did"
        first = row_window(window, self.before, happens=happens)
        second = row_window(window, self.after, happens=happens)
        if first is not None and second is not None:
            self._between(collection.name, first, second)

    def _between(self, collection: str, first: Range, second: Range) -> None:
        """A row is in one range and not in the other only where their starts or ends differ."""
        for one, other in zip(first, second, strict=True):
            if max(one, other) > LAST_INSTANT:
                # A window without an end that has got one: no datetime could say from where.
                if one != other:
                    raise _ReadsCalendarError
            elif one != other:
                self.crossings.append(Crossing(collection, min(one, other), max(one, other)))


def _ends(steps: tuple[Step, ...], number: int) -> bool:
    """Whether nothing but absences comes after a step."""
    return all(step.negated for step in steps[number:])


def _own_collection(node: Aggregate, here: Collection | None) -> Collection | None:
    """The collection whose filtered items an aggregate inside `having` takes."""
    return here if here is not None and is_of_items(node, here) else None


def _timeline(value: Value, here: Collection | None, schema: Schema) -> str | None:
    """The collection whose rows' time a value is; None where it is something else."""
    match value:
        case Path(names=(name,)) if here is not None and name == here.time:
            return here.name
        case Aggregate(function=function, transform=None, path=path) if function in _EDGES:
            own = _own_collection(value, here)
            collection = own or schema.collection(path[0])
            return collection.name if path[-1:] == (collection.time,) else None
        case _:
            return None
