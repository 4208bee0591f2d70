"""
One batch over a million contacts: how long each step takes, and how much memory it needs.

Two processes do the same work, two tags and a group for every contact: one as a single change set,
one in chunks of 50,000 contacts whose log is let go as a host would once it is stored. The second
shows by what memory is bounded: by what the state holds, and one chunk.

    python3 dev.py bench model [--contacts 1000000]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from segmentkit.model import (
    SYSTEM,
    BatchEdit,
    ChatMember,
    Contact,
    ContactGroup,
    Field,
    FieldType,
    GroupChat,
    Intake,
    Schema,
    State,
    Tag,
    TagGroup,
    View,
    contacts_in_chats,
    find_chats,
    load_state,
    plan_batch,
    plan_intake,
    save_state,
    undo,
)

T = TypeVar("T")

AT = datetime(2026, 11, 20, tzinfo=UTC)
CHUNK = 50_000
EDIT = BatchEdit(add_tags=["等级/VIP", "意向/强"], add_groups=["客户"])
SCHEMA = Schema(
    fields=[
        Field("city", FieldType.TEXT, aliases=("城市",)),
        Field("level", FieldType.INTEGER),
        Field("phone", FieldType.TEXT, aliases=("手机",)),
    ]
)
THINGS = (
    TagGroup("level", "等级"),
    TagGroup("intent", "意向"),
    Tag("vip", "VIP", "level"),
    Tag("strong", "强", "intent"),
    ContactGroup("customers", "客户"),
)


def memory_mb() -> float:
    """What the process holds now, and not the most it ever held."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def timed(name: str, work: Callable[[], T]) -> T:
    start = time.process_time()  # one thread: what other programs take is not counted
    result = work()
    seconds = time.process_time() - start
    print(f"  {name:46} {seconds:7.2f} s {memory_mb():8.0f} MB held {peak_mb():8.0f} MB peak")
    return result


def people(count: int) -> Iterator[Contact]:
    for number in range(count):
        fields = {"city": f"城市{number % 300}", "level": number % 7, "phone": f"138{number:08d}"}
        yield Contact(f"c{number:031d}", fields)


def one_change_set(count: int) -> None:
    print(f"one change set, {count:,} contacts (seconds of processor time):")
    state = timed(
        "contacts checked and taken in", lambda: State.of(SCHEMA, [*THINGS, *people(count)])
    )
    plan = timed(
        "2 tags and a group for each: preview",
        lambda: plan_batch(state, state.contact_ids(), EDIT, actor=SYSTEM, at=AT),
    )
    assert plan.changed == count
    assert sum(plan.summary.values()) == 3 * count
    changes = plan.all_or_nothing()
    timed("  apply", lambda: state.apply(changes))
    assert View(state, SYSTEM).count_tag("VIP") == count
    again = timed(
        "  the same again: nothing to do",
        lambda: plan_batch(state, state.contact_ids(), EDIT, actor=SYSTEM, at=AT),
    )
    assert again.changed == 0
    back = timed("  undo: plan", lambda: undo(state, changes, actor=SYSTEM, at=AT))
    assert not back.conflicts
    timed("  undo: apply", lambda: state.apply(back.changes))
    assert not any(True for _ in state.holds())


def in_chunks(count: int) -> None:
    print(f"in chunks of {CHUNK:,}, {count:,} contacts:")
    state = timed(
        "contacts checked and taken in", lambda: State.of(SCHEMA, [*THINGS, *people(count)])
    )
    ids = list(state.contact_ids())
    peaks: list[float] = []

    def work() -> None:
        waiting = iter(ids)
        while chunk := list(islice(waiting, CHUNK)):
            plan = plan_batch(state, chunk, EDIT, actor=SYSTEM, at=AT)
            peaks.append(memory_mb())
            version = state.apply(plan.all_or_nothing())
            state.forget_log(version)  # as a host does once it has stored it

    before = memory_mb()
    timed("2 tags and a group for each: plan and apply", work)
    held = memory_mb() - before
    rows = 3 * count
    print(f"  held for each row: {held * 2**20 / rows:.0f} bytes")
    print(f"  over what is held at the end: {max(0.0, max(peaks) - memory_mb()):.0f} MB at most")
    assert View(state, SYSTEM).count_tag("VIP") == count


def other_work(count: int) -> None:
    some = count // 10
    print(f"other work, {some:,} contacts:")
    chats = [GroupChat(f"chat{number}", f"福州{number}群") for number in range(some // 100)]
    state = State.of(SCHEMA, [*THINGS, *people(some), *chats])
    members = [
        ChatMember(contact, f"chat{number % len(chats)}", AT)
        for number, contact in enumerate(state.contact_ids())
    ]
    state = State.of(SCHEMA, [*state.entities(), *members])
    plan = timed(
        f"tag everyone in {len(chats):,} chats: preview",
        lambda: plan_batch(
            state,
            contacts_in_chats(state, [chat.id for chat in find_chats(state, name="福州")]),
            BatchEdit(add_tags=["VIP"]),
            actor=SYSTEM,
            at=AT,
        ),
    )
    assert plan.changed == some
    rows = [
        {"手机": f"+86 138-{number // 2:08d}", "城市": "福州", "备注": ""} for number in range(some)
    ]
    intake = Intake("file", {"手机": "phone", "城市": "city"}, tags=["VIP"], match_on=["phone"])
    taken = timed(
        "a file of as many rows, matched by phone: dry run",
        lambda: plan_intake(state, rows, intake, actor=SYSTEM, at=AT),
    )
    assert taken.count("update") + taken.count("same") == some
    state.apply(plan.all_or_nothing())
    text = timed("saved as JSON text", lambda: json.dumps(save_state(state), ensure_ascii=False))
    back = timed("loaded from JSON text", lambda: load_state(SCHEMA, json.loads(text)))
    assert back.version == state.version
    assert len(back) == some


SCENARIOS = {"whole": one_change_set, "chunks": in_chunks, "other": other_work}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--scenario", choices=SCENARIOS)
    options = parser.parse_args()
    if options.scenario:
        SCENARIOS[options.scenario](options.contacts)
        return 0
    for name in SCENARIOS:
        # Each in a process of its own, so that a peak is its own too.
        again = [sys.executable, __file__, "--scenario", name, "--contacts", str(options.contacts)]
        subprocess.run(again, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
