"""Parameters, and the windows and points in time that they may stand in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import assert_never, cast

from attrs import evolve

from segmentkit.model import FieldType
from segmentkit.query import ast
from segmentkit.query.ast import Node, Value
from segmentkit.query.checking.findings import known_instead
from segmentkit.query.checking.paths import Paths
from segmentkit.query.checking.wording import LANGUAGES, Said, counted, type_said, unit_said
from segmentkit.query.diagnostics import Fix
from segmentkit.query.from_python import as_literal, is_itself, type_of
from segmentkit.query.literals import print_name
from segmentkit.query.types import INEXACT, TEXT, Scope, ValueType
from segmentkit.text import nearest


class Windows(Paths, ABC):
    """Each method returns the bound node."""

    @abstractmethod
    def value(self, node: Value, scope: Scope) -> tuple[Value, ValueType | None]:
        """The bound value with its type; None where the type is not known."""

    def parameter(self, node: ast.Parameter, scope: Scope) -> tuple[Value, ValueType | None]:
        if self.parameters is None:
            return node, None
        if node.name not in self.parameters:
            self._unbound(node, self.parameters)
            return node, None
        given: object = self.parameters[node.name]
        if isinstance(given, FieldType):
            return node, ValueType(given, constant=True)
        if isinstance(given, ast.Reference):
            return evolve(given, span=node.span), TEXT
        return self._typed(given, node, scope) or (node, None)

    def _unbound(self, node: ast.Parameter, given: Mapping[str, object]) -> None:
        known = [f"${name}" for name in given]
        near = nearest(f"${node.name}", known)
        fixes = () if near is None else (Fix(near, f"${print_name(near[1:])}", node.span),)
        self.report("unbound_parameter", node, *fixes, name=node.name, **known_instead(near, known))

    def parameter_values(
        self, node: ast.Parameter, scope: Scope
    ) -> list[tuple[Value, ValueType | None]] | None:
        """The items of a parameter that stands for a list, typed; None while it stays open."""
        given: object = None if self.parameters is None else self.parameters.get(node.name)
        if given is None or isinstance(given, FieldType):
            self.parameter(node, scope)
            return None
        items: list[object] = [given]
        if isinstance(given, Iterable) and not isinstance(given, str | bytes):
            items = list(cast("Iterable[object]", given))
            if isinstance(given, set | frozenset):
                items.sort(key=repr)  # a set has no order; a bound condition does
        typed = [self._typed(item, node, scope) for item in items]
        return None if None in typed else [one for one in typed if one is not None]

    def _typed(
        self, given: object, node: ast.Parameter, scope: Scope
    ) -> tuple[Value, ValueType | None] | None:
        """A host's value as a literal; a float remembers that it is one."""
        literal = self._literal(given, node)
        if literal is None:
            return None
        value, kind = self.value(literal, scope)
        return value, INEXACT if isinstance(given, float) else kind

    def _literal(self, given: object, node: ast.Parameter) -> Value | None:
        """A host's value as a literal; a datetime without a zone is refused, here as everywhere."""
        naive = isinstance(given, datetime) and is_itself(given) and given.utcoffset() is None
        literal = None if naive else as_literal(given)
        if literal is None:
            name = type_of(given)
            kind = Said("datetime without a zone", "不带时区的时间") if naive else Said(name, name)
            self.report("bad_parameter", node, name=node.name, type=kind)
            return None
        return evolve(literal, span=node.span)

    # --- windows --------------------------------------------------------------------------------

    def window(self, node: ast.Window) -> ast.Window:
        match node:
            case ast.Rolling():
                if node.direction == "previous" and node.duration.unit not in ast.CALENDAR_UNITS:
                    self._no_calendar_unit(node, node.duration.count, node.duration.unit)
                return node
            case ast.Calendar():
                if node.unit not in ast.CALENDAR_UNITS:
                    self._no_calendar_unit(node, 1, node.unit)
                return node
            case ast.Since() | ast.Before():
                return evolve(node, point=self._point(node.point))
            case ast.Range():
                start, end = self._point(node.start), self._point(node.end)
                if _is_later(start, end):
                    self.reversed(node, node.start, node.end)
                return evolve(node, start=start, end=end)
            case ast.On():
                day = self._point(node.day)
                if not isinstance(day, ast.Date | ast.Parameter):
                    self.report("needs_date", node)
                    return node
                return evolve(node, day=day)
            case _:
                assert_never(node)

    def _no_calendar_unit(self, node: ast.Window, count: int, unit: ast.TimeUnit) -> None:
        last = f"{self.word('last')} {counted(count, unit, self.lang)}"
        self.report("not_a_calendar_unit", node, Fix(last, last, node.span), unit=unit_said(unit))

    def _point(self, node: ast.Point) -> ast.Point:
        if not isinstance(node, ast.Parameter):
            return node
        bound, kind = self.parameter(node, Scope(self.schema))
        if isinstance(bound, ast.Date | ast.LocalTime | ast.Ago | ast.Parameter):
            return bound
        if kind is not None:
            self.report("needs_time", node, type=type_said(kind))
        return node

    def reversed(self, node: Node, low: Node, high: Node) -> None:
        """Two ends in the wrong order; the fix is to change places."""
        low_said, high_said = self.written(low), self.written(high)
        fixes: tuple[Fix, ...] = ()
        if low_said and high_said:
            between = self.text[low.span[1] : high.span[0]]
            turned = high_said + between + low_said
            fixes = (Fix(turned, turned, (low.span[0], high.span[1])),)
        self.report("between_reversed", node, *fixes, low=_end_said(low), high=_end_said(high))


def _is_later(start: ast.Point, end: ast.Point) -> bool:
    """Whether a range surely ends before it starts."""
    match start, end:
        case (ast.Date(), ast.Date()) | (ast.LocalTime(), ast.LocalTime()):
            return _moment(start) > _moment(end)
        case ast.Ago(), ast.Ago():
            return start.unit == end.unit and start.count < end.count
        case _:
            return False


def _moment(point: ast.Date | ast.LocalTime) -> str:
    return point.value.isoformat()


def _end_said(node: Node) -> Said:
    match node:
        case ast.Number() | ast.Date():
            return Said(str(node.value), str(node.value))
        case ast.LocalTime():
            moment = node.value.isoformat(timespec="minutes")
            return Said(moment, moment)
        case ast.Ago():
            en, zh = (counted(node.count, node.unit, lang) for lang in LANGUAGES)
            return Said(f"{en} ago", f"{zh}前")
        case _:
            return Said("these", "这两者")
