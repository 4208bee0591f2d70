"""Conditions in Chinese sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import assert_never

from attrs import evolve

from segmentkit.query import ast
from segmentkit.query.ast import Condition, Value
from segmentkit.query.describing.chinese_values import ChineseValues, quoted
from segmentkit.query.describing.names import (
    CUSTOMER,
    TIMES,
    Speaker,
    as_activity,
    has_parts,
    hoisted,
    is_chinese,
    is_share,
    percent,
    turned,
)

_COMPARED: Mapping[ast.ComparisonOperator, tuple[str, str]] = {
    "=": ("为", "不为"),
    "!=": ("不为", "为"),
    "<": ("小于", "不满足小于"),
    "<=": ("不超过", "不满足不超过"),
    ">": ("大于", "不满足大于"),
    ">=": ("不少于", "不满足不少于"),
}
_TIMED: Mapping[ast.ComparisonOperator, tuple[str, str]] = {
    **_COMPARED,
    "<": ("早于", "并非早于"),
    "<=": ("不晚于", "并非不晚于"),
    ">": ("晚于", "并非晚于"),
    ">=": ("不早于", "并非不早于"),
}
_TIMES: Mapping[ast.FrequencyKind, tuple[str, str]] = {
    "at_least": ("至少 {0} 次", "少于 {0} 次"),
    "at_most": ("至多 {0} 次", "超过 {0} 次"),
    "exactly": ("恰好 {0} 次", "不是恰好 {0} 次"),
    "more_than": ("超过 {0} 次", "至多 {0} 次"),
    "fewer_than": ("少于 {0} 次", "至少 {0} 次"),
    "between": ("{0} 到 {1} 次", "不在 {0} 到 {1} 次之间"),
}
_OUTSIDE_QUOTES = re.compile("(“[^”]*”)")
_TOUCHING = re.compile("(?<=[\u3400-\u9fff])(?=[A-Za-z0-9$])|(?<=[A-Za-z0-9%])(?=[\u3400-\u9fff])")


class Chinese(ChineseValues):
    """Writes Chinese. Each method gives a piece of the sentence."""

    def sentence(self, node: Condition) -> str:
        match node:
            case ast.Truth(value=True):
                return "全部客户"
            case ast.Truth(value=False):
                return "没有客户"
            case _:
                said = f"{self.clause(node, CUSTOMER)}的客户"
        # Between Chinese and other letters stands a blank, but not within what a text says.
        parts = _OUTSIDE_QUOTES.split(said.strip())
        return "".join(p if p.startswith("“") else _TOUCHING.sub(" ", p) for p in parts)

    # --- conditions -----------------------------------------------------------------------------

    def clause(self, node: Condition, speaker: Speaker, negated: bool = False) -> str:
        match node:
            case ast.And() | ast.Or():
                joined = self._joined(node, speaker)
                return f"不满足（{joined}）" if negated else joined
            case ast.Not():
                return self.clause(node.operand, speaker, not negated)
            case ast.Compare():
                return self._compare(node, speaker, negated)
            case ast.TextMatch():
                return self._matched(node, speaker, node.negated is not negated)
            case ast.Between():
                low, high = self.value(node.low, speaker), self.value(node.high, speaker)
                verb = "不在" if node.negated is not negated else "在"
                return f"{self.value(node.left, speaker)}{verb}{low}到{high}之间"
            case ast.InList():
                return self._in_list(node, speaker, node.negated is not negated)
            case ast.InWindow():
                negation = "不" if node.negated is not negated else ""
                return f"{self.value(node.left, speaker)}{negation}{self.within(node.window)}"
            case ast.IsMissing():
                verb = "不为空" if node.negated is not negated else "为空"
                return f"{self.value(node.operand, speaker)}{verb}"
            case ast.Activity():
                return self._activity(node, speaker, negated)
            case ast.Truth():
                return "不限条件" if node.value is not negated else "条件永不成立"
            case ast.Path() | ast.Parameter() | ast.Call() | ast.Aggregate():
                return f"{self.value(node, speaker)}{'不为' if negated else '为'}“是”"
            case _:
                assert_never(node)

    def _joined(self, node: ast.And | ast.Or, speaker: Speaker) -> str:
        parts: list[str] = []
        for item in node.items:
            part = self.clause(item, speaker)
            parts.append(f"（{part}）" if has_parts(item) else part)
        return ("，且" if isinstance(node, ast.And) else "，或").join(parts)

    def _compare(self, node: ast.Compare, speaker: Speaker, negated: bool) -> str:
        often = as_activity(node, speaker, self.labels)
        if often is not None:
            return self._activity(often, speaker, negated)
        said = turned(node)
        right = percent(said.right) if is_share(said.left) else None
        if right is None:
            right = self.value(said.right, speaker)
        if isinstance(said.right, ast.Truth):
            right = f"“{right}”"
        words = _TIMED if isinstance(said.right, TIMES) else _COMPARED
        verb = words[said.operator][negated]
        if said.exactly:
            verb = "不完全等于" if (said.operator == "!=") is not negated else "完全等于"
        return f"{self.value(said.left, speaker)}{verb}{right}"

    def _matched(self, node: ast.TextMatch, speaker: Speaker, negated: bool) -> str:
        left, texts = self.value(node.left, speaker), self._items(node.patterns, speaker)
        many = len(texts) > 1 or isinstance(node.patterns, ast.Parameter)
        if node.quantifier == "all" and many:
            listed = f"{'、'.join(texts)}中的每一个"
        elif many and (negated or len(texts) != 2):
            listed = f"{'、'.join(texts)}中的{'任何' if negated else '任意'}一个"
        else:
            listed = "或".join(texts)
        negation = "不" if negated else ""
        match node.operation:
            case "contains":
                return f"{left}{negation}包含{listed}"
            case "starts_with":
                return f"{left}{negation}以{listed}开头"
            case "ends_with":
                return f"{left}{negation}以{listed}结尾"
            case "like":
                return f"{left}{negation}形如{listed}"
            case _:
                assert_never(node.operation)

    def _in_list(self, node: ast.InList, speaker: Speaker, negated: bool) -> str:
        left, items = self.value(node.left, speaker), self._items(node.items, speaker)
        if isinstance(node.items, ast.Parameter):
            return f"{left}{'不' if negated else ''}在{items[0]}之中"
        if len(items) > 2 or (negated and len(items) > 1):
            return f"{left}{'不' if negated else ''}是{'、'.join(items)}之一"
        return f"{left}{'不为' if negated else '为'}{'或'.join(items)}"

    def _items(self, items: tuple[Value, ...] | ast.Parameter, speaker: Speaker) -> list[str]:
        values = (items,) if isinstance(items, ast.Parameter) else items
        return [self.value(item, speaker) for item in values]

    # --- activities -----------------------------------------------------------------------------

    def _activity(self, node: ast.Activity, speaker: Speaker, negated: bool) -> str:
        if negated:
            node = evolve(node, negated=not node.negated)
        if node.negated and (node.having is not None or node.steps):
            return f"不满足（{self._activity(evolve(node, negated=False), speaker, False)}）"
        node = hoisted(node)
        happens = self.labels.verb_of(node) == "did"
        said = self._did(node, speaker) if happens else self._owns(node, speaker)
        if node.having is not None:
            totals = self.clause(node.having, speaker.totals_of(node.collection))
            said += f"，且（{totals}）" if isinstance(node.having, ast.Or) else f"，且{totals}"
        return said + self._steps(node, speaker)

    def _did(self, node: ast.Activity, speaker: Speaker) -> str:
        when = "" if node.window is None else self.window(node.window)
        name = self.labels.collection(node.collection)
        spoken = is_chinese(name)
        what = self._what(node, name if spoken else f"“{name}”", speaker)
        if node.frequency is not None:
            return f"{when}{what}{self._times(node.frequency, speaker, node.negated)}"
        if spoken:
            verb = ("未" if when else "从未") if node.negated else "曾"
            return f"{when}{verb}{what}"
        return f"{when}{'没有' if node.negated else '有'}{what}行为"

    def _what(self, node: ast.Activity, name: str, speaker: Speaker) -> str:
        if node.keys is not None:
            name += self._keys(node, node.keys, speaker)
        if node.where is None:
            return name
        return f"{name}（{self.clause(node.where, speaker.item_of(node.collection))}）"

    def _keys(self, node: ast.Activity, keys: ast.Keys | ast.KeyPattern, speaker: Speaker) -> str:
        if isinstance(keys, ast.KeyPattern):
            return f"（名称形如{quoted(keys.pattern.value)}）"
        names = self._items(keys.values, speaker)
        below = "及其下级" if keys.under else ""
        if len(names) == 1 and not isinstance(keys.values[0], ast.Parameter):
            return f"{names[0]}{below}"
        if node.quantifier == "all":
            return f"{'和'.join(names)}{below}"
        if node.negated:
            return f"{'、'.join(names)}{below}中的任何一个"
        if len(names) == 2:
            return f"{'或'.join(names)}{below}"
        return f"{'、'.join(names)}{below}之一"

    def _owns(self, node: ast.Activity, speaker: Speaker) -> str:
        name = self.labels.collection(node.collection)
        name = name if is_chinese(name) else f"“{name}”"
        belongs = self.labels.verb_of(node) == "in"
        bare, every = node.keys is None, node.quantifier == "all" and _is_many(node.keys)
        verb = "属于" if belongs else "有"
        what = self._what(node, name, speaker)
        when = "" if node.window is None else self.window(node.window)
        if node.frequency is not None:
            times = self._times(node.frequency, speaker, node.negated)
            if bare:
                return f"{when}{verb}{times.replace('次', '个')}{what}"
            return f"{when}{verb}{what}{times}"
        if node.negated:
            verb = "不属于" if belongs else "没有"
        both = ("同时" if not node.negated else "并非同时") if every else ""
        if every and node.negated:
            verb = "属于" if belongs else "有"
        some = ("任何" if node.negated else "某个") if bare and belongs else ""
        return f"{when}{both}{verb}{some}{what}"

    def _times(self, frequency: ast.Frequency, speaker: Speaker, negated: bool) -> str:
        said = _TIMES[frequency.kind][negated]
        upper = "" if frequency.upper is None else self.value(frequency.upper, speaker)
        zero = "（含 0 次）" if said.startswith(("至多", "少于")) else ""
        return said.format(self.value(frequency.count, speaker), upper) + zero

    def _steps(self, node: ast.Activity, speaker: Speaker) -> str:
        speaker = speaker.knowing(node.alias, node.collection)
        said = ""
        for step in node.steps:
            name = self.labels.collection(step.collection)
            what = name if is_chinese(name) else f"“{name}”"
            within = "" if step.within is None else f"{self.value(step.within, speaker)}内"
            same = self._same(step, speaker)
            if step.where is not None and not same:
                what += f"（{self.clause(step.where, speaker.item_of(step.collection))}）"
            verb = "未" if step.negated else "又" if is_chinese(name) else "又有"
            said += f"，之后{within}{verb}{same}{what}"
            speaker = speaker.knowing(step.alias, step.collection)
        return said

    def _same(self, step: ast.Step, speaker: Speaker) -> str:
        """`同一商品` for `sku = c.sku`."""
        match step.where:
            case ast.Compare("=", ast.Path((name,)), ast.Path((alias, other))) if (
                name == other and alias in speaker.aliases
            ):
                return f"以同一{self.labels.field(name, step.collection)}"
            case _:
                return ""


def _is_many(keys: ast.Keys | ast.KeyPattern | None) -> bool:
    return isinstance(keys, ast.Keys) and (
        len(keys.values) > 1 or any(isinstance(key, ast.Parameter) for key in keys.values)
    )
