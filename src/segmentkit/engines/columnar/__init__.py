"""The columnar engine: all conditions of a run at once, over a population held as numpy columns."""

from segmentkit.engines.columnar.batch import Answers, Batch, Members, compile_batch
from segmentkit.engines.columnar.population import Population
from segmentkit.engines.columnar.reasons import ColumnReasons
from segmentkit.engines.columnar.tables import Table

__all__ = ["Answers", "Batch", "ColumnReasons", "Members", "Population", "Table", "compile_batch"]
