"""Trim one edge of a clip. Its neighbours stay; the gap beside it grows or shrinks.

trim start +2          | A A A A |B|   ->   |   A A |B|     the picture stays where it was in time
trim end   -2          | A A A A |B|   ->   | A A   |B|
"""

from typing import Literal

from timeline_service.domain import surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class Trim(Gesture):
    """Move one edge of a clip by `delta` on the timeline, + later."""

    type: Literal["trim"] = "trim"
    clip_id: RecordId
    edge: Literal["start", "end"]
    delta: Time

    example = {"clip_id": "intro", "edge": "end", "delta": -12}
    refuses = ("no_handle", "overlap", "too_short", "off_grid", "negative_time", "clip_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        move_edge = surgery.trim_start if self.edge == "start" else surgery.trim_end
        move_edge(draft, self.clip_id, draft.ticks(self.delta))

    def describe(self, before: State) -> str:
        delta = self.delta.in_ticks(before.rate)
        length = wording.frames(delta, before.rate)
        clip = before.name_of(self.clip_id)
        if (delta > 0) == (self.edge == "start"):
            return f"trimmed {length} off the {self.edge} of {clip}"
        return f"extended the {self.edge} of {clip} by {length}"
