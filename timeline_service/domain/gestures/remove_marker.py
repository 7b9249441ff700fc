"""Take a marker away.

v   v                        v
|A|B|C|   - the first   ->   |A|B|C|
"""

from typing import Literal

from timeline_service.domain import notes
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class RemoveMarker(Gesture):
    """Remove a marker of the timeline, a track or a clip."""

    type: Literal["remove_marker"] = "remove_marker"
    marker_id: RecordId

    example = {"marker_id": "m1"}
    refuses = ("marker_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        draft.drop(draft.get("marker", self.marker_id).id)

    def describe(self, before: State) -> str:
        parent = before.records[self.marker_id].value["parent_id"]
        marker = f"marker {before.name_of(self.marker_id).removeprefix('marker ')}"
        return f"removed the {marker} from {notes.place(before, parent)}"
