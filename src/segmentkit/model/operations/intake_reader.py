"""The trying out of a file, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

from attrs import evolve

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import (
    DuplicateIdError,
    InvalidValueError,
    SegmentkitError,
    UnknownNameError,
)
from segmentkit.model.access import Viewer
from segmentkit.model.change import ChangeSet
from segmentkit.model.chat import StaffLink
from segmentkit.model.contact import ATTRIBUTES, Contact
from segmentkit.model.frozen_map import FrozenMap
from segmentkit.model.group import ContactGroup
from segmentkit.model.operations.contact_draft import ContactDraft
from segmentkit.model.operations.contact_edit import is_taken
from segmentkit.model.operations.grouping import hold_group
from segmentkit.model.operations.ids import fresh_ids
from segmentkit.model.operations.inline import InlineThings
from segmentkit.model.operations.intake import Intake, IntakePlan, RowOutcome, RowProblem
from segmentkit.model.operations.intake_cells import (
    read_cell,
    read_flag,
    read_list,
)
from segmentkit.model.operations.intake_columns import IntakeTarget, Target
from segmentkit.model.operations.matching import MatchKey, match_keys, matchers
from segmentkit.model.operations.tagging import hold_tag
from segmentkit.model.permission import Action, require
from segmentkit.model.schema import Field, FieldType, Schema
from segmentkit.model.state import State
from segmentkit.model.tag import Tag
from segmentkit.model.time import as_instant
from segmentkit.model.values import FieldValue
from segmentkit.text import nearest


@refuse_other_types
def plan_intake(
    state: State,
    rows: Iterable[Mapping[str, object]],
    intake: Intake,
    *,
    actor: Viewer,
    at: datetime,
) -> IntakePlan:
    """
    What taking in these rows would do.

    Rows that are about the same contact are taken together. New tags and groups that only bad rows
    name are not created.

    Args:
        rows: cells by column, as `csv.DictReader` or a dataframe's records give them.

    Raises:
        UnknownNameError: a column that the rows do not have, a field that the schema does not have,
            or a group or tag for the whole batch that is not there.
        NotAllowedError: the actor may not create what is missing, or set one of the tags.

    Examples:
        >>> from datetime import UTC
        >>> from segmentkit.model import SYSTEM, Schema
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER)])
        >>> state, now = State(schema), datetime(2026, 11, 20, tzinfo=UTC)
        >>> intake = Intake("trial.csv", {"年龄": "age", "标签": IntakeTarget.TAGS}, create=True)
        >>> rows = [{"年龄": "30", "标签": "爱好/英语"}, {"年龄": "thirty", "标签": ""}]
        >>> plan = plan_intake(state, rows, intake, actor=SYSTEM, at=now)
        >>> plan.count("add"), plan.problems[0].row, plan.problems[0].column
        (1, 3, '年龄')
        >>> plan.good_only().summary()
        {'contact_added': 1, 'hold_added': 1, 'tag_added': 1, 'tag_group_added': 1}
    """
    require(actor, Action.EDIT_CONTACTS)
    return IntakeReader(state, intake, actor, as_instant(at, "at")).plan(rows)


class IntakeReader:
    """One intake under way."""

    def __init__(self, state: State, intake: Intake, actor: Viewer, at: datetime) -> None:
        self._state = state
        self._intake = intake
        self._actor = actor
        self._at = at
        self._inline = InlineThings(state, actor, at)
        self._columns = _columns(state.schema, intake.columns)
        self._tags = [self._tag(one) for one in intake.tags]
        self._groups = [self._group(one) for one in intake.groups]
        self._drafts: dict[str, ContactDraft] = {}
        self._ids = fresh_ids("contact", state.version, lambda one: is_taken(state, one))
        self._match_on = matchers(state.schema, intake.match_on)
        self._known: dict[MatchKey, dict[str, None]] = {}
        if self._match_on:
            for contact in state.contacts():
                self._remember(contact)

    def plan(self, rows: Iterable[Mapping[str, object]]) -> IntakePlan:
        outcomes: list[RowOutcome] = []
        header: dict[str, None] = {}
        for number, row in enumerate(rows, self._intake.first_row):
            if not outcomes:
                _refuse_unknown_columns(self._columns, row)
            header.update(dict.fromkeys(one for one in row if one not in self._columns))
            outcomes.append(self._take(number, row))
        changes = [*self._inline.changes()]
        for draft in self._drafts.values():
            changes.extend(draft.changes())
        return IntakePlan(
            tuple(outcomes),
            tuple(column for column in header if column is not _SURPLUS),
            ChangeSet(
                changes,
                self._actor.staff,
                self._at,
                self._state.version,
                f"intake {self._intake.name}",
            ),
        )

    # --- one row -------------------------------------------------------------------------------

    def _take(self, number: int, row: Mapping[str, object]) -> RowOutcome:
        values, problems = self._read(number, row)
        if problems:
            return RowOutcome(number, "refuse", None, tuple(problems))
        mark = self._inline.mark()
        try:
            return self._plan_row(number, values)
        except SegmentkitError as error:
            self._inline.restore(mark)
            problem = RowProblem(number, None, error.value, _reason(error), error.code)
            return RowOutcome(number, "refuse", None, (problem,))

    def _read(
        self, number: int, row: Mapping[str, object]
    ) -> tuple[dict[Field | IntakeTarget, object], list[RowProblem]]:
        """The values of the cells that say something; and what is wrong with the others."""
        values: dict[Field | IntakeTarget, object] = {}
        problems: list[RowProblem] = []
        reading = self._intake.reading
        if _SURPLUS in row:
            surplus = row[_SURPLUS]
            reason = "The row has more cells than the header"
            problems.append(RowProblem(number, None, surplus, reason, InvalidValueError.code))
        for column, target in self._columns.items():
            raw = row.get(column)
            try:
                match target:
                    case Field():
                        value = read_cell(target, raw, reading)
                    case IntakeTarget.TAGS | IntakeTarget.GROUPS:
                        value = read_list(raw, reading.list_marks) or None
                    case IntakeTarget.FOLLOWED:
                        value = read_flag(raw) or None
                    case IntakeTarget.ADDED:
                        value = read_cell(_ADDED, raw, reading)
                    case IntakeTarget.ID | IntakeTarget.ADDED_BY | IntakeTarget.CHANNEL:
                        value = read_cell(_WORD, raw, reading)
            except SegmentkitError as error:
                problems.append(RowProblem(number, column, raw, _reason(error), error.code))
                continue
            if value is not None:
                values[target] = value
        return values, problems

    def _plan_row(self, number: int, values: Mapping[Field | IntakeTarget, object]) -> RowOutcome:
        fields = FrozenMap(
            {
                target.name: cast("FieldValue", value)
                for target, value in values.items()
                if isinstance(target, Field)
            }
        )
        given_id = cast("str | None", values.get(IntakeTarget.ID))
        found = self._whose(given_id, fields)
        if found is None:
            contact_id = given_id or next(self._ids)
            contact = Contact(contact_id, fields, added=self._at, channel=self._intake.channel)
            before = draft = ContactDraft(self._state, contact, is_new=True)
        elif self._intake.on_match == "skip":
            return RowOutcome(number, "skip", found)
        elif self._intake.on_match == "refuse":
            raise DuplicateIdError(found, "contacts", "It is there already")
        else:
            before = self._drafts.get(found) or ContactDraft(
                self._state, self._state.contact(found)
            )
            draft = before.fork()
            draft.contact = evolve(draft.contact, fields=self._joined(draft.contact.fields, fields))
        self._take_over(draft, values, is_new=found is None)
        self._drafts[draft.id] = draft
        self._forget(before.contact)
        self._remember(draft.contact)
        if found is None:
            return RowOutcome(number, "add", draft.id)
        return RowOutcome(number, "same" if draft.is_like(before) else "update", found)

    def _whose(self, given_id: str | None, fields: FrozenMap[FieldValue]) -> str | None:
        """The contact that a row is about, or None for a new one."""
        found: dict[str, None] = {}
        for key in match_keys(self._match_on, fields):
            found.update(self._known.get(key, {}))
        if given_id is not None:
            known = self._state.resolve_contact(given_id)
            if known in self._drafts or self._state.find_contact(known) is not None:
                found[known] = None
            elif found:
                raise DuplicateIdError(given_id, "id", f"By its values it is {next(iter(found))!r}")
            elif self._state.was_erased(given_id):
                raise InvalidValueError(given_id, "id", "This person was erased on request")
        if len(found) > 1:
            names = ", ".join(map(repr, found))
            raise DuplicateIdError(
                tuple(found), "contacts", f"The row fits {names}: merge them first"
            )
        return next(iter(found), None)

    def _take_over(
        self,
        draft: ContactDraft,
        values: Mapping[Field | IntakeTarget, object],
        *,
        is_new: bool,
    ) -> None:
        """Plan all that a row says beside the fields."""
        contact = draft.contact
        overrides = is_new or self._intake.on_match == "update"
        adder = self._adder(values) or (self._adder_is_actor() if is_new else None)
        for name, value in (
            ("added", values.get(IntakeTarget.ADDED)),
            ("added_by", adder),
            ("channel", values.get(IntakeTarget.CHANNEL)),
        ):
            if value is not None and (overrides or getattr(contact, name) is None):
                contact = evolve(contact, **{name: value})
        if self._intake.followed or IntakeTarget.FOLLOWED in values:
            contact = evolve(contact, followed_by=contact.followed_by | {self._actor.staff})
        draft.contact = contact
        if adder is not None and self._state.organisation.find_member(adder) is not None:
            link = StaffLink(draft.id, adder, contact.added or self._at)
            if self._state.current(link) is None:
                draft.put(None, link)
        tags = cast("tuple[str, ...]", values.get(IntakeTarget.TAGS, ()))
        groups = cast("tuple[str, ...]", values.get(IntakeTarget.GROUPS, ()))
        for tag in [*self._tags, *map(self._tag, tags)]:
            require(self._actor, Action.ASSIGN_TAG, tag)
            hold_tag(draft, tag, "import", self._intake.name, self._at)
        for group in [*self._groups, *map(self._group, groups)]:
            hold_group(draft, group, "import", self._intake.name, self._at)

    def _joined(
        self, old: FrozenMap[FieldValue], new: FrozenMap[FieldValue]
    ) -> FrozenMap[FieldValue]:
        if self._intake.on_match == "fill":
            return new.put(old)
        # The same phone number written in another way is no news.
        same = [one.field for one in self._match_on if one.key(old) == one.key(new)]
        return old.put(new.drop(*same))

    # --- parts ---------------------------------------------------------------------------------

    def _tag(self, reference: str) -> Tag:
        if self._intake.create:
            return self._inline.new_tag(reference)
        return self._state.catalog.tag(reference)

    def _group(self, reference: str) -> ContactGroup:
        if self._intake.create:
            return self._inline.new_group(reference)
        return self._state.groups.group(reference)

    def _adder(self, values: Mapping[Field | IntakeTarget, object]) -> str | None:
        """The id of the staff member that a cell names, or what it says where nobody has it."""
        word = cast("str | None", values.get(IntakeTarget.ADDED_BY))
        if word is None or self._state.organisation.find_member(word) is not None:
            return word
        named = [one.id for one in self._state.organisation.staff if one.name == word]
        return named[0] if len(named) == 1 else word

    def _adder_is_actor(self) -> str | None:
        person = self._state.organisation.find_member(self._actor.staff)
        return None if person is None else person.id

    def _remember(self, contact: Contact) -> None:
        for key in match_keys(self._match_on, contact.fields):
            self._known.setdefault(key, {})[contact.id] = None

    def _forget(self, contact: Contact) -> None:
        """A contact that a row gives another number is not known by the old one any more."""
        for key in match_keys(self._match_on, contact.fields):
            self._known.get(key, {}).pop(contact.id, None)


# Where `csv.DictReader` puts the cells that no column of the header stands over.
_SURPLUS = cast("str", None)
_ADDED = Field("added", FieldType.INSTANT)
_WORD = Field("word", FieldType.TEXT)


def _columns(schema: Schema, given: Mapping[str, Target]) -> dict[str, Field | IntakeTarget]:
    """Columns by what they mean, each target once."""
    attributes = {target.value: target for target in IntakeTarget}
    columns: dict[str, Field | IntakeTarget] = {}
    for column, target in given.items():
        if isinstance(target, str):
            field = schema.field(target)
            meant = attributes.get(field.name, field) if field.name in ATTRIBUTES else field
        else:
            meant = target
        if meant in columns.values():
            raise InvalidValueError(column, "columns", "Two columns mean the same")
        columns[column] = meant
    return columns


def _refuse_unknown_columns(columns: Iterable[str], row: Mapping[str, object]) -> None:
    for column in columns:
        if column not in row:
            near = nearest(column, [one for one in row if isinstance(one, str)])
            remedy = f"Did you mean {near!r}?" if near else f"It has {', '.join(map(str, row))}"
            raise UnknownNameError(column, "columns of the file", remedy)


def _reason(error: SegmentkitError) -> str:
    return f"{error.summary}. {error.remedy}" if error.remedy else error.summary
