"""What a check has found so far, and what names mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import cast

from attrs import evolve

from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.model import Collection, Schema
from segmentkit.query import ast
from segmentkit.query.ast import Node, Span, Value
from segmentkit.query.checking.wording import Said, kind_said
from segmentkit.query.diagnostics import Diagnostic, Fix, Language
from segmentkit.query.literals import print_name, print_text
from segmentkit.query.names import Names, Successors
from segmentkit.query.types import Scope
from segmentkit.query.words import KEYWORDS
from segmentkit.text import nearest, some_of

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|`[^`]*`")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ENGLISH = re.compile(
    r"\b(?:and|or|not|did|has|in|is|where|having|contains|between|since|last)\b", re.IGNORECASE
)


def _refuse_misnamed(parameters: object) -> None:
    """Names come from the host, which may know no types."""
    if not isinstance(parameters, Mapping):
        raise WrongTypeError(parameters, "parameters", "Give {name: value}")
    for name in cast("Mapping[object, object]", parameters):
        if not isinstance(name, str):
            raise WrongTypeError(name, "a name in parameters", "Give a text")
        if name[:1] in ("$", "＄"):
            raise InvalidValueError(name, "a name in parameters", f"Give {name[1:]!r}, without $")


def known_instead(near: str | None, known: Iterable[str]) -> dict[str, Said]:
    """What to say where no name is near: those there are."""
    if near is not None or not known:
        return {}
    return {"known": Said(some_of(known), some_of(known, "zh"))}


class Findings:
    """Findings about one condition, and the names it may use."""

    def __init__(
        self,
        schema: Schema,
        names: Names | None,
        parameters: Mapping[str, object] | None,
        text: str,
    ) -> None:
        if parameters is not None:
            _refuse_misnamed(parameters)
        self.schema = schema
        self.names = names
        self.parameters = parameters
        self.text = text
        self.found: list[Diagnostic] = []

    def report(self, code: str, where: Node | Span, *fixes: Fix, **args: object) -> None:
        """A finding; an argument that is `Said` in two languages fills `{x}` and `{x_zh}`."""
        filled: dict[str, object] = {}
        for name, value in args.items():
            if isinstance(value, Said):
                filled |= {name: value.en, f"{name}_zh": value.zh}
            else:
                filled[name] = value
        span = where.span if isinstance(where, Node) else where
        finding = Diagnostic(code, filled, span, fixes)
        if finding not in self.found:
            self.found.append(finding)

    # --- the text -------------------------------------------------------------------------------

    @property
    def lang(self) -> Language:
        """The language of the words that a fix should use: Chinese where no English word stands."""
        plain = _QUOTED.sub("", self.text)
        return "zh" if _CHINESE.search(plain) and not _ENGLISH.search(plain) else "en"

    def word(self, word_id: str) -> str:
        return KEYWORDS[word_id].spelt(self.lang)

    def written(self, node: Node) -> str:
        """What *node* was read from; "" when it was not read from text."""
        return self.text[slice(*node.span)]

    def gap(self, left: Node, right: Node) -> Span | None:
        """What stands between two nodes, without blanks and brackets: an operator."""
        start, end = left.span[1], right.span[0]
        inside = self.text[start:end]
        bare = inside.rstrip(" \t\n\u3000(（")
        if not bare.strip():
            return None
        start += len(bare) - len(bare.lstrip())
        return start, start + len(bare.strip())

    def span_of(self, name: str, node: Node, after: str = "") -> Span | None:
        """Where *name* stands inside the text of *node*, past the first of the marks *after*."""
        start, end = node.span
        inside = self.text[start:end]
        skipped = min((inside.find(mark) + 1 for mark in after if mark in inside), default=0)
        plain = re.escape(name)
        pattern = rf"{re.escape(print_name(name))}|`{plain}`|(?<!\w){plain}(?!\w)"
        found = re.compile(pattern).search(inside, skipped)
        return None if found is None else (start + found.start(), start + found.end())

    # --- names ----------------------------------------------------------------------------------

    def collection(self, name: str, node: Node) -> Collection | None:
        found = self.schema.find_collection(name)
        if found is None:
            self.unknown("unknown_collection", name, self.schema.collection_names(), node)
        return found

    def unknown(
        self, code: str, name: str, known: Iterable[str], node: Node, after: str = ""
    ) -> None:
        """A name that means nothing here, with the nearest that does, or those there are."""
        span = self.span_of(name, node, after)
        known = list(known)
        near = nearest(name, known)
        fixes: tuple[Fix, ...] = ()
        # Without the exact place a fix would overwrite too much; without a text there is none.
        if near is not None and (span is not None or not self.text):
            fixes = (Fix(near, print_name(near, after_dot=True), span or node.span),)
        self.report(code, span or node.span, *fixes, name=name, **known_instead(near, known))

    def named_value(self, field_side: Value, value: Value, scope: Scope) -> Value:
        """A text that is compared with a field of ids means the thing of that name."""
        kind = self._kind_of_ids(field_side, scope)
        return value if kind is None else self.named(kind, value)

    def _kind_of_ids(self, value: Value, scope: Scope) -> str | None:
        """What kind of thing a value holds the id of; None when it holds no id."""
        match value:
            case ast.Path():
                resolved = scope.resolve(value)
                return None if resolved is None else resolved[1].references
            case ast.Aggregate(function="first" | "last", path=path, transform=None):
                owner = scope.collection if len(path) == 1 else None
                owner = owner or self.schema.find_collection(path[0] if path else "")
                declared = owner and owner.find_field(path[-1])
                return declared.references if declared else None
            case _:
                return None

    def followed(self, node: ast.Reference) -> ast.Reference:
        """
        A reference to what is there: to itself, or to what it was merged into.

        One to what is gone must not be silently true or false.
        """
        names = self.names
        if names is None or not names.knows(node.kind):
            return node
        if names.name_of(node.kind, node.id) is not None:
            return node
        into = names.successor(node.kind, node.id) if isinstance(names, Successors) else None
        name = None if into is None else names.name_of(node.kind, into)
        if into is None or name is None:
            kind = kind_said(node.kind)
            self.report("deleted_reference", node, kind=kind, name=node.name or node.id)
            return node
        return evolve(node, id=into, name=name)

    def named(self, kind: str, value: Value) -> Value:
        """The thing that a text names; anything else is as it was."""
        if self.names is None or not self.names.knows(kind) or not isinstance(value, ast.Text):
            return value
        matches = self.names.find(kind, value.value)
        if len(matches) == 1:
            return evolve(matches[0], span=value.span)
        if not matches:
            known = list(self.names.all_names(kind))
            near = nearest(value.value, known)
            fixes = () if near is None else (Fix(near, print_text(near), value.span),)
            more = {"kind": kind_said(kind), **known_instead(near, known)}
            self.report("unknown_thing", value, *fixes, name=value.value, **more)
            return value
        full = [self.names.name_of(kind, match.id) or match.id for match in matches]
        fixes = tuple(Fix(name, print_text(name), value.span) for name in full)
        candidates = Said(", ".join(full), "、".join(full))
        self.report("ambiguous_name", value, *fixes, name=value.value, candidates=candidates)
        return value
