"""Values and windows of time in English."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import assert_never

from segmentkit.model import Schema
from segmentkit.query import ast
from segmentkit.query.ast import Condition, Value, Window
from segmentkit.query.describing.english_words import (
    COMPUTED,
    FUNCTIONS,
    PERIODS,
    TOTALS,
    action,
    length,
    listed,
    quoted,
)
from segmentkit.query.describing.names import (
    CUSTOMER,
    Labels,
    Speaker,
    collection_of,
    counts_periods,
    is_contact,
    of_birthday,
    owner_and_name,
)
from segmentkit.query.literals import print_date, print_number
from segmentkit.text import plural


class EnglishValues(ABC):
    """Writes values; the conditions that stand in them are written by `clause`."""

    def __init__(self, schema: Schema) -> None:
        self.labels = Labels(schema, chinese=False)

    @abstractmethod
    def clause(self, node: Condition, speaker: Speaker, negated: bool = False) -> str:
        """A condition."""

    def action(self, collection: str, *, past: bool = False) -> str:
        return action(self.labels.collection(collection), past=past)

    # --- windows --------------------------------------------------------------------------------

    def window(self, node: Window) -> str:
        """When something happened."""
        match node:
            case ast.Rolling(direction, ast.Duration(count, unit)):
                length = unit if count == 1 else f"{count} {unit}s"
                if direction == "previous":
                    return f"in the {length} before today"
                return f"in the {direction} {length}"
            case ast.Calendar(which, "day"):
                return "today" if which == "this" else "yesterday"
            case ast.Calendar(which, unit):
                return f"this {unit}" if which == "this" else f"in the previous {unit}"
            case ast.Since(point):
                return f"since {self.value(point, CUSTOMER)}"
            case ast.Before(point):
                return f"before {self.value(point, CUSTOMER)}"
            case ast.Range(start, end):
                return f"from {self.value(start, CUSTOMER)} until {self.value(end, CUSTOMER)}"
            case ast.On(day):
                return f"on {self.value(day, CUSTOMER)}"
            case _:
                assert_never(node)

    def within(self, node: Window) -> str:
        """After `is`: where on the line of time a value stands."""
        match node:
            case ast.Since(point):
                return f"at or after {self.value(point, CUSTOMER)}"
            case ast.Range(start, end):
                return f"between {self.value(start, CUSTOMER)} and {self.value(end, CUSTOMER)}"
            case _:
                return self.window(node)

    # --- values ---------------------------------------------------------------------------------

    def value(self, node: Value, speaker: Speaker, *, inside: bool = False) -> str:
        """A value as a noun; *inside* a calculation, with brackets where they are needed."""
        match node:
            case ast.Number():
                return print_number(node.value)
            case ast.Text():
                return quoted(node.value)
            case ast.Truth():
                return "yes" if node.value else "no"
            case ast.Date():
                return node.value.isoformat()
            case ast.LocalTime():
                return print_date(node.value).replace("T", " ")
            case ast.Duration():
                return length(node.count, node.unit)
            case ast.Ago():
                return f"{length(node.count, node.unit)} ago"
            case ast.Parameter():
                return f"${node.name}"
            case ast.Reference():
                return quoted(node.name or node.id)
            case ast.Path():
                return self._path(node, speaker)
            case ast.Call():
                return self._call(node, speaker)
            case ast.Aggregate():
                return self._aggregate(node, speaker)
            case ast.Negative():
                return f"minus {self.value(node.operand, speaker, inside=True)}"
            case ast.Arithmetic():
                left = self.value(node.left, speaker, inside=True)
                right = self.value(node.right, speaker, inside=True)
                said = f"{left} {COMPUTED[node.operator]} {right}"
                return f"({said})" if inside else said
            case _:
                assert_never(node)

    def _call(self, node: ast.Call, speaker: Speaker) -> str:
        name = FUNCTIONS.get(node.function, node.function.replace("_", " "))
        arguments = [self.value(argument, speaker) for argument in node.arguments]
        own = "their " if arguments and arguments[0].startswith("their ") else ""
        of = listed([argument.removeprefix("their ") for argument in arguments], "and")
        if of_birthday(node) == "anniversary":
            return f"{own}next {of}"
        if not arguments or of_birthday(node) == "age":
            return f"{own}{name}"
        return f"{own}{name} of {of}"

    def _path(self, node: ast.Path, speaker: Speaker) -> str:
        owner, name = owner_and_name(node)
        if owner in speaker.aliases:
            collection = speaker.aliases[owner]
            step = self.labels.collection(collection)
            return f"the {self.field(name, collection)} of that “{step}”"
        if owner and not is_contact(owner):
            return ".".join(node.names)
        if speaker.level == "customer":
            return f"their {self.field(name, '')}"
        if owner:
            return f"the customer's {self.field(name, '')}"
        return self.field(name, speaker.collection)

    def field(self, name: str, collection: str) -> str:
        """A field's name; `added by` wants quotes to be seen as one."""
        label = self.labels.field(name, collection)
        hangs = label.endswith((" by", " in", " at", " on", " of", " to", " from"))
        return f"“{label}”" if hangs else label

    def _aggregate(self, node: ast.Aggregate, speaker: Speaker) -> str:
        collection, field = collection_of(node.path, speaker)
        periods = PERIODS.get(node.transform or "")
        own = speaker.level == "totals" and len(node.path) < 2
        whose = "" if own else "their " if speaker.level == "customer" else "the customer's "
        if field is None:
            said = self._count(collection, whose, own=own)
        elif periods and counts_periods(node, field, collection, self.labels):
            done = self.action(collection, past=True)
            said = f"the number of {periods} which they {done}"
        else:
            said = whose + self._measured(node, collection, field, own=own)
        if node.window is not None:
            said += f" {self.window(node.window)}"
        if node.where is not None:
            said += f" (where {self.clause(node.where, speaker.item_of(collection))})"
        return said

    def _count(self, collection: str, whose: str, *, own: bool) -> str:
        if not self.labels.is_event(collection):
            return f"{whose}number of {plural(self.labels.collection(collection))}"
        if own:
            return "the number of times"
        return f"the number of times they {self.action(collection, past=True)}"

    def _measured(self, node: ast.Aggregate, collection: str, field: str, *, own: bool) -> str:
        """`total purchase amount`, `number of distinct purchase categories`."""
        label, owner = self.field(field, collection), self.labels.collection(collection)
        # A name of one word goes before the field; `join campaign` would not be understood there.
        before = "" if own or " " in owner else f"{owner} "
        after = f" from “{owner}”" if not own and " " in owner else ""
        function = FUNCTIONS.get(node.transform or "", (node.transform or "").replace("_", " "))
        if node.function in ("distinct", "count"):
            what = f"{before}{plural(label)}"
            if function:
                what = f"{plural(function)} of {before}{label}"
            known = "different" if node.function == "distinct" else "known"
            return f"number of {known} {what}{after}"
        transform = f"{function} of " if function else ""
        return f"{TOTALS[node.function]} {transform}{before}{label}{after}"
