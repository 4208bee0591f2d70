"""Every query of the list of what the language must say: read, checked, printed, asked of people."""

import re
from pathlib import Path

import pytest
from cases.reading import read_cases
from cases.schema import SHOP
from cases.world import PARAMETERS, store_of

from segmentkit.engines import evaluate, explain, select
from segmentkit.model import SYSTEM
from segmentkit.query import bind, check, format, parse  # noqa: A004

FILE = Path(__file__).parent / "section_6.txt"
CASES = read_cases(FILE)


def asked(case, store):
    viewer = store.state.organisation.viewer(case.viewer) if case.viewer else SYSTEM
    return {"at": case.at, "zone": case.zone, "viewer": viewer, "parameters": PARAMETERS}


by_title = pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)


@by_title
def test_both_languages_are_read_checked_and_mean_the_same(case):
    names = store_of(case).names
    parameters = {**PARAMETERS, "me": case.viewer or "boss"}
    bound = []
    for text in (case.en, case.zh):
        checked = check(parse(text), SHOP, names=names, parameters=parameters, text=text)
        assert [d for d in checked.diagnostics if d.severity != "hint"] == []
        bound.append(bind(parse(text), SHOP, names=names, parameters=parameters, text=text))
    assert bound[0] == bound[1]


@by_title
def test_printing_and_reading_again_changes_nothing(case):
    for text in (case.en, case.zh):
        tree = parse(text)
        for lang in ("en", "zh"):
            printed = format(tree, lang)
            assert parse(printed) == tree
            assert format(parse(printed), lang) == printed


@by_title
def test_printing_with_the_schema_gives_the_names_of_the_language(case):
    names = store_of(case).names
    parameters = {**PARAMETERS, "me": case.viewer or "boss"}
    bound = bind(parse(case.en), SHOP, names=names, parameters=parameters)
    for lang in ("en", "zh"):
        printed = format(bound, lang, schema=SHOP)
        assert bind(parse(printed), SHOP, names=names, parameters=parameters) == bound


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
@by_title
def test_those_match_of_whom_it_is_said(case, engine):
    store = store_of(case)
    wanted = sorted(someone.name for someone in case.people if someone.matches)
    for text in (case.en, case.zh):
        assert select(text, store, engine=engine, **asked(case, store)) == wanted


@by_title
def test_one_contact_at_a_time_gives_the_same_and_says_why(case):
    store = store_of(case)
    for someone in case.people:
        verdict = evaluate(case.en, someone.name, store, **asked(case, store))
        assert verdict == someone.matches, someone.name
        why = explain(case.en, someone.name, store, **asked(case, store))
        assert bool(why) == verdict
        assert why.text("zh")


def test_every_case_has_those_who_match_and_those_who_do_not():
    for case in CASES:
        assert {someone.matches for someone in case.people} == {True, False}, case.title


# The list itself, as the language's page has it; each query stands in a case.
REQUIRED = 32


def test_every_query_of_the_page_has_its_case():
    page = Path(__file__).parents[3] / "shared" / "LANGUAGE.md"
    if not page.is_file():
        pytest.skip("the language's page is not beside the repository")
    table = page.read_text("utf-8").split("## 6.")[1]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "`" in line]
    queries = {q for line in rows for q in re.findall(r"`([^`]+)`", line)}
    assert len(queries) >= REQUIRED
    said = {parse(case.en) for case in CASES}
    assert [q for q in queries if parse(q) not in said] == []
