"""What a visual builder has to know of a schema: its `fields`."""

from __future__ import annotations

from collections.abc import Mapping

from segmentkit.arguments import refuse_other_types
from segmentkit.model import NUMERIC_TYPES, Collection, Field, FieldType, Schema
from segmentkit.query.describing.names import Labels
from segmentkit.query.diagnostics import Language
from segmentkit.query.json_coding.parts import Json
from segmentkit.query.query_building.vocabulary import join_names

_ORDER = ("=", "!=", "<", "<=", ">", ">=", "between", "notBetween")
_TIME = ("inWindow", "notInWindow")
_TEXT = (
    "=", "!=", "contains", "doesNotContain", "beginsWith", "doesNotBeginWith", "endsWith",
    "doesNotEndWith", "like", "notLike", "in", "notIn",
)  # fmt: skip
_MISSING = ("null", "notNull")
_OPERATORS: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: (*_TEXT, *_MISSING),
    FieldType.BOOLEAN: ("isTrue", "=", "!=", *_MISSING),
    FieldType.DATE: (*_ORDER, *_TIME, *_MISSING),
    FieldType.INSTANT: (*_ORDER, *_TIME, *_MISSING),
    FieldType.DURATION: (*_ORDER, *_MISSING),
    FieldType.TEXT_LIST: ("contains", "doesNotContain", *_MISSING),
    **dict.fromkeys(NUMERIC_TYPES, (*_ORDER, "in", "notIn", *_MISSING)),
}
_INPUTS: Mapping[FieldType, str] = {
    FieldType.DATE: "date",
    FieldType.INSTANT: "datetime-local",
    **dict.fromkeys(NUMERIC_TYPES, "number"),
}
_KEYS = ("has", "hasAll", "hasNo", "hasNotAll")
_MODES = ("some", "none", "atLeast", "atMost", "exactly")
_LABELS: Mapping[str, tuple[str, str]] = {
    "=": ("is", "为"),
    "!=": ("is not", "不为"),
    "<": ("is less than", "小于"),
    "<=": ("is at most", "不超过"),
    ">": ("is more than", "大于"),
    ">=": ("is at least", "不少于"),
    "between": ("is between", "介于"),
    "notBetween": ("is not between", "不介于"),
    "contains": ("contains", "包含"),
    "doesNotContain": ("does not contain", "不包含"),
    "beginsWith": ("starts with", "开头是"),
    "doesNotBeginWith": ("does not start with", "开头不是"),
    "endsWith": ("ends with", "结尾是"),
    "doesNotEndWith": ("does not end with", "结尾不是"),
    "like": ("matches", "形如"),
    "notLike": ("does not match", "不形如"),
    "in": ("is one of", "属于"),
    "notIn": ("is none of", "不属于"),
    "inWindow": ("is in", "在"),
    "notInWindow": ("is not in", "不在"),
    "null": ("is missing", "为空"),
    "notNull": ("is known", "不为空"),
    "isTrue": ("is yes", "为是"),
    "has": ("is any of", "是任一"),
    "hasAll": ("is all of", "是全部"),
    "hasNo": ("is none of", "不是任一"),
    "hasNotAll": ("is not all of", "不是全部"),
    "some": ("at least once", "至少一次"),
    "none": ("never", "从未"),
    "atLeast": ("at least", "至少"),
    "atMost": ("at most", "至多"),
    "exactly": ("exactly", "恰好"),
}


@refuse_other_types
def fields_for_query_builder(schema: Schema, lang: Language = "en") -> list[dict[str, Json]]:
    """
    The `fields` of a react-querybuilder for *schema*: contact fields, then collections.

    An event or record has `matchModes` and its fields as `subproperties`; a membership takes a
    list of keys. `name` is what a rule's `field` says, `label` what people see.

    Examples:
        >>> schema = Schema(fields=[Field("age", FieldType.INTEGER, aliases=("年龄",))])
        >>> age = fields_for_query_builder(schema, "zh")[1]
        >>> age["label"], age["inputType"], age["operators"][0]
        ('年龄', 'number', {'name': '=', 'value': '=', 'label': '为'})
    """
    labels = Labels(schema, chinese=lang == "zh")
    written = [_field(f, labels.field(f.name, ""), lang) for f in schema.fields]
    return written + [_collection(c, labels, lang) for c in schema.collections]


def _field(declared: Field, label: str, lang: Language) -> dict[str, Json]:
    written: dict[str, Json] = {
        **_named(join_names((declared.name,)), label),
        "operators": _options(_OPERATORS[declared.type], lang),
        "valueSources": ["value", "field", "parameter", "expression"],
    }
    if declared.type in _INPUTS:
        written["inputType"] = _INPUTS[declared.type]
    if declared.type is FieldType.BOOLEAN:
        written["valueEditorType"] = "checkbox"
    if declared.values:
        written["values"] = [_named(value, value) for value in declared.values]
    return written


def _collection(collection: Collection, labels: Labels, lang: Language) -> dict[str, Json]:
    named = _named(join_names((collection.name,)), labels.collection(collection.name))
    if collection.key is not None:
        return {
            **named,
            "operators": _options(_KEYS, lang),
            "valueSources": ["value", "parameter"],
            "valueEditorType": "multiselect",
        }
    fields = (_field(f, labels.field(f.name, collection.name), lang) for f in collection.fields)
    return {**named, "matchModes": _options(_MODES, lang), "subproperties": list[Json](fields)}


def _options(names: tuple[str, ...], lang: Language) -> list[Json]:
    return [_named(name, _LABELS[name][lang == "zh"]) for name in names]


def _named(name: str, label: str) -> dict[str, Json]:
    return {"name": name, "value": name, "label": label}
