"""Move a crop keyframe to another frame of the source; its window goes with it.

source  --K-------   to 7   ->   -------K--
"""

from typing import Literal

from timeline_service.domain import crop
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture
from timeline_service.domain.state import State


class MoveCropKeyframe(crop.Address, Gesture):
    """Move a crop keyframe `to` a frame number of the source, {"frame": n}, or {"at": timeline time}."""

    type: Literal["move_crop_keyframe"] = "move_crop_keyframe"
    to: crop.Target

    example = {"keyframe_id": "k1", "to": {"frame": 10}}
    refuses = ("keyframe_missing", "keyframe_exists", "outside_clip", "no_handle", "clip_missing", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        clip_id = crop.clip_of(state, self)
        here = crop.grounds(state, clip_id, self.at)
        return {**here, **crop.grounds(state, clip_id, self.to.at, "to.at")}

    def decide(self, draft: Draft) -> None:
        keyframe = crop.find(draft, self)
        clip = draft.get("clip", keyframe.value["parent_id"])
        draft.set(keyframe.id, {"time": crop.source_tick(draft.state, clip, self.to)})

    def describe(self, before: State) -> str:
        place = crop.told(before, self.to).removeprefix("at ")
        return f"moved {crop.told_address(before, self)} to {place}"
