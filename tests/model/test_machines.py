"""
The state against naive models, step by step: nothing lost, nothing doubled, no orphan, undo exact.
"""

import itertools

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from model.office import BOSS, GROUPS, LATER, NOW, PEOPLE, SCHEMA, office

from segmentkit.errors import (
    CycleError,
    DuplicateNameError,
    InvalidValueError,
    NotAllowedError,
    QuotaExceededError,
    UnknownNameError,
)
from segmentkit.model import (
    SYSTEM,
    ArchiveTag,
    Change,
    ChangeSet,
    Contact,
    CreateTag,
    CreateTagGroup,
    DeleteTag,
    DeleteTagGroup,
    EditTag,
    EditTagGroup,
    Hold,
    MergeTags,
    MoveTag,
    PlaceTag,
    PlaceTagGroup,
    Quota,
    Role,
    Settings,
    State,
    View,
    add_to_groups,
    assign_tags,
    create_group,
    delete_group,
    edit_catalog,
    edit_group,
    merge_contacts,
    move_contact,
    pin,
    plan_catalog,
    remove_from_groups,
    remove_tags,
    undo,
    unpin,
)

CONTACTS = ("c1", "c2", "c3")


class Machine(RuleBasedStateMachine):
    """What every machine checks: the log replays to the state, and undoing it all leads back."""

    def __init__(self):
        super().__init__()
        self.start = self.begin()
        self.state = self.begin()

    def begin(self) -> State:
        raise AssertionError("each machine begins somewhere")

    def do(self, operation, *arguments, wrong=None, **named):
        """Apply an operation, or see it refused as the model says and leave everything alone."""
        if wrong is None:
            changes = operation(self.state, *arguments, **named)
            assert len({change.key for change in changes}) == len(changes)
            self.state.apply(changes)
            return True
        before = State.of(SCHEMA, self.state.entities())
        with pytest.raises(wrong):
            self.state.apply(operation(self.state, *arguments, **named))
        assert self.state == before
        return False

    @invariant()
    def the_log_leads_here(self):
        log = self.state.changes_since(0)
        replayed = State.of(SCHEMA, self.start.entities())
        for changes in log:
            replayed.apply(changes)
        assert replayed == self.state
        assert self.state.version == len(log)

    @invariant()
    def nothing_names_what_is_not_there(self):
        assert State.of(SCHEMA, self.state.entities()) == self.state

    def teardown(self):
        for changes in reversed(self.state.changes_since(0)):
            result = undo(self.state, changes, actor=SYSTEM, at=LATER)
            assert result.conflicts == ()
            self.state.apply(result.changes)
        assert self.state == self.start
        for group in self.start.catalog.tag_groups:
            assert self.state.catalog.tags_of(group.id) == self.start.catalog.tags_of(group.id)


# --- the catalog -----------------------------------------------------------------------------------

QUOTA = Quota("small", tags=7, tag_groups=3, tags_per_group=4)
NAMES = st.sampled_from(["a", "b", "A", "c", "Ｂ", "d", "e"])


def folded(name):
    return {"Ｂ": "b"}.get(name, name).lower()


class CatalogMachine(Machine):
    """A catalog is a list of groups, each a list of names; holders follow the tag."""

    def begin(self):
        return State.of(SCHEMA, [Settings(QUOTA), *map(Contact, CONTACTS)])

    def __init__(self):
        super().__init__()
        # group name -> tag name -> the contacts that carry it; both in order.
        self.model: dict[str, dict[str, set[str]]] = {}

    def key_of(self, group):
        return next((key for key in self.model if folded(key) == folded(group)), None)

    def tag_in(self, group, name):
        return next((key for key in self.model[group] if folded(key) == folded(name)), None)

    def total(self):
        return sum(map(len, self.model.values()))

    @rule(name=NAMES, tags=st.lists(NAMES, max_size=3))
    def create_group(self, name, tags):
        wrong = None
        if self.key_of(name) or len(set(map(folded, tags))) < len(tags):
            wrong = DuplicateNameError
        elif len(self.model) == 3 or self.total() + len(tags) > 7:
            wrong = QuotaExceededError
        if self.do(edit_catalog, CreateTagGroup(name, tags), actor=BOSS, at=NOW, wrong=wrong):
            self.model[name] = {tag: set() for tag in tags}

    @precondition(lambda self: self.model)
    @rule(data=st.data(), name=NAMES)
    def create_tag(self, data, name):
        group = data.draw(st.sampled_from(sorted(self.model)))
        wrong = None
        if self.tag_in(group, name):
            wrong = DuplicateNameError
        elif len(self.model[group]) == 4 or self.total() == 7:
            wrong = QuotaExceededError
        if self.do(edit_catalog, CreateTag(group, name), actor=BOSS, at=NOW, wrong=wrong):
            self.model[group][name] = set()

    @precondition(lambda self: self.total())
    @rule(data=st.data(), name=NAMES)
    def rename_tag(self, data, name):
        group, tag = self.any_tag(data)
        other = self.tag_in(group, name)
        wrong = DuplicateNameError if other not in (None, tag) else None
        edit = EditTag(f"{group}/{tag}", name=name)
        if self.do(edit_catalog, edit, actor=BOSS, at=NOW, wrong=wrong):
            self.model[group] = {
                name if one == tag else one: held for one, held in self.model[group].items()
            }

    @precondition(lambda self: self.model)
    @rule(data=st.data(), name=NAMES)
    def rename_group(self, data, name):
        group = data.draw(st.sampled_from(sorted(self.model)))
        wrong = DuplicateNameError if self.key_of(name) not in (None, group) else None
        if self.do(edit_catalog, EditTagGroup(group, name=name), actor=BOSS, at=NOW, wrong=wrong):
            self.model = {name if one == group else one: t for one, t in self.model.items()}

    @precondition(lambda self: self.total())
    @rule(data=st.data())
    def move_tag(self, data):
        group, tag = self.any_tag(data)
        target = data.draw(st.sampled_from(sorted(self.model)))
        wrong = None
        if target != group and self.tag_in(target, tag):
            wrong = DuplicateNameError
        elif target != group and len(self.model[target]) == 4:
            wrong = QuotaExceededError
        move = MoveTag(f"{group}/{tag}", target)
        if self.do(edit_catalog, move, actor=BOSS, at=NOW, wrong=wrong) and target != group:
            self.model[target][tag] = self.model[group].pop(tag)

    @precondition(lambda self: self.total())
    @rule(data=st.data())
    def place_tag(self, data):
        group, tag = self.any_tag(data)
        names = list(self.model[group])
        position = data.draw(st.integers(0, len(names)))
        wrong = InvalidValueError if position == len(names) else None
        place = PlaceTag(f"{group}/{tag}", position)
        if self.do(edit_catalog, place, actor=BOSS, at=NOW, wrong=wrong):
            names.remove(tag)
            names.insert(position, tag)
            self.model[group] = {name: self.model[group][name] for name in names}

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def place_group(self, data):
        names = list(self.model)
        group = data.draw(st.sampled_from(names))
        position = data.draw(st.integers(0, len(names) - 1))
        self.do(edit_catalog, PlaceTagGroup(group, position), actor=BOSS, at=NOW)
        names.remove(group)
        names.insert(position, group)
        self.model = {name: self.model[name] for name in names}

    @precondition(lambda self: self.total())
    @rule(data=st.data())
    def delete_tag(self, data):
        group, tag = self.any_tag(data)
        self.do(edit_catalog, DeleteTag(f"{group}/{tag}"), actor=BOSS, at=NOW)
        del self.model[group][tag]

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def delete_group(self, data):
        group = data.draw(st.sampled_from(sorted(self.model)))
        self.do(edit_catalog, DeleteTagGroup(group), actor=BOSS, at=NOW)
        del self.model[group]

    @precondition(lambda self: self.total() > 1)
    @rule(data=st.data())
    def merge_tags(self, data):
        (group, tag), (target, into) = self.any_tag(data), self.any_tag(data)
        wrong = InvalidValueError if (group, tag) == (target, into) else None
        merge = MergeTags([f"{group}/{tag}"], f"{target}/{into}")
        if self.do(edit_catalog, merge, actor=BOSS, at=NOW, wrong=wrong):
            self.model[target][into] |= self.model[group].pop(tag)

    @precondition(lambda self: self.total())
    @rule(data=st.data(), contact=st.sampled_from(CONTACTS))
    def assign(self, data, contact):
        group, tag = self.any_tag(data)
        self.do(assign_tags, contact, [f"{group}/{tag}"], actor=BOSS, at=NOW)
        self.model[group][tag].add(contact)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), names=st.lists(NAMES, min_size=1, max_size=4))
    def batch(self, data, names):
        """A batch that does not fit as a whole is not done in part."""
        group = data.draw(st.sampled_from(sorted(self.model)))
        before = self.state.catalog
        plan = plan_catalog(
            self.state, [CreateTag(group, name) for name in names], actor=BOSS, at=NOW
        )
        assert self.state.catalog == before
        assert len(plan.fits) + len({id(one.operation) for one in plan.refusals}) == len(names)
        if plan.refusals:
            return
        self.state.apply(plan.changes)
        self.model[group].update({name: set() for name in names})

    def any_tag(self, data):
        tags = [(group, tag) for group, found in self.model.items() for tag in found]
        return data.draw(st.sampled_from(tags))

    @invariant()
    def the_catalog_is_that_of_the_model(self):
        catalog = self.state.catalog
        real = {
            group.name: {
                tag.name: {hold.contact for hold in self.state.holds_with(tag.id)}
                for tag in catalog.tags_of(group.id)
            }
            for group in catalog.tag_groups
        }
        assert real == self.model
        assert list(real) == list(self.model)
        assert [list(tags) for tags in real.values()] == [list(t) for t in self.model.values()]

    @invariant()
    def quotas_are_never_passed(self):
        room = self.state.catalog.room()
        assert min(room.tags, room.tag_groups, *room.in_group.values(), 0) == 0


# --- assignments -----------------------------------------------------------------------------------

TAGS = {"vip": "VIP", "plain": "普通", "auto": "高频"}


class AssignmentMachine(Machine):
    """Holds are a set of (contact, tag, source, holder); pins a mapping; that is all."""

    holds_of_rules = Bundle("holds_of_rules")

    def begin(self):
        return office()

    def __init__(self):
        super().__init__()
        self.holds: set[tuple[str, str, str, str]] = set()
        self.pins: dict[tuple[str, str], str] = {}

    people = st.sampled_from(PEOPLE)
    contacts = st.sampled_from(CONTACTS)
    tags = st.sampled_from(sorted(TAGS))

    @rule(actor=people, contact=contacts, tag=tags)
    def assign(self, actor, contact, tag):
        wrong = None
        if tag == "auto" or self.pins.get((contact, tag)) == "against":
            wrong = NotAllowedError
        if self.do(assign_tags, contact, [TAGS[tag]], actor=actor, at=NOW, wrong=wrong):
            source = "staff" if actor.role is Role.STAFF else "admin"
            self.holds.add((contact, tag, source, actor.staff))

    @rule(actor=people, contact=contacts, tag=tags)
    def take_off(self, actor, contact, tag):
        there = {hold for hold in self.holds if hold[:2] == (contact, tag)}
        own = {hold for hold in there if self.may_take(actor, hold)}
        seen = {
            hold
            for hold in there
            if hold[2] != "staff" or actor.role is not Role.STAFF or hold[3] == actor.staff
        }
        wrong = None if own else NotAllowedError if seen else UnknownNameError
        if self.do(remove_tags, contact, [tag], actor=actor, at=NOW, wrong=wrong):
            self.holds -= own

    @staticmethod
    def may_take(actor, hold):
        source, holder = hold[2:]
        if actor is SYSTEM:
            return True
        if source == "staff":
            return holder == actor.staff
        return source != "rule" and actor.role is not Role.STAFF

    @rule(target=holds_of_rules, contact=contacts, tag=tags, holder=st.sampled_from(["r1", "r2"]))
    def a_rule_holds(self, contact, tag, holder):
        hold = Hold(contact, tag, "rule", holder, NOW)
        if hold.key in self.holds:
            return multiple()
        self.state.apply(ChangeSet([Change(None, hold)], "system", NOW, self.state.version))
        self.holds.add(hold.key)
        return hold

    @rule(hold=consumes(holds_of_rules))
    def a_rule_lets_go(self, hold):
        if hold.key in self.holds:
            self.state.apply(ChangeSet([Change(hold, None)], "system", NOW, self.state.version))
            self.holds.remove(hold.key)

    @rule(
        actor=people,
        contact=contacts,
        tag=tags,
        direction=st.sampled_from(["for", "against", None]),
    )
    def pin_or_unpin(self, actor, contact, tag, direction):
        wrong = NotAllowedError if actor.role is Role.STAFF else None
        if direction is None:
            if not wrong and (contact, tag) not in self.pins:
                wrong = UnknownNameError
            done = self.do(unpin, contact, "tag", tag, actor=actor, at=NOW, wrong=wrong)
            if done:
                del self.pins[contact, tag]
        elif self.do(pin, contact, "tag", tag, direction, actor=actor, at=NOW, wrong=wrong):
            self.pins[contact, tag] = direction

    @rule(archived=tags)
    def archive(self, archived):
        """Archiving is undone at once: what stands is not its business."""
        changes = edit_catalog(self.state, ArchiveTag(archived), actor=BOSS, at=NOW)
        self.state.apply(changes)
        self.state.apply(undo(self.state, changes, actor=BOSS, at=NOW).changes)

    @invariant()
    def no_hold_is_lost_or_doubled(self):
        keys = [hold.key for hold in self.state.holds()]
        assert len(keys) == len(set(keys))
        assert set(keys) == self.holds
        for tag in TAGS:
            assert {h.key for h in self.state.holds_with(tag)} == {
                key for key in self.holds if key[1] == tag
            }

    @invariant()
    def what_each_person_sees_is_what_the_model_says(self):
        for viewer, contact, tag in itertools.product(PEOPLE, CONTACTS, TAGS):
            held = any(
                hold[:2] == (contact, tag)
                and (hold[2] != "staff" or viewer.role is not Role.STAFF or hold[3] == viewer.staff)
                for hold in self.holds
            )
            direction = self.pins.get((contact, tag))
            stands = direction == "for" or (held and direction is None)
            view = View(self.state, viewer)
            assert (tag in {one.id for one in view.tags_of(contact)}) == stands
            assert (contact in set(view.contacts_with_tag(tag))) == stands


# --- groups ----------------------------------------------------------------------------------------

GROUP_IDS = [group.id for group in GROUPS]


class GroupMachine(Machine):
    """A tree is a mapping of parents; who is in a group is a set of pairs."""

    def begin(self):
        return office()

    def __init__(self):
        super().__init__()
        self.parents = {group.id: group.parent for group in GROUPS}
        self.families = {group.id: group.family for group in GROUPS}
        self.inside: set[tuple[str, str]] = set()
        self.made = 0

    contacts = st.sampled_from(CONTACTS)

    @rule(data=st.data(), family=st.sampled_from([None, "value"]))
    def create(self, data, family):
        parent = data.draw(st.sampled_from([None, *sorted(self.parents)]))
        name = f"新{self.made}"
        self.do(create_group, name, id=name, parent=parent, family=family, actor=BOSS, at=NOW)
        self.made += 1
        self.parents[name], self.families[name] = parent, family

    @precondition(lambda self: self.parents)
    @rule(data=st.data())
    def hang_elsewhere(self, data):
        group = data.draw(st.sampled_from(sorted(self.parents)))
        parent = data.draw(st.sampled_from([None, *sorted(self.parents)]))
        wrong = CycleError if parent is not None and group in self.above(parent) else None
        if self.do(edit_group, group, parent=parent, actor=BOSS, at=NOW, wrong=wrong):
            self.parents[group] = parent

    @precondition(lambda self: self.parents)
    @rule(data=st.data())
    def delete(self, data):
        group = data.draw(st.sampled_from(sorted(self.parents)))
        children = [one for one, parent in self.parents.items() if parent == group]
        wrong = InvalidValueError if children else None
        if self.do(delete_group, group, actor=BOSS, at=NOW, wrong=wrong):
            del self.parents[group], self.families[group]
            self.inside = {pair for pair in self.inside if pair[1] != group}

    @precondition(lambda self: self.parents)
    @rule(data=st.data(), contact=contacts)
    def join(self, data, contact):
        group = data.draw(st.sampled_from(sorted(self.parents)))
        wrong = InvalidValueError if self.excluded(contact, group) else None
        if self.do(add_to_groups, contact, [group], actor=BOSS, at=NOW, wrong=wrong):
            self.inside.add((contact, group))

    @precondition(lambda self: self.parents)
    @rule(data=st.data(), contact=contacts)
    def leave(self, data, contact):
        group = data.draw(st.sampled_from(sorted(self.parents)))
        wrong = None if (contact, group) in self.inside else UnknownNameError
        if self.do(remove_from_groups, contact, [group], actor=BOSS, at=NOW, wrong=wrong):
            self.inside.remove((contact, group))

    @precondition(lambda self: len(self.parents) > 1)
    @rule(data=st.data(), contact=contacts)
    def move(self, data, contact):
        groups = st.sampled_from(sorted(self.parents))
        source, target = data.draw(st.lists(groups, min_size=2, max_size=2, unique=True))
        wrong = None
        if (contact, source) not in self.inside:
            wrong = UnknownNameError
        elif self.excluded(contact, target, leaving=source):
            wrong = InvalidValueError
        if self.do(move_contact, contact, source, target, actor=BOSS, at=NOW, wrong=wrong):
            self.inside -= {(contact, source)}
            self.inside.add((contact, target))

    def above(self, group):
        while group is not None:
            yield group
            group = self.parents[group]

    def excluded(self, contact, group, leaving=None):
        family = self.families[group]
        return family is not None and any(
            self.families[other] == family and other not in (group, leaving)
            for one, other in self.inside
            if one == contact
        )

    @invariant()
    def the_tree_and_its_counts_are_those_of_the_model(self):
        view = View(self.state, BOSS)
        assert {g.id: g.parent for g in self.state.groups.groups} == self.parents
        for group in self.parents:
            below = {one for one in self.parents if group in self.above(one)}
            assert {one.id for one in self.state.groups.under(group)} == below
            count = view.count_members(group)
            assert count.direct == len({c for c, g in self.inside if g == group})
            assert count.with_descendants == len({c for c, g in self.inside if g in below})

    @invariant()
    def nobody_is_in_two_groups_of_a_family(self):
        for contact in CONTACTS:
            families = [self.families[g] for c, g in self.inside if c == contact]
            named = [family for family in families if family]
            assert len(named) == len(set(named))


# --- contacts that come and go ---------------------------------------------------------------------


class ContactMachine(Machine):
    """Merging keeps the union of what two contacts carry; nothing else changes it."""

    def begin(self):
        return office(*(Contact(f"m{n}") for n in range(4)))

    def __init__(self):
        super().__init__()
        self.tags: dict[str, set[str]] = {one: set() for one in (*CONTACTS, "m0", "m1", "m2", "m3")}

    @initialize(tag=st.sampled_from(["VIP", "强"]))
    def everyone_gets_a_tag(self, tag):
        for contact in self.tags:
            self.do(assign_tags, contact, [tag], actor=BOSS, at=NOW)
            self.tags[contact].add(tag)

    @rule(data=st.data(), tag=st.sampled_from(["VIP", "普通", "强", "弱"]))
    def assign(self, data, tag):
        contact = data.draw(st.sampled_from(sorted(self.tags)))
        self.do(assign_tags, contact, [tag], actor=BOSS, at=LATER)
        self.tags[contact].add(tag)

    @precondition(lambda self: len(self.tags) > 1)
    @rule(data=st.data())
    def merge(self, data):
        contacts = st.sampled_from(sorted(self.tags))
        gone, into = data.draw(st.lists(contacts, min_size=2, max_size=2, unique=True))
        self.do(merge_contacts, gone, into, actor=BOSS, at=NOW)
        self.tags[into] |= self.tags.pop(gone)

    @invariant()
    def everyone_carries_what_the_model_says(self):
        view = View(self.state, BOSS)
        assert set(self.state.contact_ids()) == set(self.tags)
        for contact, tags in self.tags.items():
            assert {tag.name for tag in view.tags_of(contact)} == tags
        for merged in self.state.merged_contacts():
            assert self.state.resolve_contact(merged.id) in self.tags


TestCatalog = CatalogMachine.TestCase
TestAssignments = AssignmentMachine.TestCase
TestGroups = GroupMachine.TestCase
TestContacts = ContactMachine.TestCase
for case in (TestCatalog, TestAssignments, TestGroups, TestContacts):
    case.settings = settings(max_examples=settings().max_examples // 3, stateful_step_count=20)
