"""The columnar engine: all conditions of a run at once, over a population held as numpy columns."""

from segmentkit.engines.columnar.batch import Answers, Batch, Members, compile_batch
from segmentkit.engines.columnar.population import Population

__all__ = ["Answers", "Batch", "Members", "Population", "compile_batch"]
