"""Walking and rebuilding the condition tree, for hosts that read rules or rewrite them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from attrs import evolve

from segmentkit.arguments import explain_other_types
from segmentkit.errors import InvalidValueError, WrongTypeError
from segmentkit.query.ast import And, Node, Or, child_nodes, walk
from segmentkit.query.json_coding.nodes import BY_CLASS, Child
from segmentkit.query.json_coding.parts import ListOf, ListOr, Part


@explain_other_types
def kind_of(node: Node) -> str:
    """
    The kind of a node in lower case, as `visit_...` and stored JSON name it.

    Examples:
        >>> from segmentkit.query.ast import Path, TextMatch, Text
        >>> kind_of(TextMatch("contains", Path(("name",)), (Text("王"),)))
        'text_match'
    """
    return BY_CLASS[type(node)].name


class _ByKind:
    """Has methods that are named after kinds of node; a misspelt one is an error, not a no-op."""

    _prefix: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        known = {shape.name for shape in BY_CLASS.values()}
        for name in vars(cls):
            if name.startswith(cls._prefix) and name.removeprefix(cls._prefix) not in known:
                remedy = f"End it with a kind of node: {', '.join(sorted(known))}"
                raise InvalidValueError(name, f"methods of {cls.__name__}", remedy)

    def _method(self, node: Node) -> Callable[[Any], Any] | None:
        return getattr(self, self._prefix + kind_of(node), None)


class Visitor(_ByKind):
    """
    Calls `visit_<kind>` for each node that has such a method, parents first.

    A method sees the node and decides itself whether to go on below it, with `each_child`.

    Examples:
        >>> from segmentkit.query import parse
        >>> class Texts(Visitor):
        ...     def __init__(self):
        ...         self.found = []
        ...
        ...     def visit_text(self, node):
        ...         self.found.append(node.value)
        >>> texts = Texts()
        >>> texts.visit(parse("city = '福州' and has tag 'VIP'"))
        >>> texts.found
        ['福州', 'VIP']
    """

    _prefix = "visit_"

    @explain_other_types
    def visit(self, node: Node) -> None:
        """Visit *node*: with its own method, else its children."""
        method = self._method(node)
        if method is None:
            self.each_child(node)
        else:
            method(node)

    @explain_other_types
    def each_child(self, node: Node) -> None:
        """Visit the nodes directly below *node*."""
        for child in child_nodes(node):
            self.visit(child)


class Transformer(_ByKind):
    """
    Rebuilds a tree: `transform_<kind>` gives what is to stand in the place of a node.

    Children come first, so a method sees them already transformed. Where nothing changes, the tree
    stays the same object. An `And` that comes to stand in an `And` is joined with it.

    Examples:
        >>> from segmentkit.query import Path, format, parse
        >>> class Renamed(Transformer):
        ...     def transform_path(self, node):
        ...         return Path(("town",)) if node.names == ("city",) else node
        >>> format(Renamed().transform(parse("city = '福州' and age > 18")))
        "town = '福州' and age > 18"
    """

    _prefix = "transform_"

    @explain_other_types
    def transform(self, node: Node) -> Node:
        """
        *node* with every change below it, and its own.

        Raises:
            WrongTypeError: a method gave a node that cannot stand in that place.
        """
        return rebuilt(node, self._changed)

    def _changed(self, node: Node) -> Node:
        method = self._method(node)
        return node if method is None else method(node)


def rebuilt(root: Node, change: Callable[[Node], Node]) -> Node:
    """
    The tree with *change* applied to every node, children first; the same object if none differs.

    Raises:
        WrongTypeError: *change* gave a node that cannot stand in that place.
    """
    # Inner nodes first and by identity: no depth of the tree needs recursion.
    done: dict[int, Node] = {}
    for node in reversed(list(walk(root))):
        done[id(node)] = change(_with_children(node, done))
    return done[id(root)]


def _with_children(node: Node, done: Mapping[int, Node]) -> Node:
    changes: dict[str, Any] = {}
    for name, part in BY_CLASS[type(node)].parts.items():
        value: object = getattr(node, name)
        if isinstance(value, Node):
            changed: object = done[id(value)]
            same = changed is value
        elif isinstance(value, tuple):
            items = cast("tuple[object, ...]", value)
            parts = tuple(done[id(i)] if isinstance(i, Node) else i for i in items)
            same = all(new is old for new, old in zip(parts, items, strict=True))
            changed = parts
        else:
            continue
        if not same:
            if isinstance(node, And | Or):
                changed = _flat(node, cast("tuple[Node, ...]", changed))
            if not _fits(part, changed):
                shown = type(changed).__name__
                raise WrongTypeError(shown, f"{name} of {kind_of(node)}", "Give a fitting node")
            changes[name] = changed
    return evolve(node, **changes) if changes else node


def _flat(node: And | Or, items: tuple[Node, ...]) -> tuple[Node, ...]:
    nested = [i.items if isinstance(i, type(node)) else (i,) for i in items]
    return tuple(item for items in nested for item in items)


def _fits(part: Part, value: object) -> bool:
    match part:
        case Child(classes=classes):
            return isinstance(value, classes)
        case ListOf(part=inner):
            items = cast("tuple[object, ...]", value)
            return all(_fits(inner, item) for item in items)
        case ListOr(many, one):
            return _fits(many if isinstance(value, tuple) else one, cast("object", value))
        case _:
            return True
