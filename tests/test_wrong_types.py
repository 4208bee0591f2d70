"""
Every public callable, given one argument of a grossly wrong type at a time.

It answers with an error of the library, or takes the value; a raw error of Python is a defect. What
is public is what the checked-in snapshot compares, so a new public name fails here until it is given
good arguments: a class an instance in `things`, a parameter its value in `usual`, or a callable
values of its own in `own`.
"""

import contextlib
import enum
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice
from types import ModuleType

import attrs
import numpy
import pytest
from test_public_api import modules

import segmentkit as sk
from segmentkit import engines, model, query, rules, stores, testing
from segmentkit.query import builder
from segmentkit.rules import templates

NOW = datetime(2026, 11, 21, tzinfo=UTC)
DAY = date(2026, 11, 20)
WRONG = (None, 3, "x", object(), [None], {})
# Methods of these may leave something behind.
WRITERS = ("model.State", "stores.MemoryStore")

SCHEMA = sk.Schema(
    fields=[
        sk.Field("city", "text", aliases=["城市"]),
        sk.Field("age", "integer"),
        sk.Field("phone", "text"),
        sk.Field("spent", "money", currency="CNY"),
    ],
    collections=[
        sk.Collection("purchase", fields=[sk.Field("amount", "money", currency="CNY")]),
        model.FOLLOW_UP,
        model.OPPORTUNITY,
    ],
)
BOUGHT = sk.Event("c-17", "purchase", NOW - timedelta(days=2), {"amount": 40}, id="e1")
HOLD = sk.Hold("c-17", "hot", "admin", "boss", NOW - timedelta(days=9))
PIN = model.Pin("c-18", "tag", "hot", "for", "boss", NOW)
SEGMENT = sk.Segment("grown", "成年", sk.parse("age >= 18"))
FORM = model.Form("form", {"电话": "phone"})
INTAKE = model.Intake("file", {"电话": "phone"}, match_on=["phone"])
CAMPAIGN = model.Campaign("camp", "双11", model.CampaignKind.PUSH, model.Channel.SMS, NOW, "hi")
ENTITIES = [
    model.Settings(),
    sk.TagGroup("level", "等级"),
    sk.Tag("vip", "VIP", "level", origin="automatic"),
    sk.Tag("hot", "热", "level"),
    sk.Tag("cold", "冷", "level"),
    sk.ContactGroup("customers", "客户"),
    sk.ContactGroup("high", "高", family="value"),
    sk.Contact("c-17", {"city": "福州", "age": 30, "phone": "1"}, followed_by={"li.lei"}),
    sk.Contact("c-18", {"phone": "1"}),
    model.Staff("boss", role="admin"),
    model.Staff("li.lei"),
    model.CollaborationTeam("team", "", {"li.lei"}),
    model.GroupChat("f1", "福州一群", "li.lei", {"重点"}),
    model.ContactList("mine", "我的"),
    CAMPAIGN,
    model.AudienceMember("c-17", "camp", NOW),
    model.Membership("c-17", "customers", "admin", "boss", NOW),
    model.ChatMember("c-17", "f1", NOW),
    model.StaffLink("c-17", "li.lei", NOW),
    model.ListEntry("c-17", "mine", NOW),
    model.Record("c-17", "opportunity", "o-1"),
    model.FollowUp("c-17", "f-1", "li.lei", model.Channel.PHONE, NOW - timedelta(days=3)),
    model.MergedContact("c-1", "c-17", NOW),
    model.Tombstone("tag", "old", "旧", NOW, "hot"),
    HOLD,
    PIN,
]
TEXTS = [
    "did purchase as p where (amount > $a) between 1 to 5 times in last 90 days",
    "did cart as c having (sum(amount) >= 3) then did not buy where (sku = c.sku) within 3 days",
    "has tag like 'a*' or has tag under '等级' or not city in ('a', 'b')",
    "city contains 'a' and age between 1 and -2 + 3 and city is missing and age in $ages",
    "added since 30 days ago or added in this month or added in last 3 days or added before 2026-01-01T08:30",
    "added from 2026-01-01 to 2026-02-01 or added on 2026-01-01 or month(added) = 3 or true",
]


class Shop:
    """A store with something of each kind, made anew for each call, for some calls write."""

    def __init__(self) -> None:
        self.state = sk.State.of(SCHEMA, ENTITIES)
        self.store = sk.MemoryStore(self.state, [BOUGHT], segments=[SEGMENT])
        self.rule = sk.Rule("等级/VIP", "did purchase", id="r-1", saved=NOW - timedelta(days=5))
        self.changes = model.edit_contact(self.state, "c-17", {"age": 31}, actor=sk.SYSTEM, at=NOW)


@cache
def things() -> Mapping[type, object]:
    """One good instance of each public class whose constructor is tried with what it holds."""
    shop = Shop()
    store, state, at = shop.store, shop.state, {"actor": sk.SYSTEM, "at": NOW}
    condition = query.bind(sk.parse("did purchase"), SCHEMA)
    setting = engines.setting_of(store, at=NOW)
    batch = engines.compile_batch({"": condition}, setting)
    population = engines.Population.from_source(store)
    answers = batch.evaluate(population)
    reader = engines.SubjectReader(SCHEMA, ["purchase"], sk.SYSTEM, setting.moment)
    plan = sk.plan_night([shop.rule], store, day=DAY, zone="UTC")
    comparison = rules.compare("age > 3", "age > 50", store, at=NOW)
    explanation = sk.explain("did purchase at least 2 times", "c-17", store, at=NOW)
    checked = sk.check(sk.parse("agee > 3"), SCHEMA)
    completions = sk.complete("ag", 2, SCHEMA)
    bad_file = model.plan_intake(state, [{"电话": 3}], INTAKE, **at)
    batch_plan = model.plan_batch(state, ["c-99"], model.BatchEdit(add_tags=["热"]), **at)
    too_many = model.plan_catalog(
        state, [model.CreateTag("等级", "新"), model.DeleteTag("level/nothing")], **at
    )
    held = shop.state.apply(shop.changes) and model.undo(state, shop.changes, **at)
    moved = model.edit_contact(state, "c-17", {"age": 32}, **at)
    state.apply(moved)
    conflicted = model.undo(state, shop.changes, **at)
    erased = model.erase_contact(state, "c-18", **at)
    found = [
        *ENTITIES,
        *(node for text in TEXTS for node in query.walk(sk.parse(text))),
        *(query.Reference("tag", "vip"), query.Given.of("age > 3")),
        *(change.after for change in erased.changes if change.after),
        *(SCHEMA, SCHEMA.fields[0], SCHEMA.collections[0], BOUGHT, SEGMENT, FORM, INTAKE),
        *(shop.changes, shop.changes.changes[0], held, conflicted, *conflicted.conflicts),
        *(setting, setting.moment, batch, population, answers, answers[""]),
        *(reader, reader.read(store, "c-17"), engines.Interpreter(setting)),
        engines.Table({"contact": numpy.array(["c-17"])}),
        engines.Reasons(setting),
        engines.passage(condition, SCHEMA, setting.moment, setting.moment),
        engines.Crossing("purchase", 0, 1),
        *(explanation, engines.Citation("purchase", "e1", NOW), *explanation.facts),
        engines.Fact(query.Path(("age",)), "30"),
        *(explanation.repair, *explanation.repair.needs),
        *(checked, *checked.diagnostics, *checked.diagnostics[0].fixes),
        *(completions, *completions.candidates, *query.highlight("age")),
        *(query.Limits(), query.Mention("age"), query.references(condition)),
        *(query.FUNCTIONS[0], query.Frame(UTC, DAY), query.TEXT, query.Scope(SCHEMA)),
        *(query.NameTable({"tag": {"vip": "VIP"}}), query.Visitor(), query.Transformer()),
        *(bad_file, *bad_file.outcomes, *bad_file.problems),
        *(batch_plan, *batch_plan.refusals, model.BatchEdit(add_tags=["热"])),
        *(too_many, *too_many.refusals, too_many.room),
        *(model.CreateTag("等级", "新"), model.CreateTagGroup("新"), model.NewTag("新")),
        *(model.EditTag("热"), model.EditTagGroup("等级"), model.MoveTag("热", "等级")),
        *(model.ArchiveTag("热"), model.RestoreTag("热"), model.DeleteTag("热")),
        *(model.DeleteTagGroup("等级"), model.MergeTags(["冷"], "热"), model.PlaceTag("热", 0)),
        *(model.PlaceTagGroup("等级", 0), model.Quota("small"), model.CellReading()),
        *model.suggest_columns(SCHEMA, ["phone"]),
        *(model.Delivery("c-17", model.Channel.SMS, "hi"), model.GroupCount(1, 2)),
        model.DetailRow("c-17", {"age": 31}, ("等级/VIP",), ()),
        *(model.Task(model.TaskKind.TAG, "c-17", NOW), model.LeftOut("c-17", "g", "pinned")),
        model.fill_groups(state, {"high": ["c-17"]}, rule="r-2", at=NOW),
        *(model.FrozenMap({"a": 1}), model.View(state, sk.SYSTEM), state.organisation),
        model.Documents({model.ContactBook: "contacts"}),
        *(state.catalog, model.GroupTree([sk.ContactGroup("g", "组")]), model.ContactBook([])),
        *(sk.Viewer("boss", model.Role.ADMIN), model.Channel.SMS, shop.state, shop.store),
        stores.StateNames(state),
        *(engines.KeptPopulation(store), rules.KeptStore(store)),
        shop.store.news_since(shop.store.revision),
        *(stores.Row("e1", NOW, {}), testing.RowStore(SCHEMA, {"c-17": {}})),
        *(shop.rule, rules.bind_rule(shop.rule, store), plan, *plan.outcomes, plan.entered),
        *(plan.record(), rules.InvalidRule(shop.rule, ()), rules.Turn(NOW, True, DAY)),
        rules.LateEffect("r-1", "c-17", (DAY,), ()),
        *(comparison, *comparison.edits),
        rules.difference(sk.parse("age > 3"), sk.parse("age > 4")),
        *(templates.at_least(3), templates.TEMPLATES[0], templates.TEMPLATES[0].fields[0]),
        templates.TEMPLATES[3].fields[-1].choices[0],
        templates.bands(builder.total("purchase.amount"), {"等级/VIP": 3}),
        *(builder.did("purchase"), builder.count("purchase"), builder.field("age") > 3),
        builder.field("age"),
    ]
    return {type(thing): thing for thing in found}


def usual(shop: Shop) -> Mapping[str, object]:
    """Good values by the name of a parameter, where a callable has none of its own."""
    return {
        "action": model.Action.FOLLOW,
        "actor": sk.SYSTEM,
        "alias": "p",
        "after": engines.Moment.of(NOW, "UTC"),
        "answers": {"电话": "1"},
        "arguments": (builder.field("added"),),
        "at": NOW,
        "before": engines.Moment.of(NOW - timedelta(days=1), "UTC"),
        "before_version": 0,
        "campaign": "camp",
        "change": shop.changes.changes[0],
        "changes": shop.changes,
        "channel": model.Channel.PHONE,
        "codes": [0],
        "collection": "purchase",
        "collections": ["purchase"],
        "condition": query.bind(sk.parse("did purchase"), SCHEMA),
        "conditions": {"": query.bind(sk.parse("did purchase"), SCHEMA)},
        "contact": "c-17",
        "contact_id": "c-17",
        "contact_ids": ["c-17"],
        "contacts": ["c-17"],
        "category": "鞋",
        "cursor": 2,
        "day": DAY,
        "days": 3,
        "declared": SCHEMA.fields[0],
        "direction": "for",
        "end": NOW,
        "entities": ENTITIES,
        "events": [BOUGHT],
        "field": SCHEMA.fields[1],
        "field_name": "city",
        "fields": {"city": "厦门"},
        "follow_up": "f-1",
        "form": FORM,
        "group": "customers",
        "group_id": "customers",
        "groups": ["customers"],
        "header": ["phone"],
        "items": ("a",),
        "function": "month",
        "high": 5,
        "hold": HOLD,
        "holds": [HOLD],
        "id": "c-18",
        "instant": NOW,
        "kind": "tag",
        "kinds": (),
        "lang": "en",
        "last": DAY,
        "limit": 3,
        "limits": query.Limits(),
        "log": [],
        "low": 3,
        "match_on": ["phone"],
        "member": model.AudienceMember("c-17", "camp", NOW),
        "microseconds": 0,
        "moment": engines.Moment.of(NOW, "UTC"),
        "months": 1,
        "name": "city",
        "names": ("city",),
        "new": sk.parse("age > 4"),
        "nights": [DAY],
        "of": "purchase.amount",
        "node": sk.parse("age > 3"),
        "now": NOW,
        "old": sk.parse("age > 3"),
        "owner": SCHEMA,
        "patterns": ("a",),
        "plan": shop.changes,
        "point": DAY,
        "population": engines.Population.from_source(shop.store),
        "raw": 3,
        "reading": model.CellReading(),
        "rows": {},
        "rule": shop.rule,
        "rule_id": "r-1",
        "rules": [shop.rule],
        "saved": NOW,
        "schema": SCHEMA,
        "segment": SEGMENT,
        "segment_id": "grown",
        "segments": {},
        "setting": engines.setting_of(shop.store, at=NOW),
        "size": 1,
        "source": shop.store,
        "staff": "li.lei",
        "staff_id": "li.lei",
        "start": NOW - timedelta(days=9),
        "state": shop.state,
        "store": shop.store,
        "tag": "hot",
        "tag_id": "hot",
        "tags": ["热"],
        "target": "hot",
        "step": builder.did("purchase"),
        "times": 3,
        "text": "age > 3",
        "thing": sk.parse("age > 3"),
        "thing_id": "vip",
        "value": 3,
        "view": model.View(shop.state, sk.SYSTEM),
        "viewer": sk.SYSTEM,
        "week_starts": "monday",
        "which": model.DefaultList.ALL,
        "window": builder.last(days=3),
        "word": "month",
        "units": {"days": 3},
        "unit": "month",
        "zone": UTC,
    }


def own(shop: Shop) -> Mapping[str, Mapping[str, object]]:
    """Good values of one callable, where the usual ones will not do."""
    subject = things()[engines.Subject]
    columns = {"id": numpy.array(["c-17"]), "city": numpy.array(["福州"])}
    integer = query.INTEGER
    return {
        "engines.Answers": {"codes": {}},
        "engines.Population.from_tables": {
            "contacts": engines.Table(columns, contact="id"),
            "collections": {},
        },
        "engines.Population.with_collection": {"name": "purchase", "rows": []},
        "engines.Population.contacts_between": {"start": 0, "end": 9},
        "engines.KeptPopulation.take_in": {"news": None},
        "engines.Population.with_contacts": {"contacts": {"c-19": {"city": "厦门"}}},
        "engines.SubjectReader.subject": {"rows": {"purchase": []}},
        "engines.Interpreter.condition": {
            "node": sk.parse("age > 3"),
            "scope": query.Scope(SCHEMA),
        },
        "engines.turning_instants": {"subject": subject, "until": 10},
        "engines.Subject": {"contact": "c-17", "values": {}, "items": {}},
        "model.BatchPlan.all_or_nothing": {"self": model.BatchPlan(1, 0, (), shop.changes)},
        "model.RowProblem": {"row": 2, "column": "a", "value": 3, "reason": "r", "code": "c"},
        "model.Collection.field": {"name": "amount"},
        "model.GroupTree.under": {"group_id": "g"},
        "model.Record.read": {"collection": "opportunity", "fields": {"stage": "谈判"}},
        "model.Schema.collection": {"name": "purchase"},
        "model.State.changes_since": {"version": 0},
        "model.as_instant": {"value": NOW},
        "model.read_value": {"field": SCHEMA.field("age")},
        "model.scrubbed": {"contacts": {"c-17"}},
        "stores.MemoryStore.news_since": {"revision": shop.store.revision},
        "query.builder.all_of": {"conditions": [sk.parse("age > 3")]},
        "query.builder.any_of": {"conditions": [sk.parse("age > 3")]},
        "query.builder.from_to": {"start": DAY, "end": DAY},
        "query.builder.ActivityBuilder.where": {"conditions": (sk.parse("amount > 3"),)},
        "query.builder.ActivityBuilder.having": {"conditions": (sk.parse("amount > 3"),)},
        "query.builder.AggregateExpression.where": {"conditions": (sk.parse("amount > 3"),)},
        "rules.templates.Bounds.on": {"value": builder.field("age")},
        "rules.templates.Bounds.on_times": {"activity": builder.did("purchase")},
        "rules.templates.bands": {
            "measure": builder.total("purchase.amount"),
            "starts": {"等级/VIP": 3},
        },
        "rules.templates.customer_value": {"amount": 3},
        "model.contacts_in_chats": {"chats": ["f1"]},
        "model.read_fields": {"given": {"city": "福州"}},
        "model.unpin": {"contact": "c-18"},
        "query.Node": {"span": (0, 1)},
        "stores.Row": {"id": "e1", "time": NOW, "fields": {}},
        "model.ContactBook": {"contacts": {}},
        "model.FrozenMap.drop": {"names": ()},
        "model.State.replay": {"log": []},
        "model.TagCatalog.tag": {"reference": "hot"},
        "model.TagCatalog.tag_group": {"reference": "level"},
        "model.TagCatalog.path": {"tag": ENTITIES[3]},
        "model.GroupTree.group": {"reference": "g"},
        "model.GroupTree.path": {"group": sk.ContactGroup("g", "组")},
        "model.create_group": {"name": "新"},
        "model.drop_facts": {"facts": (model.ListEntry("c-17", "mine", NOW),)},
        "model.put_facts": {"facts": (model.Staff("han"),)},
        "model.edit_catalog": {"operations": (model.CreateTag("等级", "新"),)},
        "model.plan_catalog": {"operations": (model.CreateTag("等级", "新"),)},
        "model.fill_groups": {"members": {"high": ["c-17"]}, "rule": "r-2"},
        "model.follow_up_fields": {"follow_up": things()[model.FollowUp]},
        "model.from_json": {"kind": sk.ChangeSet, "data": model.to_json(shop.changes)},
        "engines.bind_all": {"conditions": ["age > 3"]},
        "model.field_value_from_json": {"data": "福州", "place": "a field"},
        "model.Documents": {"kinds": {model.ContactBook: "contacts"}, "upgrades": {}},
        "model.Documents.from_json": {
            "kind": model.ContactBook,
            "data": model.to_json(model.ContactBook([])),
        },
        "model.Documents.to_json": {"value": model.ContactBook([])},
        "model.load_state": {"data": model.save_state(shop.state)},
        "model.merge_contacts": {"gone": "c-18", "into": "c-17"},
        "model.move_contact": {"source": "customers", "target": "high"},
        "model.plan_batch": {"edit": model.BatchEdit(add_tags=["热"])},
        "model.plan_intake": {"rows": [{"电话": "1"}], "intake": INTAKE},
        "model.replace_tag": {"old": "hot", "new": "cold"},
        "model.require": {"target": HOLD},
        "model.standing_memberships": {"memberships": []},
        "model.start_campaign": {"name": "双12", "audience": ["c-17"]},
        "model.to_json": {"value": shop.changes},
        "model.local_instant": {"moment": NOW, "zone": UTC},
        "query.is_of_items": {
            "node": query.Aggregate("count"),
            "collection": SCHEMA.collections[0],
        },
        "query.aggregate_type": {"function": "sum", "item": integer},
        "query.arithmetic_type": {"operator": "+", "left": integer, "right": integer},
        "query.from_json": {"data": query.to_json(sk.parse("age > 3"))},
        "query.from_query_builder": {"data": query.to_query_builder(sk.parse("age > 3"))},
        "query.refuse_cycles": {"segments": [SEGMENT]},
        "query.render": {"diagnostic": things()[query.Diagnostic]},
        "query.Scope.items_of": {"collection": SCHEMA.collections[0]},
        "query.Scope.totals_of": {"collection": SCHEMA.collections[0]},
        "query.Scope.resolve": {"path": query.Path(("age",))},
        "rules.plan_next_night": {
            "last": things()[rules.NightRecord],
            "changes": [things()[rules.Plan].changes],
        },
        "rules.from_json": {"kind": sk.Rule, "data": rules.to_json(shop.rule)},
        "rules.to_json": {"value": shop.rule},
        "rules.ByTag": {"outcomes": (), "part": "entered"},
        "testing.stored": {"rows": {}},
    }


# --- what is public --------------------------------------------------------------------------------

INSIDE = {"segmentkit.query.builder": builder, "segmentkit.rules.templates": templates}


@cache
def callables() -> Mapping[str, Callable[..., object]]:
    """Every public function, class and method by "room.name"; a name of the face is its room's."""
    listed = [*modules()[1:], "segmentkit"]
    found: dict[str, Callable[..., object]] = {}
    known: set[int] = set()
    for name, module in [*((name, None) for name in listed), *INSIDE.items()]:
        module = module or importlib.import_module(name)
        room = name.removeprefix("segmentkit.")
        for public in getattr(module, "__all__", ()):
            thing = getattr(module, public)
            if id(thing) in known or isinstance(thing, ModuleType):
                continue
            known.add(id(thing))
            found.update(parts(f"{room}.{public}", thing))
    return found


def parts(label: str, thing: object) -> Iterator[tuple[str, Callable[..., object]]]:
    """A function is itself; a class is its constructor and its methods."""
    if inspect.isfunction(thing):
        yield label, thing
    # Errors are made by the library itself, and a protocol has no deeds of its own.
    if not inspect.isclass(thing) or getattr(thing, "_is_protocol", False):
        return
    if issubclass(thing, BaseException):
        return
    if not issubclass(thing, enum.Enum):
        yield label, thing
    for name, member in vars(thing).items():
        if thing is model.Term:
            continue  # the base of the lists of words, and empty itself
        if not name.startswith("_") and isinstance(member, classmethod):
            yield f"{label}.{name}", getattr(thing, name)
        elif not name.startswith("_") and inspect.isfunction(member):
            yield f"{label}.{name}", member


def signature_of(thing: Callable[..., object]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(thing).parameters


def good_arguments(label: str, shop: Shop) -> dict[str, object]:
    """A value for each parameter that needs one."""
    thing = callables()[label]
    given = dict(own(shop).get(label, {}))
    usually = usual(shop)
    if inspect.isclass(thing) and attrs.has(thing) and not given:
        good = things()[thing]
        return {a.alias: getattr(good, a.name) for a in attrs.fields(thing) if a.init}
    for name, parameter in signature_of(thing).items():
        if name == "self" and name not in given:
            given[name] = instance_of(callables()[label.rpartition(".")[0]], shop)
        elif name not in given and parameter.default is parameter.empty:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                given[name] = usually.get(name, ())
            else:
                given[name] = usually[name]
    return given


def instance_of(cls: type, shop: Shop) -> object:
    """What writes is made anew for each call."""
    if cls is sk.State:
        return shop.state
    return shop.store if cls is sk.MemoryStore else things()[cls]


def call(thing: Callable[..., object], given: Mapping[str, object]) -> object:
    """The result, with the first items of what is lazy."""
    positional: list[object] = []
    named: dict[str, object] = {}
    for name, parameter in signature_of(thing).items():
        if name not in given:
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += given[name]
        elif parameter.kind is parameter.VAR_KEYWORD:
            named |= dict(given[name])
        elif parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = given[name]
        else:
            positional.append(given[name])
    result = thing(*positional, **named)
    return list(islice(result, 9)) if isinstance(result, Iterator) else result


def wrong_values(parameter: inspect.Parameter) -> Iterator[object]:
    for wrong in WRONG:
        if parameter.kind is parameter.VAR_POSITIONAL:
            yield (wrong,)
        elif parameter.kind is parameter.VAR_KEYWORD:
            yield {"days": wrong}
        else:
            yield wrong


# --- the law --------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", callables())
def test_an_argument_of_another_type_is_refused_by_the_library_or_taken(label):
    thing = callables()[label]
    good = good_arguments(label, Shop())
    call(thing, good)
    for name, parameter in signature_of(thing).items():
        for wrong in wrong_values(parameter) if name != "self" else ():
            if label.startswith(WRITERS):
                good = good_arguments(label, Shop())
            with contextlib.suppress(sk.SegmentkitError):
                call(thing, {**good, name: wrong})


def test_the_list_has_what_it_says():
    assert {"model.assign_tags", "query.And", "engines.select", "rules.Plan.text"} <= set(
        callables()
    )
    assert {"query.builder.did", "rules.templates.purchased"} <= set(callables())
    assert len(callables()) > 500
