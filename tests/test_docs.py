"""Every example in README, docs and docstrings runs; none can be skipped."""

import re
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
MODULES = sorted(ROOT.glob("src/**/*.py"))

markdown = Sybil(parsers=[PythonCodeBlockParser()])
docstrings = Sybil(parsers=[DocTestParser()])


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def run_examples(sybil: Sybil, path: Path) -> int:
    """Run the examples of a file from top to bottom in one namespace; how many there were."""
    count = 0
    for example in sybil.parse(path).examples():
        example.evaluate()
        count += 1
    return count


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_examples_of_a_page_run(path):
    run_examples(markdown, path)


@pytest.mark.parametrize(
    "path", [path for path in MODULES if ">>>" in path.read_text("utf-8")], ids=named
)
def test_examples_of_docstrings_run(path):
    assert run_examples(docstrings, path) > 0


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_python_fence_is_one_that_runs(path):
    fences = re.findall(r"^ *[`~]{3,} *\{?\.?(\w+)", path.read_text("utf-8"), re.MULTILINE)
    unseen = {fence for fence in fences if fence.lower().startswith("py") and fence != "python"}
    assert not unseen, f"write ```python: {unseen} would not be run"


@pytest.mark.parametrize("example", ["assert 1 == 2", ">>> 1 + 1\n3"])
def test_a_wrong_example_is_caught(tmp_path, example):
    page = tmp_path / "page.md"
    page.write_text(f"```python\n{example}\n```\n", "utf-8")
    with pytest.raises(AssertionError):
        run_examples(markdown, page)
