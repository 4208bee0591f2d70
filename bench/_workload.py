"""
Workload W: a million contacts, 1.9 million contact-tag pairs, ten million events in a year.

Everything is drawn from one seed, so that each run and each rival sees the same world.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from segmentkit.engines import Moment, Setting
from segmentkit.model import Collection, Field, FieldType, Schema

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, tzinfo=ZONE)
DAYS = 365
DAY = 86_400_000_000
SEED = 20261121

TYPES = (
    "message", "view", "add_to_cart", "purchase", "join_chat", "add_staff",
    "fission", "opportunity", "order", "share", "click", "refund",
)  # fmt: skip
SHARES = (0.34, 0.30, 0.08, 0.06, 0.02, 0.03, 0.01, 0.02, 0.02, 0.03, 0.08, 0.01)
WITH_CATEGORY = ("view", "add_to_cart", "purchase", "refund")
WITH_AMOUNT = ("add_to_cart", "purchase", "opportunity", "order", "refund")
KEYWORDS = ("价格", "优惠", "多少钱", "发货", "退款")
CITIES = tuple(f"城市{i:03d}" for i in range(300))
CATEGORIES = tuple(f"类目{i:03d}" for i in range(200))
TAGS = tuple(f"标签{i:03d}" for i in range(300))


def schema() -> Schema:
    """The fields and collections of W."""
    category = Field("category", FieldType.TEXT)
    amount = Field("amount", FieldType.MONEY, currency="CNY")
    more: dict[str, list[Field]] = {name: [] for name in TYPES}
    more["message"].append(Field("text", FieldType.TEXT))
    more["view"].append(Field("duration", FieldType.DURATION))
    for name in WITH_CATEGORY:
        more[name].insert(0, category)
    for name in WITH_AMOUNT:
        more[name].append(amount)
    return Schema(
        fields=[
            Field("city", FieldType.TEXT),
            Field("level", FieldType.INTEGER),
            Field("age", FieldType.INTEGER),
            Field("created", FieldType.INSTANT),
        ],
        collections=[Collection(name, fields=more[name]) for name in TYPES],
    )


def setting(world_schema: Schema) -> Setting:
    return Setting(world_schema, Moment.of(NOW, ZONE))


class World(NamedTuple):
    """
    W as numpy arrays.

    Attributes:
        ids: of contacts.
        contacts: city (code, -1 missing), level, age (-1 missing), created (microseconds).
        tags: contact and tag, as codes, one row a pair.
        events: by type: contact, time, category (-1 missing), amount (cents), seconds, text.
        texts: the different messages.
    """

    ids: np.ndarray[Any, Any]
    contacts: dict[str, np.ndarray[Any, Any]]
    tags: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
    events: dict[str, dict[str, np.ndarray[Any, Any]]]
    texts: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.ids)

    @property
    def event_count(self) -> int:
        return sum(len(columns["contact"]) for columns in self.events.values())


def world(contact_count: int = 1_000_000, event_count: int = 10_000_000) -> World:
    """Draw W, or a smaller one of the same shape."""
    random = np.random.default_rng(SEED)
    now = int(NOW.timestamp()) * 1_000_000
    begun = now - DAYS * DAY
    alphabet = np.frombuffer(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", "S1"
    )
    drawn = alphabet[random.integers(0, 64, (contact_count, 28))]
    ids = np.char.add(np.char.add(b"wm", drawn.view("S28").ravel()), b"AA")
    city = random.choice(300, contact_count, p=_zipf(300, 0.8)).astype(np.int16)
    city[random.random(contact_count) < 0.05] = -1
    age = np.clip(random.normal(35, 11, contact_count), 14, 90).astype(np.int16)
    age[random.random(contact_count) < 0.1] = -1
    contacts = {
        "city": city,
        "level": random.integers(1, 6, contact_count).astype(np.int8),
        "age": age,
        "created": now - (random.random(contact_count) * 3 * DAYS * DAY).astype(np.int64),
    }
    sizes = np.maximum(contact_count // 20_000, 0.3 * contact_count / np.arange(1, 301))
    tagged = [random.choice(contact_count, int(size), replace=False) for size in sizes]
    tag = np.repeat(np.arange(300, dtype=np.int16), [len(some) for some in tagged])
    mixed = random.permutation(len(tag))
    tags = (np.concatenate(tagged).astype(np.int32)[mixed], tag[mixed])

    active = np.cumsum(random.gamma(0.6, 1.0, contact_count))
    contact = np.searchsorted(active, random.random(event_count) * active[-1]).astype(np.int32)
    kind = random.choice(12, event_count, p=np.array(SHARES) / sum(SHARES)).astype(np.int8)
    # Rows come in the order of time, as a log is read.
    time = begun + (np.sort(random.random(event_count)) * DAYS * DAY).astype(np.int64)
    texts = _texts()
    weights = np.full(len(texts), 0.9 / 400)
    weights[400:] = 0.1 / (len(texts) - 400)
    events: dict[str, dict[str, np.ndarray[Any, Any]]] = {}
    for number, name in enumerate(TYPES):
        rows = np.flatnonzero(kind == number)
        columns = {"contact": contact[rows], "time": time[rows]}
        if name in WITH_CATEGORY:
            columns["category"] = random.choice(200, len(rows), p=_zipf(200, 0.7)).astype(np.int16)
        if name in WITH_AMOUNT:
            columns["amount"] = np.round(np.exp(random.normal(9.2, 1.0, len(rows)))).astype(
                np.int64
            )
        if name == "view":
            columns["seconds"] = random.exponential(45, len(rows)).astype(np.int32)
        if name == "message":
            text = random.choice(len(texts), len(rows), p=weights).astype(np.int16)
            text[random.random(len(rows)) >= 0.3] = -1
            columns["text"] = text
        events[name] = columns
    return World(ids, contacts, tags, events, texts)


def _zipf(count: int, exponent: float) -> np.ndarray[Any, Any]:
    weights = 1 / np.arange(1, count + 1) ** exponent
    return weights / weights.sum()


def _texts() -> tuple[str, ...]:
    """Each keyword stands in about two of a hundred messages that have a text."""
    plain = [f"您好请问这款商品{i}什么时候有货呢" for i in range(400)]
    return (*plain, *(f"{text[:8]}{word}{text[8:]}" for word in KEYWORDS for text in plain[:10]))


# --- as Arrow tables ----------------------------------------------------------------------------


def contact_table(w: World) -> pa.Table:
    """Contacts as a host's table: every value by its name, ids as texts."""
    ids = pa.array(w.ids.astype("U32"))
    return pa.table(
        {
            "id": ids,
            "city": _coded(w.contacts["city"], CITIES).cast(pa.string()),
            "level": w.contacts["level"],
            "age": pa.array(w.contacts["age"], mask=w.contacts["age"] < 0),
            "created": pa.array(w.contacts["created"]).cast(pa.timestamp("us", "UTC")),
        }
    )


def tag_table(w: World, ids: pa.Array) -> pa.Table:
    return pa.table({"contact": ids.take(pa.array(w.tags[0])), "tag": _coded(w.tags[1], TAGS)})


def event_table(w: World, name: str, ids: pa.Array, rows: slice = slice(None)) -> pa.Table:
    """The events of one type; contact ids as texts, amounts as decimals."""
    given = {key: values[rows] for key, values in w.events[name].items()}
    columns: dict[str, pa.Array] = {
        "contact": ids.take(pa.array(given["contact"])),
        "time": pa.array(given["time"]).cast(pa.timestamp("us", "UTC")),
    }
    if "category" in given:
        columns["category"] = _coded(given["category"], CATEGORIES)
    if "amount" in given:
        columns["amount"] = pa.array(given["amount"])
    if "seconds" in given:
        columns["duration"] = pa.array(given["seconds"].astype(np.int64)).cast(pa.duration("s"))
    if "text" in given:
        columns["text"] = _coded(given["text"], w.texts).cast(pa.string())
    return pa.table(columns)


def _coded(codes: np.ndarray[Any, Any], values: tuple[str, ...]) -> pa.DictionaryArray:
    known = pa.array(np.where(codes < 0, 0, codes).astype(np.int16), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(known, pa.array(values))


def instant(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
