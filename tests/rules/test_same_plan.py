"""The same input gives the same plan, byte for byte, in whatever process."""

import os
import subprocess
import sys
from pathlib import Path

from rules.shops import bought, held, night, pinned, rule, shop

from segmentkit.rules import KeptStore

TESTS = Path(__file__).resolve().parent.parent
NAMES = ("a", "b", "c", "王芳", "Ünal", "z")


def a_night(engine: str, *, kept: bool = False) -> str:
    events = [bought(name, days, 37) for name in NAMES for days in (1, 8, 45, 90)]
    store = shop(
        events,
        holds=[held("b", "流失"), held("z", "VIP"), held("c", "VIP", "sync", "wecom")],
        pins=[pinned("a", "VIP", "against"), pinned("王芳", "流失", "for")],
    )
    rules = [
        rule("VIP", "sum(purchase.amount in last 60 days) >= $least", parameters={"least": 100}),
        rule("活跃", "did purchase where (category in $what)", parameters={"what": {"鞋", "帽"}}),
        rule("待挽回", "has tag ('VIP', '流失') and city is missing"),
        rule("流失", "did not purchase in last 30 days", mode="add_only"),
    ]
    return night(rules, KeptStore(store) if kept else store, engine=engine).to_json()


def test_the_plan_is_the_same_under_every_hash_seed_and_by_both_engines():
    code = (
        "from rules.test_same_plan import a_night;"
        "print(a_night('interpreter'));"
        "print(a_night('columnar'));"
        "print(a_night('columnar', kept=True))"
    )
    here = (a_night("interpreter") + os.linesep) * 3
    for seed in ("0", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(TESTS)}
        environment["PYTHONIOENCODING"] = "utf-8"
        run = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, check=True
        )
        assert run.stdout.decode() == here
