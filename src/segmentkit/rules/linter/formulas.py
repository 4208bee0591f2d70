"""
What the linter reasons about: values, single claims about a value, and what joins claims.

A condition comes apart into atoms that are each true or false of a contact at an instant. Two
conditions speak of the same thing exactly where they share an atom; what else is known of atoms
together stands in `laws`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Literal, TypeAlias, assert_never

from attrs import frozen

from segmentkit.query import (
    INTEGER,
    AggregateFunction,
    ArithmeticOperator,
    Node,
    TextOperation,
    ValueType,
    Window,
)
from segmentkit.rules.linter.marks import Mark

# --- values -----------------------------------------------------------------------------------------


@frozen
class Constant:
    """A number (lengths of time in microseconds), a text, a truth or a mark; `raw` texts are ids."""

    value: Fraction | str | bool | Mark
    type: ValueType
    raw: bool = False


@frozen(cache_hash=True)
class FieldOf:
    """A field of the contact, or of the one item that a filter looks at."""

    owner: Literal["contact", "item"]
    name: str
    type: ValueType
    always_known: bool = False


@frozen(cache_hash=True)
class Items:
    """The items of a collection that pass a filter; keys and window are part of it."""

    collection: str
    filter: Formula


@frozen(cache_hash=True)
class Total:
    """An aggregate over items, of one of their fields; without a field it counts them."""

    function: AggregateFunction
    of: FieldOf | None
    transform: str | None
    items: Items
    type: ValueType


@frozen
class Applied:
    """A function of one value."""

    function: str
    argument: Term
    type: ValueType


@frozen
class Computed:
    """Two values and an operator between them."""

    operator: ArithmeticOperator
    left: Term | Constant
    right: Term | Constant
    type: ValueType


@frozen
class Negated:
    operand: Term
    type: ValueType


@frozen(cache_hash=True)
class Combined:
    """Several values, each times its factor, added up; the first factor is 1."""

    factors: tuple[tuple[Term, Fraction], ...]
    type: ValueType


Term: TypeAlias = FieldOf | Total | Applied | Computed | Negated | Combined

# --- atoms ------------------------------------------------------------------------------------------


@frozen(cache_hash=True)
class Known:
    """The value is not missing. Every other atom about a value says this too."""

    term: Term


@frozen(order=True)
class Cut:
    """A number, or what lies just after it."""

    value: Fraction
    after: bool = False


@frozen(cache_hash=True)
class Reaches:
    """The value is there, and at the cut or beyond it."""

    term: Term
    cut: Cut | Mark


@frozen(cache_hash=True)
class Is:
    """The value is this truth, or a text of this key."""

    term: Term
    value: str | bool


@frozen
class IsExactly:
    """The value is this text, character by character; so ids are compared."""

    term: Term
    text: str


@frozen(cache_hash=True)
class Matches:
    """A text contains, starts with, ends with, or is like a pattern; both as text keys."""

    term: Term
    operation: TextOperation
    pattern: str


@frozen
class Lists:
    """A list holds a text of this key."""

    term: Term
    key: str


@frozen
class Less:
    """Both values are there, and the left one is less."""

    left: Term
    right: Term


@frozen
class Same:
    """Both values are there and the same; `exactly`: as raw texts."""

    left: Term
    right: Term
    exactly: bool = False


@frozen
class IsUnder:
    """A key is that of a thing, or of one below it in its tree."""

    term: Term
    kind: str
    thing: str


@frozen
class IsNamedLike:
    """A name of the thing that a key is of passes a glob, as text keys."""

    term: Term
    kind: str
    pattern: str


@frozen(cache_hash=True)
class Link:
    """
    A step of a sequence.

    Attributes:
        items: those that take it, in the window of the sequence.
        negated: there must be none of them.
        alias: under which later steps speak of its item.
        within: microseconds after the item before it.
        beside: what more is asked of them, beside the items of other steps.
    """

    items: Items
    negated: bool = False
    alias: str | None = None
    within: int | None = None
    beside: tuple[Node, ...] = ()


@frozen(cache_hash=True)
class Chained:
    """
    Items take the steps, each strictly later than the one before.

    Attributes:
        links: the beginning first.
        window: in which all lie.
    """

    links: tuple[Link, ...]
    window: Window | None


@frozen
class LiesAhead:
    """A mark is at the run's instant or later. It speaks of the run, not of the contact."""

    mark: Mark


@frozen
class Unread:
    """
    A claim that the linter does not look into.

    Attributes:
        node: what claims it, without a negation of its own.
        about: the items whose totals it speaks of, where it does.
    """

    node: Node
    about: Items | None = None


Atom: TypeAlias = (
    Known
    | Reaches
    | Is
    | IsExactly
    | Matches
    | Lists
    | IsUnder
    | IsNamedLike
    | Less
    | Same
    | Chained
    | LiesAhead
    | Unread
)

# --- formulas ---------------------------------------------------------------------------------------


@frozen(cache_hash=True)
class Holds:
    """An atom, or that it does not hold."""

    atom: Atom
    truth: bool = True


@frozen(cache_hash=True)
class Every:
    parts: tuple[Formula, ...]


@frozen(cache_hash=True)
class Some:
    parts: tuple[Formula, ...]


Formula: TypeAlias = Holds | Every | Some

ALWAYS = Every(())
NEVER = Some(())


def every(*parts: Formula) -> Formula:
    """All of them."""
    flat = tuple(dict.fromkeys(_flat(Every, parts)))
    return flat[0] if len(flat) == 1 else Every(flat)


def some(*parts: Formula) -> Formula:
    """At least one of them."""
    flat = tuple(dict.fromkeys(_flat(Some, parts)))
    return flat[0] if len(flat) == 1 else Some(flat)


def _flat(kind: type[Every | Some], parts: Iterable[Formula]) -> Iterator[Formula]:
    for part in parts:
        if isinstance(part, kind):
            yield from part.parts
        else:
            yield part


def complement(formula: Formula) -> Formula:
    """What holds exactly where the formula does not."""
    match formula:
        case Holds(atom, truth):
            return Holds(atom, not truth)
        case Every(parts):
            return Some(tuple(complement(part) for part in parts))
        case Some(parts):
            return Every(tuple(complement(part) for part in parts))
        case _:
            assert_never(formula)


def holds(formula: Formula, truths: Mapping[Atom, bool]) -> bool:
    """Whether a formula holds under truths of its atoms; one that is not told does not hold."""
    match formula:
        case Holds(atom, truth):
            return truths.get(atom, False) is truth
        case Every(parts):
            return all(holds(part, truths) for part in parts)
        case Some(parts):
            return any(holds(part, truths) for part in parts)
        case _:
            assert_never(formula)


def atoms_of(formula: Formula) -> Iterator[Atom]:
    """Every atom of a formula, again for each place where it stands."""
    waiting: list[Formula] = [formula]
    while waiting:
        match waiting.pop():
            case Holds(atom):
                yield atom
            case Every(parts) | Some(parts):
                waiting += reversed(parts)


def terms_in(atom: Atom) -> tuple[Term, ...]:
    """The values that an atom speaks of."""
    match atom:
        case Less() | Same():
            return (atom.left, atom.right)
        case Chained() | LiesAhead() | Unread():
            return ()
        case (
            Known()
            | Reaches()
            | Is()
            | IsExactly()
            | Matches()
            | Lists()
            | IsUnder()
            | IsNamedLike()
        ):
            return (atom.term,)
        case _:
            assert_never(atom)


def parts_of(term: Term) -> Iterator[Term]:
    """A value and the values that it is made of."""
    yield term
    match term:
        case Applied(argument=operand) | Negated(operand=operand):
            yield from parts_of(operand)
        case Computed(left=left, right=right):
            for side in (left, right):
                if not isinstance(side, Constant):
                    yield from parts_of(side)
        case Combined(factors):
            for part, _ in factors:
                yield from parts_of(part)
        case FieldOf() | Total():
            return
        case _:
            assert_never(term)


def some_of(items: Items, least: int = 1) -> Reaches:
    """There is at least one item, or as many as are wanted."""
    return Reaches(Total("count", None, None, items, INTEGER), Cut(Fraction(least)))
