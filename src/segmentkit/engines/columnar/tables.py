"""Tables as hosts have them: Arrow, dataframes, plain numpy arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen

from segmentkit.arguments import explain_other_types
from segmentkit.engines.columnar.arrow import ArrowStream, chunks_of
from segmentkit.engines.columnar.numpy_arrays import raw_of_array
from segmentkit.engines.columnar.raw import RawColumn, size_of
from segmentkit.errors import InvalidValueError, WrongTypeError


def _names(given: Iterable[str]) -> frozenset[str]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise WrongTypeError(given, "names of columns", "Give a list of names")
    return frozenset(given)


@frozen(eq=False)
class Table:
    """
    A table of contacts, or of the rows of one collection, as a host has it.

    Columns bear the canonical names of the fields; columns of other names are not read, and fields
    without a column are missing. Rows of a collection also have a column of contact ids and, where
    the host knows it, an integer column `sequence`.

    Args:
        data: anything that gives an Arrow stream (tables of pyarrow, polars, pandas, duckdb), or
            numpy arrays by name; masked arrays say what is missing.
        contact: the column of contact ids: texts, or codes, which are the places of the contacts in
            their table.
        columns: column names by field name, where they differ.
        utc: columns of timestamps without a zone that are in UTC.
        minor: integer columns that count the smallest unit of their MONEY or DECIMAL field: cents.
    """

    data: ArrowStream | Mapping[str, object]
    contact: str = "contact"
    columns: Mapping[str, str] = field(factory=dict[str, str])
    utc: frozenset[str] = field(default=frozenset(), converter=_names)
    minor: frozenset[str] = field(default=frozenset(), converter=_names)

    def chunks(self) -> Iterator[dict[str, RawColumn]]:
        """The columns of each part of the table, by name."""
        if isinstance(self.data, Mapping):
            arrays = {name: raw_of_array(array, name) for name, array in self.data.items()}
            if len({size_of(column) for column in arrays.values()}) > 1:
                raise InvalidValueError(
                    sorted((name, size_of(c)) for name, c in arrays.items()),
                    "columns of a table",
                    "Give arrays of one length",
                )
            yield arrays
        else:
            yield from chunks_of(self.data)

    @explain_other_types
    def column_name(self, field_name: str) -> str:
        return self.columns.get(field_name, field_name)
