"""English words, and how they bend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from segmentkit.query import ast

# What event names begin with; any other name is quoted. The past of a regular one is made by rule.
_IRREGULAR: Mapping[str, str] = {
    "buy": "bought", "get": "got", "give": "gave", "leave": "left", "make": "made", "pay": "paid",
    "quit": "quit", "read": "read", "run": "ran", "see": "saw", "send": "sent", "spend": "spent",
    "submit": "submitted", "take": "took", "win": "won", "write": "wrote",
}  # fmt: skip
_REGULAR = frozenset(
    ["accept", "activate", "add", "answer", "apply", "ask", "book", "browse", "call", "cancel", "checkin", "claim", "click", "close", "comment", "complete", "contact", "create", "deliver", "download", "enter", "exchange", "favorite", "finish", "follow", "forward", "invite", "install", "join", "like", "message", "open", "order", "play", "post", "purchase", "rate", "receive", "recharge", "redeem", "refer", "refund", "register", "renew", "reply", "request", "reserve", "return", "review", "save", "scan", "search", "share", "sign", "start", "subscribe", "trigger", "uninstall", "unfollow", "unsubscribe", "update", "upload", "use", "verify", "view", "visit", "watch"]
)  # fmt: skip

COMPARED: Mapping[ast.ComparisonOperator, tuple[str, str]] = {
    "=": ("is", "is not"),
    "!=": ("is not", "is"),
    "<": ("is less than", "is not less than"),
    "<=": ("is at most", "is not at most"),
    ">": ("is more than", "is not more than"),
    ">=": ("is at least", "is not at least"),
}
TIMED: Mapping[ast.ComparisonOperator, tuple[str, str]] = {
    **COMPARED,
    "<": ("is before", "is not before"),
    "<=": ("is on or before", "is not on or before"),
    ">": ("is after", "is not after"),
    ">=": ("is on or after", "is not on or after"),
}
AMOUNTS: Mapping[ast.ComparisonOperator, str] = {
    "=": "exactly",
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
}
MATCHED: Mapping[ast.TextOperation, tuple[str, str]] = {
    "contains": ("contains", "does not contain"),
    "starts_with": ("starts with", "does not start with"),
    "ends_with": ("ends with", "does not end with"),
    "like": ("matches", "does not match"),
}
TOTALS: Mapping[ast.AggregateFunction, str] = {
    "sum": "total",
    "avg": "average",
    "min": "lowest",
    "max": "highest",
    "first": "first",
    "last": "last",
}
FUNCTIONS: Mapping[str, str] = {
    "abs": "absolute value",
    "week_start": "week",
    "month_start": "month",
}
PERIODS: Mapping[str, str] = {
    "date": "days on",
    "week_start": "weeks in",
    "month_start": "months in",
    "year": "years in",
}
OFTEN: Mapping[ast.FrequencyKind, str] = {
    "at_least": "at least",
    "at_most": "at most",
    "exactly": "exactly",
    "more_than": "more than",
    "fewer_than": "fewer than",
    "between": "between",
}
OPPOSITE: Mapping[ast.FrequencyKind, ast.FrequencyKind] = {
    "at_least": "fewer_than",
    "at_most": "more_than",
    "more_than": "at_most",
    "fewer_than": "at_least",
}
COMPUTED: Mapping[ast.ArithmeticOperator, str] = {
    "+": "plus",
    "-": "minus",
    "*": "times",
    "/": "divided by",
}


def action(label: str, *, past: bool = False) -> str:
    """
    What was done, from the name of an event.

    Examples:
        >>> action("view material", past=True), action("app open")
        ('viewed material', 'do “app open”')
    """
    verb, _, rest = label.partition(" ")
    if verb not in _REGULAR and verb not in _IRREGULAR:
        return f"{'did' if past else 'do'} “{label}”"
    done = past_of(verb) if past else verb
    return f"{done} {rest}" if rest else done


def past_of(verb: str) -> str:
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return f"{verb[:-1]}ied"
    doubled = {"cancel": "cancelled", "refer": "referred", "scan": "scanned"}
    return doubled.get(verb, f"{verb}ed")


def article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"


def with_article(noun: str) -> str:
    return f"{article(noun)} {noun}"


def length(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def quoted(text: str) -> str:
    return f"“{text}”"


def listed(parts: Sequence[str], word: str) -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
