"""Families of rules that cut one measure into bands: high, middle and low frequency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import DuplicateNameError, InvalidValueError, WrongTypeError
from segmentkit.query import Aggregate, Arithmetic, Condition, Negative, Number, Value, builder
from segmentkit.rules.ports import RuleStore
from segmentkit.rules.rule import Mode, Rule
from segmentkit.rules.templates.quantities import is_less, refuse_endless
from segmentkit.text import text_key

Start: TypeAlias = int | float | Decimal | timedelta | date

# A total over no items at all is 0, so these have a value for everyone.
_NEVER_MISSING = ("count", "sum", "distinct")


@frozen
class Bands:
    """
    Rules of which everyone meets at most one.

    Attributes:
        measure: what is cut.
        rules: one for each band, from the lowest to the highest.
        gap: who is in no band; None where the bands take in everyone.
    """

    measure: Value
    rules: tuple[Rule, ...]
    gap: Condition | None

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    @refuse_other_types
    def resolved(self, store: RuleStore) -> tuple[Rule, ...]:
        """
        The rules as they should be stored, each as `Rule.resolved` gives it.

        Raises:
            DuplicateNameError: two bands mean one tag, say by its id and by its name.
            QueryError, UnknownNameError, InvalidValueError: as `bind_rule`.
        """
        resolved = tuple(rule.resolved(store) for rule in self.rules)
        given = [rule.tag for rule in self.rules]
        _refuse_one_tag_twice(given, [rule.tag for rule in resolved])
        return resolved


@refuse_other_types
def bands(
    measure: builder.Expression, starts: Mapping[str, Start | None], *, mode: Mode = "sync"
) -> Bands:
    """
    One rule for each band of a measure: it begins at its start and ends where the next one begins.

    Nobody is in two bands, and between the first start and infinity nobody is in none. Who is below
    the first start, or has no value at all, is the `gap`.

    Args:
        measure: a field, a total or what is computed from them.
        starts: tag to where its band begins, rising; None for the first begins below everything.
        mode: only "sync". A rule that adds and never lets go would leave the lower tag on whoever
            moves up, who then had two.

    Raises:
        InvalidValueError: no bands, starts that do not rise, a mode that does not let go.
        WrongTypeError: a measure that is no value, starts of different kinds.
        DuplicateNameError: two bands of one tag, spelt in two ways.

    Examples:
        >>> from segmentkit.query import format
        >>> from segmentkit.query.builder import count
        >>> family = bands(
        ...     count("purchase").last(days=90),
        ...     {"频次/低频购买": 1, "频次/中频购买": 3, "频次/高频购买": 6},
        ... )
        >>> for rule in family:
        ...     print(rule.tag, format(rule.condition), sep=": ")
        频次/低频购买: count(purchase in last 90 days) between 1 and 2
        频次/中频购买: count(purchase in last 90 days) between 3 and 5
        频次/高频购买: count(purchase in last 90 days) >= 6
        >>> format(family.gap)
        'count(purchase in last 90 days) < 1'
    """
    if mode != "sync":
        remedy = "Give 'sync': bands exclude each other only where rules let go"
        raise InvalidValueError(mode, "mode of bands", remedy)
    if not starts:
        raise InvalidValueError({}, "bands", "Give at least one tag and its start")
    for tag, start in starts.items():
        _refuse_odd_start(measure.value, start, f"start of band {tag!r}")
    tags, lows = list(starts), list(starts.values())
    _refuse_disorder(starts)
    _refuse_one_tag_twice(tags, [_path_key(tag) for tag in tags])
    rules = tuple(
        Rule(tag=tag, when=_between(measure, low, below), mode=mode)
        for tag, low, below in zip(tags, lows, [*lows[1:], None], strict=True)
    )
    return Bands(measure.value, rules, _gap(measure, lows[0]))


def _refuse_odd_start(measure: Value, start: Start | None, place: str) -> None:
    if _is_whole(measure) and isinstance(start, date | timedelta):
        raise WrongTypeError(start, place, "Give a number")
    refuse_endless(start, place)


def _refuse_one_tag_twice(tags: Sequence[str], meant: Sequence[str]) -> None:
    first: dict[str, str] = {}
    for tag, meaning in zip(tags, meant, strict=True):
        if meaning in first:
            remedy = f"It is the tag of band {first[meaning]!r}; give each band its own"
            raise DuplicateNameError(tag, "tags of bands", remedy)
        first[meaning] = tag


def _path_key(tag: str) -> str:
    """The spelling under which two `group/tag` paths are one."""
    return "/".join(map(text_key, tag.split("/")))


def _refuse_disorder(starts: Mapping[str, Start | None]) -> None:
    tags = list(starts)
    for tag in tags[1:]:
        if starts[tag] is None:
            raise InvalidValueError(None, f"start of band {tag!r}", "Only the first may have none")
    given = [(tag, start) for tag, start in starts.items() if start is not None]
    for (_, low), (tag, high) in pairwise(given):
        place = f"start of band {tag!r}"
        if is_less(high, low, place) or high == low:
            raise InvalidValueError(high, place, f"It must be above {low!r}")


def _between(measure: builder.Expression, low: Start | None, below: Start | None) -> Condition:
    if low is None and below is None:
        # One band alone without a start takes in whoever has a value.
        return measure.is_known().condition
    if below is None:
        return (measure >= low).condition
    if low is None:
        return (measure < below).condition
    if _is_whole(measure.value) and isinstance(low, int) and isinstance(below, int):
        # Whole numbers are told apart by their last one, as people say it.
        exact = low + 1 == below
        return (measure == low if exact else measure.between(low, below - 1)).condition
    return ((measure >= low) & (measure < below)).condition


def _gap(measure: builder.Expression, first: Start | None) -> Condition | None:
    may_miss = not _always_known(measure.value)
    if first is None:
        return measure.is_missing().condition if may_miss else None
    lower = measure < first
    return ((lower | measure.is_missing()) if may_miss else lower).condition


def _is_whole(value: Value) -> bool:
    return isinstance(value, Aggregate) and value.function in ("count", "distinct")


def _always_known(value: Value) -> bool:
    match value:
        case Aggregate(function=function):
            return function in _NEVER_MISSING
        case Number():
            return True
        case Negative(operand=operand):
            return _always_known(operand)
        case Arithmetic(operator=operator, left=left, right=right):
            # x / 0 is missing.
            return operator != "/" and _always_known(left) and _always_known(right)
        case _:
            return False
