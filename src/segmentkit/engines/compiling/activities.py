"""Activities: the items of a collection, filtered, counted, summed up, put in sequence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import evolve

from segmentkit.engines.closures import (
    NOTHING_NAMED,
    Computed,
    Here,
    Named,
    Select,
    Test,
    all_of,
    any_of,
)
from segmentkit.engines.compiling.comparisons import Comparisons
from segmentkit.engines.semantics import elapsed, key_test, row_window
from segmentkit.engines.sequence import SequenceStep, find_sequence
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Item, Subject
from segmentkit.errors import CycleError, NotPortableError, UnknownNameError
from segmentkit.model import Collection
from segmentkit.query import (
    INTEGER,
    Activity,
    Condition,
    Frequency,
    KeyPattern,
    Keys,
    Path,
    Reference,
    Scope,
    Step,
    Text,
    Value,
    Window,
    walk,
)

_ItemsTest: TypeAlias = Callable[[Subject, list[Item]], bool]
_OPERATORS = {
    "at_least": ">=",
    "at_most": "<=",
    "exactly": "=",
    "more_than": ">",
    "fewer_than": "<",
}


class Activities(Comparisons):
    """Each method returns the positive form; `did not` is its complement, taken by the caller."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._open_segments: tuple[str, ...] = ()

    def activity(self, node: Activity, scope: Scope) -> Test:
        """Whether the activity, taken without its negation, holds."""
        # An empty list is missing: no row passes it, with `all` as with `any`.
        if node.quantifier == "all" and isinstance(node.keys, Keys) and node.keys.values:
            single = [
                evolve(node, quantifier="any", keys=evolve(node.keys, values=(key,)))
                for key in node.keys.values
            ]
            return all_of([self.activity(one, scope) for one in single])
        if node.collection == "segment":
            return self._segment(node)
        if node.steps:
            chain = self.chain(node)
            return lambda subject, here, named: chain(subject) is not None
        collection = self.setting.schema.collection(node.collection)
        select = self.selection(collection, node.keys, node.where, node.window)
        # `did X having (...)` still means that X was done.
        often = _at_all if node.frequency is None else self._frequency(node.frequency)
        if node.having is None:
            return lambda subject, here, named: often(subject, select(subject))
        having = self.condition(node.having, scope.totals_of(collection))

        def active(subject: Subject, here: Here, named: Named) -> bool:
            items = select(subject)
            return often(subject, items) and having(subject, items, NOTHING_NAMED)

        return active

    def _frequency(self, node: Frequency) -> _ItemsTest:
        if node.kind == "between":
            assert node.upper is not None
            low = self._frequency(Frequency("at_least", node.count))
            high = self._frequency(Frequency("at_most", node.upper))
            return lambda subject, items: low(subject, items) and high(subject, items)
        counted = Computed(lambda subject, here, named: len(here), INTEGER)
        # How often is wanted is a value of the contact, not of the items.
        wanted = self.value(node.count, Scope(self.setting.schema))
        test = self.related(_OPERATORS[node.kind], counted, wanted)
        return lambda subject, items: test(subject, items, NOTHING_NAMED)

    # --- which items ----------------------------------------------------------------------------

    def selection(
        self,
        collection: Collection,
        keys: Keys | KeyPattern | None,
        where: Condition | None,
        window: Window | None,
    ) -> Select:
        """
        The items that pass key, filter and window.

        Equal selections of all conditions compiled here are worked out once per subject.
        """
        name = collection.name
        token = self.token((name, keys, where, window))
        bounds = row_window(window, self.setting.moment, happens=collection.verb == "did")
        self.wanted(collection).widen(bounds)
        tests: list[Test] = []
        if keys is not None:
            tests.append(self._keyed(collection, keys))
        if where is not None:
            tests.append(self.condition(where, Scope(self.setting.schema).items_of(collection)))
        passes = None if not tests else tests[0] if len(tests) == 1 else all_of(tests)

        def selected(subject: Subject) -> list[Item]:
            known = subject.found.get(token)
            if known is not None:
                return known
            items = subject.items[name]
            if bounds is not None:
                times = subject.times[name]
                items = items[bisect_left(times, bounds[0]) : bisect_left(times, bounds[1])]
            if passes is not None:
                items = [item for item in items if passes(subject, item, NOTHING_NAMED)]
            subject.found[token] = items
            return items

        return selected

    def _keyed(self, collection: Collection, keys: Keys | KeyPattern) -> Test:
        key = collection.key
        if key is None:
            raise UnknownNameError(collection.name, "collections with a key")
        self.wanted(collection).fields.add(key)
        kind = collection.field(key).references or collection.name
        meant = key_test(keys, kind, self.setting.names)

        def keyed(subject: Subject, here: Here, named: Named) -> bool:
            value = here.values[key]
            return value is not None and meant(value)

        return keyed

    # --- segments -------------------------------------------------------------------------------

    def _segment(self, node: Activity) -> Test:
        if not isinstance(node.keys, Keys):
            raise NotPortableError(
                "interpreter", "'in segment' without names", "Name the segments: in segment 'a'"
            )
        return any_of([self._one_segment(value) for value in node.keys.values])

    def _one_segment(self, value: Value) -> Test:
        match value:
            case Reference(id=segment) | Text(value=segment):
                pass
            case _:
                raise NotPortableError("interpreter", f"a segment that is no name: {value!r}")
        if segment not in self.setting.segments:
            raise UnknownNameError(segment, "segments", "Give the run every segment it names")
        path = (*self._open_segments, segment)
        if segment in self._open_segments:
            raise CycleError(" > ".join(path), "segments", "Segments cannot need each other")
        self._open_segments = path
        try:
            return self.condition(self.setting.segments[segment], Scope(self.setting.schema))
        finally:
            self._open_segments = path[:-1]

    # --- sequences ------------------------------------------------------------------------------

    def chain(self, node: Activity) -> Callable[[Subject], list[Item] | None]:
        """What finds the first chain of items that takes every step of a sequence."""
        collection = self.setting.schema.collection(node.collection)
        select = self.selection(collection, node.keys, node.where, node.window)
        aliases = {node.alias: collection} if node.alias else {}
        steps: list[SequenceStep] = []
        for step in node.steps:
            steps.append(self._step(step, aliases))
            if step.alias:
                aliases = {**aliases, step.alias: self.setting.schema.collection(step.collection)}
        moment = self.setting.moment
        bounds = row_window(node.window, moment, happens=True)
        assert bounds is not None
        alias = node.alias
        return lambda subject: find_sequence(
            subject, select(subject), alias, steps, bounds[1], moment.at
        )

    def _step(self, node: Step, aliases: Mapping[str, Collection]) -> SequenceStep:
        collection = self.setting.schema.collection(node.collection)
        correlated = _speaks_of(node, aliases)
        passes = None
        if correlated and node.where is not None:
            scope = Scope(self.setting.schema, aliases=aliases).items_of(collection)
            passes = self.condition(node.where, scope)
        # A filter that speaks of no other step selects once for all chains.
        select = self.selection(collection, None, None if correlated else node.where, None)
        return SequenceStep(
            select=select,
            passes=passes,
            negated=node.negated,
            alias=node.alias,
            within=None if node.within is None else elapsed(node.within),
            correlated=correlated,
        )


def _at_all(subject: Subject, items: list[Item]) -> bool:
    return bool(items)


def _speaks_of(step: Step, aliases: Mapping[str, Collection]) -> frozenset[str]:
    """The aliases that a step's filter names."""
    if step.where is None:
        return frozenset()
    return frozenset(
        part.names[0]
        for part in walk(step.where)
        if isinstance(part, Path) and len(part.names) == 2 and part.names[0] in aliases
    )
