"""One text is not a list of texts: it is refused, and never falls into its characters."""

import pytest
from model.office import BOSS, NOW, office

from segmentkit.errors import WrongTypeError
from segmentkit.model import (
    CreateTagGroup,
    MergeTags,
    add_contact,
    add_to_groups,
    assign_tags,
    contacts_in_chats,
    edit_catalog,
    remove_from_groups,
    remove_tags,
)

MORE = {"actor": BOSS, "at": NOW}


OPERATIONS = {
    "create_tag_group": lambda state: edit_catalog(state, CreateTagGroup("新", "VIP"), **MORE),
    "merge_tags": lambda state: edit_catalog(state, MergeTags("VIP", "强"), **MORE),
    "assign_tags": lambda state: assign_tags(state, "c1", "VIP", **MORE),
    "remove_tags": lambda state: remove_tags(state, "c1", "VIP", **MORE),
    "add_to_groups": lambda state: add_to_groups(state, "c1", "客户", **MORE),
    "remove_from_groups": lambda state: remove_from_groups(state, "c1", "客户", **MORE),
    "tags_of_a_new_contact": lambda state: add_contact(state, tags="VIP", **MORE),
    "new_tags_of_a_new_contact": lambda state: add_contact(state, new_tags="等级/新", **MORE),
    "groups_of_a_new_contact": lambda state: add_contact(state, groups="客户", **MORE),
    "new_groups_of_a_new_contact": lambda state: add_contact(state, new_groups="新", **MORE),
    "contacts_in_chats": lambda state: list(contacts_in_chats(state, "chat")),
}


@pytest.mark.parametrize("what", OPERATIONS)
def test_one_text_where_several_are_asked_for_is_refused(what):
    state = office()
    with pytest.raises(WrongTypeError, match=r"Give \['"):
        OPERATIONS[what](state)
    assert state.version == 0
