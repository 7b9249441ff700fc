"""Switch clips off, so that they are neither seen nor heard, or on again.

|A|B|C|   B off   ->   |A|(B)|C|     it keeps its place
"""

from typing import Literal

from timeline_service.domain import wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordIds
from timeline_service.domain.state import State


class Enable(Gesture):
    """Set `enabled` of clips. Each clip can be undone alone."""

    type: Literal["enable"] = "enable"
    clip_ids: RecordIds
    enabled: bool = True

    example = {"clip_ids": ["beach"], "enabled": False}
    refuses = ("clip_missing", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        for unit, clip_id in enumerate(self.clip_ids):
            draft.set(draft.get("clip", clip_id).id, {"enabled": self.enabled}, unit=unit)

    def describe(self, before: State) -> str:
        return f"switched {wording.listed(before, self.clip_ids)} {'on' if self.enabled else 'off'}"
