"""
docs/diagnostics.md, made from the catalogue and from the examples of the tests.

After a wanted change:  .venv/bin/python tests/query/diagnostics_page.py --write
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from query import findings

from segmentkit.query import CATALOGUE, QueryError, parse, render

TESTS = Path(__file__).resolve().parent.parent
PAGE = TESTS.parent / "docs" / "diagnostics.md"
INTRODUCTION = """\
# Diagnostics

What can be wrong with a query, by code. A code is stable: hosts may build on it. `parse` stops at the first error;
`check` finds all errors, warnings and hints in one pass. Each finding has its place in the text, its message in English
and Chinese, and often a fix, which an editor can apply: a text and the span that it replaces.

```python
from segmentkit import Field, FieldType, Schema, check, parse

schema = Schema(fields=[Field("age", FieldType.INTEGER, aliases=["年龄"])])
text = "年纪 > 30"
(finding,) = check(parse(text), schema, text=text).diagnostics

assert finding.code == "unknown_field"
assert finding.span == (0, 2)
assert finding.message("zh") == "没有名为“年纪”的字段"
assert finding.fixes[0].replacement == "年龄"
```

This page is made from the catalogue and from examples that the tests run.
"""
SECTIONS = {
    "unexpected": ("Reading", "From `parse`: the text is no condition."),
    "unknown_field": ("Meaning", "From `check` and `bind`: the condition does not fit the schema."),
    "never_true": (
        "Sense",
        "From the linter: the condition says something, but hardly what was meant.",
    ),
}


def page() -> str:
    shown = {**_parsed(), **_checked()}
    parts = [INTRODUCTION]
    for code, entry in CATALOGUE.items():
        if code in SECTIONS:
            title, about = SECTIONS[code]
            parts.append(f"## {title}\n\n{about}\n")
        parts.append(f"### {code}\n\n{entry.severity} | {_plain(entry.en)} | {_plain(entry.zh)}\n")
        if code in shown:
            parts.append(f"```text\n{shown[code]}\n```\n")
    return "\n".join(parts)


def _plain(message: str) -> str:
    return message.replace("_zh}", "}").replace("|", "\\|")


def _parsed() -> dict[str, str]:
    """The first example of each code of the parser, with its messages."""
    found: dict[str, str] = {}
    for block in (TESTS / "query" / "errors.txt").read_text("utf-8").strip("\n").split("\n\n"):
        text = block.partition("\n")[0]
        try:
            parse(text)
        except QueryError as error:
            (one,) = error.diagnostics
            lines = [render(one, text), render(one, text, "zh").splitlines()[0]]
            if one.fixes:
                lines.append(f"=> {findings.fixed(one, text)}")
            found.setdefault(one.code, "\n".join(lines))
    return found


def _checked() -> dict[str, str]:
    found: dict[str, str] = {}
    for example in findings.examples():
        chinese, *english = example.shown.split("\n")
        at = len(english) - english[-1].startswith("=> ")
        found.setdefault(example.code, "\n".join([*english[:at], chinese, *english[at:]]))
    return found


if __name__ == "__main__" and "--write" in sys.argv:
    PAGE.write_text(page(), "utf-8")
