"""
Every message about a query, by its code, in English and Chinese.

Codes are stable: hosts build on them. In the Chinese text `{x_zh}` is the argument `x` in Chinese.
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

Severity = Literal["error", "warning", "hint"]


@frozen
class Message:
    """Texts of one diagnostic code; `{name}` is filled from the diagnostic's arguments."""

    severity: Severity
    en: str
    zh: str


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
    "named_nothing": Message(
        "error",
        "nothing stands behind a 'did not', so 'as {alias}' names nothing",
        "“未做过”背后没有任何一次,“记作 {alias}”无所指",
    ),
    "unbound_parameter": Message("error", "no value for ${name}", "参数 ${name} 没有值"),
    "bad_parameter": Message(
        "error", "${name} cannot be of type {type}", "参数 ${name} 不能是 {type_zh} 类型"
    ),
    "float_parameter": Message(
        "error",
        "a float is not exact, and this comparison is: give a Decimal",
        "浮点数不精确,而这里是精确比较,请传入十进制数",
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
    "rule_cycle": Message(
        "error", "rules that need each other's tags: {path}", "规则互相需要对方的标签:{path}"
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
    "too_long_to_lint": Message(
        "hint",
        "too long to be looked at as a whole: clauses were looked at alone and in pairs, {number}"
        " of them not at all",
        "条件过长,未能整体检查:只逐句和两两检查了子句,其中 {number} 处未检查",
    ),
    "too_many_tiers": Message(
        "hint",
        "too much to be looked at as a whole: the rules were looked at two by two, {number} of"
        " {pairs} pairs not at all or not to the end, and one gap was looked for",
        "规则过多,未能整体检查:只两两检查了规则,{pairs} 对中有 {number} 对未检查或未查完,缺口只找了一处",
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
