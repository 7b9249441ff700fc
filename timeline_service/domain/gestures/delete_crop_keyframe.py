"""Delete a crop keyframe; the window is interpolated between its neighbours.

source  --K--L--M--   - L   ->   --K-----M--
"""

from typing import Literal

from timeline_service.domain import crop
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture
from timeline_service.domain.state import State


class DeleteCropKeyframe(crop.Address, Gesture):
    """Delete the crop keyframe of that id, or the one of a clip at a `frame` or `at` a timeline time."""

    type: Literal["delete_crop_keyframe"] = "delete_crop_keyframe"

    example = {"keyframe_id": "k1"}
    refuses = ("keyframe_missing", "outside_clip", "no_handle", "clip_missing", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        return crop.grounds(state, self.clip_id, self.at)

    def decide(self, draft: Draft) -> None:
        draft.drop(crop.find(draft, self).id)

    def describe(self, before: State) -> str:
        return f"deleted {crop.told_address(before, self)}"
