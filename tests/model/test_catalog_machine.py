"""The catalog against a naive model, step by step: quotas, order, names, undo."""

from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
)
from model.machine import CONTACTS, Machine, fewer
from model.office import BOSS, NOW, SCHEMA

from segmentkit.errors import (
    DuplicateNameError,
    InvalidValueError,
    QuotaExceededError,
)
from segmentkit.model import (
    Contact,
    CreateTag,
    CreateTagGroup,
    DeleteTag,
    DeleteTagGroup,
    EditTag,
    EditTagGroup,
    MergeTags,
    MoveTag,
    PlaceTag,
    PlaceTagGroup,
    Quota,
    Settings,
    State,
    assign_tags,
    edit_catalog,
    plan_catalog,
)

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


TestCatalog = fewer(CatalogMachine)
