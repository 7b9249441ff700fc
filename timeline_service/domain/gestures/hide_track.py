"""Hide a track, or show it again.

V2 |title|        V2 (|title|)
V1 |A|B  |   ->   V1 |A|B  |       only V1 is seen
"""

from typing import Literal

from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class HideTrack(Gesture):
    """`hidden` true: the track is neither seen nor heard (`enabled` false). false: it is shown again."""

    type: Literal["hide_track"] = "hide_track"
    track_id: RecordId
    hidden: bool

    example = {"track_id": "v2", "hidden": True}
    refuses = ("track_missing", "no_change")

    def decide(self, draft: Draft) -> None:
        draft.set(draft.get("track", self.track_id).id, {"enabled": not self.hidden})

    def describe(self, before: State) -> str:
        return f"{'hid' if self.hidden else 'showed'} {before.name_of(self.track_id)}"
