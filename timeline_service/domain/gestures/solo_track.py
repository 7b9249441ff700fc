"""Hear a track alone, or end that.

A1  a b         A1 *a b        heard
A2  c d    ->   A2  c d        not heard while any track is solo
"""

from typing import Literal

from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class SoloTrack(Gesture):
    """`solo` true: of the sound of its sequence only tracks that are solo are heard."""

    type: Literal["solo_track"] = "solo_track"
    track_id: RecordId
    solo: bool

    example = {"track_id": "a1", "solo": True}
    refuses = ("track_missing", "no_change")

    def decide(self, draft: Draft) -> None:
        draft.set(draft.get("track", self.track_id).id, {"solo": self.solo})

    def describe(self, before: State) -> str:
        return f"{'soloed' if self.solo else 'ended the solo of'} {before.name_of(self.track_id)}"
