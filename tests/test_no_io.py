"""No work of the library touches a file, a socket, a process or the clock of the machine."""

import subprocess
import sys

# What an ordinary host does in a day, run once to load what is loaded at first use, then again
# under an audit hook that hears of every file, socket, process and piece of code.
DAY_OF_A_HOST = """
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import segmentkit as sk
from segmentkit.model import Origin
from segmentkit.query import from_json, to_json

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 21, tzinfo=ZONE)

def day():
    schema = sk.Schema(
        fields=[sk.Field("city", sk.FieldType.TEXT, aliases=("城市",))],
        collections=[
            sk.Collection(
                "purchase", fields=[sk.Field("amount", sk.FieldType.MONEY, currency="CNY")]
            )
        ],
    )
    store = sk.MemoryStore(
        sk.State.of(
            schema,
            [
                sk.TagGroup("g", "等级"),
                sk.Tag("t", "VIP", "g", origin=Origin.AUTOMATIC),
                sk.Contact("c-1", {"city": "福州"}),
                sk.Contact("c-2"),
            ],
        ),
        [
            sk.Event("c-1", "purchase", AT - timedelta(days=n), {"amount": Decimal(100)})
            for n in range(1, 5)
        ],
    )
    text = "城市 = '福州' and did purchase at least 3 times in last 30 days"
    condition = sk.parse(text)
    assert from_json(to_json(condition)) == condition
    assert sk.format(condition, "zh") and sk.describe(condition)
    assert sk.check(condition, schema).is_valid
    for engine in ("interpreter", "columnar"):
        assert sk.select(text, store, at=AT, engine=engine) == ["c-1"]
    assert sk.explain(text, "c-1", store, at=AT).text("zh")
    plan = sk.plan_night([sk.Rule("等级/VIP", text)], store, day=date(2026, 11, 20), zone=ZONE)
    store.apply(plan)
    try:
        sk.parse("城市 = '福州' adn")
    except sk.QueryError as error:
        assert str(error)

day()
armed = True
heard = []
def hear(event, arguments):
    if armed and event not in ("builtins.id", "object.__getattr__", "sys._getframe"):
        heard.append((event, repr(arguments)[:200]))
sys.addaudithook(hear)
day()
armed = False
assert not heard, heard
print("silent")
"""


def test_a_day_of_a_host_is_silent():
    done = subprocess.run(
        [sys.executable, "-c", DAY_OF_A_HOST], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "silent"


def test_a_day_that_reads_a_file_is_heard():
    loud = DAY_OF_A_HOST.replace(
        "\ndef day():\n", "\ndef day():\n    open(sys.executable, 'rb').close()\n"
    )
    done = subprocess.run([sys.executable, "-c", loud], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "'open'" in done.stderr
