"""
Condition to text: one way to write each condition, in English or Chinese words.

What is printed reads back as the same condition, in either language.
"""

from __future__ import annotations

from typing import assert_never

from attrs import evolve, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError
from segmentkit.model import Schema
from segmentkit.query.ast import (
    Activity,
    Aggregate,
    Ago,
    And,
    Arithmetic,
    Before,
    Between,
    Calendar,
    Call,
    Compare,
    Condition,
    Date,
    Duration,
    Frequency,
    InList,
    InWindow,
    IsMissing,
    KeyPattern,
    Keys,
    LocalTime,
    Negative,
    Not,
    Number,
    On,
    Or,
    Parameter,
    Path,
    Range,
    Reference,
    Rolling,
    Since,
    Step,
    Text,
    TextMatch,
    Truth,
    Value,
    Window,
)
from segmentkit.query.builder import as_condition
from segmentkit.query.diagnostics import Language, require_language
from segmentkit.query.literals import (
    print_date,
    print_function,
    print_name,
    print_number,
    print_path,
    print_text,
)
from segmentkit.query.shown_names import ShownNames
from segmentkit.query.types import Scope
from segmentkit.query.words import AGGREGATES, CALENDARS, KEYWORDS, UNITS

# How tightly each kind binds; what binds looser than its place wants stands in brackets.
_OR, _AND, _NOT, _PREDICATE, _SUM, _PRODUCT, _NEGATIVE, _ATOM = range(1, 9)


@refuse_other_types
def format(  # noqa: A001 - the verb for it
    node: Condition, lang: Language = "en", *, schema: Schema | None = None
) -> str:
    """
    The canonical text of a condition.

    Args:
        node: a condition.
        lang: the language of its words.
        schema: with it, names too are in that language: Chinese ones are the first Chinese alias.

    Raises:
        WrongTypeError: it is no condition, such as a text that was not parsed.
        InvalidValueError: the condition has a part that no text can say, like an empty list, or
            *lang* is no language of the texts.

    Examples:
        >>> from segmentkit.query.parser import parse
        >>> format(parse("做过 购买 至少3次 最近90天"))
        'did 购买 at least 3 times in last 90 days'
        >>> format(parse("did purchase and paid is true"), "zh")
        '做过 purchase 且 paid = 真'
    """
    require_language(lang)
    names = ShownNames(lang, None if schema is None else Scope(schema))
    return _Printer(lang, names).condition(as_condition(node), _OR)


@frozen
class _Printer:
    """*names* knows what a name is called where it is printed."""

    lang: Language
    names: ShownNames

    # --- conditions -----------------------------------------------------------------------------

    def condition(self, node: Condition, floor: int) -> str:
        match node:
            case Or(items):
                return _bracketed(self._joined("or", items, _AND), floor > _OR)
            case And(items):
                return _bracketed(self._joined("and", items, _NOT), floor > _AND)
            case Not(operand):
                # `not in ...` would read as one verb.
                inner = self.condition(operand, _ATOM if isinstance(operand, Activity) else _NOT)
                return _bracketed(f"{self._word('not')} {inner}", floor > _NOT)
            case Activity():
                return _bracketed(self._activity(node), floor > _PREDICATE)
            case Compare() | TextMatch() | Between() | InList() | InWindow() | IsMissing():
                return _bracketed(self._comparison(node), floor > _PREDICATE)
            case Path() | Truth() | Parameter() | Call() | Aggregate():
                return self._value(node)
            case _:
                assert_never(node)

    def _joined(self, word: str, items: tuple[Condition, ...], floor: int) -> str:
        if len(items) < 2:
            raise InvalidValueError(items, f"items of '{word}'", "Give two conditions or more")
        return f" {self._word(word)} ".join(self.condition(item, floor) for item in items)

    def _comparison(
        self, node: Compare | TextMatch | Between | InList | InWindow | IsMissing
    ) -> str:
        match node:
            case Compare(operator, left, right, exactly):
                word = self._exactly(operator) if exactly else operator
                return f"{self._value(left)} {word} {self._value(right)}"
            case IsMissing(operand, negated):
                return (
                    f"{self._value(operand)} {self._word('is_known' if negated else 'is_missing')}"
                )
            case Between(left, low, high, negated):
                word = self._word("not_between" if negated else "between")
                to = self._word("and" if self.lang == "en" else "to")
                return f"{self._value(left)} {word} {self._value(low)} {to} {self._value(high)}"
            case InList(left, items, negated):
                word = self._word("not_in" if negated else "in")
                return f"{self._value(left)} {word} {self._listed(items)}"
            case InWindow(left, window, negated):
                if isinstance(window, (Since, Before, Range, On)) and not negated:
                    return f"{self._value(left)} {self._window(window)}"
                word = self._word("not_in_time" if negated else "in_time")
                return f"{self._value(left)} {word} {self._window(window)}"
            case TextMatch():
                return self._text_match(node)
            case _:
                assert_never(node)

    def _exactly(self, operator: str) -> str:
        if operator not in ("=", "!="):
            raise InvalidValueError(
                operator, "an exact comparison", "Only = and != compare raw text"
            )
        return self._word("is_exactly" if operator == "=" else "is_not_exactly")

    def _text_match(self, node: TextMatch) -> str:
        patterns = node.patterns
        parts = [
            self._value(node.left),
            self._word(f"not_{node.operation}" if node.negated else node.operation),
        ]
        many = isinstance(patterns, tuple) and len(patterns) > 1
        if many or node.quantifier == "all":
            parts.append(self._word(node.quantifier))
        match patterns:
            case (pattern,) if not isinstance(pattern, Parameter):
                # Where a list may stand, a bracket opens one.
                alone = self._value(pattern)
                parts.append(f"({alone})" if alone.startswith("(") else alone)
            case _:
                parts.append(self._listed(patterns))
        return " ".join(parts)

    # --- statements about a collection ----------------------------------------------------------

    def _activity(self, node: Activity) -> str:
        verb = {"did": "did_not", "has": "has_no", "in": "not_in"}[node.verb]
        parts = [self._word(verb if node.negated else node.verb)]
        if node.quantifier == "all":
            parts.append(self._word("all"))
        parts.append(print_name(self.names.collection(node.collection)))
        if node.keys is not None:
            parts.append(self._keys(node.keys))
        parts += self._alias(node.alias)
        parts += self._clause("where", node.where, self.names.of_items(node.collection))
        if node.frequency is not None:
            parts.append(self._frequency(node.frequency))
        if node.window is not None:
            parts.append(self._window_clause(node.window))
        parts += self._clause("having", node.having, self.names.of_totals(node.collection))
        follower = evolve(self, names=self.names.after(node.alias, node.collection))
        for step in node.steps:
            parts.append(follower._step(step))
            names = follower.names.after(step.alias, step.collection)
            follower = evolve(follower, names=names)
        return " ".join(parts)

    def _step(self, node: Step) -> str:
        parts = [
            self._word("then"),
            self._word("did_not" if node.negated else "did"),
            print_name(self.names.collection(node.collection)),
            *self._alias(node.alias),
            *self._clause("where", node.where, self.names.of_items(node.collection)),
        ]
        if node.within is not None:
            within, duration = self._word("within"), self._duration(node.within)
            parts.append(f"{within} {duration}" if self.lang == "en" else f"{duration}{within}")
        return " ".join(parts)

    def _keys(self, keys: Keys | KeyPattern) -> str:
        if isinstance(keys, KeyPattern):
            return f"{self._word('like')} {self._value(keys.pattern)}"
        under = f"{self._word('under')} " if keys.under else ""
        if len(keys.values) == 1 and isinstance(keys.values[0], (Text, Parameter, Reference)):
            return under + self._value(keys.values[0])
        return under + self._listed(keys.values)

    def _alias(self, alias: str | None) -> list[str]:
        return [] if alias is None else [self._word("as"), print_name(alias)]

    def _clause(self, word: str, condition: Condition | None, names: ShownNames) -> list[str]:
        if condition is None:
            return []
        return [f"{self._word(word)} ({evolve(self, names=names).condition(condition, _OR)})"]

    def _frequency(self, node: Frequency) -> str:
        parts = [self._word(node.kind), self._value(node.count)]
        if node.upper is not None:
            parts += [self._word("to"), self._value(node.upper)]
        once = node.upper is None and node.count == Number(1)
        return " ".join([*parts, KEYWORDS["times"].spelt(self.lang, one=once)])

    # --- windows --------------------------------------------------------------------------------

    def _window_clause(self, window: Window) -> str:
        """English says `in last 30 days` but `since 2026-01-01`; Chinese needs no word."""
        named = isinstance(window, (Rolling, Calendar)) and self.lang == "en"
        return f"{self._word('in_time')} {self._window(window)}" if named else self._window(window)

    def _window(self, window: Window) -> str:
        match window:
            case Rolling(direction, duration):
                return f"{self._word(direction)} {self._duration(duration)}"
            case Calendar(which, unit):
                return CALENDARS[f"{which} {unit}"].spelt(self.lang)
            case Since(point):
                return f"{self._word('since')} {self._value(point)}"
            case Before(point):
                return f"{self._word('before')} {self._value(point)}"
            case Range(start, end):
                return (
                    f"{self._word('from')} {self._value(start)} "
                    f"{self._word('to')} {self._value(end)}"
                )
            case On(day):
                return f"{self._word('on')} {self._value(day)}"
            case _:
                assert_never(window)

    def _duration(self, node: Duration | Ago) -> str:
        return f"{node.count} {UNITS[node.unit].spelt(self.lang, one=node.count == 1)}"

    # --- values ---------------------------------------------------------------------------------

    def _value(self, node: Value, floor: int = _SUM) -> str:
        match node:
            case Number(value):
                return print_number(value)
            case Text(value):
                return print_text(value)
            case Reference():
                return print_text(node.name or node.id)
            case Truth(value):
                return self._word("true" if value else "false")
            case Date(value) | LocalTime(value):
                return print_date(value)
            case Duration():
                return self._duration(node)
            case Ago():
                blank = " " if self.lang == "en" else ""
                return f"{self._duration(node)}{blank}{self._word('ago')}"
            case Parameter(name):
                return "$" + print_name(name, after_dot=True)
            case Path():
                return print_path(self.names.field(node))
            case Call(function, arguments):
                return f"{self._function(function)}({', '.join(map(self._value, arguments))})"
            case Aggregate():
                return self._aggregate(node)
            case Arithmetic(operator, left, right):
                power = _SUM if operator in "+-" else _PRODUCT
                text = f"{self._value(left, power)} {operator} {self._value(right, power + 1)}"
                return _bracketed(text, floor > power)
            case Negative(operand):
                return _bracketed(f"-{self._value(operand, _NEGATIVE)}", floor > _NEGATIVE)
            case _:
                assert_never(node)

    def _listed(self, items: tuple[Value, ...] | Parameter) -> str:
        if isinstance(items, Parameter):
            return self._value(items)
        if not items:
            raise InvalidValueError(items, "a list", "A list needs at least one value")
        return f"({', '.join(map(self._value, items))})"

    def _aggregate(self, node: Aggregate) -> str:
        parts: list[str] = []
        if node.path:
            path = print_path(self.names.item(node.path))
            function = None if node.transform is None else self._function(node.transform)
            parts.append(path if function is None else f"{function}({path})")
        elif node.transform is not None:
            raise InvalidValueError(node.transform, "an aggregate", "A function needs a field")
        parts += self._clause("where", node.where, self.names.of_item(node.path))
        if node.window is not None:
            parts.append(self._window_clause(node.window))
        return f"{AGGREGATES[node.function].spelt(self.lang)}({' '.join(parts)})"

    def _function(self, name: str) -> str:
        return print_function(self.names.function(name))

    def _word(self, word: str) -> str:
        return KEYWORDS[word].spelt(self.lang)


def _bracketed(text: str, needed: bool) -> str:
    return f"({text})" if needed else text
