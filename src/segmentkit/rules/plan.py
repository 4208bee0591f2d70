"""What a night changes, and why: a value to look at, to store, and to apply."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, tzinfo
from typing import Literal, TypeAlias

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import UnknownKeyError
from segmentkit.model import SYSTEM, ChangeSet, FrozenMap, Hold, Viewer
from segmentkit.query import Condition, Language, segments_opened, to_json
from segmentkit.rules.rule import BoundRule, InvalidRule, Rule
from segmentkit.text import display_width, nearest, pad

_HEADS = {"en": ("tag", "held", "entered", "left"), "zh": ("标签", "持有", "新增", "移出")}
_LOST = {"en": "invalid", "zh": "失效"}
Part: TypeAlias = Literal["entered", "left", "stayed"]


@frozen
class Outcome:
    """
    One rule's night. Contacts are given by id, sorted.

    Attributes:
        rule: the version that was in force.
        tag: id of the tag.
        path: its full name.
        entered: those that the rule holds from now on.
        left: those that it lets go.
        stayed: those that it held and goes on holding.
        pinned: those whom a pin decides for, or against, the tag; the rule leaves them as they are.
    """

    rule: Rule
    tag: str
    path: str
    entered: tuple[str, ...]
    left: tuple[str, ...]
    stayed: tuple[str, ...]
    pinned: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many contacts the rule holds after this night, apart from pinned ones."""
        return len(self.entered) + len(self.stayed)


class ByTag(Mapping[str, tuple[str, ...]]):
    """
    Contacts by tag path; a tag's id or a rule's id finds them too.

    A tag that several rules set is entered by those on whom none of these rules held it before, and
    left by those on whom none holds it any more.
    """

    def __init__(self, outcomes: tuple[Outcome, ...], part: Part) -> None:
        self._outcomes = outcomes
        self._part: Part = part

    def __getitem__(self, name: str) -> tuple[str, ...]:
        found = [o for o in self._outcomes if o.path == name]
        found = found or [o for o in self._outcomes if o.tag == name]
        found = found or [o for o in self._outcomes if o.rule.id == name][:1]
        if not found:
            known = [word for o in self._outcomes for word in (o.path, o.rule.id)]
            # A mapping has no entry under a key of another type, and `in` says so.
            near = nearest(name, known) if isinstance(name, str) else None
            remedy = f"Did you mean {near!r}?" if near else "Give a tag's path or a rule's id"
            raise UnknownKeyError(name, "tags of the plan", remedy)
        if len(found) == 1:
            return getattr(found[0], self._part)
        before = {contact for o in found for contact in (*o.left, *o.stayed)}
        after = {contact for o in found for contact in (*o.entered, *o.stayed)}
        match self._part:
            case "entered":
                return tuple(sorted(after - before))
            case "left":
                return tuple(sorted(before - after))
            case "stayed":
                return tuple(sorted(before & after))

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(outcome.path for outcome in self._outcomes))

    def __len__(self) -> int:
        return len({outcome.path for outcome in self._outcomes})

    def __repr__(self) -> str:
        counts = ", ".join(f"{path!r}: {len(contacts)}" for path, contacts in self.items())
        return f"<contacts by tag {{{counts}}}>"


@frozen
class NightRecord:
    """
    What a night leaves for the next one, so that only what can have turned is asked again.

    Attributes:
        at: 24:00 of its day.
        zone: whose midnight that was.
        run: the name under which its changes are in the log.
        changes: how many there are.
        fingerprints: by rule id, of the rules that it decided.
        viewer: in whose name they looked.
    """

    at: datetime
    zone: str
    run: str
    changes: int
    fingerprints: FrozenMap[str] = field(converter=FrozenMap[str])
    viewer: Viewer = SYSTEM


def fingerprint(rule: BoundRule, segments: Mapping[str, Condition]) -> str:
    """The same for two rules that hold the same tag on the same contacts, whatever happens."""
    meaning: list[object] = [rule.rule.mode, rule.tag.id, to_json(rule.condition)]
    for name, condition in sorted(segments_opened(rule.condition, segments).items()):
        meaning += [name, to_json(condition)]
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


@frozen(repr=False)
class Plan:
    """
    A night's work, not yet done.

    The same rules, data and day give the same plan, byte for byte. Applying it twice changes
    nothing, and planning the same day again after it was applied gives a plan without changes.

    Attributes:
        day: the run's label; it ends at 24:00 of that day.
        zone: whose midnight that is.
        at: that instant, in UTC.
        outcomes: one for each valid rule, in the order in which the rules were given; and one more
            where a rule has moved to another tag, for what it lets go of on the old one.
        changes: each with the facts that decided it, ordered by contact and tag.
        invalid: saved rules that do not fit the store any more, or need each other's tags; what
            they hold stays.
        pending: versions saved too late for this run.
        fingerprints: by rule id, what tells whether the rule still means the same next time.
        examined: how many contacts were asked; None is everyone.
        viewer: in whose name the rules looked.
    """

    day: date
    zone: tzinfo = field(eq=False)
    at: datetime
    outcomes: tuple[Outcome, ...]
    changes: ChangeSet
    invalid: tuple[InvalidRule, ...] = ()
    pending: tuple[Rule, ...] = ()
    fingerprints: FrozenMap[str] = field(
        factory=FrozenMap[str], converter=FrozenMap[str], repr=False
    )
    examined: int | None = field(default=None, eq=False)
    viewer: Viewer = field(default=SYSTEM, repr=False)

    @property
    def entered(self) -> ByTag:
        """Who gets each tag."""
        return ByTag(self.outcomes, "entered")

    @property
    def left(self) -> ByTag:
        """Who loses each tag."""
        return ByTag(self.outcomes, "left")

    @property
    def stayed(self) -> ByTag:
        """Who had each tag and keeps it."""
        return ByTag(self.outcomes, "stayed")

    def __len__(self) -> int:
        return len(self.changes)

    def __repr__(self) -> str:
        entered = sum(len(outcome.entered) for outcome in self.outcomes)
        left = sum(len(outcome.left) for outcome in self.outcomes)
        rules = f"{len(self.outcomes)} rules, {len(self.invalid)} invalid"
        return f"<Plan of {self.day}: {rules}, {entered} entered, {left} left>"

    @refuse_other_types
    def text(self, lang: Language = "en") -> str:
        """
        A table for a terminal: by tag how many carry it after this night, who came, who went.

        Examples:
            >>> from datetime import UTC
            >>> from segmentkit.model import Contact, Origin, Schema, State, Tag, TagGroup
            >>> from segmentkit.rules import Rule, plan_night
            >>> from segmentkit.stores import MemoryStore
            >>> tag = Tag("all", "所有人", "level", origin=Origin.AUTOMATIC)
            >>> people = [Contact("c-17"), Contact("c-18")]
            >>> store = MemoryStore(State.of(Schema(), [TagGroup("level", "等级"), tag, *people]))
            >>> rule = Rule(tag="等级/所有人", when="has no list")
            >>> print(plan_night([rule], store, day=date(2026, 11, 20), zone=UTC).text())
            tag          held  entered  left
            等级/所有人     2       +2    −0
        """
        heads = _HEADS[lang]
        rows = [
            (o.path, f"{o.size:,}", f"+{len(o.entered):,}", f"−{len(o.left):,}")
            for o in self.outcomes
        ]
        rows += [(each.rule.tag, _LOST[lang], "", "") for each in self.invalid]
        widths = [max(map(display_width, column)) for column in zip(heads, *rows, strict=True)]
        lines = [
            "  ".join(
                pad(cell, w, right=n > 0)
                for n, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
            for row in (heads, *rows)
        ]
        return "\n".join(line.rstrip() for line in lines)

    @refuse_other_types
    def chunks(self, size: int) -> Iterator[ChangeSet]:
        """The changes in consecutive sets of at most *size*, each made against the one before."""
        return self.changes.chunks(size)

    def record(self) -> NightRecord:
        """What the next night has to know of this one."""
        run = self.changes.run or ""
        return NightRecord(
            self.at, str(self.zone), run, len(self.changes), self.fingerprints, self.viewer
        )

    def op_ids(self) -> tuple[str, ...]:
        """The name of each change in a host's ledger, in the order of the changes."""
        return tuple(self.changes.op_id(change) for change in self.changes)

    def to_json(self) -> str:
        """
        The plan as text: what a host writes to its outbox. Equal plans give equal texts.
        """
        operations = [
            {
                "op_id": self.changes.op_id(change),
                "kind": change.kind,
                "contact": hold.contact,
                "tag": hold.tag,
                "rule": change.cause,
                "reason": change.reason,
            }
            for change in self.changes
            if isinstance(hold := change.entity, Hold)
        ]
        document = {
            "run": self.changes.run,
            "at": self.at.isoformat(),
            "base_version": self.changes.base_version,
            "rules": [
                {
                    "rule": outcome.rule.label,
                    "tag": outcome.tag,
                    "entered": len(outcome.entered),
                    "left": len(outcome.left),
                    "stayed": len(outcome.stayed),
                }
                for outcome in self.outcomes
            ],
            "invalid": [
                {"rule": each.rule.label, "codes": [d.code for d in each.diagnostics]}
                for each in self.invalid
            ],
            "pending": [rule.label for rule in self.pending],
            "operations": operations,
        }
        return json.dumps(document, ensure_ascii=False, indent=1)
