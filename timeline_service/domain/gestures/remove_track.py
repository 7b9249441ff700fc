"""Take a track away.

V2 | |              V1 |A|B|
V1 |A|B|   - V2 ->  A1 |a|b|        the tracks above come down; nothing moves in time
A1 |a|b|
"""

from typing import Literal

from timeline_service.domain import errors
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class RemoveTrack(Gesture):
    """Remove a track with its markers, effects and automation.

    `content` refuse: only a track without clips and captions. remove: those go with it.
    """

    type: Literal["remove_track"] = "remove_track"
    track_id: RecordId
    content: Literal["refuse", "remove"] = "refuse"

    example = {"track_id": "v2", "content": "remove"}
    refuses = ("in_use", "track_missing", "track_locked")

    def decide(self, draft: Draft) -> None:
        track = draft.get("track", self.track_id)
        if track.value["locked"]:
            raise errors.TrackLocked(track_id=track.id)
        held = sorted(r.id for kind in ("clip", "caption") for r in draft.state.inside(track.id, kind))
        if held and self.content == "refuse":
            raise errors.InUse(id=track.id, by=held[0])
        for id in held:
            draft.drop(id)
        draft.drop(track.id)

    def describe(self, before: State) -> str:
        track = before.records[self.track_id]
        held = sum(len(before.inside(track.id, kind)) for kind in ("clip", "caption"))
        with_it = "" if not held else " with 1 item" if held == 1 else f" with {held} items"
        return f"removed the {track.value['kind']} track {before.name_of(track.id).removeprefix('track ')}{with_it}"
