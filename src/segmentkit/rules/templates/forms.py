"""What a page needs to know of a form: its title, its fields, and what each field asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.query import Condition, Language, Window

Family: TypeAlias = Literal[
    "content", "trading", "intent", "referral", "conversation", "mall", "sales"
]
FieldKind: TypeAlias = Literal[
    "window", "times", "number", "amount", "duration", "texts", "choice", "yes_no"
]
Filling: TypeAlias = Window | int | Decimal | bool | str | tuple[str, ...]
"""What a form can be filled in with from the start."""

FAMILIES: Mapping[Family, Mapping[Language, str]] = {
    "content": {"en": "content browsing", "zh": "内容浏览"},
    "trading": {"en": "trading", "zh": "交易"},
    "intent": {"en": "intent", "zh": "意向"},
    "referral": {"en": "referral", "zh": "拉新"},
    "conversation": {"en": "conversation", "zh": "沟通互动"},
    "mall": {"en": "visits to the mall", "zh": "访问商城"},
    "sales": {"en": "pursued by sales", "zh": "有销售跟进"},
}
"""Titles of the families."""


@frozen
class Choice:
    """
    One thing to choose.

    Attributes:
        value: for the function's argument.
        en: its label.
        zh: its label.
    """

    value: str
    en: str
    zh: str

    @refuse_other_types
    def label(self, lang: Language = "en") -> str:
        return self.zh if lang == "zh" else self.en


@frozen
class TemplateField:
    """
    One field of a form.

    Attributes:
        name: of the function's argument. None of them has to be filled in.
        kind: what the form asks for: a window of time, a number of times, any other number, an
            amount of money, a length of time, texts of which any will do, one of the choices, yes
            or no.
        en: its label.
        zh: its label.
        choices: all there is to choose from; empty where any value will do.
        default: what is filled in from the start; None leaves the field empty.
    """

    name: str
    kind: FieldKind
    en: str
    zh: str
    choices: tuple[Choice, ...] = ()
    default: Filling | None = None

    @refuse_other_types
    def label(self, lang: Language = "en") -> str:
        return self.zh if lang == "zh" else self.en


@frozen
class Template:
    """
    One form: a ready template, or a behaviour that a custom rule is made of.

    Attributes:
        make: the function; its arguments are the fields' names.
        family: which kind of behaviour it looks at.
        en: its title.
        zh: its title.
        fields: of its form, in order.
    """

    make: Callable[..., Condition]
    family: Family
    en: str
    zh: str
    fields: tuple[TemplateField, ...]

    @property
    def name(self) -> str:
        """Of the function, for a form to send back."""
        return self.make.__name__

    @refuse_other_types
    def title(self, lang: Language = "en") -> str:
        return self.zh if lang == "zh" else self.en

    def ready(self) -> Condition:
        """
        The condition of the form as it is offered, with nothing filled in but the defaults.

        Examples:
            >>> from segmentkit.query import format
            >>> from segmentkit.rules.templates import TEMPLATES
            >>> format(TEMPLATES[0].ready())
            'did view_material at least 3 times in last 30 days'
        """
        filled = {each.name: each.default for each in self.fields if each.default is not None}
        return self.make(**filled)
