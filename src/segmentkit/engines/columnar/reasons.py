"""The facts that decide verdicts, looked up in columns for many contacts at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import cast

import numpy as np

from segmentkit.arguments import refuse_other_types
from segmentkit.engines.columnar.arrays import Codes, python_values
from segmentkit.engines.columnar.compile import Compiler
from segmentkit.engines.columnar.members import Node
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.run import Run
from segmentkit.engines.columnar.values import Computed
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.noting import (
    AnswerNote,
    Finding,
    Leaf,
    Note,
    Notes,
    ValueNote,
    leaves_of,
    line_of,
)
from segmentkit.engines.setting import Setting
from segmentkit.query import Condition, Language


@refuse_other_types
class ColumnReasons:
    """
    Why contacts match a condition, or do not, each in one line.

    Args:
        condition: bound.
        setting: of the run.
        lang: of the lines.

    Attributes:
        collections: names of those that the lines speak of.

    Raises:
        NotPortableError: a construct that the columnar engine cannot compute right.
    """

    def __init__(self, condition: Condition, setting: Setting, lang: Language = "en") -> None:
        self._setting = setting
        self._lang: Language = lang
        self._notes = Notes(setting.schema, lang)
        self._part = self._notes.plan(condition)
        compiler = Compiler(setting)
        self._leaves = [
            (
                leaf,
                compiler.compile(leaf.condition),
                [(note, _computed(compiler, note)) for note in leaf.notes],
            )
            for leaf in leaves_of(self._part)
        ]
        interpreter = Interpreter(setting)
        self._questions = [interpreter.compile(asked) for asked in compiler.asked]
        self._asked_collections = tuple(sorted(interpreter.collections))
        self.collections = compiler.collections()

    def lines(self, population: Population, contacts: Collection[str]) -> dict[str, str]:
        """
        A line for each contact.

        Raises:
            UnknownNameError: an id is not in the population, or a collection.
        """
        ids = list(contacts)
        codes = population.codes_of(ids)
        order = np.argsort(codes)
        run = Run(population, self._setting, self._questions, self._asked_collections)
        found = {
            leaf: self._findings(run, codes[order], node, notes)
            for leaf, node, notes in self._leaves
        }
        lines: dict[str, str] = {}
        for place, number in enumerate(order.tolist()):

            def find(leaf: Leaf, place: int = place) -> Finding:
                return found[leaf][place]

            lines[ids[number]] = line_of(self._part, find, self._lang)
        return lines

    def _findings(
        self, run: Run, codes: Codes, node: Node, notes: Sequence[tuple[Note, Computed | None]]
    ) -> list[Finding]:
        """Of each contact what a leaf comes to."""
        verdicts = cast("list[bool]", python_values(run.holds(node, codes)))
        columns = [self._said(run, codes, note, value, verdicts) for note, value in notes]
        return list(zip(verdicts, zip(*columns, strict=True), strict=True))

    def _said(
        self, run: Run, codes: Codes, note: Note, value: Computed | None, verdicts: Sequence[bool]
    ) -> list[str]:
        """What a note says of each contact; equal values are written once."""
        if isinstance(note, AnswerNote):
            words = [self._notes.answered(note, holds=holds) for holds in (False, True)]
            return [words[holds] for holds in verdicts]
        assert value is not None
        kind, zone = value.type, self._setting.moment.zone
        held = run.held(value, codes)
        written = {one: self._notes.said(note, one, kind, zone) for one in set(held)}
        return [written[one] for one in held]


def _computed(compiler: Compiler, note: Note) -> Computed | None:
    return compiler.value(note.value, note.within) if isinstance(note, ValueNote) else None
