"""
Made-up contacts that meet some conditions and not others: proof that there can be such a contact.

They are put together from the truths that a theory found, simply, and then asked; what the
interpreter does not confirm is no proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from segmentkit.engines import Interpreter, Moment, Setting, Subject, SubjectReader
from segmentkit.errors import SegmentkitError
from segmentkit.model import (
    SYSTEM,
    FieldType,
    Schema,
    day_start,
    from_microseconds,
    local_date,
    local_instant,
    shift_days,
    shift_months,
)
from segmentkit.query import Condition, Names, ValueType
from segmentkit.rules.linter.formulas import (
    Applied,
    Atom,
    Cut,
    FieldOf,
    Formula,
    Holds,
    Is,
    IsExactly,
    Items,
    Known,
    Lists,
    Matches,
    Reaches,
    Term,
    Total,
    atoms_of,
    complement,
    every,
)
from segmentkit.rules.linter.logic import Logic, Theory, Truths
from segmentkit.rules.linter.marks import Mark
from segmentkit.rules.linter.solver import Undecided
from segmentkit.stores import Row

# An example with more items than that is not looked for.
_MOST_ITEMS = 60


class Examples:
    """Makes contacts for one schema, at an instant after every date that conditions name."""

    def __init__(
        self, schema: Schema, logic: Logic, names: Names | None, dates: Iterable[date]
    ) -> None:
        self._schema = schema
        self._logic = logic
        after = shift_days(max(dates, default=date(2026, 6, 1)), 400)
        noon = datetime.combine(after, time(12), UTC)
        moment = Moment.of(noon, UTC, schema.week_starts)
        self.setting = Setting(schema, moment, SYSTEM, names)

    def find(
        self, theory: Theory, formulas: Sequence[Formula], wanted: Mapping[Condition, bool]
    ) -> Subject | None:
        """A contact of whom the formulas hold, and of whom each condition gives what is wanted."""
        try:
            truths = theory.model(*formulas)
        except Undecided:
            return None
        if truths is None:
            return None
        interpreter = Interpreter(self.setting)
        try:
            tests = [(interpreter.compile(each), truth) for each, truth in wanted.items()]
        except SegmentkitError:
            return None  # an open parameter, a segment that is not here: nobody can be asked
        reader = SubjectReader(self._schema, interpreter.collections, SYSTEM, self.setting.moment)
        fields = self._fields(truths, "contact")
        for rows in self._rows(truths):
            subject = reader.subject("example", fields, rows)
            if all(test(subject) is truth for test, truth in tests):
                return subject
        return None

    # --- items ------------------------------------------------------------------------------------

    def _rows(self, truths: Truths) -> Iterator[Mapping[str, list[Row]]]:
        """Rows that may fit the totals, plainer ones first."""
        totals = list(dict.fromkeys(t for a in truths for t in _terms(a) if isinstance(t, Total)))
        chosen = self._chosen(totals, truths)
        base = {name: [values for values, _ in items] for name, items in chosen.items()}
        yield self._as_rows(base)
        for total in totals:
            if total.of is None:
                continue
            items = chosen.get(total.items.collection, [])
            inside = [place for place, (_, sets) in enumerate(items) if total.items in sets]
            for value in _amounts(total, truths, len(inside)):
                adjusted = {name: [dict(row) for row in rows] for name, rows in base.items()}
                for place, amount in zip(inside, value, strict=True):
                    adjusted[total.items.collection][place][total.of.name] = amount
                yield self._as_rows(adjusted)

    def _chosen(
        self, totals: list[Total], truths: Truths
    ) -> dict[str, list[tuple[dict[str, object], set[Items]]]]:
        """For each collection items that are enough, each with the sets that it is in."""
        chosen: dict[str, list[tuple[dict[str, object], set[Items]]]] = {}
        for name in dict.fromkeys(total.items.collection for total in totals):
            sets = list(dict.fromkeys(t.items for t in totals if t.items.collection == name))
            # The narrowest first: its items count for the wider ones too.
            sets.sort(key=lambda items: -len(list(atoms_of(items.filter))))
            bounds = {items: _count_bounds(items, totals, truths) for items in sets}
            theory = self._logic.theory([items.filter for items in sets])
            found: list[tuple[dict[str, object], set[Items]]] = []
            while len(found) < _MOST_ITEMS:
                counts = {items: sum(items in inside for _, inside in found) for items in sets}
                short = next((i for i in sets if counts[i] < bounds[i][0]), None)
                if short is None:
                    break
                full = [
                    complement(items.filter)
                    for items in sets
                    if bounds[items][1] is not None and counts[items] >= (bounds[items][1] or 0)
                ]
                model = _model(theory, [short.filter, *full])
                if model is None:
                    break
                inside = {
                    i for i in sets if _model(theory, [_exactly(model), i.filter]) is not None
                }
                found.append((self._fields(model, "item"), inside))
            chosen[name] = found
        return chosen

    def _as_rows(self, items: Mapping[str, list[dict[str, object]]]) -> dict[str, list[Row]]:
        rows: dict[str, list[Row]] = {}
        for name, each in items.items():
            timed_by = self._schema.collection(name).time
            rows[name] = []
            for place, values in enumerate(each):
                when = values.get(timed_by) if timed_by else None
                fields = {key: value for key, value in values.items() if key != timed_by}
                moment = when if isinstance(when, datetime) else None
                rows[name].append(Row(None, moment, fields, place))
        return rows

    # --- values -----------------------------------------------------------------------------------

    def _fields(self, truths: Truths, owner: str) -> dict[str, object]:
        found: dict[str, object] = {}
        known = [t for t in dict.fromkeys(t for a in truths for t in _terms(a)) if truths[Known(t)]]
        for term in known:
            if isinstance(term, FieldOf) and term.owner == owner:
                found[term.name] = self._value(term, truths)
        for term in known:
            if isinstance(term, Applied) and term.function == "age":
                born = term.argument
                if isinstance(born, FieldOf) and born.owner == owner:
                    months = -12 * int(_number(term, truths))
                    found[born.name] = shift_months(self.setting.moment.today, months)
        return found

    def _value(self, term: FieldOf, truths: Truths) -> object:
        kind = term.type.kind
        match kind:
            case FieldType.TEXT:
                return _text(term, truths)
            case FieldType.BOOLEAN:
                return bool(truths.get(Is(term, True))) or truths.get(Is(term, False)) is False
            case FieldType.TEXT_LIST:
                listed = [a.key for a in truths if isinstance(a, Lists) and a.term == term]
                return tuple(key for key in listed if truths[Lists(term, key)]) or ("-",)
            case FieldType.DATE | FieldType.INSTANT:
                when = self._instant(term, truths)
                if kind is FieldType.INSTANT:
                    return from_microseconds(when)
                return local_date(when, self.setting.moment.zone)
            case _:
                return _plain(term.type, _number(term, truths))

    def _instant(self, term: Term, truths: Truths) -> int:
        reached = [
            self._place(c) for c, truth in _cuts(term, truths) if truth and isinstance(c, Mark)
        ]
        ahead = [
            self._place(c) for c, truth in _cuts(term, truths) if not truth and isinstance(c, Mark)
        ]
        if reached:
            return max(reached)
        return min(ahead, default=self.setting.moment.at) - 3_600_000_000

    def _place(self, mark: Mark) -> int:
        """Where a mark lies at the instant of the examples, in microseconds."""
        moment, position = self.setting.moment, mark.position
        today = moment.today
        if isinstance(position, datetime):
            if mark.kind == "date":
                return day_start(position.date(), moment.zone)
            return local_instant(position, moment.zone) + mark.after
        match mark.kind:
            case "elapsed":
                return moment.at + position * 1_000_000 + mark.after
            case "days":
                day = shift_days(today, position + 1)
            case "months":
                day = shift_days(shift_months(today, position), 1)
            case "week":
                passed = (
                    today.isoweekday() % 7 if moment.week_starts == "sunday" else today.weekday()
                )
                day = shift_days(today, 7 * position - passed)
            case "month":
                day = shift_months(today.replace(day=1), position)
            case "quarter":
                first = today.replace(month=today.month - (today.month - 1) % 3, day=1)
                day = shift_months(first, 3 * position)
            case _:
                day = shift_months(today.replace(month=1, day=1), 12 * position)
        return day_start(day, moment.zone) + mark.after


def _terms(atom: Atom) -> tuple[Term, ...]:
    return (
        (atom.term,) if isinstance(atom, Known | Reaches | Is | IsExactly | Matches | Lists) else ()
    )


def _model(theory: Theory, formulas: Sequence[Formula]) -> Truths | None:
    try:
        return theory.model(*formulas)
    except Undecided:
        return None


def _exactly(truths: Truths) -> Formula:
    return every(*(Holds(atom, truth) for atom, truth in truths.items()))


def _cuts(term: Term, truths: Truths) -> list[tuple[Cut | Mark, bool]]:
    return [
        (atom.cut, truth)
        for atom, truth in truths.items()
        if isinstance(atom, Reaches) and atom.term == term
    ]


def _number(term: Term, truths: Truths) -> Fraction:
    """A number on the right side of every cut."""
    cuts = [(cut, truth) for cut, truth in _cuts(term, truths) if isinstance(cut, Cut)]
    reached = max((cut for cut, truth in cuts if truth), default=None)
    ahead = min((cut for cut, truth in cuts if not truth), default=None)
    if reached is None:
        return Fraction(0) if ahead is None or ahead.value > 0 else ahead.value - 1
    if not reached.after:
        return reached.value
    return reached.value + 1 if ahead is None else (reached.value + ahead.value) / 2


def _plain(kind: ValueType, number: Fraction) -> object:
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


def _text(term: Term, truths: Truths) -> str:
    """A text that passes what it must; the rest is left to the check."""
    held = [atom for atom, truth in truths.items() if truth and _terms(atom) == (term,)]
    for atom in held:
        if isinstance(atom, IsExactly):
            return atom.text
    for atom in held:
        if isinstance(atom, Is) and isinstance(atom.value, str):
            return atom.value
    matches = [atom for atom in held if isinstance(atom, Matches)]
    order = {"starts_with": 0, "contains": 1, "like": 1, "ends_with": 2}
    parts = [m.pattern for m in sorted(matches, key=lambda match: order[match.operation])]
    return "".join(parts) or "-"


def _count_bounds(items: Items, totals: list[Total], truths: Truths) -> tuple[int, int | None]:
    """How many items there must be at least, and may be at most."""
    least, most = 0, None
    for total in totals:
        if total.items != items or total.function not in ("count", "distinct"):
            continue
        for cut, truth in _cuts(total, truths):
            if isinstance(cut, Cut):
                if truth:
                    least = max(least, ceil(cut.value))
                elif total.function == "count" and total.of is None:
                    below = ceil(cut.value) - 1
                    most = below if most is None else min(most, below)
    return least, most


def _amounts(total: Total, truths: Truths, count: int) -> Iterator[list[object]]:
    """Values for the items of a total that bring it to the right side of its cuts."""
    if not count or total.of is None or any(isinstance(c, Mark) for c, _ in _cuts(total, truths)):
        return
    kind = total.of.type
    if not kind.is_measured:
        if total.function == "distinct" and kind.kind is FieldType.TEXT:
            yield [f"{place}" for place in range(count)]
        return
    target = _number(total, truths)
    if total.function == "distinct":
        yield [_plain(kind, Fraction(place)) for place in range(count)]
    elif total.function == "sum":
        yield [_plain(kind, target), *[_plain(kind, Fraction(0))] * (count - 1)]
        yield [_plain(kind, target / count)] * count
    else:
        yield [_plain(kind, target)] * count
