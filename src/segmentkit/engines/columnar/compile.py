"""Conditions compiled to nodes, with everything that they share made once."""

from __future__ import annotations

from collections.abc import Container
from typing import TypeAlias

from attrs import evolve

from segmentkit.engines.columnar.chains import Chain, ChainStep
from segmentkit.engines.columnar.members import (
    Asked,
    Complement,
    Every,
    Leaf,
    Node,
    Sequence,
    Some,
)
from segmentkit.engines.columnar.plain import PlainTests, Test
from segmentkit.engines.columnar.selections import Bounds, Family, Measure, RowFilter, Selection
from segmentkit.engines.columnar.step_filters import (
    StepFilter,
    StepValues,
    row_test,
    step_filter,
)
from segmentkit.engines.columnar.values import Computed, Site, Values
from segmentkit.engines.semantics import elapsed, key_test, row_window
from segmentkit.engines.setting import Setting
from segmentkit.errors import CycleError, InvalidValueError, NotPortableError, UnknownNameError
from segmentkit.model import Collection, FieldType
from segmentkit.query import (
    INTEGER,
    Activity,
    Aggregate,
    And,
    Compare,
    Condition,
    Frequency,
    KeyPattern,
    Keys,
    Not,
    Number,
    Or,
    Parameter,
    Path,
    Reference,
    Scope,
    Step,
    Text,
    Value,
    ValueType,
    Window,
    aggregate_type,
    is_of_items,
    walk,
)

Conditions: TypeAlias = "tuple[Condition, ...]"
_COUNT = Aggregate("count")
_OPERATORS = {
    "at_least": ">=",
    "at_most": "<=",
    "exactly": "=",
    "more_than": ">",
    "fewer_than": "<",
}


class Compiler:
    """
    Compiles bound conditions for one setting; equal parts of all of them become one.

    Attributes:
        filters: every filter over rows that is asked.
        asked: conditions that only the interpreter can decide, by number.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.filters: dict[object, RowFilter] = {}
        self.asked: list[Activity] = []
        self._selections: dict[tuple[RowFilter, Bounds | None], Selection] = {}
        self._measures: dict[object, Measure] = {}
        self._families: dict[object, Family] = {}
        self._items: dict[object, Computed] = {}
        self._nodes: dict[tuple[object, Selection | None], Node] = {}
        self._open_segments: list[str] = []
        self._values = Values(setting, self._measure_of)
        self._plain = PlainTests(setting, self._values)
        self._step_values = StepValues(setting, self._measure_of)
        self._step_plain = PlainTests(setting, self._step_values)
        self._top = Site(Scope(setting.schema))
        # Filters are told apart by what they were compiled from.
        self._sources: dict[Selection, tuple[Collection, Keys | KeyPattern | None, Conditions]] = {}

    def compile(self, condition: Condition) -> Node:
        """
        The node of a condition.

        Raises:
            NotPortableError: a construct that this engine cannot compute right.
            UnknownNameError, InvalidValueError, CycleError: as the interpreter.
        """
        return self._node(condition, self._top)

    def value(self, node: Value, within: Activity | None = None) -> Computed:
        """
        A value of contacts; where it stands in the `having` of an activity, of that one's items.

        Raises:
            NotPortableError, UnknownNameError, InvalidValueError: as `compile`.
        """
        site = self._top if within is None else self._totals_of(self._selected_by(within))
        return self._values.value(node, site)

    def collections(self) -> tuple[str, ...]:
        """Names of all collections that what was compiled reads."""
        named = {row_filter.collection for row_filter in self.filters.values()}
        named.update(step.collection for node in self.asked for step in node.steps)
        return tuple(sorted(named))

    # --- of contacts ----------------------------------------------------------------------------

    def _node(self, node: Condition, site: Site) -> Node:
        key = (node, site.totals)
        known = self._nodes.get(key)
        if known is None:
            known = self._nodes[key] = self._new_node(node, site)
        return known

    def _new_node(self, node: Condition, site: Site) -> Node:
        match node:
            case And():
                return Every(tuple(self._node(item, site) for item in node.items))
            case Or():
                return Some(tuple(self._node(item, site) for item in node.items))
            case Not():
                return Complement(self._node(node.operand, site))
            case Activity():
                if site.scope.collection is not None:
                    raise NotPortableError("columnar", "an activity inside where or having")
                if node.negated:
                    return Complement(self._node(evolve(node, negated=False), site))
                return self._activity(node)
            case Parameter():
                raise InvalidValueError(
                    node.name, "parameters", "Bind every parameter before a run"
                )
            case _:
                return Leaf(self._plain.plain(node, site))

    def _activity(self, node: Activity) -> Node:
        """Who did it; whether the node is negated is the caller's matter."""
        if node.quantifier == "all" and isinstance(node.keys, Keys) and node.keys.values:
            single = [
                evolve(node, quantifier="any", keys=evolve(node.keys, values=(key,)))
                for key in node.keys.values
            ]
            return Every(tuple(self._node(one, self._top) for one in single))
        if node.collection == "segment":
            return self._segment(node)
        selection = self._selected_by(node)
        if node.steps:
            return self._sequence(node, selection)
        site = self._totals_of(selection)
        if node.frequency is None:
            tests = [self._node(Compare(">=", _COUNT, Number(1)), site)]
        else:
            tests = self._frequency(node.frequency, site)
        if node.having is not None:
            tests.append(self._node(node.having, site))
        return tests[0] if len(tests) == 1 else Every(tuple(tests))

    def _selected_by(self, node: Activity) -> Selection:
        """The rows that pass an activity's keys, filter and window."""
        collection = self.setting.schema.collection(node.collection)
        where = () if node.where is None else (node.where,)
        return self._selection(collection, node.keys, where, node.window)

    def _frequency(self, node: Frequency, site: Site) -> list[Node]:
        if node.kind == "between":
            assert node.upper is not None
            low = Frequency("at_least", node.count)
            return self._frequency(low, site) + self._frequency(
                Frequency("at_most", node.upper), site
            )
        counted = self._values.value(_COUNT, site)
        # How often is wanted is a value of the contact, not of the items.
        wanted = self._values.value(node.count, self._top)
        return [Leaf(self._plain.related(_OPERATORS[node.kind], counted, wanted))]

    def _segment(self, node: Activity) -> Node:
        if not isinstance(node.keys, Keys):
            raise NotPortableError(
                "columnar", "'in segment' without names", "Name the segments: in segment 'a'"
            )
        return Some(tuple(self._one_segment(value) for value in node.keys.values))

    def _one_segment(self, value: Value) -> Node:
        if isinstance(value, Reference):
            segment = value.id
        elif isinstance(value, Text):
            segment = value.value
        else:
            raise NotPortableError("columnar", f"a segment that is no name: {value!r}")
        if segment not in self.setting.segments:
            raise UnknownNameError(segment, "segments", "Give the run every segment it names")
        path = [*self._open_segments, segment]
        if segment in self._open_segments:
            raise CycleError(" > ".join(path), "segments", "Segments cannot need each other")
        self._open_segments = path
        try:
            return self._node(self.setting.segments[segment], self._top)
        finally:
            self._open_segments = path[:-1]

    def _sequence(self, node: Activity, start: Selection) -> Node:
        """
        Who takes every step.

        What the columnar engine cannot compute beside earlier rows the interpreter is asked, of those
        who have a row for the beginning and for each step.
        """
        window = row_window(node.window, self.setting.moment, happens=True)
        assert window is not None
        collection = self.setting.schema.collection(node.collection)
        aliases = {node.alias: collection} if node.alias else {}
        steps: list[ChainStep] = []
        is_portable = True
        for step in node.steps:
            collection = self.setting.schema.collection(step.collection)
            scope = Scope(self.setting.schema, aliases=aliases).items_of(collection)
            selection, beside = self._step(step, scope, None if step.negated else window)
            found: StepFilter | None = None
            if beside:
                found = self._step_filter(beside, scope)
                is_portable = is_portable and found is not None
            within = None if step.within is None else elapsed(step.within)
            steps.append(ChainStep(selection, step.negated, step.alias, within, found))
            if step.alias:
                # Nothing stands for what did not happen.
                is_portable = is_portable and not step.negated
                aliases = {**aliases, step.alias: collection}
        if is_portable:
            at = self.setting.moment.at
            return Sequence(Chain(start, node.alias, tuple(steps), window, at))
        has_some = Compare(">=", _COUNT, Number(1))
        self.asked.append(node)
        wanted = [start, *(step.selection for step in steps if not step.negated)]
        needed = tuple(self._node(has_some, self._totals_of(one)) for one in wanted)
        return Asked(Every(needed), len(self.asked) - 1)

    def _totals_of(self, selection: Selection) -> Site:
        collection = self.setting.schema.collection(selection.filter.collection)
        return Site(self._top.scope.totals_of(collection), selection)

    def _step(
        self, step: Step, scope: Scope, window: Bounds | None
    ) -> tuple[Selection, Conditions]:
        """Rows that could take a step, and what is asked of them beside earlier rows."""
        collection = self.setting.schema.collection(step.collection)
        own: Conditions = ()
        beside: Conditions = ()
        if step.where is not None:
            parts = _parts(step.where)
            beside = tuple(part for part in parts if _speaks_of(part, scope.aliases))
            own = (step.where,) if not beside else tuple(p for p in parts if p not in beside)
        happens = row_window(None, self.setting.moment, happens=collection.verb == "did")
        return self._selected(collection, None, own, _overlap(window, happens)), beside

    def _step_filter(self, beside: Conditions, scope: Scope) -> StepFilter | None:
        """Conditions beside earlier rows; None where only the interpreter can decide them."""
        try:
            return step_filter(beside, scope, self._step_values, self._step_plain)
        except NotPortableError:
            return None

    # --- of rows --------------------------------------------------------------------------------

    def _selection(
        self,
        collection: Collection,
        keys: Keys | KeyPattern | None,
        where: Conditions,
        window: Window | None,
    ) -> Selection:
        bounds = row_window(window, self.setting.moment, happens=collection.verb == "did")
        return self._selected(collection, keys, where, bounds)

    def _selected(
        self,
        collection: Collection,
        keys: Keys | KeyPattern | None,
        where: Conditions,
        bounds: Bounds | None,
    ) -> Selection:
        source = (collection.name, keys, where)
        found = self.filters.get(source)
        if found is None:
            tests = [] if keys is None else [self._key_test(collection, keys)]
            site = Site(self._top.scope.items_of(collection))
            tests += [
                row_test(self._plain, part, site)
                for condition in where
                for part in _parts(condition)
            ]
            found = self.filters[source] = RowFilter(collection.name, tuple(tests))
        found.widen(bounds)
        selection = self._selections.get((found, bounds))
        if selection is None:
            selection = self._selections[found, bounds] = Selection(found, bounds)
            self._sources[selection] = (collection, keys, where)
        return selection

    def _key_test(self, collection: Collection, keys: Keys | KeyPattern) -> Test:
        key = collection.key
        if key is None:
            raise UnknownNameError(collection.name, "collections with a key")
        declared = collection.field(key)
        if declared.type is not FieldType.TEXT:
            raise NotPortableError("columnar", f"keys of type {declared.type.value}")
        meant = key_test(keys, declared.references or collection.name, self.setting.names)
        # What a pattern or `under` means depends on the names of the run, so no other may reuse it.
        lasting = isinstance(keys, Keys) and not keys.under
        return self._plain.text_test(declared, meant, ("key", keys) if lasting else None)

    # --- totals ---------------------------------------------------------------------------------

    def _measure_of(self, node: Aggregate, site: Site) -> Measure:
        collection, field_name, selection = self._aggregated(node, site)
        return self._known_measure(node, collection, field_name, selection)

    def _known_measure(
        self, node: Aggregate, collection: Collection, field_name: str | None, selection: Selection
    ) -> Measure:
        key = (selection, node.function, field_name, node.transform)
        known = self._measures.get(key)
        if known is None:
            known = self._measures[key] = self._new_measure(node, collection, field_name, selection)
        return known

    def _new_measure(
        self, node: Aggregate, collection: Collection, field_name: str | None, selection: Selection
    ) -> Measure:
        if field_name is None:
            return self._member(selection, "count", None, None, INTEGER)
        item = self._item(collection, field_name, node.transform)
        result = aggregate_type(node.function, item.type)
        if result is None:
            raise InvalidValueError(node.function, "aggregate", "Check the condition first")
        parts: tuple[Measure, ...] = ()
        if node.function == "count":
            parts = (self._known_measure(_COUNT, collection, None, selection),)
        elif node.function == "avg":
            sums, counts = evolve(node, function="sum"), evolve(node, function="count")
            parts = tuple(
                self._known_measure(part, collection, field_name, selection)
                for part in (sums, counts)
            )
        return self._member(selection, node.function, item, item.type, result, parts)

    def _item(self, collection: Collection, field_name: str, transform: str | None) -> Computed:
        """The value of a row that an aggregate sums up; one object for equal ones."""
        key = (collection.name, field_name, transform)
        item = self._items.get(key)
        if item is None:
            site = Site(self._top.scope.items_of(collection))
            item = self._values.value(Path((field_name,)), site)
            if transform is not None:
                item = self._values.called(transform, item)
            self._items[key] = item
        return item

    def _member(
        self,
        selection: Selection,
        function: str,
        item: Computed | None,
        item_type: ValueType | None,
        result: ValueType,
        parts: tuple[Measure, ...] = (),
    ) -> Measure:
        family = self._families.setdefault((selection.filter, function, item), Family())
        get = None if item is None else item.get
        measure = Measure(selection, family, function, get, item_type, result, parts)
        family.measures.append(measure)
        return measure

    def _aggregated(self, node: Aggregate, site: Site) -> tuple[Collection, str | None, Selection]:
        """Whose items an aggregate takes, which field of them, and how they are found."""
        own = () if node.where is None else (node.where,)
        here = site.scope.collection
        if here is not None and site.totals is not None and is_of_items(node, here):
            _, keys, where = self._sources[site.totals]
            bounds = site.totals.bounds
            if node.window is not None:
                narrower = row_window(node.window, self.setting.moment, happens=here.verb == "did")
                bounds = _overlap(bounds, narrower)
            selection = self._selected(here, keys, (*where, *own), bounds)
            return here, node.path[0] if node.path else None, selection
        collection = self.setting.schema.collection(node.path[0])
        selection = self._selection(collection, None, own, node.window)
        return collection, node.path[1] if len(node.path) > 1 else None, selection


def _parts(condition: Condition) -> tuple[Condition, ...]:
    """What must hold, each by itself."""
    if isinstance(condition, And):
        return tuple(part for item in condition.items for part in _parts(item))
    return (condition,)


def _overlap(first: Bounds | None, second: Bounds | None) -> Bounds | None:
    if first is None or second is None:
        return first or second
    return max(first[0], second[0]), min(first[1], second[1])


def _speaks_of(condition: Condition, named: Container[str]) -> bool:
    """Whether a filter names an earlier step."""
    return any(
        isinstance(part, Path) and len(part.names) == 2 and part.names[0] in named
        for part in walk(condition)
    )
