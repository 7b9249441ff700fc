"""Take a title away and leave a gap.

V2 | Summer |          V2 |        |
V1 |A|B|C   |    ->    V1 |A|B|C   |
"""

from typing import Literal

from timeline_service.domain import surgery, titles
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class RemoveTitle(Gesture):
    """Remove a title with its keyframes; nothing else moves."""

    type: Literal["remove_title"] = "remove_title"
    clip_id: RecordId

    example = {"clip_id": "title1"}
    refuses = ("clip_missing", "kind_mismatch", "track_locked")

    def decide(self, draft: Draft) -> None:
        surgery.remove(draft, titles.find(draft, self.clip_id).id)

    def describe(self, before: State) -> str:
        track = before.records[self.clip_id].value["track_id"]
        return f"removed the title {titles.named(before, self.clip_id)} from {before.name_of(track)}"
