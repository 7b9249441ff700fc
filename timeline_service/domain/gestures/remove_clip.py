"""Take a clip away and leave a gap (lift).

|A|B|C|   - B   ->   |A| |C|
"""

from typing import Literal

from timeline_service.domain import surgery
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class RemoveClip(Gesture):
    """Remove a clip with its keyframes and markers; nothing else moves."""

    type: Literal["remove_clip"] = "remove_clip"
    clip_id: RecordId

    example = {"clip_id": "intro"}
    refuses = ("clip_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        surgery.remove(draft, self.clip_id)

    def describe(self, before: State) -> str:
        track = before.records[self.clip_id].value["track_id"]
        return f"removed {before.name_of(self.clip_id)} from {before.name_of(track)}"
