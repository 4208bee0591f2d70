"""The contact groups of a host as a forest: parents, descendants, names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import CycleError, DuplicateIdError, DuplicateNameError, UnknownNameError
from segmentkit.model.checks import several
from segmentkit.model.group import ContactGroup
from segmentkit.text import suggestion, text_key


def _by_name(groups: Iterable[ContactGroup]) -> tuple[ContactGroup, ...]:
    return tuple(
        sorted(several(ContactGroup)(groups), key=lambda group: (text_key(group.name), group.id))
    )


@frozen
class GroupTree:
    """
    Every contact group, in the order of names.

    Raises:
        DuplicateIdError, DuplicateNameError: two groups share an id, or two children of one parent
            a name.
        UnknownNameError: a parent that is not there.
        CycleError: groups that stand under one another in a circle; `value` is the path.

    Examples:
        >>> tree = GroupTree([ContactGroup("a", "客户"), ContactGroup("b", "潜在客户", parent="a")])
        >>> [group.id for group in tree.under("a")]
        ['a', 'b']
        >>> tree.path(tree.group("潜在客户"))
        '客户/潜在客户'
    """

    groups: tuple[ContactGroup, ...] = field(default=(), converter=_by_name)
    _by_id: dict[str, ContactGroup] = field(init=False, repr=False, eq=False)
    _children: dict[str | None, list[ContactGroup]] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        by_id: dict[str, ContactGroup] = {}
        children: dict[str | None, list[ContactGroup]] = {}
        for group in self.groups:
            if by_id.setdefault(group.id, group) is not group:
                raise DuplicateIdError(group.id, "contact groups", "Every id stands once")
            children.setdefault(group.parent, []).append(group)
        for group in self.groups:
            if group.parent is not None and group.parent not in by_id:
                raise UnknownNameError(group.parent, f"parent of contact group {group.id!r}")
        for siblings in children.values():
            _unique_names(siblings)
        object.__setattr__(self, "_by_id", by_id)
        object.__setattr__(self, "_children", children)
        self._refuse_circles()

    def _refuse_circles(self) -> None:
        safe: set[str] = set()
        for group in self.groups:
            path: list[str] = []
            at: str | None = group.id
            while at is not None and at not in safe:
                if at in path:
                    circle = [*path[path.index(at) :], at]
                    raise CycleError(circle, "parents of contact groups", "Give one no parent")
                path.append(at)
                at = self._by_id[at].parent
            safe.update(path)

    @refuse_other_types
    def find_group(self, group_id: str) -> ContactGroup | None:
        """The group of that id, or None."""
        return self._by_id.get(group_id)

    @refuse_other_types
    def find_groups(self, name: str) -> tuple[ContactGroup, ...]:
        """Every group of that name under the text key, or of that path of names from the top."""
        wanted = text_key(name)
        return tuple(
            group
            for group in self.groups
            if text_key(group.name) == wanted or text_key(self.path(group)) == wanted
        )

    @refuse_other_types
    def group(self, reference: str) -> ContactGroup:
        """
        The one group of that id, name or path of names; an id wins.

        Raises:
            UnknownNameError: there is none, and the remedy names the nearest; or there are several,
                and it lists their paths.
        """
        exact = self._by_id.get(reference)
        if exact is not None:
            return exact
        found = self.find_groups(reference)
        if len(found) == 1:
            return found[0]
        if found:
            paths = ", ".join(repr(self.path(group)) for group in found)
            raise UnknownNameError(
                reference, "contact groups", f"Several have that name: say {paths}, or an id"
            )
        remedy = suggestion(reference, [group.name for group in self.groups])
        raise UnknownNameError(reference, "contact groups", remedy)

    @refuse_other_types
    def children(self, group_id: str | None) -> tuple[ContactGroup, ...]:
        """The groups directly under one, or at the top for None."""
        return tuple(self._children.get(group_id, ()))

    @refuse_other_types
    def under(self, group_id: str) -> Iterator[ContactGroup]:
        """
        The group itself and every group below it, parents first.

        Raises:
            UnknownNameError: there is no such group.
        """
        waiting = [self._by_id[self.group(group_id).id]]
        while waiting:
            group = waiting.pop()
            yield group
            waiting.extend(reversed(self._children.get(group.id, [])))

    def family(self, name: str) -> tuple[ContactGroup, ...]:
        """The groups that exclude one another under that family name."""
        return tuple(group for group in self.groups if group.family == name)

    @refuse_other_types
    def path(self, group: ContactGroup) -> str:
        """Names from the top: `客户/潜在客户`."""
        names = [group.name]
        while group.parent is not None:
            group = self._by_id[group.parent]
            names.append(group.name)
        return "/".join(reversed(names))


def _unique_names(siblings: list[ContactGroup]) -> None:
    found: dict[str, str] = {}
    for group in siblings:
        other = found.setdefault(text_key(group.name), group.id)
        if other != group.id:
            place = "the top" if group.parent is None else f"parent {group.parent!r}"
            raise DuplicateNameError(
                group.name, f"contact groups under {place}", f"{other!r} has that name already"
            )
