"""Walking and rebuilding trees, and what a condition names."""

import pytest
from cases.schema import SHOP
from hypothesis import given

from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.query import (
    And,
    Node,
    Not,
    Number,
    Or,
    Path,
    Reference,
    Text,
    Transformer,
    Truth,
    Visitor,
    bind,
    format,  # noqa: A004
    from_json,
    kind_of,
    parse,
    references,
    to_json,
    walk,
)
from segmentkit.query.ast import Activity, Keys
from segmentkit.query.json_coding.nodes import BY_CLASS
from segmentkit.testing.strategies import conditions


class Kinds(Visitor):
    """Has a method for every kind, each of which goes on below."""

    def __init__(self):
        self.seen = []


def _seeing(self, node):
    self.seen.append(node)
    self.each_child(node)


for _shape in BY_CLASS.values():
    setattr(Kinds, f"visit_{_shape.name}", _seeing)


@given(conditions())
def test_a_visitor_meets_every_node_parents_first(condition):
    kinds = Kinds()
    kinds.visit(condition)
    assert [id(node) for node in kinds.seen] == [id(node) for node in walk(condition)]


@given(conditions())
def test_a_transformer_that_changes_nothing_gives_the_same_object(condition):
    class Same(Transformer):
        def transform_path(self, node):
            return node

        def transform_and(self, node):
            return node

    assert Same().transform(condition) is condition


@given(conditions())
def test_what_does_not_change_stays_the_same_object(condition):
    class Marked(Transformer):
        def transform_number(self, node):
            return Number(node.value + 1)

    changed = Marked().transform(condition)
    numbers = [node.value for node in walk(condition) if isinstance(node, Number)]
    assert [n.value for n in walk(changed) if isinstance(n, Number)] == [n + 1 for n in numbers]
    if not numbers:
        assert changed is condition


def test_children_are_transformed_first_and_spans_are_kept():
    class Counting(Transformer):
        def transform_text(self, node):
            return Text(node.value.upper(), span=node.span)

        def transform_compare(self, node):
            assert node.right.value.isupper()
            return node

    condition = parse("name = 'abc' and city = 'x'")
    changed = Counting().transform(condition)
    assert format(changed) == "name = 'ABC' and city = 'X'"
    assert changed.span == condition.span
    assert [n.span for n in walk(changed)] == [n.span for n in walk(condition)]


def test_an_and_within_an_and_is_joined():
    class Spread(Transformer):
        def transform_path(self, node):
            return And((Path(("a",)), Path(("b",)))) if node.names == ("x",) else node

    assert Spread().transform(parse("x and y")) == And((Path(("a",)), Path(("b",)), Path(("y",))))
    assert isinstance(Spread().transform(parse("x or y")), Or)


def test_a_node_that_does_not_fit_is_refused():
    class Wrong(Transformer):
        def transform_number(self, node):
            return Not(Truth(True))

        def transform_text(self, node):
            return None

    for text in ("a > 1", "a = 'x'", "a in ('x', 'y')"):
        with pytest.raises(WrongTypeError, match="fitting"):
            Wrong().transform(parse(text))


def test_a_method_for_no_kind_is_refused():
    with pytest.raises(InvalidValueError, match="visit_compair"):

        class Misspelt(Visitor):
            def visit_compair(self, node):
                pass

    with pytest.raises(InvalidValueError, match="transform_paths"):

        class AlsoMisspelt(Transformer):
            def transform_paths(self, node):
                return node


def test_depth_needs_no_recursion():
    deep: Node = Path(("a",))
    for _ in range(50_000):
        deep = Not(deep)

    class Renamed(Transformer):
        def transform_path(self, node):
            return Path(("b",))

    *_, last = walk(Renamed().transform(deep))
    assert last == Path(("b",))


def test_kinds_are_those_of_stored_json():
    condition = parse("not (a = 1)")
    assert kind_of(condition) == to_json(condition)["condition"]["node"] == "not"
    assert from_json(to_json(condition)) == condition


# --- references ---------------------------------------------------------------------------------


def named(mentions):
    return [mention.name for mention in mentions]


def test_references_are_found_where_they_stand():
    text = (
        "city = '福州' and age(birthday) > $least and has tag ('VIP', '高频') and not in group '同事'"
        " and in segment '高价值' and has tag like '流失*'"
        " and did purchase where (category = '鞋' and amount > contact.balance) in last 7 days"
        " having (sum(quantity) > 1 and count(view_product) > 2)"
        " and sum(purchase.amount where (channel = '直播')) > 10"
    )
    found = references(parse(text), schema=SHOP)
    assert named(found.fields) == ["city", "birthday", "balance"]
    assert named(found.item_fields) == [
        "purchase.category",
        "purchase.amount",
        "purchase.quantity",
        "purchase.amount",
        "purchase.channel",
    ]
    assert named(found.collections) == [
        "tag", "group", "segment", "tag", "purchase", "view_product", "purchase",
    ]  # fmt: skip
    assert found.tags == ("VIP", "高频")
    assert found.groups == ("同事",)
    assert found.segments == ("高价值",)
    assert named(found.patterns) == ["流失*"]
    assert named(found.parameters) == ["least"]
    assert named(found.functions) == ["age"]
    for mention in (*found.fields, *found.keys, *found.parameters):
        assert mention.name in text[slice(*mention.span)]


def test_references_of_steps_follow_their_aliases():
    found = references(
        parse("did add_to_cart as c then did purchase as p where (sku = c.sku) then did view_product"
              " where (sku = p.sku and x.y = 1)")
    )  # fmt: skip
    assert named(found.item_fields) == [
        "purchase.sku", "add_to_cart.sku", "view_product.sku", "purchase.sku",
    ]  # fmt: skip
    assert named(found.fields) == ["x.y"]
    assert named(found.collections) == ["add_to_cart", "purchase", "view_product"]


def test_references_in_chinese_are_canonical_with_a_schema():
    text = "做过 购买 满足 (类目 = '鞋') 且 城市 = '福州' 且 有 标签 'VIP'"
    found = references(parse(text), schema=SHOP)
    assert named(found.item_fields) == ["purchase.category"]
    assert named(found.fields) == ["city"]
    assert found == references(bind(parse(text), SHOP), schema=SHOP)
    assert named(references(parse(text)).fields) == ["城市"]


def test_bound_references_give_ids():
    condition = Activity("has", "tag", keys=Keys((Reference("tag", "t-1", "VIP"),)))
    assert references(condition).tags == ("t-1",)


@given(conditions())
def test_every_parameter_is_found(condition):
    parameters = [n.name for n in walk(condition) if kind_of(n) == "parameter"]
    assert sorted(named(references(condition).parameters)) == sorted(parameters)
