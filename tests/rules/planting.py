"""
Oddities to plant: pairs of clauses of which the one asks for more than the other, a pair or more
for every construct of the language, and healthy conditions to hide them in.
"""

from typing import NamedTuple

from hypothesis import strategies as st

from segmentkit.model import standard_schema
from segmentkit.query import NameTable, bind, parse

SHOP = standard_schema()
NAMES = NameTable(
    {
        "tag": {"t-vip": "等级/VIP", "t-low": "等级/普通", "t-hot": "意向/强", "t-cold": "意向/弱"},
        "tag_group": {"g-level": "等级", "g-intent": "意向"},
        "group": {"c": "客户", "c-1": "潜在客户", "c-2": "老客户", "p": "伙伴", "c-11": "新潜在"},
        "segment": {"s-old": "大叔", "s-young": "少年", "s-both": "嵌套", "s-odd": "自相矛盾"},
    },
    {
        "tag_group": {
            "t-vip": "g-level",
            "t-low": "g-level",
            "t-hot": "g-intent",
            "t-cold": "g-intent",
        },
        "group": {"c-1": "c", "c-2": "c", "c-11": "c-1"},
    },
)
SEGMENTS = {
    name: bind(parse(text), SHOP, names=NAMES)
    for name, text in {
        "s-old": "age >= 50 and city = '福州'",
        "s-young": "age < 18",
        "s-both": "in segment '大叔' and did purchase",
        "s-odd": "age > 50 and age < 18",
    }.items()
}


class Pair(NamedTuple):
    """Two clauses: whoever meets the strong one meets the weak one, and not the other way round."""

    strong: str
    weak: str


def _pairs(*templates: tuple[str, str], **parts: st.SearchStrategy) -> st.SearchStrategy[Pair]:
    return st.tuples(st.sampled_from(templates), st.fixed_dictionaries(parts)).map(
        lambda drawn: Pair(*(text.format(**drawn[1]) for text in drawn[0]))
    )


def _ordered(low: int, high: int, size: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(low, high), min_size=size, max_size=size, unique=True).map(sorted)


_TWO = _ordered(5, 80, 2)
_FOUR = _ordered(5, 80, 4)
_WORDS = st.lists(st.sampled_from("春夏秋冬东西南北"), min_size=3, max_size=3, unique=True)
_WINDOWS = st.sampled_from(
    [
        ("last 7 days", "last 30 days"),
        ("last 1 months", "last 31 days"),
        ("last 30 days", "last 2 months"),
        ("last 5 hours", "last 4 days"),
        ("this month", "this quarter"),
        ("previous week", "last 14 days"),
        ("yesterday", "last 2 days"),
        ("previous 3 days", "last 4 days"),
        ("from 20 days ago to 10 days ago", "last 30 days"),
        ("from 2026-02-01 to 2026-03-01", "from 2026-02-01 to 2026-03-04"),
        ("on 2026-02-03", "from 2026-02-03 to 2026-03-01"),
        ("before 2026-01-01", "before 2026-02-01"),
        ("before 60 days ago", "before 30 days ago"),
    ]
)

NUMBERS = _pairs(
    ("age > {n[1]}", "age > {n[0]}"),
    ("age = {n[1]}", "age != {n[0]}"),
    ("age between {n[1]} and {n[2]}", "age between {n[0]} and {n[3]}"),
    ("age in ({n[0]}, {n[1]})", "age in ({n[0]}, {n[1]}, {n[2]})"),
    ("income >= {n[1]}.5", "income > {n[1]}"),
    ("income = {n[1]}.25", "income not between {n[2]} and {n[3]}"),
    ("age = {n[0]}", "age is known"),
    ("age is missing", "not (age >= {n[0]})"),
    ("age(birthday) >= {n[1]}", "age(birthday) >= {n[0]}"),
    ("month(birthday) = 3", "month(birthday) in (2, 3)"),
    ("age(birthday) >= {n[1]}", "birthday is known"),
    n=_FOUR,
)
TEXTS = _pairs(
    ("city = '{w[0]}'", "city in ('{w[0]}', '{w[1]}')"),
    ("city = '{w[0]}'", "city != '{w[1]}'"),
    ("name = '{w[0]}{w[1]}'", "name contains '{w[1]}'"),
    ("name is exactly '{w[0]}A'", "name = '{w[0]}a'"),
    ("name starts with '{w[0]}{w[1]}'", "name starts with '{w[0]}'"),
    ("name ends with '{w[0]}{w[1]}'", "name contains '{w[0]}'"),
    ("name contains all ('{w[0]}', '{w[1]}')", "name contains any ('{w[0]}', '{w[2]}')"),
    ("name starts with '{w[0]}'", "name not like '{w[1]}*'"),
    ("interests contains all ('{w[0]}', '{w[1]}')", "interests contains '{w[0]}'"),
    ("name is missing", "name not contains '{w[0]}'"),
    w=_WORDS,
)
GLOBS = _pairs(
    ("name like '{w[0]}*{w[1]}*{w[2]}'", "name like '{w[0]}*{w[2]}'"),
    ("name like '*{w[0]}*{w[1]}*'", "name like '*{w[1]}*'"),
    ("name like '?{w[0]}?{w[1]}'", "name like '?{w[0]}*{w[1]}'"),
    ("name like '{w[0]}*{w[1]}'", "name starts with '{w[0]}'"),
    ("name like '{w[0]}??{w[1]}'", "name like '????'"),
    ("name like '???'", "name not like '??'"),
    ("name = '{w[0]}{w[1]}{w[2]}'", "name like '{w[0]}?{w[2]}'"),
    ("name like 'Ａ*{w[0]}*'", "name like 'a*'"),
    ("name like 'ab*ba'", "name like 'ab*' and name like '*ba'"),
    ("name like '{w[0]}?{w[1]}*'", "name not like '{w[0]}{w[2]}{w[2]}*'"),
    ("name like 'ab*ab'", "name not like 'ab'"),
    ("name like '{w[0]}*{w[1]}*' and name not contains '{w[2]}'", "name != '{w[0]}{w[1]}{w[2]}'"),
    w=_WORDS,
)
TIMES = _pairs(
    ("added in {p[0]}", "added in {p[1]}"),
    ("did purchase in {p[0]}", "did purchase in {p[1]}"),
    ("did purchase at least 3 times in {p[0]}", "did purchase at least 2 times in {p[1]}"),
    ("last(purchase.time) in {p[0]}", "did purchase in {p[1]}"),
    ("max(purchase.amount in {p[0]}) >= 5", "max(purchase.amount in {p[1]}) >= 5"),
    ("did not purchase in {p[1]}", "did not purchase in {p[0]}"),
    ("did follow_up where (next_time in {p[0]})", "did follow_up where (next_time in {p[1]})"),
    p=_WINDOWS,
) | _pairs(
    ("birthday >= 2000-02-03", "birthday > 2000-02-01"),
    ("birthday = 2000-02-03", "birthday < 2000-02-04"),
    ("added > 2026-02-03T08:30", "added > 2026-01-03T08:30"),
    ("added < 30 days ago", "added < 20 days ago"),
)
COUNTS = _pairs(
    ("did purchase at least {n[1]} times", "did purchase at least {n[0]} times"),
    ("did purchase exactly {n[1]} times", "count(purchase) > {n[0]}"),
    ("did purchase between {n[1]} to {n[2]} times", "did purchase"),
    ("sum(purchase.amount) >= {n[1]}", "sum(purchase.amount) >= {n[0]}"),
    ("sum(purchase.amount) >= {n[1]}", "did purchase"),
    ("distinct(purchase.category) >= {n[1]}", "count(purchase) >= {n[0]}"),
    ("avg(purchase.amount) >= {n[1]}", "max(purchase.amount) >= {n[0]}"),
    ("min(purchase.amount) >= {n[1]}", "avg(purchase.amount) >= {n[0]}"),
    ("first(purchase.amount) >= {n[1]}", "max(purchase.amount) >= {n[0]}"),
    (
        "did purchase where (category = '鞋' and amount > {n[1]})",
        "did purchase where (amount > {n[0]})",
    ),
    ("did purchase where (category = '鞋')", "did purchase"),
    (
        "did purchase having (count() >= {n[1]} and sum(amount) >= 7)",
        "did purchase having (count() >= {n[0]})",
    ),
    ("did purchase where (amount >= {n[1]})", "max(purchase.amount) >= {n[0]}"),
    ("count(purchase where (channel = '直播')) >= {n[1]}", "count(purchase) >= {n[0]}"),
    ("did purchase where (sku like 'a*b*c')", "did purchase where (sku like 'a*c')"),
    ("did purchase where (quantity * 2 > {n[1]})", "did purchase where (quantity * 4 > {n[1]})"),
    ("has opportunity where (amount > {n[1]})", "has opportunity"),
    n=_ordered(4, 80, 3),
)
SUMS = _pairs(
    ("2 * age + 1 > {n[1]}", "age * 2 > {n[0]} - 3"),
    ("age * 3 > {n[1]} + 3", "age > {n[0]} / 3"),
    ("{n[1]} - age >= 0", "age <= {n[2]}"),
    ("-age < -{n[1]}", "age > {n[0]}"),
    ("income / 2 >= {n[1]}", "income >= {n[1]}"),
    ("income - monthly_spending > {n[1]}", "income > monthly_spending"),
    ("income > monthly_spending and monthly_spending > {n[1]}", "income > {n[0]}"),
    ("monthly_spending > 1.5 * income and income > 0", "monthly_spending > income"),
    (
        "income + monthly_spending > {n[2]} and income < {n[0]}",
        "monthly_spending > {n[2]} - {n[0]}",
    ),
    ("count(purchase) / count(view_product) >= 60%", "did purchase"),
    (
        "sum(purchase.amount) > 2 * sum(add_to_cart.amount) and sum(add_to_cart.amount) > {n[1]}",
        "sum(purchase.amount) > {n[1]}",
    ),
    (
        "count(purchase where (category = '鞋')) / count(purchase) > 60%",
        "count(purchase where (category = '鞋')) * 2 >= count(purchase)",
    ),
    ("(age - {n[0]}) * 2 > 0", "age != {n[0]}"),
    n=_FOUR,
)
TAGS = _pairs(
    ("has tag '等级/VIP'", "has tag ('等级/VIP', '等级/普通')"),
    ("has all tag ('等级/VIP', '意向/强')", "has tag '意向/强'"),
    ("has tag '等级/VIP'", "has tag under '等级'"),
    ("in group '新潜在'", "in group under '潜在客户'"),
    ("in group under '潜在客户'", "in group under '客户'"),
    ("in group under '老客户'", "in group"),
    ("has tag '等级/VIP'", "has tag like '等级*'"),
    ("has tag like '等级*VIP*'", "has tag like '等级*'"),
    ("has tag under '意向'", "has tag"),
    ("has no tag under '意向'", "has no tag '意向/弱'"),
    ("has tag '意向/强' where (source = 'staff')", "has tag '意向/强'"),
    ("has tag '等级/VIP'", "has tag where (tag != '意向/强')"),
    ("in group '老客户' where (kind = '客户')", "in group where (kind in ('客户', '同事'))"),
)
SAVED = _pairs(
    ("in segment '大叔'", "age >= 40"),
    ("in segment '大叔'", "city != '厦门'"),
    ("in segment '嵌套'", "in segment '大叔'"),
    ("in segment '嵌套'", "did purchase"),
    ("age > 50 and city = '福州'", "in segment '大叔'"),
    ("in segment '少年'", "not in segment '大叔'"),
    ("age < 10", "in segment ('少年', '大叔')"),
)
SEQUENCES = _pairs(
    ("did add_to_cart then did purchase", "did add_to_cart"),
    ("did add_to_cart then did purchase", "did purchase"),
    ("did add_to_cart in last 7 days then did purchase", "did purchase in last 30 days"),
    ("did purchase then did purchase", "did purchase at least 2 times"),
    (
        "did purchase where (category = '鞋') then did purchase where (category = '帽')",
        "count(purchase) > 1",
    ),
    ("did add_to_cart then did purchase within 2 days", "did add_to_cart then did purchase"),
    (
        "did add_to_cart then did purchase within 2 hours",
        "did add_to_cart then did purchase within 1 days",
    ),
    (
        "did join_campaign then did view_product then did purchase",
        "did join_campaign then did view_product",
    ),
    (
        "did add_to_cart then did purchase where (amount > 5)",
        "did add_to_cart then did purchase where (amount > 3)",
    ),
    (
        "did add_to_cart as c then did not purchase where (sku = c.sku) within 1 days",
        "did add_to_cart",
    ),
    (
        "did add_to_cart as c then did purchase where (sku = c.sku and amount > 5)",
        "did add_to_cart as c then did purchase where (sku = c.sku)",
    ),
    (
        "did add_to_cart then did not purchase within 9 days",
        "did add_to_cart then did not purchase where (amount > 5) within 7 days",
    ),
    ("did add_to_cart then did purchase", "not (did not add_to_cart)"),
)
PAIRS = {
    "numbers": NUMBERS,
    "texts": TEXTS,
    "globs": GLOBS,
    "times": TIMES,
    "counts": COUNTS,
    "sums": SUMS,
    "tags": TAGS,
    "segments": SAVED,
    "sequences": SEQUENCES,
}

# Clauses that have nothing to do with those above, nor with one another.
FILLERS = [
    "gender = '女'",
    "occupation like '*师*'",
    "industry in ('教育', '医疗')",
    "district is missing",
    "phone starts with '138'",
    "email contains 'example'",
    "did join_chat in last 7 days",
    "did send_message where (text contains '优惠') at least 2 times",
    "count(add_staff) between 2 and 5",
    "has assisted_order having (sum(amount) >= 100)",
    "channel != '直播'",
    "in list '我关注的'",
    "sum(view_material.duration) >= 5 minutes",
]


class Planted(NamedTuple):
    """A condition, and where in it the odd clauses stand."""

    text: str
    codes: frozenset[str]
    spans: tuple[tuple[int, int], ...]


_OPEN, _CLOSE = "⟦", "⟧"  # around what is planted, until it stands in its place


def _marked(clause: str) -> str:
    return f"{_OPEN}({clause}){_CLOSE}"


KINDS = {
    # what is planted, made of a pair and a filler; the codes that tell; which clauses they tell of
    "contradiction": ("{strong} and not {weak}", {"never_together"}),
    "tautology": ("{weak} or not {strong}", {"always_one"}),
    "implied": ("{strong} and {weak_}", {"implied_clause"}),
    "absorbed": ("{strong_} or {weak}", {"absorbed_clause"}),
    "dead": ("{strong} and ({filler} or not {weak})", {"dead_branch"}),
}


@st.composite
def planted(draw, construct: str, kind: str) -> Planted:
    """A healthy condition with one odd thing, anywhere in it."""
    pair = draw(PAIRS[construct])
    fillers = draw(st.permutations(FILLERS))
    template, codes = KINDS[kind]
    piece = template.format(
        strong=f"({pair.strong})",
        weak=f"({pair.weak})",
        strong_=_marked(pair.strong),
        weak_=_marked(pair.weak),
        filler=fillers.pop(),
    )
    text = draw(_nested(f"({piece})", fillers))
    return _found_at(text, frozenset(codes))


@st.composite
def _nested(draw, piece: str, fillers: list[str]) -> str:
    """The piece among clauses that have nothing to do with it."""
    text = piece
    for _ in range(draw(st.integers(0, 3))):
        shape = draw(st.sampled_from(["and", "or", "not"]))
        if shape == "not":
            text = f"not {text}" if not text.startswith("not") else text
            continue
        others = [fillers.pop() for _ in range(draw(st.integers(1, 2)))]
        others.insert(draw(st.integers(0, len(others))), text)
        text = "(" + f" {shape} ".join(others) + ")"
    return text


def _found_at(text: str, codes: frozenset[str]) -> Planted:
    plain, spans, starts = "", [], []
    for character in text:
        if character == _OPEN:
            starts.append(len(plain))
        elif character == _CLOSE:
            spans.append((starts.pop(), len(plain)))
        else:
            plain += character
    return Planted(plain, codes, tuple(spans))


@st.composite
def healthy(draw, construct: str) -> str:
    """A condition in which nothing is odd."""
    pair = draw(PAIRS[construct])
    fillers = draw(st.permutations(FILLERS))
    return draw(_nested(f"({draw(st.sampled_from(pair))})", fillers))
