"""
Which name a field, collection or function goes by in a text of one language.

Without a schema every name stays as it is; with one, Chinese text shows the first Chinese alias and
English text the canonical name.
"""

from __future__ import annotations

import re

from attrs import evolve, frozen

from segmentkit.model import Collection, Field
from segmentkit.query.ast import Path
from segmentkit.query.diagnostics import Language
from segmentkit.query.functions import find_function
from segmentkit.query.types import Scope
from segmentkit.query.words import CONTACT

_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def shown_name(thing: Field | Collection, lang: Language) -> str:
    """The name in that language: the canonical one, or the first Chinese alias."""
    if lang == "zh":
        return next((alias for alias in thing.aliases if _CJK.search(alias)), thing.name)
    return thing.name


@frozen
class ShownNames:
    """
    Names at one place of a condition.

    Attributes:
        scope: what a name means there; None without a schema.
    """

    lang: Language
    scope: Scope | None

    def collection(self, name: str) -> str:
        found = self._find(name)
        return name if found is None else shown_name(found, self.lang)

    def function(self, name: str) -> str:
        found = None if self.scope is None else find_function(name)
        if found is None:
            return name
        return found.chinese if self.lang == "zh" else found.name

    def field(self, path: Path) -> tuple[str, ...]:
        """The names of a dotted path."""
        found = None if self.scope is None else self.scope.resolve(path)
        if found is None:
            return path.names
        canonical, declared = found
        *owners, _ = canonical.names
        if owners == [CONTACT.id]:
            owners = [CONTACT.spelt(self.lang)]
        return (*owners, shown_name(declared, self.lang))

    def item(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """What an aggregate is over: `purchase.amount`, or `amount` inside `having`."""
        owner = self._owner(path)
        if owner is None:
            return path
        inside = self.scope is not None and self.scope.collection is not None
        names = () if inside else (shown_name(owner, self.lang),)
        rest = path if inside else path[1:]
        declared = owner.find_field(rest[0]) if len(rest) == 1 else None
        return (*names, *(rest if declared is None else (shown_name(declared, self.lang),)))

    def of_item(self, path: tuple[str, ...]) -> ShownNames:
        """Inside the `where` of an aggregate."""
        return self._of(self._owner(path) if path else None)

    def of_items(self, collection: str) -> ShownNames:
        """Inside the `where` of a statement."""
        return self._of(self._find(collection))

    def of_totals(self, collection: str) -> ShownNames:
        """Inside its `having`."""
        found = self._find(collection)
        if self.scope is None or found is None:
            return self
        return evolve(self, scope=self.scope.totals_of(found))

    def after(self, alias: str | None, collection: str) -> ShownNames:
        """In the steps that follow one, which may have been named with `as`."""
        found = self._find(collection)
        if self.scope is None or alias is None or found is None:
            return self
        return evolve(self, scope=evolve(self.scope, aliases={**self.scope.aliases, alias: found}))

    def _find(self, name: str) -> Collection | None:
        return None if self.scope is None else self.scope.schema.find_collection(name)

    def _owner(self, path: tuple[str, ...]) -> Collection | None:
        if self.scope is not None and self.scope.collection is not None:
            return self.scope.collection
        return self._find(path[0])

    def _of(self, collection: Collection | None) -> ShownNames:
        if self.scope is None or collection is None:
            return self
        return evolve(self, scope=self.scope.items_of(collection))
