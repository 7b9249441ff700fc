"""Take the cut between two segments away: they are one clip again, at the speed of the left one.

| A : B | C |   B is twice as fast   ->   | A A A | C |     what comes later in the chain moves by the change
"""

from typing import Literal

from timeline_service.domain import errors, links, ripple, segments
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import Record, State


class RemoveSegmentSplit(Gesture):
    """Join a segment with the one before it in its chain. The left one keeps its id, its speed, its look.

    The rest of the source then takes another time if the speeds differ: later segments move by exactly the change;
    beyond the chain nothing moves and overlap is refused, unless a `scope` ripples. The effects and keyframes of the
    right one go (a split had copied them), its markers stay. Linked segments are joined too unless `single`. The label
    of a segment that is left alone goes: a split that is removed leaves nothing behind.
    """

    type: Literal["remove_segment_split"] = "remove_segment_split"
    segment_id: RecordId
    scope: ripple.Scope | None = None
    ripple_markers: bool = False
    single: bool = False

    example = {"segment_id": "fast2"}
    refuses = ("no_neighbour", "not_contiguous", "overlap", "scope_conflict", "clip_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        pairs, alone = self._pairs(draft)
        segments.check_scope(draft, [right.id for _, right in pairs], self.scope, self.ripple_markers)
        link = next((half.value["link_id"] for half in pairs[0] if half.value["link_id"] is not None), None)
        changed = []
        for left, right in pairs:
            behind = [other.id for other in segments.later(draft.state, right)]
            changed.append(segments.Change(left.id, *segments.join(draft, left, right), behind))
        segments.follow(draft, changed, self.scope, self.ripple_markers)
        for left, _ in pairs:
            segments.release(draft, left.id)
        for clip_id in (pairs[0][0].id, *alone):
            draft.set(clip_id, {"link_id": link})

    def _pairs(self, draft: Draft) -> tuple[list[tuple[Record, Record]], list[str]]:
        """Segments with those before them, the one that was named first; and the partners that are not joined."""
        pairs, alone = [], []
        for clip_id in links.following(draft.state, draft.get("clip", self.segment_id).id, single=False):
            clip = draft.get("clip", clip_id)
            left = segments.before(draft.state, clip)
            if left is not None and (not self.single or clip_id == self.segment_id):
                pairs.append((left, clip))
            elif clip_id == self.segment_id:
                raise errors.NoNeighbour(clip_id=clip_id)
            else:
                alone.append(clip_id)
        return pairs, alone

    def describe(self, before: State) -> str:
        said = f"removed the split before a segment of {before.name_of(self.segment_id)}"
        return said if self.scope is None else f"{said} and moved what comes later{ripple.TOLD[self.scope]}"
