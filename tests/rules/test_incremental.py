"""The next night, found from what is new, is the night that asks everyone."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from rules.shops import AT, DAY, PEOPLE, ZONE, bought, held, night, pinned, rule, shop, tagged

from segmentkit.errors import InvalidValueError
from segmentkit.model import (
    FOLLOW_UP,
    Change,
    ChangeSet,
    Channel,
    Collection,
    Contact,
    ContactGroup,
    Event,
    Field,
    FieldType,
    FollowUp,
    Hold,
    Membership,
    Origin,
    Pin,
    Record,
    Schema,
    Staff,
    State,
    Tag,
    TagGroup,
    merge_contacts,
)
from segmentkit.query import And, Or, QueryError, parse
from segmentkit.rules import (
    NightRecord,
    Rule,
    from_json,
    night_end,
    plan_next_night,
    plan_night,
    to_json,
)
from segmentkit.stores import MemoryStore
from segmentkit.testing import checked_conditions
from segmentkit.testing.people import field_values

# --- the law, over random worlds ----------------------------------------------------------------

WORLD = Schema(
    fields=[
        Field("city", FieldType.TEXT, values=["a", "b"]),
        Field("level", FieldType.INTEGER),
        Field("birthday", FieldType.DATE),
        Field("joined", FieldType.INSTANT),
    ],
    collections=[
        Collection(
            "purchase",
            fields=[
                Field("amount", FieldType.MONEY, currency="CNY"),
                Field("category", FieldType.TEXT, values=["a", "b"]),
                Field("delivered", FieldType.INSTANT),
            ],
        ),
        Collection("view", fields=[Field("dwell", FieldType.DURATION)]),
        Collection(
            "deal",
            verb="has",
            time="created",
            fields=[
                Field("worth", FieldType.MONEY, currency="CNY"),
                Field("close", FieldType.DATE),
            ],
        ),
        FOLLOW_UP,
    ],
)
# What conditions are drawn from: collections of tags and groups are left to TAG_TEXTS below.
DRAWN = Schema(WORLD.fields, WORLD.collections)
object.__setattr__(DRAWN, "collections", WORLD.collections[:3])

# Each way in which time alone can turn a verdict; {n} and {m} are small numbers of days, {date} is
# one of the days that are run.
MOVING_TEXTS = [
    "did purchase in last {n} days",
    "did not purchase in last {n} hours",
    "count(purchase in last {n} days) >= 2",
    "did view in previous {n} days",
    "did purchase in this week",
    "did not view in previous week",
    "did purchase in today",
    "did purchase from {m} days ago to {n} days ago",
    "did purchase since {date} and did not view before {date}",
    "did purchase on {date}",
    "did purchase in next {n} days",
    "has deal in last {n} days",
    "has deal where (created in last {n} days)",
    "has deal where (close in next {n} days)",
    "did purchase where (delivered in last {n} days)",
    "did purchase where (time >= {n} days ago)",
    "last(purchase.time) < {n} days ago",
    "first(purchase.time) in last {n} days",
    "max(purchase.delivered) >= {n} hours ago",
    "anniversary(birthday) in next {n} days",
    "age(birthday) = 36",
    "joined in last {n} days",
    "joined < {n} days ago",
    "did view then did not purchase within {n} days",
    "did view in last {m} days then did purchase within {n} days",
    "did view then did purchase within {n} days then did not view within {n} days",
    "did purchase having (count(in last {n} days) >= 1 and count() >= 2)",
    "did follow_up in last {n} days",
    "did not follow_up in last {n} days",
    "sum(purchase.amount) >= {m}",
    "in group in last {n} days",
    "in group under '上'",
]
TAG_TEXTS = [
    "has tag '{}'",
    "has no tag '{}'",
    "has tag '{}' in last 3 days",
    "count(tag where (tag = '{}') in last 40 days) = 0",
    "has tag '重点'",
    "has no tag under '手工'",
    "has tag where (source = 'staff') in previous 10 days",
    "has tag where (tag = '重点' and expires in next 7 days)",
    "has no tag under '手工' having (count() >= 1 and first(assigned) in last 5 days)",
]
NAMES = ("甲", "乙", "丙")
CROWD = ("c-0", "c-1", "c-2")
FIRST_DAY = date(2026, 11, 14)
# Where nights are run, and from when on: a day of even length each; a midnight that comes twice, one
# that does not come, and a date that is skipped as a whole.
CALENDARS = [
    (ZONE, FIRST_DAY),
    ("America/Havana", date(2026, 10, 30)),
    ("America/Sao_Paulo", date(2018, 11, 2)),
    ("Pacific/Apia", date(2011, 12, 28)),
]


@st.composite
def rules_of_a_night(draw, version, before=(), first_day=FIRST_DAY):
    """Three rules, each of which may read the tags of those before it; some stay as they were."""
    rules = []
    for number, name in enumerate(NAMES):
        if before and draw(st.integers(0, 3)):
            rules.append(before[number])
            continue
        if draw(st.integers(0, 2)):
            few, more = sorted(draw(st.tuples(st.integers(1, 9), st.integers(1, 9))))
            text = draw(st.sampled_from(MOVING_TEXTS)).format(
                n=few, m=more + 1, date=first_day + timedelta(days=few)
            )
            condition = parse(text)
        else:
            condition = draw(checked_conditions(DRAWN, depth=1))
        if draw(st.integers(0, 2)) == 0:
            known = [*NAMES[:number], "重点"]
            text = draw(st.sampled_from(TAG_TEXTS)).format(draw(st.sampled_from(known)))
            kind = draw(st.sampled_from([And, Or]))
            other = parse(text)
            parts = condition.items if isinstance(condition, kind) else (condition,)
            condition = kind((other, *parts))
        mode = draw(st.sampled_from(["sync", "sync", "add_only"]))
        rules.append(Rule(f"自动/{name}", condition, mode, id=name, version=version))
    return rules


def moments(around):
    """Instants within days of a night, at odd hours and at its very end."""
    far = st.integers(-12 * 24, 4 * 24).map(lambda hours: around + timedelta(hours=hours))
    return far | st.sampled_from([around, around - timedelta(microseconds=1)])


def events_of(draw, label, at):
    """A few events of a few contacts, early, late and still to come; under ids long gone, too."""
    events = []
    for collection in WORLD.collections[:2]:
        for number in range(draw(st.integers(0, 3))):
            fields = draw(field_values(collection.fields[:-2]))
            contact = draw(st.sampled_from(CROWD))
            named = f"{label}-{number}"
            when = draw(moments(at))
            if "delivered" in fields:
                fields["delivered"] = when + timedelta(days=draw(st.integers(0, 5)))
            events.append(Event(contact, collection.name, when, fields, named))
    return events


def changes_of(draw, state, label, at):
    """What people do in a day: fields, tags, pins, deals, a new name for a tag, a merge."""
    changes = []
    crowd = sorted(state.contact_ids())
    contact = draw(st.sampled_from(crowd))
    what = draw(st.integers(0, 9))
    if what == 1:
        old = state.contact(contact)
        changes.append(Change(old, someone(draw, contact, at)))
    elif what == 2:
        ends = draw(st.sampled_from([None, at + timedelta(days=1), at + timedelta(days=9)]))
        hold = Hold(contact, "重点", "staff", "li.lei", at - timedelta(hours=1), ends)
        changes.append(Change(state.current(hold), hold))
    elif what == 3:
        pin = Pin(contact, "tag", draw(st.sampled_from(NAMES)), "against", "boss", at)
        now = state.current(pin)
        changes.append(Change(now, pin if now is None else None))
    elif what == 4:
        close = (at + timedelta(days=draw(st.integers(-3, 9)))).date()
        fields = {"created": draw(moments(at)), "close": close}
        changes.append(Change(None, Record.read(WORLD, contact, "deal", label, fields)))
    elif what == 5:
        tag = state.catalog.tag("重点")
        new = "重要" if tag.name == "重点的" else "重点的"
        changes.append(Change(tag, Tag(tag.id, new, tag.group)))
    elif what == 6:
        group = state.groups.group("lower")
        parent = None if group.parent else "upper"
        changes.append(Change(group, ContactGroup("lower", "下", parent=parent)))
    elif what == 7:
        member = Membership(contact, "lower", "staff", "li.lei", at - timedelta(hours=2))
        changes.append(Change(state.current(member), member))
    elif what == 8:
        changes.append(
            Change(None, FollowUp(contact, label, "li.lei", Channel.PHONE, at - timedelta(1)))
        )
    elif what == 9 and len(crowd) > 1:
        gone, into = draw(st.permutations(crowd).map(lambda two: two[:2]))
        boss = state.organisation.viewer("boss")
        changes += merge_contacts(state, into, gone, actor=boss, at=at - timedelta(hours=3))
    return changes


def someone(draw, contact, at):
    """A contact whose dates lie where nights look."""
    fields = draw(field_values([f for f in WORLD.fields if f.name in ("city", "level")]))
    fields["joined"] = draw(st.none() | moments(at))
    birthday = (at + timedelta(days=draw(st.integers(-2, 12)))).date()
    fields["birthday"] = birthday.replace(year=1990)
    return Contact.read(WORLD, contact, fields)


def a_world(draw, at):
    automatic = [Tag(n, n, "auto", origin=Origin.AUTOMATIC, order=i) for i, n in enumerate(NAMES)]
    groups = [TagGroup("auto", "自动"), TagGroup("hand", "手工")]
    groups += [ContactGroup("upper", "上"), ContactGroup("lower", "下")]
    crowd = [someone(draw, contact, at) for contact in CROWD]
    members = [Membership(c, "lower", "staff", "li.lei", draw(moments(at))) for c in CROWD[:2]]
    hand = Tag("重点", "重点", "hand")
    return MemoryStore(State.of(WORLD, [*groups, *automatic, hand, *PEOPLE, *crowd, *members]))


class OnlyScans:
    """The same store without its index by time."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        if name in ("contacts_between", "contacts_expiring"):
            raise AttributeError(name)
        return getattr(self._store, name)


@given(st.data())
def test_an_incremental_night_equals_a_full_one(data):
    nights_agree(data, "interpreter")


# Loading columns for three contacts costs more than asking them.
@settings(max_examples=settings.default.max_examples // 5)
@given(st.data())
def test_it_does_so_with_the_columnar_engine_too(data):
    nights_agree(data, "columnar")


def nights_agree(data, engine):
    zone, first_day = data.draw(st.sampled_from(CALENDARS))
    day, last, rules = first_day, None, ()
    store = a_world(data.draw, night_end(day, zone))
    seen = OnlyScans(store) if data.draw(st.booleans()) else store
    for number in range(data.draw(st.integers(2, 4))):
        at = night_end(day, zone)
        events = events_of(data.draw, f"e{number}", at)
        store.add_events(events)
        rules = data.draw(rules_of_a_night(number + 1, rules, first_day))
        people = changes_of(data.draw, store.state, f"d{number}", at)
        if people:
            store.apply(ChangeSet(people, "boss", at, store.version))
        asked = {"day": day, "zone": zone, "engine": engine}
        full = night(rules, seen, **asked)
        if last is not None:
            since = store.state.changes_since(last.changes.base_version)
            news = {"events": events, "changes": since, **asked}
            step = plan_next_night(rules, seen, last.record(), **news)
            note(f"{day}: {step.examined} of {len(CROWD)} examined")
            assert step == full
            assert step.to_json() == full.to_json()
        store.apply(full)
        last = full
        day += timedelta(days=data.draw(st.sampled_from([1, 1, 1, 2, 7, 30])))


# --- examples -----------------------------------------------------------------------------------


def two_nights(rules, store, *, events=(), changes=(), later=None, days=1):
    """The first night, what happens then, and the second one found from that."""
    first = night(rules, store)
    store.apply(first)
    store.add_events(events)
    if changes:
        store.apply(ChangeSet(changes, "boss", first.at, store.version))
    day = DAY + timedelta(days=days)
    listed = [rules] if isinstance(rules, Rule) else rules
    second = plan_next_night(
        later or listed,
        store,
        first.record(),
        day=day,
        zone=ZONE,
        events=events,
        changes=store.state.changes_since(first.changes.base_version),
        engine="interpreter",
    )
    assert second == night(later or rules, store, day)
    return second


CROWDED = [bought(f"c{number}", 3) for number in range(50)]
ACTIVE = rule("活跃", "did purchase in last 7 days")


def test_nothing_new_and_nothing_moved_asks_no_one():
    assert two_nights(ACTIVE, shop(CROWDED)).examined == 0


def test_who_did_something_is_asked():
    plan = two_nights(ACTIVE, shop(CROWDED, contacts=["new"]), events=[bought("new", -0.5)])
    assert plan.examined == 1
    assert plan.entered["活跃"] == ("new",)


def test_whoever_falls_out_of_a_window_is_asked():
    store = shop([*CROWDED, bought("old", 6.5)])
    plan = two_nights(ACTIVE, store)
    assert plan.examined == 1
    assert plan.left["活跃"] == ("old",)


def test_what_was_stored_before_its_time_counts_when_the_time_has_come():
    store = shop([*CROWDED, bought("planned", -0.5)])
    plan = two_nights(ACTIVE, store)
    assert plan.examined == 1
    assert plan.entered["活跃"] == ("planned",)


def test_a_late_event_counts():
    plan = two_nights(ACTIVE, shop(CROWDED, contacts=["late"]), events=[bought("late", 2)])
    assert plan.examined == 1
    assert plan.entered["活跃"] == ("late",)


def test_a_first_purchase_that_gets_too_old_is_found_by_its_time():
    rookie = rule("新客", "first(purchase.time) in last 7 days")
    plan = two_nights(rookie, shop([*CROWDED, bought("old", 6.5)]))
    assert plan.examined == 1
    assert plan.left["新客"] == ("old",)


def test_birthdays_are_found_by_asking_that_part_alone():
    born = {"birthday": date(1990, 11, 28)}
    someone = Contact.read(shop().schema, "b", born)
    soon = rule("VIP", "did not purchase and anniversary(birthday) in next 7 days")
    plan = two_nights(soon, shop(CROWDED, contacts=[someone]))
    assert plan.examined == 1
    assert plan.entered["VIP"] == ("b",)


def test_patience_that_has_run_out_is_found():
    abandoned = rule("流失", "did view then did not purchase within 2 days")
    events = [Event("v", "view", bought("v", 1.5).time, id="v1"), *CROWDED]
    plan = two_nights(abandoned, shop(events))
    assert plan.examined == 1
    assert plan.entered["流失"] == ("v",)


def test_an_edited_rule_asks_everyone_and_the_others_do_not():
    edited = rule("活跃", "did purchase in last 2 days", version=2)
    plan = two_nights([ACTIVE], shop(CROWDED), later=[edited])
    assert plan.examined is None
    assert len(plan.left["活跃"]) == 50


def test_a_new_wording_of_the_same_rule_asks_no_one():
    same = rule("活跃", "做过 购买 最近 7 天", version=2)
    assert two_nights([ACTIVE], shop(CROWDED), later=[same]).examined == 0


def test_a_lifted_pin_is_seen():
    pin = pinned("c1", "活跃", "against")
    plan = two_nights(ACTIVE, shop(CROWDED, pins=[pin]), changes=[Change(pin, None)])
    assert plan.entered["活跃"] == ("c1",)
    assert plan.examined == 1


def test_whoever_is_pinned_is_told_of_each_night():
    pin = pinned("c1", "活跃", "against")
    plan = two_nights(ACTIVE, shop(CROWDED, pins=[pin]))
    assert plan.outcomes[0].pinned == ("c1",)
    assert plan.examined == 1


def test_a_hold_of_the_rule_itself_that_ends_is_made_anew():
    ends = night(ACTIVE, shop()).at + timedelta(hours=5)
    brief = held("c1", "活跃", expires=ends)
    plan = two_nights(ACTIVE, shop(CROWDED, holds=[brief]))
    assert plan.entered["活跃"] == ("c1",)
    assert plan.examined == 1


def test_a_tag_that_ends_is_seen():
    ends = night(ACTIVE, shop()).at + timedelta(hours=5)
    brief = held("c1", "VIP", "sync", "wecom", expires=ends)
    reader = rule("一", "has tag 'VIP'")
    plan = two_nights(reader, shop(CROWDED, holds=[brief]))
    assert plan.left["一"] == ("c1",)
    assert plan.examined == 1


def test_a_tag_that_this_night_sets_is_seen_by_the_rules_that_read_it():
    reader = rule("一", "has tag '活跃'")
    store = shop(CROWDED, contacts=["new"])
    plan = two_nights([reader, ACTIVE], store, events=[bought("new", -0.5)])
    assert plan.entered["一"] == ("new",)
    assert plan.examined == 1
    store.apply(plan)
    assert "new" in tagged(store, "一")["rule:一"]


TWICE = rule("VIP", "sum(purchase.amount) >= 100")
TWO_HALVES = [bought("gone", 3, 60), bought("stays", 3, 60)]


def merged(store):
    boss = store.state.organisation.viewer("boss")
    return merge_contacts(store.state, "gone", "stays", actor=boss, at=AT - timedelta(days=2))


def test_whoever_takes_anothers_place_is_asked():
    store = shop([*CROWDED, *TWO_HALVES])
    plan = two_nights(TWICE, store, changes=merged(store))
    assert plan.entered["VIP"] == ("stays",)
    assert plan.examined == 1


def test_so_is_whoever_took_it_when_the_merge_is_undone():
    store = shop([*CROWDED, *TWO_HALVES])
    merge = merged(store)
    store.apply(merge)
    plan = two_nights(TWICE, store, changes=[change.inverse() for change in merge][::-1])
    assert plan.left["VIP"] == ("stays",)


def test_a_follow_up_falls_out_of_a_window_too():
    spoken = FollowUp("c1", "1", "li.lei", Channel.PHONE, bought("c1", 2.5).time)
    store = shop(CROWDED, more=[spoken])
    plan = two_nights(rule("VIP", "did follow_up in last 3 days"), store)
    assert plan.left["VIP"] == ("c1",)
    assert plan.examined == 1


def test_a_rule_that_moves_to_another_tag_is_heeded_by_those_who_read_the_old_one():
    before = [rule("一", "did purchase", id="R"), rule("三", "has tag '等级/一'", id="S")]
    after = [rule("二", "did purchase", id="R", version=2), before[1]]
    plan = two_nights(before, shop(CROWDED), later=after)
    assert len(plan.left["等级/三"]) == 50


def test_another_viewer_asks_everyone_anew():
    """Of what the two see differently, nothing comes in, and nothing crosses a window."""
    since = AT - timedelta(days=2)
    holds = [Hold("a", "t-重点", "staff", "li.lei", since)]
    store = shop(contacts=["a", "b"], holds=holds, more=[Staff("han.mm")])
    viewers = [store.state.organisation.viewer(who) for who in ("boss", "han.mm")]
    marked = rule("一", "has tag '重点'")
    first = night(marked, store, viewer=viewers[0])
    assert first.entered["一"] == ("a",)
    store.apply(first)
    asked = {"day": DAY + timedelta(days=1), "zone": ZONE, "viewer": viewers[1]}
    changes = store.state.changes_since(first.changes.base_version)
    second = plan_next_night([marked], store, first.record(), changes=changes, **asked)
    assert second == plan_night([marked], store, **asked)
    assert second.left["一"] == ("a",)
    assert second.examined is None
    assert second.record().viewer == viewers[1]


def test_a_record_that_was_stored_does_as_well():
    store = shop([bought("a", 6.5), bought("b")])
    first = night(ACTIVE, store)
    store.apply(first)
    read = from_json(NightRecord, json.loads(json.dumps(to_json(first.record()))))
    assert read == first.record()
    changes = store.state.changes_since(first.changes.base_version)
    asked = {"changes": changes, "day": DAY + timedelta(days=1), "zone": ZONE}
    second = plan_next_night([ACTIVE], store, read, **asked)
    assert second == plan_next_night([ACTIVE], store, first.record(), **asked)
    assert (second.left["活跃"], second.examined) == (("a",), 1)


def test_a_plan_that_was_not_applied_is_no_ground_to_stand_on():
    store = shop(CROWDED)
    first = night(ACTIVE, store)
    with pytest.raises(InvalidValueError, match="apply its plan"):
        plan_next_night([ACTIVE], store, first.record(), day=DAY, zone=ZONE)


def test_a_night_before_the_last_one_is_refused():
    store = shop(contacts=["a"])
    first = night(ACTIVE, store)
    with pytest.raises(InvalidValueError, match="last night ended"):
        plan_next_night([ACTIVE], store, first.record(), day=DAY - timedelta(days=1), zone=ZONE)


def test_a_wrong_rule_is_refused_as_in_a_full_night():
    store = shop(contacts=["a"])
    first = night(ACTIVE, store)
    with pytest.raises(QueryError):
        plan_next_night([rule("一", "did purchse")], store, first.record(), day=DAY, zone=ZONE)
