"""Rules: a condition, and the automatic tag that it puts on whoever meets it."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Literal, TypeAlias, get_args

from attrs import evolve, field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.engines import Setting, setting_of
from segmentkit.errors import InvalidValueError, UnknownNameError, WrongTypeError
from segmentkit.model import SYSTEM, FrozenMap, Origin, Tag, Viewer, as_instant
from segmentkit.query import (
    Condition,
    ConditionLike,
    Diagnostic,
    QueryError,
    Reference,
    Successors,
    as_condition,
    check,
    parse,
    segments_named,
)
from segmentkit.rules.parameters import frozen_parameters, parameters_by_id
from segmentkit.rules.ports import RuleStore

Mode: TypeAlias = Literal["sync", "add_only"]


def _instant_or_none(value: datetime | None) -> datetime | None:
    return None if value is None else as_instant(value, "saved of a rule")


@frozen
class Rule:
    """
    Whoever meets a condition carries a tag.

    Each night the rule holds its tag on the contacts that meet the condition. In mode `sync` it
    lets go of those that no longer do; in mode `add_only` it never lets go. It answers for its own
    holds alone: what people, imports and other rules hold stays, and a pinned contact is left to
    the pin.

    Args:
        tag: an automatic tag, by id, name or `group/name` path.
        when: the condition, as text of the language, as a tree, or made by the Python builder.
        mode: what happens to those who no longer match.
        id: names the rule in its holds and in the ledger; the tag's text where it is not given.
        version: grows with each edit.
        parameters: a value for each `$name` of the condition; lists are kept as tuples.
        saved: when this version was saved. It takes part in the runs that end later. A rule that
            was saved and does not fit the store any more is reported as invalid; one that was
            never saved is an error.

    Raises:
        QueryError: the text cannot be read.
        InvalidValueError: a mode that there is not, a version below 1.
        WrongTypeError: a tag or id that is no text, a version that is no whole number.

    Examples:
        >>> rule = Rule(tag="等级/VIP", when="sum(purchase.amount) >= 1000", id="r-vip")
        >>> rule == Rule(tag="等级/VIP", when="总和(purchase.amount) >= 1000", id="r-vip")
        True
        >>> rule.label
        'r-vip@1'
    """

    tag: str
    when: str | ConditionLike = field(eq=False)
    mode: Mode = "sync"
    id: str = ""
    version: int = 1
    parameters: FrozenMap[object] = field(factory=FrozenMap[object], converter=frozen_parameters)
    saved: datetime | None = field(default=None, converter=_instant_or_none)
    condition: Condition = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        for name, text in (("tag", self.tag), ("id", self.id)):
            if type(text) is not str:
                raise WrongTypeError(text, f"{name} of a rule", "Give a text")
        if not self.tag:
            raise InvalidValueError(self.tag, "tag of a rule", "Name the tag that it sets")
        if not self.id:
            object.__setattr__(self, "id", self.tag)
        place = f"rule {self.id!r}"
        if self.mode not in get_args(Mode):
            raise InvalidValueError(self.mode, f"mode of {place}", "Give 'sync' or 'add_only'")
        if type(self.version) is not int:
            raise WrongTypeError(self.version, f"version of {place}", "Give an int")
        if self.version < 1:
            raise InvalidValueError(self.version, f"version of {place}", "Versions start at 1")
        when = self.when
        condition = parse(when) if isinstance(when, str) else as_condition(when)
        object.__setattr__(self, "condition", condition)

    @property
    def text(self) -> str:
        """What the condition was written as; empty when it was given as a tree."""
        return self.when if isinstance(self.when, str) else ""

    @property
    def label(self) -> str:
        """The rule and its version, as the change log and the ledger name it."""
        return f"{self.id}@{self.version}"

    @refuse_other_types
    def resolved(self, store: RuleStore) -> Rule:
        """
        The rule as it should be stored: names turned into ids, so that a rename never breaks it.

        Parameters stay open, so that another value can be given later; the names among their
        present values are turned into ids too.

        Raises:
            QueryError, UnknownNameError, InvalidValueError: as `bind_rule`.
        """
        bound = bind_rule(self, store)
        names = store.names
        open_condition = check(self.condition, store.schema, names=names).condition
        values = parameters_by_id(self.condition, self.parameters, store.schema, names)
        return evolve(self, tag=bound.tag.id, when=open_condition, parameters=values)


@frozen
class BoundRule:
    """
    A rule that fits a store.

    Attributes:
        rule: as it was given.
        tag: what it sets.
        path: the tag's full name today.
        condition: with canonical names, ids and the values of parameters.
    """

    rule: Rule
    tag: Tag
    path: str
    condition: Condition


@frozen
class InvalidRule:
    """
    A saved rule that does not fit the store any more; what it holds stays as it is.

    Attributes:
        rule: as it was given.
        diagnostics: what is wrong with it.
    """

    rule: Rule
    diagnostics: tuple[Diagnostic, ...]


@refuse_other_types
def bind_rule(rule: Rule, store: RuleStore, *, viewer: Viewer = SYSTEM) -> BoundRule:
    """
    A rule bound to the names, fields and tags of a store.

    Raises:
        QueryError: the condition does not fit the schema, or names what is not there.
        UnknownNameError: there is no such tag, or there are several.
        InvalidValueError: the tag is not automatic, or is archived.
    """
    tag = store.catalog.tag(tag_today(rule, store))
    place = f"tag of rule {rule.id!r}"
    if tag.origin is not Origin.AUTOMATIC:
        raise InvalidValueError(
            rule.tag, place, "Rules set automatic tags only: give the tag Origin.AUTOMATIC"
        )
    if tag.archived:
        raise InvalidValueError(rule.tag, place, "It is archived; take it out of the archive")
    condition, errors = _bound_condition(rule, store, viewer)
    if errors:
        raise QueryError(rule.text, errors)
    return BoundRule(rule, tag, store.catalog.path(tag), condition)


def bind_or_report(
    rule: Rule, store: RuleStore, *, viewer: Viewer = SYSTEM
) -> BoundRule | InvalidRule:
    """
    `bind_rule`; where a saved rule has lost what it needs, the report of it.

    A rule that was never saved is a mistake of whoever wrote it just now and raises, unless all
    that is wrong with it is that something it names by id was deleted.
    """
    try:
        return bind_rule(rule, store, viewer=viewer)
    except QueryError as error:
        lost = all(d.code == "deleted_reference" for d in error.diagnostics)
        if rule.saved is None and not lost:
            raise
        return InvalidRule(rule, error.diagnostics)
    except (UnknownNameError, InvalidValueError):
        if rule.saved is None:
            raise
        return InvalidRule(rule, (_lost_tag(rule, store),))


def _bound_condition(
    rule: Rule, store: RuleStore, viewer: Viewer
) -> tuple[Condition, tuple[Diagnostic, ...]]:
    """The bound condition, and the errors in it and in every segment that it stands on."""
    me = {"me": Reference("staff", viewer.staff)}
    checked = check(
        rule.condition,
        store.schema,
        names=store.names,
        parameters={**me, **rule.parameters},
        text=rule.text,
    )
    found = list(checked.diagnostics)
    waiting = list(segments_named(checked.condition))
    seen: set[str] = set()
    while waiting:
        segment = waiting.pop()
        if segment in seen or segment not in store.segments:
            continue  # a segment that is gone has its diagnostic already
        seen.add(segment)
        inner = check(store.segments[segment], store.schema, names=store.names, parameters=me)
        found += inner.diagnostics
        waiting += segments_named(inner.condition)
    return checked.condition, tuple(d for d in found if d.severity == "error")


def rule_setting(
    store: RuleStore, *, at: datetime, zone: tzinfo | str, viewer: Viewer = SYSTEM
) -> Setting:
    """
    What rules asked at an instant know besides the contacts: every saved segment is bound.

    Segments take no part of a rule's parameters, since rules share them; `$me` is the viewer.
    """
    setting = setting_of(store, at=at, zone=zone, viewer=viewer)
    me = {"me": Reference("staff", viewer.staff)}
    segments = {
        name: check(condition, store.schema, names=store.names, parameters=me).condition
        for name, condition in store.segments.items()
    }
    return evolve(setting, segments=segments)


def tag_today(rule: Rule, store: RuleStore) -> str:
    """What a rule calls its tag; the tag that took its place where it was merged into another."""
    names = store.names
    into = names.successor("tag", rule.tag) if isinstance(names, Successors) else None
    return into or rule.tag


def _lost_tag(rule: Rule, store: RuleStore) -> Diagnostic:
    """Why a saved rule can no longer set its tag."""
    catalog, named = store.catalog, tag_today(rule, store)
    found = catalog.find_tag(named) or next(iter(catalog.find_tags(named)), None)
    if found is None:
        return Diagnostic("deleted_reference", {"kind": "tag", "name": rule.tag})
    return Diagnostic("tag_not_for_rules", {"name": catalog.path(found)})
