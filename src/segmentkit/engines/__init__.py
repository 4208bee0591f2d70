"""The meaning of a condition, and what computes it."""

from importlib import import_module
from typing import TYPE_CHECKING

from segmentkit.engines.asking import Engine, evaluate, explain, members, select
from segmentkit.engines.binding import bind_all, setting_of
from segmentkit.engines.explaining import explain_contact
from segmentkit.engines.explanation import Citation, Explanation, Fact
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.kept import KeptPopulation, PopulatedStore
from segmentkit.engines.reasons import Reasons, reasons_of
from segmentkit.engines.repair import Need, Repair
from segmentkit.engines.semantics import Moment
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Subject, SubjectReader
from segmentkit.engines.timing import Crossing, Passage, passage
from segmentkit.engines.turning import turning_instants

if TYPE_CHECKING:
    from segmentkit.engines.columnar import (
        Answers,
        Batch,
        Members,
        Population,
        Table,
        compile_batch,
    )

__all__ = [
    "Answers",
    "Batch",
    "Citation",
    "Crossing",
    "Engine",
    "Explanation",
    "Fact",
    "Interpreter",
    "KeptPopulation",
    "Members",
    "Moment",
    "Need",
    "Passage",
    "PopulatedStore",
    "Population",
    "Reasons",
    "Repair",
    "Setting",
    "Subject",
    "SubjectReader",
    "Table",
    "bind_all",
    "compile_batch",
    "evaluate",
    "explain",
    "explain_contact",
    "members",
    "passage",
    "reasons_of",
    "select",
    "setting_of",
    "turning_instants",
]

_COLUMNAR = {"Answers", "Batch", "Members", "Population", "Table", "compile_batch"}


def __getattr__(name: str) -> object:
    """What the columnar engine gives is loaded when it is first used, and numpy with it."""
    if name not in _COLUMNAR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("segmentkit.engines.columnar"), name)
