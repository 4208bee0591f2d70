"""
What a contact lacks: the fewest items, and the smallest sums, that would turn a no into a yes.

Counts and sums can be mended by more of the same; a contact who has too much, or is somebody else,
cannot. Every repair has been tried on the contact before it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from attrs import field, frozen

from segmentkit.engines.showing import on_the_clock, show_number
from segmentkit.model import Collection, Field, FieldType, Schema
from segmentkit.query import (
    Activity,
    Aggregate,
    Condition,
    Language,
    format,  # noqa: A004 - the language's word for it
)
from segmentkit.text import plural

Amount: TypeAlias = int | Decimal | timedelta

# More digits than any number of the language has.
_EXACT = Context(prec=1_000)


@frozen
class Need:
    """
    Items of one kind that are lacking.

    Attributes:
        collection: of which.
        count: how many more.
        where: what each of them has to pass.
        totals: field name to what they have to add up to, at least.
        example: values by field name that pass `where`.
    """

    collection: str
    count: int
    where: Condition | None = None
    totals: Mapping[str, Amount] = field(factory=dict[str, Amount], hash=False)
    example: Mapping[str, object] = field(factory=dict[str, object], hash=False, repr=False)

    def rows(self) -> Iterator[Mapping[str, object]]:
        """Values of items that meet the need; the first one makes up the totals."""
        for number in range(self.count):
            values = dict(self.example)
            for name, total in self.totals.items():
                each = values.get(name, type(total)())
                assert isinstance(each, int | Decimal | timedelta)
                # The rest lies on the first item, which never has less than the others.
                rest: Any = _rest(total, each, self.count - 1)
                values[name] = max(each, rest) if number == 0 else each
            yield values


@frozen
class Repair:
    """
    The smallest addition that would make a contact match.

    Attributes:
        needs: items that are lacking, of one kind each.
        by: from this instant on, in UTC, the same addition comes too late: something that the
            contact has counts no more, or a date that the condition names has come. None where
            neither will happen within a year.
    """

    needs: tuple[Need, ...]
    by: datetime | None = None
    _zone: tzinfo | None = field(default=None, eq=False, repr=False, alias="zone")
    _schema: Schema | None = field(default=None, eq=False, repr=False, alias="schema")

    def text(self, lang: Language = "en") -> str:
        """
        What is lacking, in one line.

        Examples:
            >>> print(Repair((Need("purchase", 2),)))
            purchase 2 more times
        """
        joint = ";" if lang == "zh" else "; "
        return joint.join(self._need(need, lang) for need in self.needs) + self._deadline(lang)

    def __str__(self) -> str:
        return self.text()

    def _need(self, need: Need, lang: Language) -> str:
        totals = [self._total(need.collection, *total, lang) for total in need.totals.items()]
        return ("," if lang == "zh" else ", ").join([self._items(need, lang), *totals])

    def _items(self, need: Need, lang: Language) -> str:
        """How many more of what: a deed is done so many times, of things there are so many."""
        # An activity prints names and filter in the language; its verb is left out.
        named = format(Activity("did", need.collection), lang, schema=self._schema)
        said = format(Activity("did", need.collection, where=need.where), lang, schema=self._schema)
        filtered = said.removeprefix(named)
        name, count = named.partition(" ")[2], need.count
        declared = None if self._schema is None else self._schema.find_collection(need.collection)
        is_deed = declared is None or declared.verb == "did"
        if lang == "zh":
            apart = f" {name}" if name.isascii() else name
            counted = f"再{apart} {count} 次" if is_deed else f"再有 {count} 个{apart}"
            return counted + filtered
        if is_deed:
            return f"{name} {count} more {'time' if count == 1 else 'times'}{filtered}"
        return f"{count} more {name if count == 1 else plural(name)}{filtered}"

    def _total(self, collection: str, name: str, total: Amount, lang: Language) -> str:
        summed = format(Aggregate("sum", (collection, name)), lang, schema=self._schema)
        return f"{summed} + {_amount(total, self._declared(collection, name))}"

    def _declared(self, collection: str, name: str) -> Field | None:
        found: Collection | None = None
        if self._schema is not None:
            found = self._schema.find_collection(collection)
        return None if found is None else found.find_field(name)

    def _deadline(self, lang: Language) -> str:
        if self.by is None:
            return ""
        last = on_the_clock(self.by - timedelta(microseconds=1), self._zone)
        following = on_the_clock(self.by, self._zone)
        if last.date() < following.date():
            when = last.date().isoformat()
            return f",不晚于 {when}" if lang == "zh" else f", by {when}"
        when = f"{following.date().isoformat()} {following:%H:%M}"
        return f",早于 {when}" if lang == "zh" else f", before {when}"


def _rest(total: Amount, each: Amount, times: int) -> Amount:
    """What is left of a total, exactly, whatever precision the host's decimals have."""
    if isinstance(total, timedelta) or isinstance(each, timedelta):
        assert isinstance(total, timedelta)
        assert isinstance(each, timedelta)
        return total - each * times
    if isinstance(total, int) and isinstance(each, int):
        return total - each * times
    return _EXACT.subtract(Decimal(total), _EXACT.multiply(Decimal(each), times))


def _amount(total: Amount, declared: Field | None) -> str:
    if declared is not None and declared.type in (FieldType.MONEY, FieldType.DECIMAL):
        return f"{total:.{declared.scale}f}"
    if isinstance(total, timedelta):
        return show_number(Fraction(total // timedelta(microseconds=1), 1_000_000)) + " s"
    return str(total)
