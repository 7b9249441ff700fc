"""Make a clip or a whole track louder or quieter.

~~~~~   gain -600   ->   ‐‐‐‐‐     millibel: -600 is half the amplitude
"""

from typing import Literal

from timeline_service.domain import errors, properties
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.keyframes import Number
from timeline_service.domain.state import State


class SetVolume(Gesture):
    """Set the gain of a clip or of a track in millibel; 0 is as recorded. Keyframes of volume go before it."""

    type: Literal["set_volume"] = "set_volume"
    clip_id: RecordId | None = None
    track_id: RecordId | None = None
    gain: Number

    example = {"clip_id": "voice", "gain": -600}
    refuses = ("bad_value", "clip_missing", "track_missing", "invalid", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        if self.clip_id is not None and self.track_id is None:
            holder = draft.get("clip", self.clip_id)
        elif self.track_id is not None and self.clip_id is None:
            holder = draft.get("track", self.track_id)
        else:
            raise errors.Wrong(reason="give either clip_id or track_id")
        properties.check("volume", holder.kind, self.gain)
        draft.set(holder.id, {"gain": self.gain})

    def describe(self, before: State) -> str:
        return f"set the volume of {before.name_of(self.clip_id or self.track_id)} to {self.gain / 100:+g} dB"
