"""
What is wrong with a query, where, and how to mend it, in English and Chinese.

Every message of the language stands in `CATALOGUE`, once; parser and checker only name its code and
give its arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from unicodedata import category

from attrs import field, frozen

from segmentkit.errors import InvalidValueError, SegmentkitError
from segmentkit.query.ast import Span
from segmentkit.text import display_width

Severity = Literal["error", "warning", "hint"]
Language = Literal["en", "zh"]


def require_language(lang: object) -> None:
    """Refuse what is no language of these texts."""
    if lang not in ("en", "zh"):
        raise InvalidValueError(lang, "lang", "Give 'en' or 'zh'")


@frozen
class Message:
    """Texts of one diagnostic code; `{name}` is filled from the diagnostic's arguments."""

    severity: Severity
    en: str
    zh: str


@frozen
class Fix:
    """A mend that an editor can apply: put `replacement` where `span` stands in the text."""

    label: str
    replacement: str
    span: Span


@frozen
class Diagnostic:
    """
    One finding about a query.

    Attributes:
        code: stable name; a key of `CATALOGUE`.
        args: what fills the message's places.
        span: (start, end) in code points of the text.
        fixes: mends, best first.
    """

    code: str
    args: Mapping[str, object] = field(factory=dict[str, object], hash=False)
    span: Span = (0, 0)
    fixes: tuple[Fix, ...] = ()

    @property
    def severity(self) -> Severity:
        return CATALOGUE[self.code].severity

    def message(self, lang: Language = "en") -> str:
        """The finding in words."""
        require_language(lang)
        entry = CATALOGUE[self.code]
        return (entry.zh if lang == "zh" else entry.en).format_map(dict(self.args))


class QueryError(SegmentkitError, ValueError):
    """
    A query that cannot be read, or that its schema refuses.

    Attributes:
        text: the query ("" when it did not come from text).
        diagnostics: every finding that made it an error; one from the parser, all from the checker.
        value: of the first of them, the piece of the query; `place` and `remedy` are its too.
    """

    code = "query"

    def __init__(self, text: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        first = diagnostics[0]
        wrong = text[slice(*first.span)]
        remedy = f"Did you mean {first.fixes[0].label!r}?" if first.fixes else ""
        super().__init__(wrong, _place(first.span, text) if text else "", remedy)
        # Exception pickles through args, which must be those of this signature.
        self.args = (text, diagnostics)
        self.text = text
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return self.render()

    def render(self, lang: Language = "en") -> str:
        """Each finding with its line of the query and a caret under the place."""
        return "\n".join(render(diagnostic, self.text, lang) for diagnostic in self.diagnostics)


def render(diagnostic: Diagnostic, text: str, lang: Language = "en") -> str:
    """
    The message, the line it speaks of, a caret line in display columns, and the first fix; without
    a text only the message and what was meant.

    Examples:
        >>> bad = Diagnostic(
        ...     "unknown_field", {"name": "年纪"}, (3, 5), (Fix("年龄", "年龄", (3, 5)),)
        ... )
        >>> print(render(bad, "且  年纪 > 30"))
        unknown field '年纪' at column 4
            且  年纪 > 30
                ^^^^  did you mean '年龄'?
    """
    message = diagnostic.message(lang)
    if not text:
        if not diagnostic.fixes:
            return message
        meant = diagnostic.fixes[0].label
        return (
            f"{message};是不是“{meant}”?" if lang == "zh" else f"{message}; did you mean '{meant}'?"
        )
    before, marked, after = _excerpt(diagnostic.span, text)
    carets = "^" * max(1, display_width(marked))
    if lang == "zh":
        headline = f"{message}({_place(diagnostic.span, text, lang)})"
        hint = f"  是不是“{diagnostic.fixes[0].label}”?" if diagnostic.fixes else ""
    else:
        headline = f"{message} at {_place(diagnostic.span, text)}"
        hint = f"  did you mean '{diagnostic.fixes[0].label}'?" if diagnostic.fixes else ""
    under = " " * display_width(before) + carets
    return f"{headline}\n    {before}{marked}{after}\n    {under}{hint}"


def _place(span: Span, text: str, lang: Language = "en") -> str:
    """The column, and the line where there are several; both count from 1."""
    start = span[0]
    column = start - text.rfind("\n", 0, start)
    line = text.count("\n", 0, start) + 1
    if lang == "zh":
        return f"第 {line} 行第 {column} 列" if "\n" in text else f"第 {column} 列"
    return f"line {line}, column {column}" if "\n" in text else f"column {column}"


# A line is shown whole up to this many characters; of a longer one, what stands around the place.
_MOST_SHOWN = 160
_MOST_BEFORE = 60


def _excerpt(span: Span, text: str) -> tuple[str, str, str]:
    """The line of a span, in three pieces: before it, in it and after it."""
    start, end = span
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    first, last = line_start, line_end
    if line_end - line_start > _MOST_SHOWN:
        first = max(line_start, start - _MOST_BEFORE)
        last = min(line_end, first + _MOST_SHOWN)
    stop = min(max(end, start + 1), last)
    before = "…" * (first > line_start) + _printable(text[first:start])
    after = _printable(text[stop:last]) + "…" * (last < line_end)
    return before, _printable(text[start:stop]), after


def _printable(text: str) -> str:
    """
    What a terminal can show: a blank for a tab, and U+FFFD for what would move its cursor, or what
    no encoding takes.
    """
    if text.isprintable():
        return text
    shown = text.removesuffix("\r").replace("\t", " ")
    return "".join("\ufffd" if category(c) in ("Cc", "Cs") else c for c in shown)


CATALOGUE: dict[str, Message] = {
    # --- reading ---
    "unexpected": Message(
        "error", "expected {expected}, found {found}", "此处应为{expected_zh},却是{found_zh}"
    ),
    "run_together": Message(
        "error",
        "'{name}' reads as one name; put a blank after '{word}'",
        "“{name}”被读成了一个名称,请在“{word}”后面加空格",
    ),
    "unclosed_text": Message("error", "this text has no closing quote", "引号没有闭合"),
    "unclosed_name": Message("error", "this name has no closing backtick", "反引号没有闭合"),
    "given_twice": Message("error", "{clause} is given twice", "{clause_zh}重复了"),
    "too_long": Message(
        "error",
        "the query has {size} characters; at most {limit} are read",
        "查询有 {size} 个字符,最多 {limit} 个",
    ),
    "too_deep": Message("error", "nested deeper than {limit} levels", "嵌套超过 {limit} 层"),
    "too_many_nodes": Message(
        "error", "more than {limit} parts in one query", "查询的组成部分超过 {limit} 个"
    ),
    "list_too_long": Message("error", "more than {limit} items in one list", "列表超过 {limit} 项"),
    "bad_character": Message(
        "error", "the character {found} cannot stand in a query", "查询中不能出现字符 {found}"
    ),
    "bad_date": Message("error", "'{found}' is no date of the calendar", "“{found}”不是有效的日期"),
    "zone_in_time": Message(
        "error",
        "a time in a query has no zone; it is read in the zone of the run",
        "查询中的时间不带时区,按运行时区理解",
    ),
    "number_too_long": Message("error", "this number has too many digits", "数字的位数太多"),
    "last_calendar_unit": Message(
        "error",
        "'{found}' could mean the {unit} before this one or the time up to now",
        "“{found}”可能指“{previous_zh}”,也可能指“{last_zh}”",
    ),
    # --- meaning ---
    "unknown_field": Message("error", "unknown field '{name}'", "没有名为“{name}”的字段"),
    "unknown_collection": Message(
        "error", "unknown event or collection '{name}'", "没有名为“{name}”的行为或集合"
    ),
    "unknown_function": Message("error", "unknown function '{name}'", "没有名为“{name}”的函数"),
    "unknown_alias": Message(
        "error", "nothing was named '{name}' with 'as'", "没有用“记作”命名过“{name}”"
    ),
    "unknown_thing": Message(
        "error", "there is no {kind} named '{name}'", "没有名为“{name}”的{kind_zh}"
    ),
    "ambiguous_name": Message(
        "error",
        "'{name}' could be any of {candidates}",
        "“{name}”有多个可能:{candidates_zh}",
    ),
    "deleted_reference": Message(
        "error", "the {kind} '{name}' was deleted", "{kind_zh}“{name}”已被删除"
    ),
    "tag_not_for_rules": Message(
        "error",
        "the tag '{name}' is archived or not automatic, so no rule sets it",
        "标签“{name}”已归档或不是自动标签,规则不能设置它",
    ),
    "field_of_contact": Message(
        "error",
        "'{name}' is a field of the contact, not of {collection}",
        "“{name}”是联系人的字段,不是“{collection}”的字段",
    ),
    "needs_aggregate": Message(
        "error",
        "'{name}' has many values here; use sum, max, first ...",
        "“{name}”在此有多个值,请用 总和、最大、首个 等",
    ),
    "aggregate_inside": Message(
        "error",
        "'where' looks at one item at a time; totals belong into 'having'",
        "“满足”只看单条记录,合计请写在“合计满足”里",
    ),
    "activity_inside": Message(
        "error",
        "'where' and 'having' speak of the items only; join this with 'and' outside",
        "“满足”和“合计满足”只描述记录本身,请在外面用“且”连接",
    ),
    "aggregate_needs_collection": Message(
        "error", "{function}() needs a collection here", "{function_zh}() 在此需要一个集合"
    ),
    "aggregate_needs_field": Message(
        "error", "{function} needs a field of the items", "{function_zh} 需要记录的一个字段"
    ),
    "wrong_aggregate": Message(
        "error", "{function} has no meaning for {type}", "{function_zh} 不能用于{type_zh}"
    ),
    "type_mismatch": Message(
        "error", "{left} cannot be compared with {right}", "{left_zh}不能与{right_zh}比较"
    ),
    "operator_not_for_type": Message(
        "error", "'{operator}' has no meaning for {left}", "“{operator}”不能用于{left_zh}"
    ),
    "operator_on_list": Message(
        "error",
        "'{operator}' on a list; say 'contains any' or 'contains all'",
        "列表不能用“{operator_zh}”,请用“包含 任一”或“包含 全部”",
    ),
    "arithmetic_types": Message(
        "error",
        "'{operator}' has no meaning between {left} and {right}",
        "{left_zh}与{right_zh}之间不能用“{operator}”",
    ),
    "mixed_currencies": Message(
        "error", "{left} and {right} are different currencies", "{left} 和 {right} 是不同的货币"
    ),
    "exactly_needs_text": Message(
        "error", "'exactly' compares texts, not {type}", "“完全”只能比较文本,不能比较{type_zh}"
    ),
    "needs_text": Message(
        "error",
        "'{operation}' needs a text, not {type}",
        "“{operation_zh}”需要文本,而不是{type_zh}",
    ),
    "needs_number": Message("error", "a number is needed, not {type}", "需要数字,而不是{type_zh}"),
    "needs_time": Message(
        "error", "a date or an instant is needed, not {type}", "需要日期或时刻,而不是{type_zh}"
    ),
    "needs_date": Message("error", "'on' needs a date", "“于”后面需要一个日期"),
    "not_a_condition": Message(
        "error", "{type} by itself is no condition; compare it", "{type_zh}本身不是条件,请写比较"
    ),
    "duration_not_exact": Message(
        "error",
        "a {unit} has no fixed length; use days, hours, minutes or seconds",
        "{unit_zh}没有固定长度,请用天、小时、分钟或秒",
    ),
    "not_a_calendar_unit": Message(
        "error",
        "'{unit}' is no unit of the calendar; use day to year",
        "“{unit_zh}”不是日历单位,请用天到年",
    ),
    "one_argument": Message(
        "error", "{name} takes one value, not {count}", "{name_zh}只接受一个值,而不是 {count} 个"
    ),
    "wrong_argument": Message(
        "error", "{name} takes {accepted}, not {type}", "{name_zh}接受{accepted_zh},不接受{type_zh}"
    ),
    "frequency_not_whole": Message(
        "error",
        "how often is a whole number of times, not {value}",
        "次数必须是非负整数,而不是 {value}",
    ),
    "no_time": Message(
        "error",
        "{collection} has no time that a window could mean",
        "“{collection}”没有时间,不能用时间窗",
    ),
    "no_key": Message(
        "error",
        "{collection} has no key; say which with 'where (...)'",
        "“{collection}”没有键,请用“满足 (...)”说明",
    ),
    "no_tree": Message(
        "error",
        "{collection} has no levels, so 'under' means nothing",
        "“{collection}”没有层级,不能用“之下”",
    ),
    "all_needs_keys": Message(
        "error", "'all' needs a list: all {collection} ('a', 'b')", "“全部”后面需要列表"
    ),
    "not_with_steps": Message(
        "error",
        "'{clause}' cannot stand with 'then'; join two conditions with 'and'",
        "“{clause_zh}”不能与“然后”同用,请用“且”连接两个条件",
    ),
    "within_on_middle_negation": Message(
        "error",
        "'within' on a 'did not' in the middle; give it to the step after",
        "中间的“未做过”不能带期限,请写在下一步",
    ),
    "unbound_parameter": Message("error", "no value for ${name}", "参数 ${name} 没有值"),
    "bad_parameter": Message(
        "error", "${name} cannot be of type {type}", "参数 ${name} 不能是 {type_zh} 类型"
    ),
    "plain_segments_only": Message(
        "error",
        "name the segments and nothing else: in segment ('a', 'b')",
        "只能写分群的名字:属于 分群 ('a', 'b')",
    ),
    "plain_lists_only": Message(
        "error",
        "this list is worked out and has no rows; join other conditions with 'and'",
        "此列表是计算出来的,没有记录;请用“且”连接其他条件",
    ),
    "key_not_text": Message(
        "error",
        "name what is meant, as a text; {type} cannot stand here",
        "请用文本写出名字,这里不能用{type_zh}",
    ),
    "segment_cycle": Message(
        "error", "segments that need each other: {path}", "分群互相引用:{path}"
    ),
    "wrong_verb": Message(
        "warning", "with {collection} say '{verb}'", "“{collection}”应说“{verb_zh}”"
    ),
    "between_reversed": Message(
        "warning", "nothing lies between {low} and {high}", "{low_zh} 与 {high_zh} 之间没有值"
    ),
    "negation_of_missing": Message(
        "hint",
        "this is also true for everyone without '{name}'",
        "没有“{name}”的联系人也会满足此条件",
    ),
    "not_only_these": Message(
        "hint",
        "this looks at every {collection}, not only at those that pass 'where' and the window",
        "这会统计全部“{collection}”,而不只是满足条件和时间窗的记录",
    ),
    # --- sense ---
    "never_true": Message("warning", "{clauses} is never true", "{clauses_zh}永远不成立"),
    "never_together": Message(
        "warning", "{clauses} are never true together", "{clauses_zh}不会同时成立"
    ),
    "always_true": Message("warning", "{clauses} is always true", "{clauses_zh}总是成立"),
    "always_one": Message("warning", "one of {clauses} is always true", "{clauses_zh}总有一个成立"),
    "implied_clause": Message(
        "hint",
        "{clauses} adds nothing: {because} asks for as much",
        "{clauses_zh}没有增加限制,{because_zh}已经包含它",
    ),
    "absorbed_clause": Message(
        "hint",
        "{clauses} adds nobody: {because} takes them in already",
        "{clauses_zh}没有增加任何人,{because_zh}已经包含他们",
    ),
    "dead_branch": Message(
        "warning",
        "{clauses} is never true here, because of {because}",
        "因为{because_zh},{clauses_zh}在此永远不成立",
    ),
    "tiers_overlap": Message(
        "warning",
        "'{first}' and '{second}' overlap: both take in who has {example}",
        "“{first}”和“{second}”重叠:{example_zh} 的人两者都符合",
    ),
    "tiers_gap": Message(
        "warning",
        "a gap between the tiers: none takes in who has {example}",
        "各档之间有缺口:{example_zh} 的人不在任何一档",
    ),
    "tiers_end": Message(
        "hint",
        "beside the tiers: none takes in who has {example}",
        "各档之外:{example_zh} 的人不在任何一档",
    ),
}
