"""Mute the sound of a track, or let it be heard again.

A1 |a|b|   ->   A1 (|a|b|)     the clips stay as they are
"""

from typing import Literal

from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State


class MuteTrack(Gesture):
    """`muted` true: the track is not heard, its picture stays. false: it is heard again."""

    type: Literal["mute_track"] = "mute_track"
    track_id: RecordId
    muted: bool

    example = {"track_id": "a1", "muted": True}
    refuses = ("track_missing", "no_change")

    def decide(self, draft: Draft) -> None:
        draft.set(draft.get("track", self.track_id).id, {"muted": self.muted})

    def describe(self, before: State) -> str:
        return f"{'muted' if self.muted else 'unmuted'} {before.name_of(self.track_id)}"
