"""Put a caption on a caption track.

CC |Hello|       |Bye|   + "there"   ->   CC |Hello|there|   |Bye|      captions of one track never overlap
"""

from typing import Any, Literal

from timeline_service.domain import limits, records, style, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class AddCaption(Gesture):
    """A text that is shown for a while. Captions need not lie on the frame grid."""

    type: Literal["add_caption"] = "add_caption"
    caption_id: RecordId | None = None
    track_id: RecordId
    start: Time
    duration: Time
    text: Text
    params: style.Style = {}
    name: Text = ""

    mints = {"caption_id": "caption"}
    example = {"track_id": "cc1", "start": 75, "duration": 50, "text": "The beach", "params": {"align": "left"}}
    refuses = ("overlap", "kind_mismatch", "too_short", "negative_time", "track_missing", "id_taken", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        return {"start": self.track_id}

    def decide(self, draft: Draft) -> None:
        value = records.new(
            "caption",
            track_id=draft.get("track", self.track_id).id,
            start=draft.ticks(self.start),
            duration=draft.ticks(self.duration),
            text=self.text,
            name=self.name,
            **style.fields(style.without_null(self.params)),
        )
        assert self.caption_id is not None
        draft.put("caption", self.caption_id, value)

    def legal(self, state: State) -> dict[str, Any]:
        duration, start = self.duration.in_ticks(state.rate), self.start.in_ticks(state.rate)
        return {"free": limits.rooms(state, self.track_id, duration, start)}

    def describe(self, before: State) -> str:
        at = wording.timecode(self.start.in_ticks(before.rate), before.rate)
        return f"added the caption {wording.quoted(self.text)} to {before.name_of(self.track_id)} at {at}"
