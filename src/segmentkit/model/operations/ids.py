"""Ids for things that come without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator


def fresh_ids(kind: str, version: int, is_taken: Callable[[str], bool]) -> Iterator[str]:
    """
    Ids that nothing has or ever had: "tag-12-0", "tag-12-1".

    No two applied change sets share a base version, so no two things share an id made of it; and
    the same plan made again gives the same ids.

    Examples:
        >>> ids = fresh_ids("tag", 11, {"tag-12-0"}.__contains__)
        >>> next(ids), next(ids)
        ('tag-12-1', 'tag-12-2')
    """
    number = 0
    while True:
        made = f"{kind}-{version + 1}-{number}"
        if not is_taken(made):
            yield made
        number += 1
