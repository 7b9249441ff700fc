"""Add a track. Tracks of one kind are stacked in the order of their rank strings, lowest at the bottom.

V1 |A|B|          V2 | |
A1 |a|b|    ->    V1 |A|B|
                  A1 |a|b|
"""

from typing import Annotated, Literal

from pydantic import StringConstraints

from timeline_service.domain import rank, records, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State

Rank = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,200}$")]


class AddTrack(Gesture):
    """A new, empty track; on top of its kind where no `order` is given."""

    type: Literal["add_track"] = "add_track"
    track_id: RecordId | None = None
    kind: Literal["video", "audio", "caption"]
    name: Text = ""
    order: Rank | None = None

    mints = {"track_id": "track"}
    example = {"track_id": "a2", "kind": "audio", "name": "Music"}
    refuses = ("id_taken",)

    def decide(self, draft: Draft) -> None:
        order = self.order
        if order is None:
            tracks = surgery.tracks(draft.state)
            order = rank.after(tracks[-1].value["order"] if tracks else "")
        assert self.track_id is not None
        draft.put("track", self.track_id, records.new("track", kind=self.kind, name=self.name, order=order))

    def describe(self, before: State) -> str:
        return f"added the {self.kind} track {wording.fresh('track', self.name, self.track_id).removeprefix('track ')}"
