"""The meaning of a condition, and what computes it."""

from segmentkit.engines.asking import Engine, evaluate, explain, members, select, setting_of
from segmentkit.engines.explanation import Citation, Explanation, Fact, explain_contact
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.reasons import Reasons
from segmentkit.engines.semantics import Moment
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Subject, SubjectReader
from segmentkit.engines.timing import Crossing, Passage, passage
from segmentkit.engines.turning import turning_instants

__all__ = [
    "Citation",
    "Crossing",
    "Engine",
    "Explanation",
    "Fact",
    "Interpreter",
    "Moment",
    "Passage",
    "Reasons",
    "Setting",
    "Subject",
    "SubjectReader",
    "evaluate",
    "explain",
    "explain_contact",
    "members",
    "passage",
    "select",
    "setting_of",
    "turning_instants",
]
