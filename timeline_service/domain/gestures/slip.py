"""Show another part of the source through the same hole. The clip stays where it is, and as long as it is.

source    a b [c d e] f g       +1   ->   a b c [d e f] g
track     |X|  A A A  |Y|            ->   |X|  A A A  |Y|
"""

from typing import Any, Literal

from timeline_service.domain import limits, links, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class Slip(Gesture):
    """Move a clip's window by `delta` in its source, + shows what is later there.

    Crop keyframes, markers and drawings stay on their picture; all other animation stays where it is in the clip.
    Linked partners slip by as much, unless `single`.
    """

    type: Literal["slip"] = "slip"
    clip_id: RecordId
    delta: Time
    single: bool = False

    example = {"clip_id": "beach", "delta": 10}
    refuses = ("no_handle", "clip_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        delta = draft.ticks(self.delta)
        for id in links.following(draft.state, draft.get("clip", self.clip_id).id, self.single):
            draft.set(id, {"source_in": draft.state.records[id].value["source_in"] + delta})

    def legal(self, state: State) -> dict[str, Any]:
        if state.find(self.clip_id, "clip") is None:
            return {}
        return limits.slip(state, links.following(state, self.clip_id, self.single)).as_legal()

    def describe(self, before: State) -> str:
        delta = self.delta.in_ticks(before.rate)
        way = "a later" if delta > 0 else "an earlier"
        return f"slipped {before.name_of(self.clip_id)} by {wording.frames(delta, before.rate)} to {way} picture"
