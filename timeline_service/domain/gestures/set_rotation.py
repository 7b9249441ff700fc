"""Turn the picture of a clip about the centre of the frame.

┌──────┐              ┌──────┐
│ ▲    │   90000  ->  │   ▶  │     millidegrees, clockwise
└──────┘              └──────┘
"""

from typing import Literal

from timeline_service.domain import animation, keyframes, properties
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class SetRotation(Gesture):
    """Set the static rotation of a clip in millidegrees clockwise; 0 is none. Keyframes of rotation go before it."""

    type: Literal["set_rotation"] = "set_rotation"
    clip_id: RecordId
    rotation: keyframes.Number

    example = {"clip_id": "intro", "rotation": 90_000}
    refuses = ("bad_value", "kind_mismatch", "clip_missing", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        clip = draft.get("clip", self.clip_id)
        keyframes.check_shown(draft.state, clip)
        properties.check("rotation", "clip", self.rotation)
        draft.set(clip.id, animation.resting("rotation", self.rotation))

    def describe(self, before: State) -> str:
        return f"turned {before.name_of(self.clip_id)} to {self.rotation / 1000:g} degrees"
