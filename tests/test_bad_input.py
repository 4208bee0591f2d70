"""Bad input, as a host meets it: each kind says what, where and what would be right, and changes nothing."""

import copy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

import segmentkit as sk
from segmentkit.errors import (
    ConflictingDuplicateError,
    DuplicateIdError,
    FloatMoneyError,
    InvalidValueError,
    NaiveDatetimeError,
    QuotaExceededError,
    UnknownNameError,
    UnknownZoneError,
    WrongTypeError,
)
from segmentkit.model import CreateTag, Quota, Settings, add_contact, edit_catalog, edit_contact
from segmentkit.query import QueryError, bind, parse
from segmentkit.text import display_width

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
NAIVE = NOW.replace(tzinfo=None)
DAY = date(2026, 11, 20)

SCHEMA = sk.Schema(
    fields=[
        sk.Field("city", sk.FieldType.TEXT, aliases=["城市"]),
        sk.Field("age", sk.FieldType.INTEGER, aliases=["年龄"]),
        sk.Field("spent", sk.FieldType.MONEY, aliases=["消费"], currency="CNY"),
    ],
    collections=[
        sk.Collection(
            "purchase",
            aliases=["购买"],
            fields=[sk.Field("amount", sk.FieldType.MONEY, aliases=["金额"], currency="CNY")],
        )
    ],
)


def bought(amount=40, contact="c-17", event="purchase", time=NOW, event_id=None, name="amount"):
    return sk.Event(contact, event, time - timedelta(days=2), {name: amount}, id=event_id)


@pytest.fixture
def store():
    """A shop whose quota of tags is used up."""
    return sk.MemoryStore(
        sk.State.of(
            SCHEMA,
            [
                Settings(Quota("small", tags=1)),
                sk.TagGroup("level", "等级"),
                sk.Tag("vip", "VIP", "level", origin="automatic"),
                sk.Contact("c-17", {"city": "福州"}),
            ],
        ),
        [bought(event_id="e1")],
    )


def everything(store):
    rows = [list(store.scan("purchase")), list(store.contacts_between("purchase", LONG_AGO, NOW))]
    return store.version, list(store.state.entities()), rows


def ask(condition, at=NOW, **more):
    return lambda store: sk.select(condition, store, at=at, **more)


def night(when="did purchase", tag="等级/VIP", zone="UTC", day=DAY):
    return lambda store: store.apply(sk.plan_night([sk.Rule(tag, when)], store, day=day, zone=zone))


def take(*events):
    """After a right one, so that half of it would show."""
    return lambda store: store.add_events([bought(7), *(make() for make in events)])


def adding(*names):
    operations = [CreateTag("等级", name) for name in names]
    return lambda store: store.apply(
        edit_catalog(store.state, *operations, actor=sk.SYSTEM, at=NOW)
    )


def editing(fields, at=NOW):
    return lambda store: store.apply(
        edit_contact(store.state, "c-17", fields, actor=sk.SYSTEM, at=at)
    )


def entering(contact, at=NOW):
    return lambda store: store.apply(
        add_contact(store.state, {"city": "厦门"}, id=contact, actor=sk.SYSTEM, at=at)
    )


# what a host does: (it, error, value, piece of the place, piece of the remedy)
BAD = {
    # --- unknown fields, events, tags -----------------------------------------------------------
    "a field in a query": (ask("agee > 3"), QueryError, "agee", "column 1", "'age'"),
    "a Chinese field": (
        ask("城市 = '福州' 且 年纪 > 3"),
        QueryError,
        "年纪",
        "column 13",
        "'年龄'",
    ),
    "a field in the second line": (
        ask("age > 3\n\tand agee > 3"),
        QueryError,
        "agee",
        "line 2, column 6",
        "'age'",
    ),
    "a field of events": (
        ask("did purchase where (amout > 3)"),
        QueryError,
        "amout",
        "column 21",
        "'amount'",
    ),
    "a field of a contact": (editing({"cty": "福州"}), UnknownNameError, "cty", "field", "'city'"),
    "a field of an event": (
        take(lambda: bought(name="amout")),
        UnknownNameError,
        "amout",
        "collection 'purchase'",
        "'amount'",
    ),
    "an event in a query": (ask("做过 购卖"), QueryError, "购卖", "column 4", "'购买'"),
    "an event in a rule": (night("did purchse"), QueryError, "purchse", "column 5", "'purchase'"),
    "an event of a type that is not there": (
        take(lambda: bought(event="purchse")),
        UnknownNameError,
        "purchse",
        "collections",
        "'purchase'",
    ),
    "an event of a contact who is not there": (
        take(lambda: bought(contact="c-99")),
        UnknownNameError,
        "c-99",
        "contact of an event",
        "Add the contact",
    ),
    "a tag in a query": (
        ask("has tag '等级/VPI'"),
        QueryError,
        "'等级/VPI'",
        "column 9",
        "'等级/VIP'",
    ),
    "a tag of a rule": (night(tag="等级/VPI"), UnknownNameError, "等级/VPI", "tag", "'VIP'"),
    # --- wrong types ----------------------------------------------------------------------------
    "a text with a number": (ask("city = 3"), QueryError, "city = 3", "column 1", "'3'"),
    "a text for a whole number": (editing({"age": "3"}), WrongTypeError, "3", "'age'", "int"),
    "yes for a whole number": (editing({"age": True}), WrongTypeError, True, "'age'", "int"),
    "a number for a text": (editing({"city": 3}), WrongTypeError, 3, "'city'", "text"),
    "a text for an amount": (
        take(lambda: bought("4O")),
        WrongTypeError,
        "4O",
        "'amount'",
        "Decimal",
    ),
    "no condition": (ask(None), WrongTypeError, None, "condition", "parsed or built"),
    "a text as an instant": (ask("age > 3", at="today"), WrongTypeError, "today", "at", "zone"),
    "a moment as a day": (night(day=NOW), WrongTypeError, NOW, "day", "date"),
    "parameters in a list": (
        ask("city = $c", parameters=["福州"]),
        WrongTypeError,
        ["福州"],
        "parameters",
        "{name: value}",
    ),
    "a text as a viewer": (
        ask("city = 'x'", viewer="li.lei"),
        WrongTypeError,
        "li.lei",
        "viewer",
        "organisation.viewer",
    ),
    "a number as a parameter's name": (
        ask("city = $c", parameters={1: "福州"}),
        WrongTypeError,
        1,
        "parameters",
        "text",
    ),
    "a parameter's name with its mark": (
        ask("city = $c", parameters={"$c": "福州"}),
        InvalidValueError,
        "$c",
        "parameters",
        "'c'",
    ),
    "a text in a state": (
        lambda _: sk.State.of(SCHEMA, [sk.Contact("c-1"), "c-2"]),
        WrongTypeError,
        "c-2",
        "state",
        "contacts",
    ),
    "an event in a state": (
        lambda _: sk.State.of(SCHEMA, [bought(time=NOW)]),
        WrongTypeError,
        bought(),
        "state",
        "a store takes the events",
    ),
    "a state without a schema": (
        lambda _: sk.State.of(None, []),
        WrongTypeError,
        None,
        "schema",
        "Schema",
    ),
    "one event for several": (
        lambda store: store.add_events(bought()),
        WrongTypeError,
        bought(),
        "events",
        "Give a list",
    ),
    "a text among events": (take(lambda: "e2"), WrongTypeError, "e2", "events", "Event"),
    "a list as the fields of an event": (
        take(lambda: sk.Event("c-17", "purchase", NOW, [40])),
        WrongTypeError,
        [40],
        "fields of an event",
        "{name: value}",
    ),
    "a text as a segment": (
        lambda store: store.save_segment(sk.Segment("s", "成年", "age >= 18")),
        WrongTypeError,
        "str",
        "condition",
        "parsed",
    ),
    "a text to be checked": (
        lambda _: sk.check("age > 3", SCHEMA),
        WrongTypeError,
        "age > 3",
        "condition",
        "parsed",
    ),
    "a text to be printed": (
        lambda _: sk.format("age > 3"),
        WrongTypeError,
        "age > 3",
        "node",
        "par",
    ),
    # --- a quota, instants, amounts, ids, zones -------------------------------------------------
    "one tag too many": (adding("SVIP"), QuotaExceededError, "SVIP", "tags", "'small' allows 1"),
    "an instant of a query": (
        ask("age > 3", at=NAIVE),
        NaiveDatetimeError,
        NAIVE,
        "at",
        "replace(tzinfo=zone)",
    ),
    "an instant of an edit": (
        editing({"age": 3}, at=NAIVE),
        NaiveDatetimeError,
        NAIVE,
        "instant",
        "replace(tzinfo=zone)",
    ),
    "an instant of an event": (
        take(lambda: bought(time=NAIVE)),
        NaiveDatetimeError,
        NAIVE - timedelta(days=2),
        "time of an event",
        "replace(tzinfo=zone)",
    ),
    "a float for the amount of an event": (
        take(lambda: bought(12.5)),
        FloatMoneyError,
        12.5,
        "'amount'",
        "Decimal('12.5')",
    ),
    "a float for the amount of a contact": (
        editing({"spent": 0.1}),
        FloatMoneyError,
        0.1,
        "'spent'",
        "Decimal('0.1')",
    ),
    "an id that is taken": (entering("c-17"), DuplicateIdError, "c-17", "contacts", "another id"),
    "an id twice in a state": (
        lambda _: sk.State.of(SCHEMA, [sk.Contact("c-1"), sk.Contact("c-1", {"age": 3})]),
        DuplicateIdError,
        "c-1",
        "contacts",
        "there already",
    ),
    "an id of an event with other content": (
        take(lambda: bought(41, event_id="e1")),
        ConflictingDuplicateError,
        "e1",
        "events of type 'purchase'",
        "One of them is wrong",
    ),
    "a zone of a query": (
        ask("age > 3", zone="Asia/Fuzhou"),
        UnknownZoneError,
        "Asia/Fuzhou",
        "zone",
        "Asia/Shanghai",
    ),
    "a zone of a night": (night(zone="北京"), UnknownZoneError, "北京", "zone", "Asia/Shanghai"),
    "a path as a zone": (ask("age > 3", zone="../UTC"), UnknownZoneError, "../UTC", "zone", "IANA"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_says_value_place_and_remedy_and_changes_nothing(name, store):
    do, kind, value, place, remedy = BAD[name]
    before = everything(store)
    with pytest.raises(sk.SegmentkitError) as caught:
        do(store)
    error = caught.value
    assert type(error) is kind
    assert (error.value, type(error.value)) == (value, type(value))
    assert place in error.place
    assert remedy in error.remedy
    text = str(error)
    if kind is not QueryError:
        assert text == f"{kind.summary} {value!r} at {error.place}. {error.remedy}"
    assert everything(store) == before
    copied = copy.copy(error)
    assert (str(copied), copied.place, copied.code) == (text, error.place, error.code)


def test_the_list_is_about_what_is_wrong(store):
    """The same deeds with right input pass, and change what they should."""
    before = everything(store)
    assert ask("城市 = $c", parameters={"c": "福州"})(store) == ["c-17"]
    assert ask("age is missing", zone="Asia/Shanghai")(store) == ["c-17"]
    assert everything(store) == before
    for change in (
        editing({"age": 3, "spent": Decimal("12.5")}),
        entering("c-18"),
        take(lambda: bought(40, event_id="e1"), lambda: bought(Decimal("0.1"), event_id="e2")),
        night(),
    ):
        before = everything(store)
        change(store)
        assert everything(store) != before


# --- the lines of an error ----------------------------------------------------------------------


def shown(query, lang="en"):
    with pytest.raises(QueryError) as caught:
        bind(parse(query), SCHEMA, text=query)
    return caught.value.render(lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "before",
    [
        "",
        "城市 = '福州' and ",
        "　城市　＝　“福州”　且　",
        "\tcity = 'x' and ",
        "city = 'x'\n\t and ",
        "city = 'x'\r\nand ",
        "city = 'é' and ",
        "city = '👨‍👩‍👧' and ",
        "city = '福州' and " * 40,
        "city = '福州'\n and " * 40,
    ],
)
@pytest.mark.parametrize(
    "after", ["", " and city = 'x'", "\r\nand city = 'y'", " and age < 9" * 90]
)
def test_the_caret_stands_under_the_wrong_name_and_no_line_is_endless(before, after, lang):
    _, line, caret = shown(f"{before}年纪 > 3{after}", lang).split("\n")
    assert "\t" not in line
    column = caret.index("^")
    shown_before = line[: line.index("年纪")]
    assert display_width(shown_before) == column
    assert caret[column:].startswith("^^^^  ")
    assert len(line) <= 170


@pytest.mark.parametrize(
    "query", ["\ud800", "age > 3 and '\ud800'", "a\x1b[2Jb", "x" * 100_000, "\x00", "city = 'a\rb'"]
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_error_can_be_written_anywhere(query, lang):
    text = shown(query, lang)
    text.encode()
    assert len(text) < 500
    assert all(character.isprintable() or character == "\n" for character in text)


def failing_query():
    with pytest.raises(QueryError) as caught:
        parse("age >")
    return caught.value


@pytest.mark.parametrize(
    "say",
    [
        lambda lang: sk.format(sk.parse("age > 3"), lang),
        lambda lang: sk.describe(sk.parse("age > 3"), lang),
        lambda lang: failing_query().render(lang),
    ],
    ids=["format", "describe", "render"],
)
def test_a_language_that_is_not_spoken_is_refused(say):
    with pytest.raises(InvalidValueError, match="Give 'en' or 'zh'"):
        say("fr")
