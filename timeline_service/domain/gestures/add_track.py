"""Add a track. Tracks of one kind are stacked in the order of their rank strings, lowest at the bottom.

V1 |A|B|          V2 | |
A1 |a|b|    ->    V1 |A|B|
                  A1 |a|b|
"""

from typing import Literal

from timeline_service.domain import rank, records, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State


class AddTrack(Gesture):
    """A new, empty track; on top of its kind where no `order` is given. In the root sequence unless one is named."""

    type: Literal["add_track"] = "add_track"
    track_id: RecordId | None = None
    kind: Literal["video", "audio", "caption"]
    name: Text = ""
    order: rank.Rank | None = None
    sequence_id: RecordId | None = None

    mints = {"track_id": "track"}
    example = {"track_id": "a2", "kind": "audio", "name": "Music"}
    refuses = ("id_taken", "sequence_missing")

    def decide(self, draft: Draft) -> None:
        order = self.order
        if order is None:
            tracks = surgery.tracks(draft.state, sequence_id=self.sequence_id)
            order = rank.after(tracks[-1].value["order"] if tracks else "")
        assert self.track_id is not None
        value = records.new("track", kind=self.kind, name=self.name, order=order, sequence_id=self.sequence_id)
        draft.put("track", self.track_id, value)

    def describe(self, before: State) -> str:
        track = wording.fresh("track", self.name, self.track_id).removeprefix("track ")
        place = "" if self.sequence_id is None else f" to {before.name_of(self.sequence_id)}"
        return f"added the {self.kind} track {track}{place}"
