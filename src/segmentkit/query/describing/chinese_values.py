"""Values and windows of time in Chinese."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from decimal import Decimal
from typing import assert_never

from segmentkit.model import Schema
from segmentkit.query import ast
from segmentkit.query.ast import Condition, TimeUnit, Value, Window
from segmentkit.query.describing.names import (
    CUSTOMER,
    Labels,
    Speaker,
    collection_of,
    counts_periods,
    is_contact,
    of_birthday,
    owner_and_name,
)
from segmentkit.query.functions import find_function
from segmentkit.query.literals import print_date, print_number

_UNITS: Mapping[TimeUnit, str] = {
    "second": "秒",
    "minute": "分钟",
    "hour": "小时",
    "day": "天",
    "week": "周",
    "month": "个月",
    "quarter": "个季度",
    "year": "年",
}
_CALENDARS: Mapping[TimeUnit, tuple[str, str]] = {
    "second": ("本秒", "上一秒"),
    "minute": ("本分钟", "上一分钟"),
    "hour": ("本小时", "上一小时"),
    "day": ("今天", "昨天"),
    "week": ("本周", "上周"),
    "month": ("本月", "上月"),
    "quarter": ("本季度", "上季度"),
    "year": ("今年", "去年"),
}
_TOTALS: Mapping[ast.AggregateFunction, str] = {
    "sum": "合计",
    "avg": "平均",
    "min": "最低",
    "max": "最高",
    "first": "首次",
    "last": "最近一次",
    "distinct": "不同",
    "count": "有值",
}
_COMPUTED: Mapping[ast.ArithmeticOperator, str] = {"+": "加", "-": "减", "*": "乘以", "/": "除以"}


_PERIODS: Mapping[str, str] = {
    "date": "天数",
    "week_start": "周数",
    "month_start": "月数",
    "year": "年数",
}


class ChineseValues(ABC):
    """Writes values; the conditions that stand in them are written by `clause`."""

    def __init__(self, schema: Schema) -> None:
        self.labels = Labels(schema, chinese=True)

    @abstractmethod
    def clause(self, node: Condition, speaker: Speaker, negated: bool = False) -> str:
        """A condition."""

    # --- windows --------------------------------------------------------------------------------

    def window(self, node: Window) -> str:
        """When something happened, before the verb."""
        match node:
            case ast.Rolling(direction, duration):
                length = self.value(duration, CUSTOMER)
                word = {"last": "最近", "next": "未来", "previous": "今天之前的"}[direction]
                return f"{word}{length}内"
            case ast.Calendar(which, unit):
                return _CALENDARS[unit][which == "previous"]
            case ast.Since(point):
                return f"自{self.value(point, CUSTOMER)}起"
            case ast.Before(point):
                word = "以前" if isinstance(point, ast.Ago) else "之前"
                return f"{self.value(point, CUSTOMER).removesuffix('前')}{word}"
            case ast.Range(start, end):
                return f"{self.value(start, CUSTOMER)}至{self.value(end, CUSTOMER)}之间"
            case ast.On(day):
                return f"{self.value(day, CUSTOMER)}当天"
            case _:
                assert_never(node)

    def within(self, node: Window) -> str:
        """Where on the line of time a value stands."""
        match node:
            case ast.Since(point):
                return f"在{self.value(point, CUSTOMER)}或之后"
            case ast.Rolling() | ast.Calendar() | ast.Before() | ast.Range() | ast.On():
                return f"在{self.window(node)}"
            case _:
                assert_never(node)

    # --- values ---------------------------------------------------------------------------------

    def value(self, node: Value, speaker: Speaker, *, inside: bool = False) -> str:
        """A value as a noun; *inside* a calculation, with brackets where they are needed."""
        match node:
            case ast.Number():
                return _number(node.value)
            case ast.Text():
                return quoted(node.value)
            case ast.Truth():
                return "是" if node.value else "否"
            case ast.Date():
                return f" {node.value.isoformat()} "
            case ast.LocalTime():
                return f" {print_date(node.value).replace('T', ' ')} "
            case ast.Duration():
                return f"{node.count}{_UNITS[node.unit]}"
            case ast.Ago():
                return f"{node.count}{_UNITS[node.unit]}前"
            case ast.Parameter():
                return f"${node.name}"
            case ast.Reference():
                return quoted(node.name or node.id)
            case ast.Path():
                return self._path(node, speaker)
            case ast.Call():
                found = find_function(node.function)
                name = node.function if found is None else found.chinese
                if of_birthday(node) == "anniversary":
                    return f"下一个{self.value(node.arguments[0], speaker)}"
                if of_birthday(node) == "age":
                    return name
                arguments = "、".join(self.value(a, speaker) for a in node.arguments)
                return f"{arguments}的{name}" if arguments else name
            case ast.Aggregate():
                return self._aggregate(node, speaker)
            case ast.Negative():
                return f"负{self.value(node.operand, speaker, inside=True)}"
            case ast.Arithmetic():
                return self._arithmetic(node, speaker, inside=inside)
            case _:
                assert_never(node)

    def _arithmetic(self, node: ast.Arithmetic, speaker: Speaker, *, inside: bool) -> str:
        left = self.value(node.left, speaker, inside=True)
        right = self.value(node.right, speaker, inside=True)
        if node.operator == "*" and isinstance(node.left, ast.Number):
            return f"{right}的{left}倍"
        if node.operator == "/" and not inside:
            return f"{left}与{right}之比"
        said = f"{left}{_COMPUTED[node.operator]}{right}"
        return f"（{said}）" if inside else said

    def _path(self, node: ast.Path, speaker: Speaker) -> str:
        owner, name = owner_and_name(node)
        if owner in speaker.aliases:
            collection = speaker.aliases[owner]
            step = self.labels.collection(collection)
            return f"该次{step}的{self.labels.field(name, collection)}"
        if owner and not is_contact(owner):
            return ".".join(node.names)
        if speaker.level == "customer":
            return self.labels.field(name, "")
        if owner:
            return f"客户的{self.labels.field(name, '')}"
        return self.labels.field(name, speaker.collection)

    def _aggregate(self, node: ast.Aggregate, speaker: Speaker) -> str:
        collection, field = collection_of(node.path, speaker)
        periods = _PERIODS.get(node.transform or "")
        own = speaker.level == "totals" and len(node.path) < 2
        said = "" if own or speaker.level == "customer" else "客户"
        said += "" if node.window is None else self.window(node.window)
        owner = "" if own else self.labels.collection(collection)
        if node.where is not None:
            owner += f"（{self.clause(node.where, speaker.item_of(collection))}）"
            owner = f"其中{owner}" if own else owner
        of = f"{owner}的" if owner else ""
        if field is None:
            # What happens is counted by times, 购买次数; what one has, in numbers, 标签数.
            times = "次数" if self.labels.is_event(collection) else "数"
            return f"{said}{of if node.where is not None else owner}{times}"
        what, total = self.labels.field(field, collection), _TOTALS[node.function]
        if periods and counts_periods(node, field, collection, self.labels):
            return f"{said}有{owner}的{periods}"
        if node.transform is not None:
            found = find_function(node.transform)
            what = f"{what}的{node.transform if found is None else found.chinese}"
        if node.function in ("distinct", "count"):
            return f"{said}{of}{total}{what}数"
        if node.function in ("first", "last"):
            return f"{said}{total}{owner}的{what}"
        return f"{said}{of}{total}{what}"


def _number(value: int | Decimal) -> str:
    if isinstance(value, int) and value >= 10_000 and value % 10_000 == 0:
        return f"{value // 10_000}万"
    return print_number(value)


def quoted(text: str) -> str:
    return f"“{text}”"
