"""
The interpreter: a condition compiled once to closures, then asked of one contact at a time.

It is the plain reading of the law table and the oracle of every other engine.

Every closure takes (subject, here, named). `here` is the item inside `where`, the list of items
inside `having`, and None elsewhere; `named` maps the aliases given with `as` to their items.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias, assert_never

from attrs import evolve, field, frozen

from segmentkit.engines.semantics import (
    COMPARISONS,
    Held,
    Moment,
    Scalar,
    date_bounds,
    date_window,
    distinct_count,
    elapsed,
    glob_matches,
    mean,
    point_instant,
    row_window,
    text_test,
    total,
    window_bounds,
)
from segmentkit.engines.sequence import SequenceStep, has_sequence
from segmentkit.engines.subject import Item, Subject
from segmentkit.errors import CycleError, InvalidValueError, NotPortableError, UnknownNameError
from segmentkit.model import SYSTEM, Collection, FieldType, Schema, Viewer
from segmentkit.query import (
    BOOLEAN,
    DATE,
    DURATION,
    INSTANT,
    INTEGER,
    TEXT,
    Activity,
    Aggregate,
    Ago,
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Condition,
    Date,
    Duration,
    Frequency,
    InList,
    InWindow,
    IsMissing,
    KeyPattern,
    Keys,
    LocalTime,
    Names,
    Negative,
    Not,
    Number,
    Or,
    Parameter,
    Path,
    Reference,
    Scope,
    Step,
    Text,
    TextMatch,
    Truth,
    Value,
    ValueType,
    Window,
    aggregate_type,
    arithmetic_type,
    find_function,
    number_type,
    type_of_field,
    walk,
)
from segmentkit.text import text_key

Here: TypeAlias = Any
Named: TypeAlias = Mapping[str, Item]
Test: TypeAlias = Callable[[Subject, Here, Named], bool]
Get: TypeAlias = Callable[[Subject, Here, Named], Held | None]
Select: TypeAlias = Callable[[Subject], list[Item]]

NOTHING_NAMED: Named = {}


@frozen
class Setting:
    """
    What a run knows besides the contacts.

    Attributes:
        schema: of the store.
        moment: instant, zone and calendar of the run.
        viewer: who looks.
        names: for `under`, `like` and `in segment`; None where none of them is used.
        segments: conditions by segment id, bound like the condition itself.
    """

    schema: Schema
    moment: Moment
    viewer: Viewer = SYSTEM
    names: Names | None = None
    segments: Mapping[str, Condition] = field(factory=dict[str, Condition])


@frozen
class Computed:
    """A compiled value and its type; `constant` is its held value when it is a literal."""

    get: Get
    type: ValueType
    constant: Held | None = None


class Interpreter:
    """
    Compiles bound conditions for one setting; conditions share what they have in common.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from segmentkit.engines.subject import SubjectReader
        >>> from segmentkit.model import Field
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER)])
        >>> moment = Moment.of(datetime(2026, 1, 1, tzinfo=UTC), UTC)
        >>> adult = Interpreter(Setting(schema, moment)).compile(
        ...     Compare(">=", Path(("age",)), Number(18))
        ... )
        >>> reader = SubjectReader(schema, (), SYSTEM, moment)
        >>> adult(reader.subject("c-17", {"age": 20}, {}))
        True
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.collections: set[str] = set()
        # A token per distinct selection: subjects remember results under it, and tokens of other
        # interpreters can never be mistaken for it.
        self._selections: dict[object, object] = {}
        self._open_segments: list[str] = []

    def compile(self, condition: Condition) -> Callable[[Subject], bool]:
        """The condition as a function of a subject."""
        test = self.condition(condition, Scope(self.setting.schema))
        return lambda subject: test(subject, None, NOTHING_NAMED)

    # --- conditions -----------------------------------------------------------------------------

    def condition(self, node: Condition, scope: Scope) -> Test:
        match node:
            case And():
                return _all_of([self.condition(item, scope) for item in node.items])
            case Or():
                return _any_of([self.condition(item, scope) for item in node.items])
            case Not():
                return _complement(self.condition(node.operand, scope))
            case Compare():
                return self._compare(node, scope)
            case TextMatch():
                return _complement_if(node.negated, self._text_match(node, scope))
            case Between():
                return _complement_if(
                    node.negated,
                    _all_of(
                        [
                            self._compare(Compare(">=", node.left, node.low), scope),
                            self._compare(Compare("<=", node.left, node.high), scope),
                        ]
                    ),
                )
            case InList():
                return _complement_if(node.negated, self._in_list(node, scope))
            case InWindow():
                return _complement_if(node.negated, self._in_window(node, scope))
            case IsMissing():
                get = self.value(node.operand, scope).get
                if node.negated:
                    return lambda subject, here, named: get(subject, here, named) is not None
                return lambda subject, here, named: get(subject, here, named) is None
            case Activity():
                return _complement_if(node.negated, self._activity(node, scope))
            case Path() | Truth() | Parameter() | Call() | Aggregate():
                get = self.value(node, scope).get
                return lambda subject, here, named: get(subject, here, named) is True
            case _:
                assert_never(node)

    def _compare(self, node: Compare, scope: Scope) -> Test:
        if node.operator == "!=":
            return _complement(self._compare(evolve(node, operator="="), scope))
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if left.type.kind is not right.type.kind:
            if isinstance(node.right, Date) and left.type.kind is FieldType.INSTANT:
                return self._compare_with_day(node.operator, left.get, node.right)
            if isinstance(node.left, Date) and right.type.kind is FieldType.INSTANT:
                turned = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}[node.operator]
                return self._compare_with_day(turned, right.get, node.left)
        left, right = self._alike(left, right, exactly=node.exactly or _is_id(node))
        holds = COMPARISONS[node.operator]
        get, other, constant = left.get, right.get, right.constant
        if constant is not None:

            def against_constant(subject: Subject, here: Here, named: Named) -> bool:
                value: Any = get(subject, here, named)
                return value is not None and holds(value, constant)

            return against_constant

        def compared(subject: Subject, here: Here, named: Named) -> bool:
            value: Any = get(subject, here, named)
            against: Any = other(subject, here, named)
            return value is not None and against is not None and holds(value, against)

        return compared

    def _compare_with_day(self, operator: str, get: Get, day: Date) -> Test:
        """An instant against a date: the instant's local date is what is compared."""
        start, end = date_bounds(day.value, self.setting.moment)
        low, high = {
            "=": (start, end),
            "<": (None, start),
            "<=": (None, end),
            ">": (end, None),
            ">=": (start, None),
        }[operator]

        def within(subject: Subject, here: Here, named: Named) -> bool:
            value: Any = get(subject, here, named)
            return (
                value is not None
                and (low is None or value >= low)
                and (high is None or value < high)
            )

        return within

    def _alike(
        self, left: Computed, right: Computed, *, exactly: bool = False
    ) -> tuple[Computed, Computed]:
        """Both sides in one form: one scale, one kind of time, text keys unless raw text counts."""
        kinds = {left.type.kind, right.type.kind}
        if left.type.is_number and right.type.is_number:
            if FieldType.FLOAT in kinds:
                return _mapped(left, _to_float(left.type)), _mapped(right, _to_float(right.type))
            if left.type.rational or right.type.rational:
                return (
                    _mapped(left, _to_fraction(left.type)),
                    _mapped(right, _to_fraction(right.type)),
                )
            scale = max(left.type.scale, right.type.scale)
            return _scaled(left, scale), _scaled(right, scale)
        if kinds == {FieldType.TEXT}:
            return (left, right) if exactly else (_mapped(left, _key), _mapped(right, _key))
        if kinds == {FieldType.DATE, FieldType.INSTANT}:
            return self._as_instant(left), self._as_instant(right)
        return left, right

    def _as_instant(self, value: Computed) -> Computed:
        """A date as its first instant, so that it can stand beside instants."""
        if value.type.kind is FieldType.INSTANT:
            return value
        moment = self.setting.moment
        return evolve(
            _mapped(value, lambda ordinal: moment.start_of(date.fromordinal(int(ordinal)))),
            type=INSTANT,
        )

    def _text_match(self, node: TextMatch, scope: Scope) -> Test:
        left = self.value(node.left, scope)
        patterns = [self._text_constant(p, scope) for p in _items(node.patterns)]
        wants_all = node.quantifier == "all"
        get = left.get
        if left.type.kind is FieldType.TEXT_LIST:
            keys = frozenset(text_key(p) for p in patterns)

            def listed(subject: Subject, here: Here, named: Named) -> bool:
                value: Any = get(subject, here, named)
                if value is None:
                    return False
                present = {text_key(text) for text in value}
                return keys <= present if wants_all else not keys.isdisjoint(present)

            return listed
        tests = [text_test(node.operation, pattern) for pattern in patterns]
        combine = all if wants_all else any

        def matched(subject: Subject, here: Here, named: Named) -> bool:
            value: Any = get(subject, here, named)
            return value is not None and combine(test(value) for test in tests)

        return matched

    def _text_constant(self, node: Value, scope: Scope) -> str:
        if not isinstance(node, Text):
            raise NotPortableError("interpreter", f"a text pattern that is no text: {node!r}")
        return node.value

    def _in_list(self, node: InList, scope: Scope) -> Test:
        return _any_of(
            [self._compare(Compare("=", node.left, item), scope) for item in _items(node.items)]
        )

    def _in_window(self, node: InWindow, scope: Scope) -> Test:
        left = self.value(node.left, scope)
        if left.type.kind is FieldType.DATE:
            start, end = date_window(node.window, self.setting.moment)
        else:
            start, end = window_bounds(node.window, self.setting.moment)
        get = left.get

        def within(subject: Subject, here: Here, named: Named) -> bool:
            value: Any = get(subject, here, named)
            return value is not None and start <= value < end

        return within

    # --- activities -----------------------------------------------------------------------------

    def _activity(self, node: Activity, scope: Scope) -> Test:
        """Whether the activity, taken without its negation, holds."""
        if node.quantifier == "all" and isinstance(node.keys, Keys):
            single = [
                evolve(node, negated=False, quantifier="any", keys=evolve(node.keys, values=(key,)))
                for key in node.keys.values
            ]
            return _all_of([self._activity(one, scope) for one in single])
        if node.collection == "segment":
            return self._segment(node)
        collection = self.setting.schema.collection(node.collection)
        select = self.selection(collection, node.keys, node.where, node.window)
        if node.steps:
            return self._sequence(node, collection, select)
        tests: list[Callable[[Subject, list[Item]], bool]] = []
        if node.frequency is not None:
            tests.append(self._frequency(node.frequency, scope))
        if node.having is not None:
            having = self.condition(node.having, scope.totals_of(collection))
            tests.append(lambda subject, items: having(subject, items, NOTHING_NAMED))
        if node.frequency is None:
            # `did X having (...)` still means that X was done.
            tests.insert(0, lambda subject, items: bool(items))
        if len(tests) == 1:
            only = tests[0]
            return lambda subject, here, named: only(subject, select(subject))

        def active(subject: Subject, here: Here, named: Named) -> bool:
            items = select(subject)
            return all(test(subject, items) for test in tests)

        return active

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
        self.collections.add(collection.name)
        token = self._selections.setdefault((collection.name, keys, where, window), object())
        name = collection.name
        bounds = row_window(window, self.setting.moment, happens=collection.verb == "did")
        tests: list[Test] = []
        scope = Scope(self.setting.schema).items_of(collection)
        if keys is not None:
            tests.append(self._key_test(collection, keys))
        if where is not None:
            tests.append(self.condition(where, scope))
        passes = None if not tests else tests[0] if len(tests) == 1 else _all_of(tests)

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

    def _key_test(self, collection: Collection, keys: Keys | KeyPattern) -> Test:
        key = collection.key
        if key is None:
            raise UnknownNameError(collection.name, "collections with a key")
        kind = collection.field(key).references or collection.name
        if isinstance(keys, KeyPattern):
            pattern = text_key(keys.pattern.value)

            def named_like(subject: Subject, here: Here, named: Named) -> bool:
                value: Any = here.values[key]
                return value is not None and glob_matches(
                    pattern, text_key(self._name_of(kind, value))
                )

            return named_like
        ids: set[str] = set()
        texts: set[str] = set()
        for value in keys.values:
            if isinstance(value, Reference):
                ids.update(self._below(value, kind) if keys.under else (value.id,))
            elif isinstance(value, Text):
                if keys.under and self.setting.names is not None:
                    ids.update(self.setting.names.below(kind, value.value))
                texts.add(text_key(value.value))
            else:
                raise NotPortableError("interpreter", f"a key that is no text: {value!r}")

        def keyed(subject: Subject, here: Here, named: Named) -> bool:
            value: Any = here.values[key]
            return value is not None and (value in ids or text_key(value) in texts)

        return keyed

    def _name_of(self, kind: str, thing_id: str) -> str:
        names = self.setting.names
        return thing_id if names is None else names.name_of(kind, thing_id) or thing_id

    def _below(self, reference: Reference, kind: str) -> Sequence[str]:
        names = self.setting.names
        if names is None:
            raise InvalidValueError(reference.id, "under", "Give the run the names it needs")
        # Keys of a tag group are tags: `below` of a tag group answers with tag ids.
        return sorted(names.below(reference.kind, reference.id))

    def _frequency(self, node: Frequency, scope: Scope) -> Callable[[Subject, list[Item]], bool]:
        if node.kind == "between":
            assert node.upper is not None
            low = self._frequency(Frequency("at_least", node.count), scope)
            high = self._frequency(Frequency("at_most", node.upper), scope)
            return lambda subject, items: low(subject, items) and high(subject, items)
        operator = {
            "at_least": ">=",
            "at_most": "<=",
            "exactly": "=",
            "more_than": ">",
            "fewer_than": "<",
        }[node.kind]
        counted = Computed(lambda subject, here, named: len(here), INTEGER)
        left, right = self._alike(counted, self.value(node.count, Scope(self.setting.schema)))
        holds = COMPARISONS[operator]

        def frequent(subject: Subject, items: list[Item]) -> bool:
            count: Any = left.get(subject, items, NOTHING_NAMED)
            wanted: Any = right.get(subject, None, NOTHING_NAMED)
            return wanted is not None and holds(count, wanted)

        return frequent

    def _segment(self, node: Activity) -> Test:
        if not isinstance(node.keys, Keys):
            raise NotPortableError(
                "interpreter", "'in segment' without names", "Name the segments: in segment 'a'"
            )
        return _any_of([self._one_segment(value) for value in node.keys.values])

    def _one_segment(self, value: Value) -> Test:
        if isinstance(value, Reference):
            segment = value.id
        elif isinstance(value, Text):
            segment = value.value
        else:
            raise NotPortableError("interpreter", f"a segment that is no name: {value!r}")
        if segment not in self.setting.segments:
            raise UnknownNameError(segment, "segments", "Give the run every segment it names")
        path = [*self._open_segments, segment]
        if segment in self._open_segments:
            raise CycleError(" > ".join(path), "segments", "Segments cannot need each other")
        self._open_segments = path
        try:
            return self.condition(self.setting.segments[segment], Scope(self.setting.schema))
        finally:
            self._open_segments = path[:-1]

    def _sequence(self, node: Activity, collection: Collection, select: Select) -> Test:
        aliases = {node.alias: collection} if node.alias else {}
        steps: list[SequenceStep] = []
        for step in node.steps:
            stepped = self.setting.schema.collection(step.collection)
            scope = Scope(self.setting.schema, aliases=aliases).items_of(stepped)
            rows = self.selection(stepped, None, None, None)
            steps.append(
                SequenceStep(
                    rows=rows,
                    passes=None if step.where is None else self.condition(step.where, scope),
                    negated=step.negated,
                    alias=step.alias,
                    within=None if step.within is None else elapsed(step.within),
                    correlated=_speaks_of(step, aliases),
                )
            )
            if step.alias:
                aliases = {**aliases, step.alias: stepped}
        moment = self.setting.moment
        bounds = row_window(node.window, moment, happens=True)
        assert bounds is not None
        alias = node.alias

        def follows(subject: Subject, here: Here, named: Named) -> bool:
            return has_sequence(subject, select(subject), alias, steps, bounds, moment.at)

        return follows

    # --- values ---------------------------------------------------------------------------------

    def value(self, node: Value, scope: Scope) -> Computed:
        match node:
            case Number():
                kind = number_type(node.value)
                return _literal(int(node.value * 10**kind.scale), kind)
            case Text():
                # A blank text is missing, here as everywhere.
                return _literal(node.value if text_key(node.value) else None, TEXT)
            case Reference():
                return _literal(node.id, TEXT)
            case Truth():
                return _literal(node.value, BOOLEAN)
            case Date():
                return _literal(node.value.toordinal(), DATE)
            case LocalTime() | Ago():
                return _literal(point_instant(node, self.setting.moment), INSTANT)
            case Duration():
                return _literal(elapsed(node), DURATION)
            case Parameter():
                raise InvalidValueError(
                    node.name, "parameters", "Bind every parameter before a run"
                )
            case Path():
                return self._path(node, scope)
            case Call():
                return self._call(node.function, self.value(node.arguments[0], scope))
            case Aggregate():
                return self._aggregate(node, scope)
            case Negative():
                operand = self.value(node.operand, scope)
                return evolve(
                    _mapped(operand, lambda number: -number),
                    type=evolve(operand.type, constant=operand.type.constant),
                )
            case Arithmetic():
                return self._arithmetic(node, scope)
            case _:
                assert_never(node)

    def _path(self, node: Path, scope: Scope) -> Computed:
        resolved = scope.resolve(node)
        if resolved is None:
            raise UnknownNameError(".".join(node.names), "fields", "Check the condition first")
        path, declared = resolved
        name = declared.name
        if len(path.names) == 1 and scope.collection is not None:
            return Computed(lambda subject, here, named: here.values[name], type_of_field(declared))
        alias = path.names[0]
        if len(path.names) == 2 and alias in scope.aliases:
            return Computed(
                lambda subject, here, named: named[alias].values[name], type_of_field(declared)
            )
        return Computed(lambda subject, here, named: subject.values[name], type_of_field(declared))

    def _call(self, name: str, argument: Computed) -> Computed:
        function = find_function(name)
        if function is None:
            raise UnknownNameError(name, "functions", "Check the condition first")
        kind = argument.type.kind
        frame = self.setting.moment.frame
        applied = _mapped(argument, lambda value: function.apply(value, kind, frame))
        return evolve(applied, type=function.result or argument.type)

    def _aggregate(self, node: Aggregate, scope: Scope) -> Computed:
        collection, field_name, select = self._aggregated(node, scope)
        if field_name is None:
            return Computed(lambda subject, here, named: len(select(subject, here)), INTEGER)
        item_scope = scope.items_of(collection)
        item = self._path(Path((field_name,)), item_scope)
        if node.transform is not None:
            item = self._call(node.transform, item)
        result = aggregate_type(node.function, item.type)
        if result is None:
            raise InvalidValueError(node.function, "aggregate", "Check the condition first")
        get = item.get
        summarise = _summary(node.function, item.type)
        if node.function in ("first", "last"):

            def edge(subject: Subject, here: Here, named: Named) -> Held | None:
                items = select(subject, here)
                timed = items and items[0 if node.function == "first" else -1]
                return get(subject, timed, named) if timed else None

            return Computed(edge, result)

        def aggregated(subject: Subject, here: Here, named: Named) -> Held | None:
            values = [get(subject, item, named) for item in select(subject, here)]
            return summarise([value for value in values if value is not None])

        return Computed(aggregated, result)

    def _aggregated(
        self, node: Aggregate, scope: Scope
    ) -> tuple[Collection, str | None, Callable[[Subject, Here], list[Item]]]:
        """Whose items an aggregate takes, which field of them, and how they are found."""
        here = scope.collection
        if here is not None and scope.in_having and self._is_own(node, here):
            bounds = None
            if node.window is not None:
                bounds = row_window(node.window, self.setting.moment, happens=here.verb == "did")
            passes = None
            if node.where is not None:
                passes = self.condition(node.where, scope.items_of(here))

            def of_these(subject: Subject, items: Here) -> list[Item]:
                if bounds is not None:
                    items = [i for i in items if bounds[0] <= i.time < bounds[1]]
                if passes is not None:
                    items = [i for i in items if passes(subject, i, NOTHING_NAMED)]
                return items

            return here, node.path[0] if node.path else None, of_these
        collection = self.setting.schema.collection(node.path[0])
        select = self.selection(collection, None, node.where, node.window)
        field_name = node.path[1] if len(node.path) > 1 else None
        return collection, field_name, lambda subject, here: select(subject)

    def _is_own(self, node: Aggregate, collection: Collection) -> bool:
        return not node.path or (
            len(node.path) == 1 and collection.find_field(node.path[0]) is not None
        )

    def _arithmetic(self, node: Arithmetic, scope: Scope) -> Computed:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        result = arithmetic_type(node.operator, left.type, right.type)
        if result is None:
            raise InvalidValueError(node.operator, "arithmetic", "Check the condition first")
        if node.operator in ("+", "-") or result.kind is FieldType.FLOAT or result.rational:
            left, right = self._operands(node, left, right, result)
        first, second = left.get, right.get
        compute = _OPERATIONS[node.operator]

        def computed(subject: Subject, here: Here, named: Named) -> Held | None:
            a: Any = first(subject, here, named)
            b: Any = second(subject, here, named)
            return None if a is None or b is None else compute(a, b)

        constant = None
        if left.constant is not None and right.constant is not None:
            constant = compute(left.constant, right.constant)
        return Computed(computed, result, constant)

    def _operands(
        self, node: Arithmetic, left: Computed, right: Computed, result: ValueType
    ) -> tuple[Computed, Computed]:
        if result.kind is FieldType.FLOAT:
            return _mapped(left, _to_float(left.type)), _mapped(right, _to_float(right.type))
        if result.rational:
            return _mapped(left, _to_fraction(left.type)), _mapped(right, _to_fraction(right.type))
        return _scaled(left, result.scale), _scaled(right, result.scale)


# --- small closures -----------------------------------------------------------------------------


def _all_of(tests: Sequence[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda subject, here, named: (
            first(subject, here, named) and second(subject, here, named)
        )

    def all_hold(subject: Subject, here: Here, named: Named) -> bool:
        for test in tests:  # noqa: SIM110  # all() over a generator takes twice as long
            if not test(subject, here, named):
                return False
        return True

    return all_hold


def _any_of(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def any_holds(subject: Subject, here: Here, named: Named) -> bool:
        for test in tests:  # noqa: SIM110  # as above
            if test(subject, here, named):
                return True
        return False

    return any_holds


def _complement(test: Test) -> Test:
    return lambda subject, here, named: not test(subject, here, named)


def _complement_if(negated: bool, test: Test) -> Test:
    return _complement(test) if negated else test


def _literal(value: Held | None, kind: ValueType) -> Computed:
    return Computed(lambda subject, here, named: value, kind, value)


def _mapped(value: Computed, change: Callable[[Any], Any]) -> Computed:
    """The same value in another form; missing stays missing."""
    if value.constant is not None:
        return _literal(change(value.constant), value.type)
    get = value.get

    def mapped(subject: Subject, here: Here, named: Named) -> Held | None:
        held = get(subject, here, named)
        return None if held is None else change(held)

    return evolve(value, get=mapped)


def _key(text: Any) -> str:
    return text_key(text)


def _scaled(value: Computed, scale: int) -> Computed:
    factor = 10 ** (scale - value.type.scale)
    if factor == 1 or value.type.kind is FieldType.DURATION:
        return value
    return _mapped(value, lambda number: number * factor)


def _to_float(kind: ValueType) -> Callable[[Any], float]:
    """The double nearest to an exact number."""
    if kind.kind is FieldType.FLOAT or kind.rational:
        return _float
    unit = 10**kind.scale
    return lambda number: _float(Fraction(number, unit))


def _float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def _to_fraction(kind: ValueType) -> Callable[[Any], Fraction]:
    unit = 10**kind.scale
    if kind.rational or unit == 1:
        return Fraction
    return lambda number: Fraction(number, unit)


def _quotient(a: Any, b: Any) -> Scalar | None:
    return None if b == 0 else a / b


_OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _quotient,
}


def _summary(function: str, kind: ValueType) -> Callable[[list[Any]], Held | None]:
    match function:
        case "count":
            return len
        case "distinct":
            return distinct_count
        case "sum":
            return total
        case "avg":
            return lambda values: mean(values, kind.scale)
        case "min":
            return lambda values: min(values, default=None)
        case "max":
            return lambda values: max(values, default=None)
        case "first" | "last":
            return lambda values: values[0]
        case _:
            raise InvalidValueError(function, "aggregate")


def _items(items: tuple[Value, ...] | Parameter) -> tuple[Value, ...]:
    if isinstance(items, Parameter):
        raise InvalidValueError(items.name, "parameters", "Bind every parameter before a run")
    return items


def _is_id(node: Compare) -> bool:
    """Ids are compared as they are stored, not by text key."""
    return isinstance(node.left, Reference) or isinstance(node.right, Reference)


def _speaks_of(step: Step, aliases: Mapping[str, Collection]) -> frozenset[str]:
    """The aliases that a step's filter names."""
    if step.where is None:
        return frozenset()
    return frozenset(
        part.names[0]
        for part in walk(step.where)
        if isinstance(part, Path) and len(part.names) == 2 and part.names[0] in aliases
    )
