"""Take a caption away and leave a gap.

CC |Hello|there|Bye|   - "there"   ->   CC |Hello|     |Bye|
"""

from typing import Literal

from timeline_service.domain import wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class RemoveCaption(Gesture):
    """Remove a caption; nothing else moves."""

    type: Literal["remove_caption"] = "remove_caption"
    caption_id: RecordId

    example = {"caption_id": "cap1"}
    refuses = ("caption_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        draft.drop(draft.get("caption", self.caption_id).id)

    def describe(self, before: State) -> str:
        caption = before.records[self.caption_id].value
        return f"removed the caption {wording.quoted(caption['text'])} from {before.name_of(caption['track_id'])}"
