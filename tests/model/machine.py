"""What every machine that runs a state beside a naive model has in common."""

import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
)
from model.office import LATER, SCHEMA

from segmentkit.model import (
    SYSTEM,
    State,
    undo,
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


def fewer(machine):
    """A machine as a test: each of its examples is long, so there are fewer of them."""
    machine.TestCase.settings = settings(
        max_examples=settings().max_examples // 3, stateful_step_count=20
    )
    return machine.TestCase
