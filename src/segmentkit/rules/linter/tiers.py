"""Rules that are meant as tiers of one thing: do they overlap, do they leave a gap?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import combinations

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.engines import Reasons, Subject
from segmentkit.model import Schema
from segmentkit.query import (
    And,
    Between,
    Compare,
    Condition,
    Date,
    Diagnostic,
    InList,
    IsMissing,
    Language,
    LocalTime,
    Names,
    Not,
    Number,
    Or,
    bind,
    builder,
    walk,
)
from segmentkit.rules.linter.examples import Examples
from segmentkit.rules.linter.formulas import (
    ALWAYS,
    Cut,
    Formula,
    Holds,
    Known,
    Reaches,
    Term,
    atoms_of,
    complement,
    every,
    terms_in,
)
from segmentkit.rules.linter.lint import known_parameters
from segmentkit.rules.linter.logic import Logic, Theory
from segmentkit.rules.linter.reading import Reader
from segmentkit.rules.rule import Rule


@refuse_other_types
def lint_tiers(
    rules: Iterable[Rule],
    schema: Schema,
    *,
    names: Names | None = None,
    parameters: Mapping[str, object] | None = None,
) -> tuple[Diagnostic, ...]:
    """
    Where rules that are meant as tiers overlap, and whom they leave out.

    Each finding comes with an example, a made-up contact that was asked: two rules overlap because
    it meets both, there is a gap because it meets none. A gap between two tiers of one measure is a
    warning, one beside them a hint. Where no example could be made up nothing is said.

    Args:
        rules: a family, in any order.
        schema: what their names mean.
        names: as in `check`.
        parameters: as in `check`, beside those of the rules.

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
    family = _Family.of(rules, schema, names, parameters)
    return (*family.overlaps(), *family.gaps())


@frozen
class _Cell:
    """Values of the measure that no rule tells apart; one piece where there is no one measure."""

    formula: Formula
    missing: bool = False


@frozen
class _Family:
    tags: tuple[str, ...]
    conditions: tuple[Condition, ...]
    formulas: tuple[Formula, ...]
    theory: Theory
    examples: Examples
    cells: tuple[_Cell, ...]

    @classmethod
    def of(
        cls,
        rules: Iterable[Rule],
        schema: Schema,
        names: Names | None,
        parameters: Mapping[str, object] | None,
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
        reader, logic = Reader(schema), Logic()
        formulas = tuple(reader.condition(condition) for condition in conditions)
        return cls(
            tuple(rule.tag for rule in given),
            conditions,
            formulas,
            logic.theory(formulas),
            Examples(schema, logic, names, _dates(conditions)),
            tuple(_cells(formulas)),
        )

    def overlaps(self) -> Iterator[Diagnostic]:
        for one, other in combinations(range(len(self.tags)), 2):
            for cell in self.cells:
                found = self._example(cell, {one: True, other: True})
                if found is not None:
                    pair = (self.conditions[one], self.conditions[other])
                    named = {"first": self.tags[one], "second": self.tags[other]}
                    yield Diagnostic("tiers_overlap", {**named, **self._shown(found, pair)})
                    break

    def gaps(self) -> Iterator[Diagnostic]:
        """Cells side by side that no rule takes in are one gap."""
        taken = [self._is_taken(cell) for cell in self.cells]
        told = False
        for place, cell in enumerate(self.cells):
            follows = place > 0 and not taken[place - 1] and not self.cells[place - 1].missing
            if taken[place]:
                told = False
                continue
            if told and follows:
                continue
            found = self._example(cell, dict.fromkeys(range(len(self.tags)), False))
            if found is not None:
                told = not cell.missing
                between = not cell.missing and any(taken[1:place]) and any(taken[place + 1 :])
                code = "tiers_gap" if between else "tiers_end"
                yield Diagnostic(code, self._shown(found, self.conditions[:1]))

    def _is_taken(self, cell: _Cell) -> bool:
        """Whether the rules together take in everyone of a cell."""
        return not self.theory.may_hold(cell.formula, *map(complement, self.formulas))

    def _example(self, cell: _Cell, wanted: Mapping[int, bool]) -> Subject | None:
        said = [
            self.formulas[place] if truth else complement(self.formulas[place])
            for place, truth in wanted.items()
        ]
        asked = {self.conditions[place]: truth for place, truth in wanted.items()}
        if len(self.cells) > 1:
            # That no rule is met does not tell whether there is a value at all.
            asked |= dict.fromkeys(_missing_values(self.conditions), cell.missing)
        return self.examples.find(self.theory, [cell.formula, *said], asked)

    def _shown(self, subject: Subject, conditions: Sequence[Condition]) -> dict[str, object]:
        """What decides about the example, in both languages."""
        whole = builder.all_of(conditions).condition
        languages: tuple[tuple[str, Language], ...] = (("example", "en"), ("example_zh", "zh"))
        return {
            name: Reasons(self.examples.setting, lang).compile(whole)(subject)
            for name, lang in languages
        }


def _cells(formulas: Sequence[Formula]) -> Iterator[_Cell]:
    """The cells into which rules cut a measure, the missing value first, then upwards."""
    atoms = list(dict.fromkeys(atom for formula in formulas for atom in atoms_of(formula)))
    terms: set[Term] = {term for atom in atoms for term in terms_in(atom)}
    cuts = sorted(a.cut for a in atoms if isinstance(a, Reaches) and isinstance(a.cut, Cut))
    plain = all(
        isinstance(a, Known) or (isinstance(a, Reaches) and isinstance(a.cut, Cut)) for a in atoms
    )
    if len(terms) != 1 or not plain:
        yield _Cell(ALWAYS)
        return
    (term,) = terms
    known = Holds(Known(term))
    yield _Cell(complement(known), missing=True)
    for low, high in zip([None, *cuts], [*cuts, None], strict=True):
        parts: list[Formula] = [known]
        if low is not None:
            parts.append(Holds(Reaches(term, low)))
        if high is not None:
            parts.append(Holds(Reaches(term, high), False))
        yield _Cell(every(*parts))


def _missing_values(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """That the measure of rules over one measure is missing, said as the rules say it."""
    for condition in conditions:
        match condition:
            case And(items) | Or(items):
                yield from _missing_values(items)
            case Not(operand):
                yield from _missing_values([operand])
            case Compare(left=value) | Between(left=value) | InList(left=value):
                if not isinstance(value, Number):
                    yield IsMissing(value)
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
