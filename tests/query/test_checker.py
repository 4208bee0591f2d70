"""Every code of the checker, where it stands, in both languages, and what mends it."""

import re
from pathlib import Path

import pytest
from cases.schema import SHOP
from hypothesis import given
from hypothesis import strategies as st
from query.findings import NAMES, PARAMETERS, examples, findings, fixed, shown

import segmentkit.query
from segmentkit.model import Field, FieldType, Schema
from segmentkit.query import (
    CATALOGUE,
    Activity,
    And,
    Compare,
    Keys,
    Not,
    Number,
    Parameter,
    QueryError,
    Reference,
    Text,
    bind,
    check,
    format,  # noqa: A004
    parse,
)
from segmentkit.query import (
    Path as PathNode,
)
from segmentkit.testing import checked_conditions, conditions

EXAMPLES = examples()
CHECKER = Path(segmentkit.query.__file__).parent


def reported_by_the_checker() -> set[str]:
    """Codes that stand in the checker's source."""
    files = [CHECKER / "checker.py", *(CHECKER / "checking").glob("*.py")]
    words = {word for file in files for word in re.findall(r'"([a-z_]+)"', file.read_text("utf-8"))}
    return words & CATALOGUE.keys()


# --- examples -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example.code}: {example.query}"
)
def test_the_finding_is_shown_like_this(example):
    found = [f for f in findings(example.query) if f.code == example.code]
    assert shown(found[0], example.query) == example.shown


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example.code}: {example.query}"
)
def test_applying_the_first_fix_makes_the_finding_go_away(example):
    first = next(f for f in findings(example.query) if f.code == example.code)
    if not first.fixes:
        return
    mended = fixed(first, example.query)
    left = findings(mended)
    same = [f for f in left if f.code == first.code]
    before = [f for f in findings(example.query) if f.code == first.code]
    assert len(same) < len(before), mended
    assert sum(f.severity == "error" for f in left) <= sum(
        f.severity == "error" for f in findings(example.query)
    )


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example.code}: {example.query}"
)
def test_every_fix_is_a_query_that_can_be_read(example):
    for found in findings(example.query):
        for fix in found.fixes:
            start, end = fix.span
            parse(example.query[:start] + fix.replacement + example.query[end:])


def test_every_code_of_the_checker_has_an_example():
    # These two are about more than one query; they have tests of their own.
    others = {"deleted_reference", "segment_cycle", "too_deep"}
    assert {e.code for e in EXAMPLES} | others == reported_by_the_checker()


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_place_of_a_message_has_the_same_arguments_in_both_languages(code):
    entry = CATALOGUE[code]
    places = {name.removesuffix("_zh") for name in re.findall(r"{(\w+)}", entry.zh)}
    extra = {"previous", "last"} if code == "last_calendar_unit" else set()
    assert places - extra <= set(re.findall(r"{(\w+)}", entry.en))


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example.code}: {example.query}"
)
def test_a_chinese_message_has_no_english_words_but_names(example):
    found = next(f for f in findings(example.query) if f.code == example.code)
    message = re.sub(r"“[^”]*”|\$\w+|'[^']*'", "", found.message("zh"))
    names = {"CNY", "USD", "purchase", "vip", "VIP", "bytes", "等级"}
    assert not set(re.findall(r"[A-Za-z]{2,}", message)) - names, message


# --- one pass -----------------------------------------------------------------------------------


def test_all_findings_come_in_one_pass_in_the_order_of_the_text():
    text = "ages > 30 and has purchase and interests = '茶' and city != '福州' and name < 'x'"
    found = check(parse(text), SHOP, text=text).diagnostics
    assert [f.code for f in found] == [
        "unknown_field",
        "wrong_verb",
        "operator_on_list",
        "negation_of_missing",
        "operator_not_for_type",
    ]
    assert [f.span for f in found] == sorted(f.span for f in found)


def test_only_errors_make_a_condition_invalid():
    for text, valid in {
        "has purchase": True,
        "city != '福州'": True,
        "age between 3 and 1": True,
        "ages > 3": False,
    }.items():
        assert check(parse(text), SHOP).is_valid == valid
    with pytest.raises(QueryError) as caught:
        bind(parse("ages > 3 and has purchase"), SHOP)
    assert [d.code for d in caught.value.diagnostics] == ["unknown_field"]


def test_a_finding_without_a_text_still_names_what_was_meant():
    with pytest.raises(QueryError) as caught:
        bind(Compare(">", PathNode(("年纪",)), Number(18)), SHOP)
    assert str(caught.value) == "unknown field '年纪'; did you mean '年龄'?"
    assert caught.value.render("zh") == "没有名为“年纪”的字段;是不是“年龄”?"


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        # The name is found where it stands, not in a word that happens to contain it.
        ("did di", None),
        ("sum(sum.amount) > 1", None),
        ("did purchase where (`categry` = '鞋')", "did purchase where (category = '鞋')"),
        ("count(purchse) > 1 and did purchse", "count(purchase) > 1 and did purchse"),
    ],
)
def test_a_fix_replaces_the_name_and_nothing_else(text, fix):
    first = next(f for f in findings(text) if f.code.startswith("unknown"))
    assert (fixed(first, text) if first.fixes else None) == fix


def test_a_fix_quotes_what_needs_quotes():
    schema = Schema(fields=[Field("first name", FieldType.TEXT), Field("and", FieldType.INTEGER)])
    text = "`first nam` = 'x'"
    (found,) = check(parse(text), schema, text=text).diagnostics
    assert fixed(found, text) == "`first name` = 'x'"


def test_bound_names_are_canonical_and_ids():
    bound = bind(parse("有 标签 '高消费' 且 城市 = '福州'"), SHOP, names=NAMES)
    english = bind(parse("has tag '高消费' and city = '福州'"), SHOP, names=NAMES)
    assert bound == english
    assert bound.items[0].keys.values == (Reference("tag", "t3"),)


def test_an_ambiguous_tag_is_told_apart_by_its_group():
    for text, tag in {"has tag '等级/VIP'": "t1", "has tag '渠道/VIP'": "t2"}.items():
        assert bind(parse(text), SHOP, names=NAMES).keys.values[0].id == tag
    (found,) = findings("has tag 'VIP'")
    assert [fix.replacement for fix in found.fixes] == ["'等级/VIP'", "'渠道/vip'"]


def test_binding_what_is_bound_changes_nothing():
    text = "has tag ('等级/VIP', '高消费') where (staff = 'li.lei') and in group under '潜在客户'"
    bound = bind(parse(text), SHOP, names=NAMES)
    assert bind(bound, SHOP, names=NAMES) == bound


@given(checked_conditions(SHOP))
def test_binding_a_checked_condition_again_changes_nothing(condition):
    bound = bind(condition, SHOP)
    assert bind(bound, SHOP) == bound


# --- parameters ---------------------------------------------------------------------------------


def test_parameters_are_bound_as_values_and_never_spliced():
    text = "name = $name"
    bound = bind(parse(text), SHOP, parameters={"name": "x' or name is known or name = 'y"})
    assert bound.right == Text("x' or name is known or name = 'y")


def test_a_list_parameter_stands_where_a_list_may():
    for text in ("added_by in $ids", "name contains any $ids", "has tag $ids"):
        bound = bind(parse(text), SHOP, parameters={"ids": ["a", "b"]})
        once = bind(parse(text.replace("$ids", "('a', 'b')")), SHOP)
        assert bound == once


def test_the_order_of_a_set_never_shows():
    bound = [bind(parse("name in $x"), SHOP, parameters={"x": x}) for x in ({"b", "a"}, {"a", "b"})]
    assert bound[0] == bound[1]


def test_open_parameters_are_unchecked_or_promised_a_type():
    tree = parse("sum(purchase.amount) >= $limit")
    assert check(tree, SHOP).is_valid
    assert check(tree, SHOP, parameters={"limit": FieldType.MONEY}).is_valid
    assert check(tree, SHOP, parameters={"limit": FieldType.INTEGER}).is_valid
    assert not check(tree, SHOP, parameters={"limit": FieldType.TEXT}).is_valid
    assert not check(tree, SHOP, parameters={}).is_valid


def test_a_reference_may_be_a_parameter():
    me = Reference("staff", "u9")
    bound = bind(parse("added_by = $me"), SHOP, names=NAMES, parameters={"me": me})
    assert bound.right == me


# --- hints --------------------------------------------------------------------------------------


def test_what_is_always_known_gives_no_hint():
    assert not findings("did purchase where (time != 2026-01-01) and id != 'x'")


def test_asking_for_the_value_besides_is_no_hint():
    assert not findings("city != '福州' and age > 3 and city is known")
    assert findings("(city != '福州' or age > 3) and age is known")
    assert findings("city != '福州' or city is known")


def test_twice_denied_is_no_hint():
    assert not findings("not city != '福州' and not age not between 1 and 3")


def test_total_over_other_items_in_having_is_no_hint():
    assert not findings("did purchase having (count() > count(view_product))")


# --- robust -------------------------------------------------------------------------------------


@given(conditions())
def test_any_condition_is_checked_without_an_error_of_python(condition):
    checked = check(condition, SHOP, names=NAMES, parameters={})
    for found in checked.diagnostics:
        assert found.message("en")
        assert found.message("zh")


@given(conditions(), st.sampled_from(["en", "zh"]))
def test_spans_lie_inside_the_text_and_fixes_too(condition, lang):
    text = format(condition, lang)
    for found in check(
        parse(text), SHOP, names=NAMES, parameters=PARAMETERS, text=text
    ).diagnostics:
        for start, end in (found.span, *(fix.span for fix in found.fixes)):
            assert 0 <= start <= end <= len(text)


def test_a_tree_too_deep_to_walk_is_a_diagnostic():
    tree = Compare(">", PathNode(("age",)), Number(1))
    for _ in range(5_000):
        tree = Not(tree)
    (found,) = check(tree, SHOP).diagnostics
    assert found.code == "too_deep"


def test_a_wide_tree_is_no_deep_one():
    tree = And(tuple(Compare(">", PathNode(("age",)), Number(n)) for n in range(5_000)))
    assert check(tree, SHOP).is_valid


def test_whatever_the_parser_reads_can_be_walked():
    for text in (
        "not " * 98 + "age > 1",
        "(" * 98 + "age > 1" + ")" * 98,
        "-" * 90 + "age > 1",
        "(" * 48 + "age > 1" + " and age > 2 or age > 3)" * 48,
        "did purchase" + " then did purchase" * 900,
    ):
        assert check(parse(text), SHOP, text=text).is_valid


def test_a_parameter_stays_open_as_a_key():
    node = Activity("has", "tag", keys=Keys((Parameter("tags"),)))
    assert check(node, SHOP, names=NAMES).condition == node


@pytest.mark.parametrize(
    ("query", "meant"),
    [("姓名 = 3", "'3'"), ("年龄 > '3'", "3"), ("年龄 > “3”", "3"), ("年龄 in (1, 「3」)", "3")],
)
def test_a_mend_that_is_but_a_pair_of_quotes_is_shown_as_it_is_written(query, meant):
    schema = Schema(
        fields=[Field("姓名", FieldType.TEXT), Field("年龄", FieldType.INTEGER)],
    )
    with pytest.raises(QueryError) as caught:
        bind(parse(query), schema, text=query)
    assert caught.value.render("zh").endswith(f"是不是 {meant}?")
    assert caught.value.render("en").endswith(f"did you mean {meant}?")
    assert caught.value.remedy == f"Did you mean {meant}?"
