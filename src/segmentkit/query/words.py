"""
Every word of the language, once: what it is called inside, and how English and Chinese spell it.

The grammar, the printer, the highlighter, completion and did-you-mean all read this table, so a new
spelling is one more entry here. The first spelling of a language is the one that is printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from attrs import frozen

from segmentkit.query.ast import (
    AggregateFunction,
    ArithmeticOperator,
    ComparisonOperator,
    TimeUnit,
)
from segmentkit.query.diagnostics import Language


@frozen
class Word:
    """
    One word, which may be written as several (`at least`).

    Attributes:
        id: what the rest of the code calls it.
        en: English spellings, the printed one first, the singular of a unit second; read in any
            case.
        zh: Chinese spellings, the printed one first.
        is_name_too: a name may be spelt like it, because no name can stand where it is wanted.
    """

    id: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    is_name_too: bool = False

    def spelt(self, lang: Language, *, one: bool = False) -> str:
        """
        How this word is printed; *one*: of a unit or `times`, after the number 1.

        Examples:
            >>> KEYWORDS["at_least"].spelt("zh")
            '至少'
            >>> UNITS["day"].spelt("en", one=True)
            'day'
        """
        return self.zh[0] if lang == "zh" else self.en[one]

    @property
    def spellings(self) -> tuple[str, ...]:
        return self.en + self.zh


def _table(rows: str, *, is_name_too: bool = False) -> dict[str, Word]:
    """A row is `id: English | English: Chinese | Chinese`."""
    words: dict[str, Word] = {}
    for row in filter(None, map(str.strip, rows.splitlines())):
        name, en, zh = (part.strip() for part in row.split(":"))
        words[name] = Word(name, _spellings(en), _spellings(zh), is_name_too)
    return words


def _spellings(cell: str) -> tuple[str, ...]:
    return tuple(spelling.strip() for spelling in cell.split("|"))


KEYWORDS: Mapping[str, Word] = {
    **_table(
        """
        and: and: 且 | 并且 | 而且
        or: or: 或 | 或者
        not: not: 非 | 并非

        did: did: 做过
        did_not: did not | didn't | never did: 未做过 | 没做过 | 没有做过
        has: has: 有
        has_no: has no | has not: 没有
        in: in: 属于 | 在
        not_in: not in: 不属于 | 不在
        in_time: in: 在 | 属于
        not_in_time: not in: 不在 | 不属于
        any: any: 任一 | 任意 | 任何
        all: all: 全部 | 所有
        under: under: 之下 | 含下级
        like: like: 形如 | 匹配
        as: as: 记作 | 记为

        where: where: 满足 | 其中
        having: having: 合计满足
        at_least: at least: 至少 | 不少于
        at_most: at most: 至多 | 最多 | 不超过
        exactly: exactly: 恰好 | 正好 | 刚好
        more_than: more than: 超过 | 多于
        fewer_than: fewer than | less than: 少于 | 不足
        then: then: 然后 | 随后
        within: within: 内 | 以内 | 之内

        last: last | the last | past | the past: 最近 | 过去 | 近
        next: next | the next: 未来 | 接下来
        previous: previous | the previous: 前 | 此前 | 上
        since: since: 自 | 自从
        before: before: 早于
        from: from: 从
        on: on: 于

        between: between: 介于
        not_between: not between: 不介于
        contains: contains | contain: 包含
        not_contains: not contains | does not contain | doesn't contain: 不包含
        starts_with: starts with | start with: 开头是
        not_starts_with: not starts with | does not start with: 开头不是
        ends_with: ends with | end with: 结尾是
        not_ends_with: not ends with | does not end with: 结尾不是
        not_like: not like: 不形如 | 不匹配
        is: is: 是
        is_not: is not | isn't: 不是
        is_exactly: is exactly: 完全等于 | 完全是
        is_not_exactly: is not exactly | isn't exactly: 不完全等于 | 完全不是
        is_missing: is missing | is not known: 为空 | 缺失
        is_known: is known | is not missing: 不为空 | 有值

        true: true: 真
        false: false: 假
        """
    ),
    **_table(
        """
        to: to: 到 | 至
        times: times | time: 次
        ago: ago: 前 | 之前 | 以前
        """,
        is_name_too=True,
    ),
}

UNITS: Mapping[TimeUnit, Word] = cast(
    "Mapping[TimeUnit, Word]",
    _table(
        """
        second: seconds | second: 秒 | 秒钟
        minute: minutes | minute: 分钟
        hour: hours | hour: 小时 | 个小时
        day: days | day: 天 | 日
        week: weeks | week: 周 | 个星期 | 星期
        month: months | month: 个月 | 月
        quarter: quarters | quarter: 季度 | 个季度
        year: years | year: 年
        """,
        is_name_too=True,
    ),
)

AGGREGATES: Mapping[AggregateFunction, Word] = cast(
    "Mapping[AggregateFunction, Word]",
    _table(
        """
        count: count: 次数 | 计数
        sum: sum | total: 总和 | 求和 | 总计 | 合计
        avg: avg | average: 平均 | 平均值
        min: min: 最小 | 最小值
        max: max: 最大 | 最大值
        distinct: distinct: 去重数 | 不同数
        first: first: 首个 | 首次
        last: last: 最后 | 末次 | 最后一次
        """,
        is_name_too=True,
    ),
)

# Keyed by the two fields of ast.Calendar.
CALENDARS: Mapping[str, Word] = _table(
    """
    this second: this second: 本秒
    this minute: this minute: 本分钟
    this hour: this hour: 本小时 | 这个小时
    this day: today | this day: 今天 | 今日 | 当天
    this week: this week: 本周 | 这周 | 本星期
    this month: this month: 本月 | 这个月 | 当月
    this quarter: this quarter: 本季度 | 本季
    this year: this year: 今年 | 本年
    previous second: previous second: 上一秒
    previous minute: previous minute: 上一分钟
    previous hour: previous hour: 上一小时 | 上个小时
    previous day: yesterday | previous day: 昨天 | 昨日
    previous week: previous week: 上周 | 上个星期
    previous month: previous month: 上月 | 上个月
    previous quarter: previous quarter: 上季度 | 上个季度
    previous year: previous year: 去年 | 上一年
    """
)

# Not of the grammar: the name by which a path inside `where` means the contact's own fields.
CONTACT = Word("contact", ("contact",), ("联系人", "客户"), is_name_too=True)


def all_words() -> Iterator[Word]:
    """Every word of every table."""
    for table in (KEYWORDS, UNITS, AGGREGATES, CALENDARS):
        yield from table.values()


# --- marks --------------------------------------------------------------------------------------

COMPARISONS: Mapping[str, ComparisonOperator] = {
    "=": "=", "==": "=", "＝": "=",
    "!=": "!=", "<>": "!=", "≠": "!=", "！＝": "!=",
    "<": "<", "＜": "<",
    "<=": "<=", "≤": "<=", "＜＝": "<=",
    ">": ">", "＞": ">",
    ">=": ">=", "≥": ">=", "＞＝": ">=",
}  # fmt: skip
ARITHMETIC: Mapping[str, ArithmeticOperator] = {
    "+": "+", "＋": "+",
    "-": "-", "－": "-", "−": "-",
    "*": "*", "＊": "*", "×": "*",
    "/": "/", "／": "/", "÷": "/",
}  # fmt: skip
