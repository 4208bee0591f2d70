"""The catalogue of diagnostics in the docs is complete and as the code is."""

from query.diagnostics_page import PAGE, page

from segmentkit.query import CATALOGUE


def test_the_page_is_what_the_catalogue_and_the_examples_say():
    hint = "run .venv/bin/python tests/query/diagnostics_page.py --write"
    assert PAGE.read_text("utf-8") == page(), hint


def test_every_code_has_its_place_on_the_page():
    headings = [
        line[4:] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("### ")
    ]
    assert headings == list(CATALOGUE)
