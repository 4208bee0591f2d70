"""
Made-up contacts that meet some conditions and not others: proof that there can be such a contact.

They are put together from the truths that a theory found, simply, and then asked; what the
interpreter does not confirm is no proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from fractions import Fraction

from segmentkit.engines import Interpreter, Setting, Subject, SubjectReader
from segmentkit.errors import SegmentkitError
from segmentkit.model import SYSTEM, FieldType
from segmentkit.query import Condition
from segmentkit.rules.linter.formulas import Chained, Cut, FieldOf, Is, IsExactly, Reaches, Total
from segmentkit.rules.linter.logic import Logic, Truths
from segmentkit.rules.linter.making_amounts import Amount, Basket, amounts
from segmentkit.rules.linter.making_items import baskets
from segmentkit.rules.linter.making_values import Values, cuts_of, number_beside, plain
from segmentkit.stores import Row


class Examples:
    """Makes contacts for one run."""

    def __init__(self, setting: Setting, logic: Logic) -> None:
        self.setting = setting
        self._logic = logic
        self._values = Values(setting, logic.work)
        self._interpreter = Interpreter(setting)
        self._tests: dict[Condition, Callable[[Subject], bool] | None] = {}

    def find(self, truths: Truths, wanted: Mapping[Condition, bool]) -> Subject | None:
        """
        A contact of whom each condition says what is wanted; None where none could be made up.

        Args:
            truths: what the contact is made of, at the instant of the run.
            wanted: bound conditions.
        """
        tests = [(self._test(condition), truth) for condition, truth in wanted.items()]
        collections = self._interpreter.collections
        reader = SubjectReader(self.setting.schema, collections, SYSTEM, self.setting.moment)
        for made in baskets(truths, self._logic):
            fields = self._values.fields("contact", truths)
            found = amounts(truths, made) or {}
            for amount, number in found.items():
                if isinstance(amount, FieldOf) and amount.name in fields:
                    fields[amount.name] = plain(amount.type, number)
            subject = reader.subject("example", fields, self._rows(truths, made, found))
            if all(test is not None and test(subject) is truth for test, truth in tests):
                return subject
        return None

    def _test(self, condition: Condition) -> Callable[[Subject], bool] | None:
        """None where nobody can be asked: an open parameter, a segment that is not here."""
        if condition not in self._tests:
            try:
                self._tests[condition] = self._interpreter.compile(condition)
            except SegmentkitError:
                self._tests[condition] = None
        return self._tests[condition]

    def _rows(
        self,
        truths: Truths,
        made: Mapping[str, Basket],
        found: Mapping[Amount, Fraction],
    ) -> dict[str, list[Row]]:
        items: dict[str, list[dict[str, object]]] = {}
        for name, basket in made.items():
            items[name] = [self._values.fields("item", said) for said in basket.items]
            for amount, number in found.items():
                if not isinstance(amount, FieldOf) and amount[0] == name:
                    _, place, of = amount
                    items[name][place][of.name] = plain(of.type, number)
            self._tell_apart(truths, basket, items[name])
        self._one_after_another(truths, made, items)
        return {name: list(self._as_rows(name, values)) for name, values in items.items()}

    def _one_after_another(
        self,
        truths: Truths,
        made: Mapping[str, Basket],
        items: Mapping[str, list[dict[str, object]]],
    ) -> None:
        """Each step of a sequence is later than the one before."""
        chains = [atom for atom, truth in truths.items() if truth and isinstance(atom, Chained)]
        for number, chain in enumerate(chains):
            left = {name: list(basket.chains[number]) for name, basket in made.items()}
            before: datetime | None = None
            for link in chain.links:
                name = link.items.collection
                timed_by = self.setting.schema.collection(name).time
                if link.negated or not left.get(name) or timed_by is None:
                    continue
                values = items[name][left[name].pop(0)]
                when = values.get(timed_by)
                if isinstance(when, datetime):
                    before = when if before is None else max(when, before + timedelta(seconds=1))
                    values[timed_by] = before

    def _tell_apart(self, truths: Truths, basket: Basket, items: list[dict[str, object]]) -> None:
        """As many different values as are wanted, where items leave them open."""
        for total in dict.fromkeys(a.term for a in truths if isinstance(a, Reaches)):
            if not isinstance(total, Total) or total.function != "distinct" or total.of is None:
                continue
            inside = basket.inside(total.items)
            wanted = int(number_beside(cuts_of(total, truths)))
            for count, place in enumerate(inside[: max(wanted, 1)]):
                items[place][total.of.name] = _another(
                    count, total.of, basket.items[place], items[place].get(total.of.name)
                )
            for place in inside[max(wanted, 1) :]:
                first = items[inside[0]].get(total.of.name)
                if first is not None and total.of.type.kind is FieldType.TEXT:
                    items[place][total.of.name] = first

    def _as_rows(self, name: str, items: list[dict[str, object]]) -> Iterator[Row]:
        timed_by = self.setting.schema.collection(name).time
        for place, values in enumerate(items):
            when = values.get(timed_by) if timed_by else None
            fields = {key: value for key, value in values.items() if key != timed_by}
            yield Row(None, when if isinstance(when, datetime) else None, fields, place)


def _another(count: int, of: FieldOf, said: Truths, value: object) -> object:
    """One of several values of which the same claims hold; the first is the one that there is."""
    if not count:
        return value if value is not None else _another(1, of, said, "")
    if isinstance(value, datetime):
        for moved in (value - timedelta(days=count), value + timedelta(days=count)):
            if all(_is_beside(moved, cut, truth) for cut, truth in cuts_of(of, said)):
                return moved
        return value
    if of.type.kind is not FieldType.TEXT:
        return value
    if any(
        truth and isinstance(atom, Is | IsExactly) and atom.term == of
        for atom, truth in said.items()
    ):
        return value
    return f"{count}"


def _is_beside(when: datetime, cut: Cut, truth: bool) -> bool:
    return (Fraction(round(when.timestamp() * 1_000_000)) >= cut.value) is truth
