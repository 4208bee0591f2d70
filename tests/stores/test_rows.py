"""What a state holds, as rows: each with its time, its own collection and the people it names."""

from datetime import UTC, datetime, timedelta

import pytest
from stores.test_news import a_store, content, rows_of, take

from segmentkit.model import (
    FOLLOW_UP,
    SYSTEM,
    ChangeSet,
    ChatMember,
    Collection,
    Contact,
    Event,
    FollowUp,
    GroupChat,
    Hold,
    Record,
    Role,
    Schema,
    Staff,
    StaffLink,
    State,
    Tag,
    TagGroup,
    merge_contacts,
)
from segmentkit.stores import MemoryStore
from segmentkit.stores.state_rows import has_rows_in_state, rows_of_state

AT = datetime(2026, 11, 20, tzinfo=UTC)
SCHEMA = Schema(
    collections=[
        Collection("view"),
        Collection("deal", verb="has", time="created"),
        Collection("order", verb="has", time="created"),
        FOLLOW_UP,
    ]
)


def a_state():
    return State.of(
        SCHEMA,
        [
            Staff("boss", role=Role.ADMIN),
            Staff("li.lei"),
            TagGroup("g", "g"),
            Tag("t", "t", "g"),
            GroupChat("chat", "群聊", "li.lei"),
            GroupChat("other", "别的"),
            Contact("c", followed_by=["li.lei"]),
            Hold("c", "t", "admin", "boss", AT, AT + timedelta(days=1)),
            Hold("c", "t", "sync", "wecom", AT),
            ChatMember("c", "chat", AT),
            ChatMember("c", "other", AT),
            StaffLink("c", "li.lei", AT),
            Record("c", "deal", "d", {"created": AT}),
            Record("c", "order", "o", {"created": AT + timedelta(days=1)}),
            FollowUp("c", "f", "li.lei", "phone", AT),
        ],
    )


ROWS = {
    "tag": [
        (None, AT, {"tag": "t", "tag_group": "g", "source": "sync"}),
        (
            None,
            AT,
            {
                "tag": "t",
                "tag_group": "g",
                "source": "admin",
                "staff": "boss",
                "expires": AT + timedelta(days=1),
            },
        ),
    ],
    "chat": [(None, AT, {"chat": "chat", "owner": "li.lei"}), (None, AT, {"chat": "other"})],
    "staff": [(None, AT, {"staff": "li.lei"})],
    "list": [(None, None, {"list": "followed", "staff": "li.lei"})],
    "deal": [("d", AT)],
    "order": [("o", AT + timedelta(days=1))],
    "follow_up": [("li.lei/f", AT)],
}


@pytest.mark.parametrize("collection", ROWS)
def test_a_row_says_what_the_state_says(collection):
    wanted = ROWS[collection]
    rows = [
        (row.id, row.time, dict(row.fields))[: len(wanted[0])]
        for row in rows_of_state(a_state(), collection, "c")
    ]
    assert sorted(rows, key=repr) == sorted(wanted, key=repr)
    assert has_rows_in_state(SCHEMA, collection)


@pytest.mark.parametrize("step", ["put", "drop"])
@pytest.mark.parametrize("number", range(len(rows_of("a", 1))))
def test_whatever_of_a_contact_changes_or_goes_is_news_of_that_contact(number, step):
    store = a_store()
    revision, was = store.revision, content(store)
    take(store, (step, rows_of("a", 1)[number]), 0)
    now = content(store)
    news = store.news_since(revision)
    others = {key for key in was.keys() | now.keys() if was.get(key) != now.get(key)}
    for name, contact in others:
        assert contact == "a"
        assert "a" in news.gone or "a" in (news.changed[name] if name else news.contacts)


def test_when_a_merge_is_undone_it_cannot_be_told_what_is_new():
    state = State.of(SCHEMA, [Contact("a"), Contact("b")])
    store = MemoryStore(state, [Event("a", "view", AT, id="v")])
    merge = merge_contacts(store.state, "a", "b", actor=SYSTEM, at=AT)
    store.apply(merge)
    revision = store.revision
    store.apply(ChangeSet([one.inverse() for one in merge][::-1], "boss", AT, store.version))
    assert store.news_since(revision) is None


def test_someone_found_by_time_is_told_under_the_id_that_stayed():
    state = State.of(SCHEMA, [Contact("a"), Contact("b"), Contact("c")])
    store = MemoryStore(state, [Event("a", "view", AT, id="v")])
    for gone, into in (("a", "b"), ("b", "c")):
        store.apply(merge_contacts(store.state, gone, into, actor=SYSTEM, at=AT))
    assert list(store.contacts_between("view", AT, AT + timedelta(seconds=1))) == ["c"]
    assert [row.id for row in store.rows("view", "c")] == ["v"]
    assert [contact for contact, _ in store.scan("view")] == ["c"]
