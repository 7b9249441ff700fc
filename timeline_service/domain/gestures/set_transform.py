"""Move and scale the picture of a clip in the frame.

┌────────┐                                   ┌────────┐
│AAAAAAAA│   x 250000, scale 500000   ->     │   AAAA │     the offset is that of its centre from the frame's
└────────┘                                   └────────┘
"""

from typing import Literal

from timeline_service.domain import animation, keyframes, properties
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class SetTransform(Gesture):
    """Set what is given of x, y (ppm of the frame, + right and down) and scale_x, scale_y (ppm of the fitted size).

    What is left out stays as it is. Keyframes of transform go before the static value.
    """

    type: Literal["set_transform"] = "set_transform"
    clip_id: RecordId
    x: keyframes.Number | None = None
    y: keyframes.Number | None = None
    scale_x: keyframes.Number | None = None
    scale_y: keyframes.Number | None = None

    example = {"clip_id": "title1", "x": 250_000, "y": -125_000, "scale_x": 500_000, "scale_y": 500_000}
    refuses = ("bad_value", "kind_mismatch", "clip_missing", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        clip = draft.get("clip", self.clip_id)
        keyframes.check_shown(draft.state, clip)
        value = {**animation.static(clip, "transform"), **self._given()}
        properties.check("transform", "clip", value)
        draft.set(clip.id, animation.resting("transform", value))

    def _given(self) -> dict[str, int]:
        named = {"x": self.x, "y": self.y, "scale_x": self.scale_x, "scale_y": self.scale_y}
        return {name: number for name, number in named.items() if number is not None}

    def describe(self, before: State) -> str:
        verbs = {"x": "moved", "y": "moved", "scale_x": "scaled", "scale_y": "scaled"}
        said = list(dict.fromkeys(verbs[name] for name in self._given()))
        return f"{' and '.join(said) or 'transformed'} {before.name_of(self.clip_id)}"
