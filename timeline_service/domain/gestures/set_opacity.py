"""Make a clip more or less transparent.

| A 100 % |   500000   ->   | A 50 % |     what lies below shows through
"""

from typing import Literal

from timeline_service.domain import animation, keyframes, properties
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class SetOpacity(Gesture):
    """Set the static opacity of a clip, 0 to 1000000 ppm. Keyframes of opacity go before it; fades multiply it."""

    type: Literal["set_opacity"] = "set_opacity"
    clip_id: RecordId
    opacity: keyframes.Number

    example = {"clip_id": "title1", "opacity": 500_000}
    refuses = ("bad_value", "kind_mismatch", "clip_missing", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        clip = draft.get("clip", self.clip_id)
        keyframes.check_shown(draft.state, clip)
        properties.check("opacity", "clip", self.opacity)
        draft.set(clip.id, animation.resting("opacity", self.opacity))

    def describe(self, before: State) -> str:
        return f"set the opacity of {before.name_of(self.clip_id)} to {self.opacity / 10_000:g} %"
