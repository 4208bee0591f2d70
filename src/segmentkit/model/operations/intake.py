"""
Contacts that come in from a file: tried out row by row first, then taken in.

A bad row is reported with its row, column, value and reason. Whether the good rows go in without it
is decided with the plan in hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import (
    InvalidValueError,
)
from segmentkit.model.change import ChangeSet
from segmentkit.model.checks import texts
from segmentkit.model.operations.intake_cells import (
    AS_WRITTEN,
    CellReading,
)
from segmentkit.model.operations.intake_columns import Target

RowAction: TypeAlias = Literal["add", "update", "same", "skip", "refuse"]
OnMatch: TypeAlias = Literal["update", "fill", "skip", "refuse"]


@refuse_other_types
@frozen
class Intake:
    """
    How a file is to be taken in.

    Args:
        name: of the file or batch; the holder of what it assigns.
        columns: what each column means: the name of a field, or an `IntakeTarget`. Columns that are
            not named are passed over. `suggest_columns` makes a first draft.
        groups: every contact of the file joins them.
        tags: every contact of the file gets them.
        followed: every contact of the file is starred for the actor.
        create: groups and tags that are not there are created, tags as `group/tag`.
        match_on: fields by which a row is known to be a contact that is there already; the id
            always tells.
        on_match: `update` takes over what the row says, `fill` only what the contact lacks, `skip`
            leaves the contact alone, `refuse` makes it a bad row.
        reading: what the file leaves open about dates and times.
        channel: where new contacts came from, when no column says.
        first_row: the number of the first row, as people count in their file.
    """

    name: str
    columns: Mapping[str, Target] = field(hash=False)
    groups: tuple[str, ...] = field(default=(), converter=texts)
    tags: tuple[str, ...] = field(default=(), converter=texts)
    followed: bool = False
    create: bool = False
    match_on: tuple[str, ...] = field(default=(), converter=texts)
    on_match: OnMatch = "update"
    reading: CellReading = AS_WRITTEN
    channel: str = "import"
    first_row: int = 2


@frozen
class RowProblem:
    """Why a row is bad; `column` is None when the row as a whole is."""

    row: int
    column: str | None
    value: object
    reason: str
    code: str


@frozen
class RowOutcome:
    """What would happen to one row: `same` is a contact that is already as the row says."""

    row: int
    action: RowAction
    contact: str | None
    problems: tuple[RowProblem, ...] = ()


class BadRowsError(InvalidValueError):
    """Rows that cannot be taken in; `problems` lists them all."""

    code = "bad_rows"
    summary = "bad rows:"

    def __init__(self, problems: tuple[RowProblem, ...]) -> None:
        first = problems[0]
        super().__init__(
            len({problem.row for problem in problems}),
            f"row {first.row}" + (f", column {first.column!r}" if first.column else ""),
            f"{first.reason}. Mend the rows, or take in the good ones only",
        )
        # Exception pickles through args, which must be those of this signature.
        self.args = (problems,)
        self.problems = problems


@frozen
class IntakePlan:
    """
    What taking in a file would do.

    Attributes:
        outcomes: one for each row, in order.
        ignored: columns of the file that mean nothing here.
    """

    outcomes: tuple[RowOutcome, ...]
    ignored: tuple[str, ...]
    _changes: ChangeSet = field(repr=False, alias="changes")

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        return tuple(problem for outcome in self.outcomes for problem in outcome.problems)

    def count(self, action: RowAction) -> int:
        """How many rows would be added, updated, ..."""
        return sum(outcome.action == action for outcome in self.outcomes)

    def good_only(self) -> ChangeSet:
        """The change set for all rows that are not bad."""
        return self._changes

    def all_or_nothing(self) -> ChangeSet:
        """
        The change set, if every row is good.

        Raises:
            BadRowsError: some are bad.
        """
        if self.problems:
            raise BadRowsError(self.problems)
        return self._changes
