"""
The state against naive models, step by step: nothing lost, nothing doubled, no orphan, undo exact.
"""

import itertools

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from model.machine import CONTACTS, Machine, fewer
from model.office import BOSS, GROUPS, LATER, NOW, PEOPLE, office

from segmentkit.errors import (
    CycleError,
    InvalidValueError,
    NotAllowedError,
    UnknownNameError,
)
from segmentkit.model import (
    SYSTEM,
    ArchiveTag,
    Change,
    ChangeSet,
    Contact,
    Hold,
    Role,
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
    remove_from_groups,
    remove_tags,
    undo,
    unpin,
)

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


TestAssignments = fewer(AssignmentMachine)
TestGroups = fewer(GroupMachine)
TestContacts = fewer(ContactMachine)
