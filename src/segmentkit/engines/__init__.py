"""The meaning of a condition, and what computes it."""

from segmentkit.engines.asking import evaluate, explain, members, select, setting_of
from segmentkit.engines.explanation import Citation, Explanation, Fact, explain_contact
from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.semantics import Moment
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Subject, SubjectReader

__all__ = [
    "Citation",
    "Explanation",
    "Fact",
    "Interpreter",
    "Moment",
    "Setting",
    "Subject",
    "SubjectReader",
    "evaluate",
    "explain",
    "explain_contact",
    "members",
    "select",
    "setting_of",
]
