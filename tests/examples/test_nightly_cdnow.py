"""The demo: what it says in two languages is one thing, and it runs to its end."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, files
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from segmentkit.query import bind, parse

DEMO = Path(__file__).resolve().parents[2] / "examples" / "nightly_cdnow.py"


@pytest.fixture(scope="module")
def demo():
    spec = spec_from_file_location("nightly_cdnow", DEMO)
    module = module_from_spec(spec)
    sys.modules["nightly_cdnow"] = module
    spec.loader.exec_module(module)
    return module


def test_the_rules_of_both_languages_are_the_same(demo):
    names = re.compile("'[^']*'")
    pairs = zip(demo.ENGLISH_RULES, demo.CHINESE_RULES, strict=True)
    for (_, _, english), (_, _, chinese) in pairs:
        # Tags have other names in the other language; all else is equal.
        first, second = (names.sub("'x'", text) for text in (english, chinese))
        assert bind(parse(first), demo.SCHEMA) == bind(parse(second), demo.SCHEMA)


def test_every_text_is_there_in_both_languages(demo):
    assert demo.ENGLISH.keys() == demo.CHINESE.keys()
    for key, english in demo.ENGLISH.items():
        places = re.compile(r"\{(\w+)")
        assert set(places.findall(english)) == set(places.findall(demo.CHINESE[key]))


@pytest.mark.parametrize("share", [0, 0.001, 0.5, 1])
def test_a_share_is_as_long_as_it_is_large(demo, share):
    assert len(demo.share_bar(share)) <= 20
    assert len(demo.share_bar(share)) >= int(share * 20)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_runs_and_ends_where_the_oracle_does(lang):
    try:
        files("lifetimes")
    except PackageNotFoundError:
        pytest.skip("no lifetimes wheel: `python3 dev.py demo` installs it")
    command = [sys.executable, str(DEMO), "--lang", lang]
    run = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    sizes = re.findall(r"^\S.*?/.*?  +([\d,]+) +[\d.]+%", run.stdout, re.MULTILINE)
    # cd-03, cd-04, ..., cd-09, ..., cd-08, ..., cd-05 of the oracle
    assert [sizes[n] for n in (0, 1, 5, 6, 9)] == ["1,344", "2,038", "11,908", "7,248", "18,210"]
    assert "20585-14" in run.stdout
