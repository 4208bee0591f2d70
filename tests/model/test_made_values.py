"""What the model is made of refuses, when it is made, whatever could not be read later."""

from datetime import UTC, datetime

import attrs
import pytest

from segmentkit.errors import SegmentkitError, UnknownNameError, WrongTypeError
from segmentkit.model import (
    AudienceMember,
    Channel,
    ChatMember,
    Contact,
    Event,
    FollowUp,
    Hold,
    ListEntry,
    Membership,
    MergedContact,
    Pin,
    Record,
    StaffLink,
)

AT = datetime(2026, 11, 20, tzinfo=UTC)
MADE = [
    Event("c", "purchase", AT, {"amount": 5}, "e", 1),
    Record("c", "opportunity", "o", {"stage": "报价"}),
    FollowUp("c", "f", "li", Channel.PHONE, AT, "need", "problem", "solution"),
    Hold("c", "t", "rule", "r", AT),
    Pin("c", "tag", "t", "for", "boss", AT),
    Membership("c", "g", "rule", "r", AT),
    Contact("c", added_by="li", channel="form"),
    AudienceMember("c", "双11", AT, "a"),
    MergedContact("old", "new", AT),
    ChatMember("c", "chat", AT),
    StaffLink("c", "li", AT),
    ListEntry("c", "list", AT),
]
TEXTS = [
    (made, name)
    for made in MADE
    for name in attrs.fields_dict(type(made))
    if isinstance(getattr(made, name), str)
]


@pytest.mark.parametrize(("made", "name"), TEXTS, ids=lambda one: getattr(one, "table", str(one)))
@pytest.mark.parametrize("wrong", [5, 3.5, b"c", ["c"], True], ids=repr)
def test_what_is_no_text_is_refused_where_a_text_stands(made, name, wrong):
    with pytest.raises(SegmentkitError) as caught:
        attrs.evolve(made, **{name: wrong})
    assert isinstance(caught.value, TypeError | ValueError)


@pytest.mark.parametrize("wrong", [None, "b", 1.0, True, [1]], ids=repr)
def test_a_sequence_that_is_no_whole_number_is_refused(wrong):
    with pytest.raises(WrongTypeError, match="sequence of an event"):
        Event("c", "purchase", AT, {}, "e", wrong)


def test_a_text_of_a_class_of_its_own_is_a_text():
    class Id(str):
        __slots__ = ()

    assert Event(Id("c"), Id("purchase"), AT, {}, Id("e")).id == "e"
    assert Hold(Id("c"), "t", "rule", "r", AT).contact == "c"


def test_a_channel_is_given_by_its_word_and_no_other_word_is_taken():
    by_word = FollowUp("c", "f", "li", "电话", AT)  # pyright: ignore[reportArgumentType]
    assert by_word.channel is Channel.PHONE
    with pytest.raises(UnknownNameError, match=r"phone \(电话\)"):
        FollowUp("c", "f", "li", "call", AT)
