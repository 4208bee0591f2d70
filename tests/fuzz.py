"""
Random and broken queries for a while: each ends in a condition or a QueryError, and soon.

    python tests/fuzz.py --seconds 60 [--seed 1]

What is read must also print and read back; what is not must be shown in its place. The first text
that breaks a promise is printed, and the exit code is 1.
"""

import argparse
import random
import re
import sys
import time
import tomllib
from pathlib import Path

from segmentkit.query import Limits, QueryError, complete, format, highlight, parse  # noqa: A004
from segmentkit.query.spelling import BLANK
from segmentkit.query.words import all_words

CASES = Path(__file__).parent / "cases" / "twins.toml"
QUERIES = [
    query[lang]
    for query in tomllib.loads(CASES.read_text("utf-8"))["query"]
    for lang in ("en", "zh")
]
WORDS = [spelling for word in all_words() for spelling in word.spellings]
PIECES = [
    *"()（）,，、.+-*/=<>≥!$#'\"`“”「\\ \t\n\u3000",
    "a", "城市", "purchase", "amount", "c.sku", "$p", "`and`", "1", "3", "0.5", "5万", "60%",
    "'x'", "“价格”", "2026-01-01", "2026-02-30", "2026-01-01T24:00", "count(", "sum(a.b", "age(",
    "where (", "having (", "满足 (", "30 days", "30天前", "\x00", "\ud800", "é", "²", "𠀀",
]  # fmt: skip
ROOMY = Limits(characters=100_000, depth=200)
SLOWEST = 1.0  # seconds of this process for one text


def soup(chance: random.Random) -> str:
    """Words and pieces in any order."""
    chosen = chance.choices(WORDS + PIECES * 3, k=chance.randint(1, 25))
    return chance.choice(["", " ", " "]).join(chosen)


def mutated(chance: random.Random) -> str:
    """A right query with a few wrong characters, words, or ends."""
    text = chance.choice(QUERIES)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randint(0, len(text)), chance.randint(0, 5)
        other = chance.choice(QUERIES)
        text = chance.choice(
            [
                text[:at] + text[at + length :],
                text[:at] + chance.choice(PIECES) + text[at:],
                text[:at] + f" {chance.choice(WORDS)} " + text[at:],
                text[:at] + text[at : at + length] * 2 + text[at + length :],
                text[:at] + other[chance.randint(0, len(other)) :],
                text[:at],
            ]
        )
    return text


def nested(chance: random.Random) -> str:
    """A few openings, often, around a query."""
    opening = chance.choice(["(", "not ", "-", "did x where (", "f(", "sum(x.y where (", "a in ("])
    times = chance.choice([1, 5, 60, 3_000])
    return opening * times + mutated(chance) + ")" * chance.randint(0, times)


def broken_promise(text: str, chance: random.Random) -> str | None:
    """What is wrong with how *text* is treated, if anything."""
    try:
        condition = parse(text)
    except QueryError as error:
        (diagnostic,) = error.diagnostics
        start, end = diagnostic.span
        if not 0 <= start <= end <= len(text):
            return f"the span {diagnostic.span} is not in the text"
        if not (error.render("en") and error.render("zh")):
            return "no message"
    else:
        for lang in ("en", "zh"):
            printed = format(condition, lang)
            # A bracket that makes `not (did ...)` easier to read may be one too many.
            again = parse(printed, limits=ROOMY)
            if again != condition:
                return f"reads otherwise as {printed!r}"
            if format(again, lang) != printed:
                return f"prints otherwise as {printed!r}"
    covered = "".join(text[slice(*token.span)] for token in highlight(text))
    if re.sub(BLANK, "", covered) != re.sub(BLANK, "", text):
        return "highlighting misses a character"
    complete(text, chance.randint(0, len(text)))
    return None


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--seed", type=int, default=None)
    given = arguments.parse_args()
    seed = random.randrange(10**9) if given.seed is None else given.seed
    chance = random.Random(seed)
    end = time.monotonic() + given.seconds
    count = 0
    while time.monotonic() < end:
        text = chance.choice([soup, mutated, mutated, nested])(chance)
        begun = time.process_time()
        try:
            wrong = broken_promise(text, chance)
        except Exception as error:  # noqa: BLE001
            wrong = f"{type(error).__name__}: {error}"
        if wrong is None and time.process_time() - begun > SLOWEST:
            wrong = f"took {time.process_time() - begun:.1f} s"
        if wrong is not None:
            shown = text if len(text) < 1_000 else f"{text[:500]} ... {text[-500:]}"
            print(f"seed {seed}, text {count}: {wrong}\n{shown!r}")
            return 1
        count += 1
    print(f"seed {seed}: {count} texts, no promise broken")
    return 0


if __name__ == "__main__":
    sys.exit(main())
