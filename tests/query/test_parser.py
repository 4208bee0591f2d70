"""Reading: the whole language, in two languages, however it is written."""

import re
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal, localcontext
from pathlib import Path as File

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.query import (
    CATALOGUE,
    Activity,
    Ago,
    Arithmetic,
    Calendar,
    Call,
    Compare,
    Date,
    Duration,
    Frequency,
    InList,
    InWindow,
    KeyPattern,
    Keys,
    Limits,
    LocalTime,
    Negative,
    Node,
    Not,
    Number,
    Parameter,
    Path,
    QueryError,
    Range,
    Reference,
    Rolling,
    Text,
    TextMatch,
    Truth,
    format,  # noqa: A004
    highlight,
    parse,
    walk,
)
from segmentkit.query.parsing.grammar import conditions as grammar
from segmentkit.query.parsing.reading import Source, Stuck
from segmentkit.testing.strategies import conditions

CASES = File(__file__).parent.parent / "cases"
TWINS = tomllib.loads((CASES / "twins.toml").read_text("utf-8"))
languages = st.sampled_from(["en", "zh"])


def value_of(text):
    """What *text* reads as, on the right of a comparison."""
    return parse(f"x = {text}").right


def code_of(text, **limits):
    with pytest.raises(QueryError) as caught:
        parse(text, limits=Limits(**limits))
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code


# --- English and Chinese ------------------------------------------------------------------------


def with_names(node, names):
    """The condition with each name of the schema mapped."""

    def mapped(value):
        if isinstance(value, Path):
            return attrs.evolve(value, names=tuple(names.get(name, name) for name in value.names))
        if isinstance(value, Node):
            return attrs.evolve(
                value,
                **{
                    field.name: named(field.name, getattr(value, field.name))
                    for field in attrs.fields(type(value))
                },
            )
        if isinstance(value, tuple):
            return tuple(map(mapped, value))
        return value

    def named(field, value):
        if field in ("collection", "function", "transform"):
            return names.get(value, value)
        if field == "path":
            return tuple(names.get(name, name) for name in value)
        return mapped(value)

    return mapped(node)


@pytest.mark.parametrize("query", TWINS["query"], ids=lambda query: query["rule"])
def test_a_chinese_twin_means_the_same(query):
    english = parse(query["en"])
    assert with_names(parse(query["zh"]), TWINS["names"]) == english
    for lang in ("en", "zh"):
        assert parse(format(english, lang)) == english


def test_the_twins_say_everything_that_the_language_has():
    said = {type(node) for query in TWINS["query"] for node in walk(parse(query["en"]))}
    assert set(Node.__subclasses__()) - said == {Reference}  # which only a catalog can say


# --- however it is written ----------------------------------------------------------------------

BLANKS = [" ", "  ", "\t", "\n", "\r\n", "\u3000", "\u00a0", "\u200b", " # 注释 'x' ( \n", "#\n"]
WIDE = {
    "(": "（", ")": "）", ",": "，", "=": "＝", "<": "＜", ">": "＞", "+": "＋", "-": "－",
    "*": "×", "/": "÷", "!=": "≠", "<=": "≤", ">=": "≥",
}  # fmt: skip


def rewritten(text, draw):
    """*text* with other blanks, cases and marks."""
    parts = []
    end = 0
    for token in highlight(text):
        if token.span[0] > end:
            parts.append(draw(st.sampled_from(BLANKS)))
        end = token.span[1]
        written = text[slice(*token.span)]
        if token.kind in ("word", "unit"):
            written = re.sub(" ", draw(st.sampled_from([" ", "  ", "\n"])), written)
            written = draw(st.sampled_from([written, written.upper(), written.title()]))
        elif token.kind == "mark":
            written = draw(st.sampled_from([written, WIDE.get(written, written)]))
        parts.append(written)
    return "".join(parts)


@given(conditions(), languages, st.data())
def test_blanks_comments_case_and_width_never_matter(condition, lang, data):
    text = format(condition, lang)
    assert parse(rewritten(text, data.draw)) == condition


@given(conditions(), languages, st.data())
def test_the_fast_path_reads_like_the_plain_grammar(condition, lang, data):
    text = format(condition, lang)
    cut = data.draw(st.integers(0, len(text)))
    for query in (text, text[:cut], text[cut:], rewritten(text, data.draw)):
        assert read(query, fast=True) == read(query, fast=False)


@given(st.lists(st.sampled_from(["a", "b.c", "=", ">=", "1", "2.5", "'x'", "and", "or", "(", ")"])))
def test_the_fast_path_reads_simple_comparisons_like_the_plain_grammar(words):
    text = " ".join(words)
    assert read(text, fast=True) == read(text, fast=False)


def read(text, *, fast):
    try:
        condition = grammar.read_all(Source(text, Limits(), fast=fast))
    except Stuck:
        return None
    except QueryError as error:
        return error.diagnostics
    return condition, [node.span for node in walk(condition)]


def outcome(text):
    try:
        condition = parse(text)
    except QueryError as error:
        return error.diagnostics
    return condition, [node.span for node in walk(condition)]


def test_threads_read_at_once():
    queries = [query["en"] for query in TWINS["query"]] * 20 + ["did purchase wher", "a = 'x", "("]
    alone = [outcome(query) for query in queries]
    with ThreadPoolExecutor(6) as pool:
        for together in pool.map(lambda _: [outcome(query) for query in queries], range(6)):
            assert together == alone


# --- spans --------------------------------------------------------------------------------------


def alone(node):
    """How to read a node from its own text."""
    match node:
        case Compare() | TextMatch() | InList() | InWindow() | Activity() | Not():
            return parse
        case Number() | Text() | Truth() | Date() | LocalTime() | Duration() | Ago():
            return value_of
        case Path() | Parameter() | Call() | Arithmetic() | Negative():
            return value_of
        case Rolling() | Calendar() | Range():
            return lambda text: parse(f"x in {text}").window
        case Keys() | KeyPattern():
            return lambda text: parse(f"has x {text}").keys
        case Frequency():
            return lambda text: parse(f"did x {text}").frequency
    return None


@given(conditions(), languages)
def test_the_span_of_a_node_is_its_text(condition, lang):
    text = format(condition, lang)
    for node in walk(parse(text)):
        read = alone(node)
        if read is not None:
            assert read(text[slice(*node.span)]) == node


def test_spans_count_in_the_original_text():
    text = "\t# 注释\n a\t= 1 and (b = 2 or c)"
    condition = parse(text)
    texts = [text[slice(*node.span)] for node in walk(condition)]
    assert texts == [
        "a\t= 1 and (b = 2 or c)", "a\t= 1", "a", "1", "b = 2 or c", "b = 2", "b", "2", "c",
    ]  # fmt: skip


# --- literals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5万", Number(50_000)),
        ("1.5亿", Number(150_000_000)),
        ("60%", Number(Decimal("0.6"))),
        ("６０％", Number(Decimal("0.6"))),
        ("0.10", Number(Decimal("0.1"))),
        ("3.0", Number(3)),
        ("9" * 400, Number(int("9" * 400))),
        ("0." + "1" * 500, Number(Decimal("0." + "1" * 500))),
        ("0.1234567890123456789012345678", Number(Decimal("0.1234567890123456789012345678"))),
        ("-5", Negative(Number(5))),
        ("true", Truth(True)),
        ("假", Truth(False)),
        ("2026-01-01", Date(date(2026, 1, 1))),
        ("2026-01-01T08:30", LocalTime(datetime(2026, 1, 1, 8, 30))),
        ("2026-01-01T08:30:15", LocalTime(datetime(2026, 1, 1, 8, 30, 15))),
        ("2026-12-31T24:00", LocalTime(datetime(2027, 1, 1))),
        ("30 days", Duration(30, "day")),
        ("1 个月", Duration(1, "month")),
        ("3月", Duration(3, "month")),
        ("30天前", Ago(30, "day")),
        ("$me", Parameter("me")),
        ("$`a b`", Parameter("a b")),
        ("`first name`.last", Path(("first name", "last"))),
        ("'it\\'s'", Text("it's")),
        ("“价格”", Text("价格")),
        ("「价\\n格」", Text("价\n格")),
        (r"'5\*'", Text(r"5\*")),
        (r"'\u4ef7'", Text("价")),
        ("'# no comment'", Text("# no comment")),
    ],
)
def test_literals(text, value):
    assert value_of(text) == value


@pytest.mark.parametrize("text", ["9" * 401, "1" * 397 + "万", "0." + "0" * 400 + "1", "1" * 2_000])
def test_a_number_that_cannot_be_held_is_refused(text):
    assert code_of(f"a = {text}") == "number_too_long"
    assert code_of(f"a = {text}.5") == "number_too_long" or "." in text


def test_numbers_are_exact_whatever_the_precision_of_the_host():
    with localcontext(prec=3):
        assert value_of("1.23456789") == Number(Decimal("1.23456789"))
        assert value_of("12345.678%") == Number(Decimal("123.45678"))
        assert format(parse("a = 1.23456789万")) == "a = 12345.6789"


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("did x today", Activity("did", "x", window=Calendar("this", "day"))),
        ("did x yesterday", Activity("did", "x", window=Calendar("previous", "day"))),
        ("did x 60 to 30 days ago", Activity("did", "x", window=Range(Ago(60, "day"), Ago(30, "day")))),
        ("did x 30 to 60 days ago", Activity("did", "x", window=Range(Ago(60, "day"), Ago(30, "day")))),
        ("has tag 'VIP'", Activity("has", "tag", keys=Keys((Text("VIP"),)))),
        ("has tag $t", Activity("has", "tag", keys=Keys((Parameter("t"),)))),
        ("has tag like 'x*'", Activity("has", "tag", keys=KeyPattern(Text("x*")))),
        ("a is b", Compare("=", Path(("a",)), Path(("b",)))),
        ("a is not b", Compare("!=", Path(("a",)), Path(("b",)))),
        ("a <> b", Compare("!=", Path(("a",)), Path(("b",)))),
        ("a is exactly 'B'", Compare("=", Path(("a",)), Text("B"), exactly=True)),
        ("a in $p", InList(Path(("a",)), Parameter("p"))),
        ("a in ($p)", InList(Path(("a",)), (Parameter("p"),))),
        ("a contains $p", TextMatch("contains", Path(("a",)), Parameter("p"))),
        ("a not in today", InWindow(Path(("a",)), Calendar("this", "day"), negated=True)),
        ("not in chat", Activity("in", "chat", negated=True)),
        (
            "not in last 2 days did x",
            Not(Activity("did", "x", window=Rolling("last", Duration(2, "day")))),
        ),
        (
            "a - b - c * -d = 0",
            Compare(
                "=",
                Arithmetic(
                    "-",
                    Arithmetic("-", Path(("a",)), Path(("b",))),
                    Arithmetic("*", Path(("c",)), Negative(Path(("d",)))),
                ),
                Number(0),
            ),
        ),
    ],
)  # fmt: skip
def test_forms(text, condition):
    assert parse(text) == condition


def test_and_and_or_are_flat():
    assert len(parse("a and (b and c) and d").items) == 4
    assert len(parse("a or (b or (c or d))").items) == 4


def test_and_binds_tighter_than_or_and_not_tighter_still():
    assert parse("not a = 1 and b or c") == parse("((not (a = 1)) and b) or c")


# --- limits -------------------------------------------------------------------------------------


def test_a_limit_is_the_most_that_is_read():
    parse("a = 1", limits=Limits(characters=5))
    assert code_of("a = 12", characters=5) == "too_long"
    parse("a in (1, 2)", limits=Limits(list_items=2))
    assert code_of("a in (1, 2, 3)", list_items=2) == "list_too_long"
    parse("a = 1", limits=Limits(nodes=3))
    assert code_of("a = 1 and b", nodes=3) == "too_many_nodes"
    parse(f"a in ({','.join('1' * 9_000)})")  # the items of a list are no nodes


@pytest.mark.parametrize(
    ("once", "levels"),
    [
        ("(a)", 1),
        ("not a", 1),
        ("a = -a", 1),
        ("a = a + 1", 1),
        ("did x where (a)", 2),
        ("f(a)", 2),
    ],
)
def test_depth_counts_across_every_construct(once, levels):
    """Each construct put into itself, as often as the limit allows and once more."""
    allowed = 100 // levels
    before, after = re.fullmatch(r"(.*)\ba\b(.*)", once).groups()
    if before == "a = -":
        before, after, seed, start = "-", "", "a", "a = "
    elif "+" in once:
        before, after, seed, start = "", " + 1", "a", "a = "
    else:
        seed, start = "a", ""
    parse(start + before * allowed + seed + after * allowed)
    deeper = allowed + 1
    assert code_of(start + before * deeper + seed + after * deeper) == "too_deep"


@pytest.mark.parametrize("once", ["(", "not ", "did x where ("])
def test_a_host_that_lifts_the_limits_gets_a_query_error_all_the_same(once):
    assert code_of(once * 50_000, depth=10**6, characters=10**6) == "too_deep"


@pytest.mark.parametrize("limit", ["characters", "depth", "nodes", "list_items"])
def test_a_limit_is_at_least_one(limit):
    with pytest.raises(InvalidValueError):
        Limits(**{limit: 0})


@pytest.mark.parametrize("text", [None, b"a = 1", 3])
def test_only_text_is_read(text):
    with pytest.raises(WrongTypeError):
        parse(text)


# --- errors -------------------------------------------------------------------------------------

ERRORS = (File(__file__).parent / "errors.txt").read_text("utf-8").strip("\n").split("\n\n")


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case.splitlines()[0])
def test_messages(case):
    text, _, expected = case.partition("\n")
    with pytest.raises(QueryError) as caught:
        parse(text)
    english = caught.value.render("en")
    chinese = caught.value.render("zh").splitlines()[0]
    assert f"{chinese}\n{english}" == expected


def error_of(text):
    try:
        parse(text)
    except QueryError as error:
        return error
    return None


@example(text="a = 1 and")
@given(text=st.text(max_size=30))
def test_an_error_is_one_diagnostic_inside_the_text(text):
    error = error_of(text)
    if error is not None:
        (diagnostic,) = error.diagnostics
        start, end = diagnostic.span
        assert 0 <= start <= end <= len(text)
        assert error.text == text
        assert error.render("en")
        assert error.render("zh")


@pytest.mark.parametrize(
    "text",
    ["has tag 'VIP' adn a = 1", "did x at lest 3 times", "did x in last month", "a == 1 && b = 2",
     "a = 2026-2-3", "a = 2026-01-01T08:30Z", "did x within 7 days", "年龄 大于 3", "有标签 'VIP'", "做过 x 最近月"],
)  # fmt: skip
def test_a_fix_mends_the_text(text):
    with pytest.raises(QueryError) as caught:
        parse(text)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.fixes
    for fix in diagnostic.fixes:
        start, end = fix.span
        parse(text[:start] + fix.replacement + text[end:])


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("unexpected", "a ="),
        ("run_together", "做过购买 至少3次"),
        ("unclosed_text", "a = 'x"),
        ("unclosed_name", "a = `x"),
        ("given_twice", "did x in last 2 days in last 3 days"),
        ("too_long", "a" * 20_001),
        ("too_deep", "(" * 101),
        ("too_many_nodes", "a or " * 200 + "b"),
        ("list_too_long", f"a in ({'1,' * 9_990}1)"),
        ("bad_character", "a = 1\x00"),
        ("bad_date", "a = 2026-02-30"),
        ("zone_in_time", "a = 2026-01-01T00:00+08:00"),
        ("number_too_long", "1" * 401),
        ("last_calendar_unit", "did x in last month"),
    ],
)
def test_each_code_of_reading_has_a_text(code, text):
    assert code_of(text, nodes=100, list_items=100) == code
    assert code in CATALOGUE
