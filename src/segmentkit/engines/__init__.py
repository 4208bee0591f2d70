"""The meaning of a condition, and what computes it."""

from segmentkit.engines.interpreter import Interpreter
from segmentkit.engines.semantics import Moment
from segmentkit.engines.setting import Setting
from segmentkit.engines.subject import Subject, SubjectReader

__all__ = ["Interpreter", "Moment", "Setting", "Subject", "SubjectReader"]
