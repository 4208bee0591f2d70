"""Forms: a submission becomes a contact, with the groups and tags that the form presets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model.access import SYSTEM, Viewer
from segmentkit.model.change import ChangeSet
from segmentkit.model.checks import texts
from segmentkit.model.operations.intake import Intake
from segmentkit.model.operations.intake_cells import AS_WRITTEN, CellReading
from segmentkit.model.operations.intake_columns import Target
from segmentkit.model.operations.intake_reader import plan_intake
from segmentkit.model.state import State


@refuse_other_types
@frozen
class Form:
    """
    What a form makes of its submissions.

    Args:
        id: the host's id; the holder of the presets.
        questions: what each question means: the name of a field, or an `IntakeTarget`.
        groups, tags: that every respondent gets; they must exist.
        creates_contact: respondents become contacts; False keeps submissions out of the contacts.
        match_on: fields by which a respondent is known to be a contact that is there already.
        reading: what answers leave open about dates and times.
    """

    id: str
    questions: Mapping[str, Target] = field(hash=False)
    groups: tuple[str, ...] = field(default=(), converter=texts)
    tags: tuple[str, ...] = field(default=(), converter=texts)
    creates_contact: bool = True
    match_on: tuple[str, ...] = field(default=(), converter=texts)
    reading: CellReading = AS_WRITTEN


@refuse_other_types
def submit_form(
    state: State,
    form: Form,
    answers: Mapping[str, object],
    *,
    at: datetime,
    actor: Viewer = SYSTEM,
) -> ChangeSet:
    """
    The change set by which a submission becomes a contact, or adds to one that is there.

    Questions that were not answered say nothing.

    Raises:
        BadRowsError: an answer that its field cannot take; `problems` names the question.
        UnknownNameError: a preset group or tag that is not there.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import Field, FieldType, Schema
        >>> state = State(Schema(fields=[Field("name", FieldType.TEXT)]))
        >>> form = Form("trial", {"您的姓名": "name"})
        >>> now = datetime(2026, 11, 20, tzinfo=UTC)
        >>> changes = submit_form(state, form, {"您的姓名": "王小明"}, at=now)
        >>> changes.changes[0].after.channel, changes.changes[0].after.value("name")
        ('form', '王小明')
    """
    if not form.creates_contact:
        return ChangeSet([], actor.staff, at, state.version, f"form {form.id}")
    intake = Intake(
        form.id,
        form.questions,
        groups=form.groups,
        tags=form.tags,
        match_on=form.match_on,
        reading=form.reading,
        channel="form",
        first_row=1,
    )
    row = {question: answers.get(question) for question in form.questions}
    return plan_intake(state, [row], intake, actor=actor, at=at).all_or_nothing()
