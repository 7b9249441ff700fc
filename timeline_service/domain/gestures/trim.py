"""Trim one edge of a clip. Its neighbours stay; the gap beside it grows or shrinks.

trim start +2          | A A A A |B|   ->   |   A A |B|     the picture stays where it was in time
trim end   -2          | A A A A |B|   ->   | A A   |B|
"""

from typing import Any, Literal

from timeline_service.domain import limits, links, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class Trim(Gesture):
    """Move one edge of a clip by `delta` on the timeline, + later. Linked partners are trimmed alike, unless `single`.

    A transition on the edge goes, as its clips part; one on the other edge stays and needs its part of the clip.
    """

    type: Literal["trim"] = "trim"
    clip_id: RecordId
    edge: Literal["start", "end"]
    delta: Time
    single: bool = False

    example = {"clip_id": "intro", "edge": "end", "delta": -12}
    refuses = (
        "no_handle",
        "overlap",
        "too_short",
        "in_transition",
        "off_grid",
        "negative_time",
        "clip_missing",
        "track_locked",
    )

    def decide(self, draft: Draft) -> None:
        move_edge = surgery.trim_start if self.edge == "start" else surgery.trim_end
        delta = draft.ticks(self.delta)
        for id in links.following(draft.state, draft.get("clip", self.clip_id).id, self.single):
            move_edge(draft, id, delta)

    def legal(self, state: State) -> dict[str, Any]:
        if state.find(self.clip_id, "clip") is None:
            return {}
        ids = links.following(state, self.clip_id, self.single)
        starts, ends = (ids, []) if self.edge == "start" else ([], ids)
        return limits.edges(state, starts, ends).as_legal()

    def describe(self, before: State) -> str:
        delta = self.delta.in_ticks(before.rate)
        length = wording.frames(delta, before.rate)
        clip = before.name_of(self.clip_id)
        if (delta > 0) == (self.edge == "start"):
            return f"trimmed {length} off the {self.edge} of {clip}"
        return f"extended the {self.edge} of {clip} by {length}"
