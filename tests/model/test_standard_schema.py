"""The schema to start from says everything that the products speak of."""

import pytest
from cases.schema import SHOP

from segmentkit.errors import DuplicateNameError
from segmentkit.model import Collection, Field, FieldType, standard_schema
from segmentkit.query import check, format, parse  # noqa: A004

# One line for each rule that the products' marketers write.
QUERIES = """
did join_chat
did join_chat where (chat = '福州一群') in last 7 days
in chat ('福州一群', '福州二群')
did add_staff in last 30 days
has staff ('li.lei', 'han.mm')
did view_material where (category = '产品手册' and duration >= 30 seconds) at least 3 times in last 14 days
count(view_material where (category = '案例') in last 30 days) / count(view_material in last 30 days) >= 60%
in this month did join_campaign where (kind in ('task','group') and invited >= 5)
sum(join_campaign.invited in last 365 days) >= 20
did send_message where (text contains any ('价格','优惠')) at least 2 times in last 7 days
did purchase where (category = '鞋') in last 90 days having (count() >= 3 and sum(amount) >= 1000 and avg(amount) >= 200)
did add_to_cart in last 7 days having (sum(quantity) >= 2 and sum(amount) >= 500)
did purchase between 3 to 5 times in last 90 days
sum(purchase.amount) >= $vip_amount and count(purchase) >= 10
has opportunity where (created in last 90 days and stage in ('谈判','报价') and amount >= 5万 and expected_close in next 30 days and intent >= 4 and priority = '高')
has assisted_order where (created in last 180 days and paid is true) having (sum(amount) >= 10000 and count() >= 2)
in group '潜在客户' and has tag '需要回访'
has no group
in list '我关注的' and in group where (kind = '客户')
has all tag ('高消费','高频') and has no tag '流失'
has tag '意向强' where (staff = $me and source = 'staff')
name contains '王' and phone starts with '138' and added_by in $staff_ids
anniversary(birthday) in next 7 days
did add_to_cart as c then did not purchase where (sku = c.sku) within 1 days
did join_campaign where (campaign = '双11') in last 60 days then did view_product within 3 days then did purchase within 7 days
sum(purchase.amount in last 30 days) > 1.5 * sum(purchase.amount from 60 days ago to 30 days ago)
first(purchase.time) since 2026-01-01 and last(purchase.channel) = '直播'
distinct(purchase.category in this quarter) >= 3
distinct(date(purchase.time) in last 30 days) >= 5
did not follow_up in last 30 days
gender = '女' and age between 18 and 30 and occupation is known and district = '五四路' and monthly_spending >= 3000
""".strip().splitlines()
PARAMETERS = {"vip_amount": 1000, "me": "li.lei", "staff_ids": ["li.lei"]}


@pytest.mark.parametrize("query", QUERIES)
def test_what_marketers_write_fits(query):
    checked = check(parse(query), standard_schema(), parameters=PARAMETERS, text=query)
    assert checked.is_valid, checked.diagnostics


@pytest.mark.parametrize("query", QUERIES)
def test_chinese_text_has_chinese_names_only(query):
    schema = standard_schema()
    condition = parse(query)
    chinese = format(condition, "zh", schema=schema)
    again = check(parse(chinese), schema, parameters=PARAMETERS).condition
    assert again == check(condition, schema, parameters=PARAMETERS).condition
    names = {c.name for c in schema.collections} | {f.name for f in schema.fields} - {"id"}
    assert not [name for name in names if f"{name} " in chinese or f"({name})" in chinese]


def test_what_the_example_shop_has_too_it_means_alike():
    schema = standard_schema()
    for declared in SHOP.fields:
        own = schema.find_field(declared.name)
        assert own is None or own.type is declared.type
    for collection in SHOP.collections:
        own = schema.find_collection(collection.name)
        if own is None:
            continue
        assert own.verb == collection.verb
        assert own.time == collection.time
        assert set(collection.aliases) <= set(own.aliases)
        for declared in collection.fields:
            twin = own.find_field(declared.name)
            assert twin is None or twin.type is declared.type


def test_a_host_adds_its_own_and_replaces_ours():
    schema = standard_schema(
        fields=[Field("level", FieldType.TEXT), Field("age", FieldType.TEXT)],
        collections=[Collection("purchase"), Collection("refund")],
    )
    assert schema.field("age").type is FieldType.TEXT
    assert schema.field("level").name == "level"
    assert schema.collection("purchase").find_field("amount") is None
    assert schema.find_collection("refund") is not None


def test_every_amount_is_in_one_currency():
    schema = standard_schema(currency="USD")
    fields = [*schema.fields, *(f for c in schema.collections for f in c.fields)]
    assert {f.currency for f in fields if f.type is FieldType.MONEY} == {"USD"}


def test_two_meanings_of_one_name_are_refused():
    with pytest.raises(DuplicateNameError):
        standard_schema(fields=[Field("nick", FieldType.TEXT, aliases=["姓名"])])
