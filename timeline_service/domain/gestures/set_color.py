"""Give clips the colour with which editors draw them. The picture stays as it is.

|A| |B|   "teal"   ->   |A teal| |B teal|
"""

from typing import Literal

from timeline_service.domain import wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordIds, Text
from timeline_service.domain.state import State


class SetColor(Gesture):
    """Set the label colour of clips; none where it is left out or null. Each clip can be undone alone."""

    type: Literal["set_color"] = "set_color"
    clip_ids: RecordIds
    color: Text | None = None

    example = {"clip_ids": ["intro", "beach"], "color": "#008080"}
    refuses = ("clip_missing", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        for unit, clip_id in enumerate(self.clip_ids):
            draft.set(draft.get("clip", clip_id).id, {"color": self.color}, unit=unit)

    def describe(self, before: State) -> str:
        clips = wording.listed(before, self.clip_ids)
        return f"took the color off {clips}" if self.color is None else f"colored {clips} {self.color}"
