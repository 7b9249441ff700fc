"""Delete a keyframe; its property goes from the one before to the one after, or back to its static value.

opacity   --●--●--●--   - the second   ->   --●-----●--
"""

from typing import Literal

from timeline_service.domain import keyframes
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class DeleteKeyframe(Gesture):
    """Delete a keyframe of any property."""

    type: Literal["delete_keyframe"] = "delete_keyframe"
    keyframe_id: RecordId

    example = {"keyframe_id": "k1"}
    refuses = ("keyframe_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        draft.drop(draft.get("keyframe", self.keyframe_id).id)

    def describe(self, before: State) -> str:
        return f"deleted {keyframes.told_keyframe(before, self.keyframe_id)}"
