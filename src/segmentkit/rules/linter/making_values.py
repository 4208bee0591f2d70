"""Values for fields of which some claims hold: of a made-up contact, or of one of its items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from segmentkit.engines import Setting
from segmentkit.model import (
    FieldType,
    from_microseconds,
    local_date,
    shift_days,
    shift_months,
)
from segmentkit.query import Frame, ValueType, find_function
from segmentkit.rules.linter.formulas import (
    Applied,
    Atom,
    Cut,
    FieldOf,
    Holds,
    Is,
    IsExactly,
    IsNamedLike,
    IsUnder,
    Known,
    Lists,
    Matches,
    Reaches,
    Term,
    terms_in,
)
from segmentkit.rules.linter.laws_of_keys import is_meant
from segmentkit.rules.linter.logic import Truths, Work
from segmentkit.rules.linter.texts import Pattern, TooManyStates, text_that
from segmentkit.rules.linter.theories import text_for

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
# So many days back, births and other dates are tried.
_DAYS_TRIED = 4 * 366


class Values:
    """Finds values at the instant of one run; what they cannot meet is left to the check."""

    def __init__(self, setting: Setting, work: Work) -> None:
        self._setting = setting
        self._moment = setting.moment
        self._work = work

    def fields(self, owner: str, truths: Truths) -> dict[str, object]:
        """Values of all fields of which anything is claimed, by name."""
        found: dict[str, object] = {}
        for term in dict.fromkeys(base for atom in truths for base in _bases(atom)):
            if term.owner == owner and truths.get(Known(term)):
                found[term.name] = self.value(term, truths)
        return found

    def value(self, term: FieldOf, truths: Truths) -> object:
        held = self._held(term, truths)
        match term.type.kind:
            case FieldType.INSTANT:
                assert isinstance(held, int)
                return from_microseconds(held)
            case FieldType.DATE:
                assert isinstance(held, int)
                return local_date(held, self._moment.zone)
            case _:
                return plain(term.type, held) if isinstance(held, Fraction) else held

    def _held(self, term: FieldOf, truths: Truths) -> object:
        match term.type.kind:
            case FieldType.TEXT:
                return self._text(term, truths)
            case FieldType.BOOLEAN:
                return bool(truths.get(Is(term, True))) or truths.get(Is(term, False)) is False
            case FieldType.TEXT_LIST:
                listed = [a.key for a in truths if isinstance(a, Lists) and a.term == term]
                return tuple(key for key in listed if truths[Lists(term, key)]) or ("-",)
            case FieldType.DATE | FieldType.INSTANT:
                return self._time(term, truths)
            case _:
                return self._number(term, truths)

    # --- texts ------------------------------------------------------------------------------------

    def _text(self, term: FieldOf, truths: Truths) -> str:
        said = [Holds(atom, truth) for atom, truth in truths.items() if terms_in(atom) == (term,)]
        for claim in said:
            if claim.truth and isinstance(claim.atom, IsExactly):
                return claim.atom.text
        keys = [c for c in said if isinstance(c.atom, IsUnder | IsNamedLike)]
        if keys:
            return self._key(keys, said)
        try:
            found = text_for(said) or "-"
        except TooManyStates:
            found = "-"
        lengths = [(cut, truth) for cut, truth in _cuts_of_call("length", term, truths)]
        return found if not lengths else found * max(1, int(number_beside(lengths)) // len(found))

    def _key(self, keys: Iterable[Holds], said: Iterable[Holds]) -> str:
        """The id of a thing that is one of those meant."""
        names = self._setting.names
        refused = {c.atom.text for c in said if isinstance(c.atom, IsExactly) and not c.truth}
        tried: list[str] = []
        for claim in keys:
            if isinstance(claim.atom, IsUnder) and names is not None:
                tried += sorted(names.below(claim.atom.kind, claim.atom.thing))
            elif isinstance(claim.atom, IsNamedLike):
                tried += _things(claim.atom.kind, self._setting)
                glob = Pattern.of("like", claim.atom.pattern)
                tried.append(text_that(frozenset({glob}), frozenset[Pattern]()) or "-")
        for key in (*tried, "-"):
            if key not in refused and all(
                isinstance(c.atom, IsUnder | IsNamedLike)
                and is_meant(c.atom, key, names) in (c.truth, None)
                for c in keys
            ):
                return key
        return "-"

    # --- times and numbers ------------------------------------------------------------------------

    def _time(self, term: FieldOf, truths: Truths) -> int:
        cuts = cuts_of(term, truths)
        reached = max((int(cut.value) for cut, truth in cuts if truth), default=None)
        ahead = min((int(cut.value) for cut, truth in cuts if not truth), default=self._moment.at)
        plain_time = ahead - _HOUR if reached is None else reached
        claims = _claims_of_calls(term, truths)
        if not claims:
            return plain_time
        for tried in self._times_tried(plain_time, claims):
            if self._work.is_over:
                break
            self._work.left -= len(claims)
            if all(self._agrees(claim, term, tried) for claim in claims) and all(
                (tried >= cut.value) is truth for cut, truth in cuts
            ):
                return tried
        return plain_time

    def _times_tried(self, near: int, claims: Iterable[Holds]) -> Iterator[int]:
        yield near
        today = self._moment.today
        years = {0, 1, 5}
        for claim in claims:
            atom = claim.atom
            if (
                isinstance(atom, Reaches)
                and isinstance(atom.term, Applied)
                and isinstance(atom.cut, Cut)
            ):
                if atom.term.function == "age":
                    years |= {int(atom.cut.value) + more for more in (-1, 0, 1)}
                elif atom.term.function == "year":
                    years |= {today.year - int(atom.cut.value) + more for more in (-1, 0, 1)}
        for year in sorted(each for each in years if 0 <= each < 200):
            yield self._moment.start_of(shift_months(today, -12 * year))
        for back in range(-_DAYS_TRIED // 2, _DAYS_TRIED // 2):
            yield self._moment.start_of(shift_days(today, -back))
        for hour in range(24):
            yield near - hour * _HOUR

    def _agrees(self, claim: Holds, term: FieldOf, tried: int) -> bool:
        """Whether a claim about what a function makes of a time is so."""
        atom = claim.atom
        (applied,) = terms_in(atom)
        if not isinstance(applied, Applied) or applied.argument != term:
            return True
        function = find_function(applied.function)
        if function is None:
            return True
        zone = self._moment.zone
        frame = Frame(zone, self._moment.today, self._setting.schema.week_starts)
        argument = (
            tried if term.type.kind is FieldType.INSTANT else local_date(tried, zone).toordinal()
        )
        made = function.apply(argument, term.type.kind, frame)
        if isinstance(atom, Known):
            return (made is not None) is claim.truth
        if (
            not isinstance(atom, Reaches)
            or not isinstance(atom.cut, Cut)
            or not isinstance(made, int)
        ):
            return True
        if applied.type.kind is FieldType.DATE:
            made = self._moment.start_of(
                shift_days(self._moment.today, made - self._moment.today.toordinal())
            )
        return (Cut(Fraction(made)) >= atom.cut) is claim.truth

    def _number(self, term: FieldOf, truths: Truths) -> Fraction:
        cuts = cuts_of(term, truths)
        size = _cuts_of_call("abs", term, truths)
        if not size:
            return number_beside(cuts)
        away = number_beside(size)
        fits = all((Cut(away) >= cut) is truth for cut, truth in cuts)
        return away if fits else -away


def _things(kind: str, setting: Setting) -> list[str]:
    names = setting.names
    if names is None:
        return []
    return sorted({thing.id for name in names.all_names(kind) for thing in names.find(kind, name)})


def _bases(atom: Atom) -> Iterator[FieldOf]:
    """The fields that a claim speaks of, if by way of a function."""
    if not isinstance(
        atom, Known | Reaches | Is | IsExactly | Matches | Lists | IsUnder | IsNamedLike
    ):
        return
    term: Term = atom.term
    while isinstance(term, Applied):
        term = term.argument
    if isinstance(term, FieldOf):
        yield term


def _claims_of_calls(term: Term, truths: Truths) -> list[Holds]:
    return [
        Holds(atom, truth)
        for atom, truth in truths.items()
        for about in terms_in(atom)
        if isinstance(about, Applied) and about.argument == term and not isinstance(atom, Is)
    ]


def _cuts_of_call(function: str, term: Term, truths: Truths) -> list[tuple[Cut, bool]]:
    return [
        (claim.atom.cut, claim.truth)
        for claim in _claims_of_calls(term, truths)
        if isinstance(claim.atom, Reaches)
        and isinstance(claim.atom.cut, Cut)
        and isinstance(claim.atom.term, Applied)
        and claim.atom.term.function == function
    ]


def cuts_of(term: Term, truths: Mapping[Atom, bool]) -> list[tuple[Cut, bool]]:
    """Each cut of a value, and whether the value reaches it."""
    return [
        (atom.cut, truth)
        for atom, truth in truths.items()
        if isinstance(atom, Reaches) and atom.term == term and isinstance(atom.cut, Cut)
    ]


def number_beside(cuts: Iterable[tuple[Cut, bool]]) -> Fraction:
    """A number on the right side of every cut."""
    sides = list(cuts)
    reached = max((cut for cut, truth in sides if truth), default=None)
    ahead = min((cut for cut, truth in sides if not truth), default=None)
    if reached is None:
        return Fraction(0) if ahead is None or ahead.value > 0 else ahead.value - 1
    if not reached.after:
        return reached.value
    return reached.value + 1 if ahead is None else (reached.value + ahead.value) / 2


def plain(kind: ValueType, number: Fraction) -> object:
    """A number as hosts give it, rounded up to what the type can hold."""
    match kind.kind:
        case FieldType.INTEGER:
            return ceil(number)
        case FieldType.FLOAT:
            return float(number)
        case FieldType.DURATION:
            return timedelta(microseconds=ceil(number))
        case _:
            unit: int = 10**kind.scale
            return Decimal(ceil(number * unit)) / unit
