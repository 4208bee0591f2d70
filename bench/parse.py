"""
How long it takes to read a query, against the parsers that other Python programs embed.

The same conditions (3, 12 and 200 comparisons, and one in 60 brackets) are written in the syntax of
each peer. All take turns in one process, so that whatever slows the machine slows all of them; each
figure is the least of its rounds. Afterwards, the queries of the language's own page: reading them,
and reading and checking them, which no peer can.

    python3 dev.py bench parse [--seconds 20]
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
import tomllib
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from segmentkit.query import check, format, parse, walk  # noqa: A004

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "cases"))
from schema import SHOP

# ("and" | "or", [trees]), ("not", tree), ("brackets", tree) or (field, operator, value)
Tree: TypeAlias = tuple[object, ...]
Reader: TypeAlias = Callable[[str], object]


def short() -> Tree:
    return ("and", [("city", "=", "Beijing"), ("age", ">=", 30), ("vip", "=", True)])


def medium() -> Tree:
    return (
        "and",
        [
            ("or", [("city", "=", "Beijing"), ("city", "=", "Shanghai"), ("city", "=", "Fuzhou")]),
            ("age", ">=", 30),
            ("age", "<", 60),
            ("not", ("brackets", ("or", [("score", "<", 10.5), ("level", "=", "churned")]))),
            (
                "or",
                [
                    ("and", [("orders", ">", 3), ("spend", ">=", 1000)]),
                    ("and", [("visits", ">", 20), ("source", "!=", "ad")]),
                    ("vip", "=", True),
                ],
            ),
        ],
    )


def long(comparisons: int = 200) -> Tree:
    chance = random.Random(7)
    parts: list[Tree] = []
    left = comparisons
    while left:
        group: list[Tree] = [
            (
                f"f{chance.randrange(40)}",
                chance.choice(["=", "!=", ">", "<="]),
                chance.choice([chance.randint(0, 999), f"v{chance.randint(0, 99)}"]),
            )
            for _ in range(min(chance.randint(1, 4), left))
        ]
        left -= len(group)
        parts.append(group[0] if len(group) == 1 else ("or", group))
    return ("and", parts)


def deep(brackets: int = 60) -> Tree:
    tree: Tree = ("age", ">=", 30)
    for _ in range(brackets):
        tree = ("brackets", tree)
    return tree


TURN = 10  # readings of one text before the next reader has it
CORPUS = {"short": short(), "medium": medium(), "long": long(), "deep": deep()}


@frozen
class Syntax:
    """How a peer writes the same thing."""

    conjunction: str = " and "
    disjunction: str = " or "
    negation: str = "not "
    equal: str = "="
    quote: str = "'"
    lucene: bool = False

    def write(self, tree: Tree, inside: str = "") -> str:
        match tree:
            case ("and" | "or" as connective, list() as items):
                glue = self.conjunction if connective == "and" else self.disjunction
                text = glue.join(self.write(item, connective) for item in items)
                return f"({text})" if inside and inside != connective else text
            case ("not", tuple() as operand):
                return self.negation + self.write(operand)
            case ("brackets", tuple() as operand):
                return f"({self.write(operand)})"
            case (field, operator, value):
                return self._compare(str(field), str(operator), value)
            case _:
                raise AssertionError(tree)

    def _compare(self, field: str, operator: str, value: object) -> str:
        written = f"{self.quote}{value}{self.quote}" if isinstance(value, str) else str(value)
        written = written.lower() if value is True else written
        if self.lucene:
            if operator == "!=":
                return f"(NOT {field}:{written})"
            return f"{field}:{'' if operator == '=' else operator}{written}"
        return f"{field} {self.equal if operator == '=' else operator} {written}"


LARK_GRAMMAR = r"""
?start: or_
?or_: and_ ("or" and_)*
?and_: not_ ("and" not_)*
?not_: "not" not_ -> negation | "(" or_ ")" | comparison
comparison: NAME OPERATOR value
value: NUMBER | TEXT | "true" -> true
OPERATOR: "<=" | ">=" | "!=" | "=" | "<" | ">"
NAME: /(?!(and|or|not|true)\b)[^\W\d]\w*/
TEXT: /'[^']*'/
NUMBER: /\d+(\.\d+)?/
%ignore /\s+/
"""


def peers() -> dict[str, tuple[Reader, Syntax]]:
    """Readers by name. A peer that is not installed is left out."""
    found: dict[str, tuple[Reader, Syntax]] = {"segmentkit": (parse, Syntax())}
    c_like = Syntax(" && ", " || ", "!", "==", '"')
    try:
        import rule_engine

        context = rule_engine.Context()
        read = lambda text: rule_engine.Rule(text, context=context)  # noqa: E731
        found["rule-engine"] = read, Syntax(equal="==")
    except ImportError:
        pass
    try:
        import lark

        found["lark LALR"] = lark.Lark(LARK_GRAMMAR, parser="lalr").parse, Syntax()
    except ImportError:
        pass
    try:
        from luqum.thread import parse as read_lucene

        lucene = Syntax(" AND ", " OR ", "NOT ", quote='"', lucene=True)
        found["luqum"] = read_lucene, lucene
    except ImportError:
        pass
    try:
        import celpy

        found["cel-python"] = celpy.Environment().compile, c_like
    except ImportError:
        pass
    try:
        import cel

        found["CEL (Rust)"] = cel.compile, c_like
    except ImportError:
        pass
    return found


def measure(seconds: float) -> dict[str, dict[str, float]]:
    """The least time in ms of each reader for each text, all taking turns."""
    readers = peers()
    texts = {name: {case: syntax.write(tree) for case, tree in CORPUS.items()}
             for name, (_, syntax) in readers.items()}  # fmt: skip
    least = {name: dict.fromkeys(CORPUS, float("inf")) for name in readers}
    end = time.perf_counter() + seconds
    rounds = 0
    while time.perf_counter() < end or rounds < 3:
        rounds += 1
        for case in CORPUS:
            for name, (read, _) in readers.items():
                text = texts[name][case]
                for _ in range(TURN):
                    begun = time.perf_counter()
                    read(text)
                    taken = (time.perf_counter() - begun) * 1e3
                    least[name][case] = min(least[name][case], taken)
    return least


def show(least: dict[str, dict[str, float]]) -> None:
    ours = least["segmentkit"]
    print(f"{'ms (times segmentkit)':24}" + "".join(f"{case:>20}" for case in CORPUS))
    for name, times in least.items():
        cells = (f"{times[case]:9.3f} ({times[case] / ours[case]:5.1f}x)" for case in CORPUS)
        print(f"{name:24}" + "".join(f"{cell:>20}" for cell in cells))


def own_queries() -> Sequence[str]:
    path = Path(__file__).parent.parent / "tests" / "cases" / "twins.toml"
    queries = tomllib.loads(path.read_text("utf-8"))["query"]
    return [query[lang] for query in queries for lang in ("en", "zh")]


def show_own_queries() -> None:
    """Reading, checking and printing what the peers cannot say."""
    queries = own_queries()
    conditions = [parse(text) for text in queries]
    tasks: dict[str, Callable[[int], object]] = {
        "read": lambda number: parse(queries[number]),
        "read and check": lambda number: check(parse(queries[number]), SHOP),
        "print": lambda number: format(conditions[number]),
    }
    nodes = statistics.median(sum(1 for _ in walk(condition)) for condition in conditions)
    print(f"\n{len(queries)} queries of the language, {nodes:.0f} nodes in the middle one, ms")
    for name, task in tasks.items():
        times: list[float] = []
        for number in range(len(queries)):
            best = float("inf")
            for _ in range(20):
                begun = time.perf_counter()
                task(number)
                best = min(best, time.perf_counter() - begun)
            times.append(best * 1e3)
        print(f"{name:24}median {statistics.median(times):.3f}   slowest {max(times):.3f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=20.0)
    begun = time.perf_counter()
    parse("a")
    print(
        f"the first query, which builds the grammar: {(time.perf_counter() - begun) * 1e3:.0f} ms\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        show(measure(arguments.parse_args().seconds))
    show_own_queries()


if __name__ == "__main__":
    main()
