"""How many tags and tag groups a catalog may hold: profiles, not constants."""

from __future__ import annotations

from attrs import field, frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.errors import InvalidValueError, WrongTypeError


def _limit(value: int | None) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise WrongTypeError(value, "limit of a quota", "Give a count, or None for no limit")
    if value is not None and value < 0:
        raise InvalidValueError(value, "limit of a quota", "Give a count, or None for no limit")
    return value


@refuse_other_types
@frozen
class Quota:
    """
    The limits of a catalog; None is no limit. Tags of all origins count together.

    Args:
        name: of the profile.
        tags: in the whole catalog.
        tag_groups: in the whole catalog.
        tags_per_group: in any one tag group.
    """

    name: str
    tags: int | None = field(default=None, converter=_limit)
    tag_groups: int | None = field(default=None, converter=_limit)
    tags_per_group: int | None = field(default=None, converter=_limit)


SEED = Quota("seed", tags=3_000, tag_groups=100, tags_per_group=100)
WECOM = Quota("wecom", tags=10_000)
UNLIMITED = Quota("unlimited")
