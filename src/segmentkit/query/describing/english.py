"""Conditions in English sentences."""

from __future__ import annotations

from typing import assert_never

from attrs import evolve

from segmentkit.query import ast
from segmentkit.query.ast import Condition, Value
from segmentkit.query.describing.english_values import EnglishValues
from segmentkit.query.describing.english_words import (
    AMOUNTS,
    COMPARED,
    MATCHED,
    OFTEN,
    OPPOSITE,
    TIMED,
    TOTALS,
    article,
    listed,
    quoted,
    with_article,
)
from segmentkit.query.describing.names import (
    CUSTOMER,
    LITERALS,
    TIMES,
    Speaker,
    as_activity,
    conjuncts,
    has_parts,
    hoisted,
    is_chinese,
    is_share,
    percent,
    turned,
)
from segmentkit.text import plural


class English(EnglishValues):
    """Writes English. Each method gives a piece of the sentence, without outer blanks."""

    def sentence(self, node: Condition) -> str:
        match node:
            case ast.Truth(value=True):
                return "all customers"
            case ast.Truth(value=False):
                return "no customers"
            case ast.Activity():
                return f"customers {self._activity(node, CUSTOMER, False, alone=True)}"
            case _:
                return f"customers {self.clause(node, CUSTOMER)}"

    # --- conditions -----------------------------------------------------------------------------

    def clause(self, node: Condition, speaker: Speaker, negated: bool = False) -> str:
        """Of a customer `who ...`; of items `category is ...`."""
        match node:
            case ast.And() | ast.Or():
                joined = self._joined(node, speaker)
                return self._except(joined, speaker) if negated else joined
            case ast.Not():
                return self.clause(node.operand, speaker, not negated)
            case ast.Compare():
                return self._compare(node, speaker, negated)
            case ast.TextMatch():
                matched = self._matched(node, speaker, node.negated is not negated)
                return self._about(node.left, matched, speaker)
            case ast.Between():
                low, high = self.value(node.low, speaker), self.value(node.high, speaker)
                negation = "not " if node.negated is not negated else ""
                return self._about(node.left, f"is {negation}between {low} and {high}", speaker)
            case ast.InList():
                listed = self._in_list(node, speaker, node.negated is not negated)
                return self._about(node.left, listed, speaker)
            case ast.InWindow():
                return self._in_window(node, speaker, node.negated is not negated)
            case ast.IsMissing():
                known = "is known" if node.negated is not negated else "is unknown"
                return self._about(node.operand, known, speaker)
            case ast.Activity():
                return self._activity(node, speaker, negated)
            case ast.Truth():
                holds = node.value is not negated
                if speaker.level == "customer":
                    return "who may be anyone" if holds else "who are no one"
                return "everything counts" if holds else "nothing counts"
            case ast.Path() | ast.Parameter() | ast.Call() | ast.Aggregate():
                done = self._done(node, "", speaker, negated)
                return done or self._about(node, "is not yes" if negated else "is yes", speaker)
            case _:
                assert_never(node)

    def _joined(self, node: ast.And | ast.Or, speaker: Speaker) -> str:
        parts: list[str] = []
        for item in node.items:
            part = self.clause(item, speaker)
            parts.append(f"({part})" if has_parts(item) else part)
        return listed(parts, "and" if isinstance(node, ast.And) else "or")

    def _except(self, clause: str, speaker: Speaker) -> str:
        if speaker.level == "customer":
            return f"who are not among the customers ({clause})"
        return f"it is not so that ({clause})"

    def _about(self, subject: Value, predicate: str, speaker: Speaker) -> str:
        noun = self.value(subject, speaker)
        if speaker.level != "customer":
            return f"{noun} {predicate}"
        if isinstance(subject, ast.Path | ast.Aggregate | ast.Call) and noun.startswith("their "):
            return f"whose {noun.removeprefix('their ')} {predicate}"
        return f"for whom {noun} {predicate}"

    def _done(self, subject: Value, how: str, speaker: Speaker, negated: bool) -> str | None:
        """`who were created in the last 30 days`, for names that say by themselves what was done."""
        if not isinstance(subject, ast.Path):
            return None
        label = self.value(subject, speaker).removeprefix("their ")
        if " " in label or not label.endswith("ed"):
            return None
        said = f"not {label}" if negated else label
        if not how:
            return f"who are {said}" if speaker.level == "customer" else None
        return f"who were {said} {how}" if speaker.level == "customer" else f"{said} {how}"

    def _compare(self, node: ast.Compare, speaker: Speaker, negated: bool) -> str:
        often = as_activity(node, speaker, self.labels)
        if often is not None:
            return self._activity(often, speaker, negated)
        said = turned(node)
        right = percent(said.right) if is_share(said.left) else None
        if right is None:
            right = self.value(said.right, speaker)
        words = TIMED if isinstance(said.right, TIMES) else COMPARED
        done = None
        if said.right == ast.Truth(True) and said.operator in ("=", "!="):
            done = self._done(said.left, "", speaker, negated is not (said.operator == "!="))
        elif words is TIMED and said.operator not in ("=", "!="):
            how = f"{TIMED[said.operator][0].removeprefix('is ')} {right}"
            done = self._done(said.left, how, speaker, negated)
        if done is not None:
            return done
        verb = words[said.operator][negated] + (" exactly" if said.exactly else "")
        return self._about(said.left, f"{verb} {right}", speaker)

    def _matched(self, node: ast.TextMatch, speaker: Speaker, negated: bool) -> str:
        verb = MATCHED[node.operation][negated]
        texts = self._items(node.patterns, speaker)
        if len(texts) == 1 and not isinstance(node.patterns, ast.Parameter):
            return f"{verb} {texts[0]}"
        if node.quantifier == "all":
            return f"{verb} all of {listed(texts, 'and')}"
        if negated or isinstance(node.patterns, ast.Parameter):
            return f"{verb} any of {listed(texts, 'or')}"
        return f"{verb} {listed(texts, 'or')}"

    def _in_list(self, node: ast.InList, speaker: Speaker, negated: bool) -> str:
        items = self._items(node.items, speaker)
        negation = "is not" if negated else "is"
        if isinstance(node.items, ast.Parameter) or len(items) > 3:
            return f"{negation} one of {listed(items, 'or')}"
        if negated and len(items) == 2:
            return f"is neither {items[0]} nor {items[1]}"
        return f"{negation} {listed(items, 'or')}"

    def _in_window(self, node: ast.InWindow, speaker: Speaker, negated: bool) -> str:
        done = self._done(node.left, self.window(node.window), speaker, negated)
        if done is not None:
            return done
        negation = "not " if negated else ""
        return self._about(node.left, f"is {negation}{self.within(node.window)}", speaker)

    def _items(self, items: tuple[Value, ...] | ast.Parameter, speaker: Speaker) -> list[str]:
        values = (items,) if isinstance(items, ast.Parameter) else items
        return [self.value(item, speaker) for item in values]

    # --- activities -----------------------------------------------------------------------------

    def _activity(
        self, node: ast.Activity, speaker: Speaker, negated: bool, *, alone: bool = False
    ) -> str:
        if negated:
            node = evolve(node, negated=not node.negated)
        if node.negated and (node.having is not None or node.steps):
            positive = self._activity(evolve(node, negated=False), speaker, False)
            return self._except(positive, CUSTOMER)
        node = hoisted(node)
        frequency = node.frequency
        if node.negated and frequency is not None and frequency.kind in OPPOSITE:
            frequency = evolve(frequency, kind=OPPOSITE[frequency.kind])
            node = evolve(node, frequency=frequency, negated=False)
        happens = self.labels.verb_of(node) == "did"
        says = self._did(node, speaker) if happens else self._owns(node, speaker)
        pieces = [f"who {says}"]
        if node.window is not None:
            pieces.append(self.window(node.window))
        if node.where is not None:
            where = f"where {self.clause(node.where, speaker.item_of(node.collection))}"
            pieces.append(where if alone and not node.steps else f"({where})")
        whole = " ".join(pieces)
        if node.having is not None:
            whole += f", {self._having(node.having, speaker.totals_of(node.collection))}"
        return whole + self._steps(node, speaker)

    def _did(self, node: ast.Activity, speaker: Speaker) -> str:
        keys = self._keys(node, speaker)
        if node.frequency is None and node.negated:
            said = f"did not {self.action(node.collection)}{keys}"
        else:
            said = f"{self.action(node.collection, past=True)}{keys}"
        if node.frequency is None:
            return said
        return f"{said} {self._times(node.frequency, speaker, node.negated)}"

    def _keys(self, node: ast.Activity, speaker: Speaker) -> str:
        if node.keys is None:
            return ""
        if isinstance(node.keys, ast.KeyPattern):
            return f" anything like {quoted(node.keys.pattern.value)}"
        names = self._items(node.keys.values, speaker)
        below = " or anything below" if node.keys.under else ""
        if len(names) == 1:
            return f" {names[0]}{below}"
        every = node.quantifier == "all"
        many = "all of" if every else "any of"
        return f" {many} {listed(names, 'and' if every else 'or')}{below}"

    def _owns(self, node: ast.Activity, speaker: Speaker) -> str:
        noun, has = self.labels.collection(node.collection), self.labels.verb_of(node) == "has"
        if is_chinese(noun):
            noun = f"“{noun}”"
        if node.frequency is not None and node.keys is None:
            number, one = self._number_of(node.frequency, speaker)
            negation = "not " if node.negated else ""
            verb = f"{negation}have" if has else f"are {negation}in"
            none = " (or none)" if node.frequency.kind in ("at_most", "fewer_than") else ""
            return f"{verb} {number} {noun if one else plural(noun)}{none}"
        match node.keys:
            case None:
                said = f"no {noun}" if node.negated else with_article(noun)
                said = f"have {said}" if has else f"are in {said}"
            case ast.KeyPattern(pattern):
                negation = "no" if node.negated else article(noun)
                verb = "have" if has else "are in"
                said = f"{verb} {negation} {noun} whose name matches {quoted(pattern.value)}"
            case ast.Keys():
                said = self._owns_keys(node, node.keys, noun, speaker)
            case _:
                assert_never(node.keys)
        if node.frequency is not None:
            said = f"{said} {self._times(node.frequency, speaker, False)}"
        return said

    def _owns_keys(self, node: ast.Activity, keys: ast.Keys, noun: str, speaker: Speaker) -> str:
        names, every = self._items(keys.values, speaker), node.quantifier == "all"
        below = " or anything below" if keys.under else ""
        has = self.labels.verb_of(node) == "has"
        many = len(names) > 1 or isinstance(keys.values[0], ast.Parameter)
        if not many:
            which = f"the {noun} {names[0]}{below}"
        else:
            how_many = "all" if every else "none" if node.negated else "any"
            which = (
                f"{how_many} of the {plural(noun)} {listed(names, 'and' if every else 'or')}{below}"
            )
        if not node.negated or (many and not every):
            return f"have {which}" if has else f"are in {which}"
        return f"do not have {which}" if has else f"are not in {which}"

    def _times(self, frequency: ast.Frequency, speaker: Speaker, negated: bool) -> str:
        number, one = self._number_of(frequency, speaker)
        never = " (or never)" if frequency.kind in ("at_most", "fewer_than") else ""
        return f"{'not ' if negated else ''}{number} {'time' if one else 'times'}{never}"

    def _number_of(self, frequency: ast.Frequency, speaker: Speaker) -> tuple[str, bool]:
        """`at least 3`, and whether it is one."""
        number = self.value(frequency.count, speaker)
        if frequency.upper is not None:
            return f"{number} to {self.value(frequency.upper, speaker)}", False
        return f"{OFTEN[frequency.kind]} {number}", frequency.count == ast.Number(1)

    def _having(self, node: Condition, speaker: Speaker) -> str:
        totals = [self._total(part, speaker) for part in conjuncts(node)]
        plain = [total for total in totals if total is not None]
        if len(plain) == len(totals):
            return f"with {listed(plain, 'and')}"
        return f"such that {self.clause(node, speaker)}"

    def _total(self, node: Condition, speaker: Speaker) -> str | None:
        """`a total amount of at least 1000`, if it is that plain."""
        if not isinstance(node, ast.Compare):
            return None
        said = turned(node)
        of, amount = said.left, AMOUNTS.get(said.operator)
        if (
            not isinstance(of, ast.Aggregate)
            or of.function not in ("sum", "avg", "min", "max")
            or len(of.path) != 1
            or (of.transform, of.where, of.window) != (None, None, None)
            or amount is None
            or not isinstance(said.right, LITERALS)
        ):
            return None
        noun = f"{TOTALS[of.function]} {self.field(of.path[0], speaker.collection)}"
        return f"{with_article(noun)} of {amount} {self.value(said.right, speaker)}"

    def _steps(self, node: ast.Activity, speaker: Speaker) -> str:
        speaker = speaker.knowing(node.alias, node.collection)
        said = ""
        for step in node.steps:
            did = self.action(step.collection, past=not step.negated)
            said += f", and then {'did not ' if step.negated else ''}{did}"
            if step.where is not None:
                said += f" ({self._step_where(step, speaker)})"
            if step.within is not None:
                said += f" within {self.value(step.within, speaker)}"
            speaker = speaker.knowing(step.alias, step.collection)
        return said

    def _step_where(self, step: ast.Step, speaker: Speaker) -> str:
        match step.where:
            case ast.Compare("=", ast.Path((name,)), ast.Path((alias, other))) if (
                name == other and alias in speaker.aliases
            ):
                return f"with the same {self.labels.field(name, step.collection)}"
            case None:
                return ""
            case where:
                return f"where {self.clause(where, speaker.item_of(step.collection))}"
