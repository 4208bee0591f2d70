"""What an edit changed in a condition: the smallest clauses that differ, each to be done alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model import Schema
from segmentkit.query import (
    Activity,
    And,
    Between,
    Compare,
    Condition,
    InList,
    InWindow,
    IsMissing,
    Language,
    Not,
    Or,
    TextMatch,
    Truth,
    builder,
    format,  # noqa: A004
)


@frozen
class Edit:
    """
    One clause that differs.

    A clause of an activity (its window, how often, its keys) is given as the activity with that
    clause alone.

    Attributes:
        old: the clause as it was; None where it was added.
        new: the clause as it is; None where it was taken out.
    """

    old: Condition | None
    new: Condition | None

    @refuse_other_types
    def text(self, lang: Language = "en", *, schema: Schema | None = None) -> str:
        """
        What was written and what is.

        Examples:
            >>> from segmentkit.query import parse
            >>> Edit(parse("age > 30"), parse("age > 20")).text()
            'age > 30 → age > 20'
            >>> Edit(None, parse("did purchase")).text("zh")
            '增加 做过 purchase'
        """
        words = {"en": ("added", "removed"), "zh": ("增加", "删除")}[lang]
        old, new = (
            None if clause is None else format(clause, lang, schema=schema)
            for clause in (self.old, self.new)
        )
        if old is None:
            return f"{words[0]} {new}"
        return f"{words[1]} {old}" if new is None else f"{old} → {new}"

    def __str__(self) -> str:
        return self.text()


@frozen
class Difference:
    """
    Two conditions, and what leads from the one to the other.

    Attributes:
        edits: the clauses that differ.
        apply: the old condition with some of the edits done, given by their places in `edits`;
            with none it says what the old one says, with all what the new one does.
    """

    edits: tuple[Edit, ...]
    apply: Callable[[Collection[int]], Condition]


_Build: TypeAlias = Callable[[Collection[int]], Condition | None]


def difference(old: Condition, new: Condition) -> Difference:
    """
    The smallest clauses in which two conditions differ.

    Examples:
        >>> from segmentkit.query import parse
        >>> old = parse("city = '福州' and did purchase at least 3 times in last 30 days")
        >>> new = parse("city = '厦门' and did purchase at least 2 times in last 30 days")
        >>> both = difference(old, new)
        >>> for edit in both.edits:
        ...     print(edit)
        city = '福州' → city = '厦门'
        did purchase at least 3 times → did purchase at least 2 times
        >>> format(both.apply({1}))
        "city = '福州' and did purchase at least 2 times in last 30 days"
    """
    edits: list[Edit] = []
    build = _merged(old, new, edits)
    return Difference(tuple(edits), lambda chosen: build(chosen) or Truth(True))


def _merged(old: Condition, new: Condition, edits: list[Edit]) -> _Build:
    """What builds either condition, or one between; the edits are added to *edits*."""
    if old == new:
        return lambda chosen: old
    kind = _joint(old, new)
    if kind is not None:
        return _merged_items(kind, old, new, edits)
    if isinstance(old, Not) and isinstance(new, Not):
        inner = _merged(old.operand, new.operand, edits)
        return lambda chosen: Not(inner(chosen) or Truth(True))
    if isinstance(old, Activity) and isinstance(new, Activity) and _comparable(old, new):
        return _merged_activity(old, new, edits)
    return _choice(Edit(old, new), old, new, edits)


def _choice(edit: Edit, old: Condition | None, new: Condition | None, edits: list[Edit]) -> _Build:
    number = len(edits)
    edits.append(edit)
    return lambda chosen: new if number in chosen else old


# --- clauses joined by `and` and `or` -------------------------------------------------------------


def _joint(old: Condition, new: Condition) -> type[And | Or] | None:
    """By which word clauses were joined before or are now; None where no one word tells."""
    for kind in (And, Or):
        if isinstance(old, kind) and isinstance(new, kind):
            return kind
    for kind in (And, Or):
        for joined, other in ((new, old), (old, new)):
            if isinstance(joined, kind) and other in joined.items:
                return kind
    if isinstance(old, And | Or) and not isinstance(new, And | Or):
        return type(old)
    if isinstance(new, And | Or) and not isinstance(old, And | Or):
        return type(new)
    return None


def _merged_items(
    kind: type[And | Or], old: Condition, new: Condition, edits: list[Edit]
) -> _Build:
    parts = [
        _merged(before, after, edits)
        if before is not None and after is not None
        else _choice(Edit(before, after), before, after, edits)
        for before, after in _aligned(_items(kind, old), _items(kind, new))
    ]
    join = builder.all_of if kind is And else builder.any_of

    def build(chosen: Collection[int]) -> Condition:
        built = [part(chosen) for part in parts]
        present = [condition for condition in built if condition is not None]
        return join(present).condition if present else Truth(kind is And)

    return build


def _items(kind: type[And | Or], condition: Condition) -> list[Condition]:
    return list(condition.items) if isinstance(condition, kind) else [condition]


def _aligned(
    old: Sequence[Condition], new: Sequence[Condition]
) -> list[tuple[Condition | None, Condition | None]]:
    """Clauses side by side: equal ones, then those about the same thing, then the rest alone."""
    partner: dict[int, int] = {}  # place in the old one to place in the new
    free = list(range(len(new)))
    for key in (_itself, _about):
        for place, clause in enumerate(old):
            if place in partner:
                continue
            found = next((other for other in free if key(new[other]) == key(clause)), None)
            if found is not None:
                partner[place] = found
                free.remove(found)
    before = [
        (clause, new[partner[place]] if place in partner else None)
        for place, clause in enumerate(old)
    ]
    return [*before, *((None, new[place]) for place in free)]


def _itself(condition: Condition) -> object:
    return condition


def _about(condition: Condition) -> object:
    """What a clause speaks of: one that speaks of the same was edited, not replaced."""
    match condition:
        case Activity(verb=verb, collection=collection):
            return verb, collection
        case Compare(left=left) | Between(left=left) | InList(left=left):
            return left
        case TextMatch(left=left) | InWindow(left=left) | IsMissing(operand=left):
            return left
        case Not(operand):
            return "not", _about(operand)
        case And() | Or():
            return type(condition)
        case _:
            return condition


# --- clauses of an activity -------------------------------------------------------------------------


def _comparable(old: Activity, new: Activity) -> bool:
    """Whether two activities differ in clauses that can be told apart."""
    return (old.verb, old.collection, old.alias, old.steps) == (
        new.verb,
        new.collection,
        new.alias,
        new.steps,
    )


def _merged_activity(old: Activity, new: Activity, edits: list[Edit]) -> _Build:
    bare = Activity(old.verb, old.collection)
    # A clause is one field, or two that only make sense together.
    clauses = (("negated",), ("quantifier", "keys"), ("frequency",), ("window",))
    chosen_fields: list[tuple[int, dict[str, object]]] = []
    for names in clauses:
        before = {name: getattr(old, name) for name in names}
        after = {name: getattr(new, name) for name in names}
        if before != after:
            chosen_fields.append((len(edits), after))
            edits.append(Edit(evolve(bare, **before), evolve(bare, **after)))
    inner: dict[str, _Build] = {}
    for name in ("where", "having"):
        before, after = getattr(old, name), getattr(new, name)
        if before is not None and after is not None:
            inner[name] = _merged(before, after, edits)
        elif before != after:
            edit = Edit(evolve(bare, **{name: before}), evolve(bare, **{name: after}))
            inner[name] = _choice(edit, before, after, edits)

    def build(chosen: Collection[int]) -> Condition:
        built = evolve(old, **{name: part(chosen) for name, part in inner.items()})
        for number, fields in chosen_fields:
            if number in chosen:
                built = evolve(built, **fields)
        return built

    return build
