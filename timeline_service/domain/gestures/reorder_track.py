"""Move a track up or down among the tracks of its sequence.

V3 |C|                  V3 |C|
V2 |B|   A after B  ->  V1 |A|        what lies higher covers what lies lower
V1 |A|                  V2 |B|
"""

from typing import Literal

from timeline_service.domain import errors, ordering, surgery
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class ReorderTrack(Gesture):
    """Put a track right beneath (`before_id`) or right above (`after_id`) another one of the same sequence."""

    type: Literal["reorder_track"] = "reorder_track"
    track_id: RecordId
    before_id: RecordId | None = None
    after_id: RecordId | None = None

    example = {"track_id": "v1", "after_id": "v2"}
    refuses = ("track_missing", "kind_mismatch", "no_change")

    def decide(self, draft: Draft) -> None:
        track = draft.get("track", self.track_id)
        beside = draft.get("track", ordering.neighbour(self.before_id, self.after_id))
        sequence = track.value["sequence_id"]
        if beside.id == track.id or beside.value["sequence_id"] != sequence:
            raise errors.KindMismatch(track_id=beside.id, sequence_id=sequence)
        tracks = surgery.tracks(draft.state, sequence_id=sequence)
        ordering.put_beside(draft, track, beside.id, tracks, before=self.before_id is not None)

    def describe(self, before: State) -> str:
        side = "beneath" if self.before_id is not None else "above"
        return f"put {before.name_of(self.track_id)} {side} {before.name_of(self.before_id or self.after_id)}"
