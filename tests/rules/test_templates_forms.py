"""Forms: every field is listed, what is filled in comes out as text, what cannot be is refused."""

import inspect
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws.worlds import Asker, row

from segmentkit.errors import InvalidValueError, SegmentkitError, WrongTypeError
from segmentkit.model import standard_schema
from segmentkit.query import QueryError, check, format, parse  # noqa: A004
from segmentkit.query.builder import did, field, last, next_, parameter
from segmentkit.rules import templates
from segmentkit.rules.templates import BEHAVIOURS, FAMILIES, TEMPLATES, customer_intent, purchased

SCHEMA = standard_schema()
FORMS = (*TEMPLATES, *BEHAVIOURS)
holds = Asker("interpreter")
every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
both_languages = pytest.mark.parametrize("lang", ["en", "zh"])


def bound(condition):
    """The condition against the schema, without a complaint."""
    checked = check(condition, SCHEMA)
    assert checked.diagnostics == ()
    return checked.condition


# --- what a page shows ------------------------------------------------------------------------------


@every_form
def test_a_form_lists_every_argument_of_its_function(form):
    parameters = dict(inspect.signature(form.make).parameters)
    # What the form does not have is for whoever writes the rule.
    parameters.pop("where", None)
    assert [each.name for each in form.fields] == list(parameters)
    assert {p.kind for p in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert getattr(templates, form.name) is form.make
    assert form.title("zh") in (form.make.__doc__ or "")


def test_the_eight_templates_and_the_ten_behaviours_are_listed_once():
    assert [len(TEMPLATES), len(BEHAVIOURS)] == [8, 10]
    assert len({form.name for form in FORMS}) == 18


@both_languages
@every_form
def test_everything_that_a_page_shows_has_words(form, lang):
    words = [form.title(lang), FAMILIES[form.family][lang]]
    for each in form.fields:
        words += [each.label(lang), *(choice.label(lang) for choice in each.choices)]
        assert bool(each.choices) or each.kind != "choice"
    assert all(words)
    assert any(not word.isascii() for word in words) is (lang == "zh")


@pytest.mark.parametrize("lang", ["fr", "", None, "EN"])
def test_no_other_language_is_taken_for_english(lang):
    (one_of_two, *_) = TEMPLATES[3].fields[-1].choices
    for said in (TEMPLATES[0].title, TEMPLATES[0].fields[0].label, one_of_two.label):
        with pytest.raises(SegmentkitError, match="'en' or 'zh'"):
            said(lang)


@every_form
def test_the_choices_of_a_field_are_what_its_function_takes(form):
    for each in form.fields:
        for choice in each.choices:
            bound(form.make(**{each.name: choice.value}))
        if each.kind == "choice":
            with pytest.raises(SegmentkitError, match=each.name):
                form.make(**{each.name: "none"})


@both_languages
@every_form
def test_a_form_can_be_used_as_it_is(form, lang):
    for condition in (form.ready(), form.make()):
        text = format(condition, lang, schema=SCHEMA)
        assert bound(parse(text)) == bound(condition)


def test_what_is_filled_in_from_the_start_can_be_edited():
    frequent = TEMPLATES[5]
    filled = {each.name: each.default for each in frequent.fields}
    assert frequent.make(**filled) == frequent.ready()
    assert format(frequent.make(**{**filled, "times": 2, "during": None})) == (
        "did purchase at least 2 times"
    )


# --- what is filled in ------------------------------------------------------------------------------


ODD = [
    *("last 30 days", "", 0, -1, 1.5, True, False, None, b"x", object(), {}, (), []),
    *([], [None], {"a"}, {"a": 1}, [1], timedelta(days=30), timedelta(microseconds=1)),
    *(float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("1e999")),
    *(date(1, 1, 1), datetime(2026, 1, 1), last(days=3), next_(days=3), parameter("p")),
    *(field("a"), field("a") == 1, did("purchase"), parse("did purchase"), "did purchase", "(("),
    *(templates.at_least(3), templates.below(Decimal(2)), templates.between(1, 3)),
]


@given(st.sampled_from(FORMS), st.data())
def test_whatever_is_filled_in_is_refused_or_can_be_printed_and_read(form, data):
    names = [*inspect.signature(form.make).parameters]
    some = data.draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
    filled = {name: data.draw(st.sampled_from(ODD), label=name) for name in some}
    try:
        condition = form.make(**filled)
    except SegmentkitError:
        return
    for lang in ("en", "zh"):
        assert parse(format(condition, lang)) == condition


@pytest.mark.parametrize(
    ("filled", "error", "message"),
    [
        ({"during": "last 30 days"}, WrongTypeError, "a window of time such as last"),
        ({"during": timedelta(days=30)}, WrongTypeError, "a window of time such as last"),
        ({"times": "3"}, WrongTypeError, "a number"),
        ({"times": True}, WrongTypeError, "a number"),
        ({"amount": Decimal("NaN")}, InvalidValueError, "finite"),
        ({"amount": float("inf")}, InvalidValueError, "finite"),
        ({"category": 5}, WrongTypeError, "a text or a list of texts"),
        ({"category": ["鞋", None]}, WrongTypeError, "a text or a list of texts"),
        ({"times": -1}, InvalidValueError, "a whole number, 0 or more"),
        ({"times": 2.5}, InvalidValueError, "a whole number, 0 or more"),
        ({"times": templates.between(-1, 3)}, InvalidValueError, "a whole number, 0 or more"),
        ({"times": timedelta(days=1)}, WrongTypeError, "a whole number, 0 or more"),
        ({"amount": timedelta(days=1)}, WrongTypeError, "not a length of time"),
        ({"where": "category = "}, QueryError, "expected"),
        ({"where": 5}, WrongTypeError, "a condition"),
    ],
)
def test_what_a_field_does_not_take_is_refused_when_it_is_filled_in(filled, error, message):
    with pytest.raises(error, match=message):
        purchased(**filled)


TEXTS = [(form, each.name) for form in FORMS for each in form.fields if each.kind == "texts"]


@given(
    st.sampled_from(TEXTS),
    st.lists(st.sampled_from("abcdefghijklmnopq"), min_size=2, max_size=9, unique=True),
    st.sampled_from([set, frozenset]),
)
def test_a_set_gives_the_same_text_whatever_its_order(asked, texts, kind):
    form, name = asked
    assert form.make(**{name: kind(texts)}) == form.make(**{name: sorted(texts)})


BLANK = st.sampled_from(["", " ", "\u3000", "\t\n"])
BLANKS = BLANK | st.lists(BLANK, max_size=3) | st.sets(BLANK, max_size=3)


@given(st.sampled_from(TEXTS), BLANKS)
def test_a_blank_field_is_not_filled_in(asked, blank):
    form, name = asked
    offered = {each.name: each.default for each in form.fields if each.default is not None}
    offered.pop(name, None)
    for others in ({}, offered):
        assert form.make(**others, **{name: blank}) == form.make(**others)
        assert form.make(**others, **{name: iter(blank)}) == form.make(**others)


CHOICES = [
    (form, each.name)
    for form in FORMS
    for each in form.fields
    if each.kind == "choice" and each.default is None
]


@pytest.mark.parametrize(("form", "name"), CHOICES)
def test_a_choice_that_was_not_made_is_not_asked(form, name):
    assert form.make(**{name: ""}) == form.make()


@given(st.sampled_from(TEXTS), st.lists(BLANK, max_size=2), st.lists(BLANK, max_size=2))
def test_blank_texts_among_others_are_left_out(asked, before, after):
    form, name = asked
    assert form.make(**{name: [*before, "鞋", "袜", *after]}) == form.make(**{name: ["鞋", "袜"]})


@given(st.sampled_from(BEHAVIOURS), BLANK)
def test_a_blank_where_says_nothing(form, blank):
    assert form.make(where=blank) == form.make()


def test_a_blank_field_does_not_stand_in_for_one_that_is_needed():
    with pytest.raises(InvalidValueError, match="keywords"):
        customer_intent(keywords=" ", messages=2)
    assert customer_intent(keywords="价格", cart=False, cart_category=[""]) == customer_intent(
        keywords="价格"
    )


LENGTHS = [(form, each.name) for form in FORMS for each in form.fields if each.kind == "duration"]
TIMES = [(form, each.name) for form in FORMS for each in form.fields if each.kind == "times"]
NUMBER = st.integers(-99, 99) | st.decimals(-99, 99, places=1)
RANGE = st.sampled_from([lambda n: n, templates.at_least, templates.at_most, templates.below])


@given(st.sampled_from(LENGTHS), NUMBER, RANGE)
def test_a_number_is_no_length_of_time(asked, number, bounds):
    form, name = asked
    with pytest.raises(WrongTypeError, match=r"timedelta\(seconds=30\)"):
        form.make(**{name: bounds(number)})
    bound(form.make(**{name: bounds(timedelta(seconds=30))}))


@given(st.sampled_from(TIMES), NUMBER, RANGE)
def test_times_are_whole_and_not_below_none(asked, number, bounds):
    form, name = asked
    filled = {name: bounds(number)} | ({"keywords": "价格"} if name == "messages" else {})
    if number < 0 or number % 1:
        with pytest.raises(InvalidValueError, match="a whole number, 0 or more"):
            form.make(**filled)
    else:
        assert form.make(**filled)


@given(st.permutations("abcd"))
def test_a_list_keeps_its_order(texts):
    assert purchased(category=texts) == purchased(category=iter(texts))
    assert format(purchased(category=texts)).count("', '") == 3
    assert [format(purchased(category=texts)).index(f"'{text}'") for text in texts] == sorted(
        format(purchased(category=texts)).index(f"'{text}'") for text in texts
    )


@pytest.mark.parametrize("form", BEHAVIOURS, ids=lambda form: form.name)
def test_a_where_may_be_text(form):
    text = "staff is missing or time is known"
    assert form.make(where=text) == form.make(where=parse(text))


# --- a form that is half filled in -------------------------------------------------------------------

SAID = [row("2026-11-20T12:00", text="什么价格？")]
PUT = [row("2026-11-20T12:00", category="鞋", quantity=1, amount=Decimal(300))]


def asked(condition, **rows):
    return holds(condition, schema=SCHEMA, **rows)


@pytest.mark.parametrize(
    ("filled", "said", "put", "both"),
    [
        ({"keywords": "价格"}, True, False, True),
        ({"keywords": "价格", "needs": "all"}, True, False, True),
        ({"keywords": "价格", "cart": False}, True, False, True),
        ({"keywords": "价格", "messages": 2}, False, False, False),
        ({}, False, True, True),
        ({"cart": True}, False, True, True),
        ({"cart_amount": 300}, False, True, True),
        ({"keywords": "价格", "cart": True}, True, True, True),
        ({"keywords": "价格", "cart": True, "needs": "all"}, False, False, True),
        ({"keywords": "价格", "cart_category": "鞋"}, True, True, True),
        ({"keywords": "价格", "cart_category": "鞋", "needs": "all"}, False, False, True),
        ({"keywords": "价格", "cart_category": "袜"}, True, False, True),
    ],
)
def test_intent_asks_only_for_what_is_filled_in(filled, said, put, both):
    intent = customer_intent(**filled)
    assert asked(intent, send_message=SAID) is said
    assert asked(intent, add_to_cart=PUT) is put
    assert asked(intent, send_message=SAID, add_to_cart=PUT) is both
    assert not asked(intent)


@pytest.mark.parametrize(
    ("filled", "message"),
    [
        ({"messages": 2}, "keywords"),
        ({"cart": False}, "Give keywords"),
        ({"keywords": "价格", "cart": False, "cart_amount": 5}, "nothing of the cart"),
        ({"needs": "none"}, "'any' or 'all'"),
        ({"needs": None}, "'any' or 'all'"),
    ],
)
def test_intent_that_asks_for_nothing_or_contradicts_itself_is_refused(filled, message):
    with pytest.raises(SegmentkitError, match=message):
        customer_intent(**filled)


@pytest.mark.parametrize(
    ("make", "collection"),
    [
        (templates.material_preference, "view_material"),
        (templates.purchase_preference, "purchase"),
    ],
)
def test_a_preference_for_no_named_class_is_for_whichever_it_is(make, collection):
    def things(*classes):
        return {collection: [row("2026-11-20T12:00", category=each) for each in classes]}

    prefers = make(times=2)
    assert asked(prefers, **things("鞋", "鞋"))
    assert asked(prefers, **things("袜", "袜"))
    assert not asked(prefers, **things("鞋", "袜"))
    assert not asked(prefers, **things("鞋"))
