"""
The interpreter: a condition compiled once to closures, then asked of one contact at a time.

It is the plain reading of the law table and the oracle of every other engine.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Any, assert_never

from attrs import evolve

from segmentkit.engines.closures import (
    NOTHING_NAMED,
    OPERATIONS,
    Computed,
    Get,
    Here,
    Named,
    Select,
    Test,
    all_of,
    any_of,
    complement,
    complement_if,
    key_of,
    literal,
    mapped_value,
    scaled,
    summary,
    to_float,
    to_fraction,
)
from segmentkit.engines.semantics import (
    COMPARISONS,
    Held,
    date_bounds,
    date_window,
    elapsed,
    glob_matches,
    point_instant,
    row_window,
    text_test,
    window_bounds,
)
from segmentkit.engines.sequence import SequenceStep, find_sequence
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Item, Subject
from segmentkit.errors import CycleError, InvalidValueError, NotPortableError, UnknownNameError
from segmentkit.model import Collection, FieldType
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
        # What conditions compiled here read: collection name to names of its fields.
        self.collections: dict[str, set[str]] = {}
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
                return all_of([self.condition(item, scope) for item in node.items])
            case Or():
                return any_of([self.condition(item, scope) for item in node.items])
            case Not():
                return complement(self.condition(node.operand, scope))
            case Compare():
                return self._compare(node, scope)
            case TextMatch():
                return complement_if(node.negated, self._text_match(node, scope))
            case Between():
                return complement_if(
                    node.negated,
                    all_of(
                        [
                            self._compare(Compare(">=", node.left, node.low), scope),
                            self._compare(Compare("<=", node.left, node.high), scope),
                        ]
                    ),
                )
            case InList():
                return complement_if(node.negated, self._in_list(node, scope))
            case InWindow():
                return complement_if(node.negated, self._in_window(node, scope))
            case IsMissing():
                get = self.value(node.operand, scope).get
                if node.negated:
                    return lambda subject, here, named: get(subject, here, named) is not None
                return lambda subject, here, named: get(subject, here, named) is None
            case Activity():
                return complement_if(node.negated, self._activity(node, scope))
            case Path() | Truth() | Parameter() | Call() | Aggregate():
                get = self.value(node, scope).get
                return lambda subject, here, named: get(subject, here, named) is True
            case _:
                assert_never(node)

    def _compare(self, node: Compare, scope: Scope) -> Test:
        if node.operator == "!=":
            return complement(self._compare(evolve(node, operator="="), scope))
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
        if left.type.is_measured and right.type.is_measured:
            if FieldType.FLOAT in kinds:
                return mapped_value(left, to_float(left.type)), mapped_value(
                    right, to_float(right.type)
                )
            if left.type.rational or right.type.rational:
                return (
                    mapped_value(left, to_fraction(left.type)),
                    mapped_value(right, to_fraction(right.type)),
                )
            scale = max(left.type.scale, right.type.scale)
            return scaled(left, scale), scaled(right, scale)
        if kinds == {FieldType.TEXT}:
            return (
                (left, right)
                if exactly
                else (mapped_value(left, key_of), mapped_value(right, key_of))
            )
        if kinds == {FieldType.DATE, FieldType.INSTANT}:
            return self._as_date(left), self._as_date(right)
        return left, right

    def _as_date(self, value: Computed) -> Computed:
        """An instant as its local date, so that it can stand beside dates."""
        return value if value.type.kind is FieldType.DATE else self._call("date", value)

    def _text_match(self, node: TextMatch, scope: Scope) -> Test:
        left = self.value(node.left, scope)
        patterns = [self._text_constant(p, scope) for p in _items(node.patterns)]
        # An empty list is missing, so nothing passes it.
        wants_all = node.quantifier == "all" and bool(patterns)
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
        return any_of(
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
        # An empty list is missing: no row passes it, with `all` as with `any`.
        if node.quantifier == "all" and isinstance(node.keys, Keys) and node.keys.values:
            single = [
                evolve(node, negated=False, quantifier="any", keys=evolve(node.keys, values=(key,)))
                for key in node.keys.values
            ]
            return all_of([self._activity(one, scope) for one in single])
        if node.collection == "segment":
            return self._segment(node)
        if node.steps:
            return self._sequence(node)
        collection = self.setting.schema.collection(node.collection)
        select = self.selection(collection, node.keys, node.where, node.window)
        tests: list[Callable[[Subject, list[Item]], bool]] = []
        if node.frequency is not None:
            tests.append(self._frequency(node.frequency, scope))
        if node.having is not None:
            having = self.condition(node.having, scope.totals_of(collection))
            tests.append(lambda subject, items: having(subject, items, NOTHING_NAMED))
        if node.frequency is None:
            # `did X having (...)` still means that X was done.
            tests.insert(0, lambda subject, items: bool(items))
        first, *others = tests
        if not others:
            return lambda subject, here, named: first(subject, select(subject))

        def active(subject: Subject, here: Here, named: Named) -> bool:
            items = select(subject)
            return first(subject, items) and all(test(subject, items) for test in others)

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
        self.collections.setdefault(collection.name, set())
        token = self._selections.setdefault((collection.name, keys, where, window), object())
        name = collection.name
        bounds = row_window(window, self.setting.moment, happens=collection.verb == "did")
        tests: list[Test] = []
        scope = Scope(self.setting.schema).items_of(collection)
        if keys is not None:
            tests.append(self._key_test(collection, keys))
        if where is not None:
            tests.append(self.condition(where, scope))
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

    def _key_test(self, collection: Collection, keys: Keys | KeyPattern) -> Test:
        key = collection.key
        if key is None:
            raise UnknownNameError(collection.name, "collections with a key")
        self.collections[collection.name].add(key)
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
        if isinstance(right.constant, int) and right.type.kind is FieldType.INTEGER:
            wanted = right.constant  # the usual case: a whole number of times
            return lambda subject, items: holds(len(items), wanted)

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
        return any_of([self._one_segment(value) for value in node.keys.values])

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

    def _sequence(self, node: Activity) -> Test:
        chain = self.chain(node)
        return lambda subject, here, named: chain(subject) is not None

    def chain(self, node: Activity) -> Callable[[Subject], list[Item] | None]:
        """What finds the first chain of items that takes every step of a sequence."""
        collection = self.setting.schema.collection(node.collection)
        select = self.selection(collection, node.keys, node.where, node.window)
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

        return lambda subject: find_sequence(
            subject, select(subject), alias, steps, bounds, moment.at
        )

    # --- values ---------------------------------------------------------------------------------

    def value(self, node: Value, scope: Scope) -> Computed:
        match node:
            case Number():
                kind = number_type(node.value)
                return literal(int(node.value * 10**kind.scale), kind)
            case Text():
                # A blank text is missing, here as everywhere.
                return literal(node.value if text_key(node.value) else None, TEXT)
            case Reference():
                return literal(node.id, TEXT)
            case Truth():
                return literal(node.value, BOOLEAN)
            case Date():
                return literal(node.value.toordinal(), DATE)
            case LocalTime() | Ago():
                return literal(point_instant(node, self.setting.moment), INSTANT)
            case Duration():
                return literal(elapsed(node), DURATION)
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
                    mapped_value(operand, lambda number: -number),
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
            self.collections.setdefault(scope.collection.name, set()).add(name)
            return Computed(lambda subject, here, named: here.values[name], type_of_field(declared))
        alias = path.names[0]
        if len(path.names) == 2 and alias in scope.aliases:
            self.collections.setdefault(scope.aliases[alias].name, set()).add(name)
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
        applied = mapped_value(argument, lambda value: function.apply(value, kind, frame))
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
        summarise = summary(node.function, item.type)
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
        compute = OPERATIONS[node.operator]

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
            return mapped_value(left, to_float(left.type)), mapped_value(
                right, to_float(right.type)
            )
        if result.rational:
            return mapped_value(left, to_fraction(left.type)), mapped_value(
                right, to_fraction(right.type)
            )
        return scaled(left, result.scale), scaled(right, result.scale)


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
