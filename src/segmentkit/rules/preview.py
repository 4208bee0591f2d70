"""Before an edit is saved: who enters, who leaves, who stays, and the clause responsible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from html import escape
from itertools import combinations

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.engines import Engine, Setting, bind_all, members
from segmentkit.errors import UnknownKeyError
from segmentkit.model import SYSTEM, FrozenMap, Schema, Viewer
from segmentkit.query import ConditionLike, Language
from segmentkit.rules.edits import Difference, Edit, difference
from segmentkit.stores import Store

# So many edits have so few sets that all of them are asked at once.
_FEW_EDITS = 4

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "entered": "enter",
        "left": "leave",
        "stayed": "stay",
        "because": "because of",
        "and": "; ",
        "same": "the two say the same",
    },
    "zh": {
        "entered": "进入",
        "left": "离开",
        "stayed": "保留",
        "because": "因为",
        "and": "；",
        "same": "两者相同",
    },
}


@frozen
class Comparison:
    """
    Two conditions asked of the same contacts at the same instant.

    Attributes:
        entered: ids of those whom only the new one matches, sorted.
        left: ids of those whom only the old one matched.
        stayed: ids of those whom both match.
        edits: the smallest clauses in which the two differ.
        schema: whose names the texts print in their language.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import Contact, Field, FieldType, State
        >>> from segmentkit.stores import MemoryStore
        >>> schema = Schema(
        ...     fields=[Field("age", FieldType.INTEGER), Field("vip", FieldType.BOOLEAN)]
        ... )
        >>> people = [
        ...     Contact("a", {"age": 35, "vip": True}),
        ...     Contact("b", {"age": 25, "vip": True}),
        ... ]
        >>> store = MemoryStore(State.of(schema, people))
        >>> at = datetime(2026, 11, 20, tzinfo=UTC)
        >>> preview = compare("age > 30 and vip", "age > 20 and vip", store, at=at)
        >>> preview.entered, [str(edit) for edit in preview.because("b")]
        (('b',), ['age > 30 → age > 20'])
        >>> print(preview)
        enter 1, leave 0, stay 1
        enter 1 because of: age > 30 → age > 20
    """

    entered: tuple[str, ...]
    left: tuple[str, ...]
    stayed: tuple[str, ...]
    edits: tuple[Edit, ...]
    schema: Schema = field(repr=False, eq=False)
    _because: Mapping[str, tuple[int, ...]] = field(repr=False)

    @refuse_other_types
    def because(self, contact: str) -> tuple[Edit, ...]:
        """
        The edits that make a contact enter or leave.

        Done alone they turn its verdict, and none of them can be left out. That is one edit
        wherever one is enough.

        Raises:
            UnknownKeyError: the contact neither enters nor leaves.
        """
        if contact not in self._because:
            raise UnknownKeyError(contact, "those who enter or leave", "Others have no reason")
        return tuple(self.edits[number] for number in self._because[contact])

    @refuse_other_types
    def text(self, lang: Language = "en") -> str:
        """How many enter, leave and stay, and because of what; most first."""
        return "\n".join([self._headline(lang), *(line for _, line in self._reasons(lang))])

    def __str__(self) -> str:
        return self.text()

    def _headline(self, lang: Language) -> str:
        words = _WORDS[lang]
        if not self.edits:
            return words["same"]
        parts = {"entered": self.entered, "left": self.left, "stayed": self.stayed}
        return ", ".join(f"{words[name]} {len(contacts)}" for name, contacts in parts.items())

    def _reasons(self, lang: Language) -> list[tuple[str, str]]:
        """Which way contacts go, and a line with how many do and because of what."""
        words = _WORDS[lang]
        counted = Counter[tuple[str, tuple[int, ...]]]()
        for way, contacts in (("entered", self.entered), ("left", self.left)):
            counted.update((way, self._because[contact]) for contact in contacts)
        return [
            (
                way,
                f"{words[way]} {number} {words['because']}: "
                + words["and"].join(self.edits[n].text(lang, schema=self.schema) for n in numbers),
            )
            for (way, numbers), number in sorted(
                counted.items(), key=lambda each: (-each[1], each[0])
            )
        ]

    @refuse_other_types
    def html(self, lang: Language = "en") -> str:
        """The text for a page; every word in it is escaped."""
        colours = {"entered": "#1a7f37", "left": "#cf222e"}
        lines = "".join(
            f'<li style="color:{colours[way]}">{escape(line)}</li>'
            for way, line in self._reasons(lang)
        )
        return f"<div><b>{escape(self._headline(lang))}</b><ul>{lines}</ul></div>"

    def _repr_html_(self) -> str:
        return self.html()


@refuse_other_types
def compare(
    old: str | ConditionLike,
    new: str | ConditionLike,
    store: Store,
    *,
    at: datetime,
    zone: tzinfo | str | None = None,
    viewer: Viewer = SYSTEM,
    parameters: Mapping[str, object] | None = None,
    engine: Engine = "columnar",
) -> Comparison:
    """
    What an edit would do, before it is saved.

    Args:
        old: as saved: text of the language, a tree or a rule.
        new: as edited.
        store: whom to ask.
        at: aware datetime of the run.
        zone: whose calendar counts; that of *at* when not given.
        viewer: who looks.
        parameters: a value for each `$name`, before those that a rule has itself.
        engine: as of `select`.

    Raises:
        QueryError: one of the two cannot be read or does not fit the store.
        NaiveDatetimeError: *at* has no zone.
    """
    (before, after), setting = bind_all(
        [old, new], store, at=at, zone=zone, viewer=viewer, parameters=parameters
    )
    between = difference(before, after)
    asker = _Asker(between, store, setting, engine)
    matched, matches = asker.matching(()), asker.matching(range(len(between.edits)))
    turned = matched ^ matches
    return Comparison(
        tuple(sorted(matches - matched)),
        tuple(sorted(matched - matches)),
        tuple(sorted(matched & matches)),
        between.edits,
        store.schema,
        FrozenMap(asker.reasons(turned)),
    )


class _Asker:
    """Who matches with some of the edits done; each set of edits is asked once."""

    def __init__(self, between: Difference, store: Store, setting: Setting, engine: Engine) -> None:
        self._between = between
        self._store = store
        self._setting = setting
        self._engine: Engine = engine
        self._known: dict[frozenset[int], frozenset[str]] = {}
        self._ask(_likely_sets(len(between.edits)))

    def matching(self, edits: Iterable[int]) -> frozenset[str]:
        done = frozenset(edits)
        self._ask([done])
        return self._known[done]

    def _ask(self, sets: Iterable[frozenset[int]]) -> None:
        """Several sets in one run, which shares what they have in common."""
        new = [done for done in dict.fromkeys(sets) if done not in self._known]
        if new:
            conditions = {str(place): self._between.apply(done) for place, done in enumerate(new)}
            found = members(conditions, self._store, self._setting, engine=self._engine)
            for place, done in enumerate(new):
                self._known[done] = frozenset(found[str(place)])

    def reasons(self, turned: frozenset[str]) -> dict[str, tuple[int, ...]]:
        """For each contact the edits that turn its verdict, none of which can be left out."""
        count = len(self._between.edits)
        before = self.matching(())
        reasons: dict[str, tuple[int, ...]] = {}
        left = set(turned)
        for number in range(count):
            alone = left & (self.matching([number]) ^ before) if left else set[str]()
            reasons |= dict.fromkeys(alone, (number,))
            left -= alone
        for edits, contacts in self._shrunk(frozenset(range(count)), left, before).items():
            reasons |= dict.fromkeys(contacts, tuple(sorted(edits)))
        return reasons

    def _shrunk(
        self, all_edits: frozenset[int], contacts: set[str], before: frozenset[str]
    ) -> dict[frozenset[int], set[str]]:
        """Contacts by their edits, after every edit that can be left out has been."""
        done: dict[frozenset[int], set[str]] = {}
        waiting = [(all_edits, contacts)] if contacts else []
        while waiting:
            edits, here = waiting.pop()
            fewer = [edits - {number} for number in sorted(edits)]
            self._ask(fewer)
            for some in fewer:
                without = here & (self._known[some] ^ before)
                if without:
                    waiting.append((some, without))
                    here = here - without
            if here:
                done[edits] = done.get(edits, set()) | here
        return done


def _likely_sets(count: int) -> Iterator[frozenset[int]]:
    """Sets of edits that are worth asking in the first run, since reading a store is what costs."""
    numbers = range(count)
    near = (0, 1, count - 1, count) if count > _FEW_EDITS else range(count + 1)
    for size in dict.fromkeys(near):
        yield from map(frozenset, combinations(numbers, size))
