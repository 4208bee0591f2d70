"""What the descriptions of both languages share: whose names are meant, and small turns of a tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from attrs import evolve, field, frozen

from segmentkit.model import Schema
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Node, Value
from segmentkit.query.functions import find_function
from segmentkit.query.literals import print_number
from segmentkit.query.types import CONTACT_WORDS
from segmentkit.text import text_key

_CHINESE = re.compile("[\u3400-\u9fff]")

_FLIPPED: Mapping[ast.ComparisonOperator, ast.ComparisonOperator] = {
    "=": "=",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_FREQUENCIES: Mapping[ast.ComparisonOperator, ast.FrequencyKind] = {
    "=": "exactly",
    "<": "fewer_than",
    "<=": "at_most",
    ">": "more_than",
    ">=": "at_least",
}
LITERALS = (
    ast.Number, ast.Text, ast.Truth, ast.Date, ast.LocalTime, ast.Duration, ast.Ago, ast.Parameter,
    ast.Reference,
)  # fmt: skip
TIMES = (ast.Date, ast.LocalTime, ast.Ago)


@frozen
class Speaker:
    """
    Of whom a part of the sentence speaks.

    Attributes:
        level: of the customer; of one item (`where`); of the totals of items (`having`).
        collection: of the items.
        aliases: steps with a name, and their collections.
    """

    level: Literal["customer", "item", "totals"] = "customer"
    collection: str = ""
    aliases: Mapping[str, str] = field(factory=dict[str, str])

    def item_of(self, collection: str) -> Speaker:
        return evolve(self, level="item", collection=collection)

    def totals_of(self, collection: str) -> Speaker:
        return evolve(self, level="totals", collection=collection)

    def knowing(self, alias: str | None, collection: str) -> Speaker:
        return self if alias is None else evolve(self, aliases={**self.aliases, alias: collection})


CUSTOMER = Speaker()


@frozen
class Labels:
    """The names of a schema as one language shows them."""

    schema: Schema
    chinese: bool

    def collection(self, name: str) -> str:
        found = self.schema.find_collection(name)
        return self._shown(name, () if found is None else (found.name, *found.aliases))

    def field(self, name: str, collection: str) -> str:
        """The field *name* of a contact, or of the items of *collection* if that is not empty."""
        owner = self.schema.find_collection(collection) if collection else self.schema
        found = None if owner is None else owner.find_field(name)
        return self._shown(name, () if found is None else (found.name, *found.aliases))

    def is_event(self, collection: str) -> bool:
        """Something that happens, as far as is known, and not a thing that one has or is in."""
        found = self.schema.find_collection(collection)
        return found is None or found.verb == "did"

    def verb_of(self, node: ast.Activity) -> ast.Verb:
        """The verb that fits the collection, whatever was written."""
        found = self.schema.find_collection(node.collection)
        return node.verb if found is None else found.verb

    def is_time_of(self, collection: str, name: str) -> bool:
        found = self.schema.find_collection(collection)
        declared = None if found is None else found.find_field(name)
        return (
            name == "time"
            if found is None
            else declared is not None and declared.name == found.time
        )

    def _shown(self, name: str, names: tuple[str, ...]) -> str:
        """The first name in the wanted script; an English name has blanks where code has none."""
        for known in (name, *names) if self.chinese else names:
            if is_chinese(known) == self.chinese:
                name = known
                break
        return name if self.chinese else name.replace("_", " ")


def is_chinese(text: str) -> bool:
    return _CHINESE.search(text) is not None


def owner_and_name(node: ast.Path) -> tuple[str, str]:
    """`sku` of step `c`, `city` of `contact`; no owner in front is ""."""
    return ".".join(node.names[:-1]), node.names[-1]


def is_contact(owner: str) -> bool:
    return text_key(owner) in CONTACT_WORDS


def collection_of(path: tuple[str, ...], speaker: Speaker) -> tuple[str, str | None]:
    """Whose items an aggregate takes, and which field of them."""
    if speaker.level == "totals" and len(path) < 2:
        return speaker.collection, path[0] if path else None
    return (path[0] if path else ""), (path[1] if len(path) > 1 else None)


def turned(node: ast.Compare) -> ast.Compare:
    """`18 <= age` said as `age >= 18`."""
    if isinstance(node.left, LITERALS) and not isinstance(node.right, LITERALS):
        operator = _FLIPPED[node.operator]
        return evolve(node, operator=operator, left=node.right, right=node.left)
    return node


def as_activity(node: ast.Compare, speaker: Speaker, labels: Labels) -> ast.Activity | None:
    """`count(purchase in last 30 days) >= 3` is a statement of how often, if it is that plain."""
    said = turned(node)
    kind = _FREQUENCIES.get(said.operator)
    counted = said.left
    if (
        kind is None
        or not isinstance(counted, ast.Aggregate)
        or counted.function != "count"
        or len(counted.path) != 1
        or not isinstance(said.right, ast.Number | ast.Parameter)
        or speaker.level != "customer"
    ):
        return None
    found = labels.schema.find_collection(counted.path[0])
    return ast.Activity(
        "did" if found is None else found.verb,
        counted.path[0],
        where=counted.where,
        frequency=ast.Frequency(kind, said.right),
        window=counted.window,
    )


def hoisted(node: ast.Activity) -> ast.Activity:
    """`having (count() >= 3 and ...)` said as `at least 3 times having (...)`, where it is free."""
    if node.frequency is not None or node.having is None or node.steps or node.negated:
        return node
    items = conjuncts(node.having)
    for number, item in enumerate(items):
        if not isinstance(item, ast.Compare):
            continue
        said = turned(item)
        kind = _FREQUENCIES.get(said.operator)
        plain = ast.Aggregate("count")
        if kind and said.left == plain and isinstance(said.right, ast.Number | ast.Parameter):
            rest = items[:number] + items[number + 1 :]
            having = None if not rest else rest[0] if len(rest) == 1 else ast.And(rest)
            return evolve(node, frequency=ast.Frequency(kind, said.right), having=having)
    return node


def conjuncts(node: Condition) -> tuple[Condition, ...]:
    return node.items if isinstance(node, ast.And) else (node,)


def is_share(node: Node) -> bool:
    """A quotient, which is compared with percentages."""
    return isinstance(node, ast.Arithmetic) and node.operator == "/"


def of_birthday(node: ast.Call) -> str | None:
    """The function in `age(birthday)` and `anniversary(birthday)`: simply the age, the birthday."""
    match node.arguments:
        case (ast.Path(names),) if "birthday" in names[-1] or "生日" in names[-1]:
            found = find_function(node.function)
            return None if found is None else found.name
        case _:
            return None


def has_parts(node: Condition) -> bool:
    """Whether its sentence has an `and` of its own, which brackets must hold together."""
    if isinstance(node, ast.Activity):
        return not node.negated and (node.having is not None or bool(node.steps))
    return isinstance(node, ast.And | ast.Or)


def counts_periods(node: ast.Aggregate, field: str, collection: str, labels: Labels) -> bool:
    """`distinct(date(purchase.time))`: the days on which something happened, and the like."""
    return (
        node.function == "distinct"
        and labels.is_event(collection)
        and labels.is_time_of(collection, field)
    )


def percent(value: Value) -> str | None:
    """`0.6` as `60%`, for what is compared with a share."""
    if not isinstance(value, ast.Number) or not 0 < value.value <= 1:
        return None
    hundredfold = ast.Number(value.value * 100)
    return f"{print_number(hundredfold.value)}%"
