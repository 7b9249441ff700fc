"""Move a cut: one clip gains what the other loses. Nothing else moves, the length of the whole stays.

+2    | A A A | B B B B |   ->   | A A A A A | B B |
"""

from typing import Any, Literal

from timeline_service.domain import errors, limits, links, neighbours, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class Roll(Gesture):
    """Move the cut between two clips that touch by `delta` on the timeline, + later. A transition on it moves along.

    The ends of the left clip's partners and the starts of the right one's move as well, unless `single`.
    """

    type: Literal["roll"] = "roll"
    left_id: RecordId
    right_id: RecordId
    delta: Time
    single: bool = False

    example = {"left_id": "intro", "right_id": "beach", "delta": 5}
    refuses = (
        "no_handle",
        "too_short",
        "not_adjacent",
        "in_transition",
        "overlap",
        "off_grid",
        "clip_missing",
        "negative_time",
        "track_locked",
    )

    def decide(self, draft: Draft) -> None:
        if not neighbours.touch(draft.get("clip", self.left_id), draft.get("clip", self.right_id)):
            raise errors.NotAdjacent(left_id=self.left_id, right_id=self.right_id)
        delta = draft.ticks(self.delta)
        ends, starts = links.sides(draft.state, self.left_id, self.right_id, self.single)
        for id in ends:
            surgery.trim_end(draft, id, delta)
        for id in starts:
            surgery.trim_start(draft, id, delta)

    def legal(self, state: State) -> dict[str, Any]:
        left, right = state.find(self.left_id, "clip"), state.find(self.right_id, "clip")
        if left is None or right is None or not neighbours.touch(left, right):
            return {}
        ends, starts = links.sides(state, self.left_id, self.right_id, self.single)
        return limits.edges(state, starts, ends).as_legal()

    def describe(self, before: State) -> str:
        delta = self.delta.in_ticks(before.rate)
        way = f"{wording.frames(delta, before.rate)} {'later' if delta > 0 else 'earlier'}"
        return f"rolled the cut between {before.name_of(self.left_id)} and {before.name_of(self.right_id)} {way}"
