"""
Formulas at one instant: each mark becomes the number of microseconds at which it then lies.

Conditions mean marks that every run places anew. Where an example is made up, there is one run, and
in it any two marks are in order.
"""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import assert_never

from attrs import evolve

from segmentkit.engines import Moment
from segmentkit.model import day_start, local_instant, shift_days, shift_months
from segmentkit.query import week_start
from segmentkit.rules.linter.formulas import (
    ALWAYS,
    NEVER,
    Applied,
    Atom,
    Chained,
    Combined,
    Computed,
    Constant,
    Cut,
    Every,
    FieldOf,
    Formula,
    Holds,
    Is,
    IsExactly,
    IsNamedLike,
    IsUnder,
    Items,
    Known,
    Less,
    LiesAhead,
    Lists,
    Matches,
    Negated,
    Reaches,
    Same,
    Some,
    Term,
    Total,
    Unread,
    complement,
    every,
    some,
)
from segmentkit.rules.linter.marks import Mark


class Placed:
    """
    Formulas as they are at the instant of one run.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.rules.linter.marks import elapsed
        >>> moment = Moment.of(datetime(1970, 1, 2, tzinfo=UTC), UTC)
        >>> Placed(moment).place(elapsed(-60)) == 86_400_000_000 - 60_000_000
        True
    """

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._known: dict[Items, Items] = {}

    def formula(self, formula: Formula) -> Formula:
        match formula:
            case Every(parts):
                return every(*(self.formula(part) for part in parts))
            case Some(parts):
                return some(*(self.formula(part) for part in parts))
            case Holds(LiesAhead(mark), truth):
                return ALWAYS if (self.place(mark) >= self._moment.at) is truth else NEVER
            case Holds(atom, truth):
                placed = Holds(self._atom(atom))
                return placed if truth else complement(placed)
            case _:
                assert_never(formula)

    def _atom(self, atom: Atom) -> Atom:
        match atom:
            case Reaches(term, cut):
                at = Cut(Fraction(self.place(cut))) if isinstance(cut, Mark) else cut
                return Reaches(self.term(term), at)
            case Less(left, right) | Same(left, right):
                return evolve(atom, left=self.term(left), right=self.term(right))
            case Chained(links):
                placed = tuple(evolve(link, items=self.items(link.items)) for link in links)
                return evolve(atom, links=placed)
            case Unread(about=items):
                return atom if items is None else evolve(atom, about=self.items(items))
            case LiesAhead():
                return atom
            case (
                Known(term)
                | Is(term)
                | IsExactly(term)
                | Matches(term)
                | Lists(term)
                | IsUnder(term)
                | IsNamedLike(term)
            ):
                return evolve(atom, term=self.term(term))
            case _:
                assert_never(atom)

    def term(self, term: Term) -> Term:
        match term:
            case FieldOf():
                return term
            case Total():
                return evolve(term, items=self.items(term.items))
            case Applied():
                return evolve(term, argument=self.term(term.argument))
            case Negated():
                return evolve(term, operand=self.term(term.operand))
            case Computed(left=left, right=right):
                return evolve(
                    term,
                    left=left if isinstance(left, Constant) else self.term(left),
                    right=right if isinstance(right, Constant) else self.term(right),
                )
            case Combined(factors):
                return evolve(
                    term, factors=tuple((self.term(part), factor) for part, factor in factors)
                )
            case _:
                assert_never(term)

    def items(self, items: Items) -> Items:
        known = self._known.get(items)
        if known is None:
            known = self._known[items] = evolve(items, filter=self.formula(items.filter))
        return known

    def place(self, mark: Mark) -> int:
        """Where a mark lies at the instant, in microseconds."""
        moment, position = self._moment, mark.position
        if isinstance(position, datetime):
            if mark.kind == "date":
                return day_start(position.date(), moment.zone)
            return local_instant(position, moment.zone) + mark.after
        if mark.kind == "elapsed":
            return moment.at + position * 1_000_000 + mark.after
        return day_start(self._day(mark, position), moment.zone) + mark.after

    def _day(self, mark: Mark, position: int) -> date:
        today = self._moment.today
        match mark.kind:
            case "days":
                return shift_days(today, position + 1)
            case "months":
                return shift_days(shift_months(today, position), 1)
            case "week":
                return shift_days(week_start(today, self._moment.week_starts), 7 * position)
            case "month":
                return shift_months(today.replace(day=1), position)
            case "quarter":
                first = today.replace(month=today.month - (today.month - 1) % 3, day=1)
                return shift_months(first, 3 * position)
            case _:
                return shift_months(today.replace(month=1, day=1), 12 * position)
