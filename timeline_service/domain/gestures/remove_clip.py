"""Take a clip away and leave a gap (lift).

V1 |A|B|C|              V1 |A| |C|
A1 |a|b|c|   - B   ->   A1 |a| |c|      linked partners go too
"""

from typing import Literal

from timeline_service.domain import links, surgery
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class RemoveClip(Gesture):
    """Remove a clip and, unless `single`, its linked partners, with all that lies in them; nothing else moves."""

    type: Literal["remove_clip"] = "remove_clip"
    clip_id: RecordId
    single: bool = False

    example = {"clip_id": "intro"}
    refuses = ("clip_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        surgery.remove(draft, *links.following(draft.state, draft.get("clip", self.clip_id).id, self.single))

    def describe(self, before: State) -> str:
        track = before.records[self.clip_id].value["track_id"]
        return f"removed {before.name_of(self.clip_id)} from {before.name_of(track)}"
