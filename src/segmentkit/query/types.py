"""
What kind of value an expression has, and which kinds may meet.

The checker and every engine ask here, so that a rule about types is written once.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attrs import evolve, field, frozen

from segmentkit.arguments import explain_other_types
from segmentkit.model import NUMERIC_TYPES, Collection, Field, FieldType, Schema
from segmentkit.query.ast import (
    Aggregate,
    AggregateFunction,
    ArithmeticOperator,
    ComparisonOperator,
    Path,
)
from segmentkit.text import text_key

EXACT_TYPES = NUMERIC_TYPES - {FieldType.FLOAT}
ORDERED_TYPES = NUMERIC_TYPES | {FieldType.DATE, FieldType.INSTANT, FieldType.DURATION}
TIME_TYPES = frozenset({FieldType.DATE, FieldType.INSTANT})


@frozen
class ValueType:
    """
    Attributes:
        kind: as of a field; a number without a currency is INTEGER, DECIMAL or FLOAT.
        currency: of MONEY.
        scale: engines hold an exact number as an integer times ten to the minus `scale` ...
        rational: ... unless it is a quotient, which they hold as a fraction.
        constant: a literal, which takes the currency and scale of what it meets.
    """

    kind: FieldType
    currency: str | None = None
    scale: int = 0
    rational: bool = False
    constant: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind in NUMERIC_TYPES

    @property
    def is_measured(self) -> bool:
        """A number or a duration: it has a scale, may be a quotient, and can be added up."""
        return self.is_number or self.kind is FieldType.DURATION

    @property
    def is_exact(self) -> bool:
        return self.kind in EXACT_TYPES


INTEGER = ValueType(FieldType.INTEGER)
BOOLEAN = ValueType(FieldType.BOOLEAN)
TEXT = ValueType(FieldType.TEXT)
DATE = ValueType(FieldType.DATE)
INSTANT = ValueType(FieldType.INSTANT)
DURATION = ValueType(FieldType.DURATION)
RATIO = ValueType(FieldType.DECIMAL, rational=True)
# What a host binds as a float; a number in a query is exact.
INEXACT = ValueType(FieldType.FLOAT, constant=True)


@explain_other_types
def type_of_field(declared: Field) -> ValueType:
    if declared.type in (FieldType.MONEY, FieldType.DECIMAL):
        return ValueType(declared.type, declared.currency, declared.scale)
    return ValueType(declared.type)


def comparable(operator: ComparisonOperator, left: ValueType, right: ValueType) -> bool:
    """Whether `left operator right` has a meaning; currencies are judged apart."""
    if left.is_number and right.is_number:
        return True
    if left.kind in TIME_TYPES and right.kind in TIME_TYPES:
        return True
    if left.kind is not right.kind or left.kind is FieldType.TEXT_LIST:
        return False
    return operator in ("=", "!=") or left.kind in ORDERED_TYPES


def meets_a_float(left: ValueType, right: ValueType) -> bool:
    """Whether a float that a host has bound meets what is exact."""
    sides = (left, right)
    return INEXACT in sides and any(side.is_exact and not side.constant for side in sides)


def common_currency(left: ValueType, right: ValueType) -> bool:
    """False when two amounts of different currencies meet."""
    both_money = left.kind is FieldType.MONEY and right.kind is FieldType.MONEY
    if not both_money or left.constant or right.constant:
        return True
    return left.currency == right.currency


@explain_other_types
def arithmetic_type(
    operator: ArithmeticOperator, left: ValueType, right: ValueType
) -> ValueType | None:
    """The type of `left operator right`, or None where it has no meaning."""
    kinds = {left.kind, right.kind}
    if FieldType.DURATION in kinds:
        return _duration_arithmetic(operator, left, right)
    if not (left.is_number and right.is_number):
        return None
    if FieldType.FLOAT in kinds:
        return ValueType(FieldType.FLOAT)
    rational = left.rational or right.rational or operator == "/"
    constant = left.constant and right.constant
    money = left.currency or right.currency
    if operator == "/":
        both_money = left.kind is FieldType.MONEY and right.kind is FieldType.MONEY
        if right.kind is FieldType.MONEY and not both_money:
            return None
        return RATIO if both_money else _number(money, 0, True, constant)
    if operator == "*":
        if left.kind is FieldType.MONEY and right.kind is FieldType.MONEY:
            return None
        return _number(money, 0 if rational else left.scale + right.scale, rational, constant)
    if (left.currency is None) != (right.currency is None) and not (
        left.constant or right.constant
    ):
        return None
    return _number(money, 0 if rational else max(left.scale, right.scale), rational, constant)


def _number(currency: str | None, scale: int, rational: bool, constant: bool) -> ValueType:
    """`5 + 5` is as constant as its parts, and so may stand beside any currency."""
    if currency is not None:
        return ValueType(FieldType.MONEY, currency, scale, rational, constant)
    kind = FieldType.DECIMAL if scale or rational else FieldType.INTEGER
    return ValueType(kind, None, scale, rational, constant)


def _duration_arithmetic(
    operator: ArithmeticOperator, left: ValueType, right: ValueType
) -> ValueType | None:
    """Durations add up, take a factor, and divide to a plain ratio."""
    rational = left.rational or right.rational
    if left.kind is right.kind:
        if operator in ("+", "-"):
            scale = 0 if rational else max(left.scale, right.scale)
            return evolve(DURATION, scale=scale, rational=rational)
        return RATIO if operator == "/" else None
    factor = right if left.kind is FieldType.DURATION else left
    if not factor.is_exact or factor.kind is FieldType.MONEY:
        return None
    if operator == "*":
        scale = 0 if rational else left.scale + right.scale
        return evolve(DURATION, scale=scale, rational=rational)
    if operator == "/" and factor is right:
        return evolve(DURATION, rational=True)
    return None


@explain_other_types
def is_of_items(node: Aggregate, collection: Collection) -> bool:
    """
    Whether an aggregate in `having` takes the items at hand, which are of a collection.

    `count()` and `sum(amount)` do; `sum(purchase.amount)` is of all purchases, and so is
    `count(purchase)`, unless the collection has a field of that name.

    Examples:
        >>> purchase = Collection("purchase", fields=[Field("amount", FieldType.DECIMAL)])
        >>> is_of_items(Aggregate("sum", ("amount",)), purchase)
        True
        >>> is_of_items(Aggregate("sum", ("purchase", "amount")), purchase)
        False
    """
    return not node.path or (
        len(node.path) == 1 and collection.find_field(node.path[0]) is not None
    )


@explain_other_types
def aggregate_type(function: AggregateFunction, item: ValueType | None) -> ValueType | None:
    """The type of an aggregate over items of type *item* (None: over whole items), or None."""
    if function in ("count", "distinct"):
        return INTEGER if function == "count" or item is not None else None
    if item is None or item.kind is FieldType.TEXT_LIST:
        return None
    if function in ("first", "last"):
        return item
    if function in ("min", "max"):
        return item if item.kind in ORDERED_TYPES else None
    if item.kind is FieldType.DURATION:
        return item if function == "sum" else evolve(DURATION, rational=True)
    if not item.is_number:
        return None
    if function == "sum" or item.kind is FieldType.FLOAT:
        return item
    return evolve(item, scale=0, rational=True) if item.currency else RATIO


@explain_other_types
def number_type(value: int | Decimal) -> ValueType:
    """The type of a literal number: exact, with the digits it was written with."""
    if isinstance(value, int):
        return ValueType(FieldType.INTEGER, constant=True)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return ValueType(FieldType.DECIMAL, scale=max(0, -exponent), constant=True)


@frozen
class Scope:
    """
    Where a name is looked up: on the contact, or on the items of one collection.

    Attributes:
        collection: inside `where` and `having`, whose fields bare names mean.
        aliases: names given with `as` to the activity and steps before this one.
        in_having: items are met through aggregates only.
    """

    schema: Schema
    collection: Collection | None = None
    aliases: Mapping[str, Collection] = field(factory=dict[str, Collection])
    in_having: bool = False

    def items_of(self, collection: Collection) -> Scope:
        return evolve(self, collection=collection, in_having=False)

    def totals_of(self, collection: Collection) -> Scope:
        return evolve(self, collection=collection, in_having=True)

    @explain_other_types
    def resolve(self, path: Path) -> tuple[Path, Field] | None:
        """
        The field that *path* means, with the path in canonical names; None when there is none.

        Examples:
            >>> from segmentkit.model import Schema
            >>> schema = Schema(fields=[Field("city", FieldType.TEXT, aliases=("城市",))])
            >>> Scope(schema).resolve(Path(("城市",)))[0].names
            ('city',)
        """
        names = path.names
        if len(names) == 1:
            if self.collection is None:
                found = self.schema.find_field(names[0])
            else:
                found = None if self.in_having else self.collection.find_field(names[0])
            return None if found is None else (_renamed(path, found.name), found)
        if len(names) != 2:
            return None
        owner, name = names
        aliased = self.aliases.get(owner)
        if aliased is not None:
            found = aliased.find_field(name)
            return None if found is None else (_renamed(path, owner, found.name), found)
        if text_key(owner) not in CONTACT_WORDS:
            return None
        found = self.schema.find_field(name)
        if found is None:
            return None
        if self.collection is None:
            return _renamed(path, found.name), found
        return _renamed(path, "contact", found.name), found


CONTACT_WORDS = frozenset({"contact", "联系人", "客户"})


def _renamed(path: Path, *names: str) -> Path:
    return Path(names, span=path.span)
