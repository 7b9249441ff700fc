"""Draw on the picture, for those who review it. No part of the film.

+---------+        +---------+
|    o    |   ->   |   (o) <-|   "too dark"
|   ---   |        |   ---   |
+---------+        +---------+
"""

from typing import Literal

from timeline_service.domain import errors, notes, records, style, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State
from timeline_service.domain.time import Time, ticks


class AddAnnotation(Gesture):
    """A drawn note on the timeline (where no `parent_id` is given), a track or a clip; there it counts in source."""

    type: Literal["add_annotation"] = "add_annotation"
    annotation_id: RecordId | None = None
    parent_id: RecordId | None = None
    time: Time
    duration: Time = ticks(0)
    shape: notes.Shape
    color: style.Color = "#ff0000"
    comment: Text = ""

    mints = {"annotation_id": "annotation"}
    example = {
        "parent_id": "beach",
        "time": 220,
        "duration": 25,
        "shape": {"type": "ellipse", "points": [[400_000, 300_000], [600_000, 500_000]], "width": 4_000},
        "color": "#ffcc00",
        "comment": "boom in the picture",
    }
    refuses = ("bad_range", "record_missing", "id_taken", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        return notes.ground(state, self.parent_id)

    def decide(self, draft: Draft) -> None:
        time, duration = draft.ticks(self.time), draft.ticks(self.duration)
        if time < 0 or duration < 0:
            raise errors.BadRange(time=time, duration=duration)
        value = records.new(
            "annotation",
            parent_id=self.parent_id or draft.state.timeline_id,
            time=time,
            duration=duration,
            shape=self.shape.model_dump(exclude_none=True),
            color=self.color,
            comment=self.comment,
        )
        assert self.annotation_id is not None
        draft.put("annotation", self.annotation_id, value)

    def describe(self, before: State) -> str:
        at = wording.timecode(self.time.in_ticks(before.rate), before.rate)
        said = f": {wording.quoted(self.comment)}" if self.comment else ""
        return f"drew on {notes.place(before, self.parent_id)} at {at}{said}"
