"""Which column of a file means what: suggested from the words of its header, English or Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model.schema import Field, Schema
from segmentkit.model.terms import Term
from segmentkit.text import nearest, text_key


class IntakeTarget(Term):
    """What a column can mean besides a field of the schema."""

    ID = ("id", "编号")
    GROUPS = ("groups", "群组")
    TAGS = ("tags", "标签")
    FOLLOWED = ("followed", "关注")
    ADDED_BY = ("added_by", "添加人")
    ADDED = ("added", "添加时间")
    CHANNEL = ("channel", "渠道")


Target: TypeAlias = str | IntakeTarget
"""The canonical name of a field, or an `IntakeTarget`."""

Certainty: TypeAlias = Literal["exact", "synonym", "similar", "none"]

_TARGET_WORDS: Mapping[IntakeTarget, str] = {
    IntakeTarget.ID: "id, contact id, customer id, member id, external id, user id, openid, "
    "编号, 客户编号, 客户id, 会员号, 会员编号, 外部编号, 用户编号",
    IntakeTarget.GROUPS: "group, groups, contact group, segment, 群组, 分组, 客户分组, 所属分组",
    IntakeTarget.TAGS: "tag, tags, label, labels, keywords, 标签, 客户标签, 企业标签",
    IntakeTarget.FOLLOWED: "followed, starred, favourite, favorite, 关注, 是否关注, 星标",
    IntakeTarget.ADDED_BY: "added by, owner, sales, account manager, 添加人, 跟进人, 负责人, 导购, "
    "所属员工",
    IntakeTarget.ADDED: "added, added at, created, created at, create time, sign-up date, 添加时间, "
    "创建时间, 录入时间, 注册时间",
    IntakeTarget.CHANNEL: "channel, source, lead source, 渠道, 来源, 客户来源, 渠道来源",
}

# Words that mean the same field in most address books; a schema's own names come first.
_SYNONYMS: tuple[frozenset[str], ...] = tuple(
    frozenset(map(text_key, line.split(", ")))
    for line in (
        "name, full name, contact name, customer name, 姓名, 名字, 名称, 客户姓名, 客户名称, 称呼, 联系人",
        "phone, mobile, mobile phone, phone number, cell, telephone, tel, 手机, 手机号, 手机号码, 电话",
        "phone, contact number, telephone number, 电话号码, 联系电话, 联系方式",
        "email, e-mail, mail, email address, 邮箱, 电子邮箱, 邮件, 电子邮件, 邮箱地址",
        "wechat, wechat id, weixin, 微信, 微信号",
        "gender, sex, 性别",
        "birthday, date of birth, birth date, dob, 生日, 出生日期, 出生年月",
        "age, 年龄",
        "city, town, 城市, 所在城市, 所在地",
        "province, state, region, 省份, 省, 地区",
        "address, street, 地址, 联系地址, 收货地址, 住址",
        "company, organisation, organization, employer, 公司, 公司名称, 单位, 企业",
        "job, occupation, profession, title, position, 职业, 职位, 职务, 岗位",
        "industry, 行业, 所属行业",
        "income, salary, 收入, 月收入, 年收入",
        "spent, spend, total spent, amount, 消费, 消费金额, 累计消费",
        "hobby, hobbies, interest, interests, 爱好, 兴趣, 兴趣爱好",
        "note, notes, remark, remarks, comment, 备注, 说明",
    )
)
_DECORATION = re.compile(r"[*:：]|\(.*?\)|（.*?）|\[.*?\]|【.*?】")


@frozen
class ColumnSuggestion:
    """
    What a column most likely means.

    Attributes:
        column: as the header has it.
        target: None when no word of it is known.
        certainty: `exact` is a name of the schema, `synonym` another word for it, `similar` a guess
            that a person should look at.
    """

    column: str
    target: Target | None
    certainty: Certainty


@refuse_other_types
def suggest_columns(schema: Schema, header: Iterable[str]) -> tuple[ColumnSuggestion, ...]:
    """
    A suggestion for each column of a header, in its order; no target is suggested twice.

    Examples:
        >>> from segmentkit.model import FieldType
        >>> schema = Schema(fields=[Field("phone", FieldType.TEXT), Field("city", FieldType.TEXT)])
        >>> for one in suggest_columns(schema, ["手机号*", "City", "客户标签", "??"]):
        ...     print(one.column, one.target, one.certainty)
        手机号* phone synonym
        City city exact
        客户标签 IntakeTarget.TAGS synonym
        ?? None none
    """
    columns = list(header)
    exact = _words_of_fields(schema)
    synonyms = _target_words()
    for name, words in synonyms_of_fields(schema):
        synonyms.update(dict.fromkeys(words, name))
    found: dict[int, tuple[Target, Certainty]] = {}
    taken: set[Target] = set()
    # The surest first, so that a guess never takes the target of an exact name further right.
    for certainty in ("exact", "synonym", "similar"):
        for number, column in enumerate(columns):
            target = None if number in found else _match(column, certainty, exact, synonyms)
            if target is not None and target not in taken:
                found[number] = (target, certainty)
                taken.add(target)
    return tuple(
        ColumnSuggestion(column, *found.get(number, (None, "none")))
        for number, column in enumerate(columns)
    )


def synonyms_of_fields(schema: Schema) -> Iterator[tuple[str, frozenset[str]]]:
    """The other words for each field that has some, as text keys."""
    for field in schema.fields:
        for words in _SYNONYMS:
            if words & _keys(field):
                yield field.name, words


def is_called(field: Field, *words: str) -> bool:
    """Whether a field goes by one of these words, or by a synonym of them."""
    keys = {text_key(word) for word in words}
    meant = [synonyms for synonyms in _SYNONYMS if synonyms & keys]
    return any(_keys(field) & synonyms for synonyms in meant)


def _match(
    column: str, certainty: Certainty, exact: Mapping[str, Target], synonyms: Mapping[str, Target]
) -> Target | None:
    key = text_key(_DECORATION.sub(" ", column))
    match certainty:
        case "exact":
            return exact.get(text_key(column)) or exact.get(key)
        case "synonym":
            return synonyms.get(key)
        case _:
            known = {**synonyms, **exact}
            if any(key in words for words in _SYNONYMS):
                return None  # it is well known what this means, and the schema has no such field
            # The longest known word inside: 客户手机号 holds 手机号, and 客户 is no word by itself.
            inside = [word for word in known if len(word) >= 2 and word in key]
            near = max(inside, key=len) if inside else nearest(key, known)
            return None if near is None else known[near]


def _keys(field: Field) -> set[str]:
    return {text_key(name) for name in (field.name, *field.aliases)}


def _words_of_fields(schema: Schema) -> dict[str, Target]:
    words: dict[str, Target] = {}
    for field in schema.fields:
        target: Target = field.name
        for attribute in IntakeTarget:
            # A contact's own attributes may stand in a schema too, so that the language knows them.
            if attribute.value == field.name:
                target = attribute
        words.update(dict.fromkeys(_keys(field), target))
    return words


def _target_words() -> dict[str, Target]:
    return {
        text_key(word): target
        for target, words in _TARGET_WORDS.items()
        for word in words.split(", ")
    }
