"""Move a clip between its neighbours: one gains what the other loses. It shows what it showed, the whole stays as long.

+1    | A A | X X | B B B |   ->   | A A A | X X | B B |
"""

from typing import Any, Literal

from timeline_service.domain import limits, links, neighbours, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class Slide(Gesture):
    """Move a clip by `delta` on the timeline, + later, over its two neighbours, which must touch it.

    Transitions on both cuts move along. Linked partners slide too, each between its own neighbours, unless `single`.
    """

    type: Literal["slide"] = "slide"
    clip_id: RecordId
    delta: Time
    single: bool = False

    example = {"clip_id": "fast2", "delta": 5}
    refuses = (
        "no_neighbour",
        "no_handle",
        "too_short",
        "in_transition",
        "off_grid",
        "clip_missing",
        "track_locked",
    )

    def decide(self, draft: Draft) -> None:
        delta = draft.ticks(self.delta)
        ids = links.following(draft.state, draft.get("clip", self.clip_id).id, self.single)
        ends, starts = neighbours.touching(draft.state, ids)
        for id in ends:
            surgery.trim_end(draft, id, delta)
        for id in ids:
            draft.set(id, {"start": draft.state.records[id].value["start"] + delta})
        for id in starts:
            surgery.trim_start(draft, id, delta)

    def legal(self, state: State) -> dict[str, Any]:
        if state.find(self.clip_id, "clip") is None:
            return {}
        return limits.slide(state, links.following(state, self.clip_id, self.single)).as_legal()

    def describe(self, before: State) -> str:
        delta = self.delta.in_ticks(before.rate)
        way = "later" if delta > 0 else "earlier"
        return f"slid {before.name_of(self.clip_id)} {wording.frames(delta, before.rate)} {way}"
