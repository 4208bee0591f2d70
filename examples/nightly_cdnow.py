"""
The nightly tagging job, end to end, on real purchases.

CDNOW sold music on the web; these are the 69,659 purchases of the 23,570 customers who first bought
in early 1997. The example builds a tag catalog and rules, lives through June 1998 night by night,
and then asks why one customer carries the tags that they do.

    python3 dev.py demo             in English
    python3 dev.py demo --lang zh   in Chinese
    python3 dev.py demo --customer 00020
"""

from __future__ import annotations

import argparse
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from time import perf_counter
from typing import NamedTuple
from zoneinfo import ZoneInfo

import segmentkit as sk
from segmentkit.model import Origin
from segmentkit.rules import night_end, plan_next_night
from segmentkit.text import display_width, pad

ZONE = ZoneInfo("America/New_York")
OPENING = date(1998, 5, 31)  # the night on which the tags are set for the first time
NIGHTS = [date(1998, 6, day) for day in range(1, 31)]

# --- the shop -----------------------------------------------------------------------------------

SCHEMA = sk.Schema(
    collections=[
        sk.Collection(
            "purchase",
            aliases=["购买"],
            fields=[
                sk.Field("amount", sk.FieldType.MONEY, aliases=["金额"], currency="USD"),
                sk.Field("cds", sk.FieldType.INTEGER, aliases=["唱片数"]),
            ],
        )
    ]
)

# (tag group, tag, who carries it); the two tables say the same.
ENGLISH_RULES = [
    ("Value", "High value", "sum(purchase.amount in last 365 days) >= 200"),
    ("Value", "Big basket", "did purchase having (count() >= 2 and avg(amount) >= 50)"),
    ("Value", "Collector", "sum(purchase.cds) >= 30"),
    ("Frequency", "Frequent", "did purchase at least 6 times in last 365 days"),
    ("Frequency", "Regular", "did purchase between 3 to 5 times in last 365 days"),
    ("Frequency", "One-time", "did purchase exactly 1 times"),
    ("Activity", "New", "first(purchase.time) in last 16 months"),
    ("Activity", "Active", "did purchase in last 90 days"),
    ("Activity", "Returning", ("did purchase in last 30 days and did purchase before 210 days ago"
        " and did not purchase from 210 days ago to 30 days ago")),
    ("Activity", "Lapsed", "did purchase and did not purchase in last 180 days"),
    ("Activity", "Win back", "has tag 'Value/High value' and has tag 'Activity/Lapsed'"),
]  # fmt: skip
CHINESE_RULES = [
    ("价值", "高价值", "总和(购买.金额 最近 365 天) >= 200"),
    ("价值", "高客单价", "做过 购买 合计满足 (次数() >= 2 且 平均(金额) >= 50)"),
    ("价值", "收藏家", "总和(购买.唱片数) >= 30"),
    ("频次", "高频", "做过 购买 至少 6 次 最近 365 天"),
    ("频次", "中频", "做过 购买 介于 3 到 5 次 最近 365 天"),
    ("频次", "仅购一次", "做过 购买 恰好 1 次"),
    ("活跃", "新客", "首个(购买.时间) 在 最近 16 个月"),
    ("活跃", "活跃", "做过 购买 最近 90 天"),
    ("活跃", "回流", ("做过 购买 最近 30 天 且 做过 购买 早于 210 天前"
        " 且 未做过 购买 从 210 天前 到 30 天前")),
    ("活跃", "流失", "做过 购买 且 未做过 购买 最近 180 天"),
    ("活跃", "待挽回", "有 标签 '价值/高价值' 且 有 标签 '活跃/流失'"),
]  # fmt: skip
RETURNING = "t8"


def catalog_and_rules(lang: str) -> tuple[list[sk.TagGroup | sk.Tag], list[sk.Rule]]:
    """The tag groups and tags that the rules set, and the rules."""
    groups: dict[str, sk.TagGroup] = {}
    tags: list[sk.TagGroup | sk.Tag] = []
    rules: list[sk.Rule] = []
    for number, (group, tag, when) in enumerate(CHINESE_RULES if lang == "zh" else ENGLISH_RULES):
        if group not in groups:
            groups[group] = sk.TagGroup(f"g{len(groups)}", group, order=len(groups))
        place = groups[group].id
        tags.append(sk.Tag(f"t{number}", tag, place, origin=Origin.AUTOMATIC, order=number))
        rules.append(sk.Rule(tag=f"{group}/{tag}", when=when, id=f"r{number}"))
    return [*groups.values(), *tags], rules


def purchases(path: Path) -> Iterator[sk.Event]:
    """One event for each line `00001 19970101  1   11.77`."""
    count: Counter[str] = Counter()
    with path.open(encoding="ascii") as lines:
        next(lines)  # names of the columns
        for line in lines:
            customer, day, cds, amount = line.split()
            count[customer] += 1
            yield sk.Event(
                contact=customer,
                type="purchase",
                time=datetime.strptime(day, "%Y%m%d").replace(tzinfo=ZONE),
                fields={"amount": Decimal(amount), "cds": int(cds)},
                id=f"{customer}-{count[customer]}",
            )


def data_file() -> Path:
    """The purchases, as the `lifetimes` wheel ships them; its code is never imported."""
    try:
        found = [f for f in files("lifetimes") or () if f.name == "CDNOW_master.txt"]
    except PackageNotFoundError:
        sys.exit("The purchases come with the `lifetimes` wheel: run `python3 dev.py demo`.")
    return Path(str(found[0].locate()))


# --- the job ------------------------------------------------------------------------------------


class Month(NamedTuple):
    store: sk.MemoryStore
    entered: Counter[str]
    left: Counter[str]
    size: dict[str, int]


def live_through_june(
    entities: list[sk.TagGroup | sk.Tag], rules: list[sk.Rule], say: dict[str, str]
) -> Month:
    """Each day's purchases come in, and each night the rules are planned and applied."""
    events = sorted(purchases(data_file()), key=lambda event: event.time)
    contacts = [sk.Contact(customer) for customer in sorted({e.contact for e in events})]
    print(say["loaded"].format(events=len(events), customers=len(contacts), rules=len(rules)))
    start = bisect_left(events, night_end(OPENING, ZONE), key=lambda event: event.time)
    store = sk.MemoryStore(sk.State.of(SCHEMA, [*entities, *contacts]), events[:start])
    # The first night asks every customer, each later one only those who can have turned.
    plan = sk.plan_night(rules, store, day=OPENING, zone=ZONE, lang=say["lang"])
    store.apply(plan)
    entered: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for number, day in enumerate(NIGHTS, 1):
        end = bisect_left(events, night_end(day, ZONE), key=lambda event: event.time)
        arrived, start = events[start:end], end
        store.add_events(arrived)
        plan = plan_next_night(
            rules,
            store,
            plan.record(),
            day=day,
            zone=ZONE,
            events=arrived,
            changes=store.state.changes_since(plan.changes.base_version),
            lang=say["lang"],
        )
        store.apply(plan)
        entered.update({tag: len(who) for tag, who in plan.entered.items()})
        left.update({tag: len(who) for tag, who in plan.left.items()})
        note = say["night"].format(day=day, changes=len(plan), asked=plan.examined)
        show_progress(number, len(NIGHTS), note)
    size = {outcome.path: outcome.size for outcome in plan.outcomes}
    return Month(store, entered, left, size)


# --- what is shown ------------------------------------------------------------------------------

ENGLISH = {
    "lang": "en",
    "title": "CDNOW · June 1998, night by night",
    "loaded": "{events:,} purchases of {customers:,} customers, {rules} rules\n",
    "night": "{day}  {asked:>5,} customers asked  {changes:>5,} changes",
    "tag": "Tag",
    "size": "Customers",
    "share": "Share",
    "entered": "Entered",
    "left": "Left",
    "june": "30 June 1998, 24:00 · tags of {customers:,} customers, and what June changed",
    "why": "Why customer {customer} carries {carried} of {rules} tags",
    "since": "since {day:%d %B %Y}",
    "took": "{nights} nights in {seconds:.1f} s",
}
CHINESE = {
    "lang": "zh",
    "title": "CDNOW · 1998 年 6 月,夜复一夜",
    "loaded": "{customers:,} 位客户的 {events:,} 笔购买,{rules} 条规则\n",
    "night": "{day}  询问 {asked:>5,} 位客户  变更 {changes:>5,} 项",
    "tag": "标签",
    "size": "客户数",
    "share": "占比",
    "entered": "本月新增",
    "left": "本月移出",
    "june": "1998 年 6 月 30 日 24:00 · {customers:,} 位客户的标签,以及 6 月的变化",
    "why": "客户 {customer} 为什么有 {rules} 个标签中的 {carried} 个",
    "since": "自 {day:%Y-%m-%d}",
    "took": "{nights} 夜,用时 {seconds:.1f} 秒",
}


def styled(text: str, code: str) -> str:
    """*text* in a terminal's colours, plain where the output goes elsewhere."""
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() else text


def bold(text: str) -> str:
    return styled(text, "1")


def dim(text: str) -> str:
    return styled(text, "2")


def show_progress(done: int, total: int, note: str) -> None:
    """A bar that fills in place; where output is no terminal, its last state only."""
    if not sys.stdout.isatty() and done < total:
        return
    filled = 30 * done // total
    bar = "█" * filled + dim("░" * (30 - filled))
    print(f"\r{bar} {done:>2}/{total}  {note} ", end="" if done < total else "\n", flush=True)


def show_table(month: Month, say: dict[str, str]) -> None:
    """Per tag: how many carry it, their share, and who came and went in June."""
    customers = len(month.store.state)
    widths = (max(display_width(tag) for tag in month.size) + 1, 9, 7, 10, 10)
    heads = (say["tag"], say["size"], say["share"], say["entered"], say["left"])
    print("\n" + bold(say["june"].format(customers=customers)) + "\n")
    line = "  ".join(
        pad(h, w, right=n > 0) for n, (h, w) in enumerate(zip(heads, widths, strict=True))
    )
    print(dim(line.rstrip()))
    print(dim("─" * (sum(widths) + 2 * len(widths) + 20)))
    group = ""
    for path, size in month.size.items():
        before, _, tag = path.partition("/")
        if group and before != group:
            print()
        group = before
        cells = (
            f"{size:,}",
            f"{size / customers:.1%}",
            f"+{month.entered[path]:,}",
            f"−{month.left[path]:,}",
        )
        name = pad(f"{group}/{tag}", widths[0])
        rest = "  ".join(pad(c, w, right=True) for c, w in zip(cells, widths[1:], strict=True))
        start = len(group) + 1
        print(dim(name[:start]) + name[start:], rest, share_bar(size / customers), sep="  ")


def share_bar(share: float) -> str:
    """Twenty columns wide, in eighths of a column."""
    eighths = round(share * 160)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def show_why(month: Month, rules: list[sk.Rule], customer: str, say: dict[str, str]) -> None:
    """Each rule's verdict on one customer, with the purchases that decided."""
    state = month.store.state
    since = {hold.holder: hold.assigned for hold in state.holds_of(customer)}
    at = datetime.combine(NIGHTS[-1] + timedelta(days=1), datetime.min.time(), ZONE)
    text = say["why"].format(customer=customer, carried=len(since), rules=len(rules))
    print("\n" + bold(text))
    for rule in sorted(rules, key=lambda rule: rule.id not in since):
        title = bold(rule.tag)
        if rule.id in since:
            # A hold of the night of 5 June is assigned at its end, 24:00.
            night = (since[rule.id].astimezone(ZONE) - timedelta(days=1)).date()
            title += dim("  " + say["since"].format(day=night))
        why = sk.explain(rule.condition, customer, month.store, at=at, zone=ZONE)
        print(f"\n{title}")
        for line in why.text(say["lang"]).splitlines():
            print(f"  {line}")


def interesting_customer(month: Month) -> str:
    """Of those who came back after a long pause, the one with the most tags."""
    state = month.store.state
    came_back = [hold.contact for hold in state.holds_with(RETURNING)]
    return min(came_back, key=lambda customer: (-len(state.holds_of(customer)), customer))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n")[0])
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="of the output")
    parser.add_argument("--customer", help="whose tags are explained, e.g. 00020")
    arguments = parser.parse_args()
    say = CHINESE if arguments.lang == "zh" else ENGLISH
    started = perf_counter()
    print("\n" + bold(say["title"]))
    entities, rules = catalog_and_rules(arguments.lang)
    month = live_through_june(entities, rules, say)
    seconds = perf_counter() - started
    show_table(month, say)
    show_why(month, rules, arguments.customer or interesting_customer(month), say)
    print("\n" + dim(say["took"].format(nights=len(NIGHTS) + 1, seconds=seconds)))


if __name__ == "__main__":
    main()
