"""
What to say about a text that is no condition: what should have stood where reading stopped, what
stands there instead, and the nearest right word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from segmentkit.query.ast import Span
from segmentkit.query.diagnostics import Fix, QueryError
from segmentkit.query.highlight import highlight
from segmentkit.query.literals import QUOTES, TEXT
from segmentkit.query.parsing.reading import Limits, Over, Source, Starter, Stuck, Wanted, refused
from segmentkit.query.spelling import BLANKS, by_spelling, normal_spelling
from segmentkit.query.words import KEYWORDS, Word, all_words
from segmentkit.text import nearest

# English and Chinese names of what is wanted, where it is no fixed word.
KINDS: dict[str, tuple[str, str]] = {
    "condition": ("a condition", "条件"),
    "activity": ("'did', 'has' or 'in'", "“做过”、“有”或“属于”"),
    "tail": ("a comparison", "比较"),
    "comparison": ("a comparison", "比较"),
    "value": ("a value", "值"),
    "window": ("a time window", "时间窗"),
    "frequency": ("how many times", "次数"),
    "point": ("a date or a time ago", "日期或多久以前"),
    "unit": ("a time unit", "时间单位"),
    "calendar": ("a part of the calendar", "日历时段"),
    "operator": ("an operator", "运算符"),
    "number": ("a number", "数字"),
    "whole": ("a whole number", "整数"),
    "text": ("a text in quotes", "带引号的文字"),
    "date": ("a date", "日期"),
    "parameter": ("a $parameter", "$参数"),
    "field": ("a field", "字段"),
    "item": ("a collection or field", "集合或字段"),
    "collection": ("an event or collection", "行为或集合"),
    "alias": ("a name", "名称"),
    "function": ("a function", "函数"),
    "aggregate": ("a total", "汇总"),
    "end": ("the end", "结尾"),
}
# What messages call the clauses of a statement.
CLAUSES: dict[str, tuple[str, str]] = {
    "where": ("'where'", "“满足”"),
    "having": ("'having'", "“合计满足”"),
    "frequency": ("the number of times", "次数"),
    "window": ("the time window", "时间窗"),
    "within": ("'within'", "期限"),
}
# What people bring along from other languages, and what they mean by it.
FOREIGN = {
    "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not", "===": "=", "!==": "!=",
    "=>": ">=", "=<": "<=", "equals": "=", "within": "in last", "during": "in",
    "等于": "=", "不等于": "!=", "大于": ">", "小于": "<", "大于等于": ">=", "小于等于": "<=",
    "不小于": ">=", "不大于": "<=",
}  # fmt: skip
_MOST_SHOWN = 6

_skip_blanks = re.compile(BLANKS).match
_phrase = re.compile(r"[^\W\d][\w']*(?:\s+[^\W\d][\w']*){0,2}").match
_found = re.compile(rf"(?:{TEXT})|\w+|[=<>!~&|]+|.", re.DOTALL).match


def _is_word(wanted: Wanted) -> bool:
    return wanted.kind == "word"


def explain(source: Source) -> QueryError:
    """The error for a text whose reading stopped."""
    at, wanted = stopped(source)
    found = _found(source, at)
    if found is None:
        end = source.furthest
        return _unexpected(source, (end, end), wanted, ("the end of the query", "查询的结尾"))
    written = found[0]
    if written == "`":
        return refused(source, "unclosed_name", (at, _line_end(source, at)))
    if written in QUOTES:
        return refused(source, "unclosed_text", (at, _line_end(source, at)))
    fixes = tuple(_fixes(source, at, written, wanted))
    if not fixes and (run_together := _run_together(source, at)) is not None:
        return run_together
    shown = written if written[0] in QUOTES else f"'{written}'"
    shown_zh = written if written[0] in QUOTES else f"“{written}”"
    span = fixes[0].span if fixes else found.span()
    return _unexpected(source, span, wanted, (shown, shown_zh), fixes)


def given_twice(source: Source, clause: str, span: Span) -> QueryError:
    en, zh = CLAUSES[clause]
    return refused(source, "given_twice", span, clause=en, clause_zh=zh)


def stopped(source: Source, *, over: Over = _is_word) -> tuple[int, list[Starter]]:
    """
    Where reading stopped, and the parts of the grammar that could go on there.

    *over*: which tokens of a look ahead that failed count as read. For a message they are words
    only: after `x in 5` one expects a list or a window, and not the `to` of `5 to 3 days ago`.
    """
    reached = [part.reach(source, source.furthest, over=over) for part in source.wanted]
    furthest = max(end for end, _ in reached)
    at, parts = source.passed_by
    reached[:0] = [part.reach(source, at, over=lambda wanted: True) for part in parts]
    going_on = [part for end, missing in reached if end == furthest for part in missing]
    blanks = _skip_blanks(source, furthest)
    assert blanks is not None
    # What had to stand there was asked for last; before it, what also could.
    return blanks.end(), going_on[::-1]


def _unexpected(
    source: Source,
    span: Span,
    wanted: Iterable[Starter],
    found: tuple[str, str],
    fixes: tuple[Fix, ...] = (),
) -> QueryError:
    en, zh = _listed(wanted)
    return refused(
        source,
        "unexpected",
        span,
        fixes,
        expected=_shown(en, ", ", " or "),
        expected_zh=_shown(zh, "、", "或"),
        found=found[0],
        found_zh=found[1],
    )


def _listed(wanted: Iterable[Starter]) -> tuple[list[str], list[str]]:
    """English and Chinese names of *wanted*, each once."""
    both: dict[tuple[str, str], None] = {}
    for part in wanted:
        if part.label:
            both[KINDS[part.label]] = None
            continue
        for token in part.firsts():
            if token.kind in KINDS:
                both[KINDS[token.kind]] = None
            else:
                both.update((_quoted(word), None) for word in token.words)
                both.update((_mark_quoted(mark), None) for mark in token.marks)
    return [en for en, _ in both], [zh for _, zh in both]


def _quoted(word: Word) -> tuple[str, str]:
    return f"'{word.spelt('en')}'", f"“{word.spelt('zh')}”"


def _mark_quoted(mark: str) -> tuple[str, str]:
    return f"'{mark}'", f"“{mark}”"


def _shown(names: list[str], comma: str, last: str) -> str:
    if len(names) > _MOST_SHOWN:
        return comma.join(names[:_MOST_SHOWN]) + " …"
    return last.join([comma.join(names[:-1]), names[-1]] if len(names) > 1 else names)


# --- fixes --------------------------------------------------------------------------------------


def _fixes(source: Source, at: int, written: str, wanted: Iterable[Starter]) -> Iterator[Fix]:
    tokens = [token for part in wanted for token in part.firsts()]
    known = {spelling for token in tokens for spelling in token.spellings}
    meant = FOREIGN.get(written.lower())
    if meant is not None:
        if known.union(*(token.marks for token in tokens)).issuperset(meant.split()):
            yield Fix(meant, meant, (at, at + len(written)))
        return
    found = _phrase(source, at)
    if found is None:
        return
    apart = _set_apart(written, known)
    if apart is not None:
        yield Fix(apart, apart, (at, at + len(written)))
        return
    words = by_spelling(all_words())
    # "at lest 3 times" is nearer to "at least" than "at" is to any one word.
    ends = [word.end() for word in re.finditer(r"\S+", found[0])]
    for count in range(len(ends), 0, -1):
        phrase = found[0][: ends[count - 1]]
        if normal_spelling(phrase) in words:
            return  # rightly spelt, and in the wrong place
        near = nearest(phrase, (s for s in known if s.count(" ") == count - 1))
        if near is not None:
            yield Fix(near, near, (at, at + len(phrase)))
            return


def _set_apart(written: str, known: Iterable[str]) -> str | None:
    """`且 类目` for `且类目`: a Chinese word that ran into what follows."""
    longest = max(
        (s for s in known if not s.isascii() and written.startswith(s)), key=len, default=""
    )
    rest = written.removeprefix(longest)
    return f"{longest} {rest}" if longest and rest else None


def _run_together(source: Source, at: int) -> QueryError | None:
    """`有标签 'VIP'`: the name before the stop begins with a word, and reads further without it."""
    tokens = [token for token in highlight(source[:at]) if token.kind != "comment"]
    if not tokens or tokens[-1].kind != "name":
        return None
    start, end = tokens[-1].span
    name = source[start:end]
    chinese = (spelling for word in KEYWORDS.values() for spelling in word.zh)
    for word in sorted(filter(name.startswith, chinese), key=len, reverse=True):
        apart = f"{word} {name.removeprefix(word)}"
        if _reads_to(f"{source[:start]}{apart}{source[end:]}", source.limits) > at + 1:
            fix = Fix(apart, apart, (start, end))
            return refused(source, "run_together", (start, end), (fix,), name=name, word=word)
    return None


def _reads_to(text: str, limits: Limits) -> int:
    """How far *text* can be read."""
    from segmentkit.query.parsing.grammar import conditions

    source = Source(text, limits)
    try:
        conditions.read_all(source)
    except Stuck:
        return source.furthest
    except QueryError:
        return -1
    return len(text)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
