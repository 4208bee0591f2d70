"""A condition as one plain sentence, for people who do not read queries."""

from __future__ import annotations

from segmentkit.arguments import refuse_other_types
from segmentkit.model import Schema
from segmentkit.query.builder import ConditionLike, as_condition
from segmentkit.query.describing.chinese import Chinese
from segmentkit.query.describing.english import English
from segmentkit.query.diagnostics import Language, require_language


@refuse_other_types
def describe(node: ConditionLike, lang: Language = "en", *, schema: Schema | None = None) -> str:
    """
    Which customers *node* means, in one sentence of English or Chinese.

    The sentence is for reading; it says everything that the condition says, but no parser reads it.

    Args:
        node: parsed, built or loaded; it need not be bound.
        schema: knows the names in the sentence's language.

    Raises:
        WrongTypeError: *node* is no condition.
        InvalidValueError: *lang* is neither "en" nor "zh".

    Examples:
        >>> from segmentkit.query.builder import did, field, total
        >>> rule = did("purchase").where(field("category") == "鞋").last(days=90).at_least(3)
        >>> describe(rule.having(total("amount") >= 1000))
        'customers who purchased at least 3 times in the last 90 days where category is “鞋”, with a total amount of at least 1000'
        >>> from segmentkit.model import Collection, Field, FieldType
        >>> category = Field("category", FieldType.TEXT, aliases=("类目",))
        >>> amount = Field("amount", FieldType.MONEY, aliases=("金额",), currency="CNY")
        >>> purchase = Collection("purchase", fields=[category, amount], aliases=("购买",))
        >>> describe(
        ...     rule.having(total("amount") >= 1000), "zh", schema=Schema(collections=[purchase])
        ... )
        '最近 90 天内购买（类目为“鞋”）至少 3 次，且合计金额不少于 1000 的客户'
    """
    require_language(lang)
    known = Schema() if schema is None else schema
    writer = Chinese(known) if lang == "zh" else English(known)
    return writer.sentence(as_condition(node))
