"""
Reads cases: a query in both languages, people with what belongs to them, and who matches.

    == what the rule is about
    en  did purchase where (category = '鞋') in last 90 days
    zh  做过 购买 满足 (类目 = '鞋') 最近 90 天
    yes ann   purchase(2026-11-20T23:59 category=鞋 amount=300)
    no  bob   city=福州; purchase(2026-11-21 category=鞋)      # at the instant: the next run

A person has fields, `name=value`, and rows, `collection(time key field=value ...)`; they are parted
by `;` and go on in the next line when it is indented. `3 * purchase(...)` are three rows. Values
are read by the type of their field: `30s` and `2h` are durations, `a|b` is a list. A key needs no
name: `tag(VIP)`. What stands after ` # ` says why.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cases.schema import SHOP

from segmentkit.model import Field, FieldType

_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?")
_ROW = re.compile(r"(?:(\d+) \* )?(\w+)\(([^)]*)\)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Row(NamedTuple):
    """A row of a collection, as it is written."""

    collection: str
    key: str | None
    time: datetime | None
    fields: dict[str, object]


class Someone(NamedTuple):
    matches: bool
    name: str
    fields: dict[str, object]
    rows: list[Row]


class Case(NamedTuple):
    title: str
    en: str
    zh: str
    at: datetime
    zone: str
    viewer: str | None
    people: list[Someone]
    line: int


def read_cases(path: Path) -> list[Case]:
    """Every case of a file; what stands before the first `==` holds for all."""
    head, *blocks = re.split(r"^== ", path.read_text("utf-8"), flags=re.MULTILINE)
    settings = dict(_settings(head.splitlines()))
    line = head.count("\n") + 1
    cases: list[Case] = []
    for block in blocks:
        cases.append(_case(block, settings, line))
        line += block.count("\n")
    return cases


def _settings(lines: list[str]):
    for line in lines:
        word, _, rest = line.partition(" ")
        if word in ("en", "zh", "at", "zone", "viewer"):
            yield word, rest.strip()


def _case(block: str, settings: dict[str, str], number: int) -> Case:
    title, *lines = re.sub(r"\n +", " ", block.rstrip()).split("\n")
    own = {**settings, **dict(_settings(lines))}
    zone = own["zone"]
    people = [_someone(line, zone) for line in lines if re.match(r"(yes|no) ", line)]
    at = datetime.fromisoformat(own["at"]).replace(tzinfo=ZoneInfo(zone))
    viewer = own.get("viewer")
    return Case(title.strip(), own["en"], own["zh"], at, zone, viewer, people, number)


def _someone(line: str, zone: str) -> Someone:
    verdict, name, *rest = line.split(" # ")[0].split(maxsplit=2)
    fields: dict[str, object] = {}
    rows: list[Row] = []
    for part in filter(None, map(str.strip, rest[0].split(";") if rest else ())):
        found = _ROW.fullmatch(part)
        if found is None:
            field, _, value = part.partition("=")
            fields[field] = _value(SHOP.field(field), value, zone)
        else:
            rows += [_row(found[2], found[3], zone)] * int(found[1] or 1)
    return Someone(verdict == "yes", name, fields, rows)


def _row(collection: str, inside: str, zone: str) -> Row:
    described = SHOP.collection(collection)
    time = key = None
    fields: dict[str, object] = {}
    for word in inside.split():
        name, equals, value = word.partition("=")
        if equals:
            declared = described.field(name)
            fields[declared.name] = _value(declared, value, zone)
        elif _TIME.fullmatch(word):
            time = _instant(word, zone)
        else:
            key = word
    return Row(described.name, key, time, fields)


def _value(declared: Field, text: str, zone: str) -> object:
    match declared.type:
        case FieldType.TEXT:
            return text.replace("_", " ")
        case FieldType.INTEGER:
            return int(text)
        case FieldType.MONEY | FieldType.DECIMAL:
            return Decimal(text)
        case FieldType.FLOAT:
            return float(text)
        case FieldType.BOOLEAN:
            return {"true": True, "false": False}[text]
        case FieldType.DATE:
            return date.fromisoformat(text)
        case FieldType.INSTANT:
            return _instant(text, zone)
        case FieldType.DURATION:
            return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
        case FieldType.TEXT_LIST:
            return text.split("|")


def _instant(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
