"""What a run knows besides the contacts."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from segmentkit.engines.semantics import Moment
from segmentkit.model import SYSTEM, Schema, Viewer
from segmentkit.query import Condition, Names


@frozen
class Setting:
    """
    What a run knows besides the contacts.

    Attributes:
        schema: of the store.
        moment: instant, zone and calendar of the run.
        viewer: who looks.
        names: for `under`, `like` and `in segment`; None where none of them is used.
        segments: conditions by segment id, bound like the condition itself.
    """

    schema: Schema
    moment: Moment
    viewer: Viewer = SYSTEM
    names: Names | None = None
    segments: Mapping[str, Condition] = field(factory=dict[str, Condition])
