"""Lock a track, so that nobody changes what lies on it, or unlock it.

V1 |A|B|   ->   V1 #|A|B|#     trims, moves, ripples and cuts there are refused
"""

from typing import Literal

from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class LockTrack(Gesture):
    """`locked` true: whatever would touch what lies on the track is refused. false: it is open again."""

    type: Literal["lock_track"] = "lock_track"
    track_id: RecordId
    locked: bool

    example = {"track_id": "v1", "locked": True}
    refuses = ("track_missing", "no_change")

    def decide(self, draft: Draft) -> None:
        draft.set(draft.get("track", self.track_id).id, {"locked": self.locked})

    def describe(self, before: State) -> str:
        return f"{'locked' if self.locked else 'unlocked'} {before.name_of(self.track_id)}"
