"""What is odd about a condition that can be read, as diagnostics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model import FieldType, Schema
from segmentkit.query import (
    And,
    Condition,
    ConditionLike,
    Diagnostic,
    Fix,
    Language,
    Names,
    Or,
    QueryError,
    as_condition,
    bind,
    format,  # noqa: A004
    parse,
)
from segmentkit.rules.linter.findings import Finding, find
from segmentkit.rules.rule import Rule

# A fix is read again to see that it says the same; of a longer text none is tried.
_LONGEST_MENDED = 4_000


@refuse_other_types
def lint(
    condition: str | ConditionLike,
    schema: Schema,
    *,
    names: Names | None = None,
    parameters: Mapping[str, object] | None = None,
    segments: Mapping[str, Condition] | None = None,
) -> tuple[Diagnostic, ...]:
    """
    Clauses that say nothing, or nothing that can be: warnings and hints, in the order of the text.

    A clause is reported when it is never true, or always; when clauses are never true together, or
    one of them always is; when a clause of an `and` is asked for by others already, or one of an
    `or` takes in nobody besides; when it can never be true where it stands. All this under the
    meaning of the language, in which the negation of a comparison is true of who has no value.

    What is reported is so, of every contact at every instant (leaving aside the years 1 and 9999);
    fields that the schema calls always known are taken to be known. Not all that is so is reported:
    floats and products are seen as they are written; a condition that is too long is looked at
    clause by clause and in pairs, and a hint says how much was left out.

    Args:
        condition: text of the language, a tree, or a rule.
        schema: what its names mean.
        names: ids of tags, groups and the like; as in `check`.
        parameters: as in `check`, beside those of a rule; without any, all may have any value.
        segments: bound conditions of the saved segments by id, as a store has them; one that is not
            among them may say anything.

    Returns:
        With spans in the text, and fixes, where the condition was given as text.

    Raises:
        QueryError: the condition cannot be read or does not fit the schema.

    Examples:
        >>> from segmentkit.model import standard_schema
        >>> from segmentkit.query import render
        >>> text = "did purchase at least 3 times in last 30 days and did purchase"
        >>> [odd] = lint(text, standard_schema())
        >>> print(render(odd, text))
        'did purchase' adds nothing: 'did purchase at least 3 times in last 30 days' asks for as much at column 51
            did purchase at least 3 times in last 30 days and did purchase
                                                              ^^^^^^^^^^^^  did you mean 'did purchase at least 3 times in last 30 days'?
        >>> odd.message("zh")
        '“did purchase”没有增加限制,“did purchase at least 3 times in last 30 days”已经包含它'
    """
    text = _text_of(condition)
    tree = parse(condition) if isinstance(condition, str) else as_condition(condition)
    values = known_parameters(condition, parameters) if isinstance(condition, Rule) else parameters
    bound = bind(tree, schema, names=names, parameters=values, text=text)
    writer = _Writer(text, schema, names, values)
    found = [
        writer.diagnostic(finding)
        for finding in find(bound, schema, names=names, segments=segments)
    ]
    return tuple(sorted(found, key=lambda diagnostic: diagnostic.span))


def known_parameters(
    rule: Rule, parameters: Mapping[str, object] | None
) -> Mapping[str, object] | None:
    """Values of a rule's parameters; whoever looks, `$me`, may be anyone. None leaves all open."""
    given = {**rule.parameters, **(parameters or {})}
    return {"me": FieldType.TEXT, **given} if given else None


def _text_of(condition: str | ConditionLike) -> str:
    """What a condition was written as; a rule remembers it."""
    if isinstance(condition, str):
        return condition
    return condition.text if isinstance(condition, Rule) else ""


@frozen
class _Writer:
    """Findings in words, and with fixes that were tried."""

    text: str
    schema: Schema
    names: Names | None
    parameters: Mapping[str, object] | None

    def diagnostic(self, finding: Finding) -> Diagnostic:
        args: dict[str, object] = {
            "clauses": self._listed(finding.clauses, "en"),
            "clauses_zh": self._listed(finding.clauses, "zh"),
            "because": self._listed(finding.because, "en"),
            "because_zh": self._listed(finding.because, "zh"),
        }
        if finding.unseen:
            args = {"number": finding.unseen}
        spans = [clause.span for clause in finding.clauses]
        span = (min(start for start, _ in spans), max(end for _, end in spans))
        return Diagnostic(finding.code, args, span, tuple(self._fixes(finding)))

    def _listed(self, clauses: Iterable[Condition], lang: Language) -> str:
        quoted = [self._quoted(clause, lang) for clause in clauses]
        if lang == "zh":
            return "和".join(quoted)
        return " and ".join(filter(None, [", ".join(quoted[:-1]), *quoted[-1:]]))

    def _quoted(self, clause: Condition, lang: Language) -> str:
        """A clause in the words in which it was written, where it was."""
        start, end = clause.span
        shown = self.text[start:end] or format(clause, lang, schema=self.schema)
        return f"“{shown}”" if lang == "zh" else f"'{shown}'"

    def _fixes(self, finding: Finding) -> Iterable[Fix]:
        """Leaving the clause out of the text, if that says what the lighter condition says."""
        if not 0 < len(self.text) <= _LONGEST_MENDED or finding.code not in (
            "implied_clause",
            "absorbed_clause",
            "dead_branch",
        ):
            return
        parent, (odd,) = finding.parent, finding.clauses
        if not isinstance(parent, And | Or) or parent is odd or parent.span == (0, 0):
            return  # it stands for more than it is made of, or stands nowhere in the text
        index = next(i for i, item in enumerate(parent.items) if item is odd)
        if index:
            cut = (parent.items[index - 1].span[1], odd.span[1])
        else:
            cut = (odd.span[0], parent.items[1].span[0])
        start, end = parent.span
        replacement = self.text[start : cut[0]] + self.text[cut[1] : end]
        mended = self.text[:start] + replacement + self.text[end:]
        try:
            said = bind(parse(mended), self.schema, names=self.names, parameters=self.parameters)
        except QueryError:
            return
        if said == finding.lighter:
            yield Fix(replacement, replacement, parent.span)
