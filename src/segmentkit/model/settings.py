"""What an enterprise has decided for itself."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from segmentkit.arguments import refuse_other_types
from segmentkit.model.quota import SEED, Quota


@refuse_other_types
@frozen
class Settings:
    """
    One per state.

    Args:
        quota: of the tag catalog.
        sales_collaboration: 销售管理; collaboration teams share their private assignments.
    """

    table: ClassVar[str] = "settings"

    quota: Quota = SEED
    sales_collaboration: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        return ("settings",)
