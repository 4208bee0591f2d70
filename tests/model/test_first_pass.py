"""The state keeps its promises: all or nothing, idempotent, stale sets refused."""
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
import copy, pickle
import pytest
from segmentkit.errors import *
from segmentkit.model import *

AT = datetime(2026, 11, 20, tzinfo=UTC)
SCHEMA = Schema(fields=[Field("city", FieldType.TEXT, aliases=("城市",)), Field("spent", FieldType.MONEY, currency="CNY"), Field("born", FieldType.INSTANT)])

def state():
    return State.of(SCHEMA, [
        Hold("c1", "vip", "staff", "li.lei", AT),
        Tag("vip", "VIP", "level"), TagGroup("level", "等级"), Staff("li.lei"),
        Contact.read(SCHEMA, "c1", {"城市": "福州"}), Contact("c2"),
        ContactGroup("g1", "高", family="band"), ContactGroup("g2", "低", family="band"),
    ])

def changes(s, *c): return ChangeSet(c, "system", AT, s.version)

def test_basics():
    s = state()
    assert [h.tag for h in s.holds_of("c1")] == ["vip"]
    h = Hold("c2", "vip", "rule", "r1", AT)
    cs = changes(s, Change(None, h))
    assert s.apply(cs) == 1 == s.apply(cs)
    assert {x.contact for x in s.holds_with("vip")} == {"c1", "c2"}
    with pytest.raises(StaleVersionError):
        s.apply(ChangeSet([Change(h, None)], "x", AT, 0))
    s.apply(changes(s, Change(h, None)))
    assert s == state()

@pytest.mark.parametrize("bad", [
    Change(None, Hold("c9", "vip", "rule", "r", AT)), Change(None, Hold("c1", "xx", "rule", "r", AT)),
    Change(None, Hold("c1", "vip", "staff", "nobody", AT)), Change(Tag("vip", "VIP", "level"), None),
    Change(TagGroup("level", "等级"), None), Change(None, Tag("v2", "ｖｉｐ", "level")),
    Change(ContactGroup("g1", "高", family="band"), ContactGroup("g1", "高", parent="g1")),
    Change(None, Contact("c3", fields={"spent": 1.5})), Change(None, Contact("c1")),
    Change(Contact("c2"), Contact("c2", channel="x").__class__("c2", fields={"城市": "x"})),
])
def test_bad_change_leaves_everything(bad):
    s = state()
    with pytest.raises(SegmentkitError) as e:
        s.apply(changes(s, Change(None, Hold("c2", "vip", "rule", "r1", AT)), bad))
    print(repr(str(e.value)))
    assert str(pickle.loads(pickle.dumps(e.value))) == str(e.value)
    assert s == state() and s.version == 0 and list(s.holds_with("vip")) == list(state().holds_with("vip"))

def test_family():
    s = state()
    a, b = Membership("c1", "g1", "admin", "x", AT), Membership("c1", "g2", "admin", "x", AT)
    with pytest.raises(InvalidValueError):
        s.apply(changes(s, Change(None, a), Change(None, b)))
    assert s == state()
