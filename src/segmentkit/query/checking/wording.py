"""What diagnostics call things, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from segmentkit.model import FieldType
from segmentkit.query.ast import AggregateFunction, TimeUnit
from segmentkit.query.types import ValueType
from segmentkit.query.words import AGGREGATES, KEYWORDS, UNITS, Language, Word

LANGUAGES: tuple[Language, Language] = ("en", "zh")


@frozen
class Said:
    """A thing by its English and its Chinese name."""

    en: str
    zh: str


_TYPES = {
    FieldType.TEXT: Said("text", "文本"),
    FieldType.INTEGER: Said("a whole number", "整数"),
    FieldType.DECIMAL: Said("a number", "数字"),
    FieldType.MONEY: Said("money", "金额"),
    FieldType.FLOAT: Said("an inexact number", "浮点数"),
    FieldType.BOOLEAN: Said("yes or no", "是否"),
    FieldType.DATE: Said("a date", "日期"),
    FieldType.INSTANT: Said("an instant", "时刻"),
    FieldType.DURATION: Said("a duration", "时长"),
    FieldType.TEXT_LIST: Said("a list of texts", "文本列表"),
}
_KINDS = {
    "tag": Said("tag", "标签"),
    "tag_group": Said("tag group", "标签组"),
    "group": Said("contact group", "群组"),
    "group_type": Said("kind of contact group", "群组类型"),
    "chat": Said("group chat", "群聊"),
    "staff": Said("staff member", "员工"),
    "list": Said("list", "列表"),
    "segment": Said("segment", "分群"),
    "source": Said("source", "来源"),
}


def type_said(kind: ValueType | FieldType) -> Said:
    return _TYPES[kind.kind if isinstance(kind, ValueType) else kind]


def types_said(kinds: Iterable[FieldType]) -> Said:
    """Some types as a list, in the order in which they are declared."""
    wanted = frozenset(kinds)
    said = [_TYPES[kind] for kind in FieldType if kind in wanted]
    return Said(" or ".join(s.en for s in said), "或".join(s.zh for s in said))


def kind_said(kind: str) -> Said:
    """A kind of things that have names; a host's own kind is called as the host calls it."""
    return _KINDS.get(kind, Said(kind, kind))


def word_said(word_id: str) -> Said:
    """A word of the language, as it is printed."""
    return _printed(KEYWORDS[word_id])


def unit_said(unit: TimeUnit) -> Said:
    return Said(unit, UNITS[unit].spelt("zh").removeprefix("个"))


def counted(count: int, unit: TimeUnit, lang: Language) -> str:
    """
    So many of a unit.

    Examples:
        >>> counted(1, "hour", "en"), counted(3, "month", "zh")
        ('1 hour', '3 个月')
    """
    word = UNITS[unit].en[1] if count == 1 and lang == "en" else UNITS[unit].spelt(lang)
    return f"{count} {word}"


def function_said(function: AggregateFunction) -> Said:
    return _printed(AGGREGATES[function])


def _printed(word: Word) -> Said:
    return Said(word.spelt("en"), word.spelt("zh"))
