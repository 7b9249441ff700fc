"""Move a keyframe to another time; its value goes with it.

opacity   --●-------   to 7   ->   -------●--
"""

from typing import Literal

from timeline_service.domain import keyframes
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class MoveKeyframe(Gesture):
    """Move a keyframe `to` a time of its property's own time base, or to {"at": timeline time}."""

    type: Literal["move_keyframe"] = "move_keyframe"
    keyframe_id: RecordId
    to: keyframes.Target

    example = {"keyframe_id": "k1", "to": {"at": 25}}
    refuses = ("keyframe_missing", "keyframe_exists", "outside_clip", "no_handle", "negative_time", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        keyframe = state.find(self.keyframe_id, "keyframe")
        return {} if keyframe is None else keyframes.grounds(state, keyframe.value["parent_id"], self.to, "to.")

    def decide(self, draft: Draft) -> None:
        keyframe = draft.get("keyframe", self.keyframe_id)
        parent = draft.state.records[keyframe.value["parent_id"]]
        draft.set(keyframe.id, {"time": keyframes.tick(draft, parent, keyframe.value["property"], self.to)})

    def describe(self, before: State) -> str:
        keyframe = before.records[self.keyframe_id].value
        place = keyframes.told(before, keyframe["parent_id"], keyframe["property"], self.to)
        return f"moved a keyframe of {keyframe['property']} to {place.removeprefix('at ')}"
