"""Give a track another name.

V1 "Camera"   ->   V1 "Interview"
"""

from typing import Literal

from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State


class RenameTrack(Gesture):
    """Set the name of a track, also of a locked one; it may be empty."""

    type: Literal["rename_track"] = "rename_track"
    track_id: RecordId
    name: Text

    example = {"track_id": "v1", "name": "Interview"}
    refuses = ("track_missing", "no_change")

    def decide(self, draft: Draft) -> None:
        draft.set(draft.get("track", self.track_id).id, {"name": self.name})

    def describe(self, before: State) -> str:
        return f'renamed the track {before.name_of(self.track_id).removeprefix("track ")} to "{self.name}"'
