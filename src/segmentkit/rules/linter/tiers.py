"""Rules that are meant as tiers of one thing: do they overlap, do they leave a gap?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from itertools import combinations
from typing import TypeAlias

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.engines import Moment, Reasons, Setting, Subject
from segmentkit.model import SYSTEM, Schema, shift_days
from segmentkit.query import (
    Aggregate,
    Ago,
    And,
    Between,
    Calendar,
    Call,
    Compare,
    Condition,
    Date,
    Diagnostic,
    InList,
    InWindow,
    IsMissing,
    Language,
    LocalTime,
    Names,
    Not,
    Or,
    Path,
    Rolling,
    Value,
    bind,
    builder,
    walk,
)
from segmentkit.rules.linter.cells import Cell, cells_of
from segmentkit.rules.linter.examples import Examples
from segmentkit.rules.linter.formulas import (
    Constant,
    Formula,
    Known,
    Term,
    complement,
    every,
)
from segmentkit.rules.linter.here import topics_of
from segmentkit.rules.linter.lint import known_parameters
from segmentkit.rules.linter.logic import Logic, Work
from segmentkit.rules.linter.placing import Placed
from segmentkit.rules.linter.reading import Reader
from segmentkit.rules.linter.solver import Undecided
from segmentkit.rules.rule import Rule

_TODAY = date(2026, 6, 1)
_NOON = time(12)
# Days at which 30 days and a month, a week and a month begin at other times than they mostly do.
_OTHER_DAYS = ((3, 1), (8, 31))
# In so many cells an example is looked for.
_MOST_TRIED = 40
# So many claims of a family are looked at as a whole; beyond that so many pairs, each so closely.
_MOST_OF_ALL = 300_000
_MOST_PAIRS = 300
_MOST_OF_A_PAIR = 10_000

Pair: TypeAlias = tuple[int, int]


@refuse_other_types
def lint_tiers(
    rules: Iterable[Rule],
    schema: Schema,
    *,
    names: Names | None = None,
    parameters: Mapping[str, object] | None = None,
    segments: Mapping[str, Condition] | None = None,
) -> tuple[Diagnostic, ...]:
    """
    Where rules that are meant as tiers overlap, and whom they leave out.

    Each finding comes with an example, a made-up contact that was asked: two rules overlap because
    it meets both, there is a gap because it meets none. A gap between two tiers of one measure is a
    warning, one beside them a hint. Where no example could be made up nothing is said. Rules that
    are too many to be looked at as a whole are looked at two by two; what was left out is said.

    Args:
        rules: a family, in any order.
        schema: what their names mean.
        names: as in `check`.
        parameters: as in `check`, beside those of the rules.
        segments: bound conditions of the saved segments by id, as a store has them.

    Raises:
        QueryError: a rule does not fit the schema.

    Examples:
        >>> from segmentkit.model import standard_schema
        >>> tiers = [
        ...     Rule(tag="高频", when="did purchase at least 6 times in last 90 days"),
        ...     Rule(tag="中频", when="did purchase between 3 to 6 times in last 90 days"),
        ...     Rule(tag="低频", when="did purchase exactly 1 times in last 90 days"),
        ... ]
        >>> for odd in lint_tiers(tiers, standard_schema()):
        ...     print(f"{odd.severity}: {odd.message()}")
        warning: '高频' and '中频' overlap: both take in who has count(purchase in last 90 days) = 6
        hint: beside the tiers: none takes in who has count(purchase in last 90 days) = 0
        warning: a gap between the tiers: none takes in who has count(purchase in last 90 days) = 2
    """
    family = _Family.of(rules, schema, names, parameters, segments)
    moments = tuple(_moments(family, schema))
    odd = _as_a_whole(family, moments)
    return _two_by_two(family, moments) if odd is None else odd


def _as_a_whole(family: _Family, moments: Sequence[Moment]) -> tuple[Diagnostic, ...] | None:
    """All overlaps and gaps; None where that takes too long."""
    overlaps: dict[Pair, Diagnostic] = {}
    gaps: list[Diagnostic] = []
    work = Work(_MOST_OF_ALL)
    for moment in moments:
        run = _Run(family, moment, work)
        if not run.is_cut:
            return None
        for pair in combinations(range(len(family.tags)), 2):
            odd = None if pair in overlaps else run.overlap(*pair)
            if odd is not None:
                overlaps[pair] = odd
        gaps = gaps or list(run.gaps())
        if work.is_over:
            return None
    return (*(overlaps[pair] for pair in sorted(overlaps)), *gaps)


def _two_by_two(family: _Family, moments: Sequence[Moment]) -> tuple[Diagnostic, ...]:
    """Overlaps of so many pairs, one gap, and how much was not looked at."""
    overlaps: dict[Pair, Diagnostic] = {}
    seen, left = 0, float(_MOST_OF_ALL)
    for pair in family.pairs()[:_MOST_PAIRS]:
        if left <= 0:
            break
        work = Work(_MOST_OF_A_PAIR)
        two = family.only(pair)
        odds = (_Run(two, moment, work).overlap(0, 1) for moment in moments)
        odd = next((odd for odd in odds if odd is not None), None)
        if odd is not None:
            overlaps[pair] = odd
        seen += odd is not None or not work.is_over
        left -= _MOST_OF_A_PAIR - work.left
    gaps = _Run(family, moments[0], Work(_MOST_OF_A_PAIR)).gaps()
    size = len(family.tags)
    pairs = size * (size - 1) // 2
    hint = Diagnostic("too_many_tiers", {"number": pairs - seen, "pairs": pairs})
    return (*(overlaps[pair] for pair in sorted(overlaps)), *gaps, hint)


@frozen
class _Family:
    tags: tuple[str, ...]
    conditions: tuple[Condition, ...]
    formulas: tuple[Formula, ...]
    # How the values that conditions speak of are written.
    written: Mapping[Term, Value]
    setting: Setting

    @classmethod
    def of(
        cls,
        rules: Iterable[Rule],
        schema: Schema,
        names: Names | None,
        parameters: Mapping[str, object] | None,
        segments: Mapping[str, Condition] | None,
    ) -> _Family:
        given = tuple(rules)
        conditions = tuple(
            bind(
                rule.condition,
                schema,
                names=names,
                parameters=known_parameters(rule, parameters),
                text=rule.text,
            )
            for rule in given
        )
        reader = Reader(schema, segments)
        noon = datetime.combine(
            shift_days(max(_dates(conditions), default=_TODAY), 400), _NOON, UTC
        )
        moment = Moment.of(noon, UTC, schema.week_starts)
        return cls(
            tuple(rule.tag for rule in given),
            conditions,
            tuple(reader.condition(condition) for condition in conditions),
            dict(_written(conditions, reader)),
            Setting(schema, moment, SYSTEM, names, segments or {}),
        )

    def only(self, places: Iterable[int]) -> _Family:
        """Some of the rules, by themselves."""
        kept = list(places)
        return evolve(
            self,
            tags=tuple(self.tags[place] for place in kept),
            conditions=tuple(self.conditions[place] for place in kept),
            formulas=tuple(self.formulas[place] for place in kept),
        )

    def pairs(self) -> list[Pair]:
        """Each two rules that speak of the same, those of what few others speak of first."""
        topics = [topics_of(formula) for formula in self.formulas]
        told = Counter(topic for each in topics for topic in each)
        # Who shares nothing is not of one family, and surely overlaps.
        rarest = {
            (one, other): min(told[topic] for topic in topics[one] & topics[other])
            for one, other in combinations(range(len(topics)), 2)
            if topics[one] & topics[other]
        }
        return sorted(rarest, key=lambda pair: (rarest[pair], pair[1] - pair[0]))


class _Run:
    """The tiers at one instant: the cells into which they cut all contacts."""

    def __init__(self, family: _Family, moment: Moment, work: Work) -> None:
        self._family = family
        self._logic = Logic(family.setting.names, work)
        placed = Placed(moment)
        self._formulas = [placed.formula(formula) for formula in family.formulas]
        self._written = {placed.term(term): value for term, value in family.written.items()}
        self._theory = self._logic.theory(self._formulas)
        self._cells = cells_of(self._theory, self._formulas)
        self._examples = Examples(evolve(family.setting, moment=moment), self._logic)

    @property
    def is_cut(self) -> bool:
        """Whether the cells are so few that each can be looked at."""
        return self._cells is not None

    def overlap(self, one: int, other: int) -> Diagnostic | None:
        """Someone who meets two rules."""
        both = every(self._formulas[one], self._formulas[other])
        cells = self._somewhere(both) if self._cells is None else self._cells.within(both)
        found = self._example(cells, {one: True, other: True})
        if found is None:
            return None
        pair = [self._family.conditions[place] for place in (one, other)]
        named = {"first": self._family.tags[one], "second": self._family.tags[other]}
        return Diagnostic("tiers_overlap", {**named, **self._shown(found, pair)})

    def gaps(self) -> Iterator[Diagnostic]:
        """Cells side by side that no rule takes in are one gap."""
        nobody = every(*map(complement, self._formulas))
        wanted = dict.fromkeys(range(len(self._formulas)), False)
        if self._cells is None:
            pieces = [self._somewhere(nobody)]
        else:
            pieces = list(self._cells.together(self._cells.within(nobody)))
        for piece in pieces:
            found = self._example(piece, wanted)
            if found is not None:
                inside = self._cells is not None and self._cells.is_between(
                    piece, self._cells.within(complement(nobody))
                )
                code = "tiers_gap" if inside else "tiers_end"
                yield Diagnostic(code, self._shown(found, self._family.conditions[:1]))

    def _somewhere(self, formula: Formula) -> list[Cell]:
        """One place where a formula may hold, where there are too many to look at each."""
        try:
            truths = self._theory.model(formula)
        except Undecided:
            return []
        return [] if truths is None else [Cell((), truths)]

    def _example(self, cells: Sequence[Cell], wanted: Mapping[int, bool]) -> Subject | None:
        asked = {self._family.conditions[place]: truth for place, truth in wanted.items()}
        for cell in cells[:_MOST_TRIED]:
            # That no rule is met does not tell whether there is a value at all.
            missing = {
                IsMissing(value): not cell.truths[Known(term)]
                for term, value in self._written.items()
                if Known(term) in cell.truths
            }
            found = self._examples.find(cell.truths, {**missing, **asked})
            if found is not None:
                return found
        return None

    def _shown(self, subject: Subject, conditions: Sequence[Condition]) -> dict[str, object]:
        """What decides about the example, in both languages."""
        whole = builder.all_of(conditions).condition
        languages: tuple[tuple[str, Language], ...] = (("example", "en"), ("example_zh", "zh"))
        return {
            name: Reasons(self._examples.setting, lang).compile(whole)(subject)
            for name, lang in languages
        }


def _moments(family: _Family, schema: Schema) -> Iterator[Moment]:
    """An instant after every date that rules name, and others at which months are of other lengths."""
    first = family.setting.moment
    yield first
    marks = {
        type(part)
        for condition in family.conditions
        for part in walk(condition)
        if isinstance(part, Rolling | Calendar | Ago)
    }
    if marks:
        for month, day in _OTHER_DAYS:
            noon = datetime.combine(date(first.today.year + 1, month, day), _NOON, UTC)
            yield Moment.of(noon, UTC, schema.week_starts)


def _written(conditions: Iterable[Condition], reader: Reader) -> Iterator[tuple[Term, Value]]:
    """The values of contacts that conditions speak of."""
    for condition in conditions:
        match condition:
            case And(items) | Or(items):
                yield from _written(items, reader)
            case Not(operand):
                yield from _written([operand], reader)
            case (
                Compare(left=value)
                | Between(left=value)
                | InList(left=value)
                | InWindow(left=value)
            ):
                if isinstance(value, Path | Aggregate | Call):
                    term = reader.value(value, reader.everywhere)
                    if term is not None and not isinstance(term, Constant):
                        yield term, value
            case _:
                pass


def _dates(conditions: Iterable[Condition]) -> Iterator[date]:
    """Every date that conditions name."""
    for condition in conditions:
        for node in walk(condition):
            if isinstance(node, Date):
                yield node.value
            elif isinstance(node, LocalTime):
                moment: datetime = node.value
                yield moment.date()
