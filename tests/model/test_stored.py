"""What is stored reads back as it was, and nothing is coerced on the way."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.office import BOSS, GROUPS, LATER, NOW, SCHEMA, TAGS, office
from model.test_contacts import lived

from segmentkit.errors import (
    InvalidValueError,
    NaiveDatetimeError,
    SegmentkitError,
    UnknownNameError,
    WrongTypeError,
)
from segmentkit.model import (
    SEED,
    WECOM,
    Change,
    ChangeSet,
    Contact,
    ContactBook,
    ContactGroup,
    GroupTree,
    GroupType,
    Hold,
    MergeTags,
    Origin,
    Schema,
    State,
    Tag,
    TagCatalog,
    TagClass,
    TagGroup,
    TagKind,
    edit_catalog,
    erase_contact,
    from_json,
    load_state,
    merge_contacts,
    save_state,
    stored,
    to_json,
)

GOLDEN = Path(__file__).parent.parent / "golden" / "model_v1"


def there_and_back(value):
    text = json.dumps(to_json(value), ensure_ascii=False, allow_nan=False)
    return from_json(type(value), json.loads(text))


# --- round trips -----------------------------------------------------------------------------------

texts = st.text(max_size=8)
instants = st.datetimes(timezones=st.just(UTC))
field_values = (
    texts
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates()
    | instants
    | st.timedeltas()
    | st.lists(texts, max_size=3).map(tuple)
)
contacts = st.builds(
    Contact,
    st.text(min_size=1, max_size=5).filter(lambda text: not text.isspace()),
    st.dictionaries(texts, field_values, max_size=4),
    added_by=st.none() | texts,
    added=st.none() | instants,
    channel=st.none() | texts,
    followed_by=st.frozensets(texts, max_size=2),
)


@given(st.lists(contacts, max_size=4))
def test_contacts_come_back_as_they_were(given_contacts):
    book = ContactBook(given_contacts)
    back = there_and_back(book)
    assert back == book
    for one, other in zip(book.contacts, back.contacts, strict=True):
        for name, value in one.fields.items():
            assert type(other.fields[name]) is type(value)


@given(
    st.lists(
        st.builds(Hold, texts, texts, st.just("rule"), texts, instants).map(
            lambda h: Change(None, h)
        )
        | contacts.map(lambda c: Change(c, None, "因为", "r@3"))
    ),
    st.none() | texts,
)
def test_change_sets_come_back_as_they_were(changes, run):
    given_set = ChangeSet(changes, "li", NOW, 7, "night", run)
    assert there_and_back(given_set) == given_set


def test_catalogs_groups_and_schemas_come_back_as_they_were():
    tags = [
        Tag(
            "t", "标签", "g", Origin.BUSINESS, TagClass.STATIC, TagKind.INTEREST, "d", {"c": "#f00"}
        ),
        Tag("u", "旧", "g", order=3, archived=True),
    ]
    for quota in (SEED, WECOM):
        catalog = TagCatalog([TagGroup("g", "组", "d", {"icon": "★"}, 2)], tags, quota)
        assert there_and_back(catalog) == catalog
    assert there_and_back(GroupTree(GROUPS)) == GroupTree(GROUPS)
    assert there_and_back(SCHEMA) == SCHEMA
    assert there_and_back(Schema(week_starts="sunday")).week_starts == "sunday"


def test_a_whole_state_comes_back_as_it_was():
    state = lived()
    state.apply(merge_contacts(state, "c2", "c3", actor=BOSS, at=NOW))
    state.apply(edit_catalog(state, MergeTags(["VIP"], "普通"), actor=BOSS, at=NOW))
    state.apply(erase_contact(state, "c1", actor=BOSS, at=LATER))
    data = json.loads(json.dumps(save_state(state), ensure_ascii=False))
    back = load_state(SCHEMA, data)
    assert back == state
    assert back.version == state.version
    assert back.catalog == state.catalog
    assert back.groups == state.groups


def test_a_stored_log_replays():
    state = State(SCHEMA)
    entities = list(lived().entities())
    state.apply(ChangeSet([Change(None, one) for one in entities], "system", NOW, 0))
    log = [
        from_json(ChangeSet, json.loads(json.dumps(to_json(one)))) for one in state.changes_since(0)
    ]
    assert State.replay(SCHEMA, log) == state


def test_defaults_are_left_out():
    assert to_json(TagCatalog(TAGS[:1], TAGS[2:3])) == {
        "segmentkit": "tag_catalog",
        "form": 1,
        "tag_groups": [{"id": "level", "name": "等级"}],
        "tags": [{"id": "vip", "name": "VIP", "group": "level"}],
    }


# --- strictness ------------------------------------------------------------------------------------

GOOD = to_json(ChangeSet([Change(None, Hold("c", "t", "rule", "r", NOW))], "li", NOW, 3))


def spoilt(path, value):
    data = json.loads(json.dumps(GOOD))
    at = data
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return data


HOLD = ("changes", 0, "after")
BAD = {
    "text for a number": (("base_version",), "3", WrongTypeError, "base_version"),
    "number for a text": (("actor",), 3, WrongTypeError, "actor"),
    "true for a number": (("base_version",), True, WrongTypeError, "base_version"),
    "fraction for a number": (("base_version",), 3.0, WrongTypeError, "base_version"),
    "nothing for a text": (("actor",), None, WrongTypeError, "actor"),
    "no instant": (("at",), "yesterday", InvalidValueError, "at"),
    "number for an instant": (("at",), 0, WrongTypeError, "at"),
    "naive instant": (("at",), "2026-11-20T08:00:00", NaiveDatetimeError, "at"),
    "object for a list": (("changes",), {}, WrongTypeError, "changes"),
    "list for an object": (HOLD, [], WrongTypeError, "changes[0].after"),
    "unknown table": ((*HOLD, "table"), "holdd", UnknownNameError, "changes[0].after.table"),
    "no table": ((*HOLD, "table"), ..., UnknownNameError, "changes[0].after.table"),
    "unknown source": ((*HOLD, "source"), "robot", UnknownNameError, "changes[0].after.source"),
    "unknown key": ((*HOLD, "color"), "red", UnknownNameError, "changes[0].after"),
    "missing key": ((*HOLD, "tag"), ..., InvalidValueError, "changes[0].after.tag"),
    "another kind": (("segmentkit",), "tag_catalog", UnknownNameError, "segmentkit"),
    "no kind": (("segmentkit",), ..., UnknownNameError, "segmentkit"),
    "a form of the future": (("form",), 2, InvalidValueError, "form"),
    "no form": (("form",), ..., InvalidValueError, "form"),
    "both sides nothing": (("changes", 0), {"before": None, "after": None}, InvalidValueError, ""),
}


@pytest.mark.parametrize("what", BAD)
def test_a_spoilt_document_is_refused_at_its_place(what):
    path, value, error, place = BAD[what]
    with pytest.raises(error) as caught:
        from_json(ChangeSet, spoilt(path, value))
    assert place in caught.value.place
    assert caught.value.remedy or caught.value.value is None


@pytest.mark.parametrize(
    "value",
    [
        {"decimal": 1.5},
        {"decimal": "x"},
        {"date": "2026-02-30"},
        {"instant": "2026-01-01"},
        {"microseconds": "1"},
        {"microseconds": 10**40},
        {"float": "abc"},
        {"money": "1"},
        {"decimal": "1", "date": "2026-01-01"},
        {},
        1.5,
        None,
        ["a", 1],
    ],
)
def test_a_field_value_is_never_guessed(value):
    data = {"segmentkit": "contacts", "form": 1, "contacts": [{"id": "c", "fields": {"f": value}}]}
    with pytest.raises(SegmentkitError) as caught:
        from_json(ContactBook, data)
    assert "contacts.contacts[0].fields.f" in caught.value.place


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values, st.sampled_from([ChangeSet, TagCatalog, GroupTree, ContactBook, Schema]))
def test_any_data_is_read_or_refused_and_nothing_else(data, kind):
    with suppress(SegmentkitError):
        from_json(kind, data)


@given(json_values)
def test_any_spoilt_part_is_read_or_refused_and_nothing_else(data):
    for path in (("changes",), ("changes", 0), HOLD, (*HOLD, "assigned"), ("at",), ("run",)):
        with suppress(SegmentkitError):
            from_json(ChangeSet, spoilt(path, data))


def test_a_loaded_catalog_is_as_right_as_a_made_one():
    data = to_json(TagCatalog(TAGS[:1], TAGS[2:3]))
    data["tags"] = [*data["tags"], {"id": "x", "name": "vip", "group": "level"}]
    with pytest.raises(SegmentkitError, match="duplicate name"):
        from_json(TagCatalog, data)


def test_only_what_is_storable_is_stored():
    with pytest.raises(WrongTypeError):
        to_json(office())
    with pytest.raises(WrongTypeError):
        from_json(Hold, {})
    with pytest.raises(WrongTypeError):
        from_json(ChangeSet, [])


# --- old forms -------------------------------------------------------------------------------------

FIRST_FORMS = {
    "change_set": ChangeSet(
        [
            Change(None, Contact("c-17", {"spent": Decimal("12.50"), "born": date(2000, 2, 29)})),
            Change(None, Hold("c-17", "vip", "rule", "r-vip", NOW, LATER), "买得多", "r-vip@3"),
            Change(ContactGroup("g", "旧", GroupType.PARTNER), ContactGroup("g", "新")),
            Change(Tag("t", "t", "g", kind=TagKind.INTEREST), None),
        ],
        "system",
        datetime(2026, 11, 20, 16, tzinfo=UTC),
        41,
        "night",
        "night 2026-11-20",
    ),
    "tag_catalog": TagCatalog(
        [TagGroup("level", "等级", attributes={"colour": "red"})],
        [Tag("vip", "VIP", "level", Origin.AUTOMATIC, TagClass.DYNAMIC, TagKind.BEHAVIOUR)],
        WECOM,
    ),
    "group_tree": GroupTree(GROUPS),
    "contacts": ContactBook(
        [
            Contact(
                "c-17",
                {"seen": NOW, "wait": timedelta(seconds=90), "hobbies": ("英语",), "vip": True},
                added=NOW,
                followed_by={"li"},
            )
        ]
    ),
}


@pytest.mark.parametrize("kind", FIRST_FORMS)
def test_the_first_form_is_read_for_ever(kind):
    data = json.loads((GOLDEN / f"{kind}.json").read_text("utf-8"))
    assert data["form"] == 1
    assert from_json(type(FIRST_FORMS[kind]), data) == FIRST_FORMS[kind]


def test_an_upgrade_leads_from_the_form_before(monkeypatch):
    old = {"segmentkit": "group_tree", "form": 1, "groups": [{"ident": "g", "name": "n"}]}

    def renamed(members):
        groups = [{"id": one.pop("ident"), **one} for one in members["groups"]]
        return {**members, "groups": groups}

    monkeypatch.setitem(stored._UPGRADES, "group_tree", (renamed,))
    assert from_json(GroupTree, old) == GroupTree([ContactGroup("g", "n")])
    assert to_json(GroupTree([]))["form"] == 2
