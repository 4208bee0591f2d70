"""
Conditions and values of any depth: `or`, `and`, `not`, comparisons, sums, products and brackets.

A ladder of pyparsing elements, one for each precedence, is slow and dies near 70 brackets. Here one
object climbs by binding power instead, two Python frames for each bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal, cast

from segmentkit.query import ast
from segmentkit.query.ast import (
    And,
    Arithmetic,
    ArithmeticOperator,
    Compare,
    Condition,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Path,
    Text,
    Truth,
    Value,
)
from segmentkit.query.parsing.assembly import Tail
from segmentkit.query.parsing.elements import CLOSE, OPEN, Element, Maybe, Token
from segmentkit.query.parsing.reading import Source, Wanted
from segmentkit.query.spelling import (
    BLANKS,
    NAME,
    by_spelling,
    marks_pattern,
    spelling_pattern,
)
from segmentkit.query.words import ARITHMETIC, COMPARISONS, KEYWORDS

_OR, _AND, _NOT = 1, 2, 3
_POWER: dict[ArithmeticOperator, int] = {"+": 1, "-": 1, "*": 2, "/": 2}
_NEGATIVE = 3

_CONDITIONS_ONLY = frozenset[type[Node]](
    {
        ast.Compare, ast.TextMatch, ast.Between, ast.InList, ast.InWindow, ast.IsMissing,
        ast.Activity, ast.And, ast.Or, ast.Not,
    }
)  # fmt: skip
_VALUES_ONLY = frozenset[type[Node]](
    {
        ast.Number, ast.Text, ast.Date, ast.LocalTime, ast.Duration, ast.Ago, ast.Reference,
        ast.Arithmetic, ast.Negative,
    }
)  # fmt: skip


def _word_pattern(word: str) -> str:
    return spelling_pattern([KEYWORDS[word]])


_TRUTH = spelling_pattern([KEYWORDS["true"], KEYWORDS["false"]])
_CONNECTIVE = Token(
    f"{_word_pattern('and')}|{_word_pattern('or')}",
    Wanted("word", (KEYWORDS["and"], KEYWORDS["or"])),
)
_ARITHMETIC = Token(
    marks_pattern(ARITHMETIC), Wanted("operator", marks=tuple(dict.fromkeys(ARITHMETIC.values())))
)
_END = Token(r"\Z", Wanted("end"))

_TRUE = frozenset(by_spelling([KEYWORDS["true"]]))

_connective = re.compile(
    f"{BLANKS}(?:(?P<and>{_word_pattern('and')})|(?P<or>{_word_pattern('or')}))"
).match
_arithmetic = re.compile(f"{BLANKS}({marks_pattern(ARITHMETIC)})").match
# `city = '福州'` and `age >= 18`, when the condition ends there: most of what people write.
_simple = re.compile(
    rf"\s*+(?P<path>(?!`){NAME}(?:\.[^\W\d]\w*+)*+)"
    rf"\s*+(?P<operator>{marks_pattern(COMPARISONS)})\s*+"
    r"(?:(?P<number>[0-9]{1,15}+(?:\.[0-9]{1,9}+)?+)"
    rf"|(?P<text>'[^'\\\r\n]*+')|(?P<truth>{_TRUTH}))"
    rf"(?=\s*+(?:{CLOSE.starts}|\Z|{_word_pattern('and')}|{_word_pattern('or')}))"
).match


class Precedence:
    """
    Reads conditions and values.

    Attributes:
        condition: a whole condition, as an element.
        value: a whole value, as an element; beside others, like the right side of a comparison.
        inner_value: a value inside another one: an argument, an item of a list.
        activity_or_atom: what a condition may begin with, besides `not` and marks.
        atom: what a value may begin with, besides marks.
        tail: the rest of a comparison after its left side.
    """

    activity_or_atom: Element
    atom: Element
    tail: Element

    def __init__(self) -> None:
        self.condition = Level(self, "condition", levels=2)
        self.value = Level(self, "value")
        self.inner_value = Level(self, "value", levels=2)

    def define(
        self, *, activity_or_atom: Element, atom: Element, tail: Element, window_starts: str
    ) -> None:
        """Sets the parts that hold conditions and values themselves."""
        self.activity_or_atom = activity_or_atom
        self.atom = atom
        self.tail = tail
        self._maybe_tail = Maybe(tail)
        # `not in group ...` is one verb, but `not in last 7 days did ...` negates a statement.
        one_verb = f"{_word_pattern('not_in')}(?!{BLANKS}(?:{window_starts}))"
        minus = marks_pattern(mark for mark, operator in ARITHMETIC.items() if operator == "-")
        self._opening = re.compile(
            f"{BLANKS}(?:(?P<bracket>{OPEN.starts})|(?P<minus>{minus})"
            f"|(?P<not>(?!{one_verb}){_word_pattern('not')}))"
        ).match

    def read_all(self, text: Source) -> Condition:
        """The condition that is the whole text."""
        at, node = self.read_condition(text, 0)
        _END.read(text, at)
        return cast(Condition, node)

    def read_condition(
        self, text: Source, at: int, floor: int = 0, *, bracketed: bool = False
    ) -> tuple[int, Node]:
        """
        A condition, up to a connective that binds no tighter than *floor*.

        *bracketed*: it may turn out to be a value, as in `(a + b) * 2 > 3`.
        """
        at, start, node = self._read_operand(text, at)
        if type(node) in _VALUES_ONLY:
            if bracketed:
                return at, node
            raise text.stuck(at, self.tail)
        while found := _connective(text, at):
            word = found.lastgroup
            power, kind = (_AND, And) if word == "and" else (_OR, Or)
            if power <= floor:
                return at, node
            parts = _flat(node, kind)
            while found is not None and found.lastgroup == word:
                at, part = self.read_condition(text, found.end(), power)
                parts += _flat(part, kind)
                found = _connective(text, at)
            node = kind(tuple(parts), span=(start, at))
        text.want(at, _CONNECTIVE)
        return at, node

    def _read_operand(self, text: Source, at: int) -> tuple[int, int, Node]:
        """What stands between connectives: its end, its start and itself."""
        if text.fast and (simple := _simple(text, at)) is not None:
            return simple.end(), simple.start("path"), _simple_comparison(simple)
        opening = self._opening(text, at)
        if opening is not None and opening.lastgroup == "not":
            start = opening.start("not")
            text.enter(start)
            at, inner = self.read_condition(text, opening.end(), _NOT)
            text.depth -= 1
            return at, start, Not(cast(Condition, inner), span=(start, at))
        at, start, node = self._read_value_after(opening, text, at, logical=True)
        if type(node) in _CONDITIONS_ONLY:
            return at, start, node
        at, tail = self._maybe_tail.read(text, at)
        if tail is not None:
            node = cast(Tail, tail)(cast(Value, node), (start, at))
        return at, start, node

    def read_value(self, text: Source, at: int, floor: int = 0) -> tuple[int, int, Node]:
        """A value, up to an operator that binds no tighter than *floor*: end, start and itself."""
        return self._read_value_after(self._opening(text, at), text, at, floor)

    def _read_value_after(
        self,
        opening: re.Match[str] | None,
        text: Source,
        at: int,
        floor: int = 0,
        *,
        logical: bool = False,
    ) -> tuple[int, int, Node]:
        """*logical*: a condition may stand here instead of a value."""
        kind = None if opening is None else opening.lastgroup
        if opening is None or kind is None or kind == "not":
            text.want(at, self.condition if logical else self.value)
            at, node = (self.activity_or_atom if logical else self.atom).read(text, at)
            start = node.span[0]
        else:
            start = opening.start(kind)
            text.enter(start)
            if kind == "minus":
                at, _, operand = self.read_value(text, opening.end(), _NEGATIVE)
                node = Negative(cast(Value, operand), span=(start, at))
            else:
                if logical:
                    at, node = self.read_condition(text, opening.end(), bracketed=True)
                else:
                    at, _, node = self.read_value(text, opening.end())
                at, _ = CLOSE.read(text, at)
            text.depth -= 1
        if type(node) in _CONDITIONS_ONLY:
            return at, start, node
        return self._read_arithmetic(text, at, start, node, floor)

    def _read_arithmetic(
        self, text: Source, at: int, start: int, node: Node, floor: int
    ) -> tuple[int, int, Node]:
        levels = 0
        while found := _arithmetic(text, at):
            operator = ARITHMETIC[found[1]]
            power = _POWER[operator]
            if power <= floor:
                break
            # A long sum is a deep tree, since it leans to the left.
            text.enter(found.start(1))
            levels += 1
            at, _, right = self.read_value(text, found.end(), power)
            node = Arithmetic(operator, cast(Value, node), cast(Value, right), span=(start, at))
        else:
            text.want(at, _ARITHMETIC)
        text.depth -= levels
        return at, start, node


class Level(Element):
    """
    A whole condition or value, as a part of the grammar.

    Args:
        levels: how much deeper it stands than the statement it belongs to.
    """

    starts = ""

    def __init__(
        self, precedence: Precedence, label: Literal["condition", "value"], *, levels: int = 0
    ) -> None:
        super().__init__()
        self.label = label
        self._precedence = precedence
        self._levels = levels

    def read(self, text: Source, at: int) -> tuple[int, Any]:
        text.enter(at, self._levels)
        if self.label == "condition":
            at, node = self._precedence.read_condition(text, at)
        else:
            at, _, node = self._precedence.read_value(text, at)
        text.depth -= self._levels
        return at, node

    def firsts(self) -> Iterator[Wanted]:
        if self.label == "condition":
            yield Wanted("word", (KEYWORDS["not"],))
            yield from self._precedence.activity_or_atom.firsts()
        else:
            yield from self._precedence.atom.firsts()
        yield Wanted("mark", marks=("(", "-"))


def _flat(node: Node, kind: type[And | Or]) -> list[Condition]:
    return list(node.items) if isinstance(node, kind) else [cast(Condition, node)]


def _simple_comparison(found: re.Match[str]) -> Compare:
    path, operator, number, text, truth = found.groups()
    start, end = found.start("path"), found.end()
    span = found.span(found.lastgroup or 0)
    if number is not None:
        right = Number(int(number) if number.isdigit() else Decimal(number), span=span)
    elif text is not None:
        right = Text(text[1:-1], span=span)
    else:
        right = Truth(truth.lower() in _TRUE, span=span)
    left = Path(tuple(path.split(".")), span=(start, start + len(path)))
    return Compare(COMPARISONS[operator], left, right, span=(start, end))
