"""Values: what a field, a function, a total or a sum of them comes to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeAlias, assert_never

from attrs import evolve

from segmentkit.engines.closures import (
    NOTHING_NAMED,
    Computed,
    Get,
    Here,
    Named,
    Select,
    Test,
    as_floats,
    as_fractions,
    literal,
    mapped_value,
    same_scale,
    summary,
)
from segmentkit.engines.semantics import (
    OPERATIONS,
    Held,
    elapsed,
    point_instant,
    row_window,
    scaled_integer,
)
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Item, Subject, Wanted
from segmentkit.errors import InvalidValueError, UnknownNameError
from segmentkit.model import Collection, FieldType
from segmentkit.query import (
    BOOLEAN,
    DATE,
    DURATION,
    INSTANT,
    INTEGER,
    TEXT,
    Aggregate,
    Ago,
    Arithmetic,
    Call,
    Condition,
    Date,
    Duration,
    KeyPattern,
    Keys,
    LocalTime,
    Negative,
    Number,
    Parameter,
    Path,
    Reference,
    Scope,
    Text,
    Truth,
    Value,
    Window,
    aggregate_type,
    arithmetic_type,
    find_function,
    is_of_items,
    number_type,
    type_of_field,
)
from segmentkit.text import text_key

# The items that an aggregate takes: of a collection, or of those that `having` stands behind.
_SelectHere: TypeAlias = Callable[[Subject, Here], list[Item]]


class Values(ABC):
    """
    Attributes:
        setting: of the run.
        collections: what conditions compiled here look at, by collection name.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.collections: dict[str, Wanted] = {}
        self._tokens: dict[object, object] = {}

    @abstractmethod
    def condition(self, node: Condition, scope: Scope) -> Test:
        """A condition that stands inside a value, as an aggregate's `where`."""

    @abstractmethod
    def selection(
        self,
        collection: Collection,
        keys: Keys | KeyPattern | None,
        where: Condition | None,
        window: Window | None,
    ) -> Select:
        """The items that pass key, filter and window."""

    def value(self, node: Value, scope: Scope) -> Computed:
        match node:
            case Number():
                kind = number_type(node.value)
                return literal(scaled_integer(node.value, kind.scale), kind)
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
                raise open_parameter(node)
            case Path():
                return self._path(node, scope)
            case Call():
                return self.called(node.function, self.value(node.arguments[0], scope))
            case Aggregate():
                return self._aggregate(node, scope)
            case Negative():
                return mapped_value(self.value(node.operand, scope), lambda number: -number)
            case Arithmetic():
                return self._arithmetic(node, scope)
            case _:
                assert_never(node)

    def _path(self, node: Path, scope: Scope) -> Computed:
        resolved = scope.resolve(node)
        if resolved is None:
            raise UnknownNameError(".".join(node.names), "fields", "Check the condition first")
        path, declared = resolved
        name, kind = declared.name, type_of_field(declared)
        if len(path.names) == 1 and scope.collection is not None:
            self._reads(scope.collection, name)
            return Computed(lambda subject, here, named: here.values[name], kind)
        alias = path.names[0]
        if len(path.names) == 2 and alias in scope.aliases:
            self._reads(scope.aliases[alias], name)
            return Computed(lambda subject, here, named: named[alias].values[name], kind)
        return Computed(lambda subject, here, named: subject.values[name], kind)

    def _reads(self, collection: Collection, field_name: str) -> None:
        self.wanted(collection).fields.add(field_name)

    def wanted(self, collection: Collection) -> Wanted:
        """What is looked at in a collection's rows, to take in more."""
        return self.collections.setdefault(collection.name, Wanted())

    def token(self, meaning: object) -> object:
        """
        What subjects remember a result under; equal meanings have one.

        Tokens of other interpreters can never be mistaken for it.
        """
        return self._tokens.setdefault(meaning, object())

    def called(self, name: str, argument: Computed) -> Computed:
        """A function of one value."""
        function = find_function(name)
        if function is None:
            raise UnknownNameError(name, "functions", "Check the condition first")
        kind = argument.type.kind
        frame = self.setting.moment.frame
        applied = mapped_value(argument, lambda value: function.apply(value, kind, frame))
        return evolve(applied, type=function.result or argument.type)

    # --- totals ---------------------------------------------------------------------------------

    def _aggregate(self, node: Aggregate, scope: Scope) -> Computed:
        collection, field_name, select = self._aggregated(node, scope)
        if field_name is None:
            return Computed(lambda subject, here, named: len(select(subject, here)), INTEGER)
        item = self._path(Path((field_name,)), scope.items_of(collection))
        if node.transform is not None:
            item = self.called(node.transform, item)
        result = aggregate_type(node.function, item.type)
        if result is None:
            raise InvalidValueError(node.function, "aggregate", "Check the condition first")
        if node.function in ("first", "last"):
            return Computed(_edge_value(item.get, select, last=node.function == "last"), result)
        total = _total(item.get, select, summary(node.function, item.type))
        if not _is_of_these(node, scope):
            total = _remembered(total, self.token(node))
        return Computed(total, result)

    def _aggregated(
        self, node: Aggregate, scope: Scope
    ) -> tuple[Collection, str | None, _SelectHere]:
        """Whose items an aggregate takes, which field of them, and how they are found."""
        here = scope.collection
        if here is not None and _is_of_these(node, scope):
            return here, node.path[0] if node.path else None, self._of_these(node, here, scope)
        collection = self.setting.schema.collection(node.path[0])
        select = self.selection(collection, None, node.where, node.window)
        field_name = node.path[1] if len(node.path) > 1 else None
        return collection, field_name, lambda subject, here: select(subject)

    def _of_these(self, node: Aggregate, collection: Collection, scope: Scope) -> _SelectHere:
        """The items that `having` stands behind, filtered further."""
        bounds = None
        if node.window is not None:
            happens = collection.verb == "did"
            bounds = row_window(node.window, self.setting.moment, happens=happens)
        passes = None
        if node.where is not None:
            passes = self.condition(node.where, scope.items_of(collection))

        def of_these(subject: Subject, items: Here) -> list[Item]:
            if bounds is not None:
                items = [i for i in items if bounds[0] <= i.time < bounds[1]]
            if passes is not None:
                items = [i for i in items if passes(subject, i, NOTHING_NAMED)]
            return items

        return of_these

    # --- arithmetic -----------------------------------------------------------------------------

    def _arithmetic(self, node: Arithmetic, scope: Scope) -> Computed:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        result = arithmetic_type(node.operator, left.type, right.type)
        if result is None:
            raise InvalidValueError(node.operator, "arithmetic", "Check the condition first")
        compute = OPERATIONS[node.operator]
        if result.kind is FieldType.FLOAT:
            left, right = as_floats(left, right)
        elif result.rational:
            left, right = as_fractions(left, right)
        elif node.operator != "*":
            left, right = same_scale(left, right)
        first, second = left.get, right.get

        def computed(subject: Subject, here: Here, named: Named) -> Held | None:
            a: Any = first(subject, here, named)
            b: Any = second(subject, here, named)
            return None if a is None or b is None else compute(a, b)

        if left.constant is not None and right.constant is not None:
            return literal(compute(left.constant, right.constant), result)
        return Computed(computed, result)


def open_parameter(node: Parameter) -> InvalidValueError:
    return InvalidValueError(node.name, "parameters", "Bind every parameter before a run")


def _is_of_these(node: Aggregate, scope: Scope) -> bool:
    """Whether an aggregate stands in `having` and speaks of the items that this stands behind."""
    here = scope.collection if scope.in_having else None
    return here is not None and is_of_items(node, here)


def _remembered(get: Get, token: object) -> Get:
    """The value, worked out once per subject, whose `here` and `named` it does not depend on."""

    def once(subject: Subject, here: Here, named: Named) -> Held | None:
        found = subject.found
        if token not in found:
            found[token] = get(subject, here, named)
        return found[token]

    return once


def _total(get: Get, select: _SelectHere, summarise: Callable[[list[Any]], Held | None]) -> Get:
    def total(subject: Subject, here: Here, named: Named) -> Held | None:
        values = [get(subject, item, named) for item in select(subject, here)]
        return summarise([value for value in values if value is not None])

    return total


def _edge_value(get: Get, select: _SelectHere, *, last: bool) -> Get:
    """The value of the first or last item, missing though it may be."""
    place = -1 if last else 0

    def edge(subject: Subject, here: Here, named: Named) -> Held | None:
        items = select(subject, here)
        return get(subject, items[place], named) if items else None

    return edge
