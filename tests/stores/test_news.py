"""What a store says is new is all that is new."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from segmentkit.errors import SegmentkitError
from segmentkit.model import (
    SYSTEM,
    Change,
    ChangeSet,
    ChatMember,
    Collection,
    Contact,
    ContactGroup,
    ContactList,
    Event,
    Field,
    FieldType,
    FollowUp,
    GroupChat,
    GroupType,
    Hold,
    ListEntry,
    Membership,
    Pin,
    Record,
    Role,
    Schema,
    Staff,
    StaffLink,
    State,
    Tag,
    TagGroup,
    erase_contact,
    merge_contacts,
)
from segmentkit.stores import MemoryStore, RevisedStore

AT = datetime(2026, 11, 20, tzinfo=UTC)
SCHEMA = Schema(
    fields=[Field("level", FieldType.INTEGER)],
    collections=[Collection("view"), Collection("deal", verb="has", time="created")],
)
PEOPLE = ("a", "b", "c")
OFFICE = [
    Staff("boss", role=Role.ADMIN),
    Staff("li.lei"),
    *(TagGroup(name, name) for name in ("g", "h")),
    *(Tag(name, name, "g") for name in ("s", "t")),
    ContactGroup("group", "群组"),
    GroupChat("chat", "群聊"),
    ContactList("list", "名单"),
]


def rows_of(contact, number):
    """One of everything that can belong to a contact, with content that a number makes."""
    time = AT - timedelta(days=number)
    return [
        Hold(contact, "s", "staff", "li.lei", time),
        Hold(contact, "t", "admin", "boss", time, AT + timedelta(days=number + 1)),
        Pin(contact, "tag", "t", ["for", "against"][number % 2], "boss", time),
        Pin(contact, "group", "group", ["for", "against"][number % 2], "boss", time),
        Membership(contact, "group", "admin", "boss", time),
        ChatMember(contact, "chat", time),
        StaffLink(contact, "li.lei", time),
        ListEntry(contact, "list", time),
        Record(contact, "deal", "d", {"created": time}),
        FollowUp(contact, "f", "li.lei", "phone", time),
        Contact(contact, {"level": number}, followed_by=["li.lei"][: number % 2]),
    ]


def things(number):
    """What is no contact's own, in one of several forms."""
    return [
        Tag("t", f"t{number}", ["g", "h"][number % 2]),
        ContactGroup("group", f"群组{number}", [*GroupType][number]),
        GroupChat("chat", f"群聊{number}", [None, "li.lei"][number % 2]),
        ContactList("list", f"名单{number}"),
        Staff("li.lei", f"李雷{number}"),
        TagGroup("g", f"g{number}"),
    ]


numbers = st.integers(0, 2)
entities = st.one_of(
    st.tuples(st.sampled_from(PEOPLE), numbers).flatmap(lambda one: st.sampled_from(rows_of(*one))),
    numbers.flatmap(lambda number: st.sampled_from(things(number))),
)
steps = st.one_of(
    st.tuples(st.just("put"), entities),
    st.tuples(st.just("drop"), entities),
    st.tuples(st.just("see"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("merge"), st.permutations(PEOPLE)),
    st.tuples(st.just("erase"), st.sampled_from(PEOPLE)),
)


def a_store():
    """Everyone has one of everything."""
    belongings = [row for contact in PEOPLE for row in rows_of(contact, 0)]
    return MemoryStore(State.of(SCHEMA, [*OFFICE, *belongings]))


def take(store, step, number):
    """One step, if the state lets it."""
    state = store.state
    try:
        match step:
            case "put", entity:
                now = state.current(entity)
                store.apply(ChangeSet([Change(now, entity)], "boss", AT, store.version))
            case "drop", entity:
                now = state.current(entity)
                store.apply(ChangeSet([Change(now, None)], "boss", AT, store.version))
            case "see", contact:
                store.add_events([Event(contact, "view", AT, id=f"v{number}")])
            case "merge", [old, into, _]:
                store.apply(merge_contacts(state, old, into, actor=SYSTEM, at=AT))
            case "erase", contact:
                store.apply(erase_contact(state, contact, actor=SYSTEM, at=AT))
    except SegmentkitError:
        pass


def content(store):
    """By collection and contact its rows; fields under the collection ''."""
    found = {
        (c.name, contact): sorted(map(repr, store.rows(c.name, contact)))
        for c in store.schema.collections
        for contact in store.contact_ids()
    }
    return found | {("", one): store.contact_fields(one) for one in store.contact_ids()}


@given(st.lists(steps, max_size=4), st.lists(steps, max_size=4))
def test_what_the_news_does_not_name_is_as_it_was(before, after):
    store = a_store()
    for number, step in enumerate(before):
        take(store, step, number)
    revision, was = store.revision, content(store)
    for number, step in enumerate(after, len(before)):
        take(store, step, number)
    news, now = store.news_since(revision), content(store)
    if was != now:
        assert store.revision != revision
    if news is None:
        return
    went = {contact for _, contact in was.keys() - now.keys()}
    assert went <= news.gone
    was = {key: rows for key, rows in was.items() if key[1] not in news.gone}
    for (name, contact), rows in now.items():
        if name == "":
            assert contact in news.contacts or rows == was[name, contact]
            continue
        changed = news.changed.get(name, ())
        if changed is None or contact in changed:
            continue
        came = [repr(row) for owner, row in news.rows.get(name, ()) if owner == contact]
        assert sorted([*was.get((name, contact), ()), *came]) == rows


def test_a_memory_store_says_what_is_new():
    assert isinstance(MemoryStore(State.of(SCHEMA, [])), RevisedStore)


def test_a_day_of_events_and_changes_is_told_in_little():
    store = MemoryStore(State.of(SCHEMA, [*OFFICE, *map(Contact, PEOPLE)]))
    revision = store.revision
    seen = Event("a", "view", AT, id="v")
    store.add_events([seen, seen])
    changes = [Change(None, rows_of("b", 0)[0]), Change(None, Contact("new"))]
    store.apply(ChangeSet(changes, "boss", AT, store.version))
    news = store.news_since(revision)
    assert [(name, [one for one, _ in rows]) for name, rows in news.rows.items()] == [
        ("view", ["a"])
    ]
    assert news.contacts == {"new"}
    assert dict(news.changed) == {"tag": {"b"}, "list": {"new"}}
    assert store.news_since(store.revision) == type(news)()


def test_what_cannot_be_told_is_not_guessed():
    store = MemoryStore(State.of(SCHEMA, [*OFFICE, *map(Contact, PEOPLE)]))
    first = store.revision
    store.apply(erase_contact(store.state, "a", actor=SYSTEM, at=AT))
    assert store.news_since(first) is None
    second = store.revision
    store.apply(ChangeSet([Change(None, Contact("a2"))], "boss", AT, store.version))
    store.state.forget_log(store.version)
    assert store.news_since(second) is None
    assert store.news_since("yesterday") is None


def test_what_rows_show_of_tags_groups_and_chats_is_new_for_everyone():
    for thing, name in zip(things(1)[:3], ("tag", "group", "chat"), strict=True):
        store = a_store()
        revision, was = store.revision, content(store)
        store.apply(ChangeSet([Change(store.state.current(thing), thing)], "boss", AT, 0))
        assert content(store) != was
        assert dict(store.news_since(revision).changed) == {name: None}


def test_a_merge_gives_the_events_to_the_one_that_stayed():
    seen = [Event("a", "view", AT, id="v")]
    store = MemoryStore(State.of(SCHEMA, [Contact("a"), Contact("b")]), seen)
    revision = store.revision
    store.apply(merge_contacts(store.state, "a", "b", actor=SYSTEM, at=AT))
    news = store.news_since(revision)
    assert news.gone == {"a"}
    assert news.changed["view"] == {"b"}


def test_an_event_under_the_id_of_someone_merged_is_news_of_the_one_that_stayed():
    store = MemoryStore(State.of(SCHEMA, [Contact("a"), Contact("b")]))
    store.apply(merge_contacts(store.state, "a", "b", actor=SYSTEM, at=AT))
    revision = store.revision
    store.add_events([Event("a", "view", AT, id="v")])
    assert [owner for owner, _ in store.news_since(revision).rows["view"]] == ["b"]


def test_someone_who_comes_back_comes_with_everything():
    store = MemoryStore(State.of(SCHEMA, [Contact("a")]), [Event("a", "view", AT, id="v")])
    gone = [Change(Contact("a"), None)]
    store.apply(ChangeSet(gone, "boss", AT, store.version))
    revision = store.revision
    store.apply(ChangeSet([Change(None, Contact("a"))], "boss", AT, store.version))
    assert store.news_since(revision) is None
