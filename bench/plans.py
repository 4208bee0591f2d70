"""
What the plans of nights cost, through the public functions, over workload W with a hundred rules.

The host has its population at hand (`bench/_night_host.py`). The first night tags everyone anew and
gives a reason for each change; the ones after it are planned from what is new. Each of them is also
planned in full, and the two plans must be equal.

    python3 dev.py bench plans              a million contacts, ten million events; some minutes
    python3 dev.py bench plans --small      a tenth of that
    python3 dev.py bench plans --profile    where the time of each step goes
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import os
import pstats
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import _rules
from _night_host import NightHost
from _workload import NOW, TAGS, ZONE, world
from attrs import evolve

from segmentkit.model import Event
from segmentkit.query import format  # noqa: A004
from segmentkit.rules import Plan, Rule, late_effects, plan_next_night, plan_night

DAYS = 4
RETAGGED = 500  # one contact in so many is tagged by hand in a day
EDITED = 5  # so many of the rules are edited
LATE = 1_000  # one event of a day in so many comes late

_T = TypeVar("_T")


class Nights:
    """Nights over one host, one after the other, and how long each took."""

    def __init__(self, host: NightHost, rules: Sequence[Rule], profiled: bool) -> None:
        self.host = host
        self.rules = list(rules)
        self._profiled = profiled
        self._day = (NOW - timedelta(days=DAYS)).date()
        self._last: Plan | None = None
        self._full = 0.0

    def first(self) -> None:
        """Everyone is tagged anew."""
        plan, took = self._timed(lambda: plan_night(self.rules, self.host, **self._asked()))
        print(f"first night: {took:.2f} s for {len(plan):,} changes, each with a reason")
        self._applied(plan)

    def following(self, name: str, events: Sequence[Event], since: int) -> None:
        """The next night from what is new, and in full."""
        assert self._last is not None
        last, changes = self._last.record(), self.host.log[since:]
        plan, took = self._timed(
            lambda: plan_next_night(
                self.rules, self.host, last, events=events, changes=changes, **self._asked()
            )
        )
        full, whole = self._timed(
            lambda: plan_night(self.rules, self.host, **self._asked()), profiled=False
        )
        if plan != full:
            raise SystemExit(f"{name}: the two nights differ")
        asked = "everyone" if plan.examined is None else f"{plan.examined:,}"
        print(
            f"{name}: {took:.2f} s, full {whole:.2f} s, ratio {took / whole:.2f}; "
            f"asked {asked}, {len(plan):,} changes"
        )
        self._applied(plan)

    def late(self, events: Sequence[Event]) -> None:
        """Which earlier nights late events would have changed."""
        nights = [self._day - timedelta(days=days) for days in (1, 2, 3)]
        found, took = self._timed(
            lambda: late_effects(self.rules, self.host, events, nights=nights, zone=ZONE)
        )
        print(f"late effects: {took:.2f} s for {len(events):,} events over 3 nights, {len(found)}")

    def _asked(self) -> dict[str, object]:
        return {"day": self._day, "zone": ZONE}

    def _applied(self, plan: Plan) -> None:
        self.host.apply(plan)
        self._last = plan
        self._day += timedelta(days=1)

    def _timed(self, do: Callable[[], _T], *, profiled: bool = True) -> tuple[_T, float]:
        profile = cProfile.Profile() if self._profiled and profiled else None
        start = time.process_time()
        done = do() if profile is None else profile.runcall(do)
        took = time.process_time() - start
        if profile is not None:
            pstats.Stats(profile).sort_stats("tottime").print_stats(22)
        return done, took


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--small", action="store_true", help="a tenth of the contacts and events")
    options.add_argument("--profile", action="store_true", help="print where the time goes")
    given = options.parse_args()
    w = world(100_000, 1_000_000) if given.small else world()
    # As text, which is how rules are saved.
    texts = [format(_rules.condition(rule)) for rule in _rules.narrow()]
    rules = [Rule(f"r{number}", text) for number, text in enumerate(texts)]
    host = NightHost(w, len(rules), NOW - timedelta(days=DAYS - 1))
    print(f"W: {w.size:,} contacts, {w.event_count:,} events, {len(rules)} rules")
    # The host's own objects are none of a night's business.
    gc.freeze()
    nights = Nights(host, rules, given.profile)
    nights.first()

    since = len(host.log) - 1
    nights.following("a day's events", host.see(NOW - timedelta(days=DAYS - 2)), since)

    since = len(host.log) - 1
    events = host.see(NOW - timedelta(days=DAYS - 3))
    host.apply(host.retagged(host.ids[::RETAGGED], TAGS[0], NOW))
    nights.following("and tags by hand", events, since)

    since = len(host.log) - 1
    events = host.see(NOW - timedelta(days=DAYS - 4))
    late = [
        evolve(event, time=event.time - timedelta(days=3), id=f"late {number}")
        for number, event in enumerate(events[::LATE])
    ]
    host.see_late(late)
    nights.late(late)
    edited = [
        evolve(rule, when=nights.rules[-1 - number].condition, version=2)
        for number, rule in enumerate(nights.rules[:EDITED])
    ]
    nights.rules[:EDITED] = edited
    nights.following("and late events, edited rules", [*events, *late], since)
    nights.following("nothing new, but a day more", [], len(host.log) - 1)
    print(f"load average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
