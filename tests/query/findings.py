"""
The checker's findings as a text file: for each example its code, the query, the Chinese message,
the English message with its place, and what the first fix makes of the query.

After a wanted change:  .venv/bin/python tests/query/findings.py --write
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cases.schema import SHOP

from segmentkit.model import ContactGroup, GroupChat, Staff, State, Tag, TagGroup
from segmentkit.query import Diagnostic, check, parse, render
from segmentkit.stores import StateNames

FILE = Path(__file__).parent / "findings.txt"
WORLD = [
    TagGroup("g1", "等级"),
    Tag("t1", "VIP", "g1"),
    TagGroup("g2", "渠道"),
    Tag("t2", "vip", "g2"),
    Tag("t3", "高消费", "g2"),
    ContactGroup("cg1", "潜在客户"),
    GroupChat("c1", "福州一群"),
    Staff("u1", "li.lei"),
]
NAMES = StateNames(State.of(SHOP, WORLD), {"s1": "高价值"})
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PARAMETERS = {"vip_amount": 5, "ratio": 0.5, "picture": b"...", "noon": NOON}


class Example(NamedTuple):
    code: str
    query: str
    shown: str


def examples() -> list[Example]:
    blocks = FILE.read_text("utf-8").strip("\n").split("\n\n")
    return [Example(*block.split("\n", 2)) for block in blocks]


def findings(query: str) -> tuple[Diagnostic, ...]:
    checked = check(parse(query), SHOP, names=NAMES, parameters=PARAMETERS, text=query)
    return checked.diagnostics


def shown(finding: Diagnostic, query: str) -> str:
    lines = [render(finding, query, "zh").splitlines()[0], render(finding, query)]
    if finding.fixes:
        lines.append(f"=> {fixed(finding, query)}")
    return "\n".join(lines)


def fixed(finding: Diagnostic, query: str) -> str:
    fix = finding.fixes[0]
    return query[: fix.span[0]] + fix.replacement + query[fix.span[1] :]


def write() -> None:
    blocks: list[str] = []
    for example in examples():
        found = [f for f in findings(example.query) if f.code == example.code]
        if not found:
            print(f"{example.query!r} gives no {example.code}")
            continue
        blocks.append(f"{example.code}\n{example.query}\n{shown(found[0], example.query)}")
    FILE.write_text("\n\n".join(blocks) + "\n", "utf-8")


if __name__ == "__main__" and "--write" in sys.argv:
    write()
