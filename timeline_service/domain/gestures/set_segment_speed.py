"""Let one segment of a clip run faster or slower; the later ones follow.

| A : B B B B : C |D|   B x2   ->   | A : B B : C |   |D|     the chain moves up, what is beyond it stays
                        scope  ->   | A : B B : C |D|         or comes along
"""

from typing import Any, Literal

from timeline_service.domain import links, retiming, ripple, segments
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class SetSegmentSpeed(Gesture):
    """Set the speed of a segment, to num/den times normal; it keeps its part of the source.

    Its new length is floored to the grid, at least one frame, and the later segments of the chain move by exactly the
    change. Beyond the chain nothing moves and overlap is refused, unless a `scope` ripples. Linked segments follow with
    their chains unless `single`. A clip that was never split is one segment.
    """

    type: Literal["set_segment_speed"] = "set_segment_speed"
    segment_id: RecordId
    speed: retiming.Speed
    scope: ripple.Scope | None = None
    ripple_markers: bool = False
    single: bool = False

    example = {"segment_id": "fast1", "speed": {"num": 2, "den": 1}}
    refuses = ("overlap", "no_handle", "scope_conflict", "clip_missing", "no_change", "in_transition", "track_locked")

    def decide(self, draft: Draft) -> None:
        together = links.following(draft.state, draft.get("clip", self.segment_id).id, self.single)
        segments.check_scope(draft, together, self.scope, self.ripple_markers)
        changed = []
        for clip_id in together:
            clip = draft.get("clip", clip_id)
            if retiming.speed_of(clip.value) != self.speed.exact():
                behind = [other.id for other in segments.later(draft.state, clip)]
                changed.append(segments.Change(clip_id, *segments.retime(draft, clip, self.speed.exact()), behind))
        segments.follow(draft, changed, self.scope, self.ripple_markers)

    def legal(self, state: State) -> dict[str, Any]:
        return retiming.legal(state, self, state.records[self.segment_id], self.speed.exact())

    def describe(self, before: State) -> str:
        said = f"set the speed of a segment of {before.name_of(self.segment_id)} to {retiming.told(self.speed.exact())}"
        return said if self.scope is None else f"{said} and moved what comes later{ripple.TOLD[self.scope]}"
