"""An example shop: every collection and field that the queries of the language's page speak of."""

from segmentkit.model import Collection, Field, FieldType, Schema

CATEGORY = Field("category", FieldType.TEXT, aliases=["类目"])
SKU = Field("sku", FieldType.TEXT, aliases=["商品"])
QUANTITY = Field("quantity", FieldType.INTEGER, aliases=["数量"])
AMOUNT = Field("amount", FieldType.MONEY, aliases=["金额"], currency="CNY")
DURATION = Field("duration", FieldType.DURATION, aliases=["时长"])
CHANNEL = Field("channel", FieldType.TEXT, aliases=["渠道"])
STAFF = Field("staff", FieldType.TEXT, aliases=["员工"], references="staff")
CREATED = Field("created", FieldType.INSTANT, aliases=["创建时间"])

SHOP = Schema(
    fields=[
        Field("name", FieldType.TEXT, aliases=["姓名"]),
        Field("phone", FieldType.TEXT, aliases=["手机"]),
        Field("city", FieldType.TEXT, aliases=["城市"], values=["福州", "厦门", "北京"]),
        Field("age", FieldType.INTEGER, aliases=["年龄"]),
        Field("birthday", FieldType.DATE, aliases=["生日"]),
        Field("subscribed", FieldType.BOOLEAN, aliases=["已订阅"]),
        Field("interests", FieldType.TEXT_LIST, aliases=["兴趣"]),
        Field("balance", FieldType.MONEY, aliases=["余额"], currency="CNY"),
        Field("deposit", FieldType.MONEY, aliases=["押金"], currency="USD"),
        Field("discount", FieldType.DECIMAL, aliases=["折扣"], scale=3),
        Field("score", FieldType.FLOAT, aliases=["评分"]),
        Field("added_by", FieldType.TEXT, aliases=["添加人"], references="staff"),
        Field("added", FieldType.INSTANT, aliases=["添加时间"]),
        CHANNEL,
    ],
    collections=[
        Collection(
            "join_chat",
            aliases=["入群"],
            fields=[Field("chat", FieldType.TEXT, aliases=["群聊"], references="chat")],
        ),
        Collection("add_staff", aliases=["添加员工"], fields=[STAFF]),
        Collection(
            "view_material",
            aliases=["浏览素材"],
            fields=[CATEGORY, DURATION, Field("material", FieldType.TEXT, aliases=["素材"])],
        ),
        Collection(
            "join_campaign",
            aliases=["参加活动"],
            fields=[
                Field("campaign", FieldType.TEXT, aliases=["活动"]),
                Field("kind", FieldType.TEXT, aliases=["类型"], values=["task", "group"]),
                Field("invited", FieldType.INTEGER, aliases=["邀请人数"]),
            ],
        ),
        Collection(
            "send_message",
            aliases=["发消息"],
            fields=[Field("text", FieldType.TEXT, aliases=["内容"])],
        ),
        Collection(
            "purchase",
            aliases=["购买"],
            fields=[
                CATEGORY,
                SKU,
                QUANTITY,
                AMOUNT,
                CHANNEL,
                Field("duty", FieldType.MONEY, aliases=["关税"], currency="USD"),
                Field("weight", FieldType.FLOAT, aliases=["重量"]),
                Field("gift", FieldType.BOOLEAN, aliases=["礼品"]),
                Field("coupons", FieldType.TEXT_LIST, aliases=["优惠券"]),
                Field("delivery", FieldType.DATE, aliases=["送货日期"]),
                Field("paid_at", FieldType.INSTANT, aliases=["付款时间"]),
                Field("handling", FieldType.DURATION, aliases=["处理时长"]),
            ],
        ),
        Collection("add_to_cart", aliases=["加购"], fields=[SKU, QUANTITY, AMOUNT]),
        Collection("view_product", aliases=["浏览商品"], fields=[SKU, CATEGORY, DURATION]),
        Collection(
            "opportunity",
            "has",
            aliases=["商机"],
            time="created",
            fields=[
                CREATED,
                Field("stage", FieldType.TEXT, aliases=["阶段"]),
                AMOUNT,
                Field("expected_close", FieldType.DATE, aliases=["预计成交"]),
                Field("intent", FieldType.INTEGER, aliases=["意向"]),
                Field("priority", FieldType.TEXT, aliases=["优先级"]),
            ],
        ),
        Collection(
            "assisted_order",
            "has",
            aliases=["代客订单"],
            time="created",
            fields=[CREATED, AMOUNT, Field("paid", FieldType.BOOLEAN, aliases=["已付款"])],
        ),
        # Rows that have neither time nor key.
        Collection(
            "address",
            "has",
            aliases=["地址"],
            time=None,
            fields=[Field("province", FieldType.TEXT, aliases=["省份"])],
        ),
    ],
)
