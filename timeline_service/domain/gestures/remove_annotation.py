"""Take a drawn note away.

| (o) |   ->   | o |
"""

from typing import Literal

from timeline_service.domain import notes
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class RemoveAnnotation(Gesture):
    """Remove a drawn note of the timeline, a track or a clip."""

    type: Literal["remove_annotation"] = "remove_annotation"
    annotation_id: RecordId

    example = {"annotation_id": "note1"}
    refuses = ("annotation_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        draft.drop(draft.get("annotation", self.annotation_id).id)

    def describe(self, before: State) -> str:
        return f"removed a drawing from {notes.place(before, before.records[self.annotation_id].value['parent_id'])}"
