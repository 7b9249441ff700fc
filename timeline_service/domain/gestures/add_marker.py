"""Put a marker on the timeline, a track or a clip.

timeline, track    v             time counts on the timeline
               |A|B|C|
clip           |A|B v|C|         time counts in the source: it stays on its picture
"""

from typing import Literal

from timeline_service.domain import errors, notes, records, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State
from timeline_service.domain.time import Time, ticks


class AddMarker(Gesture):
    """A new marker; on the timeline where no `parent_id` is given."""

    type: Literal["add_marker"] = "add_marker"
    marker_id: RecordId | None = None
    parent_id: RecordId | None = None
    time: Time
    duration: Time = ticks(0)
    name: Text = ""
    color: notes.MarkerColor = "RED"
    comment: Text = ""

    mints = {"marker_id": "marker"}
    example = {"parent_id": "intro", "time": 10, "name": "Flash frame", "color": "RED", "comment": "cut this?"}
    refuses = ("bad_range", "record_missing", "id_taken", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        return notes.ground(state, self.parent_id)

    def decide(self, draft: Draft) -> None:
        time, duration = draft.ticks(self.time), draft.ticks(self.duration)
        if time < 0 or duration < 0:
            raise errors.BadRange(time=time, duration=duration)
        assert self.marker_id is not None
        value = records.new(
            "marker",
            parent_id=self.parent_id or draft.state.timeline_id,
            time=time,
            duration=duration,
            name=self.name,
            color=self.color,
            comment=self.comment,
        )
        draft.put("marker", self.marker_id, value)

    def describe(self, before: State) -> str:
        parent = before.find(self.parent_id or before.timeline_id)
        named = "the timeline" if parent is None or parent.kind == "timeline" else before.name_of(parent.id)
        at = wording.timecode(self.time.in_ticks(before.rate), before.rate)
        source = " of its source" if parent is not None and parent.kind == "clip" else ""
        return f"added {wording.fresh('marker', self.name, self.marker_id)} to {named} at {at}{source}"
