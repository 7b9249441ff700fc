"""Cut all tracks at one time. Nothing moves, and every frame looks as before.

V2 |  X  |              V2 | X | X'|
V1 |   A   |B|    ->    V1 | A | A' |B|     linked halves stay linked, left with left and right with right
A1 | a |  | b |         A1 | a |  | b |     a track with nothing there stays as it is
       at
"""

from typing import Literal

from timeline_service.domain import errors, links, ripple, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordIds
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import Time


class SplitAll(Gesture):
    """Cut what lies across `at` on the tracks named, or on all unlocked tracks of the timeline. New ids are derived.

    Partners on tracks that are not cut stay whole, with the left halves.
    """

    type: Literal["split_all"] = "split_all"
    at: Time
    track_ids: RecordIds | None = None

    example = {"at": 25}
    refuses = ("at_edge", "in_transition", "off_grid", "track_missing", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        return {"at": None if self.track_ids is None else self.track_ids[0]}

    def decide(self, draft: Draft) -> None:
        at = draft.ticks(self.at)
        clips = [clip for track in self._tracks(draft) for clip in draft.state.inside(track.id, "clip")]
        across = sorted(clip.id for clip in clips if clip.value["start"] < at < ripple.end_of(clip))
        if not across:
            raise errors.AtEdge(at=at)
        rights = {id: draft.new_id("right", id) for id in across}
        for id, right_id in rights.items():
            surgery.cut(draft, id, at, right_id)
        links.part(draft, rights.values())

    def _tracks(self, draft: Draft) -> list[Record]:
        if self.track_ids is not None:
            return [draft.get("track", id) for id in self.track_ids]
        return [track for track in surgery.tracks(draft.state) if not track.value["locked"]]

    def describe(self, before: State) -> str:
        where = "all tracks" if self.track_ids is None else wording.listed(before, self.track_ids)
        return f"split {where} at {wording.timecode(self.at.in_ticks(before.rate), before.rate)}"
